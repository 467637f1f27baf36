/// A breaker's state machine with a clock that is a variable, and everything it told.
///
/// Why      The tests of the table, of the behaviours and of random events need the same.
/// Life     One per test.
/// Threads  One.
/// Not here What is tested.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pool/breaker_state.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace majed::pool {

/// No jitter, so that waits are the configured ones.
[[nodiscard]] inline BreakerOptions plain_options() {
    BreakerOptions options;
    options.jitter = 0.0;
    return options;
}

[[nodiscard]] inline CallResult success_after(std::chrono::nanoseconds duration = {}) {
    return {CallVerdict::success, FailureClass::none, duration};
}

[[nodiscard]] inline CallResult end_of(FailureClass failure, std::chrono::nanoseconds duration = {}) {
    const Error error{.code = ErrorCode::unavailable, .message = {}, .failure = failure};
    return {verdict_of(error, TargetUse::reads), failure, duration};
}

struct BreakerMachine {
    explicit BreakerMachine(const BreakerOptions& options = plain_options(), double chance = 0.0)
        : now(std::chrono::hours(1000)),
          state(*BreakerState::create(
              options, [chance] { return chance; }, now)) {}

    void keep(const BreakerEvents& events) {
        told.insert(told.end(), events.all().begin(), events.all().end());
    }

    /// The generation of the permit, when there is one.
    std::optional<std::uint64_t> admit() {
        last = state.admit(now);
        keep(last.events);
        return last.admitted ? std::optional(last.generation) : std::nullopt;
    }
    void record(std::uint64_t generation, const CallResult& result) {
        keep(state.record(generation, result, now));
    }
    /// A whole call; false when it was not let through.
    bool call(const CallResult& result) {
        const auto permit = admit();
        if (permit) {
            record(*permit, result);
        }
        return permit.has_value();
    }
    bool succeed() { return call(success_after()); }
    bool fail(FailureClass failure = FailureClass::lost) { return call(end_of(failure)); }

    void pass(std::chrono::nanoseconds span) { now += span; }
    [[nodiscard]] BreakerSnapshot snapshot() const { return state.snapshot(now); }
    [[nodiscard]] std::size_t told_of(BreakerEventKind kind) const {
        return static_cast<std::size_t>(std::count_if(
            told.begin(), told.end(), [kind](const BreakerEvent& event) { return event.kind == kind; }));
    }
    [[nodiscard]] std::size_t transitions() const { return told_of(BreakerEventKind::transition); }

    /// By the shortest way that a database could make it go.
    void open() {
        while (state.status() == BreakerStatus::closed) {
            fail();
        }
    }
    void half_open() {
        open();
        pass(std::chrono::milliseconds(
            state.snapshot(now).retry_after.value_or(std::chrono::milliseconds(0))));
        if (const auto permit = admit()) {
            record(*permit, end_of(FailureClass::user_error));
        }
    }

    SteadyClock::time_point now;
    BreakerState state;
    Admission last;
    std::vector<BreakerEvent> told;
};

}  // namespace majed::pool
