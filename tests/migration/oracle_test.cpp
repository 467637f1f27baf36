// SPDX-License-Identifier: Apache-2.0
// On the double of Oracle's client library: see tests/doubles/oci/README.md for its script.
#include "doubles/oci/remote/oci_double.h"
#include "driver/oracle/oracle_driver.h"
#include "migrate/query_rows.h"
#include "migration/engine_fixture.h"

#include <memory>
#include <span>

namespace majed::migration {

namespace {

using driver::sqlite::TemporaryDirectory;

class OracleMigration : public testing::Test {
protected:
    void SetUp() override {
        static TemporaryDirectory folder;
        static const doubles::OciDouble one(folder.file(""), "secret");
        static int services = 0;
        double_ = &one;
        script("");
        driver::Target target;
        target.url = "oracle://localhost:1521/migrations" + std::to_string(++services) +
                     "?client_library=" + doubles::oci_double_folder();
        target.user = "app";
        target.password = Secret("secret");
        target.access = driver::Access::read_write;
        auto opened = driver::oracle::open_driver(std::move(target));
        ASSERT_TRUE(succeeds(opened));
        driver_ = std::move(*opened);
        options.dialect = migrate::Dialect::oracle;
        options.applied_by = "ann@build7";
    }
    void TearDown() override { script(""); }

    void script(const std::string& text) { ASSERT_TRUE(double_->script(text)) << text; }

    migrate::Migrator migrator(const std::vector<migrate::MigrationText>& texts) {
        auto migrations = migrate::read_migrations(migrate::Dialect::oracle, texts);
        EXPECT_TRUE(succeeds(migrations));
        return {migrations ? std::move(*migrations) : std::vector<migrate::Migration>{}, *driver_, options};
    }

    std::string ask(std::string_view sql) {
        auto connection = driver_->open(deadline_after(std::chrono::seconds(10)));
        const auto rows = migrate::fetch(**connection, sql, {}, deadline_after(std::chrono::seconds(10)));
        return rows && !rows->empty() ? std::to_string(migrate::integer_of(rows->front().front())) : "-";
    }

    migrate::MigratorOptions options;

private:
    const doubles::OciDouble* double_ = nullptr;
    std::unique_ptr<driver::Driver> driver_;
};

constexpr const char* three =
    "CREATE TABLE one (id NUMBER(9));\nINSERT INTO one VALUES (1);\n"
    "CREATE TABLE two (id NUMBER(9));\n";

TEST_F(OracleMigration, runs_statement_by_statement_and_records_it) {
    auto migrator = this->migrator({{"001_first.sql", three}, {"002_second.sql", "DROP TABLE two;\n"}});
    const auto report = up(migrator);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "001 002");
    EXPECT_TRUE(report->outcomes[0].stepwise);
    EXPECT_EQ(ask("SELECT COUNT(*) FROM one"), "1");
    const auto status = migrator.status();
    ASSERT_TRUE(succeeds(status));
    EXPECT_EQ(status->current, "002");
    const migrate::LedgerRow& row = *status->statuses[0].row;
    EXPECT_EQ(row.statements_applied, 3U);
    EXPECT_EQ(row.statement_begun, 0U);
    EXPECT_EQ(row.applied_at.back(), 'Z');
    EXPECT_EQ(row.applied_by, "ann@build7");
    const auto verified = migrator.verify();
    ASSERT_TRUE(succeeds(verified));
    EXPECT_TRUE(verified->has_picture);
    EXPECT_TRUE(verified->drift.empty()) << migrate::readable(verified->drift);
    const auto again = up(migrator);
    ASSERT_TRUE(succeeds(again));
    EXPECT_TRUE(again->outcomes.empty());
}

TEST_F(OracleMigration, goes_on_at_the_statement_that_failed) {
    auto first = migrator({{"001_first.sql",
                            "CREATE TABLE one (id NUMBER(9));\nINSERT INTO nowhere VALUES (1);\n"
                            "CREATE TABLE two (id NUMBER(9));\n"}});
    const auto failed = up(first);
    ASSERT_TRUE(failed.has_value()) << failed.error().message;
    ASSERT_NE(failed->failure(), nullptr);
    EXPECT_TRUE(failed->failure()->message.starts_with("001_first.sql: line 2: statement 2 of 3 failed: "))
        << failed->failure()->message;
    EXPECT_NE(failed->failure()->message.find("ORA-00942"), std::string::npos);
    EXPECT_EQ(states_of(first), "001=failed");
    EXPECT_EQ(ask("SELECT COUNT(*) FROM two"), "-");

    auto second = migrator({{"001_first.sql", three}});
    const auto resumed = up(second);
    ASSERT_TRUE(succeeds(resumed));
    EXPECT_EQ(resumed->outcomes[0].resumed_at, 2U);
    EXPECT_EQ(states_of(second), "001=applied");
    EXPECT_EQ(ask("SELECT COUNT(*) FROM two"), "0");
}

TEST_F(OracleMigration, refuses_to_go_on_when_what_ran_was_changed) {
    auto first =
        migrator({{"001_first.sql", "CREATE TABLE one (id NUMBER(9));\nINSERT INTO nowhere VALUES (1);\n"}});
    ASSERT_NE(up(first)->failure(), nullptr);
    auto second = migrator(
        {{"001_first.sql", "CREATE TABLE one (id NUMBER(18));\nCREATE TABLE two (id NUMBER(9));\n"}});
    const auto refused = up(second);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(ask("SELECT COUNT(*) FROM two"), "-");
}

TEST_F(OracleMigration, asks_a_person_when_the_session_was_lost_in_a_change_of_the_schema) {
    script("on execute create table two *\n  lose\n");
    auto migrator = this->migrator({{"001_first.sql", three}});
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_NE(report->failure()->hint.find("repair"), std::string::npos) << report->failure()->hint;
    script("");
    EXPECT_EQ(states_of(migrator), "001=in_doubt");
    EXPECT_FALSE(up(migrator).has_value());
    ASSERT_TRUE(succeeds(migrator.repair({.key = "001"})));
    const auto resumed = up(migrator);
    ASSERT_TRUE(succeeds(resumed));
    EXPECT_EQ(resumed->outcomes[0].resumed_at, 3U);
}

TEST_F(OracleMigration, waits_for_the_lock_of_another_run) {
    script("on execute lock table *\n  first 3\n  error 54\n");
    class Told final : public migrate::RunObserver {
    public:
        void waiting() override { ++times; }
        int times = 0;
    };
    Told told;
    auto migrator = this->migrator({{"001_first.sql", three}});
    ASSERT_TRUE(succeeds(migrator.up({}, told)));
    EXPECT_EQ(told.times, 1);
}

TEST_F(OracleMigration, gives_up_waiting_when_its_time_is_over) {
    script("on execute lock table *\n  error 54\n");
    options.lock_wait = std::chrono::milliseconds(30);
    auto migrator = this->migrator({{"001_first.sql", three}});
    const auto refused = up(migrator);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::timeout);
    EXPECT_EQ(ask("SELECT COUNT(*) FROM one"), "-");
}

TEST_F(OracleMigration, stops_when_the_session_that_holds_the_lock_is_lost) {
    // Asked before the migration, and before each of its statements.
    script("on ping\n  skip 2\n  lose\n");
    auto migrator = this->migrator({{"001_first.sql", three}});
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_EQ(report->failure()->failure, FailureClass::lost);
    EXPECT_EQ(report->outcomes[0].statements_applied, 1U);
    script("");
    EXPECT_EQ(states_of(migrator), "001=interrupted");
    EXPECT_TRUE(succeeds(up(migrator)));
}

TEST_F(OracleMigration, takes_a_procedure_that_does_not_compile_for_a_failure) {
    script(
        "on execute create or replace procedure *\n  affected 0\n"
        "on execute select line, text from user_errors *\n"
        "  columns LINE NUMBER(9), TEXT VARCHAR2(200)\n  row 2, 'PLS-00201: identifier must be declared'\n");
    auto migrator =
        this->migrator({{"001_first.sql", "CREATE OR REPLACE PROCEDURE p AS\nBEGIN\n  nowhere;\nEND;\n/\n"}});
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_NE(report->failure()->message.find("PROCEDURE P does not compile"), std::string::npos)
        << report->failure()->message;
    EXPECT_NE(report->failure()->hint.find("PLS-00201"), std::string::npos);
    EXPECT_EQ(states_of(migrator), "001=failed");
}

TEST_F(OracleMigration, only_plans_in_a_dry_run_and_makes_nothing) {
    auto migrator = this->migrator({{"001_first.sql", three}, {"002_second.sql", "DROP TABLE two;\n"}});
    const auto report = up(migrator, {.dry_run = true});
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "001 002");
    EXPECT_FALSE(report->outcomes[0].executed);
    EXPECT_EQ(ask("SELECT COUNT(*) FROM schema_migrations"), "-");
    EXPECT_EQ(ask("SELECT COUNT(*) FROM schema_migrations_lock"), "-");
}

TEST_F(OracleMigration, takes_back_step_by_step) {
    auto migrator = this->migrator(
        {{"001_first.sql", std::string(three) + "-- majed:down\nDROP TABLE two;\nDROP TABLE one;\n"}});
    ASSERT_TRUE(succeeds(up(migrator)));
    ASSERT_TRUE(succeeds(down(migrator)));
    EXPECT_EQ(states_of(migrator), "001=pending");
    EXPECT_EQ(ask("SELECT COUNT(*) FROM one"), "-");
    EXPECT_TRUE(succeeds(up(migrator)));
}

TEST_F(OracleMigration, declares_a_baseline) {
    auto migrator =
        this->migrator({{"001_first.sql", three}, {"002_second.sql", "CREATE TABLE c (id NUMBER(9));\n"}});
    ASSERT_TRUE(succeeds(migrator.baseline(*migrate::Version::parse("1"), "as it was")));
    const auto report = up(migrator);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "002");
}

}  // namespace

}  // namespace majed::migration
