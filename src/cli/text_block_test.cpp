// SPDX-License-Identifier: Apache-2.0
#include "cli/text_block.h"

#include <gtest/gtest.h>

namespace majed::cli {
namespace {

TEST(TextBlocks, stand_beside_each_other_when_they_fit) {
    EXPECT_EQ(side_by_side({block_of("a\nbb\n"), block_of("c")}, {10, 2, 1}), " a   c\n bb\n");
}

TEST(TextBlocks, begin_a_new_row_when_they_do_not_fit) {
    EXPECT_EQ(side_by_side({block_of("aaaa"), block_of("bbbb"), block_of("c")}, {9, 2, 0}),
              "aaaa\n\nbbbb  c\n");
}

TEST(TextBlocks, measure_columns_and_not_bytes) {
    EXPECT_EQ(side_by_side({block_of("\xc3\xbc\nxx"), block_of("c\nd")}, {10, 1, 0}), "\xc3\xbc  c\nxx d\n");
}

TEST(TextBlocks, wider_than_the_terminal_still_show) {
    EXPECT_EQ(side_by_side({block_of("aaaa"), block_of("b")}, {2, 1, 0}), "aaaa\n\nb\n");
}

}  // namespace
}  // namespace majed::cli
