// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <gtest/gtest.h>

#include <set>

namespace majed {
namespace {

TEST(ErrorTable, has_one_row_per_code_at_its_own_place) {
    EXPECT_EQ(error_traits.size(), static_cast<std::size_t>(ErrorCode::internal) + 1);
    for (std::size_t i = 0; i < error_traits.size(); ++i) {
        EXPECT_EQ(static_cast<std::size_t>(error_traits.at(i).code), i) << error_traits.at(i).name;
        EXPECT_EQ(&traits(error_traits.at(i).code), &error_traits.at(i));
    }
}

TEST(ErrorTable, names_every_code_once_in_snake_case) {
    std::set<std::string_view> names;
    for (const ErrorTraits& row : error_traits) {
        names.insert(row.name);
        EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
            << row.name;
        EXPECT_FALSE(row.title.empty()) << row.name;
    }
    EXPECT_EQ(names.size(), error_traits.size());
}

TEST(ErrorTable, keeps_the_statuses_of_the_contract) {
    const auto status = [](ErrorCode code) { return traits(code).http_status; };
    EXPECT_EQ(status(ErrorCode::invalid_argument), 400);
    EXPECT_EQ(status(ErrorCode::parse_error), 400);
    EXPECT_EQ(status(ErrorCode::unauthenticated), 401);
    EXPECT_EQ(status(ErrorCode::denied), 403);
    EXPECT_EQ(status(ErrorCode::not_found), 404);
    EXPECT_EQ(status(ErrorCode::conflict), 409);
    EXPECT_EQ(status(ErrorCode::unsupported), 422);
    EXPECT_EQ(status(ErrorCode::in_doubt), 500);
    EXPECT_EQ(status(ErrorCode::timeout), 504);
    EXPECT_EQ(status(ErrorCode::pool_timeout), 504);
    EXPECT_EQ(status(ErrorCode::overloaded), 503);
    EXPECT_EQ(status(ErrorCode::unavailable), 503);
    EXPECT_EQ(status(ErrorCode::too_large), 413);
    EXPECT_EQ(status(ErrorCode::rate_limited), 429);
    EXPECT_EQ(status(ErrorCode::cancelled), 499);
    EXPECT_EQ(status(ErrorCode::internal), 500);
}

TEST(ErrorTable, keeps_the_exit_codes_of_the_contract) {
    EXPECT_EQ(traits(ErrorCode::invalid_argument).exit_code, 2);
    EXPECT_EQ(traits(ErrorCode::denied).exit_code, 3);
    EXPECT_EQ(traits(ErrorCode::unavailable).exit_code, 4);
    EXPECT_EQ(traits(ErrorCode::timeout).exit_code, 5);
    for (const ErrorTraits& row : error_traits) {
        EXPECT_GE(row.exit_code, 1) << row.name;
        EXPECT_LE(row.exit_code, 5) << row.name;
    }
}

TEST(Error, carries_a_hint_and_an_offset_when_given) {
    const Error error =
        Error{.code = ErrorCode::parse_error, .message = "unexpected FROM"}.with_hint("see docs").at(7);
    EXPECT_EQ(error.message, "unexpected FROM");
    EXPECT_EQ(error.hint, "see docs");
    EXPECT_EQ(error.offset, 7U);
    EXPECT_EQ(error.retry_after, std::nullopt);
}

TEST(Error, is_internal_unless_somebody_decides_otherwise) {
    EXPECT_EQ(Error{}.code, ErrorCode::internal);
}

}  // namespace
}  // namespace majed
