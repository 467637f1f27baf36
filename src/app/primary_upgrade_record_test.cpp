// SPDX-License-Identifier: Apache-2.0
#include "app/primary_upgrade_record.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace majed::app {
namespace {

PrimaryUpgrade adoption() {
    PrimaryUpgrade upgrade{
        .run = {}, .from = 1, .to = 5, .backup = "/srv/majed/majed.db.before-005", .adopted = true};
    migrate::MigrationOutcome outcome;
    outcome.key = "005";
    outcome.file = "005_index_adopted_stores.sql";
    upgrade.run.outcomes.push_back(outcome);
    return upgrade;
}

TEST(PrimaryUpgradeRecord, names_the_versions_the_migrations_and_the_backup) {
    const audit::AuditRecord record = record_of(adoption());
    EXPECT_EQ(record.action, "migrate.up");
    EXPECT_EQ(record.resource, "primary");
    EXPECT_EQ(record.resource_id, "5");
    EXPECT_TRUE(record.success);
    EXPECT_EQ(record.details,
              R"({"from":1,"to":5,"migrations":["005"],"backup":"majed.db.before-005","adopted":true})");
}

TEST(PrimaryUpgradeRecord, of_a_failure_says_which_and_lists_only_what_was_applied) {
    PrimaryUpgrade upgrade = adoption();
    upgrade.to = 1;
    upgrade.run.outcomes.back().failure = Error{ErrorCode::unavailable, "line 3: the statement failed"};
    const audit::AuditRecord record = record_of(upgrade);
    EXPECT_FALSE(record.success);
    EXPECT_EQ(record.error_message, "unavailable: line 3: the statement failed");
    EXPECT_NE(record.details.find(R"("migrations":[])"), std::string::npos) << record.details;
}

TEST(PrimaryUpgradeRecord, tells_the_log_what_ran_and_what_failed) {
    std::ostringstream lines;
    telemetry::LogOptions options;
    options.stream = &lines;
    {
        telemetry::Log log(options);
        LoggingRun run(log);
        run.waiting();
        PrimaryUpgrade upgrade = adoption();
        run.ended(upgrade.run.outcomes.back());
        upgrade.run.outcomes.back().failure = Error{ErrorCode::unavailable, "the disk is full"};
        run.ended(upgrade.run.outcomes.back());
    }
    EXPECT_NE(lines.str().find("waiting for another upgrade"), std::string::npos) << lines.str();
    EXPECT_NE(lines.str().find("005_index_adopted_stores.sql"), std::string::npos) << lines.str();
    EXPECT_NE(lines.str().find("the disk is full"), std::string::npos) << lines.str();
}

}  // namespace
}  // namespace majed::app
