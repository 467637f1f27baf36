// SPDX-License-Identifier: Apache-2.0
#include "migration/engine_fixture.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace majed::migration {

namespace {

TEST_P(Engine, keeps_what_ran_before_a_failing_statement_of_a_stepwise_migration_and_goes_on_there) {
    place().put("001_steps.sql",
                "-- majed:no-transaction\nCREATE TABLE one (id integer);\nINSERT INTO nowhere VALUES (1);\n"
                "CREATE TABLE two (id integer);\n");
    auto first = place().migrator();
    const auto report = up(first);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_TRUE(report->outcomes[0].stepwise);
    EXPECT_EQ(report->outcomes[0].statements_applied, 1U);
    EXPECT_TRUE(report->failure()->message.starts_with("001_steps.sql: line 3: statement 2 of 3 failed: "))
        << report->failure()->message;
    EXPECT_TRUE(place().has_table("one"));
    EXPECT_EQ(states_of(first), "001=failed");
    EXPECT_NE(first.status()->statuses[0].row->error.find("statement 2 of 3"), std::string::npos);
    EXPECT_TRUE(first.verify()->drift.empty());

    place().put("001_steps.sql",
                "-- majed:no-transaction\nCREATE TABLE one (id integer);\nCREATE TABLE mended (id integer);\n"
                "CREATE TABLE two (id integer);\n");
    auto second = place().migrator();
    EXPECT_EQ(states_of(second), "001=failed");
    const auto resumed = up(second);
    ASSERT_TRUE(succeeds(resumed));
    EXPECT_EQ(resumed->outcomes[0].resumed_at, 2U);
    EXPECT_EQ(resumed->outcomes[0].statements_applied, 3U);
    EXPECT_EQ(states_of(second), "001=applied");
    EXPECT_TRUE(place().has_table("two"));
    EXPECT_EQ(second.status()->statuses[0].row->error, "");
}

TEST_P(Engine, refuses_to_go_on_when_a_statement_that_ran_was_changed) {
    place().put("001_steps.sql",
                "-- majed:no-transaction\nCREATE TABLE one (id integer);\nINSERT INTO nowhere VALUES (1);\n");
    auto first = place().migrator();
    ASSERT_NE(up(first)->failure(), nullptr);
    place().put("001_steps.sql",
                "-- majed:no-transaction\nCREATE TABLE one (id integer, more integer);\n"
                "CREATE TABLE two (id integer);\n");
    auto second = place().migrator();
    const auto refused = up(second);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_FALSE(place().has_table("two"));

    ASSERT_TRUE(succeeds(second.repair({.key = "001", .accept_changes = true})));
    EXPECT_TRUE(succeeds(up(second)));
    EXPECT_TRUE(place().has_table("two"));
}

TEST_P(Engine, takes_back_a_stepwise_migration_step_by_step) {
    place().put("001_steps.sql",
                "-- majed:no-transaction\nCREATE TABLE one (id integer);\nCREATE TABLE two (id integer);\n");
    place().put("001_steps.down.sql",
                "-- majed:no-transaction\nDROP TABLE two;\nDROP TABLE nowhere;\nDROP TABLE one;\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    const auto failed = down(first);
    ASSERT_TRUE(failed.has_value());
    ASSERT_NE(failed->failure(), nullptr);
    EXPECT_TRUE(failed->failure()->message.starts_with("001_steps.down.sql: line 3: statement 2 of 3"))
        << failed->failure()->message;
    EXPECT_FALSE(place().has_table("two"));
    // Half taken back: up would run what is there still.
    const auto refused = up(first);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);

    place().put("001_steps.down.sql", "-- majed:no-transaction\nDROP TABLE two;\nDROP TABLE one;\n");
    auto second = place().migrator();
    const auto report = down(second);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(report->outcomes[0].resumed_at, 2U);
    EXPECT_FALSE(place().has_table("one"));
    EXPECT_EQ(states_of(second), "001=pending");
}

TEST_P(Engine, settles_nothing_that_is_not_in_doubt) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    const auto refused = migrator.repair({.key = "001"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(migrator.repair({.key = "007"}).error().code, ErrorCode::not_found);
}

TEST_P(Engine, repeats_settings_of_the_session_when_it_goes_on) {
    if (is_sqlite()) {
        place().put(
            "001_steps.sql",
            "-- majed:no-transaction\nPRAGMA foreign_keys = off;\nCREATE TABLE p (id integer PRIMARY KEY);\n"
            "CREATE TABLE c (p integer REFERENCES p);\nINSERT INTO nowhere VALUES (1);\n");
    } else {
        place().put(
            "001_steps.sql",
            "-- majed:no-transaction\nSET search_path = pg_temp, public;\nCREATE TABLE public.p (id int);\n"
            "CREATE TABLE public.c (p int);\nINSERT INTO nowhere VALUES (1);\n");
    }
    auto first = place().migrator();
    ASSERT_NE(up(first)->failure(), nullptr);
    std::string mended = "-- majed:no-transaction\n";
    mended += is_sqlite()
                  ? "PRAGMA foreign_keys = off;\nCREATE TABLE p (id integer PRIMARY KEY);\n"
                    "CREATE TABLE c (p integer REFERENCES p);\nINSERT INTO c VALUES (1);\n"
                  : "SET search_path = pg_temp, public;\nCREATE TABLE public.p (id int);\n"
                    "CREATE TABLE public.c (p int);\n"
                    "INSERT INTO c SELECT 1 WHERE current_setting('search_path') = 'pg_temp, public';\n";
    place().put("001_steps.sql", mended);
    auto second = place().migrator();
    ASSERT_TRUE(succeeds(up(second)));
    EXPECT_EQ(place().ask("SELECT count(*) FROM c"), "1");
}

class Sqlite : public testing::Test {
protected:
    void SetUp() override {
        std::string missing;
        place_ = Place::make("sqlite", missing);
    }
    [[nodiscard]] Place& place() { return *place_; }

private:
    std::unique_ptr<Place> place_;
};

TEST_F(Sqlite, keeps_its_ledger_in_the_file_though_a_temporary_table_has_its_name) {
    place().put("001_first.sql",
                "CREATE TEMP TABLE schema_migrations (id integer);\nCREATE TABLE a (id integer);\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    EXPECT_EQ(place().ask("SELECT version FROM main.schema_migrations"), "001");
    auto again = place().migrator();
    EXPECT_EQ(states_of(again), "001=applied");
}

TEST_F(Sqlite, rebuilds_a_table_with_keys_not_enforced_and_checks_them_before_it_commits) {
    place().put("001_first.sql",
                "CREATE TABLE p (id integer PRIMARY KEY);\n"
                "CREATE TABLE c (p integer REFERENCES p ON DELETE CASCADE);\n"
                "INSERT INTO p VALUES (1);\nINSERT INTO c VALUES (1);\n");
    place().put("002_rebuild.sql",
                "-- majed:foreign-keys off\nCREATE TABLE n (id integer PRIMARY KEY, more text);\n"
                "INSERT INTO n (id) SELECT id FROM p;\nDROP TABLE p;\nALTER TABLE n RENAME TO p;\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    EXPECT_EQ(place().ask("SELECT count(*) FROM c"), "1");

    place().put("003_breaks.sql", "-- majed:foreign-keys off\nDELETE FROM p;\n");
    auto broken = place().migrator();
    const auto report = up(broken);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_NE(report->failure()->message.find("in: c"), std::string::npos) << report->failure()->message;
    EXPECT_EQ(place().ask("SELECT count(*) FROM p"), "1");

    // The one after it finds keys enforced.
    place().put("003_breaks.sql", "-- majed:foreign-keys off\nINSERT INTO p (id) VALUES (2);\n");
    place().put("004_enforced.sql", "INSERT INTO c VALUES (99);\n");
    auto enforced = place().migrator();
    const auto second = up(enforced);
    ASSERT_TRUE(second.has_value());
    ASSERT_NE(second->failure(), nullptr);
    EXPECT_EQ(second->outcomes.back().key, "004");
}

/// Looks at the lock's file while a migration runs.
class LockLook final : public migrate::RunObserver {
public:
    explicit LockLook(std::string path) : path_(std::move(path)) {}
    void began(const migrate::Migration&, migrate::Direction) override {
        struct stat found {};
        if (::stat(path_.c_str(), &found) == 0) mode = found.st_mode & 0777U;
    }
    mode_t mode = 0;

private:
    const std::string path_;
};

TEST_F(Sqlite, makes_a_lock_file_for_its_owner_alone_and_takes_it_away) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto migrator = place().migrator();
    const std::string lock = place().file("data.db-migrating");
    LockLook look(lock);
    ASSERT_TRUE(succeeds(migrator.up({}, look)));
    EXPECT_EQ(look.mode, 0600U);
    EXPECT_NE(::access(lock.c_str(), F_OK), 0);
}

TEST_F(Sqlite, runs_no_statement_that_the_engine_would_cut_otherwise) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto migrations = migrations_in(place().folder(), migrate::Dialect::sqlite);
    ASSERT_TRUE(succeeds(migrations));
    // As if the cutting had taken two statements for one.
    (*migrations)[0].up.statements[0].text = "CREATE TABLE a (id integer); CREATE TABLE b (id integer)";
    migrate::Migrator migrator(std::move(*migrations), place().driver(), place().options);
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_FALSE(place().has_table("a"));
    EXPECT_FALSE(place().has_table("b"));
}

}  // namespace

}  // namespace majed::migration
