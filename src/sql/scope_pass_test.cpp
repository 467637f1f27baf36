// SPDX-License-Identifier: Apache-2.0
#include "sql/fake_schema.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace majed::sql {
namespace scope_pass_test {

class Names : public FakeSchema {
public:
    explicit Names(DialectId dialect) : dialect_(dialect) {
        const bool upper = dialect == DialectId::oracle;
        SchemaRelation& t = add(upper ? "T" : "t", upper ? "A,B,C" : "a,b,c");
        if (upper) t.columns.back().declared_type = "JSON";
        add(upper ? "U" : "u", upper ? "A,D" : "a,d");
    }
    [[nodiscard]] bool function_allowed(std::string_view name) const override {
        return function_facts(name, dialect_) != nullptr;
    }
    [[nodiscard]] bool type_allowed(std::string_view name) const override { return name != "regclass"; }

private:
    DialectId dialect_;
};

/// The columns read as `t.a u.d`, sorted; or the error's code and text.
std::string reads(std::string_view text, DialectId dialect = DialectId::postgres) {
    const Names schema(dialect);
    Parser parser(dialect_of(dialect));
    const auto parsed = parser.parse(text);
    if (!parsed) return "unread: " + parsed.error().message;
    Resolution resolution;
    const auto resolved = resolve(**parsed, parser, schema, resolution);
    if (!resolved) return resolved.error().message;
    std::set<std::string> names;
    for (const ColumnUse& use : resolution.columns)
        names.insert(use.relation->name + "." + use.relation->columns[use.column].name);
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : " ") + name;
    return all;
}

std::string oracle(std::string_view text) {
    return reads(text, DialectId::oracle);
}

/// Is the last condition of WHERE unsafe?
bool unsafe(std::string_view condition) {
    const Names schema(DialectId::postgres);
    const std::string text = "SELECT 1 FROM t WHERE " + std::string(condition);
    Parser parser(dialect_of(DialectId::postgres));
    const auto parsed = parser.parse(text);
    EXPECT_TRUE(parsed) << text;
    Resolution resolution;
    EXPECT_TRUE(resolve(**parsed, parser, schema, resolution)) << text;
    return (*parsed)->cores.first->where->unsafe;
}

TEST(PostgresNames, are_compared_as_folded) {
    EXPECT_EQ(reads("SELECT A FROM T"), "t.a");
    EXPECT_EQ(reads("SELECT \"A\" FROM t"), "there is no column A");
}

TEST(PostgresNames, of_an_inner_query_hide_those_of_an_outer) {
    EXPECT_EQ(reads("SELECT (SELECT max(d) FROM u WHERE u.a = t.b) FROM t"), "t.b u.a u.d");
    EXPECT_EQ(reads("SELECT (SELECT a FROM u LIMIT 1) FROM t"), "u.a");
}

TEST(PostgresNames, are_seen_to_the_left_with_lateral_only) {
    EXPECT_EQ(reads("SELECT 1 FROM t, LATERAL (SELECT t.b) s"), "t.b");
    EXPECT_EQ(reads("SELECT 1 FROM t, (SELECT t.b) s"), "there is no column t.b");
    EXPECT_EQ(reads("SELECT x FROM t, unnest(string_to_array(t.b, ',')) AS x"), "t.b");
}

TEST(PostgresNames, in_a_join_condition_are_of_its_own_tree) {
    EXPECT_EQ(reads("SELECT 1 FROM t, u JOIN u w ON t.a = w.a"), "there is no column t.a");
    EXPECT_EQ(reads("SELECT 1 FROM t CROSS JOIN u JOIN u w ON t.a = w.a"), "t.a u.a");
}

TEST(PostgresNames, of_a_with_table_are_seen_by_those_after_it) {
    EXPECT_EQ(reads("WITH t AS (SELECT a FROM t) SELECT a FROM t"), "t.a");
    EXPECT_EQ(reads("WITH x AS (SELECT q FROM y), y AS (SELECT 1 q) SELECT 1"),
              "there is no table y that you may read");
    EXPECT_EQ(reads("WITH RECURSIVE x(n) AS (SELECT a FROM t UNION ALL SELECT n FROM x) SELECT n FROM x"),
              "t.a");
}

TEST(PostgresNames, may_be_whole_rows) {
    EXPECT_EQ(reads("SELECT t FROM t"), "t.a t.b t.c");
    EXPECT_EQ(reads("SELECT row_to_json(t) FROM t"), "t.a t.b t.c");
    EXPECT_EQ(reads("SELECT count(u.*) FROM u"), "u.a u.d");
    EXPECT_EQ(reads("SELECT (t).b FROM t"), "t.a t.b t.c");
    EXPECT_EQ(reads("SELECT b(t) FROM t"), "t.b");
    EXPECT_EQ(reads("SELECT t.to_json FROM t"), "t.a t.b t.c");
}

TEST(PostgresNames, do_not_call_what_may_not_be_called) {
    for (const std::string_view text :
         {"SELECT pg_read_file('/etc/passwd')", "SELECT ('/etc/passwd'::text).pg_read_file",
          "SELECT t.pg_sleep FROM t", "SELECT public.lower('x')", "SELECT * FROM pg_ls_dir('.') x",
          "SELECT 1 ORDER BY pg_sleep(1)", "SELECT 1 FROM t GROUP BY pg_sleep(1)",
          "SELECT 'pg_class'::regclass", "SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM t",
          "SELECT 1 LIMIT pg_sleep(1)", "SELECT sum(a) OVER (ORDER BY pg_sleep(1)) FROM t",
          "VALUES (pg_sleep(1))", "SELECT 1 OPERATOR(public.+) 1",
          "SELECT string_agg(b, ',' ORDER BY pg_sleep(1)) FROM t",
          "SELECT 1 FROM t WINDOW w AS (ORDER BY pg_sleep(1))",
          "SELECT 1 FROM t TABLESAMPLE system (pg_sleep(1))", "SELECT DISTINCT ON (pg_sleep(1)) 1 FROM t"}) {
        const std::string outcome = reads(text);
        EXPECT_TRUE(outcome.find("allowed") != std::string::npos ||
                    outcome.find("no column") != std::string::npos)
            << text << ": " << outcome;
    }
}

TEST(PostgresNames, of_result_columns_come_first_where_the_server_takes_them_first) {
    EXPECT_EQ(reads("SELECT b AS a, c FROM t ORDER BY a"), "t.b t.c");
    EXPECT_EQ(reads("SELECT b AS a, c FROM t ORDER BY a + 1"), "t.a t.b t.c");
    EXPECT_EQ(reads("SELECT b AS a FROM t GROUP BY a"), "t.a t.b");
    EXPECT_EQ(reads("SELECT b AS x FROM t WHERE x = 1"), "there is no column x");
    EXPECT_EQ(reads("SELECT lower(b) FROM t ORDER BY lower"), "t.b");
}

TEST(PostgresNames, are_those_the_server_gives) {
    EXPECT_EQ(
        reads("SELECT max, \"case\", int4, \"?column?\" FROM (SELECT max(a), CASE WHEN true THEN 1 END, "
              "'1'::int, 1 + 1 FROM t) s"),
        "t.a");
    EXPECT_EQ(reads("SELECT x.p FROM t AS x (p, q)"), "t.a");
    EXPECT_EQ(reads("SELECT x.a FROM t AS x (p, q)"), "there is no column x.a");
    EXPECT_EQ(reads("SELECT a FROM t JOIN u USING (a)"), "t.a u.a");
    EXPECT_EQ(reads("SELECT 1 FROM t NATURAL JOIN u"), "t.a u.a");
}

/// `read: ... written: insert a`, or the error's text.
std::string touched(std::string_view text, DialectId dialect = DialectId::postgres) {
    const Names schema(dialect);
    Parser parser(dialect_of(dialect));
    const auto parsed = parser.parse_statement(text);
    if (!parsed || parsed->write == nullptr) return "unread";
    Resolution resolution;
    const auto resolved = resolve(*parsed->write, text, schema, parser.arena(), resolution);
    if (!resolved) return resolved.error().message;
    std::set<std::string> read;
    for (const ColumnUse& use : resolution.columns)
        read.insert(use.relation->name + "." + use.relation->columns[use.column].name);
    std::string all = "read:";
    for (const std::string& name : read) all += " " + name;
    all += " written:";
    for (const ColumnWrite& each : resolution.written) {
        all += each.kind == WriteKind::insert ? " insert " : " update ";
        all += each.relation->columns[*each.column].name;
    }
    return all;
}

TEST(PostgresWrites, read_and_write_what_the_server_says) {
    EXPECT_EQ(touched("UPDATE t SET a = b WHERE c = 'x' RETURNING a"), "read: t.a t.b t.c written: update a");
    EXPECT_EQ(touched("UPDATE t SET a = u.d FROM u WHERE u.a = t.a"), "read: t.a u.a u.d written: update a");
    EXPECT_EQ(touched("DELETE FROM t USING u WHERE t.a = u.a"), "read: t.a u.a written:");
    EXPECT_EQ(touched("INSERT INTO t SELECT a, d FROM u"), "read: u.a u.d written: insert a insert b");
    EXPECT_EQ(touched("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.c"),
              "read: t.a t.c written: insert a update b");
    EXPECT_EQ(
        touched("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = u.d WHEN NOT MATCHED "
                "THEN INSERT (a) VALUES (u.d)"),
        "read: t.a u.a u.d written: update b insert a");
    EXPECT_EQ(touched("MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT (a) VALUES (t.b)"),
              "there is no column t.b");
    EXPECT_EQ(touched("UPDATE t SET a = pg_sleep(1)"), "function pg_sleep is not allowed");
    EXPECT_EQ(touched("UPDATE nothing SET a = 1"), "there is no table nothing that you may write to");
}

TEST(OracleWrites, read_and_write_what_the_server_says) {
    const auto touches = [](std::string_view text) { return touched(text, DialectId::oracle); };
    const std::string merge = "MERGE INTO t USING u ON (t.a = u.a) WHEN ";
    EXPECT_EQ(
        touches(merge + "MATCHED THEN UPDATE SET b = u.d WHERE t.c IS NULL DELETE WHERE b = 'x' WHEN NOT "
                        "MATCHED THEN INSERT VALUES (u.a, 'y') WHERE u.d > 1"),
        "read: T.A T.B T.C U.A U.D written: update B insert A insert B");
    EXPECT_EQ(touches(merge + "NOT MATCHED THEN INSERT (a) VALUES (t.b)"), "there is no column T.B");
    EXPECT_EQ(touches(merge + "NOT MATCHED THEN INSERT (a) VALUES (1) WHERE b = 'x'"),
              "there is no column B");
    EXPECT_EQ(touches(merge + "NOT MATCHED THEN INSERT (a) VALUES ((SELECT 1 FROM u WHERE c = 'x'))"),
              "there is no column C");
    EXPECT_EQ(
        touches("MERGE INTO t USING (SELECT a FROM u WHERE u.a = t.a) s ON (t.a = s.a) WHEN MATCHED THEN "
                "UPDATE SET b = 'x'"),
        "there is no column T.A");
    EXPECT_EQ(
        touches("MERGE INTO (SELECT a FROM t) t USING u ON (t.a = u.a) WHEN MATCHED THEN UPDATE SET b = 'x'"),
        "only a table with a name can be written to");
}

TEST(OracleNames, follow_its_own_rules) {
    EXPECT_EQ(oracle("SELECT a FROM t"), "T.A");
    EXPECT_EQ(oracle("SELECT b x FROM t ORDER BY x || 'y'"), "T.B");
    EXPECT_EQ(oracle("SELECT LEVEL, SYSDATE FROM t CONNECT BY PRIOR a = b"), "T.A T.B");
    EXPECT_EQ(oracle("WITH r (n) AS (SELECT a FROM t UNION ALL SELECT n FROM r) SELECT n FROM r"), "T.A");
    EXPECT_EQ(oracle("SELECT s.NEXTVAL FROM t"), "sequences are not allowed in queries");
    EXPECT_EQ(oracle("SELECT dbms_random.value(1, 2) FROM t"), "function DBMS_RANDOM.VALUE is not allowed");
    EXPECT_EQ(oracle("SELECT x.c.street FROM t x"), "T.C");
    EXPECT_EQ(oracle("SELECT \"lower\"(a) FROM t"), "function lower is not allowed");
    EXPECT_EQ(oracle("SELECT (c).lower() FROM t"), "function LOWER is not allowed");
    EXPECT_EQ(oracle("SELECT \"UID\" FROM t"), "there is no column UID");
    EXPECT_EQ(oracle("SELECT peek FROM JSON_TABLE('[1]', '$[*]' COLUMNS (v NUMBER PATH '$')) x"),
              "there is no column PEEK");
    EXPECT_EQ(oracle("SELECT x.peek FROM TABLE(set(NULL)) x"), "there is no column X.PEEK");
    EXPECT_EQ(oracle("SELECT x.b.street FROM t x"), "only documents are stepped into: B is none");
    EXPECT_EQ(oracle("SELECT 1 FROM t PARTITION FOR ((SELECT d FROM u))"), "U.D");
    EXPECT_EQ(oracle("SELECT 1 FROM t PARTITION FOR (peek(1))"), "function PEEK is not allowed");
    EXPECT_EQ(oracle("SELECT 1 FROM t CROSS APPLY (SELECT t.b y FROM u) z"), "T.B");
}

TEST(PostgresJudgement, trusts_plain_comparisons_only) {
    for (const std::string_view safe :
         {"a = 'x'", "a < b", "a IS NULL", "a IN ('x', 'y')", "NOT a = $1", "a LIKE 'x%'",
          "a BETWEEN 'a' AND 'b' OR c IS NOT NULL", "a = ANY ($1)", "a IN (SELECT d FROM u)"})
        EXPECT_FALSE(unsafe(safe)) << safe;
    for (const std::string_view risky :
         {"a::int = 1", "1 / length(a) = 1", "a || b = 'x'", "a ~ 'x'", "a LIKE b", "a SIMILAR TO 'x'",
          "a LIKE '\\'", "(SELECT d FROM u) = a", "EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", "-a::int = 1",
          "a COLLATE \"C\" = 'x'"}) {
        EXPECT_TRUE(unsafe(risky)) << risky;
    }
}

}  // namespace scope_pass_test
}  // namespace majed::sql
