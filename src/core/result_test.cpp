// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace majed {
namespace {

Error refusal() {
    return Error{.code = ErrorCode::denied, .message = "no"};
}

Result<int> half_of(int number) {
    if (number % 2 != 0) return Error{.code = ErrorCode::invalid_argument, .message = "odd"};
    return number / 2;
}

Result<void> check(bool good) {
    if (!good) return refusal();
    return {};
}

Result<int> quarter_of(int number, bool good) {
    MAJED_TRY(check(good));
    MAJED_TRY_ASSIGN(const int half, half_of(number));
    int quarter = 0;
    MAJED_TRY_ASSIGN(quarter, half_of(half));
    return quarter;
}

TEST(Result, hands_the_value_through) {
    EXPECT_EQ(*quarter_of(12, true), 3);
}

TEST(Result, hands_the_first_error_through_unchanged) {
    EXPECT_EQ(quarter_of(12, false).error(), refusal());
    EXPECT_EQ(quarter_of(6, true).error().message, "odd");
    EXPECT_EQ(quarter_of(7, true).error().code, ErrorCode::invalid_argument);
}

TEST(Result, moves_what_cannot_be_copied) {
    const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
    const auto use = [&]() -> Result<int> {
        MAJED_TRY_ASSIGN(const auto owned, make());
        return *owned;
    };
    EXPECT_EQ(*use(), 5);
}

TEST(ResultDeathTest, stops_the_process_when_a_value_is_taken_from_an_error) {
    const Result<int> failed = refusal();
    EXPECT_DEATH(static_cast<void>(failed.value()), "value\\(\\) taken from an error: no");
}

}  // namespace
}  // namespace majed
