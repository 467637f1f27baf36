// SPDX-License-Identifier: Apache-2.0
#include "telemetry/safe_text.h"

#include <gtest/gtest.h>

namespace majed::telemetry {
namespace {

using namespace std::string_view_literals;

TEST(SafeText, leaves_readable_text_of_any_script_as_it_is) {
    const std::string text = "Zürich 東京 مجد 🙂 \"quoted\" back\\slash";
    EXPECT_EQ(safe_text(text), text);
    EXPECT_EQ(safe_text(""), "");
}

TEST(SafeText, keeps_everything_on_one_line) {
    EXPECT_EQ(safe_text("a\r\nlevel=error\tb"), "a\\r\\nlevel=error\\tb");
    EXPECT_EQ(safe_text("a\xE2\x80\xA8"
                        "b\xE2\x80\xA9"),
              "a\\u2028b\\u2029");
    EXPECT_EQ(safe_text("\xC2\x85"), "\\u0085");
}

TEST(SafeText, disarms_control_characters_and_terminal_escapes) {
    EXPECT_EQ(safe_text("a\0b"sv), "a\\u0000b");
    EXPECT_EQ(safe_text("\x1b[2J\x7f"), "\\u001b[2J\\u007f");
}

TEST(SafeText, disarms_marks_that_turn_the_direction_of_reading) {
    EXPECT_EQ(safe_text("user\xE2\x80\xAEnimda"), "user\\u202enimda");
    EXPECT_EQ(safe_text("\xE2\x81\xA6x\xE2\x81\xA9"), "\\u2066x\\u2069");
}

TEST(SafeText, shows_bytes_that_are_no_utf8_as_numbers) {
    EXPECT_EQ(safe_text("\xff"), "<0xff>");
    EXPECT_EQ(safe_text("\xC0\xAF"), "<0xc0><0xaf>");                      // Overlong slash.
    EXPECT_EQ(safe_text("\xE0\x80\x8A"), "<0xe0><0x80><0x8a>");            // Overlong line break.
    EXPECT_EQ(safe_text("\xED\xA0\x80"), "<0xed><0xa0><0x80>");            // Surrogate.
    EXPECT_EQ(safe_text("\xF4\x90\x80\x80"), "<0xf4><0x90><0x80><0x80>");  // Past U+10FFFF.
    EXPECT_EQ(safe_text("ab\xE2\x82"), "ab<0xe2><0x82>");                  // Cut short.
}

TEST(SafeText, is_stable_when_applied_twice) {
    const std::string once = safe_text("x\n\xff\x1b y");
    EXPECT_EQ(safe_text(once), once);
}

}  // namespace
}  // namespace majed::telemetry
