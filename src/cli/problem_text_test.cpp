// SPDX-License-Identifier: Apache-2.0
#include "cli/problem_text.h"

#include <gtest/gtest.h>

namespace majed::cli {
namespace {

TEST(ProblemText, puts_the_caret_under_the_place) {
    EXPECT_EQ(problem_text(Error{ErrorCode::parse_error, "expected a table"}.at(14).with_hint("name one"),
                           "SELECT * FROM ;"),
              "parse_error: expected a table\n"
              "  SELECT * FROM ;\n"
              "                ^\n"
              "  hint: name one\n");
}

TEST(ProblemText, lets_nothing_of_a_database_steer_the_terminal) {
    const Error error =
        Error{ErrorCode::conflict, "it said \x1b[2Jnothing\nand more"}.with_hint("one\r\ntwo\x07");
    const std::string text = problem_text(error, "");
    EXPECT_EQ(text.find_first_of("\x1b\x07\r"), std::string::npos) << text;
    EXPECT_NE(text.find("\nand more\n  hint: one"), std::string::npos) << text;
    EXPECT_NE(text.find("\n    two"), std::string::npos) << text;
}

TEST(ProblemText, shows_only_the_line_of_the_place) {
    EXPECT_EQ(caret_lines("SELECT a,\n  b,,\nc", 14, 0), "  b,,\n    ^\n");
}

TEST(ProblemText, counts_columns_and_not_bytes) {
    EXPECT_EQ(caret_lines("SELECT 'M\xc3\xbcller' x", 17, 0),
              "SELECT 'M\xc3\xbcller' x\n                ^\n");
}

TEST(ProblemText, accepts_the_end_and_beyond) {
    EXPECT_EQ(caret_lines("ab", 2, 1), " ab\n   ^\n");
    EXPECT_EQ(caret_lines("ab", 99, 1), " ab\n   ^\n");
    EXPECT_EQ(caret_lines("", 0, 0), "\n^\n");
}

TEST(ProblemText, cuts_long_lines_on_both_sides) {
    const std::string text = caret_lines(std::string(500, 'x') + "!" + std::string(500, 'y'), 500, 0);
    EXPECT_EQ(text,
              "…" + std::string(60, 'x') + "!" + std::string(39, 'y') + "…\n" + std::string(61, ' ') + "^\n");
}

TEST(ProblemText, never_sends_control_characters_to_the_terminal) {
    EXPECT_EQ(caret_lines("a\x1b[2Jb", 5, 0), "a\\x1b[2Jb\n        ^\n");
}

}  // namespace
}  // namespace majed::cli
