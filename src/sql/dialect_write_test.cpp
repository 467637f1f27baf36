// SPDX-License-Identifier: Apache-2.0
// Writes of PostgreSQL and Oracle; the corpora hold the breadth (tests/corpora/dialect_test.cpp), parser_write_test.cpp SQLite.
#include "sql/fake_schema.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/write_span_check.h"
#include "sql/write_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::sql {
namespace dialect_write_test {

struct WriteCase {
    const char* text;
    const char* tree;  ///< Or "refused: ...".
};

std::string tree_of_write(const std::string& text, DialectId id) {
    Parser parser(dialect_of(id));
    const auto statement = parser.parse_statement(text);
    if (!statement) {
        EXPECT_TRUE(statement.error().offset && *statement.error().offset <= text.size()) << text;
        return "refused: " + statement.error().message;
    }
    if (statement->write == nullptr) return "a query";
    EXPECT_EQ(parser.statement_class(), StatementClass::write);
    EXPECT_EQ(statement->write->dialect, id);
    EXPECT_EQ(first_wrong_span(*statement->write, text), "") << text;
    return WriteText(text).of(*statement->write);
}

class PostgresWrite : public testing::TestWithParam<WriteCase> {};
class OracleWrite : public testing::TestWithParam<WriteCase> {};

TEST_P(PostgresWrite, is_what_the_server_would_make_of_it) {
    EXPECT_EQ(tree_of_write(GetParam().text, DialectId::postgres), GetParam().tree);
}

TEST_P(OracleWrite, is_what_the_server_would_make_of_it) {
    EXPECT_EQ(tree_of_write(GetParam().text, DialectId::oracle), GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    Inserts, PostgresWrite,
    testing::Values(
        WriteCase{"INSERT INTO s.T AS x (a, \"B\") VALUES (1, DEFAULT), (DEFAULT, 2) RETURNING *, x.a AS y;",
                  "{insert s.t as x (a B) {values [1 default] [default 2]} returning *, x.a as y}"},
        WriteCase{"INSERT INTO t DEFAULT VALUES ON CONFLICT DO NOTHING",
                  "{insert t default conflict nothing}"},
        WriteCase{"INSERT INTO t (a) OVERRIDING SYSTEM VALUE SELECT 1",
                  "{insert t (a) overriding system {select 1}}"},
        WriteCase{"INSERT INTO t OVERRIDING USER VALUE VALUES (1)",
                  "{insert t overriding user {values [1]}}"},
        WriteCase{"INSERT INTO t (SELECT 1) RETURNING a", "{insert t {({select 1})} returning a}"},
        WriteCase{"INSERT INTO t ((SELECT 1) UNION SELECT 2)",
                  "{insert t {({({select 1}) union select 2})}}"},
        WriteCase{"INSERT INTO t (VALUES (1)) ON CONFLICT DO NOTHING",
                  "{insert t {({values [1]})} conflict nothing}"},
        WriteCase{"INSERT INTO t (values) TABLE u", "{insert t (values) {select * from u}}"},
        WriteCase{"INSERT INTO t (a[1], b.c, d[1:2].e) VALUES (1, 2, 3)",
                  "{insert t (a b d)[(element a 1 -) b.c (slice d 1 2).e] {values [1 2 3]}}"},
        WriteCase{"INSERT INTO t SELECT * FROM u ON CONFLICT DO NOTHING",
                  "{insert t {select * from u} conflict nothing}"},
        WriteCase{
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SEARCH DEPTH FIRST BY n SET o "
            "INSERT INTO t SELECT n FROM r",
            "{with recursive r(n) {select 1 union_all select (+ n 1) from r} insert t {select n from r}}"}));

INSTANTIATE_TEST_SUITE_P(
    Conflicts, PostgresWrite,
    testing::Values(
        WriteCase{"INSERT INTO t VALUES (1) ON CONFLICT (a, lower(b) COLLATE \"C\" text_pattern_ops, (c + 1) "
                  "s.ops) "
                  "WHERE d > 0 DO UPDATE SET a = excluded.a, (b, c) = (SELECT 1, 2) WHERE t.a < 3",
                  "{insert t {values [1]} conflict on [a (collate (lower[b]) C) (+ c 1)] if (> d 0) "
                  "set a=excluded.a, (b c)={select 1, 2} where (< t.a 3)}"},
        WriteCase{
            "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT k DO UPDATE SET a = DEFAULT RETURNING 1",
            "{insert t {values [1]} conflict on constraint k set a=default returning 1}"},
        WriteCase{"INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1",
                  "refused: ON CONFLICT DO UPDATE needs to know which conflict"},
        WriteCase{"INSERT INTO t VALUES (1) ON CONFLICT (x.a) DO NOTHING",
                  "refused: what conflicts is a column, a call or an expression in parentheses"},
        WriteCase{"INSERT INTO t VALUES (1) ON CONFLICT (a DESC) DO NOTHING",
                  "refused: unexpected \"DESC\"; expected \",\" or \")\""},
        WriteCase{"INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING ON CONFLICT DO NOTHING",
                  "refused: unexpected \"ON\"; expected RETURNING, \";\" or the end of the statement"}));

INSTANTIATE_TEST_SUITE_P(
    Changes, PostgresWrite,
    testing::Values(
        WriteCase{
            "UPDATE ONLY s.t x SET a = DEFAULT, (b, c[2]) = ROW(1, DEFAULT), (d) = (SELECT 1), (e, f) = (1, "
            "2) "
            "FROM u JOIN v ON u.k = v.k, LATERAL (SELECT 1) w WHERE x.a = u.a RETURNING x.a z",
            "{update only s.t as x set a=default, (b c)[(element c 2 -)]=(row [1 default]), (d)={select 1}, "
            "(e f)=(row [1 2]) from u, v on (= u.k v.k), lateral {select 1} as w where (= x.a u.a) "
            "returning x.a as z}"},
        WriteCase{"UPDATE t * SET set = 1", "{update t set set=1}"},
        WriteCase{"UPDATE t AS set SET a = 1", "{update t as set set a=1}"},
        WriteCase{"UPDATE ONLY (t) SET (a, b) = (DEFAULT, (1))",
                  "{update only t set (a b)=(row [default 1])}"},
        WriteCase{"UPDATE t SET t.a = 1", "{update t set t[t.a]=1}"},
        WriteCase{"DELETE FROM ONLY t AS x USING u, v WHERE x.a = u.a AND EXISTS (SELECT 1) RETURNING *",
                  "{delete only t as x from u, v where (and (= x.a u.a) (exists {select 1})) returning *}"},
        WriteCase{"WITH d AS (SELECT 1) DELETE FROM t", "{with d {select 1} delete t}"},
        WriteCase{"UPDATE t SET (a, b) = 1", "refused: several columns at once are set to a row or a query"},
        WriteCase{"UPDATE t SET (a) = (DEFAULT)", "refused: unexpected \")\"; expected \",\""},
        WriteCase{"UPDATE t SET a.* = 1", "refused: * is no part of a column that can be written"},
        WriteCase{"UPDATE t SET a = 1 + DEFAULT", "refused: unexpected \"DEFAULT\"; expected an expression"},
        WriteCase{"UPDATE t SET a = 1 LIMIT 1",
                  "refused: unexpected \"LIMIT\"; expected \",\", FROM, WHERE, RETURNING, \";\" or the end "
                  "of the statement"}));

INSTANTIATE_TEST_SUITE_P(
    Merges, PostgresWrite,
    testing::Values(
        WriteCase{
            "WITH w AS (SELECT 1 a) MERGE INTO ONLY t AS x USING u s ON x.a = s.a WHEN MATCHED AND s.b > 1 "
            "THEN "
            "UPDATE SET b = s.b, (c, d) = (DEFAULT, 2) WHEN MATCHED THEN DELETE WHEN NOT MATCHED AND s.c "
            "THEN "
            "INSERT (a, b) OVERRIDING USER VALUE VALUES (s.a, DEFAULT) WHEN NOT MATCHED THEN DO NOTHING",
            "{with w {select 1 as a} merge only t as x from u as s on (= x.a s.a) "
            "matched if (> s.b 1) set b=s.b, (c d)=(row [default 2]) matched delete "
            "unmatched if s.c insert (a b) overriding user [s.a default] unmatched nothing}"},
        WriteCase{
            "MERGE INTO t USING (SELECT 1 a) s ON t.a = s.a WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
            "{merge t from {select 1 as a} as s on (= t.a s.a) unmatched insert default}"},
        WriteCase{"MERGE INTO t USING u JOIN v ON u.a = v.a ON t.a = u.a WHEN MATCHED THEN DO NOTHING",
                  "{merge t from (u, v on (= u.a v.a)) on (= t.a u.a) matched nothing}"},
        WriteCase{"MERGE INTO t USING u ON true WHEN MATCHED THEN INSERT VALUES (1)",
                  "refused: unexpected \"INSERT\"; expected DO, DELETE or UPDATE"},
        WriteCase{"MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING 1",
                  "refused: unexpected \"RETURNING\"; expected \";\" or the end of the statement"},
        WriteCase{"MERGE INTO t USING u ON true",
                  "refused: unexpected the end of the statement; "
                  "expected WHEN"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, PostgresWrite,
    testing::Values(
        WriteCase{"UPDATE t SET a = 1 WHERE CURRENT OF c",
                  "refused: WHERE CURRENT OF needs a cursor, which no statement has here"},
        WriteCase{"DELETE FROM t WHERE CURRENT OF c",
                  "refused: WHERE CURRENT OF needs a cursor, which no statement has here"},
        WriteCase{"WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
                  "refused: a write inside WITH is not understood"},
        WriteCase{"SELECT * FROM (WITH a AS MATERIALIZED (UPDATE t SET a = 1) SELECT 1) x",
                  "refused: a write inside WITH is not understood"},
        WriteCase{"INSERT INTO db.s.t VALUES (1)", "refused: tables of other databases cannot be named"},
        WriteCase{"INSERT INTO t VALUES (DEFAULT) UNION SELECT 1",
                  "refused: DEFAULT belongs to rows that are inserted as they are"},
        WriteCase{"COPY t FROM STDIN", "refused: COPY is not allowed"},
        WriteCase{"REPLACE INTO t VALUES (1)", "refused: unexpected \"REPLACE\"; expected VALUES or SELECT"},
        WriteCase{"INSERT OR IGNORE INTO t VALUES (1)", "refused: unexpected \"OR\"; expected INTO"},
        WriteCase{"TRUNCATE t",
                  "refused: statements of class ddl are not allowed: only queries and writes may be run"}));

INSTANTIATE_TEST_SUITE_P(
    Inserts, OracleWrite,
    testing::Values(WriteCase{"INSERT /*+ APPEND */ INTO s.t PARTITION (p) x (x.a, B) VALUES (:1, DEFAULT)",
                              "{insert S.T as X (A B) {values [:1 default]}}"},
                    WriteCase{"INSERT INTO t(a) SELECT b FROM u WHERE c = :c",
                              "{insert T (A) {select B from U where (= C :c)}}"},
                    WriteCase{"INSERT INTO t (SELECT 1 FROM dual)", "{insert T {({select 1 from DUAL})}}"},
                    WriteCase{"INSERT INTO t WITH w AS (SELECT 1 a FROM dual) SELECT a FROM w",
                              "{insert T {with W {select 1 as A from DUAL} select A from W}}"},
                    WriteCase{"INSERT INTO t VALUES (1), (2)", "{insert T {values [1] [2]}}"}));

INSTANTIATE_TEST_SUITE_P(
    Changes, OracleWrite,
    testing::Values(
        WriteCase{"UPDATE s.t x SET x.a = 1, b = DEFAULT, (c, x.d) = (SELECT 1, 2 FROM dual) WHERE x.e > 0",
                  "{update S.T as X set A=1, B=default, (C D)={select 1, 2 from DUAL} where (> X.E 0)}"},
        WriteCase{"UPDATE s.t SET t.a = 1, s.t.b = 2", "{update S.T set A=1, B=2}"},
        WriteCase{"UPDATE ONLY (v) SET a = 1", "{update only V set A=1}"},
        WriteCase{"UPDATE t SET a = u.a FROM u WHERE t.k = u.k",
                  "{update T set A=U.A from U where (= T.K U.K)}"},
        WriteCase{"DELETE t", "{delete T}"},
        WriteCase{"DELETE FROM t PARTITION FOR (1) x WHERE ROWNUM < 5", "{delete T as X where (< ROWNUM 5)}"},
        WriteCase{"UPDATE (SELECT a FROM t WHERE b = 1 WITH CHECK OPTION) x SET x.a = 1",
                  "{update {select A from T where (= B 1)} as X set A=1}"},
        WriteCase{"INSERT INTO (SELECT a FROM t) (a) VALUES (1)",
                  "{insert {select A from T} (A) {values [1]}}"},
        WriteCase{"DELETE FROM (SELECT a FROM t) WHERE a = 1", "{delete {select A from T} where (= A 1)}"},
        WriteCase{"UPDATE t SET x.a = 1", "refused: only whole columns of the target can be written"},
        WriteCase{"UPDATE t x SET x.o.a = 1", "refused: only whole columns of the target can be written"},
        WriteCase{"UPDATE t SET (a, b) = (1, 2)", "refused: several columns at once are set to a query"}));

INSTANTIATE_TEST_SUITE_P(
    Merges, OracleWrite,
    testing::Values(
        WriteCase{
            "MERGE INTO s.t x USING (SELECT a FROM u) v ON (x.a = v.a) WHEN MATCHED THEN UPDATE SET x.b = 1 "
            "WHERE x.c > 0 DELETE WHERE x.d = 1 WHEN NOT MATCHED THEN INSERT (x.a, b) VALUES (v.a, DEFAULT) "
            "WHERE v.a > 2",
            "{merge S.T as X from {select A from U} as V on (= X.A V.A) "
            "matched if (> X.C 0) set B=1 delete where (= X.D 1) "
            "unmatched if (> V.A 2) insert (A B) [V.A default]}"},
        WriteCase{"MERGE INTO t USING dual ON (1 = 1) WHEN NOT MATCHED THEN INSERT VALUES (1)",
                  "{merge T from DUAL on (= 1 1) unmatched insert [1]}"},
        WriteCase{"MERGE INTO (SELECT a FROM t WHERE b = 1 WITH CHECK OPTION) x USING u ON (x.a = u.a) WHEN "
                  "MATCHED THEN UPDATE SET x.a = 1",
                  "{merge {select A from T where (= B 1)} as X from U on (= X.A U.A) matched set A=1}"},
        WriteCase{"MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 1",
                  "refused: unexpected \"t\"; expected \"(\""},
        WriteCase{"MERGE INTO t USING u ON (t.a = u.a) OR 1 = 1 WHEN MATCHED THEN UPDATE SET b = 1",
                  "refused: the whole condition behind ON stands in parentheses"},
        WriteCase{"MERGE INTO t USING u ON (1 = 1) WHEN MATCHED THEN DELETE",
                  "refused: unexpected \"DELETE\"; expected UPDATE"},
        WriteCase{
            "MERGE INTO t USING u ON (1 = 1) WHEN MATCHED THEN UPDATE SET a = 1 WHEN MATCHED THEN UPDATE SET "
            "b = 1",
            "refused: MERGE has one branch for each case"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, OracleWrite,
    testing::Values(
        WriteCase{"INSERT ALL INTO t VALUES (1) INTO u VALUES (2) SELECT 1 FROM dual",
                  "refused: INSERT ALL and INSERT FIRST, which write to several tables, are not understood"},
        WriteCase{"INSERT FIRST WHEN 1 = 1 THEN INTO t SELECT 1 FROM dual",
                  "refused: INSERT ALL and INSERT FIRST, which write to several tables, are not understood"},
        WriteCase{"INSERT INTO t VALUES (1) RETURNING a INTO :a",
                  "refused: RETURNING INTO, which sets variables of the caller, is not understood"},
        WriteCase{"DELETE t RETURN a INTO :a",
                  "refused: RETURNING INTO, which sets variables of the caller, is not understood"},
        WriteCase{"INSERT INTO t SELECT * FROM u LOG ERRORS INTO e REJECT LIMIT 1",
                  "refused: LOG ERRORS, which writes to another table, is not understood"},
        WriteCase{"MERGE INTO t USING u ON (1 = 1) WHEN MATCHED THEN UPDATE SET a = 1 LOG ERRORS",
                  "refused: LOG ERRORS, which writes to another table, is not understood"},
        WriteCase{"DELETE FROM TABLE(SELECT n FROM t)",
                  "refused: only a table with a name can be written to"},
        WriteCase{"INSERT INTO t@remote VALUES (1)", "refused: database links are not allowed"},
        WriteCase{"DELETE FROM s.t@remote", "refused: database links are not allowed"},
        WriteCase{"UPDATE t SET a = (SELECT b FROM u@remote)", "refused: database links are not allowed"},
        WriteCase{"UPDATE t SET a = 1 WHERE CURRENT OF c",
                  "refused: WHERE CURRENT OF needs a cursor, which no statement has here"},
        WriteCase{"WITH w AS (SELECT 1 FROM dual) DELETE FROM t",
                  "refused: WITH stands before the query of an INSERT, not before the verb"},
        WriteCase{
            "BEGIN DELETE FROM t; END;",
            "refused: statements of class procedure are not allowed: only queries and writes may be run"}));

TEST(DialectWrite, inside_a_query_makes_it_a_write) {
    const std::string text = "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a";
    Parser parser(dialect_of(DialectId::postgres));
    const auto statement = parser.parse_statement(text);
    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().code, ErrorCode::unsupported);
    EXPECT_EQ(statement.error().offset, 11U);
    EXPECT_EQ(parser.statement_class(), StatementClass::write);
    EXPECT_FALSE(parser.parse(text));
    EXPECT_EQ(parser.statement_class(), StatementClass::write);
}

TEST(DialectWrite, finds_every_list_of_a_merge_by_its_bytes) {
    const std::string text =
        "MERGE  INTO t  x USING  u  y ON ( x.a = y.a ) WHEN  NOT MATCHED THEN INSERT ( a ) VALUES ( 1 ) ; ";
    Parser parser(dialect_of(DialectId::oracle));
    const auto statement = parser.parse_statement(text);
    ASSERT_TRUE(statement) << statement.error().message;
    const Write& write = *statement->write;
    EXPECT_EQ(write.verb.in(text), "MERGE  INTO");
    EXPECT_EQ(write.target->span.in(text), "t  x");
    EXPECT_EQ(write.from_span.in(text), "USING  u  y");
    EXPECT_EQ(write.where->span.in(text), "( x.a = y.a )");
    EXPECT_EQ(write.branches.first->span.in(text), "WHEN  NOT MATCHED THEN INSERT ( a ) VALUES ( 1 )");
    EXPECT_EQ(write.branches.first->columns_span.in(text), "( a )");
}

TEST(DialectWrite, keeps_the_hints_in_their_place) {
    const std::string text = "DELETE /*+ INDEX(t i) */ FROM t";
    Parser parser(dialect_of(DialectId::oracle));
    const auto statement = parser.parse_statement(text);
    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->write->verb.in(text), "DELETE /*+ INDEX(t i) */ FROM");
}

TEST(DialectWrite, holds_the_limits_of_queries) {
    Parser parser(dialect_of(DialectId::postgres));
    std::string deep = "UPDATE t SET (a, b) = ";
    for (int i = 0; i < 5000; ++i) deep += "(";
    EXPECT_EQ(parser.parse_statement(deep).error().code, ErrorCode::too_large);
    std::string many = "MERGE INTO t USING u ON true";
    for (std::size_t i = 0; i < limits::nodes; ++i) many += " WHEN MATCHED THEN DELETE";
    EXPECT_EQ(parser.parse_statement(many).error().code, ErrorCode::too_large);
}

}  // namespace dialect_write_test
}  // namespace majed::sql
