// SPDX-License-Identifier: Apache-2.0
#include "api/request_body.h"

#include <gtest/gtest.h>

namespace majed::api {
namespace {

std::string message_of(std::string_view body, StatementCall call = StatementCall::query) {
    const auto request = read_statement(body, call);
    EXPECT_FALSE(request) << body;
    return request ? std::string() : request.error().message;
}

TEST(RequestBody, reads_a_statement_with_all_members) {
    const auto request = read_statement(
        R"({"source":"sales","sql":"SELECT ?","params":[1,-2.5,"x",null,true],"max_rows":10,"timeout_ms":500})",
        StatementCall::query);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->source, "sales");
    EXPECT_EQ(request->sql, "SELECT ?");
    const std::vector<Value> expected{std::int64_t{1}, -2.5, std::string("x"), Null{}, std::int64_t{1}};
    EXPECT_EQ(request->parameters.positional, expected);
    EXPECT_EQ(request->max_rows, 10U);
    EXPECT_EQ(request->timeout, std::chrono::milliseconds(500));
}

TEST(RequestBody, reads_named_parameters) {
    const auto request = read_statement(R"({"sql":"SELECT :a","params":{"a":"b"}})", StatementCall::query);
    ASSERT_TRUE(request);
    ASSERT_EQ(request->parameters.named.size(), 1U);
    EXPECT_EQ(request->parameters.named[0].first, "a");
    EXPECT_EQ(request->parameters.named[0].second, Value(std::string("b")));
}

TEST(RequestBody, refuses_members_nobody_knows) {
    EXPECT_EQ(message_of(R"({"sql":"SELECT 1","max_row":1})"), "unknown member in the body");
    EXPECT_EQ(message_of(R"({"sql":"SELECT 1","max_rows":1})", StatementCall::check),
              "unknown member in the body");
}

TEST(RequestBody, refuses_a_member_given_twice) {
    EXPECT_EQ(message_of(R"({"sql":"SELECT 1","sql":"SELECT 2"})"), "sql: given twice");
}

TEST(RequestBody, refuses_what_is_missing_or_of_the_wrong_type) {
    EXPECT_EQ(message_of(R"({})"), "sql: missing");
    EXPECT_EQ(message_of(R"({"sql":1})"), "sql: expected a text");
    EXPECT_EQ(message_of(R"({"sql":"x","max_rows":0})"), "max_rows: expected a whole number above 0");
    EXPECT_EQ(message_of(R"({"sql":"x","params":[[1]]})"),
              "params: expected plain values: null, true, false, numbers, texts");
    EXPECT_EQ(message_of(R"({"sql":"x","params":[18446744073709551615]})"),
              "params: expected integers of 64 bits with a sign");
}

TEST(RequestBody, refuses_what_is_not_one_json_object) {
    EXPECT_EQ(message_of(""), "the body is not JSON");
    EXPECT_EQ(message_of(R"({"sql":"x"} trailing)"), "the body is not JSON");
    EXPECT_EQ(message_of("[1]"), "the body must be a JSON object");
    EXPECT_EQ(message_of("{\"sql\":\"\xff\"}"), "the body is not JSON");
    EXPECT_EQ(message_of(std::string(100000, '[')), "the body is not JSON");
}

TEST(RequestBody, never_shows_a_password_in_an_error) {
    const auto login = read_login(R"({"username":"nora","password":12345678})");
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().message, "password: expected a text");
}

}  // namespace
}  // namespace majed::api
