// SPDX-License-Identifier: Apache-2.0
#include "source/health_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace majed::source {
namespace {

using namespace std::chrono_literals;
using pool::BreakerStatus;

constexpr SteadyClock::time_point start{1000h};

const Error no_answer{.code = ErrorCode::unavailable, .message = "it is gone", .failure = FailureClass::lost};

/// A state with a clock that is a variable.
struct Patient {
    explicit Patient(Requirement requirement) : state(requirement, HealthOptions{}, start) {}

    void answer(int times = 1, std::chrono::milliseconds took = 2ms) {
        for (int i = 0; i < times; ++i) {
            state.succeeded(took, now += 1s);
        }
    }
    void fail(int times = 1) {
        for (int i = 0; i < times; ++i) {
            state.failed(no_answer, now += 1s);
        }
    }
    [[nodiscard]] SourceHealth health(Surroundings around = {}) const {
        return state.judge(std::move(around), now);
    }

    SteadyClock::time_point now = start;
    HealthState state;
};

Surroundings with_breaker(BreakerStatus status) {
    pool::BreakerSnapshot breaker;
    breaker.status = status;
    return {.breaker = breaker};
}

enum class Condition {
    not_checked,
    up,
    down,
    slow,
    flapping,
    breaker_open,
    breaker_trying,
    login_refused,
    saturated
};

SourceHealth judged(Requirement requirement, Condition condition) {
    Patient patient(requirement);
    switch (condition) {
        case Condition::not_checked:
            return patient.health();
        case Condition::up:
            patient.answer(3);
            return patient.health(with_breaker(BreakerStatus::closed));
        case Condition::down:
            patient.answer();
            patient.fail(3);
            return patient.health();
        case Condition::slow:
            patient.answer(3, 1000ms);
            return patient.health();
        case Condition::flapping:
            for (int i = 0; i < 4; ++i) {
                patient.answer();
                patient.fail();
            }
            return patient.health();
        case Condition::breaker_open:
            patient.answer();
            return patient.health(with_breaker(BreakerStatus::open));
        case Condition::breaker_trying:
            patient.answer();
            return patient.health(with_breaker(BreakerStatus::half_open));
        case Condition::login_refused:
            patient.answer();
            return patient.health(with_breaker(BreakerStatus::login_refused));
        case Condition::saturated:
            patient.answer();
            return patient.health({.pool = {.in_use = 10, .waiting = 3, .max = 10}});
    }
    return {};
}

struct Row {
    Condition condition;
    HealthLevel required;
    HealthLevel optional;
    bool reachable;
};

constexpr std::array table{
    Row{Condition::not_checked, HealthLevel::fail, HealthLevel::warn, false},
    Row{Condition::up, HealthLevel::pass, HealthLevel::pass, true},
    Row{Condition::down, HealthLevel::fail, HealthLevel::warn, false},
    Row{Condition::slow, HealthLevel::warn, HealthLevel::warn, true},
    Row{Condition::flapping, HealthLevel::warn, HealthLevel::warn, true},
    Row{Condition::breaker_open, HealthLevel::fail, HealthLevel::warn, false},
    Row{Condition::breaker_trying, HealthLevel::warn, HealthLevel::warn, true},
    Row{Condition::login_refused, HealthLevel::fail, HealthLevel::warn, false},
    Row{Condition::saturated, HealthLevel::warn, HealthLevel::warn, true},
};
static_assert(table.size() == static_cast<std::size_t>(Condition::saturated) + 1);

TEST(HealthTable, holds_in_every_cell) {
    for (const Row& row : table) {
        SCOPED_TRACE(static_cast<int>(row.condition));
        const SourceHealth required = judged(Requirement::required, row.condition);
        EXPECT_EQ(required.level, row.required);
        EXPECT_EQ(required.reachable, row.reachable);
        const SourceHealth optional = judged(Requirement::optional, row.condition);
        EXPECT_EQ(optional.level, row.optional);
        EXPECT_EQ(optional.reachable, row.reachable);
        const SourceHealth absent = judged(Requirement::absent, row.condition);
        EXPECT_EQ(absent.level, HealthLevel::pass) << "what is not configured degrades nothing";
        EXPECT_TRUE(report_of({absent}, start).ready());

        // Readiness asks the required ones only.
        EXPECT_EQ(report_of({required}, start).ready(), row.required != HealthLevel::fail);
        EXPECT_TRUE(report_of({optional}, start).ready());
        EXPECT_EQ(report_of({required, optional, absent}, start).level, std::max(row.required, row.optional));
    }
}

TEST(HealthTable, gives_a_reason_for_whatever_does_not_pass) {
    for (const Row& row : table) {
        const SourceHealth health = judged(Requirement::required, row.condition);
        for (const Finding& finding : {health.answer, health.pool, health.breaker}) {
            EXPECT_EQ(finding.output.empty(), finding.level == HealthLevel::pass) << finding.output;
        }
    }
}

TEST(HealthState, believes_the_first_check_at_once) {
    Patient up(Requirement::required);
    up.answer();
    EXPECT_EQ(up.state.liveness(), Liveness::up);
    Patient down(Requirement::required);
    down.fail();
    EXPECT_EQ(down.state.liveness(), Liveness::down);
}

TEST(HealthState, goes_down_after_three_failures_in_a_row) {
    Patient patient(Requirement::required);
    patient.answer();
    patient.fail(2);
    EXPECT_EQ(patient.health().level, HealthLevel::pass);
    EXPECT_FALSE(patient.state.settled());
    patient.answer();
    patient.fail(2);
    EXPECT_EQ(patient.state.liveness(), Liveness::up) << "an answer in between begins the row anew";
    patient.fail();
    EXPECT_EQ(patient.state.liveness(), Liveness::down);
    EXPECT_TRUE(patient.state.settled());
}

TEST(HealthState, comes_up_after_two_successes_in_a_row) {
    Patient patient(Requirement::required);
    patient.fail(5);
    patient.answer();
    EXPECT_EQ(patient.health().level, HealthLevel::fail);
    EXPECT_EQ(patient.health().answer.output, "it answers again, but not for long enough");
    EXPECT_FALSE(patient.state.settled());
    patient.fail();
    patient.answer();
    EXPECT_EQ(patient.state.liveness(), Liveness::down);
    patient.answer();
    EXPECT_EQ(patient.state.liveness(), Liveness::up);
}

TEST(HealthState, says_what_the_last_check_met) {
    Patient patient(Requirement::required);
    patient.fail();
    EXPECT_EQ(patient.health().answer.output, "lost: it is gone");
    EXPECT_EQ(patient.health().last_failure, FailureClass::lost);
    patient.answer(2);
    EXPECT_EQ(patient.health().last_failure, FailureClass::none);
    EXPECT_EQ(patient.health().response_time, 2ms);
    EXPECT_EQ(patient.health().checked_at, patient.now);
}

TEST(HealthState, calls_it_flapping_from_the_fourth_change) {
    Patient patient(Requirement::required);
    patient.answer();
    patient.fail();
    patient.answer();
    patient.fail();
    EXPECT_EQ(patient.health().level, HealthLevel::pass) << "three changes";
    patient.answer();
    EXPECT_EQ(patient.health().level, HealthLevel::warn);
}

TEST(HealthState, forgets_flapping_when_the_answers_stay) {
    Patient patient(Requirement::required);
    for (int i = 0; i < 8; ++i) {
        patient.answer();
        patient.fail();
    }
    ASSERT_EQ(patient.health().answer.output, "its answers come and go");
    patient.answer(12);
    EXPECT_EQ(patient.health().level, HealthLevel::warn);
    patient.answer();
    EXPECT_EQ(patient.health().level, HealthLevel::pass);
}

TEST(HealthState, shows_a_pool_without_places_as_saturation_and_not_as_an_outage) {
    Patient patient(Requirement::required);
    patient.answer();
    const SourceHealth waiting = patient.health({.pool = {.in_use = 2, .waiting = 1, .max = 2}});
    EXPECT_EQ(waiting.answer.level, HealthLevel::pass);
    EXPECT_EQ(waiting.pool.level, HealthLevel::warn);
    EXPECT_EQ(waiting.pool.output, "the pool is saturated: 1 wait for a session");
    EXPECT_TRUE(waiting.reachable);
    EXPECT_EQ(patient.health({.pool = {.in_use = 1, .opening = 1, .max = 2}}).pool.level, HealthLevel::warn);
    EXPECT_EQ(patient.health({.pool = {.in_use = 1, .idle = 1, .max = 2}}).pool.level, HealthLevel::pass);
    EXPECT_EQ(patient.health({.pool = {}}).pool.level, HealthLevel::pass) << "no pool";
}

TEST(HealthState, does_not_trust_what_it_heard_long_ago) {
    Patient patient(Requirement::required);
    patient.answer();
    patient.now += 36s;
    EXPECT_EQ(patient.health().level, HealthLevel::pass);
    patient.now += 1ns;
    EXPECT_EQ(patient.health().level, HealthLevel::fail);
    EXPECT_FALSE(patient.health().reachable);
    EXPECT_EQ(patient.health().answer.output, "the check itself does not come back");
}

TEST(HealthState, takes_silence_for_granted_while_the_breaker_forbids_to_ask) {
    Patient patient(Requirement::required);
    patient.answer();
    for (int i = 0; i < 20; ++i) {
        patient.state.not_asked(patient.now += 30s);
    }
    const SourceHealth health = patient.health(with_breaker(BreakerStatus::open));
    EXPECT_EQ(health.answer.level, HealthLevel::pass);
    EXPECT_EQ(health.breaker.level, HealthLevel::fail);
    EXPECT_EQ(health.checked_at, start + 1s);
}

TEST(HealthState, shows_what_operators_did) {
    Patient patient(Requirement::required);
    patient.answer();
    Surroundings around = with_breaker(BreakerStatus::forced_open);
    around.breaker->operator_reason = "moving house";
    EXPECT_EQ(patient.health(around).level, HealthLevel::fail);
    EXPECT_EQ(patient.health(around).breaker.output, "an operator has taken it out of service: moving house");
    around.breaker->status = BreakerStatus::disabled;
    EXPECT_EQ(patient.health(around).level, HealthLevel::warn);
    EXPECT_TRUE(patient.health(around).reachable);
}

TEST(HealthState, counts_measures_but_an_optional_source_never_fails_by_them) {
    const Surroundings around{
        .measures = {{"diskFree", 1.0, "bytes", HealthLevel::fail, "the disk is full"}}};
    Patient required(Requirement::required);
    required.answer();
    EXPECT_EQ(required.health(around).level, HealthLevel::fail);
    Patient optional(Requirement::optional);
    optional.answer();
    EXPECT_EQ(optional.health(around).level, HealthLevel::warn);
    EXPECT_EQ(optional.health(around).measures.at(0).level, HealthLevel::warn);
}

TEST(HealthOptions, that_make_no_sense_are_refused_by_name) {
    EXPECT_TRUE(check(HealthOptions{}));
    const std::vector<std::pair<std::string, std::function<void(HealthOptions&)>>> rows{
        {"failures_to_go_down", [](auto& o) { o.failures_to_go_down = 0; }},
        {"successes_to_come_up", [](auto& o) { o.successes_to_come_up = 0; }},
        {"flapping_from", [](auto& o) { o.flapping_from = 16; }},
        {"slow_after", [](auto& o) { o.slow_after = 0ms; }},
        {"interval", [](auto& o) { o.interval = 25h; }},
        {"recheck", [](auto& o) { o.recheck = 11s; }},
        {"timeout", [](auto& o) { o.timeout = 0ms; }},
    };
    for (const auto& [name, spoil] : rows) {
        HealthOptions options;
        spoil(options);
        const auto checked = check(options);
        ASSERT_FALSE(checked) << name;
        EXPECT_TRUE(checked.error().message.starts_with("health: " + name)) << checked.error().message;
    }
}

TEST(HealthReport, of_no_sources_passes) {
    EXPECT_EQ(report_of({}, start).level, HealthLevel::pass);
    EXPECT_TRUE(report_of({}, start).ready());
    EXPECT_EQ(HealthReport{}.level, HealthLevel::fail) << "nothing known is nothing promised";
}

}  // namespace
}  // namespace majed::source
