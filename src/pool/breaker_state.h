/// The circuit breaker as a pure state machine: what happened and when goes in, what to do and what to tell comes out.
///
/// Why      Every state times every event can be tested with a clock that is a variable.
/// Life     A value that moves. Results carry the generation of their permit; those of an earlier one change nothing.
/// Threads  One at a time.
/// Not here Locks, clocks, permits as objects, delivery of events (circuit_breaker.h).
///
/// closed lets everything through and counts. open lets nothing through until its wait is over; then the next call makes
/// it half_open: a few calls at a time, the first failure opens it again for longer, enough successes close it.
/// login_refused lets one call at a time through, after waits that grow. forced_open and disabled are an operator's.
/// docs/guide/health.md has the whole table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/error.h"
#include "core/result.h"
#include "pool/breaker_options.h"
#include "pool/breaker_window.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace majed::pool {

enum class BreakerStatus : std::uint8_t { closed, open, half_open, forced_open, disabled, login_refused };

/// Stable and machine readable: `half_open`.
[[nodiscard]] std::string_view name_of(BreakerStatus status) noexcept;

/// Why it is not closed.
enum class TripReason : std::uint8_t {
    none,
    failures_in_a_row,
    failure_rate,
    slow_rate,
    probe_failed,  ///< A call while half open failed, or was slow.
    probe_lost,    ///< A call while half open did not come back in time.
    refused_login,
    by_operator,
};

[[nodiscard]] std::string_view name_of(TripReason reason) noexcept;

enum class BreakerEventKind : std::uint8_t {
    succeeded,
    failed,
    ignored,   ///< A result that says nothing about the database, or a permit given back without a word.
    late,      ///< A result of an earlier generation.
    rejected,  ///< A call was not let through.
    failure_rate_exceeded,
    slow_rate_exceeded,
    reset,
    transition,
};

struct BreakerEvent {
    BreakerEventKind kind = BreakerEventKind::ignored;
    BreakerStatus from = BreakerStatus::closed;
    BreakerStatus to = BreakerStatus::closed;  ///< Not `from` only for a transition.
    TripReason reason = TripReason::none;
    FailureClass cause = FailureClass::none;
    SteadyClock::time_point at;
};

/// What one step tells: at most the call itself, a rate, a reset, a transition.
class BreakerEvents {
public:
    void add(const BreakerEvent& event) noexcept { events_.at(count_++) = event; }
    [[nodiscard]] std::span<const BreakerEvent> all() const noexcept {
        return std::span(events_).first(count_);
    }

private:
    std::array<BreakerEvent, 4> events_{};
    std::size_t count_ = 0;
};

/// What a call's end means. See the table in docs/guide/health.md.
enum class CallVerdict : std::uint8_t {
    success,
    failure,
    slow,           ///< The database stopped it when told: slow, not ill.
    refused_login,  ///< The credentials are wrong.
    answered,       ///< The caller's mistake, or contention: not counted, but the database answered.
    silent,         ///< Not counted: stopped by us or the caller, or never sent.
};

[[nodiscard]] CallVerdict verdict_of(const Error& error, TargetUse target) noexcept;

struct CallResult {
    CallVerdict verdict = CallVerdict::silent;
    FailureClass failure = FailureClass::none;
    std::chrono::nanoseconds duration{0};
};

struct Admission {
    bool admitted = false;
    bool probe = false;            ///< Admitted to find out whether the database is back.
    std::uint64_t generation = 0;  ///< To hand in with the result.
    std::chrono::milliseconds retry_after{0};
    BreakerEvents events;
};

/// Since the start; never reset.
struct BreakerCounters {
    std::uint64_t admitted = 0;
    std::uint64_t rejected = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t slow = 0;
    std::uint64_t ignored = 0;
    std::uint64_t late = 0;
    std::uint64_t transitions = 0;
    std::uint64_t opened = 0;  ///< Transitions to open or login_refused.
};

struct BreakerSnapshot {
    BreakerStatus status = BreakerStatus::closed;
    TripReason reason = TripReason::none;
    FailureClass cause =
        FailureClass::none;       ///< Of the last failure since it was closed, whatever the reason.
    std::string operator_reason;  ///< Of forced_open and disabled.
    std::uint32_t failures_in_a_row = 0;
    std::uint32_t half_open_successes = 0;
    std::uint32_t openings = 0;  ///< Since the last close.
    std::uint64_t generation = 0;
    std::uint64_t permits_out = 0;  ///< Of this generation.
    SteadyClock::time_point since;  ///< In this status.
    std::optional<SteadyClock::time_point> last_failure;
    std::optional<std::chrono::milliseconds> retry_after;  ///< Open or refused: until a call is let through.
    WindowCounts window;
    BreakerCounters counters;
    std::uint32_t failure_threshold = 0;  ///< As configured; likewise `open_for`.
    std::chrono::milliseconds open_for{0};
    std::uint64_t events_lost = 0;  ///< A listener was too slow for them.
};

class BreakerState {
public:
    using TimePoint = SteadyClock::time_point;
    using Random = std::function<double()>;  ///< From 0 up to, not including, 1.

    /// Closed. Errors: invalid_argument.
    [[nodiscard]] static Result<BreakerState> create(const BreakerOptions& options, Random random,
                                                     TimePoint now);

    [[nodiscard]] Admission admit(TimePoint now);
    /// The end of a call that `admit` let through under `generation`; once for each.
    [[nodiscard]] BreakerEvents record(std::uint64_t generation, const CallResult& result, TimePoint now);

    /// Lets nothing through, or everything uncounted, until `reset`.
    [[nodiscard]] BreakerEvents force_open(TimePoint now);
    [[nodiscard]] BreakerEvents disable(TimePoint now);
    /// Closed, and everything that was counted forgotten.
    [[nodiscard]] BreakerEvents reset(TimePoint now);

    [[nodiscard]] BreakerStatus status() const noexcept { return status_; }
    [[nodiscard]] TripReason reason() const noexcept { return reason_; }
    [[nodiscard]] FailureClass cause() const noexcept { return cause_; }
    /// Whether work that no permit stands for (filling a pool) may open connections.
    [[nodiscard]] bool opening_allowed(TimePoint now) const;
    [[nodiscard]] BreakerSnapshot snapshot(TimePoint now) const;

private:
    BreakerState(const BreakerOptions& options, Random random, TimePoint now);

    [[nodiscard]] BreakerEvent event(BreakerEventKind kind, TimePoint now) const;
    void enter(BreakerStatus status, TripReason reason, TimePoint now, BreakerEvents& events);
    void open(TripReason reason, TimePoint now, BreakerEvents& events);
    void refuse_login(TimePoint now, BreakerEvents& events);
    void close(TimePoint now, BreakerEvents& events);
    void forget_failures(TimePoint now);
    /// A half-open time, or a login probe, whose calls do not come back ends here.
    void expire(TimePoint now, BreakerEvents& events);
    [[nodiscard]] bool overdue(TimePoint now) const;

    [[nodiscard]] bool may_pass(TimePoint now, BreakerEvents& events);
    [[nodiscard]] std::chrono::milliseconds retry_after(TimePoint now) const;
    [[nodiscard]] TimePoint wait_over(BreakerOptions::Milliseconds first,
                                      BreakerOptions::Milliseconds longest, std::uint32_t attempt,
                                      TimePoint now);

    [[nodiscard]] bool is_slow(const CallResult& result) const;
    void count(const CallResult& result, TimePoint now, BreakerEvents& events);
    void record_closed(const CallResult& result, TimePoint now, BreakerEvents& events);
    void record_half_open(const CallResult& result, TimePoint now, BreakerEvents& events);
    void record_login_probe(const CallResult& result, TimePoint now, BreakerEvents& events);
    void judge_rates(TimePoint now, BreakerEvents& events);

    BreakerOptions options_;
    Random random_;
    BreakerWindow window_;
    BreakerStatus status_ = BreakerStatus::closed;
    TripReason reason_ = TripReason::none;
    FailureClass cause_ = FailureClass::none;
    std::uint64_t generation_ = 1;
    std::uint64_t permits_out_ = 0;
    std::uint32_t failures_in_a_row_ = 0;
    std::uint32_t successes_ = 0;
    std::uint32_t openings_ = 0;
    std::uint32_t refusals_ = 0;
    TimePoint since_;
    TimePoint until_;          ///< Open, login_refused: nothing passes before.
    TimePoint probing_since_;  ///< Half open: start of its age. login_refused: when the probe left.
    std::optional<TimePoint> last_failure_;
    BreakerCounters counters_;
};

}  // namespace majed::pool
