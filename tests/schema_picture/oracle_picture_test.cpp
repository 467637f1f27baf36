// SPDX-License-Identifier: Apache-2.0
// On our own client library: as far as that goes, which is not to checks, triggers, procedures and grants.
#include "doubles/oci/remote/oci_double.h"
#include "driver/oracle/oracle_driver.h"
#include "driver/sqlite/temporary_directory.h"
#include "schema_picture/picture_fixture.h"

#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <span>
#include <utility>

namespace majed::schema_picture {
namespace oracle_picture_test {

using migrate::Dialect;

/// The client library reads its folder once in a process.
class OneDouble {
public:
    static OneDouble& get() {
        static OneDouble only;
        return only;
    }
    [[nodiscard]] std::string file(const std::string& name) const { return directory_.file(name); }

private:
    driver::sqlite::TemporaryDirectory directory_;
    const doubles::OciDouble double_{directory_.file(""), "correct horse"};
};

/// Of its own for each test.
std::string service_name(const std::string& name) {
    return testing::UnitTest::GetInstance()->current_test_info()->name() + ("_" + name);
}

class OraclePicture : public testing::Test {
protected:
    Database open(const std::string& name) {
        static_cast<void>(OneDouble::get());
        driver::Target target;
        target.url = "oracle://localhost:1521/" + service_name(name) +
                     "?client_library=" + doubles::oci_double_folder();
        target.user = "shop";
        target.password = Secret("correct horse");
        target.access = driver::Access::read_write;
        auto made = driver::oracle::open_driver(std::move(target));
        EXPECT_TRUE(made) << made.error().message;
        drivers_.push_back(std::move(*made));
        return {Dialect::oracle, *drivers_.back()};
    }

    std::vector<std::unique_ptr<driver::Driver>> drivers_;
};

class NoRows final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView>) override { return {}; }
};

/// 0, or the number of the ORA- message.
int outcome(Database& database, const std::string& sql) {
    NoRows none;
    const auto done =
        database.connection().execute(sql, {}, {.deadline = deadline_after(std::chrono::seconds(20))}, none);
    return done ? 0 : done.error().native_code;
}

TEST_F(OraclePicture, is_the_same_however_the_schema_was_made) {
    Database at_once = open("a");
    at_once.run({
        "CREATE TABLE customers (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40 CHAR) DEFAULT 'Ann' NOT NULL)",
        "CREATE TABLE orders (id NUMBER(9) PRIMARY KEY, customer NUMBER(9) REFERENCES customers (id), total "
        "NUMBER(12,2) NOT NULL, UNIQUE (customer, total))",
        "CREATE INDEX by_name ON customers (name)",
        "CREATE VIEW rich AS SELECT name FROM customers",
        "CREATE SEQUENCE counted",
    });
    Database step_by_step = open("b");
    step_by_step.run({
        "create sequence COUNTED",
        "CREATE TABLE customers (id NUMBER(9) PRIMARY KEY)",
        "ALTER TABLE customers ADD (name varchar2 (40 char) default 'Ann' not null)",
        "create table \"ORDERS\" (id number(9) primary key, customer NUMBER(9) references customers(id),\n "
        "total "
        "number(12, 2) not null, unique(customer,total))",
        "CREATE VIEW rich AS SELECT name FROM customers",
        "CREATE INDEX by_name ON customers(name)",
    });
    const auto one = at_once.picture();
    const auto other = step_by_step.picture();
    EXPECT_EQ(told(one, other), "");
    EXPECT_EQ(shown(one), shown(other));
    EXPECT_EQ(one.size(), 14U) << shown(one);
}

TEST_F(OraclePicture, tells_each_change_once_and_by_name) {
    Database database = open("a");
    database.run({"CREATE TABLE orders (id NUMBER(9), total NUMBER(12,2))"});
    expect_told(database,
                {
                    {{"CREATE TABLE other (a CLOB)"}, "+ column OTHER.A\n+ table OTHER\n"},
                    {{"ALTER TABLE orders ADD note VARCHAR2(20)"}, "+ column ORDERS.NOTE\n"},
                    {{"DROP TABLE other", "CREATE TABLE other (a CLOB NOT NULL)"},
                     "~ column OTHER.A\n    - CLOB\n    + CLOB NOT NULL\n"},
                    {{"DROP TABLE other", "CREATE TABLE other (a NUMBER(3) DEFAULT 7 NOT NULL)"},
                     "~ column OTHER.A\n    - CLOB NOT NULL\n    + NUMBER(3,0) DEFAULT 7 NOT NULL\n"},
                    {{"CREATE INDEX by_total ON orders (total)"}, "+ index BY_TOTAL\n"},
                    {{"DROP INDEX by_total", "CREATE UNIQUE INDEX by_total ON orders (total)"},
                     "~ index BY_TOTAL\n    - ON ORDERS (TOTAL)\n    + UNIQUE ON ORDERS (TOTAL)\n"},
                    {{"CREATE VIEW v AS SELECT id FROM orders"}, "+ view V\n"},
                    {{"CREATE OR REPLACE VIEW v AS SELECT total FROM orders"},
                     "~ view V\n    - SELECT ID FROM ORDERS\n    + SELECT TOTAL FROM ORDERS\n"},
                    {{"CREATE SEQUENCE s"}, "+ sequence S\n"},
                    {{"DROP SEQUENCE s"}, "- sequence S\n"},
                });
}

TEST_F(OraclePicture, tells_nothing_of_rows_and_of_the_ledger) {
    Database database = open("a");
    database.run({"CREATE TABLE t (a NUMBER(9))"});
    const auto before = database.picture();
    database.run(
        {"INSERT INTO t VALUES (1)",
         "CREATE TABLE schema_migrations (id NUMBER(18) PRIMARY KEY, version VARCHAR2(255) NOT NULL UNIQUE)",
         "CREATE TABLE schema_migrations_objects (kind VARCHAR2(64), name VARCHAR2(400), definition CLOB, "
         "PRIMARY KEY (kind, name))",
         "CREATE TABLE schema_migrations_lock (nothing NUMBER(1))"});
    EXPECT_EQ(told(before, database.picture()), "");
    EXPECT_EQ(database.picture(), before);
}

TEST_F(OraclePicture, of_a_locked_table_is_taken_and_the_lock_outlives_ddl_of_another_session) {
    Database holder = open("a");
    Database worker = open("a");
    Database late = open("a");
    constexpr int busy = 54;
    constexpr int waited = 30006;
    const std::string lock = "LOCK TABLE l IN EXCLUSIVE MODE";
    worker.run({"CREATE TABLE l (a NUMBER(1))"});
    ASSERT_TRUE(holder.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    ASSERT_EQ(outcome(holder, lock + " NOWAIT"), 0);
    worker.run({"CREATE TABLE t (a NUMBER(9))", "INSERT INTO t VALUES (1)", "DROP TABLE t"});
    EXPECT_EQ(worker.picture().size(), 2U);
    ASSERT_TRUE(late.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    EXPECT_EQ(outcome(late, lock + " NOWAIT"), busy);
    EXPECT_EQ(outcome(late, lock + " WAIT 1"), waited);
    EXPECT_EQ(outcome(late, "LOCK TABLE nowhere IN EXCLUSIVE MODE"), 942);
    ASSERT_TRUE(holder.connection().rollback(Deadline::max()));
    EXPECT_EQ(outcome(late, lock + " NOWAIT"), 0);
    ASSERT_TRUE(late.connection().commit(Deadline::max()));
    ASSERT_TRUE(holder.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    EXPECT_EQ(outcome(holder, lock), 0);
}

TEST_F(OraclePicture, lock_of_a_process_that_was_killed_is_gone) {
    Database late = open("a");
    late.run({"CREATE TABLE l (a NUMBER(1))"});
    const std::string file = OneDouble::get().file(service_name("a") + ".db") + "-lock-L";
    const pid_t child = fork();
    if (child == 0) {
        execlp("flock", "flock", "--exclusive", "--no-fork", file.c_str(), "sleep", "60", nullptr);
        _exit(1);
    }
    ASSERT_GT(child, 0);
    ASSERT_TRUE(late.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    const std::string lock = "LOCK TABLE l IN EXCLUSIVE MODE";
    while (outcome(late, lock + " NOWAIT") == 0) {
        ASSERT_TRUE(late.connection().rollback(Deadline::max()));
        ASSERT_TRUE(late.connection().begin(driver::TransactionMode::read_write, Deadline::max()));
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_EQ(outcome(late, lock + " WAIT 5"), 0);
}

}  // namespace oracle_picture_test
}  // namespace majed::schema_picture
