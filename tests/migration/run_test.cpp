// SPDX-License-Identifier: Apache-2.0
#include "migration/engine_fixture.h"

namespace majed::migration {

namespace {

INSTANTIATE_TEST_SUITE_P(Engines, Engine, testing::Values("sqlite", "postgresql"),
                         [](const auto& tested) { return tested.param; });

constexpr const char* two_tables = "CREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (id integer);\n";

TEST_P(Engine, applies_what_is_pending_in_order_and_records_it) {
    place().put("001_first.sql", two_tables);
    place().put("002_second.sql", "CREATE TABLE c (id integer);\nINSERT INTO c VALUES (7);\n");
    auto migrator = place().migrator();
    EXPECT_EQ(states_of(migrator), "001=pending 002=pending");
    const auto report = up(migrator);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "001 002");
    EXPECT_EQ(report->outcomes[0].statements_applied, 2U);
    EXPECT_TRUE(report->schema_hash.starts_with("p1:"));
    EXPECT_EQ(place().ask("SELECT id FROM c"), "7");
    const auto status = migrator.status();
    ASSERT_TRUE(succeeds(status));
    EXPECT_EQ(status->current, "002");
    const migrate::LedgerRow& row = *status->statuses[1].row;
    EXPECT_EQ(row.id, 2);
    EXPECT_EQ(row.applied_by, "ann@build7");
    EXPECT_EQ(row.tool_version, "9.9");
    EXPECT_EQ(row.statements_total, 2U);
    EXPECT_EQ(row.statements_applied, 2U);
    EXPECT_EQ(row.schema_hash, report->schema_hash);
    EXPECT_EQ(row.checksum.size(), 64U);
    EXPECT_EQ(row.applied_at.size(), std::string("2026-11-23T14:00:00.123Z").size() +
                                         (is_sqlite() ? 0U : row.applied_at.size() - 24U));
    EXPECT_EQ(row.applied_at.back(), 'Z');
}

TEST_P(Engine, runs_nothing_twice) {
    place().put("001_first.sql", two_tables);
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    const auto again = up(migrator);
    ASSERT_TRUE(succeeds(again));
    EXPECT_TRUE(again->outcomes.empty());
    EXPECT_TRUE(again->schema_hash.starts_with("p1:"));
}

TEST_P(Engine, leaves_nothing_of_a_migration_whose_third_statement_fails) {
    place().put("001_first.sql", "CREATE TABLE base (id integer);\n");
    place().put("002_second.sql",
                "CREATE TABLE a (id integer);\nINSERT INTO a VALUES (1);\n\n-- why\nINSERT INTO nowhere\n"
                "VALUES (1);\nCREATE TABLE never (id integer);\n");
    auto migrator = place().migrator();
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_EQ(keys_of(*report), "001 002");
    EXPECT_TRUE(report->failure()->message.starts_with("002_second.sql: line 5: statement 3 of 4 failed: "))
        << report->failure()->message;
    EXPECT_NE(report->failure()->hint.find("nowhere"), std::string::npos) << report->failure()->hint;
    EXPECT_EQ(report->outcomes[1].statements_applied, 2U);
    EXPECT_TRUE(place().has_table("base"));
    EXPECT_FALSE(place().has_table("a"));
    EXPECT_EQ(states_of(migrator), "001=applied 002=pending");
    const auto verified = migrator.verify();
    ASSERT_TRUE(succeeds(verified));
    EXPECT_TRUE(verified->has_picture);
    EXPECT_TRUE(verified->drift.empty()) << migrate::readable(verified->drift);

    place().put("002_second.sql", "CREATE TABLE a (id integer);\n");
    auto mended = place().migrator();
    const auto second = up(mended);
    ASSERT_TRUE(succeeds(second));
    EXPECT_EQ(keys_of(*second), "002");
}

TEST_P(Engine, makes_no_ledger_by_looking) {
    place().put("001_first.sql", two_tables);
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(migrator.status()));
    ASSERT_TRUE(succeeds(migrator.verify()));
    EXPECT_FALSE(place().has_table("schema_migrations"));
}

TEST_P(Engine, tries_out_what_is_pending_and_takes_it_back) {
    place().put("001_first.sql", two_tables);
    place().put("002_second.sql", "INSERT INTO a VALUES (1);\n");
    auto migrator = place().migrator();
    const auto report = up(migrator, {.dry_run = true});
    ASSERT_TRUE(succeeds(report));
    EXPECT_TRUE(report->dry_run);
    EXPECT_EQ(keys_of(*report), "001 002");
    EXPECT_TRUE(report->outcomes[1].executed);
    EXPECT_FALSE(place().has_table("a"));
    EXPECT_FALSE(place().has_table("schema_migrations"));
}

TEST_P(Engine, finds_by_trying_out_what_would_fail) {
    place().put("001_first.sql", two_tables);
    place().put("002_second.sql", "INSERT INTO nowhere VALUES (1);\n");
    auto migrator = place().migrator();
    const auto report = up(migrator, {.dry_run = true});
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_EQ(report->outcomes.back().key, "002");
    EXPECT_FALSE(place().has_table("a"));
}

TEST_P(Engine, only_plans_what_cannot_be_tried_out_and_what_follows_it) {
    place().put("001_first.sql", "CREATE TABLE base (id integer);\n");
    place().put("002_second.sql", outside_statement(place(), 1));
    place().put("003_third.sql", "CREATE TABLE c (id integer);\n");
    auto migrator = place().migrator();
    const auto report = up(migrator, {.dry_run = true});
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "001 002 003");
    EXPECT_TRUE(report->outcomes[0].executed);
    EXPECT_FALSE(report->outcomes[1].executed);
    EXPECT_FALSE(report->outcomes[2].executed);
    EXPECT_FALSE(place().has_table("base"));
}

TEST_P(Engine, takes_migrations_back_in_reverse_order) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n-- majed:down\nDROP TABLE a;\n");
    place().put("002_second.sql", "CREATE TABLE b (id integer);\n");
    place().put("002_second.down.sql", "DROP TABLE b;\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    const auto tried = down(migrator, {.dry_run = true});
    ASSERT_TRUE(succeeds(tried));
    EXPECT_EQ(keys_of(*tried), "002");
    EXPECT_TRUE(place().has_table("b"));
    const auto report = down(migrator, {.to = *migrate::Version::parse("0")});
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "002 001");
    EXPECT_FALSE(place().has_table("a"));
    EXPECT_FALSE(place().has_table("b"));
    EXPECT_EQ(states_of(migrator), "001=pending 002=pending");
    EXPECT_EQ(place().ask("SELECT count(*) FROM schema_migrations WHERE state = 'undone'"), "2");
    const auto again = up(migrator);
    ASSERT_TRUE(succeeds(again));
    EXPECT_EQ(keys_of(*again), "001 002");
}

TEST_P(Engine, refuses_to_take_back_what_has_no_way_down) {
    place().put("001_first.sql", two_tables);
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    const auto report = down(migrator);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::unsupported);
}

TEST_P(Engine, refuses_to_run_on_a_schema_that_drifted) {
    place().put("001_first.sql", two_tables);
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().run("CREATE TABLE by_hand (id integer)");
    place().put("002_second.sql", "CREATE TABLE c (id integer);\n");
    auto migrator = place().migrator();
    const auto refused = up(migrator);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().hint.find("by_hand"), std::string::npos) << refused.error().hint;
    EXPECT_FALSE(place().has_table("c"));
    const auto verified = migrator.verify();
    ASSERT_TRUE(succeeds(verified));
    EXPECT_FALSE(verified->drift.empty());

    const auto repaired = migrator.repair({.accept_drift = true});
    ASSERT_TRUE(succeeds(repaired));
    EXPECT_EQ(repaired->done.size(), 1U);
    EXPECT_TRUE(succeeds(up(migrator)));
}

TEST_P(Engine, runs_on_a_drifted_schema_when_that_is_allowed) {
    place().put("001_first.sql", two_tables);
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().run("DROP TABLE b");
    place().put("002_second.sql", "CREATE TABLE c (id integer);\n");
    auto migrator = place().migrator();
    EXPECT_TRUE(succeeds(up(migrator, {.allow_drift = true})));
    const auto verified = migrator.verify();
    ASSERT_TRUE(succeeds(verified));
    EXPECT_TRUE(verified->drift.empty());
}

TEST_P(Engine, refuses_a_database_with_objects_and_no_ledger_until_a_baseline_is_declared) {
    place().run("CREATE TABLE old (id integer)");
    place().put("001_first.sql", "CREATE TABLE old (id integer);\n");
    place().put("002_second.sql", "CREATE TABLE c (id integer);\n");
    auto migrator = place().migrator();
    const auto refused = up(migrator);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_FALSE(place().has_table("schema_migrations"));

    ASSERT_TRUE(succeeds(migrator.baseline(*migrate::Version::parse("1"), "as it was")));
    EXPECT_FALSE(migrator.baseline(*migrate::Version::parse("2"), "again").has_value());
    const auto report = up(migrator);
    ASSERT_TRUE(succeeds(report));
    EXPECT_EQ(keys_of(*report), "002");
    EXPECT_EQ(migrator.status()->current, "002");
}

TEST_P(Engine, refuses_the_ledger_of_another_tool) {
    place().run("CREATE TABLE schema_migrations (version varchar(255) PRIMARY KEY)");
    place().put("001_first.sql", two_tables);
    auto migrator = place().migrator();
    const auto refused = up(migrator);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("Rails"), std::string::npos);
}

TEST_P(Engine, bears_columns_that_others_added_to_the_ledger) {
    place().put("001_first.sql", two_tables);
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().run("ALTER TABLE schema_migrations ADD COLUMN ticket varchar(20)");
    place().put("002_second.sql", "CREATE TABLE c (id integer);\n");
    auto migrator = place().migrator();
    EXPECT_TRUE(succeeds(up(migrator)));
}

TEST_P(Engine, refuses_a_file_that_was_changed_and_bears_one_that_was_reformatted) {
    place().put("001_first.sql", two_tables);
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().put("001_first.sql", std::string("-- a word of explanation\n") + two_tables);
    auto cosmetic = place().migrator();
    EXPECT_TRUE(succeeds(up(cosmetic)));
    EXPECT_EQ(states_of(cosmetic), "001=cosmetic");
    const auto repaired = cosmetic.repair({});
    ASSERT_TRUE(succeeds(repaired));
    EXPECT_EQ(repaired->done.size(), 1U);
    EXPECT_EQ(states_of(cosmetic), "001=applied");

    place().put("001_first.sql", "CREATE TABLE a (id integer, more integer);\n");
    auto changed = place().migrator();
    ASSERT_FALSE(up(changed).has_value());
    EXPECT_EQ(states_of(changed), "001=changed");
    ASSERT_TRUE(succeeds(changed.repair({.accept_changes = true})));
    EXPECT_EQ(states_of(changed), "001=applied");
}

TEST_P(Engine, runs_a_repeatable_one_again_when_it_changed) {
    place().put("001_first.sql", "CREATE TABLE runs (id integer);\n");
    place().put("R__count.sql", "INSERT INTO runs VALUES (1);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    ASSERT_TRUE(succeeds(up(first)));
    EXPECT_EQ(place().ask("SELECT count(*) FROM runs"), "1");
    place().put("R__count.sql", "INSERT INTO runs VALUES (2);\n");
    auto second = place().migrator();
    EXPECT_EQ(states_of(second), "001=applied R__count=outdated");
    ASSERT_TRUE(succeeds(up(second)));
    EXPECT_EQ(place().ask("SELECT count(*) FROM runs"), "2");
    EXPECT_EQ(states_of(second), "001=applied R__count=applied");
}

TEST_P(Engine, runs_an_applied_one_again_when_forced) {
    place().put("001_first.sql",
                "CREATE TABLE IF NOT EXISTS runs (id integer);\nINSERT INTO runs VALUES (1);\n");
    auto migrator = place().migrator();
    const migrate::UpOptions forced{.to = *migrate::Version::parse("1"), .force = true};
    ASSERT_TRUE(succeeds(up(migrator, forced)));
    EXPECT_EQ(place().ask("SELECT count(*) FROM runs"), "1");
    ASSERT_TRUE(succeeds(up(migrator, forced)));
    EXPECT_EQ(place().ask("SELECT count(*) FROM runs"), "2");
    EXPECT_EQ(place().ask("SELECT count(*) FROM schema_migrations"), "1");
}

TEST_P(Engine, refuses_a_target_that_is_no_version_here) {
    place().put("001_first.sql", two_tables);
    auto migrator = place().migrator();
    const auto refused = up(migrator, {.to = *migrate::Version::parse("9")});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

TEST_P(Engine, goes_up_to_a_version_and_records_what_ran_out_of_order) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    place().put("003_third.sql", "CREATE TABLE c (id integer);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().put("002_second.sql", "CREATE TABLE b (id integer);\n");
    auto second = place().migrator();
    ASSERT_FALSE(up(second).has_value());
    ASSERT_TRUE(succeeds(up(second, {.allow_out_of_order = true})));
    EXPECT_EQ(place().ask("SELECT version FROM schema_migrations WHERE id = 3"), "002");
    EXPECT_TRUE(second.status()->statuses[1].row->out_of_order);
}

TEST_P(Engine, refuses_a_migration_that_changes_the_ledger) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    for (const std::string change :
         {"DELETE FROM schema_migrations;", "UPDATE schema_migrations SET checksum = 'x';",
          "UPDATE schema_migrations SET version = '000';"}) {
        place().put("002_second.sql", "CREATE TABLE b (id integer);\n" + change + "\n");
        auto migrator = place().migrator();
        const auto report = up(migrator);
        ASSERT_TRUE(report.has_value());
        ASSERT_NE(report->failure(), nullptr) << change;
        EXPECT_NE(report->failure()->message.find("it changed the ledger"), std::string::npos)
            << report->failure()->message;
        EXPECT_FALSE(place().has_table("b"));
        EXPECT_EQ(states_of(migrator), "001=applied 002=pending");
    }
}

TEST_P(Engine, leaves_nothing_when_the_database_keeps_the_ledger_from_being_written) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().run(
        is_sqlite()
            ? "CREATE TRIGGER swallow BEFORE INSERT ON schema_migrations BEGIN SELECT RAISE(IGNORE); END"
            : "CREATE RULE swallow AS ON INSERT TO schema_migrations DO INSTEAD NOTHING");
    place().put("002_second.sql", "CREATE TABLE b (id integer);\n");
    auto second = place().migrator();
    const auto report = up(second, {.allow_drift = true});
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_NE(report->failure()->message.find("does not hold what was written"), std::string::npos)
        << report->failure()->message;
    EXPECT_FALSE(place().has_table("b"));
    EXPECT_EQ(states_of(second), "001=applied 002=pending");
}

TEST_P(Engine, refuses_a_ledger_whose_numbers_are_used_up) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().run("UPDATE schema_migrations SET id = 9223372036854775807");
    place().put("002_second.sql", "CREATE TABLE b (id integer);\n");
    auto second = place().migrator();
    const auto report = up(second);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_FALSE(place().has_table("b"));
}

}  // namespace

}  // namespace majed::migration
