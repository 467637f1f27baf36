// SPDX-License-Identifier: Apache-2.0
#include "migrate/picture.h"

#include <gtest/gtest.h>

namespace majed::migrate {
namespace picture_test {

SchemaObject object(std::string kind, std::string name, std::string definition) {
    return {std::move(kind), std::move(name), std::move(definition)};
}

std::string told(const SchemaPicture& before, const SchemaPicture& after) {
    return readable(differences(before, after));
}

std::string numbered_lines(int count, int changed) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += (i == changed ? "changed " : "line ") + std::to_string(i) + "\n";
    }
    return text;
}

TEST(SchemaHash, is_of_a_picture_and_of_an_empty_one) {
    EXPECT_EQ(hash_of({}), "p1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash_of({object("table", "t", "")}), hash_of({object("table", "t", "")}));
}

TEST(SchemaHash, differs_wherever_the_same_letters_are_cut_differently) {
    const std::vector<SchemaPicture> pictures{
        {},
        {object("", "", "")},
        {object("", "", ""), object("", "", "")},
        {object("ab", "", "")},
        {object("a", "b", "")},
        {object("a", "", "b")},
        {object("", "a", "b")},
        {object("a", "", ""), object("b", "", "")},
        {object("a", "b", "c")},
        {object("a", "bc", "")},
        {object("a", "b", ""), object("c", "", "")},
    };
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_NE(hash_of(pictures[i]), hash_of(pictures[j])) << i << " " << j;
        }
    }
}

TEST(SchemaDifferences, are_none_of_equal_pictures) {
    const SchemaPicture picture{object("table", "a", "x"), object("view", "v", "y")};
    EXPECT_TRUE(differences(picture, picture).empty());
    EXPECT_EQ(readable({}), "");
}

TEST(SchemaDifferences, are_sorted_and_keep_both_definitions) {
    const SchemaPicture before{object("index", "i", "1"), object("table", "a", "2"),
                               object("view", "v", "3")};
    const SchemaPicture after{object("index", "i", "4"), object("rule", "r", "5"), object("view", "v", "3")};
    const auto found = differences(before, after);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].difference, Difference::altered);
    EXPECT_EQ(found[0].before + found[0].after, "14");
    EXPECT_EQ(found[1].difference, Difference::added);
    EXPECT_EQ(found[1].before + "|" + found[1].after, "|5");
    EXPECT_EQ(found[2].difference, Difference::removed);
    EXPECT_EQ(found[2].before + "|" + found[2].after, "2|");
    EXPECT_EQ(readable(found), "~ index i\n    - 1\n    + 4\n+ rule r\n- table a\n");
}

TEST(SchemaDifferences, of_a_table_are_left_to_its_columns_where_those_come_and_go) {
    const SchemaPicture before{object("column", "t.a", "int"), object("column", "t.b", "int"),
                               object("table", "t", "table\ncolumns\n  a\n  b")};
    const SchemaPicture after{object("column", "t.b", "int"), object("column", "t.c", "int"),
                              object("table", "t", "table\ncolumns\n  c\n  b")};
    EXPECT_EQ(told(before, after), "- column t.a\n+ column t.c\n");
}

TEST(SchemaDifferences, tell_a_new_order_of_the_columns_that_stay) {
    const SchemaPicture before{object("table", "t", "table\ncolumns\n  a\n  b")};
    const SchemaPicture after{object("table", "t", "table\ncolumns\n  b\n  c\n  a")};
    EXPECT_EQ(told(before, after), "~ table t\n    -   a\n    +   c\n    +   a\n");
}

TEST(SchemaDifferences, tell_a_change_of_a_table_beside_its_columns) {
    const SchemaPicture before{object("table", "t", "table\ncolumns\n  a")};
    const SchemaPicture after{object("table", "t", "table strict\ncolumns\n  a")};
    EXPECT_EQ(told(before, after), "~ table t\n    - table\n    + table strict\n");
}

TEST(ReadableDifferences, show_only_the_lines_that_differ) {
    const SchemaPicture before{object("function", "f()", "a\nb\nc\nd\ne")};
    const SchemaPicture after{object("function", "f()", "a\nB\nc\ne\nf")};
    EXPECT_EQ(told(before, after), "~ function f()\n    - b\n    + B\n    - d\n    + f\n");
}

TEST(ReadableDifferences, show_a_line_end_that_came_at_the_end) {
    EXPECT_EQ(told({object("view", "v", "a")}, {object("view", "v", "a\n")}), "~ view v\n    + \n");
}

TEST(ReadableDifferences, let_no_control_character_through) {
    const SchemaPicture before{object("view", "v\x1b[2J", "a")};
    const SchemaPicture after{object("view", "v\x1b[2J", "\x1b]0;x\x07\r\xe2\x80\xae")};
    const std::string text = told(before, after);
    for (const char c : text) {
        EXPECT_TRUE(c == '\n' || (c >= ' ' && c != '\x7f')) << text;
    }
    EXPECT_EQ(text, "~ view v\\u001b[2J\n    - a\n    + \\u001b]0;x\\u0007\\r\\u202e\n");
}

TEST(ReadableDifferences, of_many_lines_are_found_and_of_very_many_shown_whole) {
    const auto change = [](int count) {
        return told({object("function", "f()", "x\n" + numbered_lines(count, -1) + "y")},
                    {object("function", "f()", "z\n" + numbered_lines(count, 3) + "w")});
    };
    EXPECT_EQ(change(1900),
              "~ function f()\n    - x\n    + z\n    - line 3\n    + changed 3\n    - y\n    + w\n");
    EXPECT_GT(change(3000).size(), 60000U);
    // What both begin and end with does not count.
    EXPECT_EQ(told({object("function", "f()", numbered_lines(9000, 7))},
                   {object("function", "f()", numbered_lines(9000, 8))}),
              "~ function f()\n    - changed 7\n    - line 8\n    + line 7\n    + changed 8\n");
}

TEST(ReadableDifferences, cut_a_line_that_never_ends_between_two_characters) {
    std::string endless;
    for (int i = 0; i < 5000; ++i) {
        endless += "\xe2\x82\xac";
    }
    const std::string text = told({object("view", "v", "a")}, {object("view", "v", endless)});
    EXPECT_LT(text.size(), 2100U);
    EXPECT_NE(text.find(" ... (15000 bytes)"), std::string::npos);
    EXPECT_EQ(text.find("<0x"), std::string::npos);
}

}  // namespace picture_test
}  // namespace majed::migrate
