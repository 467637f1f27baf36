// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace majed::api {
namespace {

std::string header(const HttpAnswer& answer, std::string_view name) {
    const auto found = std::find_if(answer.headers.begin(), answer.headers.end(),
                                    [name](const auto& header) { return header.first == name; });
    return found == answer.headers.end() ? std::string() : found->second;
}

TEST(Problem, is_a_document_of_rfc_9457) {
    const auto answer = problem_answer(Error{ErrorCode::parse_error, "expected FROM"}.at(9), "r1");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.content_type, "application/problem+json");
    EXPECT_EQ(answer.body,
              R"({"type":"urn:majed:error:parse_error","title":"The SQL statement was not understood",)"
              R"("status":400,"code":"parse_error","detail":"expected FROM","offset":9,)"
              R"("request_id":"r1"})"
              "\n");
}

TEST(Problem, asks_for_credentials_with_401) {
    EXPECT_EQ(header(problem_answer({ErrorCode::unauthenticated, "no"}, "r"), "WWW-Authenticate"),
              "Bearer realm=\"majed\"");
}

TEST(Problem, says_when_to_return_for_everything_that_passes) {
    Error limited{ErrorCode::rate_limited, "slow down"};
    limited.retry_after = std::chrono::milliseconds(1001);
    EXPECT_EQ(header(problem_answer(limited, "r"), "Retry-After"), "2");
    EXPECT_EQ(header(problem_answer({ErrorCode::overloaded, "x"}, "r"), "Retry-After"), "1");
    EXPECT_EQ(header(problem_answer({ErrorCode::pool_timeout, "x"}, "r"), "Retry-After"), "1");
    EXPECT_EQ(header(problem_answer({ErrorCode::denied, "x"}, "r"), "Retry-After"), "");
}

TEST(Problem, names_the_methods_a_path_knows) {
    const auto answer = wrong_method_answer("POST", "r");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(header(answer, "Allow"), "POST");
}

}  // namespace
}  // namespace majed::api
