// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"
#include "sql/write_span_check.h"
#include "sql/write_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::sql {
namespace parser_write_test {

std::string write_of(const std::string& text) {
    Parser parser;
    const auto statement = parser.parse_statement(text);
    if (!statement) return "refused: " + statement.error().message;
    if (statement->write == nullptr) return "a query";
    EXPECT_EQ(statement->statement_class, StatementClass::write);
    EXPECT_EQ(first_wrong_span(*statement->write, text), "") << text;
    return WriteText(text).of(*statement->write);
}

Error refusal_of(const std::string& text) {
    Parser parser;
    const auto statement = parser.parse_statement(text);
    EXPECT_FALSE(statement) << text;
    return statement ? Error{} : statement.error();
}

void expect_refused(const std::string& text, std::size_t offset, const std::string& message) {
    const Error error = refusal_of(text);
    EXPECT_EQ(error.code, ErrorCode::parse_error) << text;
    EXPECT_EQ(error.offset, offset) << text;
    EXPECT_EQ(error.message, message) << text;
}

TEST(WriteParser, reads_inserts_of_rows_queries_and_defaults) {
    EXPECT_EQ(write_of("INSERT INTO t VALUES (1, 'a'), (2, 'b')"), "{insert t {values [1 'a'] [2 'b']}}");
    EXPECT_EQ(write_of("INSERT INTO main . t AS x ( a , \"b\" ) SELECT c , d FROM u WHERE e ;"),
              "{insert main.t as x (a b) {select c, d from u where e}}");
    EXPECT_EQ(write_of(" INSERT INTO t DEFAULT VALUES RETURNING a AS b , * ; ; "),
              "{insert t default returning a as b, *}");
    EXPECT_EQ(write_of("INSERT INTO 't' ('a') VALUES (1) UNION SELECT 2 ORDER BY 1 LIMIT 1"),
              "{insert t (a) {values [1] union select 2 order [1] limit 1}}");
}

TEST(WriteParser, reads_what_becomes_of_rows_that_break_a_constraint) {
    EXPECT_EQ(write_of("REPLACE INTO t VALUES (1)"), "{insert or replace t {values [1]}}");
    EXPECT_EQ(write_of("INSERT OR REPLACE INTO t VALUES (1)"), "{insert or replace t {values [1]}}");
    EXPECT_EQ(write_of("INSERT OR IGNORE INTO t VALUES (1)"), "{insert or ignore t {values [1]}}");
    EXPECT_EQ(write_of("INSERT OR ABORT INTO t VALUES (1)"), "{insert or abort t {values [1]}}");
    EXPECT_EQ(write_of("UPDATE OR FAIL t SET a = 1"), "{update or fail t set a=1}");
    EXPECT_EQ(write_of("UPDATE OR ROLLBACK t SET a = 1"), "{update or rollback t set a=1}");
}

TEST(WriteParser, reads_conflict_clauses) {
    EXPECT_EQ(write_of("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING"),
              "{insert t {values [1]} conflict nothing}");
    EXPECT_EQ(
        write_of("INSERT INTO t VALUES (1) ON CONFLICT ( a COLLATE nocase DESC , b ) WHERE c > 1 DO NOTHING "
                 "ON CONFLICT (c) DO UPDATE SET a = excluded.a , (b, c) = (1, 2) WHERE t.a < 3 "
                 "ON CONFLICT DO UPDATE SET a = a + 1 RETURNING a"),
        "{insert t {values [1]} conflict on [(collate a nocase) b] if (> c 1) nothing "
        "conflict on [c] set a=excluded.a, (b c)=(row [1 2]) where (< t.a 3) "
        "conflict set a=(+ a 1) returning a}");
}

TEST(WriteParser, reads_updates) {
    EXPECT_EQ(write_of("UPDATE t SET a = 1"), "{update t set a=1}");
    EXPECT_EQ(write_of("UPDATE main.t AS x INDEXED BY i SET a == b , ( b , c ) = ( SELECT 1 , 2 ) , (d) = 3 "
                       "FROM u , v LEFT JOIN w ON v.e = w.e WHERE x.a = u.a RETURNING x.a, b y"),
              "{update main.t as x indexed i set a=b, (b c)={select 1, 2}, (d)=3 "
              "from u, v, left w on (= v.e w.e) where (= x.a u.a) returning x.a, b as y}");
    EXPECT_EQ(write_of("UPDATE t NOT INDEXED SET 'a' = 1 FROM (SELECT 1) s"),
              "{update t unindexed set a=1 from {select 1} as s}");
    EXPECT_EQ(write_of("UPDATE t AS indexed SET a = 1"), "{update t as indexed set a=1}");
}

TEST(WriteParser, reads_deletes) {
    EXPECT_EQ(write_of("DELETE FROM t"), "{delete t}");
    EXPECT_EQ(write_of("DELETE FROM t AS x NOT INDEXED WHERE x.a IN (SELECT a FROM u) RETURNING *"),
              "{delete t as x unindexed where (in x.a {select a from u}) returning *}");
}

/// Debian's SQLite takes them; another build refuses them itself.
TEST(WriteParser, reads_how_many_rows_an_update_or_delete_may_touch) {
    EXPECT_EQ(write_of("DELETE FROM t WHERE a RETURNING b ORDER BY c DESC, d NULLS LAST LIMIT 1 OFFSET 2"),
              "{delete t where a returning b order [c d:nulls_last] limit 1 offset 2}");
    EXPECT_EQ(write_of("UPDATE t SET a = 1 LIMIT 1, 2"), "{update t set a=1 limit 1 offset 2}");
    expect_refused("DELETE FROM t ORDER BY a", 24,
                   "unexpected the end of the statement; expected ASC, DESC, NULLS, \",\" or LIMIT");
}

TEST(WriteParser, reads_with_before_the_verb) {
    EXPECT_EQ(
        write_of("WITH a(x) AS (SELECT 1), b AS NOT MATERIALIZED (SELECT 2) INSERT INTO t SELECT * FROM a"),
        "{with a(x) {select 1} b {select 2} insert t {select * from a}}");
    EXPECT_EQ(write_of("WITH a AS (SELECT 1) INSERT INTO t WITH b AS (SELECT 2) SELECT * FROM b"),
              "{with a {select 1} insert t {with b {select 2} select * from b}}");
    EXPECT_EQ(write_of("WITH RECURSIVE replace(x) AS (SELECT 1) REPLACE INTO t SELECT * FROM replace"),
              "{with recursive replace(x) {select 1} insert or replace t {select * from replace}}");
    EXPECT_EQ(write_of("WITH a AS (SELECT 1) UPDATE t SET a = 1"), "{with a {select 1} update t set a=1}");
    EXPECT_EQ(write_of("WITH a AS (SELECT 1) DELETE FROM t"), "{with a {select 1} delete t}");
}

TEST(WriteParser, reads_queries_as_parse_does) {
    EXPECT_EQ(write_of("SELECT 1"), "a query");
    EXPECT_EQ(write_of("WITH replace AS (SELECT 1), b AS (SELECT 2) SELECT * FROM replace"), "a query");
    Parser parser;
    EXPECT_FALSE(parser.parse("INSERT INTO t VALUES (1)"));
    const auto query = parser.parse_statement("VALUES (1)");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->statement_class, StatementClass::read);
    EXPECT_EQ(query->write, nullptr);
}

TEST(WriteParser, finds_the_target_and_every_list_by_its_bytes) {
    const std::string text =
        " INSERT  OR  IGNORE  INTO main . t  AS  x ( a ) VALUES ( 1 ) ON CONFLICT DO NOTHING RETURNING  a ; ";
    Parser parser;
    const auto statement = parser.parse_statement(text);
    ASSERT_TRUE(statement) << statement.error().message;
    const Write& write = *statement->write;
    EXPECT_EQ(write.verb.in(text), "INSERT  OR  IGNORE  INTO");
    EXPECT_EQ(write.target->reference.in(text), "main . t");
    EXPECT_EQ(write.target->span.in(text), "main . t  AS  x");
    EXPECT_EQ(write.columns_span.in(text), "( a )");
    EXPECT_EQ(write.source->span.in(text), "VALUES ( 1 )");
    EXPECT_EQ(write.conflicts.first->span.in(text), "ON CONFLICT DO NOTHING");
    EXPECT_EQ(write.returning_span.in(text), "RETURNING  a");
    EXPECT_EQ(write.span.begin, 1U);
    EXPECT_EQ(write.span.end, text.size() - 3);
}

TEST(WriteRefusal, of_on_conflict_behind_a_table_asks_for_where_true) {
    const std::string message =
        "ON behind a table is read as the condition of a join: write WHERE true before it";
    expect_refused("INSERT INTO t SELECT * FROM u ON CONFLICT DO NOTHING", 30, message);
    expect_refused("INSERT INTO t SELECT 1 UNION SELECT a FROM (u) x ON CONFLICT DO NOTHING", 49, message);
    EXPECT_EQ(write_of("INSERT INTO t SELECT * FROM u JOIN v ON a ON CONFLICT DO NOTHING"),
              "{insert t {select * from u, v on a} conflict nothing}");
    EXPECT_EQ(refusal_of("INSERT INTO t SELECT * FROM u JOIN v ON CONFLICT DO NOTHING").offset, 49U);
    for (const char* clause : {"WHERE true", "ORDER BY 1", "LIMIT 1", "GROUP BY 1", "WINDOW w AS ()"}) {
        const std::string text =
            "INSERT INTO t SELECT a FROM u " + std::string(clause) + " ON CONFLICT DO NOTHING";
        EXPECT_EQ(write_of(text).substr(0, 9), "{insert t") << text;
    }
    EXPECT_EQ(write_of("INSERT INTO t SELECT 1 ON CONFLICT DO NOTHING"),
              "{insert t {select 1} conflict nothing}");
}

TEST(WriteRefusal, says_what_could_have_stood_there) {
    expect_refused("INSERT t VALUES (1)", 7, "unexpected \"t\"; expected OR or INTO");
    expect_refused("INSERT OR x INTO t VALUES (1)", 10,
                   "unexpected \"x\"; expected ABORT, FAIL, IGNORE, REPLACE or ROLLBACK");
    expect_refused("DELETE t", 7, "unexpected \"t\"; expected FROM");
    expect_refused("UPDATE t a = 1", 9, "unexpected \"a\"; expected \".\", AS, INDEXED or SET");
}

TEST(WriteRefusal, of_what_only_other_databases_know) {
    const std::vector<std::string> statements{
        "INSERT INTO t x VALUES (1)",
        "INSERT INTO t (SELECT 1)",
        "INSERT INTO t VALUES (DEFAULT)",
        "INSERT INTO t NOT INDEXED VALUES (1)",
        "INSERT INTO t VALUES (1) ORDER BY 1",
        "INSERT INTO t SELECT 1 RETURNING a INTO b",
        "INSERT INTO t DEFAULT VALUES ON CONFLICT DO NOTHING",
        "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT c DO NOTHING",
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING ON CONFLICT (a) DO NOTHING",
        "INSERT INTO t VALUES (1) ON CONFLICT (a NULLS LAST) DO NOTHING",
        "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1 FROM u",
        "INSERT OR UPDATE INTO t VALUES (1)",
        "UPDATE t x SET a = 1",
        "UPDATE t SET t.a = 1",
        "UPDATE t SET a = DEFAULT",
        "UPDATE t SET a",
        "UPDATE t SET () = (1)",
        "UPDATE ONLY t SET a = 1",
        "DELETE FROM t x",
        "DELETE FROM t USING u",
        "DELETE FROM t LIMIT 1 RETURNING a",
        "DELETE FROM t; DELETE FROM u",
        "DELETE FROM t WHERE (DELETE FROM u RETURNING a)",
        "MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE",
        "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
    };
    for (const std::string& text : statements) {
        const Error error = refusal_of(text);
        EXPECT_EQ(error.code, ErrorCode::parse_error) << text;
        EXPECT_TRUE(error.offset && *error.offset <= text.size()) << text;
    }
}

TEST(WriteRefusal, of_other_classes_names_the_class) {
    const Error error = refusal_of(" DROP TABLE t");
    EXPECT_EQ(error.code, ErrorCode::denied);
    EXPECT_EQ(error.offset, 1U);
    EXPECT_EQ(error.message, "statements of class ddl are not allowed: only queries and writes may be run");
    EXPECT_EQ(refusal_of("EXPLAIN DELETE FROM t").code, ErrorCode::denied);
    EXPECT_EQ(refusal_of("GRANT ALL").hint, "Begin with SELECT, VALUES, WITH, INSERT, UPDATE or DELETE.");
}

TEST(WriteRefusal, holds_the_limits_of_queries) {
    std::string deep = "UPDATE t SET a = ";
    for (int i = 0; i < 5000; ++i) deep += "(";
    EXPECT_EQ(refusal_of(deep).code, ErrorCode::too_large);
    std::string many = "INSERT INTO t VALUES (1)";
    for (std::size_t i = 0; i < limits::nodes; ++i) many += ",(1)";
    EXPECT_EQ(refusal_of(many).code, ErrorCode::too_large);
}

}  // namespace parser_write_test
}  // namespace majed::sql
