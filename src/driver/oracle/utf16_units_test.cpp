// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/utf16_units.h"

#include <gtest/gtest.h>

namespace majed::driver::oracle {

TEST(Utf16Units, counts_characters_outside_the_basic_plane_twice) {
    EXPECT_EQ(utf16_units(""), 0U);
    EXPECT_EQ(utf16_units("abc"), 3U);
    EXPECT_EQ(utf16_units("a\xc3\xa9\xe2\x98\x83"), 3U);
    EXPECT_EQ(utf16_units("\xf0\x9f\x98\x80"), 2U);
    EXPECT_EQ(utf16_units("a\xf0\x9f\x98\x80z"), 4U);
}

}  // namespace majed::driver::oracle
