// SPDX-License-Identifier: Apache-2.0
// What the resolver says about danger: which rows are hidden, what is masked, what may raise an error.
#include "sql/fake_schema.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::sql {
namespace resolver_judgement_test {

/// One statement over hidden(a,b,m) with rows hidden and m masked, and open(a,c).
class Judged {
public:
    explicit Judged(std::string text) : text_(std::move(text)) {
        SchemaRelation& hidden = schema_.add("hidden", "a,b,m");
        hidden.filtered = true;
        hidden.columns[2].masked = true;
        schema_.add("open", "a,c");
        schema_.add("risky", "r").columns[0].unsafe = true;
        schema_.add("json_each", "key,value").table_function = true;
        const auto parsed = parser_.parse(text_);
        EXPECT_TRUE(parsed) << text_ << ": " << parsed.error().message;
        select_ = *parsed;
        const auto resolved = resolve(*select_, text_, schema_, parser_.arena(), resolution_);
        EXPECT_TRUE(resolved) << text_ << ": " << resolved.error().message;
    }
    [[nodiscard]] Select& select() { return *select_; }
    [[nodiscard]] Core& core() { return *select_->cores.first; }
    [[nodiscard]] const Resolution& found() const { return resolution_; }
    [[nodiscard]] const OutputColumn& output(std::uint32_t i = 0) const { return select_->columns[i]; }

private:
    std::string text_;
    FakeSchema schema_;
    Parser parser_;
    Select* select_ = nullptr;
    Resolution resolution_;
};

bool unsafe_predicate(const std::string& predicate) {
    Judged judged("SELECT 1 FROM hidden, open WHERE " + predicate);
    return judged.core().where->unsafe;
}

TEST(Filtered, rises_from_wherever_the_relation_stands) {
    EXPECT_FALSE(Judged("SELECT c FROM open").found().filtered);
    for (const char* text :
         {"SELECT a FROM hidden", "SELECT 1 FROM (SELECT 1 FROM hidden)",
          "SELECT 1 IN (SELECT a FROM hidden)", "SELECT 1 IN hidden",
          "WITH q AS (SELECT a FROM hidden) SELECT * FROM q", "SELECT EXISTS (SELECT 1 FROM hidden)"}) {
        Judged judged(text);
        EXPECT_TRUE(judged.found().filtered) << text;
        EXPECT_TRUE(judged.select().filtered) << text;
    }
}

TEST(Filtered, marks_the_query_that_reads_and_those_around_it_only) {
    Judged judged("SELECT (SELECT c FROM open), (SELECT a FROM hidden)");
    EXPECT_FALSE(judged.core().columns.first->expr->select->filtered);
    EXPECT_TRUE(judged.core().columns.last->expr->select->filtered);
}

TEST(Masked, follows_the_column_through_expressions) {
    for (const char* text :
         {"SELECT m FROM hidden", "SELECT upper(m) FROM hidden", "SELECT (m || 'x') FROM hidden",
          "SELECT CASE WHEN m = 'x' THEN 1 END FROM hidden", "SELECT max(m) FROM hidden",
          "SELECT (SELECT m FROM hidden)", "SELECT q FROM (SELECT m AS q FROM hidden)",
          "SELECT * FROM (SELECT m FROM hidden)", "WITH q(z) AS (SELECT m FROM hidden) SELECT z FROM q",
          "SELECT sum(1) FILTER (WHERE m = 'x') FROM hidden", "SELECT 1 IN (m, 2) FROM hidden"}) {
        EXPECT_TRUE(Judged(text).output().masked) << text;
    }
}

TEST(Masked, does_not_touch_other_columns) {
    Judged judged("SELECT a, m, b FROM hidden");
    EXPECT_FALSE(judged.output(0).masked);
    EXPECT_TRUE(judged.output(1).masked);
    EXPECT_FALSE(judged.output(2).masked);
    EXPECT_FALSE(Judged("SELECT a FROM hidden WHERE m = 'x'").output().masked);
}

TEST(Masked, is_told_for_every_column_of_a_star) {
    Judged judged("SELECT * FROM hidden");
    EXPECT_FALSE(judged.output(0).masked);
    EXPECT_TRUE(judged.output(2).masked);
}

TEST(Unsafe, is_false_for_what_cannot_raise_an_error) {
    for (const char* predicate :
         {"hidden.a = 1", "b LIKE 'x%'", "b GLOB 'x*'", "b LIKE 'x!%' ESCAPE '!'", "b IN (1, 2, 3)",
          "hidden.a BETWEEN 1 AND 2", "b IS NOT NULL", "hidden.a + 1 > 2 * 3", "NOT b = 'x'",
          "upper(b) = 'X'", "substr(b, 1, 2) = 'x'", "date(b) > '2020'", "coalesce(b, c) = 1",
          "CAST(b AS INTEGER) > 1", "CASE WHEN b THEN 1 END", "hidden.a / 0 = 1", "b COLLATE nocase = 'x'",
          "hidden.a IN (SELECT a FROM open)", "hidden.a = (SELECT max(c) FROM open)"}) {
        EXPECT_FALSE(unsafe_predicate(predicate)) << predicate;
    }
}

TEST(Unsafe, is_true_for_what_may_raise_an_error) {
    for (const char* predicate :
         {"abs(hidden.a) = 1", "json(b) = 1", "json_extract(b, '$') = 1", "b -> '$' = 1", "b ->> '$' = 1",
          "b || 'x' = 'y'", "printf('%d', b) = 'x'", "format('%s', b) = 'x'", "hex(b) = 'x'",
          "replace(b, 'a', 'bb') = 'x'", "char(b) = 'x'", "b LIKE c", "b LIKE 'x' ESCAPE c",
          "b LIKE 'x' ESCAPE 'ab'", "like('x', b)", "quote(b) = 'x'"}) {
        EXPECT_TRUE(unsafe_predicate(predicate)) << predicate;
    }
}

TEST(Unsafe, is_true_for_what_may_burn_time) {
    EXPECT_TRUE(unsafe_predicate("b LIKE '%a%b%c%d%'"));
    EXPECT_TRUE(unsafe_predicate("b GLOB '*a*b*c*d*'"));
    EXPECT_TRUE(unsafe_predicate("b LIKE '" + std::string(300, 'x') + "'"));
    EXPECT_TRUE(unsafe_predicate("hidden.a IN (SELECT x.a FROM open AS x, open AS y)"));
    EXPECT_TRUE(unsafe_predicate("EXISTS (SELECT 1 FROM open AS x WHERE x.a = hidden.a)"));
    EXPECT_TRUE(unsafe_predicate(
        "EXISTS (WITH RECURSIVE q(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM q) SELECT n FROM q)"));
    EXPECT_TRUE(unsafe_predicate("hidden.a IN (SELECT value FROM json_each('[1]'))"));
    EXPECT_TRUE(unsafe_predicate("hidden.a IN json_each('[1]')"));
}

TEST(Unsafe, rises_from_the_parts_to_the_whole) {
    EXPECT_TRUE(unsafe_predicate("NOT (b = 1 AND (c = 2 OR abs(hidden.a) = 3))"));
    EXPECT_TRUE(unsafe_predicate("CASE WHEN b = 1 THEN abs(c) END"));
    EXPECT_TRUE(unsafe_predicate("hidden.a IN (1, abs(c))"));
    EXPECT_TRUE(unsafe_predicate("hidden.a IN (SELECT abs(a) FROM open)"));
    EXPECT_TRUE(unsafe_predicate("hidden.a IN (SELECT a FROM open WHERE json(c))"));
}

TEST(Unsafe, follows_columns_and_aliases) {
    Judged column("SELECT 1 FROM risky WHERE r = 1");
    EXPECT_TRUE(column.core().where->unsafe);
    Judged alias("SELECT abs(a) AS z FROM hidden WHERE z = 1");
    EXPECT_TRUE(alias.core().where->unsafe);
    Judged derived("SELECT 1 FROM (SELECT abs(a) AS z FROM hidden) WHERE z = 1");
    EXPECT_TRUE(derived.core().where->unsafe);
    EXPECT_TRUE(derived.found().unsafe);
}

TEST(Unsafe, is_told_of_the_whole_statement) {
    EXPECT_FALSE(Judged("SELECT a FROM hidden WHERE b = 1").found().unsafe);
    EXPECT_TRUE(Judged("SELECT abs(a) FROM hidden").found().unsafe);
    EXPECT_TRUE(Judged("SELECT a FROM hidden ORDER BY abs(b)").found().unsafe);
    EXPECT_TRUE(Judged("SELECT a FROM hidden GROUP BY json(b)").found().unsafe);
    EXPECT_TRUE(Judged("SELECT 1 FROM hidden JOIN open ON json(c)").found().unsafe);
}

TEST(Aggregate, is_a_core_with_group_by_or_an_aggregate_of_its_own) {
    EXPECT_TRUE(Judged("SELECT count(*) FROM hidden").core().aggregate);
    EXPECT_TRUE(Judged("SELECT a FROM hidden GROUP BY a").core().aggregate);
    EXPECT_TRUE(Judged("SELECT max(a) FROM hidden").core().aggregate);
    EXPECT_FALSE(Judged("SELECT max(a, b) FROM hidden").core().aggregate);
    EXPECT_FALSE(Judged("SELECT count(*) OVER () FROM hidden").core().aggregate);
    EXPECT_FALSE(Judged("SELECT a FROM hidden").core().aggregate);
}

TEST(ResolveOver, sees_the_columns_of_one_relation_and_tables_in_subqueries) {
    FakeSchema schema;
    schema.add("acl", "region");
    const SchemaRelation& relation = schema.add("t", "region,owner");
    Parser parser;
    Resolution resolution;
    const std::string text = "owner = :user.name AND EXISTS (SELECT 1 FROM acl WHERE acl.region = t.region)";
    const auto expr = parser.parse_policy_expression(text);
    ASSERT_TRUE(expr) << expr.error().message;
    ASSERT_TRUE(resolve_over(**expr, relation, parser, schema, resolution));
    ASSERT_EQ(resolution.relations.size(), 1U);
    EXPECT_EQ(resolution.relations[0]->relation->name, "acl");
    EXPECT_EQ(resolution.columns.size(), 3U);
}

TEST(ResolveOver, refuses_unknown_columns_with_their_place) {
    FakeSchema schema;
    const SchemaRelation& relation = schema.add("t", "region");
    Parser parser;
    Resolution resolution;
    const std::string text = "region = 'x' AND absent = 1";
    const auto expr = parser.parse_policy_expression(text);
    ASSERT_TRUE(expr);
    const auto resolved = resolve_over(**expr, relation, parser, schema, resolution);
    ASSERT_FALSE(resolved);
    EXPECT_EQ(resolved.error().code, ErrorCode::not_found);
    EXPECT_EQ(resolved.error().offset, 17U);
}

}  // namespace resolver_judgement_test
}  // namespace majed::sql
