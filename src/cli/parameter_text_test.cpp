// SPDX-License-Identifier: Apache-2.0
#include "cli/parameter_text.h"

#include <gtest/gtest.h>

namespace majed::cli {
namespace {

TEST(ParameterText, reads_numbers_as_numbers) {
    EXPECT_EQ(value_of("42"), Value(std::int64_t{42}));
    EXPECT_EQ(value_of("-7"), Value(std::int64_t{-7}));
    EXPECT_EQ(value_of("0"), Value(std::int64_t{0}));
    EXPECT_EQ(value_of("0.5"), Value(0.5));
    EXPECT_EQ(value_of("1e3"), Value(1000.0));
}

TEST(ParameterText, leaves_everything_else_as_text) {
    for (const auto* text :
         {"", "NORTH", "0042", "4 2", "1.2.3", "+1", "nan", "inf", "99999999999999999999", "0x10"}) {
        EXPECT_EQ(value_of(text), Value(std::string(text))) << text;
    }
}

TEST(ParameterText, splits_names_at_the_first_sign) {
    const auto named = named_value_of("rule=a=b");
    ASSERT_TRUE(named);
    EXPECT_EQ(named->first, "rule");
    EXPECT_EQ(named->second, Value(std::string("a=b")));
    EXPECT_FALSE(named_value_of("rule"));
    EXPECT_FALSE(named_value_of("=1"));
}

}  // namespace
}  // namespace majed::cli
