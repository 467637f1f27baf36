// SPDX-License-Identifier: Apache-2.0
#include "format/text.h"

#include <gtest/gtest.h>

namespace majed::format {
namespace {

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
