// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/database.h"
#include "driver/sqlite/sqlite_driver.h"
#include "driver/sqlite/temporary_directory.h"
#include "schema_picture/picture_fixture.h"

#include <atomic>
#include <cstdlib>
#include <thread>

namespace majed::schema_picture {
namespace sqlite_picture_test {

using migrate::Dialect;

class SqlitePicture : public testing::Test {
protected:
    Database open(const std::string& name) {
        const std::string path = directory_.file(name);
        auto file = driver::sqlite::Database::open(path, driver::sqlite::OpenMode::create);
        if (!file || !file->execute("PRAGMA journal_mode=WAL")) {
            std::abort();
        }
        driver::Target target;
        target.url = "sqlite:" + path;
        target.access = driver::Access::read_write;
        drivers_.push_back(*driver::sqlite::SqliteDriver::create(std::move(target)));
        return {Dialect::sqlite, *drivers_.back()};
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::vector<std::unique_ptr<driver::Driver>> drivers_;
};

TEST_F(SqlitePicture, is_the_same_however_the_schema_was_made) {
    Database at_once = open("a");
    at_once.run({
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'Ann', note TEXT)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers(id), total "
        "NUMERIC "
        "NOT NULL DEFAULT 0, CHECK (total >= 0), UNIQUE (customer, total))",
        "CREATE UNIQUE INDEX by_name ON customers (name COLLATE NOCASE) WHERE note IS NOT NULL",
        "CREATE VIEW rich AS SELECT c.name, sum(o.total) FROM customers c JOIN orders o ON o.customer = c.id",
        "CREATE TRIGGER t AFTER INSERT ON orders BEGIN UPDATE customers SET note = 'x'; DELETE FROM orders; "
        "END",
    });
    Database step_by_step = open("b");
    step_by_step.run({
        "create table \"Buyers\" (\n  [ID] integer primary key, -- the key\n  unused,\n  old text not null "
        "default 'Ann')",
        "CREATE TABLE main.bills (/* first */ `id` INTEGER PRIMARY KEY, customer INTEGER REFERENCES "
        "\"Buyers\"(\"id\"), sum NUMERIC NOT NULL DEFAULT 0, UNIQUE (customer,[sum]), CHECK(\"sum\">=0))",
        "ALTER TABLE Buyers ADD COLUMN note TEXT",
        "ALTER TABLE buyers DROP COLUMN unused",
        "ALTER TABLE BUYERS RENAME COLUMN old TO Name",
        "create view IF NOT EXISTS [Rich] as\n select c.name,sum(o.sum)from buyers c join bills o on "
        "o.customer=c.id -- who pays",
        "create trigger T after insert on bills begin\n update buyers set NOTE='x';\n delete from bills; end",
        "CREATE UNIQUE INDEX IF NOT EXISTS main.\"by_name\" ON Buyers(\"Name\" collate nocase)WHERE note IS "
        "NOT NULL",
        "ALTER TABLE bills RENAME TO \"Orders\"",
        "ALTER TABLE buyers RENAME TO Customers",
        "ALTER TABLE orders RENAME COLUMN sum TO total",
    });
    const auto one = at_once.picture();
    const auto other = step_by_step.picture();
    EXPECT_EQ(shown(one), shown(other));
    EXPECT_EQ(migrate::hash_of(one), migrate::hash_of(other));
    EXPECT_EQ(one.size(), 11U) << shown(one);
}

TEST_F(SqlitePicture, tells_each_change_once_and_by_name) {
    Database database = open("a");
    database.run({"CREATE TABLE orders (id INTEGER PRIMARY KEY, total NUMERIC NOT NULL, gone)"});
    expect_told(
        database,
        {
            {{"CREATE TABLE other (a)"}, "+ column other.a\n+ table other\n"},
            {{"ALTER TABLE orders ADD COLUMN note TEXT"}, "+ column orders.note\n"},
            {{"ALTER TABLE orders DROP COLUMN gone"}, "- column orders.gone\n"},
            {{"ALTER TABLE other RENAME COLUMN a TO b"}, "- column other.a\n+ column other.b\n"},
            {{"DROP TABLE other"}, "- column other.b\n- table other\n"},
            {{"CREATE INDEX by_total ON orders (total)"}, "+ index by_total\n"},
            {{"DROP INDEX by_total", "CREATE UNIQUE INDEX by_total ON orders (total)"},
             "~ index by_total\n    - on orders (total)\n    + unique on orders (total)\n"},
            {{"DROP INDEX by_total"}, "- index by_total\n"},
            {{"CREATE VIEW v AS SELECT id, total FROM orders"}, "+ view v\n"},
            {{"DROP VIEW v", "CREATE VIEW v AS SELECT id FROM orders"},
             "~ view v\n    - select id, total\n    + select id\n"},
            {{"CREATE TRIGGER t AFTER DELETE ON orders BEGIN SELECT 1; SELECT 2; END"}, "+ trigger t\n"},
            {{"DROP TRIGGER t", "CREATE TRIGGER t AFTER DELETE ON orders BEGIN SELECT 1; SELECT 3; END"},
             "~ trigger t\n    - select 2;\n    + select 3;\n"},
        });
}

TEST_F(SqlitePicture, tells_each_change_of_a_table_that_is_made_anew) {
    Database database = open("a");
    const auto remade = [](const std::string& body) {
        return Statements{"DROP TABLE IF EXISTS t", "CREATE TABLE t " + body};
    };
    database.run(remade("(a INT, b TEXT, c DEFAULT 1)"));
    expect_told(
        database,
        {
            {remade("(a INTEGER, b TEXT, c DEFAULT 1)"), "~ column t.a\n    - int\n    + integer\n"},
            {remade("(a INTEGER, b TEXT NOT NULL, c DEFAULT 1)"),
             "~ column t.b\n    - text\n    + text not null\n"},
            {remade("(a INTEGER, b TEXT NOT NULL, c DEFAULT 2)"),
             "~ column t.c\n    - default 1\n    + default 2\n"},
            {remade("(a INTEGER, b TEXT NOT NULL, c DEFAULT 'x')"),
             "~ column t.c\n    - default 2\n    + default 'x'\n"},
            {remade("(a INTEGER, b TEXT NOT NULL, c DEFAULT 'X')"),
             "~ column t.c\n    - default 'x'\n    + default 'X'\n"},
            {remade("(a INTEGER, b TEXT NOT NULL, c AS (a + 1))"),
             "~ column t.c\n    - default 'X'\n    + as (a + 1)\n"},
            {remade("(b TEXT NOT NULL, a INTEGER, c AS (a + 1))"), "~ table t\n    -   a\n    +   a\n"},
            {remade("(b TEXT NOT NULL, a INTEGER, c AS (a + 1), PRIMARY KEY (b, a))"),
             "~ table t\n    + primary key (b, a)\n"},
            {remade("(b TEXT NOT NULL, a INTEGER, c AS (a + 1), PRIMARY KEY (b, a), CHECK (b <> ',)'))"),
             "~ table t\n    + check (b <> ',)')\n"},
            {remade(
                 "(b TEXT NOT NULL, a INTEGER, c AS (a + 1), CHECK (b <> ',)'), PRIMARY KEY (b, a)) WITHOUT "
                 "ROWID"),
             "~ table t\n    - table\n    + table without rowid\n"},
        });
}

TEST_F(SqlitePicture, tells_nothing_of_rows_and_counters) {
    Database database = open("a");
    database.run({"CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)", "CREATE INDEX i ON t (a)"});
    const auto before = database.picture();
    database.run({"INSERT INTO t (a) VALUES (1), (2)", "ANALYZE", "PRAGMA user_version = 7",
                  "PRAGMA application_id = 8", "CREATE TEMP TABLE mine (a)", "DELETE FROM t"});
    EXPECT_EQ(shown(database.picture()), shown(before));
    EXPECT_EQ(database.picture(), before);
}

TEST_F(SqlitePicture, leaves_out_the_ledger_and_what_the_engine_keeps) {
    Database database = open("a");
    const std::string empty = migrate::hash_of({});
    database.run(
        {"CREATE TABLE schema_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, version TEXT UNIQUE)",
         "CREATE INDEX ledger_by_version ON schema_migrations (version)",
         "CREATE TABLE schema_migrations_objects (kind, name, definition, PRIMARY KEY (kind, name))",
         "CREATE TABLE Schema_Migrations_Lock (a)"});
    EXPECT_EQ(shown(database.picture()), "");
    EXPECT_EQ(migrate::hash_of(database.picture()), empty);
}

TEST_F(SqlitePicture, shows_a_virtual_table_without_its_shadows) {
    Database database = open("a");
    database.run({"CREATE VIRTUAL TABLE pages USING fts5(title, body)"});
    EXPECT_EQ(shown(database.picture()), "virtual table pages: using fts5 (title, body)\n");
}

TEST_F(SqlitePicture, keeps_apart_names_with_dots_and_quotes) {
    Database database = open("a");
    database.run({"CREATE TABLE \"a.b\" (c)", "CREATE TABLE a (\"b.c\", \"\"\"\")"});
    EXPECT_EQ(shown(database.picture()),
              "column \"a.b\".c: without type\ncolumn a.\"\"\"\": without type\n"
              "column a.\"b.c\": without type\ntable \"a.b\": table\ncolumns\n  c\n"
              "table a: table\ncolumns\n  \"b.c\"\n  \"\"\"\"\n");
}

TEST_F(SqlitePicture, sees_the_schema_of_the_transaction_that_is_open) {
    Database database = open("a");
    ASSERT_TRUE(database.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    database.run({"CREATE TABLE t (a)"});
    EXPECT_EQ(database.picture().size(), 2U);
    EXPECT_TRUE(database.connection().in_transaction());
    ASSERT_TRUE(database.connection().rollback(Deadline::max()));
    EXPECT_EQ(database.picture().size(), 0U);
}

TEST_F(SqlitePicture, is_whole_while_another_changes_the_schema) {
    Database database = open("a");
    Database other = open("a");
    std::atomic<bool> done{false};
    std::thread changing([&] {
        for (int i = 0; i < 40; ++i) {
            other.run({"BEGIN IMMEDIATE", "CREATE TABLE t (a)", "CREATE INDEX i ON t (a)", "COMMIT",
                       "DROP TABLE t"});
        }
        done = true;
    });
    while (!done) {
        const std::size_t size = database.picture().size();
        EXPECT_TRUE(size == 0 || size == 3) << size;
    }
    changing.join();
}

}  // namespace sqlite_picture_test
}  // namespace majed::schema_picture
