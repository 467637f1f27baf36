// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/decimal_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace majed::driver::oracle {

namespace {

std::string plain(std::string_view text) {
    std::string scratch;
    const auto found = plain_decimal(text, scratch);
    return found ? std::string(*found) : "none";
}

}  // namespace

TEST(DecimalText, writes_numbers_without_exponent) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"0", "0"},
        {"-0", "0"},
        {"0.0", "0"},
        {"000", "0"},
        {"12.50", "12.5"},
        {"12.", "12"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"+7", "7"},
        {"007.10", "7.1"},
        {"1e3", "1000"},
        {"1E+3", "1000"},
        {"1.25e1", "12.5"},
        {"1e-3", "0.001"},
        {"-1.5E-2", "-0.015"},
        {"100", "100"},
        {"123456e-3", "123.456"},
        {"0e5", "0"},
        {"-10.00", "-10"},
    };
    for (const auto& [given, expected] : cases) {
        EXPECT_EQ(plain(given), expected) << given;
    }
}

TEST(DecimalText, keeps_forty_digits_and_the_largest_exponents) {
    EXPECT_EQ(plain("-12345678901234567890123456789.000000001"), "-12345678901234567890123456789.000000001");
    EXPECT_EQ(plain("9.999999999999999999999999999999999999999e125"),
              "9999999999999999999999999999999999999999" + std::string(86, '0'));
    EXPECT_EQ(plain("1e-130"), "0." + std::string(129, '0') + "1");
}

TEST(DecimalText, hands_on_what_has_the_form_already_without_a_copy) {
    const std::string text = "-98765.4321";
    std::string scratch;
    EXPECT_EQ(plain_decimal(text, scratch)->data(), text.data());
    EXPECT_TRUE(scratch.empty());
}

TEST(DecimalText, refuses_what_is_no_number) {
    for (const char* const text :
         {"", "-", ".", "e5", "1e", "1e+-5", "1e99999", "1x", "1.2.3", "NaN", "1 ", "1,5"}) {
        EXPECT_EQ(plain(text), "none") << text;
    }
    EXPECT_EQ(plain(std::string(1001, '1')), "none");
}

TEST(DecimalText, reads_whole_numbers_exactly) {
    EXPECT_EQ(plain_integer("999999999999999999"), 999999999999999999);
    EXPECT_EQ(plain_integer("-999999999999999999"), -999999999999999999);
    EXPECT_EQ(plain_integer("0"), 0);
    EXPECT_FALSE(plain_integer("1.5"));
    EXPECT_FALSE(plain_integer("99999999999999999999"));
    EXPECT_FALSE(plain_integer(""));
}

}  // namespace majed::driver::oracle
