// SPDX-License-Identifier: Apache-2.0
#include "core/short_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed {
namespace short_text_test {

TEST(ShortText, is_what_was_added) {
    ShortText text("a");
    EXPECT_EQ(text.add(std::string_view("b.")).add('c').add(std::size_t{12}).view(), "ab.c12");
    EXPECT_EQ(ShortText().view(), "");
}

TEST(ShortText, keeps_bytes_as_they_are) {
    ShortText text;
    EXPECT_EQ(text.add("a").add('\0').add("b").view(), std::string_view("a\0b", 3));
}

TEST(ShortText, lowers_ascii_alone) {
    EXPECT_EQ(ShortText::lower("AbZ_\xC3\x84").view(), "abz_\xC3\x84");
}

TEST(ShortText, may_be_long) {
    const std::string before(150, 'x');
    ShortText text(before);
    EXPECT_EQ(text.add(before).add(before).view(), before + before + before);
}

}  // namespace short_text_test
}  // namespace majed
