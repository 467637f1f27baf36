// SPDX-License-Identifier: Apache-2.0
#include "telemetry/request_id.h"

#include <gtest/gtest.h>

#include <set>

namespace majed::telemetry {
namespace {

TEST(RequestId, has_32_hexadecimal_digits_and_does_not_repeat) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = make_request_id();
        EXPECT_EQ(id.size(), 32U);
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
        seen.insert(id);
    }
    EXPECT_EQ(seen.size(), 1000U);
}

TEST(RequestId, of_a_caller_is_kept_only_when_it_is_harmless) {
    EXPECT_TRUE(is_acceptable_request_id(make_request_id()));
    EXPECT_TRUE(is_acceptable_request_id("Order-2025_01.7"));
    EXPECT_FALSE(is_acceptable_request_id(""));
    EXPECT_FALSE(is_acceptable_request_id("a b"));
    EXPECT_FALSE(is_acceptable_request_id("a\r\nSet-Cookie: x"));
    EXPECT_FALSE(is_acceptable_request_id("\xC3\xA9"));
    EXPECT_TRUE(is_acceptable_request_id(std::string(128, 'a')));
    EXPECT_FALSE(is_acceptable_request_id(std::string(129, 'a')));
}

}  // namespace
}  // namespace majed::telemetry
