// SPDX-License-Identifier: Apache-2.0
#include "sql/facts.h"

#include "sql/fake_schema.h"
#include "sql/parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace majed::sql {
namespace facts_test {

/// The facts of one statement over t(a,b,c), u(a,d), v(b,e), as words.
class Told {
public:
    explicit Told(std::string text) : text_(std::move(text)) {
        schema_.add("t", "a,b,c").rowid_column = 0;
        schema_.add("u", "a,d");
        schema_.add("v", "b,e");
        SchemaRelation& each = schema_.add("json_each", "key,value,json");
        each.table_function = true;
        each.has_rowid = false;
        each.columns[2].hidden = true;
        const auto parsed = parser_.parse(text_);
        EXPECT_TRUE(parsed) << text_;
        if (!parsed) return;
        const auto resolved = resolve(**parsed, text_, schema_, parser_.arena(), resolution_);
        EXPECT_TRUE(resolved) << text_ << ": " << (resolved ? "" : resolved.error().message);
        if (!resolved) return;
        collector_.collect(**parsed, text_);
        collector_.collect(**parsed, text_);  // a second look finds the same
        EXPECT_TRUE(facts().complete);
    }

    [[nodiscard]] const Facts& facts() const { return collector_.facts(); }

    /// `t.a+u.d`, sorted.
    [[nodiscard]] std::string base(Lineage set) const {
        std::vector<std::string> names;
        for (const ColumnUse& use : collector_.columns(set)) {
            const bool row_id = use.column == row_id_column;
            names.push_back(use.relation->name + "." +
                            (row_id ? "rowid" : use.relation->columns[use.column].name));
        }
        std::sort(names.begin(), names.end());
        std::string out;
        for (const std::string& name : names) out += (out.empty() ? "" : "+") + name;
        return out;
    }

    /// `x=t.a+t.b y=`
    [[nodiscard]] std::string lineage() const {
        std::string out;
        for (const ResultFact& result : facts().results) {
            out += (out.empty() ? "" : " ") + std::string(result.name) + "=" + base(result.base);
        }
        return out;
    }

    [[nodiscard]] std::string used(ColumnRole use) const {
        std::string out;
        for (const ColumnFact& fact : facts().columns) {
            if (fact.use == use) out += (out.empty() ? "" : " ") + base(fact.place.base);
        }
        return out;
    }

    [[nodiscard]] std::string predicates() const {
        static constexpr const char* words[] = {"=",     "<>",      "<",    "<=",      ">",
                                                ">=",    "is",      "like", "glob",    "regexp",
                                                "match", "between", "in",   "is_null", "truth"};
        std::string out;
        for (const PredicateFact& fact : facts().predicates) {
            out += (out.empty() ? "" : "; ") + std::string(fact.negated ? "not " : "");
            out += base(fact.place.base) + " " + words[static_cast<std::size_t>(fact.comparison)];
            if (!fact.constant.empty()) out += " " + std::string(fact.constant.in(text_));
            if (fact.comparand == Comparand::parameter) out += " (parameter)";
            if (fact.comparand == Comparand::query) out += " (query)";
            if (fact.comparand == Comparand::column) out += " (column)";
            if (fact.comparand == Comparand::expression) out += " (expression)";
            out += std::string(fact.direct ? "" : " computed") + (fact.conjunct ? "" : " maybe");
            out += fact.outer ? " outer" : "";
        }
        return out;
    }

    [[nodiscard]] std::string joins() const {
        std::string out;
        for (const JoinFact& fact : facts().joins) {
            out += (out.empty() ? "" : "; ") + base(fact.left.base) + "~" + base(fact.right.base);
            out += fact.syntax == JoinSyntax::using_ ? " using" : "";
            out += fact.syntax == JoinSyntax::natural ? " natural" : "";
            out += std::string(fact.conjunct ? "" : " maybe") + (fact.outer ? " outer" : "");
        }
        return out;
    }

private:
    std::string text_;
    FakeSchema schema_;
    Parser parser_;
    Resolution resolution_;
    FactCollector collector_;
};

std::string lineage_of(const char* text) {
    return Told(text).lineage();
}
std::string predicates_of(const char* text) {
    return Told(text).predicates();
}
std::string joins_of(const char* text) {
    return Told(text).joins();
}

TEST(Facts, results_come_from_base_columns) {
    EXPECT_EQ(lineage_of("SELECT a, b + c AS s, 1 AS one, count(*) AS n FROM t"), "a=t.a s=t.b+t.c one= n=");
    EXPECT_EQ(lineage_of("SELECT CASE WHEN a THEN b END AS x, max(c) FILTER (WHERE b) AS y FROM t"),
              "x=t.a+t.b y=t.b+t.c");
    EXPECT_EQ(lineage_of("SELECT rowid FROM t"), "a=t.a");
    EXPECT_EQ(lineage_of("SELECT rowid AS r FROM u"), "r=u.rowid");
}

TEST(Facts, lineage_goes_through_queries_and_stars) {
    EXPECT_EQ(lineage_of("SELECT * FROM (SELECT a AS x, b || c AS y FROM t)"), "x=t.a y=t.b+t.c");
    EXPECT_EQ(lineage_of("SELECT q.*, u.d FROM (SELECT * FROM t) AS q JOIN u USING (a)"),
              "a=t.a b=t.b c=t.c d=u.d");
    EXPECT_EQ(
        lineage_of("WITH q(x) AS (SELECT a FROM t), r AS (SELECT x || 'k' AS y FROM q) SELECT y FROM r"),
        "y=t.a");
    EXPECT_EQ(lineage_of("SELECT a AS x FROM t UNION ALL SELECT d FROM u"), "x=t.a+u.d");
    EXPECT_EQ(lineage_of("SELECT (SELECT max(d) FROM u WHERE u.a = t.a) AS m FROM t"), "m=u.d");
    EXPECT_EQ(lineage_of("SELECT a IN (SELECT d FROM u) AS i, EXISTS (SELECT b FROM v) AS e FROM t"),
              "i=t.a+u.d e=");
    EXPECT_EQ(lineage_of("SELECT j.value FROM t, json_each(t.c) AS j"), "value=json_each.value+t.c");
    EXPECT_EQ(lineage_of("SELECT j.value FROM t, json_each(j.value, t.c) AS j"), "value=json_each.value+t.c");
    EXPECT_EQ(lineage_of("SELECT x FROM (VALUES (1), ((SELECT d FROM u))) AS q JOIN (SELECT a AS x FROM t)"),
              "x=t.a");
}

TEST(Facts, recursion_hands_columns_from_one_to_the_other) {
    EXPECT_EQ(lineage_of("WITH RECURSIVE r(x, y) AS (SELECT a, b FROM t UNION ALL SELECT y, x FROM r) "
                         "SELECT x, y FROM r"),
              "x=t.a+t.b y=t.a+t.b");
    EXPECT_EQ(
        lineage_of("WITH RECURSIVE r(x, y, z) AS (SELECT a, b, c FROM t UNION ALL SELECT y, z, z FROM r) "
                   "SELECT x, y, z FROM r"),
        "x=t.a+t.b+t.c y=t.b+t.c z=t.c");
    EXPECT_EQ(Told("WITH RECURSIVE r(x) AS (SELECT a FROM t UNION ALL SELECT x + 1 FROM r WHERE x < 9) "
                   "SELECT x FROM r")
                  .predicates(),
              "t.a < 9");
}

TEST(Facts, a_predicate_has_its_column_on_the_left) {
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a = 'x' AND 5 < b"), "t.a = 'x'; t.b > 5");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a >= -1 AND b = :p AND c <> ?"),
              "t.a >= -1; t.b = :p (parameter); t.c <> ? (parameter)");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a IN (1, 2) AND b BETWEEN 1 AND ? AND c NOT LIKE 'x%'"),
              "t.a in 1, 2; t.b between 1 AND ? (parameter); not t.c like 'x%'");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a IS NULL AND b IS NOT NULL AND c"),
              "t.a is_null; not t.b is_null; t.c truth");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE (a, b) = (1, 2)"), "t.a = 1; t.b = 2");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a COLLATE NOCASE = 'x'"), "t.a = 'x'");
    EXPECT_EQ(predicates_of("SELECT a AS x FROM t WHERE x = 1"), "t.a = 1");
}

TEST(Facts, a_predicate_says_what_stands_in_the_way) {
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a = 1 OR NOT b = 2"), "t.a = 1 maybe; t.b = 2 maybe");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE lower(a) = 'x'"), "t.a = 'x' computed");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a = b"), "t.a = (column); t.b = (column)");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a = b + 1"),
              "t.a = (expression); t.b = (expression) computed");
    EXPECT_EQ(predicates_of("SELECT 1 FROM t WHERE a IN (SELECT d FROM u WHERE d > 3)"),
              "t.a in (query); u.d > 3");
    EXPECT_EQ(predicates_of("SELECT (SELECT 1 FROM u WHERE d = 1 AND t.b = 2) FROM t"),
              "u.d = 1; t.b = 2 outer");
    EXPECT_EQ(predicates_of("SELECT a = 1 FROM t"), "");
}

TEST(Facts, joins_are_pairs_however_they_are_written) {
    EXPECT_EQ(joins_of("SELECT 1 FROM t JOIN u ON t.a = u.a"), "t.a~u.a");
    EXPECT_EQ(joins_of("SELECT 1 FROM t, u WHERE t.a = u.a OR t.b < u.d"), "t.a~u.a maybe; t.b~u.d maybe");
    EXPECT_EQ(joins_of("SELECT 1 FROM t JOIN u USING (a) JOIN v USING (b)"), "t.a~u.a using; t.b~v.b using");
    EXPECT_EQ(joins_of("SELECT 1 FROM t NATURAL JOIN u NATURAL JOIN v"), "t.a~u.a natural; t.b~v.b natural");
    EXPECT_EQ(joins_of("SELECT 1 FROM v JOIN (t JOIN u USING (a)) USING (b)"),
              "t.a~u.a using; v.b~t.b using");
    EXPECT_EQ(joins_of("SELECT 1 FROM t AS x, t AS y WHERE x.a = y.b"), "t.a~t.b");
    EXPECT_EQ(joins_of("SELECT (SELECT 1 FROM u WHERE u.a = t.a) FROM t"), "u.a~t.a outer");
    EXPECT_EQ(joins_of("SELECT 1 FROM (SELECT a AS k FROM t) AS q JOIN u ON q.k = u.a"), "t.a~u.a");
}

TEST(Facts, every_column_is_told_with_its_use) {
    const Told told(
        "SELECT a, count(b) FROM t WHERE c > 0 GROUP BY a HAVING max(b) > 1 ORDER BY 2, a LIMIT 10");
    EXPECT_EQ(told.used(ColumnRole::projection), "t.a t.b");
    EXPECT_EQ(told.used(ColumnRole::predicate), "t.c t.b");
    EXPECT_EQ(told.used(ColumnRole::group), "t.a");
    EXPECT_EQ(told.used(ColumnRole::order), "t.b t.a");
    EXPECT_EQ(told.facts().calls.size(), 2U);
    EXPECT_EQ(Told("SELECT sum(a) OVER (PARTITION BY b ORDER BY c) FROM t").used(ColumnRole::window),
              "t.b t.c");
    EXPECT_EQ(Told("SELECT * FROM t NATURAL JOIN u").used(ColumnRole::join), "t.a u.a");
    EXPECT_EQ(Told("SELECT * FROM t NATURAL JOIN u").used(ColumnRole::projection), "t.a t.b t.c u.d");
}

TEST(Facts, blocks_tell_one_select_from_another) {
    const Told told("SELECT a FROM t WHERE b IN (SELECT b FROM v) UNION SELECT a FROM u");
    ASSERT_EQ(told.facts().relations.size(), 3U);
    EXPECT_EQ(told.facts().blocks, 3U);
    EXPECT_EQ(told.facts().relations[0].block, 0U);
    EXPECT_EQ(told.facts().relations[1].block, 1U);
    EXPECT_EQ(told.facts().relations[2].block, 2U);
}

TEST(Facts, sets_do_not_grow_with_every_query_they_pass) {
    std::string text = "WITH q0 AS (SELECT a AS x, b AS y, c AS z FROM t)";
    std::string sum = "x || y || z";
    for (int i = 0; i < 100; ++i) sum += " || x || y || z";
    for (int i = 1; i < 12; ++i) {
        const std::string last = "q" + std::to_string(i - 1);
        text += ", q" + std::to_string(i) + " AS (SELECT " + (i % 2 == 0 ? sum : "x") + " AS x, y, z FROM " +
                last + ")";
    }
    EXPECT_EQ(lineage_of((text + " SELECT x FROM q11").c_str()), "x=t.a+t.b+t.c");
}

}  // namespace facts_test
}  // namespace majed::sql
