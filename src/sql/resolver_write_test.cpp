// SPDX-License-Identifier: Apache-2.0
#include "sql/fake_schema.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace majed::sql {
namespace resolver_write_test {

/// One write over t(a,b,c,g,m), u(a,d), e(k,s): a is the row id of t, g is generated, m is masked, s is encrypted; v is a view.
class Resolved {
public:
    explicit Resolved(std::string text) : text_(std::move(text)) {
        SchemaRelation& t = schema_.add("t", "a,b,c,g,m");
        t.rowid_column = 0;
        t.columns[3].generated = true;
        t.columns[4].masked = true;
        schema_.add("u", "a,d");
        schema_.add("e", "k,s").columns[1].encryption = 7;
        schema_.add("w", "k,x").has_rowid = false;
        schema_.add("hidden", "k").rowid_withheld = true;
        SchemaRelation& v = schema_.add("v", "a,z");
        v.writable = v.has_rowid = false;
        SchemaRelation& each = schema_.add("json_each", "key,value");
        each.table_function = true;
        each.writable = false;
        const auto parsed = parser_.parse_statement(text_);
        EXPECT_TRUE(parsed) << text_ << ": " << parsed.error().message;
        if (!parsed || parsed->write == nullptr) return;
        write_ = parsed->write;
        const auto resolved = resolve(*write_, text_, schema_, parser_.arena(), found);
        ok = resolved.has_value();
        if (!ok) error = resolved.error();
    }

    /// Columns read, each once, sorted: "t.a u.d".
    [[nodiscard]] std::string reads() const {
        std::set<std::string> all;
        for (const ColumnUse& use : found.columns)
            all.insert(use.relation->name + "." + use.relation->columns[use.column].name);
        return joined(all);
    }

    /// Columns written, each once, sorted: "insert a, update b"; the bare row id is "rowid".
    [[nodiscard]] std::string writes() const {
        std::set<std::string> all;
        for (const ColumnWrite& each : found.written) {
            const std::string kind = each.kind == WriteKind::insert ? "+" : "=";
            all.insert(kind + (each.column ? each.relation->columns[*each.column].name : "rowid"));
        }
        return joined(all);
    }

    [[nodiscard]] std::string relations() const {
        std::string out;
        for (const FromItem* item : found.relations) out += (out.empty() ? "" : " ") + item->relation->name;
        return out;
    }

    [[nodiscard]] std::string output() const {
        std::string out;
        for (std::uint32_t i = 0; i < write_->body->column_count; ++i)
            out += (i == 0 ? "" : ",") + std::string(write_->body->columns[i].name);
        return out;
    }

    [[nodiscard]] const Write& write() const { return *write_; }

    Resolution found;
    Error error;
    bool ok = false;

private:
    static std::string joined(const std::set<std::string>& all) {
        std::string out;
        for (const std::string& each : all) out += (out.empty() ? "" : " ") + each;
        return out;
    }

    std::string text_;
    FakeSchema schema_;
    Parser parser_;
    Write* write_ = nullptr;
};

void expect_found(const std::string& text, const std::string& writes, const std::string& reads) {
    const Resolved resolved(text);
    EXPECT_TRUE(resolved.ok) << text << ": " << resolved.error.message;
    if (!resolved.ok) return;
    EXPECT_EQ(resolved.writes(), writes) << text;
    EXPECT_EQ(resolved.reads(), reads) << text;
}

void expect_refused(const std::string& text, ErrorCode code, std::size_t offset) {
    const Resolved resolved(text);
    EXPECT_FALSE(resolved.ok) << text;
    EXPECT_EQ(resolved.error.code, code) << text << ": " << resolved.error.message;
    EXPECT_EQ(resolved.error.offset, offset) << text << ": " << resolved.error.message;
}

TEST(WriteResolver, tells_written_columns_from_those_read) {
    expect_found("INSERT INTO t (b, C) SELECT d, 1 FROM u WHERE a > 1", "+b +c", "u.a u.d");
    expect_found("INSERT INTO u VALUES (1, (SELECT max(b) FROM t))", "+a +d", "t.b");
    expect_found("INSERT INTO t DEFAULT VALUES", "", "");
    expect_found("UPDATE t SET b = c + 1 WHERE m IS NULL", "=b", "t.c t.m");
    expect_found("UPDATE t AS x SET (b, c) = (SELECT a, d FROM u WHERE u.a = x.a)", "=b =c", "t.a u.a u.d");
    expect_found("DELETE FROM t WHERE a IN (SELECT a FROM u)", "", "t.a u.a");
}

TEST(WriteResolver, names_the_target_apart_from_what_is_read) {
    const Resolved resolved("DELETE FROM main.t AS x WHERE x.a IN (SELECT a FROM u)");
    ASSERT_TRUE(resolved.ok);
    EXPECT_EQ(resolved.found.target, resolved.write().target);
    EXPECT_EQ(resolved.found.target->relation->name, "t");
    EXPECT_EQ(resolved.relations(), "u");
}

TEST(WriteResolver, writes_every_plain_column_when_none_is_listed) {
    expect_found("INSERT INTO t VALUES (1, 2, 3, 4)", "+a +b +c +m", "");
    expect_refused("INSERT INTO t VALUES (1, 2, 3)", ErrorCode::invalid_argument, 14);
    expect_refused("INSERT INTO t (a, b) VALUES (1, 2), (3)", ErrorCode::invalid_argument, 37);
    expect_refused("INSERT INTO t (a) SELECT * FROM u", ErrorCode::invalid_argument, 18);
    expect_refused("INSERT INTO t (a) DEFAULT VALUES", ErrorCode::invalid_argument, 14);
}

TEST(WriteResolver, takes_the_row_id_for_the_column_it_stands_for) {
    expect_found("INSERT INTO t (rowid, b) VALUES (1, 2)", "+a +b", "");
    expect_found("UPDATE t SET oid = 1", "=a", "");
    expect_found("INSERT INTO u (_rowid_) VALUES (1)", "+rowid", "");
    expect_refused("INSERT INTO w (rowid) VALUES (1)", ErrorCode::not_found, 15);
    expect_refused("UPDATE hidden SET rowid = 1", ErrorCode::unsupported, 18);
}

TEST(WriteResolver, refuses_targets_and_columns_that_cannot_be_written) {
    expect_refused("INSERT INTO nowhere VALUES (1)", ErrorCode::denied, 12);
    expect_refused("DELETE FROM v", ErrorCode::denied, 12);
    expect_refused("DELETE FROM json_each", ErrorCode::denied, 12);
    expect_refused("WITH x AS (SELECT 1 AS a) DELETE FROM x", ErrorCode::denied, 38);
    expect_refused("INSERT INTO t (nope) VALUES (1)", ErrorCode::not_found, 15);
    expect_refused("UPDATE t SET nope = 1", ErrorCode::not_found, 13);
    expect_refused("INSERT INTO t (g) VALUES (1)", ErrorCode::invalid_argument, 15);
    expect_refused("UPDATE t SET g = 1", ErrorCode::invalid_argument, 13);
    expect_refused("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET g = 1",
                   ErrorCode::invalid_argument, 55);
    expect_refused("UPDATE t SET (b, c) = 1", ErrorCode::invalid_argument, 22);
    expect_refused("UPDATE t SET (b, c) = (1, 2, 3)", ErrorCode::invalid_argument, 22);
    expect_refused("UPDATE t SET b = (1, 2)", ErrorCode::invalid_argument, 17);
    expect_refused("UPDATE t SET (b, c) = (SELECT 1)", ErrorCode::invalid_argument, 22);
}

TEST(WriteResolver, lets_values_name_nothing_of_the_target) {
    expect_refused("INSERT INTO t (a) VALUES (b)", ErrorCode::not_found, 26);
    expect_refused("INSERT INTO t (a) VALUES (excluded.a)", ErrorCode::not_found, 26);
    expect_found("INSERT INTO t (a) VALUES (\"b\")", "+a", "");
}

TEST(WriteResolver, knows_excluded_in_do_update_alone) {
    expect_found(
        "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) WHERE b > 0 DO UPDATE SET b = excluded.b || t.c "
        "WHERE excluded.a > m",
        "+a =b", "t.a t.b t.c t.m");
    expect_found(
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = (SELECT d FROM u WHERE a = excluded.oid)",
        "+a =b", "u.a u.d");
    expect_refused("INSERT INTO t (a) VALUES (1) ON CONFLICT (excluded.a) DO NOTHING", ErrorCode::not_found,
                   42);
    expect_refused("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = excluded.z",
                   ErrorCode::not_found, 59);
    expect_refused("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = main.excluded.b",
                   ErrorCode::not_found, 59);
    expect_refused("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = 1 RETURNING excluded.a",
                   ErrorCode::not_found, 71);
    // A target of that name comes first.
    expect_found("INSERT INTO t AS excluded (a) VALUES (1) ON CONFLICT DO UPDATE SET b = excluded.b", "+a =b",
                 "t.b");
}

TEST(WriteResolver, knows_a_target_with_an_alias_by_it) {
    expect_found("INSERT INTO t AS x (a) VALUES (1) ON CONFLICT (x.a) DO UPDATE SET b = x.c", "+a =b",
                 "t.a t.c");
    expect_refused("INSERT INTO t AS x (a) VALUES (1) ON CONFLICT DO UPDATE SET b = t.c",
                   ErrorCode::not_found, 64);
    expect_refused("UPDATE t AS x SET b = t.c", ErrorCode::not_found, 22);
    expect_refused("DELETE FROM t AS x WHERE t.c", ErrorCode::not_found, 25);
    expect_found("DELETE FROM t WHERE main.t.c", "", "t.c");
}

TEST(WriteResolver, shows_in_returning_the_target_alone_by_its_own_name) {
    const Resolved all(
        "DELETE FROM t AS x RETURNING *, t.a AS k, rowid, (SELECT d FROM u WHERE u.a = t.b), 1");
    ASSERT_TRUE(all.ok) << all.error.message;
    EXPECT_EQ(all.output(), "a,b,c,g,m,k,a,(SELECT d FROM u WHERE u.a = t.b),1");
    EXPECT_EQ(all.reads(), "t.a t.b t.c t.g t.m u.a u.d");
    expect_refused("DELETE FROM t AS x RETURNING x.a", ErrorCode::not_found, 29);
    expect_refused("DELETE FROM t RETURNING main.t.a", ErrorCode::not_found, 24);
    expect_refused("DELETE FROM t RETURNING t.*", ErrorCode::invalid_argument, 24);
    expect_refused("DELETE FROM t RETURNING a AS z, z", ErrorCode::not_found, 32);
    expect_refused("UPDATE t SET b = d FROM u RETURNING u.d", ErrorCode::not_found, 36);
    EXPECT_EQ(Resolved("UPDATE t SET b = d FROM u RETURNING *").output(), "a,b,c,g,m");
}

TEST(WriteResolver, joins_what_update_from_names) {
    expect_found("UPDATE t SET b = d FROM u WHERE u.a = t.a", "=b", "t.a u.a u.d");
    // Several items are a query of their own: all of it is read, and it does not see the target.
    expect_found("UPDATE t SET b = 1 FROM u JOIN w ON u.d = w.k WHERE x = t.c", "=b", "t.c u.a u.d w.k w.x");
    expect_refused("UPDATE t SET b = 1 FROM u JOIN w ON t.c = w.k", ErrorCode::not_found, 36);
    expect_refused("UPDATE t SET b = 1 FROM (SELECT t.c)", ErrorCode::not_found, 32);
    expect_found("UPDATE t SET b = value FROM json_each(t.c)", "=b", "json_each.value t.c");
    expect_refused("UPDATE t SET b = value FROM u, json_each(t.c)", ErrorCode::not_found, 41);
    expect_found("UPDATE t SET b = y.b FROM t AS y WHERE y.a = t.c", "=b", "t.a t.b t.c");
    expect_refused("UPDATE t SET b = 1 FROM t", ErrorCode::invalid_argument, 24);
    expect_refused("UPDATE t AS y SET b = 1 FROM (u JOIN t AS Y)", ErrorCode::invalid_argument, 37);
}

TEST(WriteResolver, sees_with_tables_everywhere_but_as_the_target) {
    expect_found("WITH q AS (SELECT d FROM u) INSERT INTO t (a) SELECT d FROM q", "+a", "u.d");
    expect_found("WITH q AS (SELECT d FROM u) UPDATE t SET b = (SELECT d FROM q)", "=b", "u.d");
    expect_found("WITH q AS (SELECT d FROM u) UPDATE t SET b = d FROM q", "=b", "u.d");
    expect_found("WITH t AS (SELECT 1 AS z) DELETE FROM t WHERE b IN (SELECT z FROM t)", "", "t.b");
    expect_found("WITH q AS (SELECT d FROM u) DELETE FROM t RETURNING (SELECT d FROM q)", "", "u.d");
    // One that nobody uses is judged all the same.
    expect_found("WITH q AS (SELECT d FROM u) DELETE FROM t", "", "u.d");
    expect_refused("WITH q AS (SELECT d FROM nowhere) DELETE FROM t", ErrorCode::denied, 25);
}

TEST(WriteResolver, refuses_a_limit_that_would_count_rows_of_a_with_table) {
    expect_found("DELETE FROM t WHERE b ORDER BY c LIMIT 1", "", "t.b t.c");
    expect_refused("DELETE FROM t LIMIT b", ErrorCode::not_found, 20);
    expect_refused("WITH t AS (SELECT 1 AS b) DELETE FROM t LIMIT 1", ErrorCode::unsupported, 38);
    expect_found("WITH t AS (SELECT 1 AS b) DELETE FROM main.t LIMIT 1", "", "");
}

TEST(WriteResolver, says_how_existing_rows_matter) {
    const auto rows = [](const char* text) { return Resolved(text).found.existing; };
    EXPECT_FALSE(rows("INSERT INTO t (a) VALUES (1) RETURNING a").read());
    EXPECT_FALSE(rows("INSERT INTO t (a) VALUES (1)").collided);
    EXPECT_FALSE(rows("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = excluded.b").read());
    EXPECT_TRUE(rows("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = b").computed_from);
    EXPECT_TRUE(
        rows("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = 1 WHERE c").filtered_by_value);
    EXPECT_TRUE(rows("INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET b = 1 RETURNING c").returned);
    EXPECT_TRUE(rows("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING").collided);
    EXPECT_TRUE(rows("INSERT OR IGNORE INTO t (a) VALUES (1)").collided);
    EXPECT_TRUE(rows("REPLACE INTO t (a) VALUES (1)").deleted);
    EXPECT_TRUE(rows("UPDATE t SET b = 1").searched);
    EXPECT_FALSE(rows("UPDATE t SET b = 1").read());
    EXPECT_TRUE(rows("UPDATE t SET b = c").computed_from);
    EXPECT_TRUE(rows("UPDATE u SET d = 1 WHERE rowid = 1").filtered_by_value);
    EXPECT_TRUE(rows("DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = c)").filtered_by_value);
    EXPECT_TRUE(rows("DELETE FROM t ORDER BY b LIMIT 1").filtered_by_value);
    EXPECT_TRUE(rows("DELETE FROM t RETURNING 1").returned);
    EXPECT_TRUE(rows("DELETE FROM t").deleted);
}

TEST(WriteResolver, refuses_to_write_encrypted_columns_or_their_values) {
    expect_refused("INSERT INTO e VALUES (1, 2)", ErrorCode::unsupported, 12);
    expect_refused("INSERT INTO e (k, s) VALUES (1, 2)", ErrorCode::unsupported, 18);
    expect_refused("UPDATE e SET s = 1", ErrorCode::unsupported, 13);
    expect_refused("UPDATE e SET k = s", ErrorCode::unsupported, 17);
    expect_refused("INSERT INTO t (b) SELECT s FROM e", ErrorCode::unsupported, 18);
    expect_refused("INSERT INTO t (b) VALUES ((SELECT s FROM e))", ErrorCode::unsupported, 26);
    expect_refused("DELETE FROM e WHERE s = 'x'", ErrorCode::unsupported, 20);
    expect_found("INSERT INTO e (k) VALUES (1)", "+k", "");
    const Resolved shown("DELETE FROM e WHERE s IS NULL RETURNING k, s");
    ASSERT_TRUE(shown.ok) << shown.error.message;
    EXPECT_EQ(shown.found.encryptions, (std::vector<std::uint32_t>{0, 7}));
}

TEST(WriteResolver, marks_masked_columns_read_and_written) {
    const Resolved both("UPDATE t SET m = 1, b = m WHERE c");
    EXPECT_EQ(both.found.masked_reads.size(), 1U);
    ASSERT_EQ(both.found.masked_writes.size(), 1U);
    EXPECT_EQ(both.found.masked_writes.front().column, 4U);
    const Resolved neither("UPDATE t SET b = c");
    EXPECT_TRUE(neither.found.masked_reads.empty() && neither.found.masked_writes.empty());
    EXPECT_TRUE(Resolved("DELETE FROM t RETURNING *").found.masked_reads.empty());  // shown, under the mask
}

}  // namespace resolver_write_test
}  // namespace majed::sql
