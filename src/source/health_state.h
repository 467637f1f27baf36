/// Whether a source is well, judged from checks, pool, breaker and measures: pure, and slow to change its mind.
///
/// Why      One lost ping is no outage and one good one no recovery; a full pool is not a database that is down.
/// Life     A value, one per source.
/// Threads  One at a time.
/// Not here Asking the database (health_watch.h), the document (health_document.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/error.h"
#include "core/result.h"
#include "format/health_json.h"
#include "pool/breaker_state.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace majed::source {

using format::HealthLevel;

/// What it means for the gateway that a source is down: not ready, a warning, or nothing, for it is not configured.
enum class Requirement : std::uint8_t { required, optional, absent };

struct HealthOptions {
    using Milliseconds = std::chrono::milliseconds;

    std::uint32_t failures_to_go_down = 3;  ///< In a row; the first check of all decides alone.
    std::uint32_t successes_to_come_up = 2;
    Milliseconds slow_after{1000};    ///< An answer that took this long is a warning.
    std::uint32_t flapping_from = 4;  ///< Changes between good and bad within the last 16 checks; a warning.
    Milliseconds interval{10000};     ///< Between checks,
    Milliseconds recheck{1000};       ///< while a change of mind or a recovery is under way.
    Milliseconds timeout{2000};       ///< Of one check.
};

/// Errors: invalid_argument, naming the first option that makes no sense.
[[nodiscard]] Result<void> check(const HealthOptions& options);

/// A pool at one moment. `max` 0: there is none.
struct PoolUse {
    std::size_t in_use = 0;
    std::size_t idle = 0;
    std::size_t opening = 0;
    std::size_t waiting = 0;
    std::size_t max = 0;
};

/// Something else worth knowing: size of the WAL, free disk. The gatherer judges it.
struct HealthMeasure {
    std::string name;  ///< As in the document: `walSize`.
    double value = 0;
    std::string unit = {};  ///< `bytes`
    HealthLevel level = HealthLevel::pass;
    std::string output = {};  ///< Why it does not pass.
};

struct Finding {
    HealthLevel level = HealthLevel::pass;
    std::string output = {};  ///< Empty for pass. Safe to show to operators, not to everybody.
};

enum class Liveness : std::uint8_t { unknown, up, down };

struct SourceHealth {
    std::string name;
    std::string make;  ///< `sqlite`
    Requirement requirement = Requirement::required;
    HealthLevel level = HealthLevel::fail;
    Liveness liveness = Liveness::unknown;
    bool reachable = false;  ///< Up, and its breaker lets calls through or tries them.
    Finding answer = {};     ///< Of the checks.
    Finding pool = {};
    Finding breaker = {};
    std::vector<HealthMeasure> measures = {};
    std::optional<std::chrono::nanoseconds> response_time = {};  ///< Of the last good check.
    std::optional<SteadyClock::time_point> checked_at = {};      ///< The last check, good or bad.
    FailureClass last_failure = FailureClass::none;              ///< Kept until the next good check.
    PoolUse pool_use = {};
    std::optional<pool::BreakerSnapshot> breaker_view = {};
};

struct HealthReport {
    HealthLevel level = HealthLevel::fail;
    SteadyClock::time_point at;
    std::vector<SourceHealth> sources = {};

    /// Every required source is there; what /readyz asks.
    [[nodiscard]] bool ready() const;
};

/// The worst of the sources.
[[nodiscard]] HealthReport report_of(std::vector<SourceHealth> sources, SteadyClock::time_point now);

/// What is known beside the checks.
struct Surroundings {
    PoolUse pool = {};
    std::optional<pool::BreakerSnapshot> breaker = {};
    std::vector<HealthMeasure> measures = {};
};

class HealthState {
public:
    using TimePoint = SteadyClock::time_point;

    HealthState(Requirement requirement, const HealthOptions& options, TimePoint now);

    void succeeded(std::chrono::nanoseconds response_time, TimePoint now);
    void failed(const Error& error, TimePoint now);
    /// The breaker is open: nothing was asked, and that is no failure.
    void not_asked(TimePoint now);

    [[nodiscard]] Liveness liveness() const noexcept { return liveness_; }
    /// No change of mind is under way.
    [[nodiscard]] bool settled() const noexcept;
    /// `name` and `make` are left to the caller.
    [[nodiscard]] SourceHealth judge(Surroundings around, TimePoint now) const;

private:
    void remember(bool good) noexcept;
    [[nodiscard]] bool flapping() const noexcept;
    [[nodiscard]] bool stale(TimePoint now) const;
    /// fail for a required source, warn for an optional one.
    [[nodiscard]] HealthLevel worst() const noexcept;
    [[nodiscard]] Finding judge_answer(TimePoint now) const;
    [[nodiscard]] Finding judge_breaker(const pool::BreakerSnapshot& breaker) const;

    Requirement requirement_;
    HealthOptions options_;
    Liveness liveness_ = Liveness::unknown;
    std::uint32_t good_in_a_row_ = 0;
    std::uint32_t bad_in_a_row_ = 0;
    std::uint32_t outcomes_ = 0;  ///< The last 16, newest lowest; a set bit is good.
    std::uint32_t remembered_ = 0;
    std::optional<std::chrono::nanoseconds> response_time_;
    std::optional<TimePoint> checked_at_;
    TimePoint looked_at_;
    FailureClass last_failure_ = FailureClass::none;
    std::string last_message_;
};

}  // namespace majed::source
