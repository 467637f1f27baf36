// SPDX-License-Identifier: Apache-2.0
#include "migration/engine_fixture.h"
#include "migration/faulty_driver.h"

namespace majed::migration {

namespace {

constexpr int more_calls_than_a_run_makes = 2000;

std::unique_ptr<Place> place_with_files() {
    std::string missing;
    auto place = Place::make("sqlite", missing);
    place->put("001_first.sql",
               "CREATE TABLE a (id integer);\nINSERT INTO a VALUES (1);\n"
               "-- majed:down\nDROP TABLE a;\n");
    place->put("002_steps.sql",
               "-- majed:no-transaction\nCREATE TABLE b (id integer);\nVACUUM;\n"
               "INSERT INTO a VALUES (2);\n-- majed:down\nDELETE FROM a WHERE id = 2;\nDROP TABLE b;\n");
    place->put("003_third.sql", "CREATE TABLE c (id integer);\n-- majed:down\nDROP TABLE c;\n");
    return place;
}

/// What the report calls done is in the ledger; what it calls failed is not, unless it says that nobody knows.
void report_is_true(const migrate::RunReport& report, migrate::Migrator& healthy) {
    const std::string states = ' ' + states_of(healthy) + ' ';
    for (const migrate::MigrationOutcome& outcome : report.outcomes) {
        const bool applied = states.find(' ' + outcome.key + "=applied ") != std::string::npos;
        if (!outcome.failure) {
            EXPECT_TRUE(applied) << outcome.key << " in" << states;
        } else if (outcome.failure->code != ErrorCode::in_doubt) {
            EXPECT_FALSE(applied) << outcome.key << " in" << states << outcome.failure->message;
        }
    }
}

/// Settles what is in doubt, as a person does who looked: the VACUUM may run again.
void settle(migrate::Migrator& healthy) {
    if (states_of(healthy).find("002=in_doubt") != std::string::npos) {
        ASSERT_TRUE(succeeds(healthy.repair({.key = "002"})));
    }
}

/// False when the run made fewer calls.
bool fails_well(int calls, Cut cut) {
    SCOPED_TRACE(testing::Message() << "call " << calls << (cut == Cut::behind ? " carried out" : ""));
    const auto place = place_with_files();
    FaultyDriver faulty(place->driver(), {.calls_left = calls, .cut = cut});
    auto healthy = place->migrator();
    {
        migrate::Migrator migrator(healthy.migrations(), faulty, place->options);
        const auto report = up(migrator);
        if (report) {
            report_is_true(*report, healthy);
        }
        // At the very end only the goodbye, or the picture for the report, can fail.
        EXPECT_TRUE(!faulty.happened() || !report || report->failure() != nullptr ||
                    report->outcomes.size() == 3);
    }
    settle(healthy);
    EXPECT_TRUE(succeeds(up(healthy)));
    EXPECT_EQ(states_of(healthy), "001=applied 002=applied 003=applied");
    EXPECT_EQ(place->ask("SELECT group_concat(id) FROM a"), "1,2");
    EXPECT_TRUE(healthy.verify()->drift.empty());
    return faulty.happened();
}

/// Each call is lost once; under sanitizers each third, which takes the same ways through the code.
#if defined(MAJED_SANITIZED)
constexpr int every = 3;
#else
constexpr int every = 1;
#endif

TEST(Faults, leave_a_true_ledger_and_nothing_twice_whichever_call_loses_the_connection) {
    for (const Cut cut : {Cut::before, Cut::behind}) {
        int calls = 0;
        while (calls < more_calls_than_a_run_makes && fails_well(calls, cut)) {
            calls += every;
            ASSERT_FALSE(HasFailure());
        }
        EXPECT_GT(calls, 50);
        EXPECT_LT(calls, more_calls_than_a_run_makes);
    }
}

bool is_taken_back_well(int calls, Cut cut) {
    SCOPED_TRACE(testing::Message() << "call " << calls << (cut == Cut::behind ? " carried out" : ""));
    const auto place = place_with_files();
    FaultyDriver faulty(place->driver(), {.calls_left = calls, .cut = cut});
    auto healthy = place->migrator();
    EXPECT_TRUE(succeeds(up(healthy)));
    const migrate::DownOptions all{.to = *migrate::Version::parse("0")};
    {
        migrate::Migrator migrator(healthy.migrations(), faulty, place->options);
        static_cast<void>(down(migrator, all));
    }
    settle(healthy);
    const auto rest = down(healthy, all);
    EXPECT_TRUE(succeeds(rest) || rest.error().code == ErrorCode::not_found);
    EXPECT_EQ(states_of(healthy), "001=pending 002=pending 003=pending");
    EXPECT_FALSE(place->has_table("a"));
    EXPECT_FALSE(place->has_table("b"));
    EXPECT_FALSE(place->has_table("c"));
    return faulty.happened();
}

TEST(Faults, let_a_way_down_be_finished_whichever_call_loses_the_connection) {
    for (const Cut cut : {Cut::before, Cut::behind}) {
        int calls = 0;
        while (calls < more_calls_than_a_run_makes && is_taken_back_well(calls, cut)) {
            calls += every;
            ASSERT_FALSE(HasFailure());
        }
        EXPECT_GT(calls, 30);
    }
}

TEST(Faults, say_in_doubt_when_the_reply_to_a_commit_is_lost_and_the_next_run_finds_the_truth) {
    int seen = 0;
    for (int calls = 0; calls < more_calls_than_a_run_makes; ++calls) {
        const auto place = place_with_files();
        FaultyDriver faulty(place->driver(), {.calls_left = calls, .cut = Cut::behind});
        auto healthy = place->migrator();
        migrate::Migrator migrator(healthy.migrations(), faulty, place->options);
        const auto report = up(migrator);
        const bool doubts = report && report->failure() != nullptr &&
                            report->failure()->code == ErrorCode::in_doubt && report->outcomes.size() == 1;
        if (doubts) {
            ++seen;
            EXPECT_FALSE(report->failure()->hint.empty());
            EXPECT_EQ(states_of(healthy), "001=applied 002=pending 003=pending");
        }
        if (!faulty.happened()) {
            break;
        }
    }
    EXPECT_EQ(seen, 1);
}

}  // namespace

}  // namespace majed::migration
