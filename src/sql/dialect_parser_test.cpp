// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL and Oracle write in their own way; the corpora hold the breadth (tests/corpora/dialect_test.cpp).
#include "sql/parser.h"
#include "sql/tree_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::sql {
namespace dialect_parser_test {

struct Case {
    const char* text;
    const char* tree;  ///< Or "refused: ...".
};

std::string tree_of(const std::string& text, DialectId id) {
    Parser parser(dialect_of(id));
    const auto select = parser.parse(text);
    return select ? TreeText(text).of(**select) : "refused: " + select.error().message;
}

class PostgresTree : public testing::TestWithParam<Case> {};
class OracleTree : public testing::TestWithParam<Case> {};

TEST_P(PostgresTree, is_what_the_server_would_make_of_it) {
    EXPECT_EQ(tree_of(GetParam().text, DialectId::postgres), GetParam().tree);
}

TEST_P(OracleTree, is_what_the_server_would_make_of_it) {
    EXPECT_EQ(tree_of(GetParam().text, DialectId::oracle), GetParam().tree);
}

INSTANTIATE_TEST_SUITE_P(
    Operators, PostgresTree,
    testing::Values(
        Case{"SELECT -1::int, NOT a = b IS NULL", "{select (neg (cast 1 int)), (not (isnull (= a b)))}"},
        Case{"SELECT 2 ^ 3 ^ 2, a::numeric(3,1)[] AT TIME ZONE 'UTC'",
             "{select (^ (^ 2 3) 2), (at_time_zone (cast a numeric(3,1)[]) 'UTC')}"},
        Case{"SELECT a < b < c", "refused: unexpected \"<\"; expected AND"},
        Case{"SELECT @ -5 + 3, ~ x & y", "{select (@ (+ (neg 5) 3)), (& (~ x) y)}"},
        Case{"SELECT a OPERATOR(pg_catalog.+) b, OPERATOR(pg_catalog.-) 1",
             "{select (OPERATOR(pg_catalog.+) a b), (OPERATOR(pg_catalog.-) 1)}"},
        Case{"SELECT a ->> 'k' = 'v', a @> b, c <-> d", "{select (= (->> a 'k') 'v'), (@> a b), (<-> c d)}"},
        Case{"SELECT 1 WHERE x = ANY (ARRAY[1]) AND y <> ALL (SELECT 1) AND z LIKE ANY ($1)",
             "{select 1 where (and (and (= any x [(array [1])]) (<> all y {select 1})) (LIKE any z [$1]))}"},
        Case{"SELECT 1 WHERE b BETWEEN SYMMETRIC 1 AND 2 AND a SIMILAR TO 'x' ESCAPE '!'",
             "{select 1 where (and (between b 1 2) (similar a 'x' escape '!'))}"},
        Case{"SELECT a IS NOT DISTINCT FROM b, a IS NOT TRUE, x COLLATE \"C\"",
             "{select (is a b), (is not TRUE a), (collate x C)}"}));

INSTANTIATE_TEST_SUITE_P(
    Operands, PostgresTree,
    testing::Values(
        Case{"SELECT (t).c, (t).*, x[1:2], x[1][2], ARRAY[[1,2],[3]], ARRAY(SELECT 1), ROW(1,2), row(t.*) "
             "FROM t",
             "{select t.c, t.*, (slice x 1 2), (element (element x 1 -) 2 -), (array [(array [1 2]) (array "
             "[3])]), "
             "(array {select 1}), (row [1 2]), (row [t.*]) from t}"},
        Case{"SELECT date '2020-01-01', interval '1' day, timestamp with time zone 'x', int4range '[1,2)', "
             "time, "
             "double precision '1.5'",
             "{select (cast '2020-01-01' date), (cast '1' interval), (cast 'x' timestamp with time zone), "
             "(cast '[1,2)' "
             "int4range), time, (cast '1.5' double precision)}"},
        Case{"SELECT extract(year FROM d), substring(a FROM 1 FOR 2), trim(both 'x' FROM y), position('a' IN "
             "b)",
             "{select (extract[d]), (substring[a 1 2]), (trim['x' y]), (position['a' b])}"},
        Case{"SELECT overlay(a PLACING b FROM 1), coalesce(a, b), current_user, f(a => 1, VARIADIC b)",
             "{select (overlay[a b 1]), (coalesce[a b]), (current_user[]), (f[1 b])}"},
        Case{"SELECT count(*) FILTER (WHERE a) OVER w, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM t "
             "WINDOW w AS "
             "(PARTITION BY c)",
             "{select (count[*] filter a over w), (percentile_cont[0.5] order [x]) from t window w ( "
             "partition [c])}"},
        Case{"SELECT array_agg(DISTINCT a ORDER BY b DESC)", "{select (array_agg distinct [a] order [b])}"}));

INSTANTIATE_TEST_SUITE_P(
    Queries, PostgresTree,
    testing::Values(Case{"SELECT DISTINCT ON (a) a FROM t", "{select distinct on [a] a from t}"},
                    Case{"(SELECT 1 UNION SELECT 2) INTERSECT (SELECT 3) ORDER BY 1 LIMIT 3",
                         "{({select 1 union select 2}) intersect ({select 3}) order [1] limit 3}"},
                    Case{"SELECT ((SELECT 1) + 2), ((SELECT 1) UNION SELECT 2)",
                         "{select (+ {select 1} 2), {({select 1}) union select 2}}"},
                    Case{"SELECT a FROM t GROUP BY GROUPING SETS ((a, b), ROLLUP (a, c), ())",
                         "{select a from t group [(GROUPING SETS [(row [a b]) (ROLLUP [a c]) (row [])])]}"},
                    Case{"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SEARCH DEPTH FIRST "
                         "BY n SET o CYCLE n SET c "
                         "USING p SELECT * FROM r",
                         "{with recursive r(n) {select 1 union_all select (+ n 1) from r} select * from r}"},
                    Case{"TABLE s.t", "{select * from s.t}"}, Case{"SELECT FROM t", "{select  from t}"},
                    Case{"SELECT a AS select, b values, c \"x\" FROM t",
                         "{select a as select, b as values, c as x from t}"},
                    Case{"SELECT a INTO b FROM t",
                         "refused: SELECT INTO is not allowed: it makes a table or sets variables"}));

INSTANTIATE_TEST_SUITE_P(
    From, PostgresTree,
    testing::Values(
        Case{"SELECT 1 FROM t TABLESAMPLE bernoulli(10) REPEATABLE (1), LATERAL (SELECT 1) AS l(x), ONLY s",
             "{select 1 from t sample [10 1], lateral {select 1} as l(x), s}"},
        Case{"SELECT 1 FROM ROWS FROM (f(1), g(2)) WITH ORDINALITY AS r(a, b, n), h(x) AS (a int, b text)",
             "{select 1 from [(f[1]) (g[2])] as r(a b n), [(h[x])](a b)}"},
        Case{"SELECT 1 FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x",
             "{select 1 from a, (b, c on (= b.x c.x)) on (= a.x b.x)}"},
        Case{"SELECT 1 FROM a NATURAL LEFT JOIN b, c CROSS JOIN d JOIN e USING (x) AS j",
             "{select 1 from a, natural left b, c, cross d, e using(x)}"},
        Case{"SELECT 1 FROM ((a JOIN b ON true)), (c CROSS JOIN d) AS e",
             "{select 1 from ((a, b on true)), (c, cross d) as e}"},
        Case{"SELECT 1 FROM (a)",
             "refused: unexpected \")\"; expected \".\", \"*\", AS, TABLESAMPLE, \",\" or JOIN"},
        Case{"SELECT 1 FROM (a, b)",
             "refused: unexpected \")\"; expected \".\", \"*\", AS, TABLESAMPLE, \",\" or JOIN"},
        Case{"SELECT 1 FROM t AS a (x int)", "refused: unexpected \"int\"; expected \")\""},
        Case{"SELECT 1 FROM f() AS a (x int, y)",
             "refused: unexpected \")\"; expected SETOF, BIT, TIME, TIMESTAMP, INTERVAL or a type"},
        Case{"SELECT row 'x'",
             "refused: unexpected \"'x'\"; expected AS, \",\", FROM, WHERE, GROUP or HAVING"},
        Case{"SELECT values(3)",
             "refused: unexpected \"(\"; expected AS, \",\", FROM, WHERE, GROUP or HAVING"},
        Case{"SELECT user()", "refused: unexpected \"(\"; expected AS, \",\", FROM, WHERE, GROUP or HAVING"},
        Case{"SELECT f(VARIADIC a, b)", "refused: unexpected \",\"; expected \")\""},
        Case{"SELECT B'10''1'",
             "refused: unexpected \"'1'\"; expected AS, \",\", FROM, WHERE, GROUP or HAVING"},
        Case{"SELECT U&\"\"", "refused: a quoted name cannot be empty"},
        Case{"SELECT U&\"n\\006123456789012345678901234567890123456789012345678901234567890123\"",
             "refused: a name has more than 63 bytes"},
        Case{"SELECT (1, 2).f1", "refused: unexpected \".\"; expected an operator behind the row"},
        Case{"SELECT (1, 2)[1]", "refused: unexpected \"[\"; expected an operator behind the row"},
        Case{"SELECT ARRAY[1, 2][1]",
             "refused: unexpected \"[\"; expected AS, \",\", FROM, WHERE, GROUP or HAVING"},
        Case{"SELECT ARRAY[[1, 2], [3]].f",
             "refused: unexpected \".\"; expected AS, \",\", FROM, WHERE, GROUP or HAVING"},
        Case{"SELECT (ARRAY[1, 2])[1]", "{select (element (array [1 2]) 1 -)}"},
        Case{"SELECT 1 WHERE b BETWEEN 1 AND a SIMILAR TO 'x'",
             "refused: unexpected \"SIMILAR\"; expected AND"},
        Case{"SELECT 1 WHERE a LIKE b NOT IN (c)", "refused: unexpected \"NOT\"; expected ESCAPE or AND"},
        Case{"SELECT 1 WHERE (a LIKE b) ILIKE c", "{select 1 where (ilike (like a b) c)}"},
        Case{"SELECT 1 WHERE a IN (1) LIKE ANY (b) LIKE c",
             "{select 1 where (like (LIKE any (in a [1]) [b]) c)}"},
        Case{"SELECT 1 WHERE a IS DISTINCT FROM b ISNULL", "refused: unexpected \"ISNULL\"; expected AND"},
        Case{"SELECT 1 WHERE a IS NULL IS TRUE", "{select 1 where (is TRUE (isnull a))}"},
        Case{"SELECT a.values(3)", "{select (values[3])}"},
        Case{"SELECT join.a FROM t",
             "refused: unexpected \"join\"; expected DISTINCT, ALL, \"*\" or an expression"},
        Case{"SELECT 1 WHERE a = ANY (b, c)", "refused: unexpected \",\"; expected \")\""},
        Case{"SELECT 1 FROM a INNER INNER JOIN b ON true", "refused: unexpected \"INNER\"; expected JOIN"},
        Case{"SELECT ARRAY[[1], 2]", "refused: unexpected \"2\"; expected \"[\""},
        Case{"SELECT 1 FROM LATERAL a", "refused: LATERAL stands before a query or a function"},
        Case{"SELECT 1 FROM LATERAL (a JOIN b ON true)",
             "refused: LATERAL stands before a query or a function"},
        Case{"SELECT DISTINCT FROM t", "refused: unexpected \"FROM\"; expected ON, \"*\" or an expression"},
        Case{"SELECT 1 FROM rank() OVER (ORDER BY a)",
             "refused: unexpected the end of the statement; expected a table"},
        Case{"SELECT 1 FROM db.s.t", "refused: tables of other databases cannot be named"}));

INSTANTIATE_TEST_SUITE_P(
    Names, PostgresTree,
    testing::Values(Case{"SELECT U&\"s\\0065cret\", \"Mixed\", MiXed FROM T",
                         "{select secret, Mixed, mixed from t}"},
                    Case{"SELECT E'a\\'b', $$x'y$$, $tag$ $$ $tag$, U&'\\0041', B'101', 'a'\n'b'",
                         "{select E'a\\'b', $$x'y$$, $tag$ $$ $tag$, U&'\\0041', B'101', 'a'\n'b'}"},
                    Case{"SELECT /* a /* b */ c */ 1", "{select 1}"},
                    Case{"SELECT \"\"", "refused: a quoted name cannot be empty"},
                    Case{"SELECT a1234567890123456789012345678901234567890123456789012345678901234",
                         "refused: a name has more than 63 bytes"},
                    Case{"SELECT U&\"\\00\"", "refused: malformed escape in a quoted name"}));

INSTANTIATE_TEST_SUITE_P(
    Operands, OracleTree,
    testing::Values(
        Case{"SELECT q'[it's]', nq'{x}', N'a', DATE '2020-01-01', INTERVAL '1' DAY, :b, :1, :\"q x\" FROM "
             "dual",
             "{select q'[it's]', nq'{x}', N'a', (cast '2020-01-01' DATE), (cast '1' INTERVAL), :b, :1, :\"q "
             "x\" from DUAL}"},
        Case{"SELECT max(a) KEEP (DENSE_RANK FIRST ORDER BY b) OVER (PARTITION BY c) FROM t",
             "{select (MAX[A] order [B] over ( partition [C])) from T}"},
        Case{"SELECT listagg(a, ',' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY a) FROM t",
             "{select (LISTAGG[A ','] order [A]) from T}"},
        Case{"SELECT pkg.f(1), s.pkg.f(a => 1), x.getStringVal() FROM t x",
             "{select (F[1]), (F[1]), (GETSTRINGVAL[]) from T as X}"},
        Case{"SELECT json_object('a' IS b, KEY 'c' VALUE d NULL ON NULL), json_value(x, '$.a' RETURNING "
             "NUMBER) FROM t",
             "{select (JSON_OBJECT['a' B 'c' D]), (JSON_VALUE[X '$.a']) from T}"},
        Case{"SELECT (a - b) DAY(9) TO SECOND, x AT TIME ZONE 'UTC', y AT LOCAL FROM t",
             "{select (cast (- A B) DAY(9) TO SECOND), (at_time_zone X 'UTC'), (at_time_zone Y) from T}"},
        Case{"SELECT 1 FROM t WHERE a ^= 1 AND b IS NOT JSON AND c MEMBER OF d AND e || f - 1 > 2",
             "{select 1 from T where (and (and (and (<> A 1) (is not JSON B)) (MEMBER OF C D)) (> (- (|| E "
             "F) 1) 2))}"},
        Case{"SELECT f@remote(1) FROM dual", "refused: database links are not allowed"}));

INSTANTIATE_TEST_SUITE_P(
    Queries, OracleTree,
    testing::Values(
        Case{"SELECT a, e.b FROM t, e WHERE t.x = e.x (+)", "{select A, E.B from T, E where (= T.X E.X)}"},
        Case{
            "SELECT LEVEL, CONNECT_BY_ROOT b FROM t START WITH p IS NULL CONNECT BY NOCYCLE PRIOR id = p "
            "ORDER SIBLINGS BY a",
            "{select LEVEL, (connect_by_root B) from T start (isnull P) connect (= (prior ID) P) order [A]}"},
        Case{"SELECT a FROM t MINUS SELECT b FROM u", "{select A from T except select B from U}"},
        Case{"SELECT /*+ FULL(t) */ * FROM t FETCH FIRST 3 ROWS ONLY", "{select * from T limit 3}"},
        Case{"SELECT * FROM d CROSS APPLY (SELECT 1 FROM e WHERE e.x = d.x) o",
             "{select * from D, apply {select 1 from E where (= E.X D.X)} as O}"},
        Case{"SELECT * FROM t, JSON_TABLE(t.doc, '$' COLUMNS (a NUMBER PATH '$.a', NESTED PATH '$.b[*]' "
             "COLUMNS (c CLOB "
             "PATH '$'))) j",
             "{select * from T, lateral [(JSON_TABLE[T.DOC '$' '$.a' '$.b[*]' '$'])] as J(A C)}"},
        Case{"SELECT * FROM TABLE(f(1)) x, TABLE(SELECT c FROM u) y",
             "{select * from lateral [(F[1])] as X, lateral [{select C from U}] as Y}"},
        Case{"SELECT \"Mixed\", MiXed FROM s.T", "{select Mixed, MIXED from S.T}"}));

INSTANTIATE_TEST_SUITE_P(
    Refused, OracleTree,
    testing::Values(Case{"SELECT * FROM t@remote", "refused: database links are not allowed"},
                    Case{"SELECT * FROM t AS OF SCN 5", "refused: flashback queries are not allowed"},
                    Case{"SELECT * FROM t VERSIONS BETWEEN SCN 1 AND 2",
                         "refused: flashback queries are not allowed"},
                    Case{"SELECT * FROM CONTAINERS(t)", "refused: CONTAINERS and SHARDS are not allowed"},
                    Case{"WITH FUNCTION f RETURN NUMBER IS BEGIN RETURN 1; END; SELECT 1 FROM dual",
                         "refused: PL/SQL in WITH is not allowed"},
                    Case{"SELECT * FROM t MODEL DIMENSION BY (a) MEASURES (b) RULES ()",
                         "refused: MODEL is not understood"},
                    Case{"SELECT \"a\"\"b\" FROM t", "refused: a quoted name cannot contain a quote"},
                    Case{"BEGIN NULL; END;",
                         "refused: statements of class procedure are not allowed: only queries may be run"},
                    Case{"SELECT a\xC2\xA0, b FROM t",
                         "refused: this space character is not accepted outside of quotes"}));

/// Which parenthesis closes which is found once for the whole text, also where one is never closed.
TEST(Parentheses, cost_no_more_than_the_text_is_long) {
    constexpr std::size_t deep = 90;
    std::string list = "SELECT 1";
    for (int i = 0; i < 14'000; ++i) list += ", 1";
    const std::string text = "SELECT " + std::string(deep, '(') + list + std::string(deep, ')') + " IS NULL";
    EXPECT_TRUE(tree_of(text, DialectId::postgres).starts_with("{select (isnull {"));
    const std::string unclosed = "SELECT " + std::string(deep, '(') + list;
    EXPECT_TRUE(tree_of(unclosed, DialectId::postgres).starts_with("refused: "));
}

TEST(StatementClassOf, depends_on_the_dialect) {
    struct Expected {
        DialectId dialect;
        const char* text;
        StatementClass statement_class;
    };
    const Expected all[] = {
        {DialectId::postgres, "COPY t TO STDOUT", StatementClass::write},
        {DialectId::postgres, "DO $$ BEGIN END $$", StatementClass::procedure},
        {DialectId::postgres, "CALL p()", StatementClass::procedure},
        {DialectId::postgres, "SET ROLE x", StatementClass::session},
        {DialectId::postgres, "ALTER SYSTEM SET a = 1", StatementClass::maintenance},
        {DialectId::postgres, "BEGIN", StatementClass::transaction},
        {DialectId::postgres, "WITH a AS (SELECT 1) MERGE INTO t USING a ON true WHEN MATCHED THEN DELETE",
         StatementClass::write},
        {DialectId::postgres, "TRUNCATE t", StatementClass::ddl},
        {DialectId::postgres, "EXPLAIN SELECT 1", StatementClass::explain},
        {DialectId::oracle, "BEGIN NULL; END;", StatementClass::procedure},
        {DialectId::oracle, "ALTER SESSION SET x = 1", StatementClass::session},
        {DialectId::oracle, "ALTER SYSTEM FLUSH SHARED_POOL", StatementClass::maintenance},
        {DialectId::oracle, "MERGE INTO t USING u ON (1 = 1) WHEN MATCHED THEN UPDATE SET a = 1",
         StatementClass::write},
        {DialectId::oracle, "TABLE t", StatementClass::unknown},
        {DialectId::sqlite, "(SELECT 1)", StatementClass::unknown},
        {DialectId::sqlite, "MERGE INTO t", StatementClass::unknown},
    };
    for (const Expected& each : all) {
        Parser parser(dialect_of(each.dialect));
        EXPECT_FALSE(parser.parse(each.text)) << each.text;
        EXPECT_EQ(parser.statement_class(), each.statement_class) << each.text;
    }
}

}  // namespace dialect_parser_test
}  // namespace majed::sql
