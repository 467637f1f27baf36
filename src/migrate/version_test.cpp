// SPDX-License-Identifier: Apache-2.0
#include "migrate/version.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace majed::migrate {
namespace version_test {

Version version(std::string_view text) {
    auto parsed = Version::parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? std::move(*parsed) : Version{};
}

TEST(Version, compares_as_numbers_whatever_the_digits) {
    constexpr std::array<std::string_view, 12> rising{"0",   "1",    "1.0.1",          "1.1",
                                                      "1.9", "1.10", "0002",           "2.0.3",
                                                      "3",   "10",   "20261123130000", "999999999999999999"};
    for (std::size_t i = 0; i < rising.size(); ++i) {
        for (std::size_t j = 0; j < rising.size(); ++j) {
            EXPECT_EQ(version(rising.at(i)) <=> version(rising.at(j)), i <=> j)
                << rising.at(i) << ' ' << rising.at(j);
        }
    }
}

TEST(Version, is_the_same_with_zeros_before_and_zero_parts_behind) {
    for (const std::string_view same :
         {"1", "001", "1.0", "01.00.0", "000000000000000001", "1.0.0.0.0.0.0.0"}) {
        EXPECT_EQ(version("1"), version(same)) << same;
        EXPECT_EQ(version(same) <=> version("1"), std::strong_ordering::equal) << same;
    }
    EXPECT_NE(version("1"), version("1.0.1"));
    EXPECT_EQ(version("0"), version("0.0"));
}

TEST(Version, keeps_its_text_as_it_was_written) {
    EXPECT_EQ(version("001").text(), "001");
    EXPECT_EQ(version("1.0").text(), "1.0");
}

TEST(Version, is_refused_when_it_is_anything_else) {
    for (const std::string_view bad :
         {"", ".", "1.", ".1", "1..2", "a", "1a", "-1", "+1", " 1", "1 ", "1,2", "1_2", "0x1", "1e3",
          "1.2.3.4.5.6.7.8.9", "1000000000000000000", "1.1000000000000000000", "\xD9\xA1"}) {
        const auto refused = Version::parse(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << bad;
    }
    EXPECT_FALSE(Version::parse(std::string_view("1\0", 2)));
    EXPECT_TRUE(Version::parse("1.2.3.4.5.6.7.8"));
}

}  // namespace version_test
}  // namespace majed::migrate
