// SPDX-License-Identifier: Apache-2.0
#include "doubles/postgres_server.h"
#include "driver/postgres/postgres_driver.h"
#include "schema_picture/picture_fixture.h"

#include <atomic>
#include <chrono>
#include <span>
#include <thread>

namespace majed::schema_picture {
namespace postgresql_picture_test {

using doubles::PostgresServer;
using migrate::Dialect;

class NoRows final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView>) override { return {}; }
};

/// One server for all; each test has a schema of its own, always of the same name.
class PostgresqlPicture : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (PostgresServer::missing().empty()) {
            auto started = PostgresServer::start();
            server_ = started ? std::move(*started) : nullptr;
        }
    }
    static void TearDownTestSuite() { server_.reset(); }

    void SetUp() override {
        if (const std::string missing = PostgresServer::missing(); !missing.empty()) {
            GTEST_SKIP() << missing;
        }
        ASSERT_NE(server_, nullptr);
        auto made = driver::postgres::open_driver(server_->target(driver::Access::read_write));
        ASSERT_TRUE(made);
        driver_ = std::move(*made);
        start_again();
    }

    Database open() {
        Database database(Dialect::postgresql, *driver_);
        database.run({"SET search_path = shop"});
        return database;
    }
    void start_again() {
        open().run({"DROP SCHEMA IF EXISTS shop CASCADE", "DROP SCHEMA IF EXISTS elsewhere CASCADE",
                    "CREATE SCHEMA shop"});
    }

    static std::unique_ptr<PostgresServer> server_;
    std::unique_ptr<driver::Driver> driver_;
};

std::unique_ptr<PostgresServer> PostgresqlPicture::server_;

TEST_F(PostgresqlPicture, is_the_same_however_the_schema_was_made) {
    Database database = open();
    database.run({
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
        "CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL "
        "DEFAULT "
        "'Ann', feels mood)",
        "CREATE TABLE orders (id serial PRIMARY KEY, customer bigint REFERENCES customers (id) ON DELETE "
        "CASCADE, "
        "total numeric(12,2) NOT NULL DEFAULT 0, CONSTRAINT positive CHECK (total >= 0))",
        "CREATE INDEX by_name ON customers (lower(name)) WHERE feels IS NOT NULL",
        "CREATE VIEW rich AS SELECT c.name, sum(o.total) AS total FROM customers c JOIN orders o ON "
        "o.customer = "
        "c.id GROUP BY c.name",
        "CREATE FUNCTION f(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a + 1'",
        "GRANT SELECT ON orders TO PUBLIC",
    });
    const auto one = database.picture();
    start_again();
    database.run({
        "create function shop.f(\"a\" int4) returns int4 as $$SELECT a + 1$$ language SQL volatile",
        "CREATE TABLE orders (unused int, id serial PRIMARY KEY, amount numeric(12,2), customer int8)",
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE TABLE buyers (id bigint, x xml, name varchar(3), feels mood)",
        "ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy'",
        "ALTER TABLE buyers DROP COLUMN x",
        "ALTER TABLE buyers RENAME TO customers",
        "ALTER TABLE orders DROP COLUMN unused, DROP COLUMN amount",
        "ALTER TABLE orders ADD COLUMN total numeric(12,2)",
        "ALTER TABLE orders ALTER total SET NOT NULL, ALTER total SET DEFAULT 0",
        "ALTER TABLE orders ADD CONSTRAINT positive CHECK ( total>=0 )",
        "ALTER TABLE customers ADD PRIMARY KEY (id)",
        "ALTER TABLE customers ALTER id ADD GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE customers ALTER name TYPE text, ALTER name SET NOT NULL, ALTER name SET DEFAULT 'Ann'",
        "ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers ON DELETE CASCADE NOT VALID",
        "ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fkey",
        "CREATE INDEX CONCURRENTLY by_name ON shop.customers USING btree (lower(name)) WHERE (feels)IS NOT "
        "NULL",
        "CREATE VIEW rich AS SELECT name, sum(total) AS total FROM customers c JOIN orders o ON customer = "
        "c.id "
        "GROUP BY name",
        "GRANT SELECT, UPDATE ON orders TO PUBLIC",
        "REVOKE UPDATE ON orders FROM PUBLIC",
    });
    const auto other = database.picture();
    EXPECT_EQ(told(one, other), "");
    EXPECT_EQ(shown(one), shown(other));
    EXPECT_EQ(migrate::hash_of(one), migrate::hash_of(other));
    EXPECT_GT(one.size(), 15U);
}

TEST_F(PostgresqlPicture, tells_each_change_of_tables_and_columns_once_and_by_name) {
    Database database = open();
    database.run({"CREATE TABLE parent (id int)", "CREATE TABLE orders (id int, total numeric, gone date)"});
    expect_told(
        database,
        {
            {{"ALTER TABLE orders ADD COLUMN note text"}, "+ column orders.note\n"},
            {{"ALTER TABLE orders DROP COLUMN gone"}, "- column orders.gone\n"},
            {{"ALTER TABLE orders ALTER total TYPE numeric(10,2)"},
             "~ column orders.total\n    - numeric\n    + numeric(10,2)\n"},
            {{"ALTER TABLE orders ALTER total SET NOT NULL"},
             "~ column orders.total\n    - numeric(10,2)\n    + numeric(10,2) NOT NULL\n"},
            {{"ALTER TABLE orders ALTER total SET DEFAULT 1"},
             "~ column orders.total\n    - numeric(10,2) NOT NULL\n    + numeric(10,2) NOT NULL DEFAULT 1\n"},
            {{"ALTER TABLE orders ALTER note TYPE text COLLATE \"C\""},
             "~ column orders.note\n    - text\n    + text COLLATE pg_catalog.\"C\"\n"},
            {{"ALTER TABLE orders ALTER id SET NOT NULL"},
             "~ column orders.id\n    - integer\n    + integer NOT NULL\n"},
            {{"ALTER TABLE orders ALTER id ADD GENERATED ALWAYS AS IDENTITY (CACHE 5)"},
             "~ column orders.id\n    - integer NOT NULL\n    + integer NOT NULL GENERATED ALWAYS AS "
             "IDENTITY (AS "
             "integer START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 5)\n"},
            {{"ALTER TABLE orders ALTER id DROP IDENTITY"},
             "~ column orders.id\n    - integer NOT NULL GENERATED ALWAYS AS IDENTITY (AS integer START 1 "
             "INCREMENT 1 "
             "MINVALUE 1 MAXVALUE 2147483647 CACHE 5)\n    + integer NOT NULL\n"},
            {{"ALTER TABLE orders ADD COLUMN twice numeric GENERATED ALWAYS AS (total * 2) STORED"},
             "+ column orders.twice\n"},
            {{"GRANT SELECT (note) ON orders TO PUBLIC"},
             "~ column orders.note\n    + grant SELECT to PUBLIC\n"},
            {{"ALTER TABLE orders SET UNLOGGED"}, "~ table orders\n    + UNLOGGED\n"},
            {{"ALTER TABLE orders SET (fillfactor = 70)"}, "~ table orders\n    + WITH (fillfactor=70)\n"},
            {{"ALTER TABLE orders ENABLE ROW LEVEL SECURITY"}, "~ table orders\n    + ROW LEVEL SECURITY\n"},
            {{"GRANT SELECT, INSERT ON orders TO PUBLIC"},
             "~ table orders\n    + grant INSERT, SELECT to PUBLIC\n"},
            {{"ALTER TABLE orders REPLICA IDENTITY FULL"}, "~ table orders\n    + REPLICA IDENTITY FULL\n"},
            {{"ALTER TABLE orders INHERIT parent"}, "~ table orders\n    + INHERITS shop.parent\n"},
        });
}

TEST_F(PostgresqlPicture, tells_the_order_of_columns_and_not_their_numbers) {
    Database database = open();
    database.run({"CREATE TABLE t (a int, b int)"});
    const auto before = database.picture();
    database.run({"ALTER TABLE t DROP COLUMN b", "ALTER TABLE t ADD COLUMN b int"});
    EXPECT_EQ(database.picture(), before);
    database.run({"ALTER TABLE t DROP COLUMN a", "ALTER TABLE t ADD COLUMN a int"});
    EXPECT_EQ(told(before, database.picture()), "~ table t\n    -   a\n    +   a\n");
}

TEST_F(PostgresqlPicture, tells_each_change_of_what_hangs_on_tables_once_and_by_name) {
    Database database = open();
    database.run({"CREATE TABLE t (id int, a text)", "CREATE TABLE u (id int)",
                  "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"});
    expect_told(
        database,
        {
            {{"ALTER TABLE t ALTER id SET NOT NULL"},
             "~ column t.id\n    - integer\n    + integer NOT NULL\n"},
            {{"ALTER TABLE t ADD PRIMARY KEY (id)"}, "+ constraint t.t_pkey\n"},
            {{"ALTER TABLE u ADD FOREIGN KEY (id) REFERENCES t NOT VALID"}, "+ constraint u.u_id_fkey\n"},
            {{"ALTER TABLE u VALIDATE CONSTRAINT u_id_fkey"},
             "~ constraint u.u_id_fkey\n    - FOREIGN KEY (id) REFERENCES shop.t(id) NOT VALID\n"
             "    + FOREIGN KEY (id) REFERENCES shop.t(id)\n"},
            {{"CREATE INDEX by_a ON t (a)"}, "+ index by_a\n"},
            {{"DROP INDEX by_a", "CREATE INDEX by_a ON t (a DESC)"},
             "~ index by_a\n    - CREATE INDEX by_a ON shop.t USING btree (a)\n"
             "    + CREATE INDEX by_a ON shop.t USING btree (a DESC)\n"},
            {{"CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noted()"},
             "+ trigger t.g\n"},
            {{"ALTER TABLE t DISABLE TRIGGER g"}, "~ trigger t.g\n    + DISABLED\n"},
            {{"CREATE RULE r AS ON DELETE TO u DO INSTEAD NOTHING"}, "+ rule u.r\n"},
            {{"CREATE POLICY p ON t USING (a = 'x')"}, "+ policy t.p\n"},
            {{"ALTER POLICY p ON t USING (true)"},
             "~ policy t.p\n    - USING ((a = 'x'::text))\n    + USING (true)\n"},
            {{"CREATE STATISTICS s ON id, a FROM t"}, "+ statistics s\n"},
            {{"CREATE VIEW v AS SELECT id FROM t"}, "+ view v\n"},
            {{"CREATE OR REPLACE VIEW v AS SELECT id FROM t WHERE a IS NULL"},
             "~ view v\n    -    FROM shop.t;\n    +    FROM shop.t\n    +   WHERE (t.a IS NULL);\n"},
            {{"ALTER VIEW v SET (security_barrier = true)"},
             "~ view v\n    + WITH (security_barrier=true)\n"},
            {{"CREATE MATERIALIZED VIEW m AS SELECT 1 AS one"}, "+ materialized view m\n"},
        });
}

TEST_F(PostgresqlPicture, tells_each_change_of_everything_else_once_and_by_name) {
    Database database = open();
    const std::string function =
        "CREATE OR REPLACE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS integer "
        "LANGUAGE plpgsql AS $$\nBEGIN\n  -- why\n  RETURN ";
    expect_told(
        database,
        {
            {{function + "1;\nEND $$"}, "+ function f(integer, text)\n"},
            {{function + "2;\nEND $$"},
             "~ function f(integer, text)\n    -   RETURN 1;\n    +   RETURN 2;\n"},
            {{"ALTER FUNCTION f SECURITY DEFINER"}, "~ function f(integer, text)\n    +  SECURITY DEFINER\n"},
            {{"REVOKE EXECUTE ON FUNCTION f FROM PUBLIC"},
             "~ function f(integer, text)\n    - grant EXECUTE to PUBLIC\n"},
            {{"CREATE FUNCTION f(a text) RETURNS text LANGUAGE sql AS 'SELECT a'"}, "+ function f(text)\n"},
            {{"CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'"}, "+ procedure p()\n"},
            {{"CREATE AGGREGATE g(integer) (SFUNC = int4pl, STYPE = integer)"}, "+ aggregate g(integer)\n"},
            {{"CREATE OR REPLACE AGGREGATE g(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')"},
             "~ aggregate g(integer)\n    + INITCOND 0\n"},
            {{"CREATE SEQUENCE s"}, "+ sequence s\n"},
            {{"ALTER SEQUENCE s CYCLE"},
             "~ sequence s\n    - AS bigint START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 "
             "CACHE 1\n"
             "    + AS bigint START 1 INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 CYCLE\n"},
            {{"CREATE TYPE mood AS ENUM ('sad')"}, "+ type mood\n"},
            {{"ALTER TYPE mood ADD VALUE 'happy'"}, "~ type mood\n    +   'happy'\n"},
            {{"CREATE DOMAIN d AS text DEFAULT 'x'"}, "+ domain d\n"},
            {{"ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE <> '')"},
             "~ domain d\n    + CONSTRAINT c CHECK ((VALUE <> ''::text))\n"},
            {{"CREATE TYPE pair AS (a int, b text)"}, "+ type pair\n"},
            {{"ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint"},
             "~ type pair\n    -   a integer\n    +   a bigint\n"},
            {{"CREATE TYPE span AS RANGE (SUBTYPE = date)"}, "+ type span\n"},
            {{"CREATE TABLE parts (a int) PARTITION BY LIST (a)"}, "+ column parts.a\n+ table parts\n"},
            {{"CREATE TABLE part PARTITION OF parts FOR VALUES IN (1)"}, "+ column part.a\n+ table part\n"},
            {{"ALTER TABLE parts DETACH PARTITION part"},
             "~ table part\n    - PARTITION OF shop.parts\n    - FOR VALUES IN (1)\n"},
        });
}

TEST_F(PostgresqlPicture, tells_of_constraints_and_indexes_that_guard_nothing) {
    Database database = open();
    database.run({"CREATE TABLE t (a int PRIMARY KEY)", "CREATE TABLE u (a int REFERENCES t)",
                  "CREATE TABLE twice (a int)", "INSERT INTO twice VALUES (1), (1)"});
    const auto before = database.picture();
    auto as_admin = [&] {
        driver::Target target = server_->target(driver::Access::read_write);
        target.user = std::string(PostgresServer::administrator);
        return *driver::postgres::open_driver(std::move(target));
    }();
    Database(Dialect::postgresql, *as_admin).run({"ALTER TABLE shop.u DISABLE TRIGGER ALL"});
    const auto unguarded = database.picture();
    EXPECT_EQ(told(before, unguarded), "~ constraint u.u_a_fkey\n    + triggers not as usual: D\n");

    Database other = open();
    NoRows none;
    const auto failed =
        other.connection().execute("CREATE UNIQUE INDEX CONCURRENTLY i ON twice (a)", {},
                                   {.deadline = deadline_after(std::chrono::seconds(30))}, none);
    ASSERT_FALSE(failed);
    const auto found = migrate::differences(unguarded, database.picture());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().name, "i");
    EXPECT_NE(found.front().after.find("\nINVALID"), std::string::npos) << found.front().after;
}

TEST_F(PostgresqlPicture, tells_nothing_of_rows_comments_and_other_schemas) {
    Database database = open();
    database.run({"CREATE TABLE t (id serial PRIMARY KEY, a text)"});
    const auto before = database.picture();
    database.run({"INSERT INTO t (a) SELECT 'x' FROM generate_series(1, 100)", "ANALYZE t", "VACUUM t",
                  "COMMENT ON TABLE t IS 'words'", "CREATE SCHEMA elsewhere",
                  "CREATE TABLE elsewhere.t (x int)", "CREATE TEMP TABLE passing (a int)", "REINDEX TABLE t",
                  "GRANT SELECT ON t TO PUBLIC", "REVOKE SELECT ON t FROM PUBLIC"});
    EXPECT_EQ(told(before, database.picture()), "");
    EXPECT_EQ(database.picture(), before);
}

TEST_F(PostgresqlPicture, leaves_out_the_ledger_and_members_of_extensions) {
    Database database = open();
    driver::Target target = server_->target(driver::Access::read_write);
    target.user = std::string(PostgresServer::administrator);
    auto as_admin = *driver::postgres::open_driver(std::move(target));
    database.run(
        {"CREATE TABLE schema_migrations (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version text "
         "NOT NULL UNIQUE)",
         "CREATE TABLE schema_migrations_objects (kind text, name text, definition text)",
         "CREATE INDEX ledger_index ON schema_migrations (version)"});
    EXPECT_EQ(shown(database.picture()), "");
    // Any extension with functions that the server's package brings.
    Database(Dialect::postgresql, *as_admin)
        .run({"DROP EXTENSION plpgsql CASCADE", "CREATE EXTENSION plpgsql"});
    EXPECT_EQ(shown(database.picture()), "");
}

TEST_F(PostgresqlPicture, is_the_same_whoever_asks_and_leaves_the_session_as_it_was) {
    Database database = open();
    database.run({"CREATE TYPE mood AS ENUM ('sad')",
                  "CREATE TABLE t (feels mood, at timestamptz DEFAULT '2026-01-31 10:00+02', w interval "
                  "DEFAULT '1 day "
                  "2 hours')",
                  "CREATE VIEW v AS SELECT * FROM t WHERE at > '2026-01-31 10:00+02'"});
    const auto plain = database.picture();
    Database other = open();
    other.run({"SET search_path = shop, public", "SET TimeZone = 'Asia/Tokyo'", "SET DateStyle = 'SQL, DMY'",
               "SET IntervalStyle = 'iso_8601'", "SET quote_all_identifiers = on"});
    EXPECT_EQ(shown(other.picture()), shown(plain));
    other.run({"DO $$BEGIN ASSERT current_setting('TimeZone') = 'Asia/Tokyo'; END$$"});
    ASSERT_TRUE(other.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    other.run({"CREATE TABLE made_now (a int)", "SET search_path = shop"});
    EXPECT_EQ(told(plain, other.picture()), "+ column made_now.a\n+ table made_now\n");
    other.run(
        {"DO $$BEGIN ASSERT current_setting('search_path') = '\"shop\"', current_setting('search_path');"
         " ASSERT current_setting('TimeZone') = 'Asia/Tokyo', current_setting('TimeZone'); END$$",
         "CREATE TABLE another (a int)"});
    ASSERT_TRUE(other.connection().commit(Deadline::max()));
    other.run({"DO $$BEGIN ASSERT current_setting('search_path') = '\"shop\"'; END$$"});
}

TEST_F(PostgresqlPicture, runs_nothing_that_the_schema_brought_along) {
    Database database = open();
    database.run(
        {"CREATE FUNCTION shop.quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION "
         "'caught'; END$$",
         "CREATE FUNCTION shop.same(name, name) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION "
         "'caught'; END$$",
         "CREATE OPERATOR shop.= (LEFTARG = name, RIGHTARG = name, FUNCTION = shop.same)",
         "CREATE TABLE t (a int)", "SET search_path = shop, pg_catalog"});
    EXPECT_EQ(database.picture().size(), 4U);
}

TEST_F(PostgresqlPicture, refuses_a_session_without_a_schema) {
    Database database = open();
    database.run({"SET search_path = nowhere_at_all"});
    const auto taken = migrate::take_picture(Dialect::postgresql, database.connection(), Deadline::max());
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::not_found);
    EXPECT_FALSE(database.connection().in_transaction());
}

TEST_F(PostgresqlPicture, survives_a_schema_that_changes_under_it) {
    Database database = open();
    Database other = open();
    std::atomic<bool> done{false};
    std::thread changing([&] {
        for (int i = 0; i < 60; ++i) {
            other.run({"CREATE TABLE t (id serial PRIMARY KEY, a text CHECK (a <> ''))",
                       "CREATE INDEX i ON t (a)", "CREATE VIEW v AS SELECT a FROM t",
                       "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "DROP FUNCTION f()",
                       "DROP TABLE t CASCADE"});
        }
        done = true;
    });
    while (!done) {
        const auto taken = migrate::take_picture(Dialect::postgresql, database.connection(),
                                                 deadline_after(std::chrono::seconds(30)));
        if (!taken) {
            EXPECT_EQ(taken.error().code, ErrorCode::conflict) << taken.error().native_state;
        }
        EXPECT_TRUE(database.connection().reusable());
    }
    changing.join();
    EXPECT_EQ(shown(database.picture()), "");
}

TEST_F(PostgresqlPicture, keeps_apart_long_names_that_begin_alike) {
    Database database = open();
    const auto function = [](const std::string& last) {
        std::string arguments;
        for (int i = 0; i < 60; ++i) {
            arguments += "timestamp with time zone, ";
        }
        return "CREATE FUNCTION f(" + arguments + last + ") RETURNS int LANGUAGE sql AS 'SELECT 1'";
    };
    database.run({function("int"), function("text")});
    const auto picture = database.picture();
    ASSERT_EQ(picture.size(), 2U);
    EXPECT_LE(picture[0].name.size(), 900U);
    EXPECT_NE(picture[0].name, picture[1].name);
}

TEST_F(PostgresqlPicture, of_a_thousand_tables_takes_no_more_questions_than_of_one) {
    Database database = open();
    database.run(
        {"DO $$BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a text NOT "
         "NULL, b numeric DEFAULT 0)', i); IF i % 100 = 0 THEN COMMIT; END IF; END LOOP; END$$"});
    const auto begun = SteadyClock::now();
    const auto picture = database.picture();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begun);
    RecordProperty("milliseconds", static_cast<int>(took.count()));
    EXPECT_EQ(picture.size(), 5000U);
    EXPECT_LT(took, std::chrono::seconds(10));
}

}  // namespace postgresql_picture_test
}  // namespace majed::schema_picture
