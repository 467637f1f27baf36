// SPDX-License-Identifier: Apache-2.0
#include "sql/resolver.h"

#include "sql/fake_schema.h"
#include "sql/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace majed::sql {
namespace resolver_test {

/// One statement over t(a,b,c), u(a,d), v(b,e), w(x) with the row id of t in column a.
class Resolved {
public:
    explicit Resolved(std::string text) : Resolved(std::move(text), [](FakeSchema&) {}) {}

    template <class Change>
    Resolved(std::string text, Change change) : text_(std::move(text)) {
        schema_.add("t", "a,b,c").rowid_column = 0;
        schema_.add("u", "a,d");
        schema_.add("v", "b,e");
        schema_.add("w", "x");
        SchemaRelation& each = schema_.add("json_each", "key,value,json");
        each.table_function = true;
        each.has_rowid = false;
        each.columns[2].hidden = true;
        change(schema_);
        const auto parsed = parser_.parse(text_);
        EXPECT_TRUE(parsed) << text_ << ": " << parsed.error().message;
        if (!parsed) return;
        select_ = *parsed;
        const auto resolved = resolve(*select_, text_, schema_, parser_.arena(), resolution_);
        ok_ = resolved.has_value();
        if (!ok_) error_ = resolved.error();
    }

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] const Error& error() const { return error_; }
    [[nodiscard]] const Resolution& found() const { return resolution_; }
    [[nodiscard]] Select& select() { return *select_; }
    [[nodiscard]] Core& core() { return *select_->cores.first; }

    /// Relations in order of reference: "t u".
    [[nodiscard]] std::string relations() const {
        std::string out;
        for (const FromItem* item : resolution_.relations)
            out += (out.empty() ? "" : " ") + item->relation->name;
        return out;
    }

    /// Columns read, each once, sorted: "t.a t.b".
    [[nodiscard]] std::string columns() const {
        std::set<std::string> all;
        for (const ColumnUse& use : resolution_.columns) {
            all.insert(use.relation->name + "." + use.relation->columns[use.column].name);
        }
        std::string out;
        for (const std::string& each : all) out += (out.empty() ? "" : " ") + each;
        return out;
    }

    /// Names of the answer's columns: "a,b".
    [[nodiscard]] std::string output() const {
        std::string out;
        for (std::uint32_t i = 0; i < select_->column_count; ++i) {
            out += (i == 0 ? "" : ",") + std::string(select_->columns[i].name);
        }
        return out;
    }

private:
    std::string text_;
    FakeSchema schema_;
    Parser parser_;
    Select* select_ = nullptr;
    Resolution resolution_;
    Error error_;
    bool ok_ = false;
};

void expect_columns(const std::string& text, const std::string& columns) {
    const Resolved resolved(text);
    EXPECT_TRUE(resolved.ok()) << text << ": " << resolved.error().message;
    EXPECT_EQ(resolved.columns(), columns) << text;
}

void expect_output(const std::string& text, const std::string& names) {
    const Resolved resolved(text);
    EXPECT_TRUE(resolved.ok()) << text << ": " << resolved.error().message;
    EXPECT_EQ(resolved.output(), names) << text;
}

void expect_refused(const std::string& text, ErrorCode code, std::size_t offset) {
    const Resolved resolved(text);
    EXPECT_FALSE(resolved.ok()) << text;
    EXPECT_EQ(resolved.error().code, code) << text << ": " << resolved.error().message;
    EXPECT_EQ(resolved.error().offset, offset) << text << ": " << resolved.error().message;
}

TEST(Resolver, lists_relations_and_the_columns_read) {
    const Resolved resolved("SELECT b FROM t, u WHERE d = 1");
    ASSERT_TRUE(resolved.ok());
    EXPECT_EQ(resolved.relations(), "t u");
    EXPECT_EQ(resolved.columns(), "t.b u.d");
}

TEST(Resolver, matches_names_without_case) {
    expect_columns("SELECT T.B, \"C\" FROM MAIN.T", "t.b t.c");
}

TEST(Resolver, counts_a_relation_without_any_column_as_read) {
    const Resolved resolved("SELECT count(*) FROM t");
    EXPECT_EQ(resolved.relations(), "t");
    EXPECT_EQ(resolved.columns(), "");
}

TEST(Resolver, looks_into_every_clause) {
    expect_columns("SELECT 1 FROM t WHERE a", "t.a");
    expect_columns("SELECT 1 FROM t GROUP BY a HAVING b", "t.a t.b");
    expect_columns("SELECT 1 FROM t ORDER BY c", "t.c");
    expect_columns("SELECT 1 FROM t JOIN u ON d", "u.d");
    expect_columns("SELECT 1 FROM t JOIN (u JOIN v ON e) ON c", "t.c u.a u.d v.b v.e");
    expect_columns("SELECT sum(1) FILTER (WHERE a) OVER (PARTITION BY b ORDER BY c) FROM t", "t.a t.b t.c");
    expect_columns("SELECT sum(1) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c)", "t.b t.c");
    expect_columns("SELECT CASE a WHEN 1 THEN b ELSE c END FROM t", "t.a t.b t.c");
    expect_columns("SELECT 1 LIMIT (SELECT max(x) FROM w)", "w.x");
    expect_columns("SELECT 1 LIMIT 1 OFFSET (SELECT x FROM w)", "w.x");
    expect_columns("VALUES ((SELECT x FROM w))", "w.x");
    expect_columns("SELECT 1 IN (SELECT x FROM w), EXISTS (SELECT 1 FROM u WHERE d)", "u.d w.x");
}

TEST(Resolver, reads_every_column_of_a_table_on_the_right_of_in) {
    expect_columns("SELECT 1 IN w", "w.x");
    expect_columns("SELECT (1, 2) IN u", "u.a u.d");
    const Resolved cte("WITH q AS (SELECT 1) SELECT 1 IN q");
    EXPECT_TRUE(cte.ok());
    EXPECT_EQ(cte.relations(), "");
}

TEST(Scope, lets_a_common_table_expression_shadow_a_table) {
    const Resolved resolved("WITH t AS (SELECT d FROM u) SELECT * FROM t");
    EXPECT_EQ(resolved.relations(), "u");
    EXPECT_EQ(resolved.columns(), "u.d");
}

TEST(Scope, does_not_let_a_common_table_expression_shadow_a_qualified_table) {
    const Resolved resolved("WITH t AS (SELECT d FROM u) SELECT b FROM main.t");
    EXPECT_EQ(resolved.columns(), "t.b u.d");
}

TEST(Scope, ends_a_common_table_expression_with_its_query) {
    const Resolved resolved("SELECT a FROM (WITH t AS (SELECT x FROM w) SELECT x FROM t), t");
    ASSERT_TRUE(resolved.ok()) << resolved.error().message;
    EXPECT_EQ(resolved.relations(), "w t");
}

TEST(Scope, takes_the_innermost_common_table_expression) {
    expect_columns("WITH q AS (SELECT a FROM t) SELECT * FROM (WITH q AS (SELECT x FROM w) SELECT x FROM q)",
                   "t.a w.x");  // the outer one is read by nobody, yet policy looks at it
}

TEST(Scope, lets_common_table_expressions_name_later_ones) {
    expect_columns("WITH p AS (SELECT x FROM q), q AS (SELECT x FROM w) SELECT * FROM p", "w.x");
}

TEST(Scope, resolves_common_table_expressions_that_nobody_uses) {
    expect_columns("WITH q AS (SELECT a FROM t) SELECT 1", "t.a");
    expect_refused("WITH q AS (SELECT absent FROM t) SELECT 1", ErrorCode::not_found, 18);
}

TEST(Scope, lets_a_recursive_table_see_itself_behind_its_first_part) {
    const Resolved resolved(
        "WITH RECURSIVE q(n) AS (SELECT a FROM t UNION ALL SELECT n + x FROM q, w) SELECT n FROM q");
    ASSERT_TRUE(resolved.ok()) << resolved.error().message;
    EXPECT_EQ(resolved.relations(), "t w");
    EXPECT_EQ(resolved.columns(), "t.a w.x");
}

TEST(Scope, refuses_circular_tables) {
    expect_refused("WITH q AS (SELECT * FROM q) SELECT * FROM q", ErrorCode::invalid_argument, 25);
    EXPECT_FALSE(Resolved("WITH p AS (SELECT * FROM q), q AS (SELECT * FROM p) SELECT * FROM p").ok());
}

TEST(Scope, hides_siblings_from_a_query_in_from) {
    expect_refused("SELECT 1 FROM t, (SELECT b FROM u) AS s", ErrorCode::not_found, 25);
    expect_refused("SELECT 1 FROM t JOIN (SELECT t.b) AS s", ErrorCode::not_found, 29);
}

TEST(Scope, shows_the_queries_around_to_a_query_in_from) {
    const Resolved resolved("SELECT (SELECT s.q FROM (SELECT b AS q) AS s) FROM t");
    ASSERT_TRUE(resolved.ok()) << resolved.error().message;
    EXPECT_EQ(resolved.columns(), "t.b");
}

TEST(Scope, shows_siblings_to_the_arguments_of_a_table_function) {
    expect_columns("SELECT value FROM t, json_each(t.b)", "json_each.value t.b");
}

TEST(Scope, takes_the_nearest_column) {
    expect_columns("SELECT (SELECT a FROM u) FROM t", "u.a");
    expect_columns("SELECT (SELECT t.a FROM u) FROM t", "t.a");
    expect_columns("SELECT (SELECT a FROM w) FROM t", "t.a");
}

TEST(Scope, marks_correlated_queries_up_to_the_one_that_has_the_column) {
    Resolved resolved("SELECT (SELECT (SELECT t.b FROM w) FROM u) FROM t");
    ASSERT_TRUE(resolved.ok());
    const Select& outer = *resolved.core().columns.first->expr->select;
    const Select& inner = *outer.cores.first->columns.first->expr->select;
    EXPECT_TRUE(inner.correlated);
    EXPECT_TRUE(outer.correlated);
    EXPECT_FALSE(resolved.select().correlated);
    Resolved plain("SELECT (SELECT x FROM w) FROM t");
    EXPECT_FALSE(plain.core().columns.first->expr->select->correlated);
}

TEST(Scope, names_a_table_by_its_alias_only) {
    expect_refused("SELECT t.a FROM t AS z", ErrorCode::not_found, 7);
    expect_columns("SELECT z.a FROM t AS z", "t.a");
}

TEST(Scope, accepts_a_schema_before_the_table) {
    expect_columns("SELECT main.t.a FROM t", "t.a");
    const Resolved resolved("SELECT main.t.a FROM main.t");
    ASSERT_EQ(resolved.found().qualified.size(), 1U);
    expect_refused("SELECT temp.t.a FROM main.t", ErrorCode::not_found, 7);
    expect_refused("SELECT main.z.a FROM (SELECT 1 AS a) AS z", ErrorCode::not_found, 7);
}

TEST(Join, reads_the_columns_of_using_on_both_sides) {
    expect_columns("SELECT 1 FROM t JOIN u USING (a)", "t.a u.a");
    expect_columns("SELECT a FROM t JOIN u USING (a)", "t.a u.a");
}

TEST(Join, reads_every_common_column_of_a_natural_join) {
    expect_columns("SELECT 1 FROM t NATURAL JOIN u", "t.a u.a");
    expect_columns("SELECT 1 FROM t NATURAL JOIN v NATURAL JOIN u", "t.a t.b u.a v.b");
    expect_columns("SELECT 1 FROM u NATURAL JOIN v", "");
}

TEST(Join, reads_the_columns_that_join_a_table_to_a_query) {
    expect_columns("SELECT count(*) FROM (SELECT 'x' AS c) JOIN t USING (c)", "t.c");
    expect_columns("SELECT count(*) FROM (SELECT 'x' AS c) NATURAL JOIN t", "t.c");
}

TEST(Join, reads_every_column_of_a_group) {
    expect_columns("SELECT 1 FROM (t JOIN u)", "t.a t.b t.c u.a u.d");
    expect_columns("SELECT 1 FROM (t)", "");
}

TEST(Join, finds_the_columns_of_a_group_by_its_members) {
    expect_columns("SELECT d FROM (t JOIN (u JOIN w))", "t.a t.b t.c u.a u.d w.x");
    EXPECT_TRUE(Resolved("SELECT u.d FROM (t JOIN u)").ok());
    EXPECT_TRUE(Resolved("SELECT g.d FROM (t JOIN u) AS g").ok());
    EXPECT_TRUE(Resolved("SELECT z.b FROM (t) AS z").ok());
}

TEST(Star, stands_for_every_column_in_order) {
    expect_output("SELECT * FROM t, u", "a,b,c,a,d");
    expect_output("SELECT u.*, t.* FROM t, u", "a,d,a,b,c");
    expect_columns("SELECT u.* FROM t, u", "u.a u.d");
}

TEST(Star, shows_a_joined_column_once) {
    expect_output("SELECT * FROM t JOIN u USING (a)", "a,b,c,d");
    expect_output("SELECT * FROM t NATURAL JOIN u", "a,b,c,d");
    expect_output("SELECT * FROM t NATURAL JOIN u NATURAL JOIN v", "a,b,c,d,e");
    expect_output("SELECT u.* FROM t JOIN u USING (a)", "a,d");
}

TEST(Star, sees_through_queries_and_groups) {
    expect_output("SELECT * FROM (SELECT b AS q, 1 AS r FROM t)", "q,r");
    expect_output("SELECT * FROM (t JOIN u USING (a)) JOIN w", "a,b,c,d,x");
    expect_output("SELECT g.* FROM (t JOIN u USING (a)) AS g, w", "a,b,c,d");
    expect_output("WITH q(m, n) AS (SELECT a, d FROM u) SELECT * FROM q", "m,n");
}

TEST(Star, leaves_out_hidden_columns) {
    expect_output("SELECT * FROM json_each('[1]')", "key,value");
}

TEST(Star, makes_the_names_of_a_derived_table_unique) {
    expect_output("SELECT * FROM (SELECT * FROM t, u)", "a,b,c,a:1,d");
    expect_output("SELECT * FROM (SELECT 1 AS a, 2 AS a, 3 AS a)", "a,a:1,a:2");
}

TEST(Star, needs_something_to_stand_for) {
    expect_refused("SELECT *", ErrorCode::parse_error, 7);
    expect_refused("SELECT z.* FROM t", ErrorCode::not_found, 7);
}

TEST(Output, is_named_as_sqlite_names_it) {
    expect_output("SELECT a, t.b, c AS x, a + 1, ( a ), rowid FROM t", "a,b,x,a + 1,a,a");
    expect_output("SELECT rowid FROM u", "rowid");
    expect_output("VALUES (1, 2)", "column1,column2");
    expect_output("SELECT x COLLATE nocase FROM w", "x COLLATE nocase");
}

TEST(Output, without_a_name_of_its_own_is_listed) {
    EXPECT_EQ(Resolved("SELECT a + 1, a, b AS x, count(*) FROM t").found().unnamed.size(), 3U);
}

TEST(Output, must_have_as_many_columns_as_its_table_says) {
    expect_refused("WITH q(m) AS (SELECT 1, 2) SELECT * FROM q", ErrorCode::invalid_argument, 5);
}

TEST(Alias, may_be_used_in_where_group_by_having_and_order_by) {
    for (const char* text :
         {"SELECT b AS z FROM t WHERE z = 1", "SELECT b AS z FROM t GROUP BY z HAVING z > 1",
          "SELECT b AS z FROM t ORDER BY z", "SELECT b AS z FROM t ORDER BY z + 1"}) {
        expect_columns(text, "t.b");
    }
}

TEST(Alias, gives_way_to_a_column_except_in_order_by) {
    expect_columns("SELECT b AS c FROM t WHERE c = 1", "t.b t.c");
    expect_columns("SELECT b AS c FROM t ORDER BY c", "t.b");
    expect_columns("SELECT b AS c FROM t ORDER BY c + 1", "t.b t.c");
}

TEST(Alias, is_unknown_in_the_result_columns_themselves) {
    expect_refused("SELECT b AS z, z + 1 FROM t", ErrorCode::not_found, 15);
}

TEST(OrderBy, of_a_compound_may_name_a_column_of_any_part) {
    EXPECT_TRUE(Resolved("SELECT a FROM t UNION SELECT d FROM u ORDER BY a").ok());
    EXPECT_TRUE(Resolved("SELECT a FROM t UNION SELECT d FROM u ORDER BY d").ok());
    EXPECT_TRUE(Resolved("SELECT a FROM t UNION SELECT d FROM u ORDER BY 1").ok());
    EXPECT_TRUE(Resolved("SELECT a AS z FROM t UNION SELECT d FROM u ORDER BY z COLLATE nocase").ok());
    expect_refused("SELECT a FROM t UNION SELECT d FROM u ORDER BY absent", ErrorCode::not_found, 47);
}

TEST(QuotedName, is_a_column_first_and_a_string_second) {
    const Resolved column("SELECT \"b\" FROM t");
    EXPECT_EQ(column.columns(), "t.b");
    EXPECT_TRUE(column.found().quoted_strings.empty());
    const Resolved text("SELECT \"absent\" FROM t");
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text.found().quoted_strings.size(), 1U);
    expect_refused("SELECT `absent` FROM t", ErrorCode::not_found, 7);
    expect_refused("SELECT [absent] FROM t", ErrorCode::not_found, 7);
    expect_refused("SELECT t.\"absent\" FROM t", ErrorCode::not_found, 7);
}

TEST(Truth, is_a_value_unless_a_column_has_that_name) {
    EXPECT_TRUE(Resolved("SELECT TRUE, false FROM t").ok());
    expect_columns("SELECT true FROM (SELECT a AS \"true\" FROM t)", "t.a");
    expect_refused("SELECT t.true FROM t", ErrorCode::not_found, 7);
}

TEST(RowId, stands_for_the_column_that_is_the_row_id) {
    for (const char* name : {"rowid", "oid", "_ROWID_", "t.rowid"}) {
        const Resolved resolved("SELECT " + std::string(name) + " FROM t");
        ASSERT_TRUE(resolved.ok()) << name;
        EXPECT_EQ(resolved.columns(), "t.a") << name;
        EXPECT_EQ(resolved.found().rowids.size(), 1U) << name;
    }
}

TEST(RowId, exists_without_a_column_of_its_own) {
    const Resolved resolved("SELECT rowid FROM u");
    ASSERT_TRUE(resolved.ok());
    EXPECT_EQ(resolved.columns(), "");
    EXPECT_EQ(resolved.found().rowids.size(), 1U);
}

TEST(RowId, that_is_withheld_is_refused) {
    const Resolved resolved("SELECT d, rowid FROM u",
                            [](FakeSchema& schema) { schema.add("u", "a,d").rowid_withheld = true; });
    EXPECT_EQ(resolved.error().code, ErrorCode::unsupported);
    EXPECT_EQ(resolved.error().offset, 10U);
}

TEST(RowId, of_a_table_without_one_is_an_unknown_column) {
    const Resolved resolved("SELECT rowid FROM u",
                            [](FakeSchema& schema) { schema.add("u", "a,d").has_rowid = false; });
    EXPECT_EQ(resolved.error().code, ErrorCode::not_found);
}

TEST(Refusal, of_an_unknown_table_says_where) {
    expect_refused("SELECT 1 FROM absent", ErrorCode::denied, 14);
    expect_refused("SELECT 1 FROM temp.t", ErrorCode::denied, 14);
    expect_refused("SELECT 1 FROM t JOIN sqlite_master", ErrorCode::denied, 21);
    expect_refused("SELECT 1 IN absent", ErrorCode::denied, 12);
    expect_refused("SELECT 1 FROM json_tree('[]')", ErrorCode::denied, 14);
    expect_refused("SELECT 1 FROM t('x')", ErrorCode::denied, 14);
}

TEST(Refusal, of_an_unknown_column_says_where) {
    expect_refused("SELECT b, absent FROM t", ErrorCode::not_found, 10);
    expect_refused("SELECT u.d FROM t", ErrorCode::not_found, 7);
    expect_refused("SELECT b FROM t WHERE b = d", ErrorCode::not_found, 26);
    expect_refused("SELECT 1 LIMIT a", ErrorCode::not_found, 15);
}

TEST(Refusal, of_a_function_says_where) {
    expect_refused("SELECT load_extension('x')", ErrorCode::denied, 7);
    expect_refused("SELECT 1 + no_such_function_with_a_very_long_name_indeed(1)", ErrorCode::denied, 11);
    expect_refused("SELECT b FROM t WHERE b MATCH 'x'", ErrorCode::denied, 22);
    expect_refused("SELECT b FROM t WHERE b REGEXP 'x'", ErrorCode::denied, 22);
    EXPECT_EQ(Resolved("SELECT LOWER(b) FROM t").found().functions.size(), 1U);
}

TEST(Budget, stops_stars_that_grow_over_stars) {
    std::string text = "SELECT 1,2,3,4,5,6,7,8,9,10";
    for (int i = 0; i < 10; ++i) text = "SELECT *,*,*,*,*,*,*,* FROM (" + text + ")";
    EXPECT_EQ(Resolved(text).error().code, ErrorCode::too_large);
    EXPECT_TRUE(Resolved(text).error().offset);
    std::string tables = "WITH t0 AS (SELECT 1 AS a)";
    for (int i = 0; i < 40; ++i) {
        const std::string before = "t" + std::to_string(i);
        tables += ", t" + std::to_string(i + 1) + " AS (SELECT * FROM " + before + ", " + before + ")";
    }
    EXPECT_EQ(Resolved(tables + " SELECT 1").error().code, ErrorCode::too_large);
}

TEST(Budget, stops_joins_of_very_wide_tables) {
    std::string wide = "WITH p AS (SELECT 0 AS p0";
    for (int i = 1; i < 2000; ++i) wide += ", 0 AS p" + std::to_string(i);
    wide += "), q AS (SELECT 0 AS q0";
    for (int i = 1; i < 2000; ++i) wide += ", 0 AS q" + std::to_string(i);
    wide += ") SELECT 1 FROM p";
    for (int i = 0; i < 100; ++i) wide += " NATURAL JOIN q";
    const Resolved resolved(wide);
    EXPECT_EQ(resolved.error().code, ErrorCode::too_large);
    EXPECT_TRUE(resolved.error().offset);
}

TEST(Budget, is_ample_for_the_widest_answer) {
    std::string text = "SELECT * FROM (SELECT 1";
    for (int i = 1; i < 2000; ++i) text += ", 1";
    const Resolved resolved(text + ")");
    EXPECT_TRUE(resolved.ok()) << resolved.error().message;
    EXPECT_FALSE(Resolved(text + ", 1)").ok());
}

TEST(Format, must_be_a_literal_that_stays_short) {
    EXPECT_TRUE(Resolved("SELECT printf('%.2f and %5d%%', a, b), format('%s', c) FROM t").ok());
    expect_refused("SELECT printf('%.*c', 2000000000, 'x')", ErrorCode::denied, 14);
    expect_refused("SELECT printf('%.2000000000c', 'x')", ErrorCode::denied, 14);
    expect_refused("SELECT a, format(b) FROM t", ErrorCode::denied, 17);
}

TEST(LocalNames, are_those_the_statement_makes) {
    const Resolved resolved("WITH q AS (SELECT 1) SELECT * FROM q AS z, t");
    const auto& names = resolved.found().local_names;
    EXPECT_NE(std::find(names.begin(), names.end(), "q"), names.end());
    EXPECT_NE(std::find(names.begin(), names.end(), "z"), names.end());
    EXPECT_EQ(std::find(names.begin(), names.end(), "t"), names.end());
}

}  // namespace resolver_test
}  // namespace majed::sql
