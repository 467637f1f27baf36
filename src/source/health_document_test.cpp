// SPDX-License-Identifier: Apache-2.0
#include "source/health_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace majed::source {
namespace {

using namespace std::chrono_literals;

constexpr SteadyClock::time_point noon{12h};

HealthFrame frame() {
    return {.version = "1", .release_id = "1.2.3", .time_text = [](SteadyClock::time_point point) {
                return "noon" + std::to_string((point - noon) / 1s) + "s";
            }};
}

SourceHealth healthy() {
    HealthState state(Requirement::required, HealthOptions{}, noon);
    state.succeeded(2500us, noon - 3s);
    pool::BreakerSnapshot breaker;
    breaker.failure_threshold = 3;
    breaker.open_for = 30s;
    SourceHealth health = state.judge({.pool = {.in_use = 3, .idle = 1, .max = 4}, .breaker = breaker}, noon);
    health.name = "sales";
    health.make = "sqlite";
    return health;
}

SourceHealth broken() {
    HealthState state(Requirement::optional, HealthOptions{}, noon);
    state.failed({.code = ErrorCode::unavailable, .message = "no route", .failure = FailureClass::lost},
                 noon - 9s);
    pool::BreakerSnapshot breaker;
    breaker.status = pool::BreakerStatus::open;
    breaker.reason = pool::TripReason::failures_in_a_row;
    breaker.cause = FailureClass::lost;
    breaker.failures_in_a_row = 5;
    breaker.failure_threshold = 5;
    breaker.open_for = 60s;
    breaker.last_failure = noon - 9s;
    breaker.retry_after = 51500ms;
    SourceHealth health = state.judge({.breaker = breaker}, noon);
    health.name = "ledger";
    return health;
}

const format::HealthCheck& measured(const format::HealthDocument& document, std::string_view measurement) {
    static const format::HealthCheck none{};
    const auto found =
        std::find_if(document.checks.begin(), document.checks.end(),
                     [&](const format::HealthCheck& check) { return check.measurement == measurement; });
    return found == document.checks.end() ? none : *found;
}

TEST(HealthDocument, of_healthy_sources_passes_and_has_nothing_to_explain) {
    const auto document = to_document(report_of({healthy()}, noon), frame());
    EXPECT_EQ(document.status, HealthLevel::pass);
    EXPECT_EQ(document.output, "");
    EXPECT_EQ(document.version, "1");
    EXPECT_EQ(document.release_id, "1.2.3");
    EXPECT_EQ(document.timestamp, "noon0s");
    ASSERT_EQ(document.databases.size(), 1U);
    EXPECT_EQ(document.databases[0].status, "healthy");
    EXPECT_EQ(document.databases[0].connection_test, "passed");
    EXPECT_EQ(document.databases[0].response_time_ms, 2.5);
    EXPECT_EQ(document.databases[0].timestamp, "noon-3s");
    EXPECT_EQ(document.databases[0].error, "");
}

TEST(HealthDocument, has_response_time_connections_utilization_and_breaker) {
    const auto document = to_document(report_of({healthy()}, noon), frame());
    EXPECT_EQ(measured(document, "responseTime").value, format::ObservedValue(2.5));
    EXPECT_EQ(measured(document, "responseTime").unit, "ms");
    EXPECT_EQ(measured(document, "responseTime").time, "noon-3s");
    EXPECT_EQ(measured(document, "connections").value, format::ObservedValue(std::int64_t{3}));
    EXPECT_EQ(measured(document, "utilization").value, format::ObservedValue(75.0));
    EXPECT_EQ(measured(document, "utilization").unit, "percent");
    EXPECT_EQ(measured(document, "circuitBreaker").value, format::ObservedValue(std::string("closed")));
}

TEST(HealthDocument, of_an_optional_source_that_is_down_warns_and_says_why) {
    const auto document = to_document(report_of({healthy(), broken()}, noon), frame());
    EXPECT_EQ(document.status, HealthLevel::warn);
    EXPECT_EQ(document.output, "not well: ledger");
    ASSERT_EQ(document.databases.size(), 2U);
    EXPECT_EQ(document.databases[1].status, "unhealthy");
    EXPECT_EQ(document.databases[1].connection_test, "failed");
    EXPECT_EQ(document.databases[1].error, "lost: no route");
    EXPECT_FALSE(document.databases[1].response_time_ms);
}

TEST(HealthDocument, has_the_breaker_as_the_specification_spells_it) {
    const auto document = to_document(report_of({broken()}, noon), frame());
    ASSERT_EQ(document.circuit_breakers.size(), 1U);
    const format::BreakerHealth& breaker = document.circuit_breakers[0];
    EXPECT_EQ(breaker.state, "OPEN");
    EXPECT_EQ(breaker.failure_count, 5U);
    EXPECT_EQ(breaker.last_failure_time, "noon-9s");
    EXPECT_EQ(breaker.failure_threshold, 5U);
    EXPECT_EQ(breaker.timeout_seconds, 60.0);
    EXPECT_EQ(breaker.retry_after_seconds, 51.5);
    EXPECT_EQ(breaker.cause, "lost");
    EXPECT_EQ(breaker.reason, "failures_in_a_row");
}

TEST(HealthDocument, names_an_absent_source_and_counts_it_for_nothing) {
    SourceHealth absent;
    absent.name = "oracle";
    absent.requirement = Requirement::absent;
    absent.level = HealthLevel::pass;
    const auto document = to_document(report_of({healthy(), absent}, noon), frame());
    EXPECT_EQ(document.status, HealthLevel::pass);
    EXPECT_EQ(document.databases.at(1).status, "absent");
    EXPECT_EQ(document.circuit_breakers.size(), 1U);
    EXPECT_TRUE(std::none_of(document.checks.begin(), document.checks.end(),
                             [](const format::HealthCheck& check) { return check.component == "oracle"; }));
}

TEST(HealthDocument, has_the_measures_of_a_source) {
    SourceHealth source = healthy();
    source.measures = {{"walSize", 4096, "bytes", HealthLevel::warn, "it grows"}};
    const auto document = to_document(report_of({source}, noon), frame());
    EXPECT_EQ(measured(document, "walSize").value, format::ObservedValue(std::int64_t{4096}));
    EXPECT_EQ(measured(document, "walSize").output, "it grows");
}

TEST(HealthDocument, of_a_source_not_checked_yet_says_unknown) {
    const HealthState state(Requirement::required, HealthOptions{}, noon);
    const auto document = to_document(report_of({state.judge({}, noon)}, noon), frame());
    EXPECT_EQ(document.status, HealthLevel::fail);
    EXPECT_EQ(document.databases.at(0).status, "unknown");
    EXPECT_EQ(document.databases.at(0).connection_test, "");
}

}  // namespace
}  // namespace majed::source
