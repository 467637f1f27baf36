// SPDX-License-Identifier: Apache-2.0
#include "migrate/picture_sqlite_tokens.h"

#include <gtest/gtest.h>

namespace majed::migrate::sqlite_text {
namespace picture_sqlite_tokens_test {

const KnownNames known{"total", "order", "a b", "x'y"};

std::string canonical_of(std::string_view sql) {
    return canonical(tokens_of(sql), known);
}

TEST(SqliteText, says_nothing_of_blanks_comments_and_case) {
    EXPECT_EQ(canonical_of("a /* x ' */ >=-- y\n 1.5E+3 and (B)"), "a >= 1.5e+3 and (b)");
    EXPECT_EQ(canonical_of("A>=1.5e+3 AND(b)"), "a >= 1.5e+3 and (b)");
}

TEST(SqliteText, keeps_texts_as_they_are) {
    EXPECT_EQ(canonical_of("'It''s -- /* \"A\"'  X'AB'"), "'It''s -- /* \"A\"' x'ab'");
    EXPECT_NE(canonical_of("'a'"), canonical_of("'A'"));
    EXPECT_NE(canonical_of("'a b'"), canonical_of("'a  b'"));
}

TEST(SqliteText, takes_the_quotes_off_names_that_are_known) {
    for (const char* const name : {"total", "TOTAL", "\"Total\"", "[total]", "`TOTAL`"}) {
        EXPECT_EQ(canonical_of(name), "total") << name;
    }
    EXPECT_EQ(canonical_of("\"Order\""), "\"order\"");
    EXPECT_EQ(canonical_of("[A b]"), "\"a b\"");
}

TEST(SqliteText, leaves_what_may_be_a_text_in_the_wrong_quotes) {
    EXPECT_EQ(canonical_of("check (a <> \"Gold\")"), "check (a <> \"Gold\")");
    EXPECT_EQ(canonical_of("text default \"Total\""), "text default \"Total\"");
    EXPECT_EQ(canonical_of("\"a\"\"B\""), "\"a\"\"B\"");
}

TEST(SqliteText, does_not_make_one_of_two) {
    EXPECT_NE(canonical_of("- -1"), canonical_of("--1\n"));
    EXPECT_NE(canonical_of("a b"), canonical_of("ab"));
    EXPECT_NE(canonical_of("< >"), canonical_of("<>"));
    EXPECT_NE(canonical_of("| |"), canonical_of("||"));
    EXPECT_NE(canonical_of("x 'ab'"), canonical_of("x'ab'"));
    EXPECT_NE(canonical_of("1 .5"), canonical_of("1.5"));
}

TEST(SqliteText, ends_with_what_does_not_end) {
    EXPECT_EQ(canonical_of("a 'b"), "a 'b");
    EXPECT_EQ(canonical_of("a /* b"), "a");
    EXPECT_EQ(canonical_of("a \"b"), "a \"b\"");
    EXPECT_EQ(canonical_of("a [b"), "a \"b\"");
    EXPECT_EQ(canonical_of("\""), "\"\"");
}

TEST(SqliteText, cuts_a_table_at_its_own_commas) {
    const auto tokens =
        tokens_of("CREATE TABLE t (a NUMERIC(1,2) DEFAULT ',', b, CHECK (a IN (1,2))) STRICT, WITHOUT ROWID");
    const TableParts parts = parts_of_table(tokens);
    ASSERT_EQ(parts.items.size(), 3U);
    EXPECT_EQ(canonical(parts.items[0], known), "a numeric (1, 2) default ','");
    EXPECT_EQ(canonical(parts.items[1], known), "b");
    EXPECT_EQ(canonical(parts.items[2], known), "check (a in (1, 2))");
    EXPECT_EQ(canonical(parts.options, known), "strict, without rowid");
}

TEST(SqliteText, of_a_table_that_does_not_end_has_no_options) {
    EXPECT_TRUE(parts_of_table(tokens_of("create table t")).items.empty());
    const auto tokens = tokens_of("create table t (a, b");
    EXPECT_TRUE(parts_of_table(tokens).options.empty());
}

}  // namespace picture_sqlite_tokens_test
}  // namespace majed::migrate::sqlite_text
