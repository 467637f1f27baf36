// SPDX-License-Identifier: Apache-2.0
// Every kind of statement that is neither query nor write: its class, and whether it is of a form that may be run at all.
#include "sql/administration.h"

#include "sql/fingerprint.h"
#include "sql/lexer.h"
#include "sql/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace majed::sql {
namespace administration_test {

constexpr DialectId lite = DialectId::sqlite;
constexpr DialectId post = DialectId::postgres;
constexpr DialectId orac = DialectId::oracle;

struct Case {
    DialectId dialect;
    std::string_view text;
    StatementClass statement_class;
    std::string_view form;  ///< That it is run as; empty: it is not.
};

std::string form_of(DialectId id, std::string_view text) {
    std::vector<Token> tokens;
    if (!tokenize(text, tokens, dialect_of(id))) return "not lexed";
    const auto statement = administrative(tokens, text, dialect_of(id));
    if (!statement) {
        EXPECT_TRUE(statement.error().offset.has_value()) << text;
        return "";
    }
    return std::string(statement->form());
}

std::string why(DialectId id, std::string_view text) {
    std::vector<Token> tokens;
    EXPECT_TRUE(tokenize(text, tokens, dialect_of(id))) << text;
    const auto statement = administrative(tokens, text, dialect_of(id));
    return statement ? "run" : statement.error().message;
}

std::string shown(DialectId id, std::string_view text) {
    std::vector<Token> tokens;
    EXPECT_TRUE(tokenize(text, tokens, dialect_of(id))) << text;
    return normalized(tokens, text);
}

class Administration : public testing::TestWithParam<Case> {};

TEST_P(Administration, is_told_by_class_and_form) {
    const Case& expected = GetParam();
    std::vector<Token> tokens;
    ASSERT_TRUE(tokenize(expected.text, tokens, dialect_of(expected.dialect))) << expected.text;
    EXPECT_EQ(classify(tokens, dialect_of(expected.dialect)), expected.statement_class) << expected.text;
    EXPECT_EQ(form_of(expected.dialect, expected.text), expected.form) << expected.text;
    if (expected.form.empty()) return;
    // The ordinary way refuses it all the same.
    Parser parser(dialect_of(expected.dialect));
    EXPECT_FALSE(parser.parse_statement(expected.text)) << expected.text;
    EXPECT_FALSE(parser.parse(expected.text)) << expected.text;
}

constexpr StatementClass ddl = StatementClass::ddl;
constexpr StatementClass upkeep = StatementClass::maintenance;
constexpr StatementClass session = StatementClass::session;
constexpr StatementClass transaction = StatementClass::transaction;
constexpr StatementClass procedure = StatementClass::procedure;
constexpr StatementClass unknown = StatementClass::unknown;

INSTANTIATE_TEST_SUITE_P(
    OfSqlite, Administration,
    testing::Values(
        Case{lite, "CREATE TABLE t (a INTEGER PRIMARY KEY, b VARCHAR(10) DEFAULT (lower('X')))", ddl,
             "CREATE TABLE"},
        Case{lite,
             "/* x */ create -- y\n table if not exists main.t (a, b AS (a + 1), CHECK (length(a) > 1));",
             ddl, "CREATE TABLE"},
        Case{lite, "CREATE TABLE 'as' (\"select\" REFERENCES t (a)) WITHOUT ROWID;;", ddl, "CREATE TABLE"},
        Case{lite, "CREATE TABLE t AS SELECT * FROM secrets", ddl, ""},
        Case{lite, "CREATE TABLE t (a, b) /**/ AS/**/SELECT * FROM secrets", ddl, ""},
        Case{lite, "CREATE TABLE t AS VALUES (1)", ddl, ""}, Case{lite, "CREATE TEMP TABLE t (a)", ddl, ""},
        Case{lite, "CREATE TABLE t (a DEFAULT (readfile('/etc/passwd')))", ddl, ""},
        Case{lite, "CREATE TABLE t (a); DROP TABLE secrets", ddl, ""},
        Case{lite, "CREATE TABLE t (a);;\n;DROP TABLE secrets", ddl, ""},
        Case{lite, "CREATE UNIQUE INDEX IF NOT EXISTS i ON t (a, lower(b)) WHERE c > 1", ddl,
             "CREATE UNIQUE INDEX"},
        Case{lite, "CREATE INDEX i ON t (load_extension('x'))", ddl, ""},
        Case{lite, "CREATE VIEW v AS SELECT * FROM secrets", ddl, ""},
        Case{lite, "CREATE VIRTUAL TABLE v USING fts5(a)", ddl, ""},
        Case{lite, "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO u SELECT * FROM secrets; END", ddl,
             ""},
        Case{lite, "ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT 'x'", ddl, "ALTER TABLE"},
        Case{lite, "ALTER TABLE t DROP COLUMN c", ddl, "ALTER TABLE"},
        Case{lite, "ALTER TABLE secrets RENAME TO products", ddl, ""},
        Case{lite, "ALTER TABLE t RENAME COLUMN email TO region", ddl, ""},
        Case{lite, "ALTER TABLE t ADD COLUMN shown TEXT AS (email)", ddl, ""},
        Case{lite, "DROP TABLE IF EXISTS t", ddl, "DROP TABLE"}, Case{lite, "DROP VIEW v", ddl, "DROP VIEW"},
        Case{lite, "DROP TRIGGER g", ddl, ""}, Case{lite, "REINDEX t", ddl, "REINDEX"},
        Case{lite, "ANALYZE", upkeep, "ANALYZE"}, Case{lite, "VACUUM", upkeep, "VACUUM"},
        Case{lite, "VACUUM main INTO '/tmp/copy.db'", upkeep, ""},
        Case{lite, "PRAGMA writable_schema = ON", session, ""}, Case{lite, "PRAGMA key = 'x'", session, ""},
        Case{lite, "ATTACH 'x.db' AS x", session, ""}, Case{lite, "DETACH x", session, ""},
        Case{lite, "BEGIN IMMEDIATE", transaction, ""}, Case{lite, "COMMIT; DROP TABLE t", transaction, ""},
        Case{lite, "END", transaction, ""}, Case{lite, "SAVEPOINT s", transaction, ""},
        Case{lite, "EXPLAIN QUERY PLAN SELECT 1", StatementClass::explain, ""},
        Case{lite, "EXPLAIN DROP TABLE t", StatementClass::explain, ""},
        Case{lite, "; DROP TABLE t", unknown, ""}, Case{lite, "GRANT ALL ON t TO u", unknown, ""}));

INSTANTIATE_TEST_SUITE_P(
    OfPostgres, Administration,
    testing::Values(
        Case{post,
             "CREATE TABLE s.t (id bigint GENERATED BY DEFAULT AS IDENTITY (START WITH 5), n numeric(10, 2) "
             "DEFAULT 0, at timestamptz DEFAULT now(), s int DEFAULT nextval('q'), u text UNIQUE, "
             "PRIMARY KEY (id), FOREIGN KEY (u) REFERENCES o.p (q) ON DELETE SET NULL (u), CHECK (n > "
             "abs(-1)), EXCLUDE USING gist (n WITH =)) PARTITION BY RANGE (id) WITH (fillfactor = 70)",
             ddl, "CREATE TABLE"},
        Case{post, "CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (10)", ddl, "CREATE TABLE"},
        Case{post, "CREATE UNLOGGED TABLE t (a int)", ddl, "CREATE UNLOGGED TABLE"},
        Case{post, "CREATE TABLE t AS TABLE secrets", ddl, ""},
        Case{post, "CREATE TABLE t WITH (fillfactor = 70) AS EXECUTE p", ddl, ""},
        Case{post, "CREATE TABLE t (a text DEFAULT pg_read_file('/etc/passwd'))", ddl, ""},
        Case{post, "CREATE TABLE t (a text DEFAULT pg_catalog . pg_read_file ('/etc/passwd'))", ddl, ""},
        Case{post,
             "CREATE TABLE t (a text DEFAULT \"query_to_xml\"('select * from secrets', true, true, ''))", ddl,
             ""},
        Case{post, "CREATE TABLE t (a xml DEFAULT list(1))", ddl, ""},
        Case{post, "CREATE TABLE t (a int CHECK (a OPERATOR(public.+) 1 = 2))", ddl, ""},
        Case{post, "CREATE TEMPORARY TABLE t (a int)", ddl, ""},
        Case{post, "CREATE FOREIGN TABLE t (a int) SERVER s OPTIONS (filename '/etc/passwd')", ddl, ""},
        Case{post, "CREATE INDEX CONCURRENTLY i ON ONLY t USING gin (a) INCLUDE (b)", ddl, "CREATE INDEX"},
        Case{post, "CREATE VIEW v AS SELECT * FROM secrets", ddl, ""},
        Case{post, "CREATE OR REPLACE VIEW v AS SELECT * FROM secrets", ddl, ""},
        Case{post, "CREATE MATERIALIZED VIEW v AS SELECT * FROM secrets", ddl, ""},
        Case{post, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$", ddl, ""},
        Case{post, "CREATE RULE r AS ON INSERT TO t DO INSTEAD SELECT 1", ddl, ""},
        Case{post, "CREATE EXTENSION dblink", ddl, ""},
        Case{post, "CREATE POLICY p ON t USING (true)", ddl, ""}, Case{post, "DROP POLICY p ON t", ddl, ""},
        Case{post, "CREATE USER MAPPING FOR u SERVER s OPTIONS (password 'tiger')", ddl, ""},
        Case{post, "CREATE SUBSCRIPTION s CONNECTION 'host=h password=tiger' PUBLICATION p", ddl, ""},
        Case{post, "CREATE SCHEMA s AUTHORIZATION r", ddl, "CREATE SCHEMA"},
        Case{post, "CREATE SCHEMA s CREATE VIEW v AS SELECT * FROM secrets", ddl, ""},
        Case{post, "CREATE TYPE mood AS ENUM ('a', 'b')", ddl, "CREATE TYPE"},
        Case{post, "CREATE DOMAIN d AS varchar(5) CHECK (VALUE <> upper('x'))", ddl, "CREATE DOMAIN"},
        Case{post, "CREATE ROLE r LOGIN PASSWORD 'tiger'", ddl, "CREATE ROLE"},
        Case{post, "ALTER ROLE r SET search_path = x", ddl, ""},
        Case{post, "ALTER TABLE ONLY t ADD CONSTRAINT k UNIQUE USING INDEX i", ddl, "ALTER TABLE"},
        Case{post, "ALTER TABLE t ALTER COLUMN a SET DEFAULT pg_read_file('x')", ddl, ""},
        Case{post, "ALTER TABLE t ALTER region TYPE text USING email", ddl, ""},
        Case{post, "ALTER TABLE t ADD shown text GENERATED ALWAYS AS (email) STORED", ddl, ""},
        Case{post, "ALTER TABLE secrets SET SCHEMA public", ddl, ""},
        Case{post, "ALTER TABLE shown ATTACH PARTITION secrets DEFAULT", ddl, ""},
        Case{post, "ALTER TABLE secrets INHERIT shown", ddl, ""},
        Case{post, "ALTER TABLE t DISABLE ROW LEVEL SECURITY", ddl, ""},
        Case{post, "ALTER TABLE t DISABLE TRIGGER ALL", ddl, ""},
        Case{post, "ALTER SYSTEM SET archive_command = 'rm'", upkeep, ""},
        Case{post, "DROP INDEX CONCURRENTLY i", ddl, "DROP INDEX"}, Case{post, "DROP OWNED BY r", ddl, ""},
        Case{post, "DROP TABLE U&\"ord\\0065rs\"", ddl, ""},
        Case{post, "DROP TABLE \"unit\"", ddl, "DROP TABLE"}, Case{post, "TRUNCATE t", ddl, "TRUNCATE"},
        Case{post, "TRUNCATE t RESTART IDENTITY CASCADE", ddl, ""},
        Case{post, "DROP SCHEMA s CASCADE", ddl, ""}, Case{post, "DROP SCHEMA s", ddl, "DROP SCHEMA"},
        Case{post, "DROP TYPE mood CASCADE", ddl, ""},
        Case{post, "COMMENT ON TABLE t IS 'SELECT'", ddl, "COMMENT ON"},
        Case{post, "GRANT SELECT ON t TO r", ddl, "GRANT"},
        Case{post, "VACUUM (FULL, ANALYZE) t (a)", upkeep, "VACUUM"},
        Case{post, "ANALYZE VERBOSE t", upkeep, "ANALYZE"},
        Case{post, "REFRESH MATERIALIZED VIEW v", ddl, "REFRESH MATERIALIZED VIEW"},
        Case{post, "CHECKPOINT", upkeep, "CHECKPOINT"}, Case{post, "LOAD 'x.so'", session, ""},
        Case{post, "SET ROLE postgres", session, ""}, Case{post, "RESET ALL", session, ""},
        Case{post, "SHOW ALL", session, ""}, Case{post, "PREPARE p AS DELETE FROM t", session, ""},
        Case{post, "EXECUTE p", procedure, ""}, Case{post, "LISTEN c", session, ""},
        Case{post, "DECLARE c CURSOR FOR SELECT 1", session, ""},
        Case{post, "DO $$ BEGIN DELETE FROM t; END $$", procedure, ""}, Case{post, "CALL p()", procedure, ""},
        Case{post, "EXPLAIN ANALYZE DELETE FROM t", StatementClass::explain, ""},
        Case{post, "explain/*/**/*/(analyze) WITH d AS (DELETE FROM t) SELECT 1", StatementClass::explain,
             ""},
        Case{post, "COPY t FROM PROGRAM 'id'", StatementClass::write, ""},
        Case{post, "COPY (SELECT 1) TO '/tmp/x'", StatementClass::write, ""},
        Case{post, "START TRANSACTION; DROP TABLE t", transaction, ""},
        Case{post, "ROLLBACK PREPARED 'x'", transaction, ""}, Case{post, "LOCK TABLE t", transaction, ""}));

INSTANTIATE_TEST_SUITE_P(
    OfOracle, Administration,
    testing::Values(
        Case{orac, "CREATE TABLE t (id NUMBER(10) PRIMARY KEY, n VARCHAR2(20 CHAR) DEFAULT 'x') TABLESPACE u",
             ddl, "CREATE TABLE"},
        Case{orac, "CREATE TABLE t (a, b) NOLOGGING AS SELECT * FROM secrets", ddl, ""},
        Case{orac, "CREATE TABLE t (a NUMBER) ORGANIZATION EXTERNAL (LOCATION ('f'))", ddl, ""},
        Case{orac, "CREATE GLOBAL TEMPORARY TABLE t (a NUMBER)", ddl, ""},
        Case{orac, "CREATE UNIQUE INDEX i ON t (UPPER(a)) ONLINE", ddl, "CREATE UNIQUE INDEX"},
        Case{orac, "CREATE INDEX i ON t (pkg.f(a))", ddl, ""},
        Case{orac, "CREATE SYNONYM s FOR secrets", ddl, ""},
        Case{orac, "CREATE DATABASE LINK l CONNECT TO scott IDENTIFIED BY tiger USING 'x'", ddl, ""},
        Case{orac, "CREATE OR REPLACE PROCEDURE p AS BEGIN NULL; END;", ddl, ""},
        Case{orac, "CREATE USER u IDENTIFIED BY tiger QUOTA UNLIMITED ON users", ddl, "CREATE USER"},
        Case{orac, "ALTER TABLE t ADD (c NUMBER(5), d DATE)", ddl, "ALTER TABLE"},
        Case{orac, "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE secrets", ddl, ""},
        Case{orac, "ALTER TABLE t RENAME TO u", ddl, ""}, Case{orac, "RENAME secrets TO shown", ddl, ""},
        Case{orac, "DROP TABLE t CASCADE CONSTRAINTS PURGE", ddl, "DROP TABLE"},
        Case{orac, "TRUNCATE TABLE t DROP STORAGE", ddl, "TRUNCATE"},
        Case{orac, "DROP USER u CASCADE", ddl, ""}, Case{orac, "ALTER TABLE t TRUNCATE PARTITION p", ddl, ""},
        Case{orac, "ALTER TABLE t DROP PARTITION p", ddl, ""},
        Case{orac, "COMMENT ON COLUMN t.c IS 'x'", ddl, "COMMENT ON"},
        Case{orac, "REVOKE ALL ON t FROM u", ddl, "REVOKE"}, Case{orac, "NOAUDIT ALL", ddl, ""},
        Case{orac, "FLASHBACK TABLE t TO BEFORE DROP", ddl, ""},
        Case{orac, "ANALYZE TABLE t VALIDATE STRUCTURE", upkeep, "ANALYZE"},
        Case{orac, "ANALYZE TABLE t LIST CHAINED ROWS INTO u", upkeep, ""},
        Case{orac, "ALTER SESSION SET CURRENT_SCHEMA = sys", session, ""},
        Case{orac, "ALTER SYSTEM KILL SESSION '1,2'", upkeep, ""},
        Case{orac, "SET ROLE dba IDENTIFIED BY tiger", session, ""},
        Case{orac, "BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; END;", procedure, ""},
        Case{orac, "BEGIN NULL; END;\n/", procedure, ""},
        Case{orac, "DECLARE n NUMBER; BEGIN NULL; END;", procedure, ""},
        Case{orac, "CALL pkg.p(1)", procedure, ""}, Case{orac, "/\nDROP TABLE t", unknown, ""},
        Case{orac, "EXPLAIN PLAN FOR DELETE FROM t", StatementClass::explain, ""},
        Case{orac, "COMMIT", transaction, ""}, Case{orac, "DROP TABLE t\n/", ddl, ""},
        Case{orac, "LOCK TABLE t IN EXCLUSIVE MODE", transaction, ""}, Case{orac, "VACUUM", unknown, ""}));

TEST(Administration, says_what_is_wrong_and_where) {
    EXPECT_EQ(why(lite, "CREATE TABLE t (a);DROP TABLE u"), "only one statement may be sent at a time");
    EXPECT_EQ(why(lite, "CREATE TABLE t AS SELECT 1"), "CREATE TABLE with SELECT is not run");
    EXPECT_EQ(why(post, "CREATE TABLE t AS TABLE u"), "CREATE TABLE ... AS is not run");
    EXPECT_EQ(why(post, "ALTER TABLE t RENAME TO u"), "ALTER TABLE with RENAME is not run");
    EXPECT_EQ(why(post, "CREATE INDEX i ON t (f(a))"), "a function that is called here may not be");
    EXPECT_EQ(why(post, "CREATE POLICY p ON t"),
              "a statement of this form is not run, not for administrators either");
    EXPECT_EQ(why(lite, ""), "a statement of this form is not run, not for administrators either");
}

TEST(Administration, copies_made_by_a_query_are_not_even_queries) {
    for (const auto& [dialect, text] : std::vector<std::pair<DialectId, std::string_view>>{
             {post, "SELECT * INTO copy FROM secrets"},
             {post, "WITH d AS (DELETE FROM secrets RETURNING *) SELECT * INTO TEMP copy FROM d"},
             {lite, "SELECT * INTO copy FROM secrets"},
             {orac, "SELECT word INTO :w FROM secrets"}}) {
        EXPECT_FALSE(Parser(dialect_of(dialect)).parse_statement(text)) << text;
        EXPECT_EQ(form_of(dialect, text), "") << text;
    }
}

TEST(Administration, keeps_the_statement_without_what_stands_around_it) {
    const std::string text = " -- first\n DROP TABLE t /* in */ ; -- last";
    std::vector<Token> tokens;
    ASSERT_TRUE(tokenize(text, tokens));
    EXPECT_EQ(administrative(tokens, text, sqlite_dialect())->sql(), "DROP TABLE t");
    EXPECT_EQ(administrative(tokens, text, sqlite_dialect())->statement_class(), ddl);
}

/// Whatever is refused or run is on record, and none of this may be in it.
TEST(Administration, secrets_are_not_in_what_is_kept_of_a_statement) {
    const std::vector<std::pair<DialectId, std::string_view>> statements = {
        {post, "CREATE USER u PASSWORD 'tiger'"},
        {post, "CREATE ROLE u LOGIN ENCRYPTED PASSWORD $a$tiger$a$ VALID UNTIL 'infinity'"},
        {post, "ALTER ROLE u WITH PASSWORD E'tiger'"},
        {post, "ALTER USER u PASSWORD U&'tiger'"},
        {post, "/* x */ ALTER ROLE u\nPASSWORD\n'ti' \n 'tiger'"},
        {post, "CREATE SUBSCRIPTION s CONNECTION 'host=h user=u password=tiger' PUBLICATION p"},
        {post, "ALTER SUBSCRIPTION s CONNECTION 'password=tiger'"},
        {post, "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password 'tiger')"},
        {post, "ALTER USER MAPPING FOR u SERVER s OPTIONS (SET password 'tiger')"},
        {post, "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', passfile 'tiger')"},
        {post, "SELECT dblink_connect('host=h password=tiger')"},
        {post, "SET pgcrypto.key = tiger"},
        {post, "SET my.password TO tiger"},
        {post, "ALTER ROLE u SET my.secret = tiger"},
        {post, "COPY t FROM PROGRAM 'curl -u tiger'"},
        {post, "SECURITY LABEL ON ROLE u IS 'tiger'"},
        {orac, "CREATE USER u IDENTIFIED BY tiger"},
        {orac, "create user u identified by \"tiger\" account unlock"},
        {orac, "ALTER USER u IDENTIFIED BY tiger REPLACE tiger2"},
        {orac, "ALTER USER u IDENTIFIED BY VALUES 'S:tiger'"},
        {orac, "GRANT CONNECT TO u, v IDENTIFIED BY tiger, tiger2"},
        {orac, "CREATE DATABASE LINK l CONNECT TO scott IDENTIFIED BY tiger USING 'x'"},
        {orac, "CREATE ROLE r IDENTIFIED /**/ BY /**/ tiger"},
        {orac, "SET ROLE r IDENTIFIED BY tiger"},
        {orac, "ALTER SYSTEM SET ENCRYPTION KEY IDENTIFIED BY \"tiger\""},
        {orac, "ADMINISTER KEY MANAGEMENT SET KEYSTORE OPEN IDENTIFIED BY tiger"},
        {orac, "BEGIN p(q'[tiger]', nq'{tiger}'); END;"},
        {orac, "CONNECT scott/tiger@db"},
        {lite, "PRAGMA key = 'tiger'"},
        {lite, "PRAGMA key = tiger"},
        {lite, "PRAGMA key(tiger)"},
        {lite, "PRAGMA main.rekey (tiger)"},
        {lite, "PRAGMA hexkey = \"tiger\""},
        {lite, "ATTACH 'x.db' AS x KEY 'tiger'"},
        {lite, "CREATE TABLE t (a DEFAULT 'tiger'); PRAGMA key = tiger"}};
    for (const auto& [dialect, text] : statements) {
        EXPECT_EQ(shown(dialect, text).find("tiger"), std::string::npos) << shown(dialect, text);
        EXPECT_EQ(why(dialect, text).find("tiger"), std::string::npos) << text;
    }
}

}  // namespace administration_test
}  // namespace majed::sql
