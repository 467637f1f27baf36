// SPDX-License-Identifier: Apache-2.0
#include "audit/trail_status.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::audit {
namespace {

using format::HealthDocument;
using format::HealthLevel;

HealthDocument document_of(const AuditStats& stats, HealthLevel before = HealthLevel::pass) {
    HealthDocument document;
    document.status = before;
    add_health(document, stats, "noon");
    return document;
}

const format::HealthCheck& check_named(const HealthDocument& document, std::string_view measurement) {
    for (const format::HealthCheck& check : document.checks) {
        if (check.component == "audit" && check.measurement == measurement) return check;
    }
    ADD_FAILURE() << "no check " << measurement;
    return document.checks.front();
}

TEST(TrailHealth, passes_and_counts_when_nothing_was_lost) {
    const HealthDocument document = document_of({.written = 12});
    EXPECT_EQ(document.status, HealthLevel::pass);
    EXPECT_EQ(document.output, "");
    ASSERT_EQ(document.checks.size(), 5U);
    for (const format::HealthCheck& check : document.checks) {
        EXPECT_EQ(check.component, "audit");
        EXPECT_EQ(check.component_type, "component");
        EXPECT_EQ(check.status, HealthLevel::pass);
        EXPECT_EQ(check.value, format::ObservedValue(std::int64_t{0}));
        EXPECT_EQ(check.time, "noon");
    }
}

TEST(TrailHealth, warns_of_records_that_were_lost) {
    const HealthDocument document = document_of({.dropped = 3});
    EXPECT_EQ(document.status, HealthLevel::warn);
    EXPECT_EQ(document.output, "not well: audit");
    EXPECT_EQ(check_named(document, "droppedRecords").status, HealthLevel::warn);
    EXPECT_EQ(check_named(document, "droppedRecords").value, format::ObservedValue(std::int64_t{3}));
    EXPECT_NE(check_named(document, "droppedRecords").output, "");
    EXPECT_EQ(check_named(document, "unfiledHeads").status, HealthLevel::pass);
}

TEST(TrailHealth, warns_of_heads_that_the_second_file_has_not_got) {
    const HealthDocument document = document_of({.unfiled_heads = 2});
    EXPECT_EQ(document.status, HealthLevel::warn);
    EXPECT_EQ(check_named(document, "unfiledHeads").status, HealthLevel::warn);
    EXPECT_EQ(check_named(document, "unfiledHeads").value, format::ObservedValue(std::int64_t{2}));
}

TEST(TrailHealth, warns_while_commits_are_slow_and_not_for_those_that_once_were) {
    EXPECT_EQ(document_of({.slow_commits = 4}).status, HealthLevel::pass);
    const HealthDocument document = document_of({.slow_commits = 4, .slow = true});
    EXPECT_EQ(document.status, HealthLevel::warn);
    EXPECT_EQ(check_named(document, "slowCommits").status, HealthLevel::warn);
    EXPECT_EQ(check_named(document, "slowCommits").value, format::ObservedValue(std::int64_t{4}));
}

TEST(TrailHealth, warns_of_details_that_could_not_be_encrypted) {
    const HealthDocument document = document_of({.unsealed = 1});
    EXPECT_EQ(document.status, HealthLevel::warn);
    EXPECT_EQ(check_named(document, "unsealedDetails").status, HealthLevel::warn);
}

TEST(TrailHealth, fails_while_commits_fail_and_not_for_those_that_once_did) {
    EXPECT_EQ(document_of({.failed_commits = 4}).status, HealthLevel::pass);
    const HealthDocument document = document_of({.failed_commits = 4, .failing = true});
    EXPECT_EQ(document.status, HealthLevel::fail);
    EXPECT_EQ(check_named(document, "failedCommits").status, HealthLevel::fail);
    EXPECT_EQ(check_named(document, "failedCommits").value, format::ObservedValue(std::int64_t{4}));
}

TEST(TrailHealth, makes_the_whole_no_better_than_it_was) {
    EXPECT_EQ(document_of({}, HealthLevel::fail).status, HealthLevel::fail);
    EXPECT_EQ(document_of({.dropped = 1}, HealthLevel::fail).status, HealthLevel::fail);
    HealthDocument document;
    document.status = HealthLevel::warn;
    document.output = "not well: sales";
    add_health(document, {.failing = true}, "");
    EXPECT_EQ(document.status, HealthLevel::fail);
    EXPECT_EQ(document.output, "not well: sales, audit");
}

TEST(TrailMetrics, announce_each_before_its_sample) {
    EXPECT_EQ(metrics_text({.written = 12,
                            .dropped = 3,
                            .refused = 5,
                            .late = 4,
                            .waiting = 7,
                            .failed_commits = 2,
                            .slow_commits = 6,
                            .unfiled_heads = 1,
                            .unsealed = 8}),
              "# TYPE majed_audit_records_total counter\n"
              "majed_audit_records_total 12\n"
              "# TYPE majed_audit_dropped_total counter\n"
              "majed_audit_dropped_total 3\n"
              "# TYPE majed_audit_refused_total counter\n"
              "majed_audit_refused_total 5\n"
              "# TYPE majed_audit_late_total counter\n"
              "majed_audit_late_total 4\n"
              "# TYPE majed_audit_waiting gauge\n"
              "majed_audit_waiting 7\n"
              "# TYPE majed_audit_failed_commits_total counter\n"
              "majed_audit_failed_commits_total 2\n"
              "# TYPE majed_audit_slow_commits_total counter\n"
              "majed_audit_slow_commits_total 6\n"
              "# TYPE majed_audit_unfiled_heads gauge\n"
              "majed_audit_unfiled_heads 1\n"
              "# TYPE majed_audit_unsealed_total counter\n"
              "majed_audit_unsealed_total 8\n");
}

}  // namespace
}  // namespace majed::audit
