// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"
#include "sql/span_check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::sql {
namespace parser_span_test {

class Parsed {
public:
    explicit Parsed(std::string text) : text_(std::move(text)) {
        const auto parsed = parser_.parse(text_);
        EXPECT_TRUE(parsed) << text_ << ": " << parsed.error().message;
        select_ = parsed ? *parsed : nullptr;
    }
    [[nodiscard]] Select& select() { return *select_; }
    [[nodiscard]] Core& core() { return *select_->cores.first; }
    [[nodiscard]] std::string at(Span span) const { return std::string(span.in(text_)); }

private:
    std::string text_;
    Parser parser_;
    Select* select_ = nullptr;
};

TEST(Span, of_every_node_holds_exactly_its_own_bytes) {
    const std::vector<std::string> statements{
        "  SELECT  DISTINCT a , t . b AS x , ( c ) y /* c */ FROM t WHERE a > 1  AND ( b OR c ) ; ",
        "SELECT (1)+(2)*( 3 ), -(-1), NOT ( NOT a ), ((a)) IN ( 1,( 2 ) ), a NOT IN (SELECT b FROM ( u ))",
        "SELECT CASE WHEN a THEN (b) ELSE c END||'x' , CAST ( a AS NUMERIC ( 10 , 2 ) ) , x'00' , é FROM [t "
        "t]",
        "SELECT f ( DISTINCT a ) FILTER ( WHERE b ) OVER ( PARTITION BY c ORDER BY d ROWS BETWEEN 1 "
        "PRECEDING AND "
        "(2) FOLLOWING ) , g(*) over w from t window w as (order by a)",
        "WITH a ( x ) AS ( SELECT 1 ) , b AS MATERIALIZED ( VALUES ( 1 ) , ( 2 ) ) SELECT * FROM a , b",
        "SELECT * FROM a LEFT JOIN b ON a.x = b.x NATURAL JOIN ( c JOIN d USING ( p , q ) ) AS g , json_each "
        "( '[1]' ) j",
        "SELECT a FROM main . t AS z INDEXED BY i , u NOT INDEXED WHERE EXISTS ( SELECT 1 ) AND a BETWEEN 1 "
        "AND (2)",
        "SELECT 1 UNION ALL SELECT 2 ORDER BY 1 COLLATE nocase DESC NULLS FIRST LIMIT (1) OFFSET 2",
        "SELECT a LIKE 'x' ESCAPE '!' , b IS NOT DISTINCT FROM c , d NOTNULL , e NOT NULL , (f , g) = (1 , "
        "2)",
        "SELECT a -> '$' ->> 'b' , ? , ?1 , :x , $a::b(c) , t.*, * FROM t",
    };
    for (const std::string& text : statements) {
        Parser parser;
        const auto select = parser.parse(text);
        ASSERT_TRUE(select) << text << ": " << select.error().message;
        EXPECT_EQ(first_wrong_span(**select, text), "") << text;
    }
}

TEST(Span, of_a_query_leaves_out_the_semicolon_and_the_parentheses_around_it) {
    Parsed whole(" SELECT a FROM ( SELECT 1 ) ; ");
    EXPECT_EQ(whole.at(whole.select().span), "SELECT a FROM ( SELECT 1 )");
    EXPECT_EQ(whole.at(whole.core().from.first->select->span), "SELECT 1");
    EXPECT_EQ(whole.at(whole.core().from.first->span), "( SELECT 1 )");
}

TEST(Span, of_an_expression_holds_its_own_parentheses) {
    Parsed parsed("SELECT ( a + 1 ) , ((b))");
    const Expr* first = parsed.core().columns.first->expr;
    EXPECT_EQ(parsed.at(first->span), "( a + 1 )");
    EXPECT_TRUE(first->parenthesized);
    EXPECT_EQ(parsed.at(first->left->span), "a");
    EXPECT_EQ(parsed.at(parsed.core().columns.last->expr->span), "((b))");
}

TEST(Span, of_a_reference_leaves_out_alias_and_arguments) {
    Parsed parsed("SELECT 1 FROM main . \"t\" AS x INDEXED BY i , json_each ( '[1]' ) AS y");
    const FromItem& table = *parsed.core().from.first;
    EXPECT_EQ(parsed.at(table.reference), "main . \"t\"");
    EXPECT_EQ(parsed.at(table.span), "main . \"t\" AS x INDEXED BY i");
    EXPECT_EQ(parsed.at(table.alias.span), "x");
    EXPECT_EQ(parsed.at(table.schema.span), "main");
    EXPECT_EQ(parsed.at(table.index_span), "INDEXED BY i");
    const FromItem& function = *parsed.core().from.last;
    EXPECT_EQ(parsed.at(function.reference), "json_each");
    EXPECT_EQ(parsed.at(function.span), "json_each ( '[1]' ) AS y");
}

TEST(Span, of_an_item_leaves_out_its_join_clause) {
    Parsed parsed("SELECT 1 FROM a LEFT JOIN b AS c ON ( 1 ) JOIN d USING ( x )");
    const FromItem* item = parsed.core().from.first->next;
    EXPECT_EQ(parsed.at(item->span), "b AS c");
    EXPECT_EQ(parsed.at(item->on->span), "( 1 )");
    EXPECT_EQ(parsed.at(item->next->span), "d");
    EXPECT_EQ(parsed.at(item->next->using_columns.first->name.span), "x");
}

TEST(Span, of_a_core_ends_before_the_next_compound_operator) {
    Parsed parsed("VALUES (3) UNION SELECT 1 WHERE 2 ORDER BY 1");
    EXPECT_EQ(parsed.at(parsed.core().span), "VALUES (3)");
    EXPECT_EQ(parsed.at(parsed.core().next->span), "SELECT 1 WHERE 2");
}

TEST(Span, of_names_is_that_of_the_written_form) {
    Parsed parsed("SELECT [a b] AS 'c''d' FROM `t`");
    const ResultColumn& column = *parsed.core().columns.first;
    EXPECT_EQ(column.expr->name.value, "a b");
    EXPECT_EQ(column.expr->name.quote, Quote::bracket);
    EXPECT_EQ(parsed.at(column.expr->name.span), "[a b]");
    EXPECT_EQ(column.alias.value, "c'd");
    EXPECT_EQ(column.alias.quote, Quote::single_quote);
    EXPECT_EQ(parsed.at(column.alias.span), "'c''d'");
    EXPECT_EQ(parsed.at(column.span), "[a b] AS 'c''d'");
    EXPECT_EQ(parsed.core().from.first->name.quote, Quote::backtick);
}

TEST(Span, of_with_and_its_tables_holds_them_whole) {
    Parsed parsed("WITH RECURSIVE a(x) AS (SELECT 1), b AS (SELECT 2) SELECT 3");
    With& with = *parsed.select().with;
    EXPECT_EQ(parsed.at(with.span), "WITH RECURSIVE a(x) AS (SELECT 1), b AS (SELECT 2)");
    EXPECT_EQ(parsed.at(with.ctes.first->span), "a(x) AS (SELECT 1)");
    EXPECT_EQ(parsed.at(with.ctes.last->span), "b AS (SELECT 2)");
}

}  // namespace parser_span_test
}  // namespace majed::sql
