// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"

#include "sql/tree_text.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::sql {
namespace parser_test {

std::string tree_of(const std::string& text) {
    Parser parser;
    const auto select = parser.parse(text);
    if (!select) return "refused: " + select.error().message;
    return TreeText(text).of(**select);
}

/// The tree of the only result expression of SELECT `expression`.
std::string expression_of(const std::string& expression) {
    const std::string text = "SELECT " + expression;
    Parser parser;
    const auto select = parser.parse(text);
    if (!select) return "refused: " + select.error().message;
    return TreeText(text).of((*select)->cores.first->columns.first->expr);
}

std::string from_of(const std::string& from) {
    const std::string text = "SELECT 1 FROM " + from;
    Parser parser;
    const auto select = parser.parse(text);
    if (!select) return "refused: " + select.error().message;
    std::string out;
    for (const FromItem& item : (*select)->cores.first->from) {
        out += (out.empty() ? "" : ", ") + TreeText(text).of(item);
    }
    return out;
}

TEST(Parser, reads_a_query_with_every_clause) {
    EXPECT_EQ(tree_of("SELECT DISTINCT a, t.b AS x, c y FROM t WHERE a > 1 GROUP BY b, 2 HAVING count(*) > 1 "
                      "ORDER BY a DESC NULLS LAST, b ASC LIMIT 10 OFFSET 5;"),
              "{select distinct a, t.b as x, c as y from t where (> a 1) group [b 2] having (> (count[*]) 1) "
              "order [a:nulls_last b] limit 10 offset 5}");
}

TEST(Parser, keeps_both_numbers_of_a_limit_with_a_comma_in_text_order) {
    EXPECT_EQ(tree_of("SELECT 1 LIMIT 5, 10"), "{select 1 limit 5 offset 10}");
}

TEST(Parser, reads_stars_with_and_without_a_table) {
    EXPECT_EQ(tree_of("SELECT *, t.*, 'u'.* FROM t, u"), "{select *, t.*, u.* from t, u}");
}

TEST(Parser, reads_aliases_of_every_form) {
    EXPECT_EQ(tree_of("SELECT 1 AS a, 2 b, 3 'c', 4 AS \"d\", 5 [e], 6 AS left"),
              "{select 1 as a, 2 as b, 3 as c, 4 as d, 5 as e, 6 as left}");
}

TEST(Parser, reads_values_with_several_rows) {
    EXPECT_EQ(tree_of("VALUES (1, 'a'), (2, 'b')"), "{values [1 'a'] [2 'b']}");
    EXPECT_EQ(tree_of("SELECT 1 UNION VALUES (2)"), "{select 1 union values [2]}");
}

TEST(Parser, reads_compound_operators_in_order) {
    EXPECT_EQ(
        tree_of("SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 EXCEPT SELECT 4 INTERSECT SELECT 5 ORDER BY 1"),
        "{select 1 union select 2 union_all select 3 except select 4 intersect select 5 order [1]}");
}

TEST(Parser, reads_common_table_expressions) {
    EXPECT_EQ(tree_of("WITH a AS (SELECT 1), b(x, y) AS MATERIALIZED (SELECT 1, 2), c AS NOT MATERIALIZED "
                      "(VALUES (1)) SELECT * FROM a"),
              "{with a {select 1} b(x y) {select 1, 2} c {values [1]} select * from a}");
    EXPECT_EQ(tree_of("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c"),
              "{with recursive c(n) {select 1 union_all select (+ n 1) from c} select n from c}");
}

TEST(Parser, takes_recursive_for_a_name_where_it_names_a_table) {
    EXPECT_EQ(tree_of("WITH recursive AS (SELECT 1) SELECT * FROM recursive"),
              "{with recursive {select 1} select * from recursive}");
    EXPECT_EQ(tree_of("WITH RECURSIVE recursive AS (SELECT 1) SELECT 1"),
              "{with recursive recursive {select 1} select 1}");
}

TEST(Parser, reads_every_join) {
    EXPECT_EQ(from_of("a, b JOIN c INNER JOIN d CROSS JOIN e"), "a, b, c, d, cross e");
    EXPECT_EQ(from_of("a LEFT JOIN b RIGHT JOIN c FULL JOIN d"), "a, left b, right c, left right d");
    EXPECT_EQ(from_of("a LEFT OUTER JOIN b RIGHT OUTER JOIN c FULL OUTER JOIN d"),
              "a, left b, right c, left right d");
    EXPECT_EQ(from_of("a NATURAL JOIN b NATURAL LEFT JOIN c LEFT NATURAL OUTER JOIN d NATURAL INNER JOIN e"),
              "a, natural b, natural left c, natural left d, natural e");
    EXPECT_EQ(from_of("a JOIN b ON a.x = b.x JOIN c USING (p, q)"), "a, b on (= a.x b.x), c using(p q)");
}

TEST(Parser, refuses_joins_that_sqlite_does_not_know) {
    for (const char* join : {"a OUTER JOIN b", "a INNER LEFT JOIN b", "a CROSS LEFT JOIN b", "a NATURAL b"}) {
        EXPECT_EQ(from_of(join).substr(0, 8), "refused:") << join;
    }
}

TEST(Parser, reads_every_kind_of_from_item) {
    EXPECT_EQ(from_of("main.t AS a"), "main.t as a");
    EXPECT_EQ(from_of("'main'.\"t\" a"), "main.t as a");
    EXPECT_EQ(from_of("(SELECT 1) AS s"), "{select 1} as s");
    EXPECT_EQ(from_of("(WITH a AS (SELECT 1) SELECT * FROM a) s"),
              "{with a {select 1} select * from a} as s");
    EXPECT_EQ(from_of("(VALUES (1))"), "{values [1]}");
    EXPECT_EQ(from_of("(a JOIN b ON 1) JOIN c"), "(a, b on 1), c");
    EXPECT_EQ(from_of("(a, (b, c)) AS g"), "(a, (b, c)) as g");
    EXPECT_EQ(from_of("json_each('[1]', '$') j"), "json_each['[1]' '$'] as j");
    EXPECT_EQ(from_of("f()"), "f[]");
}

TEST(Parser, reads_index_hints) {
    EXPECT_EQ(from_of("t INDEXED BY i"), "t indexed i");
    EXPECT_EQ(from_of("t AS a INDEXED BY i, u NOT INDEXED"), "t as a indexed i, u unindexed");
}

TEST(Parser, does_not_take_the_next_clause_for_an_alias) {
    EXPECT_EQ(tree_of("SELECT a FROM t LEFT JOIN u"), "{select a from t, left u}");
    EXPECT_EQ(tree_of("SELECT a FROM t WINDOW w AS (ORDER BY a)"), "{select a from t window w ( order [a])}");
    EXPECT_EQ(tree_of("SELECT a FROM t window"), "{select a from t as window}");
    EXPECT_EQ(tree_of("SELECT a FROM t CROSS JOIN u"), "{select a from t, cross u}");
}

TEST(Expression, binds_operators_as_sqlite_does) {
    EXPECT_EQ(expression_of("1 OR 2 AND 3"), "(or 1 (and 2 3))");
    EXPECT_EQ(expression_of("NOT 1 AND 2"), "(and (not 1) 2)");
    EXPECT_EQ(expression_of("NOT 1 = 2"), "(not (= 1 2))");
    EXPECT_EQ(expression_of("1 = 2 < 3"), "(= 1 (< 2 3))");
    EXPECT_EQ(expression_of("1 < 2 | 3"), "(< 1 (| 2 3))");
    EXPECT_EQ(expression_of("1 & 2 + 3"), "(& 1 (+ 2 3))");
    EXPECT_EQ(expression_of("1 + 2 * 3"), "(+ 1 (* 2 3))");
    EXPECT_EQ(expression_of("1 * 2 || 3"), "(* 1 (|| 2 3))");
    EXPECT_EQ(expression_of("1 || 2 COLLATE nocase"), "(|| 1 (collate 2 nocase))");
    EXPECT_EQ(expression_of("- 1 COLLATE nocase"), "(collate (neg 1) nocase)");
    EXPECT_EQ(expression_of("-1 + ~2"), "(+ (neg 1) (bitnot 2))");
    EXPECT_EQ(expression_of("a || b -> c ->> d"), "(->> (-> (|| a b) c) d)");
}

TEST(Expression, groups_equal_operators_from_the_left) {
    EXPECT_EQ(expression_of("1 - 2 - 3"), "(- (- 1 2) 3)");
    EXPECT_EQ(expression_of("1 = 2 <> 3 IS 4"), "(is (<> (= 1 2) 3) 4)");
    EXPECT_EQ(expression_of("1 << 2 >> 3 & 4"), "(& (>> (<< 1 2) 3) 4)");
    EXPECT_EQ(expression_of("1 / 2 % 3"), "(% (/ 1 2) 3)");
}

TEST(Expression, keeps_the_and_of_between) {
    EXPECT_EQ(expression_of("a BETWEEN 1 AND 2 AND b"), "(and (between a 1 2) b)");
    EXPECT_EQ(expression_of("a NOT BETWEEN 1 + 1 AND 2 OR b"), "(or (not_between a (+ 1 1) 2) b)");
    EXPECT_EQ(expression_of("a BETWEEN b = c AND d"), "(between a (= b c) d)");
    EXPECT_EQ(expression_of("a BETWEEN 1 AND 2 = 3"), "(= (between a 1 2) 3)");
    EXPECT_EQ(expression_of("a BETWEEN 1 AND b BETWEEN 2 AND 3"), "(between (between a 1 b) 2 3)");
}

TEST(Expression, reads_pattern_operators_with_escape) {
    EXPECT_EQ(expression_of("a LIKE b ESCAPE c AND d"), "(and (like a b escape c) d)");
    EXPECT_EQ(expression_of("a NOT LIKE b || c"), "(not_like a (|| b c))");
    EXPECT_EQ(expression_of("a GLOB b = c"), "(= (glob a b) c)");
    EXPECT_EQ(expression_of("a REGEXP b"), "(regexp a b)");
    EXPECT_EQ(expression_of("a NOT MATCH b"), "(not_match a b)");
    EXPECT_EQ(expression_of("a LIKE b ESCAPE c < d"), "(like a b escape (< c d))");
}

TEST(Expression, reads_every_null_test) {
    EXPECT_EQ(expression_of("a IS NULL"), "(is a NULL)");
    EXPECT_EQ(expression_of("a IS NOT NULL"), "(is_not a NULL)");
    EXPECT_EQ(expression_of("a ISNULL"), "(isnull a)");
    EXPECT_EQ(expression_of("a NOTNULL"), "(notnull a)");
    EXPECT_EQ(expression_of("a NOT NULL"), "(notnull a)");
    EXPECT_EQ(expression_of("a NOT NULL = b"), "(= (notnull a) b)");
}

TEST(Expression, reads_is_distinct_from_as_is_not) {
    EXPECT_EQ(expression_of("a IS DISTINCT FROM b"), "(is_not a b)");
    EXPECT_EQ(expression_of("a IS NOT DISTINCT FROM b"), "(is a b)");
    EXPECT_EQ(expression_of("a IS b"), "(is a b)");
    EXPECT_EQ(expression_of("a IS NOT b"), "(is_not a b)");
}

TEST(Expression, reads_in_with_every_right_side) {
    EXPECT_EQ(expression_of("a IN (1, 2)"), "(in a [1 2])");
    EXPECT_EQ(expression_of("a NOT IN ()"), "(not_in a [])");
    EXPECT_EQ(expression_of("a IN (SELECT 1)"), "(in a {select 1})");
    EXPECT_EQ(expression_of("a IN (VALUES (1), (2))"), "(in a {values [1] [2]})");
    EXPECT_EQ(expression_of("a IN (WITH x AS (SELECT 1) SELECT * FROM x)"),
              "(in a {with x {select 1} select * from x})");
    EXPECT_EQ(expression_of("a IN t"), "(in a t)");
    EXPECT_EQ(expression_of("a NOT IN main.t"), "(not_in a main.t)");
    EXPECT_EQ(expression_of("a IN json_each('[1]')"), "(in a json_each['[1]'])");
    EXPECT_EQ(expression_of("(a, b) IN (SELECT 1, 2)"), "(in (row [a b]) {select 1, 2})");
}

TEST(Expression, reads_case) {
    EXPECT_EQ(expression_of("CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END"), "(case - [a 1 b 2] 3)");
    EXPECT_EQ(expression_of("CASE x WHEN 1 THEN 2 END"), "(case x [1 2] -)");
    EXPECT_EQ(expression_of("CASE CASE WHEN 1 THEN 2 END WHEN 3 THEN 4 END"),
              "(case (case - [1 2] -) [3 4] -)");
}

TEST(Expression, reads_cast_with_every_type_name) {
    EXPECT_EQ(expression_of("CAST(a AS TEXT)"), "(cast a TEXT)");
    EXPECT_EQ(expression_of("CAST(a AS DOUBLE PRECISION)"), "(cast a DOUBLE PRECISION)");
    EXPECT_EQ(expression_of("CAST(a AS NUMERIC(10, -2))"), "(cast a NUMERIC(10, -2))");
    EXPECT_EQ(expression_of("CAST(a AS 'x')"), "(cast a 'x')");
    EXPECT_EQ(expression_of("CAST(a AS)"), "(cast a )");
}

TEST(Expression, reads_calls) {
    EXPECT_EQ(expression_of("f()"), "(f[])");
    EXPECT_EQ(expression_of("count(*)"), "(count[*])");
    EXPECT_EQ(expression_of("count(DISTINCT a)"), "(count distinct [a])");
    EXPECT_EQ(expression_of("max(ALL a, b)"), "(max[a b])");
    EXPECT_EQ(expression_of("\"lower\"(a)"), "(lower[a])");
    EXPECT_EQ(expression_of("replace(a, 'x', 'y')"), "(replace[a 'x' 'y'])");
    EXPECT_EQ(expression_of("like(a, b) LIKE glob(c, d)"), "(like (like[a b]) (glob[c d]))");
}

TEST(Expression, reads_filters_and_windows) {
    EXPECT_EQ(expression_of("sum(a) FILTER (WHERE b > 1)"), "(sum[a] filter (> b 1))");
    EXPECT_EQ(expression_of("sum(a) OVER ()"), "(sum[a] over ())");
    EXPECT_EQ(expression_of("sum(a) OVER w"), "(sum[a] over w)");
    EXPECT_EQ(expression_of("sum(a) FILTER (WHERE b) OVER (w PARTITION BY c, d ORDER BY e DESC)"),
              "(sum[a] filter b over (w partition [c d] order [e]))");
}

TEST(Expression, reads_every_window_frame) {
    EXPECT_EQ(expression_of("sum(a) OVER (ROWS 2 PRECEDING)"), "(sum[a] over ( from 2))");
    EXPECT_EQ(
        expression_of("sum(a) OVER (ORDER BY b RANGE BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES)"),
        "(sum[a] over ( order [b] from 1 to 2))");
    for (const char* frame : {"GROUPS UNBOUNDED PRECEDING", "ROWS CURRENT ROW",
                              "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                              "RANGE BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE NO OTHERS",
                              "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
                              "GROUPS CURRENT ROW EXCLUDE GROUP"}) {
        EXPECT_EQ(expression_of("sum(a) OVER (ORDER BY b " + std::string(frame) + ")"),
                  "(sum[a] over ( order [b]))")
            << frame;
    }
}

TEST(Expression, refuses_frames_that_are_open_on_the_wrong_side) {
    EXPECT_EQ(expression_of("sum(a) OVER (ROWS UNBOUNDED FOLLOWING)").substr(0, 8), "refused:");
    EXPECT_EQ(expression_of("sum(a) OVER (ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW)").substr(0, 8),
              "refused:");
}

TEST(Expression, reads_subqueries_and_rows) {
    EXPECT_EQ(expression_of("(SELECT 1)"), "{select 1}");
    EXPECT_EQ(expression_of("EXISTS (SELECT 1) AND NOT EXISTS (SELECT 2)"),
              "(and (exists {select 1}) (not (exists {select 2})))");
    EXPECT_EQ(expression_of("(1, 2) = (SELECT 3, 4)"), "(= (row [1 2]) {select 3, 4})");
    EXPECT_EQ(expression_of("((1))"), "1");
    EXPECT_EQ(expression_of("((SELECT 1))"), "{select 1}");
    EXPECT_EQ(expression_of("((SELECT 1) + 2)"), "(+ {select 1} 2)");
}

TEST(Expression, reads_every_literal) {
    EXPECT_EQ(expression_of("NULL"), "NULL");
    EXPECT_EQ(expression_of("'it''s'"), "'it''s'");
    EXPECT_EQ(expression_of("x'0f'"), "x'0f'");
    EXPECT_EQ(expression_of("1e3"), "1e3");
    EXPECT_EQ(expression_of("CURRENT_TIMESTAMP"), "CURRENT_TIMESTAMP");
    EXPECT_EQ(expression_of("?1 + :a + @b + $c"), "(+ (+ (+ ?1 :a) @b) $c)");
}

TEST(Expression, reads_qualified_names_in_every_quoting) {
    EXPECT_EQ(expression_of("main.t.a"), "main.t.a");
    EXPECT_EQ(expression_of("[main].`t`.\"a\""), "main.t.a");
    EXPECT_EQ(expression_of("'t'.'a'"), "t.a");
    EXPECT_EQ(expression_of("t.'a'"), "t.a");
    EXPECT_EQ(expression_of("\"a\"\"b\""), "a\"b");
    EXPECT_EQ(expression_of("left.key"), "left.key");
}

TEST(Expression, has_no_operator_that_sqlite_lacks) {
    for (const char* text : {"a ILIKE b", "a::text", "a SIMILAR TO b", "a XOR b", "a DIV b", "a ^ b", "(t).a",
                             "f(a) WITHIN GROUP (ORDER BY 1)", "a NOT b", "a IS DISTINCT b"}) {
        EXPECT_EQ(expression_of(text).substr(0, 8), "refused:") << text;
    }
}

TEST(Parser, forgets_the_statement_before) {
    Parser parser;
    const std::string first = "SELECT a FROM t";
    const std::string second = "SELECT b FROM u";
    ASSERT_TRUE(parser.parse(first));
    const auto select = parser.parse(second);
    ASSERT_TRUE(select);
    EXPECT_EQ(TreeText(second).of(**select), "{select b from u}");
    EXPECT_EQ(parser.text(), second);
    EXPECT_EQ(parser.tokens().size(), 5U);
    EXPECT_FALSE(parser.parse("SELECT"));
    ASSERT_TRUE(parser.parse(first));
}

TEST(PolicyExpression, reads_attributes_of_the_user) {
    Parser parser;
    const std::string text = "region IN (:user.regions) OR owner = :user.name";
    const auto expr = parser.parse_policy_expression(text);
    ASSERT_TRUE(expr) << expr.error().message;
    EXPECT_EQ(TreeText(text).of(*expr), "(or (in region [:user.regions]) (= owner :user.name))");
    EXPECT_EQ((*expr)->right->right->span.in(text), ":user.name");
}

TEST(PolicyExpression, refuses_every_other_parameter) {
    Parser parser;
    for (const char* text : {"a = ?", "a = :x", "a = :user", "a = :user.", "a = :users.x", "a = @user.x",
                             "a = 1; b", "a = 1 b", ""}) {
        EXPECT_FALSE(parser.parse_policy_expression(text)) << text;
    }
}

TEST(PolicyExpression, is_the_only_place_for_attributes) {
    EXPECT_EQ(expression_of(":user.region").substr(0, 8), "refused:");
}

}  // namespace parser_test
}  // namespace majed::sql
