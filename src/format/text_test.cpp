// SPDX-License-Identifier: Apache-2.0
#include "format/text.h"

#include <gtest/gtest.h>

namespace majed::format {
namespace {

TEST(Text, steps_over_every_byte_of_bad_utf8_one_by_one) {
    EXPECT_EQ(next_code_point("\xc3\xa9").length, 2U);
    EXPECT_EQ(next_code_point("\xf0\x9f\x98\x80").value, U'\U0001F600');
    EXPECT_FALSE(next_code_point("\xc0\x80").valid);
    EXPECT_FALSE(next_code_point("\xf4\x90\x80\x80").valid);
    EXPECT_FALSE(next_code_point("\xe2\x82").valid);
    EXPECT_EQ(next_code_point("\xe2\x82").length, 1U);
}

TEST(Text, counts_terminal_columns_not_bytes) {
    EXPECT_EQ(display_width("M\xc3\xbcller"), 6U);
    EXPECT_EQ(display_width("\xe6\x9d\xb1\xe4\xba\xac"), 4U);
    EXPECT_EQ(display_width("e\xcc\x81"), 1U);
}

TEST(Text, spells_out_what_would_move_the_cursor) {
    EXPECT_EQ(printable("a\x1b[31mb\n"), "a\\x1b[31mb\\n");
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b"),
              "a\xEF\xBF\xBD"
              "b");
    EXPECT_EQ(printable("\xc2\x9b"), "\xEF\xBF\xBD");
}

TEST(Text, cuts_at_a_character_and_says_so) {
    EXPECT_EQ(fitted("M\xc3\xbcller", 6), "M\xc3\xbcller");
    EXPECT_EQ(fitted("M\xc3\xbcller", 3), "M\xc3\xbc…");
    EXPECT_EQ(fitted("\xe6\x9d\xb1\xe4\xba\xac", 3), "\xe6\x9d\xb1…");
}

TEST(Text, writes_reals_with_a_point) {
    EXPECT_EQ(real_text(3.0), "3.0");
    EXPECT_EQ(real_text(1234.56), "1234.56");
}

}  // namespace
}  // namespace majed::format
