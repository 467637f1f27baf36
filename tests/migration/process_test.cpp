// SPDX-License-Identifier: Apache-2.0
// Real processes: many at once, and killed ones.
#include "migration/engine_fixture.h"

#include <csignal>
#include <utility>

namespace majed::migration {

namespace {

constexpr int many = 8;
constexpr int long_one = 20;
/// A kill before each statement; under sanitizers before each third, since a process takes them long to start.
#if defined(MAJED_SANITIZED)
constexpr int from_kill_to_kill = 3;
#else
constexpr int from_kill_to_kill = 1;
#endif

/// Each statement fails when it runs twice.
std::string long_migration(int statements) {
    std::string text;
    for (int i = 1; i <= statements; ++i) {
        text += "CREATE TABLE t" + std::to_string(i) + " (id integer);\n";
    }
    return text;
}

std::string text_number(int number) {
    return std::to_string(number);
}

TEST_P(Engine, lets_eight_processes_start_at_once_on_a_new_database) {
    place().put("001_first.sql", "CREATE TABLE counted (id integer);\nINSERT INTO counted VALUES (1);\n");
    for (int i = 2; i <= 5; ++i) {
        place().put("00" + text_number(i) + "_next.sql", "CREATE TABLE t" + text_number(i) +
                                                             " (id integer);\nINSERT INTO counted VALUES (" +
                                                             text_number(i) + ");\n");
    }
    std::vector<pid_t> processes;
    for (int i = 0; i < many; ++i) {
        processes.push_back(start_runner(place(), "up", 0));
    }
    for (const pid_t process : processes) {
        EXPECT_EQ(wait_for_end(process), 0);
    }
    EXPECT_EQ(place().ask("SELECT count(*) FROM counted"), "5");
    EXPECT_EQ(place().ask("SELECT count(*) FROM schema_migrations WHERE state = 'applied'"), "5");
    auto migrator = place().migrator();
    EXPECT_TRUE(migrator.verify()->drift.empty());
}

TEST_P(Engine, lets_eight_processes_run_what_cannot_be_in_a_transaction) {
    place().put("001_base.sql", "CREATE TABLE base (id integer);\n");
    place().put("002_outside.sql", outside_statement(place(), 1) + "INSERT INTO base VALUES (1);\n");
    place().put("003_outside.sql", "INSERT INTO base VALUES (2);\n" + outside_statement(place(), 2));
    std::vector<pid_t> processes;
    for (int i = 0; i < many; ++i) {
        processes.push_back(start_runner(place(), "up", 0));
    }
    for (const pid_t process : processes) {
        EXPECT_EQ(wait_for_end(process), 0);
    }
    EXPECT_EQ(place().ask("SELECT count(*) FROM base"), "2");
    EXPECT_EQ(place().ask("SELECT count(*) FROM schema_migrations WHERE state = 'applied'"), "3");
}

TEST_P(Engine, finishes_what_a_killed_process_left_at_every_statement) {
    place().put("001_base.sql", "CREATE TABLE base (id integer);\n");
    place().put("002_long.sql", long_migration(long_one));
    EXPECT_TRUE(was_killed(wait_for_end(start_runner(place(), "up", -1))));  // 001 has ended.
    for (int before = 1; before <= long_one; before += from_kill_to_kill) {
        SCOPED_TRACE(before);
        EXPECT_TRUE(was_killed(wait_for_end(start_runner(place(), "up", before))));
        auto migrator = place().migrator();
        EXPECT_EQ(states_of(migrator), "001=applied 002=pending");
        EXPECT_FALSE(place().has_table("t1"));
    }
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    EXPECT_EQ(states_of(migrator), "001=applied 002=applied");
    for (int i = 1; i <= long_one; ++i) {
        EXPECT_TRUE(place().has_table("t" + text_number(i)));
    }
    EXPECT_EQ(place().ask("SELECT count(*) FROM schema_migrations"), "2");
    EXPECT_TRUE(migrator.verify()->drift.empty());
}

TEST_P(Engine, keeps_what_was_committed_when_the_process_dies_right_after) {
    place().put("001_first.sql", long_migration(3));
    EXPECT_TRUE(was_killed(wait_for_end(start_runner(place(), "up", -1))));
    auto migrator = place().migrator();
    EXPECT_EQ(states_of(migrator), "001=applied");
    const auto again = up(migrator);
    ASSERT_TRUE(succeeds(again));
    EXPECT_TRUE(again->outcomes.empty());
}

TEST_P(Engine, goes_on_where_a_killed_stepwise_run_ended) {
    constexpr int statements = 6;
    for (int before = 1; before <= statements; before += from_kill_to_kill) {
        SCOPED_TRACE(before);
        std::string missing;
        const auto fresh = Place::make(GetParam(), missing);
        ASSERT_NE(fresh, nullptr) << missing;
        fresh->put("001_long.sql", "-- majed:no-transaction\n" + long_migration(statements));
        EXPECT_TRUE(was_killed(wait_for_end(start_runner(*fresh, "up", before))));
        auto migrator = fresh->migrator();
        EXPECT_EQ(states_of(migrator), "001=interrupted");
        const auto report = up(migrator);
        ASSERT_TRUE(succeeds(report));
        EXPECT_EQ(report->outcomes[0].resumed_at, static_cast<std::size_t>(before));
        EXPECT_EQ(states_of(migrator), "001=applied");
        for (int i = 1; i <= statements; ++i) {
            EXPECT_TRUE(fresh->has_table("t" + text_number(i)));
        }
        EXPECT_TRUE(migrator.verify()->drift.empty());
    }
}

TEST_P(Engine, asks_a_person_when_a_process_died_in_a_statement_outside_a_transaction) {
    place().put("001_base.sql", "CREATE TABLE base (id integer);\n");
    place().put("002_outside.sql", "CREATE TABLE one (id integer);\n" + outside_statement(place(), 1) +
                                       "CREATE TABLE two (id integer);\n");
    EXPECT_TRUE(was_killed(wait_for_end(start_runner(place(), "up", 3))));
    auto migrator = place().migrator();
    EXPECT_EQ(states_of(migrator), "001=applied 002=in_doubt");
    const auto refused = up(migrator);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_FALSE(place().has_table("two"));

    ASSERT_TRUE(succeeds(migrator.repair({.key = "002"})));
    EXPECT_EQ(states_of(migrator), "001=applied 002=interrupted");
    const auto report = up(migrator);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(report->outcomes[0].resumed_at, 2U);
    EXPECT_TRUE(place().has_table("two"));
    EXPECT_TRUE(migrator.verify()->drift.empty());
}

TEST_P(Engine, takes_a_persons_word_that_a_statement_happened) {
    place().put("001_base.sql", "CREATE TABLE base (id integer);\n");
    place().put("002_outside.sql", outside_statement(place(), 1) + "CREATE TABLE two (id integer);\n");
    EXPECT_TRUE(was_killed(wait_for_end(start_runner(place(), "up", 2))));
    auto migrator = place().migrator();
    EXPECT_EQ(states_of(migrator), "001=applied 002=in_doubt");
    const auto settled = migrator.repair({.key = "002", .resolution = migrate::Resolution::applied});
    ASSERT_TRUE(succeeds(settled));
    EXPECT_EQ(settled->done.size(), 1U);
    const auto report = up(migrator);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(report->outcomes[0].resumed_at, 2U);
    EXPECT_EQ(states_of(migrator), "001=applied 002=applied");
}

TEST_P(Engine, lets_go_of_the_lock_when_the_process_is_killed) {
    place().put("001_first.sql", "-- majed:no-transaction\n" + long_migration(3));
    EXPECT_TRUE(was_killed(wait_for_end(start_runner(place(), "up", 2))));
    place().options.lock_wait = std::chrono::seconds(10);
    auto migrator = place().migrator();
    EXPECT_TRUE(succeeds(up(migrator)));
}

/// Runs another migrator while a statement of the first is about to run.
class SecondRun final : public migrate::RunObserver {
public:
    explicit SecondRun(Place& place) : place_(place) {}
    void statement(std::size_t, std::size_t) override {
        if (std::exchange(done_, true)) {
            return;
        }
        auto options = place_.options;
        options.lock_wait = std::chrono::milliseconds(100);
        auto migrations = migrations_in(place_.folder(), place_.dialect());
        migrate::Migrator second(std::move(*migrations), place_.driver(), options);
        class Told final : public migrate::RunObserver {
        public:
            void waiting() override { ++times; }
            int times = 0;
        };
        Told told;
        const auto report = second.up({}, told);
        refused = report ? ErrorCode::internal : report.error().code;
        told_to_wait = told.times;
    }
    ErrorCode refused = ErrorCode::internal;
    int told_to_wait = 0;

private:
    Place& place_;
    bool done_ = false;
};

TEST_P(Engine, lets_nobody_in_while_it_runs) {
    place().put("001_first.sql", long_migration(2));
    auto migrator = place().migrator();
    SecondRun second(place());
    ASSERT_TRUE(succeeds(migrator.up({}, second)));
    EXPECT_EQ(second.refused, ErrorCode::timeout);
    EXPECT_EQ(second.told_to_wait, 1);
}

TEST_P(Engine, keeps_its_lock_with_a_stepwise_migration_too) {
    place().put("001_first.sql", "-- majed:no-transaction\n" + long_migration(2));
    auto migrator = place().migrator();
    SecondRun second(place());
    ASSERT_TRUE(succeeds(migrator.up({}, second)));
    EXPECT_EQ(second.refused, ErrorCode::timeout);
}

}  // namespace

}  // namespace majed::migration
