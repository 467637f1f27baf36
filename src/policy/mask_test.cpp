// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_set.h"

#include <gtest/gtest.h>

namespace majed::policy {
namespace {

TEST(ParseMask, reads_the_masks_without_arguments) {
    EXPECT_EQ(*parse_mask("null"), Mask{.kind = MaskKind::null});
    EXPECT_EQ(*parse_mask(" email "), Mask{.kind = MaskKind::email});
    EXPECT_EQ(*parse_mask("hash"), Mask{.kind = MaskKind::hash});
}

TEST(ParseMask, reads_how_many_characters_a_partial_mask_keeps) {
    const Mask expected{.kind = MaskKind::partial, .keep_start = 2, .keep_end = 4};
    EXPECT_EQ(*parse_mask("partial(2,4)"), expected);
    EXPECT_EQ(*parse_mask(" partial( 2 , 4 ) "), expected);
    EXPECT_EQ(*parse_mask("partial(0,1000)"),
              (Mask{.kind = MaskKind::partial, .keep_start = 0, .keep_end = 1000}));
}

TEST(ParseMask, keeps_a_constant_exactly_as_written) {
    EXPECT_EQ(parse_mask("constant:hidden")->text, "hidden");
    EXPECT_EQ(parse_mask("constant: a, 'b' ")->text, " a, 'b' ");
    EXPECT_EQ(parse_mask("constant:")->text, "");
    EXPECT_EQ(parse_mask("constant:null")->kind, MaskKind::constant);
}

TEST(ParseMask, reads_an_expression) {
    EXPECT_EQ(*parse_mask("sql: substr(name, 1, 1)"),
              (Mask{.kind = MaskKind::expression, .text = "substr(name, 1, 1)"}));
}

TEST(ParseMask, refuses_what_is_no_mask_and_says_what_is) {
    for (const std::string_view text : {"",
                                        " ",
                                        "NULL",
                                        "none",
                                        "partial",
                                        "partial()",
                                        "partial(1)",
                                        "partial(1,)",
                                        "partial(,1)",
                                        "partial(1,2",
                                        "partial(1,2,3)",
                                        "partial(-1,2)",
                                        "partial(1,1001)",
                                        "partial(1,99999999999999999999)",
                                        "partial(1,2)x",
                                        "partial(a,b)",
                                        "constant",
                                        "sql:",
                                        "sql:  ",
                                        "hash()",
                                        "email;"}) {
        auto mask = parse_mask(text);
        ASSERT_FALSE(mask) << text;
        EXPECT_EQ(mask.error().code, ErrorCode::invalid_argument);
        EXPECT_NE(mask.error().message.find("partial(START,END)"), std::string::npos);
    }
}

}  // namespace
}  // namespace majed::policy
