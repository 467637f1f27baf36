// SPDX-License-Identifier: Apache-2.0
#include "source/health_state.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>

namespace majed::source {
namespace {

using namespace std::chrono_literals;
using pool::BreakerStatus;

constexpr std::uint32_t memory = 16;

bool spans_time(std::chrono::milliseconds span) {
    return span >= 1ms && span <= 24h;
}

/// Full, or somebody waits for a place.
Finding judge_pool(const PoolUse& pool) {
    if (pool.waiting != 0) {
        return {HealthLevel::warn,
                "the pool is saturated: " + std::to_string(pool.waiting) + " wait for a session"};
    }
    if (pool.max != 0 && pool.in_use + pool.opening >= pool.max) {
        return {HealthLevel::warn, "the pool is saturated: every session is lent"};
    }
    return {};
}

bool lets_calls_through(const std::optional<pool::BreakerSnapshot>& breaker) {
    if (!breaker) {
        return true;
    }
    switch (breaker->status) {
        case BreakerStatus::closed:
        case BreakerStatus::half_open:
        case BreakerStatus::disabled:
            return true;
        case BreakerStatus::open:
        case BreakerStatus::forced_open:
        case BreakerStatus::login_refused:
            break;
    }
    return false;
}

std::string milliseconds_text(std::chrono::nanoseconds span) {
    return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(span).count()) + " ms";
}

}  // namespace

Result<void> check(const HealthOptions& options) {
    struct Rule {
        bool holds;
        std::string_view text;
    };
    const std::array rules{
        Rule{options.failures_to_go_down >= 1 && options.failures_to_go_down <= 1000,
             "failures_to_go_down must be between 1 and 1000"},
        Rule{options.successes_to_come_up >= 1 && options.successes_to_come_up <= 1000,
             "successes_to_come_up must be between 1 and 1000"},
        Rule{options.flapping_from >= 2 && options.flapping_from < memory,
             "flapping_from must be between 2 and 15"},
        Rule{spans_time(options.slow_after), "slow_after must be between 1 ms and 24 h"},
        Rule{spans_time(options.interval), "interval must be between 1 ms and 24 h"},
        Rule{spans_time(options.recheck) && options.recheck <= options.interval,
             "recheck must be between 1 ms and interval"},
        Rule{spans_time(options.timeout), "timeout must be between 1 ms and 24 h"},
    };
    for (const Rule& rule : rules) {
        if (!rule.holds) {
            return Error{ErrorCode::invalid_argument, "health: " + std::string(rule.text)};
        }
    }
    return {};
}

bool HealthReport::ready() const {
    return std::none_of(sources.begin(), sources.end(), [](const SourceHealth& source) {
        return source.requirement == Requirement::required && source.level == HealthLevel::fail;
    });
}

HealthReport report_of(std::vector<SourceHealth> sources, SteadyClock::time_point now) {
    HealthReport report{HealthLevel::pass, now, std::move(sources)};
    for (const SourceHealth& source : report.sources) {
        report.level = std::max(report.level, source.level);
    }
    return report;
}

HealthState::HealthState(Requirement requirement, const HealthOptions& options, TimePoint now)
    : requirement_(requirement), options_(options), looked_at_(now) {}

void HealthState::remember(bool good) noexcept {
    constexpr std::uint32_t mask = (1U << memory) - 1U;
    outcomes_ = ((outcomes_ << 1U) | (good ? 1U : 0U)) & mask;
    remembered_ = std::min(remembered_ + 1, memory);
}

bool HealthState::flapping() const noexcept {
    if (remembered_ < 2) {
        return false;
    }
    const std::uint32_t pairs = (1U << (remembered_ - 1U)) - 1U;
    const std::uint32_t changes = (outcomes_ ^ (outcomes_ >> 1U)) & pairs;
    return static_cast<std::uint32_t>(std::popcount(changes)) >= options_.flapping_from;
}

void HealthState::succeeded(std::chrono::nanoseconds response_time, TimePoint now) {
    remember(true);
    bad_in_a_row_ = 0;
    good_in_a_row_ = std::min(good_in_a_row_ + 1, options_.successes_to_come_up);
    if (liveness_ == Liveness::unknown || good_in_a_row_ >= options_.successes_to_come_up) {
        liveness_ = Liveness::up;
    }
    response_time_ = response_time;
    checked_at_ = now;
    looked_at_ = now;
    last_failure_ = FailureClass::none;
    last_message_.clear();
}

void HealthState::failed(const Error& error, TimePoint now) {
    remember(false);
    good_in_a_row_ = 0;
    bad_in_a_row_ = std::min(bad_in_a_row_ + 1, options_.failures_to_go_down);
    if (liveness_ == Liveness::unknown || bad_in_a_row_ >= options_.failures_to_go_down) {
        liveness_ = Liveness::down;
    }
    checked_at_ = now;
    looked_at_ = now;
    last_failure_ = error.failure;
    last_message_ = error.message;
}

void HealthState::not_asked(TimePoint now) {
    looked_at_ = now;
}

bool HealthState::settled() const noexcept {
    switch (liveness_) {
        case Liveness::up:
            return bad_in_a_row_ == 0;
        case Liveness::down:
            return good_in_a_row_ == 0;
        case Liveness::unknown:
            break;
    }
    return false;
}

bool HealthState::stale(TimePoint now) const {
    return now - looked_at_ > 3 * (options_.interval + options_.timeout);
}

HealthLevel HealthState::worst() const noexcept {
    return requirement_ == Requirement::required ? HealthLevel::fail : HealthLevel::warn;
}

Finding HealthState::judge_answer(TimePoint now) const {
    if (stale(now)) {
        return {worst(), "the check itself does not come back"};
    }
    switch (liveness_) {
        case Liveness::unknown:
            return {worst(), "not checked yet"};
        case Liveness::down:
            if (last_failure_ == FailureClass::none && last_message_.empty()) {
                return {worst(), "it answers again, but not for long enough"};
            }
            return {worst(), std::string(name_of(last_failure_)) + ": " + last_message_};
        case Liveness::up:
            break;
    }
    if (flapping()) {
        return {HealthLevel::warn, "its answers come and go"};
    }
    if (response_time_ && *response_time_ >= options_.slow_after) {
        return {HealthLevel::warn, "it answers slowly: " + milliseconds_text(*response_time_)};
    }
    return {};
}

Finding HealthState::judge_breaker(const pool::BreakerSnapshot& breaker) const {
    const std::string because =
        " (" + std::string(name_of(breaker.reason)) + ", " + std::string(name_of(breaker.cause)) + ")";
    switch (breaker.status) {
        case BreakerStatus::open:
            return {worst(), "the circuit breaker is open" + because};
        case BreakerStatus::half_open:
            return {HealthLevel::warn, "the circuit breaker is trying the database again" + because};
        case BreakerStatus::login_refused:
            return {worst(), "the database refuses the gateway's login"};
        case BreakerStatus::forced_open:
            return {worst(), "an operator has taken it out of service: " + breaker.operator_reason};
        case BreakerStatus::disabled:
            return {HealthLevel::warn,
                    "an operator has disabled the circuit breaker: " + breaker.operator_reason};
        case BreakerStatus::closed:
            break;
    }
    return {};
}

SourceHealth HealthState::judge(Surroundings around, TimePoint now) const {
    SourceHealth health;
    health.requirement = requirement_;
    health.liveness = liveness_;
    if (requirement_ == Requirement::absent) {
        health.level = HealthLevel::pass;
        return health;
    }
    health.answer = judge_answer(now);
    health.pool = judge_pool(around.pool);
    if (around.breaker) {
        health.breaker = judge_breaker(*around.breaker);
    }
    health.level = std::max({health.answer.level, health.pool.level, health.breaker.level});
    for (HealthMeasure& measure : around.measures) {
        measure.level = std::min(measure.level, worst());
        health.level = std::max(health.level, measure.level);
    }
    health.reachable = liveness_ == Liveness::up && !stale(now) && lets_calls_through(around.breaker);
    health.response_time = response_time_;
    health.checked_at = checked_at_;
    health.last_failure = last_failure_;
    health.pool_use = around.pool;
    health.breaker_view = std::move(around.breaker);
    health.measures = std::move(around.measures);
    return health;
}

}  // namespace majed::source
