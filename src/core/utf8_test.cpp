// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace majed {
namespace {

TEST(Utf8, steps_over_every_byte_of_bad_utf8_one_by_one) {
    EXPECT_EQ(next_code_point("\xc3\xa9").length, 2U);
    EXPECT_EQ(next_code_point("\xf0\x9f\x98\x80").value, U'\U0001F600');
    EXPECT_FALSE(next_code_point("\xc0\x80").valid);
    EXPECT_FALSE(next_code_point("\xf4\x90\x80\x80").valid);
    EXPECT_FALSE(next_code_point("\xe2\x82").valid);
    EXPECT_EQ(next_code_point("\xe2\x82").length, 1U);
}

TEST(Utf8, takes_the_borders_of_every_length_and_nothing_beyond) {
    for (const char* const good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                   "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        const CodePoint point = next_code_point(good);
        EXPECT_TRUE(point.valid) << good;
        EXPECT_EQ(point.length, std::string_view(good).size());
    }
    for (const char* const bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                                  "\xf5\x80\x80\x80", "\xff", "\xc3", "\xc3("}) {
        EXPECT_FALSE(next_code_point(bad).valid) << bad;
        EXPECT_EQ(next_code_point(bad).length, 1U);
    }
}

TEST(Utf8, is_all_of_a_text_or_not) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("a\xc3\xa9\xf0\x9f\x98\x80"));
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
    EXPECT_FALSE(is_utf8("a\xc3"));
    EXPECT_FALSE(is_utf8("\xff"));
}

TEST(Utf8, is_never_cut_inside_a_character) {
    const std::string text = "a\xc3\xa9\xf0\x9f\x98\x80";
    EXPECT_EQ(whole_characters(text, 0), "");
    EXPECT_EQ(whole_characters(text, 2), "a");
    EXPECT_EQ(whole_characters(text, 3), "a\xc3\xa9");
    EXPECT_EQ(whole_characters(text, 6), "a\xc3\xa9");
    EXPECT_EQ(whole_characters(text, 7), text);
    EXPECT_EQ(whole_characters(text, 99), text);
}

}  // namespace
}  // namespace majed
