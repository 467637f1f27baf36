// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/statement_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::postgres {

namespace {

using Names = std::vector<std::string>;

std::string native(std::string_view sql) {
    const auto text = StatementText::read(sql);
    return text ? text->native() : "error: " + text.error().message;
}

TEST(StatementText, a_name_becomes_a_position_and_keeps_it) {
    const auto text = StatementText::read("SELECT :a, :b_2, :a WHERE x=:c");
    ASSERT_TRUE(text);
    EXPECT_EQ(text->native(), "SELECT $1, $2, $1 WHERE x=$3");
    EXPECT_EQ(text->names(), (Names{"a", "b_2", "c"}));
}

TEST(StatementText, what_only_looks_like_a_parameter_stays) {
    for (const std::string_view sql :
         {"SELECT ':a', 'it''s :b', E'\\':c', e'\\\\', \":d\", \"x\"\":e\"", "SELECT $$ :a $$, $t$ $$ :b $t$",
          "SELECT 1 -- :a\n, 2 /* :b /* :c */ :d */", "SELECT x::text, 1::int, '2'::numeric",
          "SELECT f(a := 1)", "SELECT a[1:2], a[i:j], a[f(1):2], a['1':n]", "SELECT $1, $2", "SELECT a$b$:c",
          "SELECT U&'\\0041:a'", "SELECT 'open :a", "SELECT \"open :a", "SELECT /* open :a",
          "SELECT $q$ open :a", "SELECT a[1", ":", "$", "]"}) {
        EXPECT_EQ(native(sql), sql == "SELECT a$b$:c" ? "SELECT a$b$$1" : sql);
    }
}

TEST(StatementText, an_escape_literal_continues_through_doubled_quotes) {
    EXPECT_EQ(native("SELECT E'a''\\':x', :y"), "SELECT E'a''\\':x', $1");
    EXPECT_EQ(native("SELECT 'a\\', :y"), "SELECT 'a\\', $1");
    EXPECT_EQ(native("SELECT like 'x\\', :y"), "SELECT like 'x\\', $1");
}

TEST(StatementText, parameters_work_within_brackets_and_before_casts) {
    EXPECT_EQ(native("SELECT ARRAY[:a, :b], ARRAY[[:a],[:c]]"), "SELECT ARRAY[$1, $2], ARRAY[[$1],[$3]]");
    EXPECT_EQ(native("SELECT :a::int, (:b)::text"), "SELECT $1::int, ($2)::text");
    EXPECT_EQ(native("SELECT x[:a], x[1 + :a], x[f(:b)]"), "SELECT x[$1], x[1 + $1], x[f($2)]");
    EXPECT_EQ(native("SELECT ARRAY[CASE WHEN :a THEN 1 END]"), "SELECT ARRAY[CASE WHEN $1 THEN 1 END]");
}

TEST(StatementText, a_position_of_the_server_points_into_the_text_of_the_caller) {
    const auto plain = StatementText::read("SELECT h\xc3\xa9, wrong");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->offset_of(12), 12U);  // One character of two bytes lies before it.
    EXPECT_EQ(plain->offset_of(0), 0U);
    EXPECT_EQ(plain->offset_of(900), 17U);
    const std::string sql = "SELECT :long_name, wrong, :long_name, worse";
    const auto named = StatementText::read(sql);
    ASSERT_TRUE(named);
    EXPECT_EQ(named->native(), "SELECT $1, wrong, $1, worse");
    EXPECT_EQ(named->offset_of(8), 7U);
    EXPECT_EQ(named->offset_of(9), 7U) << "within a parameter: its beginning";
    EXPECT_EQ(named->offset_of(12), sql.find("wrong"));
    EXPECT_EQ(named->offset_of(23), sql.find("worse"));
}

TEST(StatementText, mixed_styles_and_nul_bytes_are_refused_with_their_place) {
    const auto mixed = StatementText::read("SELECT :a, $1");
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(mixed.error().offset, 11U);
    const auto nul = StatementText::read(std::string_view("SELECT 1\0", 9));
    ASSERT_FALSE(nul);
    EXPECT_EQ(nul.error().offset, 8U);
}

TEST(StatementText, copy_is_refused_however_it_is_dressed) {
    for (const std::string_view sql :
         {"COPY t TO STDOUT", " /* x */ ; copy t FROM STDIN", "-- c\nCoPy t TO STDOUT"}) {
        const auto text = StatementText::read(sql);
        ASSERT_FALSE(text) << sql;
        EXPECT_EQ(text.error().code, ErrorCode::unsupported);
    }
    EXPECT_TRUE(StatementText::read("SELECT copy FROM t"));
}

TEST(StatementText, only_a_query_without_words_of_writing_only_reads) {
    const auto reads = [](std::string_view sql) { return StatementText::read(sql)->only_reads(); };
    EXPECT_TRUE(reads("SELECT 1"));
    EXPECT_TRUE(reads("(VALUES (1))"));
    EXPECT_TRUE(reads("WITH a AS (SELECT 'insert') SELECT * FROM a"));
    EXPECT_FALSE(reads("WITH a AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM a"));
    EXPECT_FALSE(reads("SELECT * INTO x FROM t"));
    EXPECT_FALSE(reads("UPDATE t SET a=1"));
    EXPECT_FALSE(reads("CREATE TABLE t()"));
    EXPECT_FALSE(reads("SELECT nextval('s')"));
    EXPECT_TRUE(reads("SELECT count (*) FROM generate_series(1, 3) AS t(n) WHERE (n) IN (1, 2)"));
    EXPECT_TRUE(reads("WITH RECURSIVE c(n) AS (SELECT 1) SELECT n::numeric(12,2) FROM c"));
    EXPECT_FALSE(reads("SELECT book_order(7)"));
    EXPECT_FALSE(reads("SELECT public.book_order (7)"));
    EXPECT_FALSE(reads("SELECT \"Book\"(7)"));
}

TEST(StatementText, tells_what_runs_over_many_rows_and_what_may_commit) {
    const auto text = [](std::string_view sql) { return *StatementText::read(sql); };
    for (const char* const sql : {"insert into t values ($1)", "/* */ UPDATE t SET a = $1", "DELETE FROM t",
                                  "MERGE INTO t USING s ON true", "WITH a AS (SELECT 1) INSERT INTO t"}) {
        EXPECT_TRUE(text(sql).is_dml()) << sql;
        EXPECT_FALSE(text(sql).may_commit()) << sql;
    }
    for (const char* const sql : {"COMMIT", " end", "PREPARE TRANSACTION 'x'"}) {
        EXPECT_FALSE(text(sql).is_dml()) << sql;
        EXPECT_TRUE(text(sql).may_commit()) << sql;
    }
    EXPECT_FALSE(text("CREATE TABLE t()").is_dml());
}

TEST(StatementText, without_a_statement_is_refused) {
    for (const std::string_view sql : {"", "  ", ";", "-- a comment", "/* /* nested */ */ ;;"}) {
        const auto text = StatementText::read(sql);
        ASSERT_FALSE(text.has_value()) << sql;
        EXPECT_EQ(text.error().code, ErrorCode::invalid_argument) << sql;
    }
}

}  // namespace

}  // namespace majed::driver::postgres
