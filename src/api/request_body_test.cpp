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

TEST(RequestBody, reads_a_turn_with_all_members_or_the_least) {
    const auto turn = read_new_turn(
        R"({"session_id":"s","message":"m\n","response":"","tools_used":["a","b"],"execution_time_ms":12})");
    ASSERT_TRUE(turn);
    EXPECT_EQ(turn->session_id, "s");
    EXPECT_EQ(turn->message, "m\n");
    EXPECT_EQ(turn->response, "");
    EXPECT_EQ(turn->tools_used, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(turn->execution_time_ms, 12.0);
    const auto least = read_new_turn(R"({"message":"m"})");
    ASSERT_TRUE(least);
    EXPECT_EQ(least->session_id, std::nullopt);
    EXPECT_EQ(least->response, std::nullopt);
    EXPECT_EQ(least->execution_time_ms, std::nullopt);
}

TEST(RequestBody, refuses_a_turn_of_another_shape) {
    const auto message = [](std::string_view body) {
        const auto turn = read_new_turn(body);
        return turn ? std::string("read") : turn.error().message;
    };
    EXPECT_EQ(message("{}"), "message: missing");
    EXPECT_EQ(message(R"({"message":null})"), "message: expected a text");
    EXPECT_EQ(message(R"({"message":"m","session_id":7})"), "session_id: expected a text");
    EXPECT_EQ(message(R"({"message":"m","tools_used":"a"})"), "tools_used: expected arrays of texts");
    EXPECT_EQ(message(R"({"message":"m","tools_used":[1]})"), "tools_used: expected a text");
    EXPECT_EQ(message(R"({"message":"m","execution_time_ms":"1"})"), "execution_time_ms: expected a number");
    EXPECT_EQ(message(R"({"message":"m","user_id":1})"), "unknown member in the body");
}

TEST(RequestBody, reads_a_value_of_the_configuration_as_what_it_is) {
    EXPECT_EQ(*read_configuration_value(R"({"value":true})"), store::ConfigurationValue(true));
    EXPECT_EQ(*read_configuration_value(R"({"value":1})"), store::ConfigurationValue(std::int64_t{1}));
    EXPECT_EQ(*read_configuration_value(R"({"value":"90d"})"), store::ConfigurationValue(std::string("90d")));
    for (const char* const body :
         {R"({"value":null})", R"({"value":1.0})", R"({"value":[1]})", R"({"value":{}})",
          R"({"value":18446744073709551615})", R"({})", R"({"value":1,"value":2})"}) {
        const auto refused = read_configuration_value(body);
        ASSERT_FALSE(refused) << body;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
}

TEST(RequestBody, never_shows_a_password_in_an_error) {
    const auto login = read_login(R"({"username":"nora","password":12345678})");
    ASSERT_FALSE(login);
    EXPECT_EQ(login.error().message, "password: expected a text");
}

}  // namespace
}  // namespace majed::api
