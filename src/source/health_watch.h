/// One source under observation: asks it, tells its breaker, remembers the answer.
///
/// Why      A single look can be tested without a thread; the monitor only repeats it.
/// Life     Outlived by what its functions use.
/// Threads  `look` by one thread at a time; the rest from any.
/// Not here When to look (health_monitor.h), the connection that is asked (health_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"
#include "pool/circuit_breaker.h"
#include "source/health_state.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace majed::source {

/// A probe finds out whether a database that was down is back, so it must come in by the door: a new connection.
enum class CheckKind { routine, probe };

struct WatchedSource {
    std::string name;
    std::string make;
    Requirement requirement = Requirement::required;
    HealthOptions options = {};
    /// How long the database took to answer, over a connection of its own: a saturated pool must not look like a
    /// database that is down. Takes no permit of `breaker`: its caller holds one. Not asked for an absent source.
    std::function<Result<std::chrono::nanoseconds>(CheckKind, Deadline)> check = {};
    std::function<void()> interrupt = {};  ///< Ends a check that is under way, and all to come. Any thread.
    std::function<PoolUse()> pool = {};    ///< Cheap; asked whenever somebody looks.
    std::function<std::vector<HealthMeasure>()> measures = {};  ///< Asked with each check.
    pool::CircuitBreaker* breaker = nullptr;                    ///< May be absent.
};

class HealthWatch {
public:
    using Now = std::function<SteadyClock::time_point()>;

    /// `source` has been checked by HealthMonitor::create.
    HealthWatch(WatchedSource source, Now now);
    HealthWatch(const HealthWatch&) = delete;
    HealthWatch& operator=(const HealthWatch&) = delete;
    ~HealthWatch() = default;

    /// One check, as the breaker permits.
    void look();
    void interrupt() const;
    /// How long to wait until the next look: shorter while something changes, and no longer than the breaker waits.
    [[nodiscard]] std::chrono::milliseconds next_look() const;
    [[nodiscard]] SourceHealth health() const;
    [[nodiscard]] Requirement requirement() const noexcept { return source_.requirement; }

private:
    void ask();

    const WatchedSource source_;
    const Now now_;
    bool told_of_failure_ =
        false;  ///< The breaker has heard of a failed check, and of no good one since. Of `look`.
    mutable Mutex mutex_;
    HealthState state_ MAJED_GUARDED_BY(mutex_);
    std::vector<HealthMeasure> measures_ MAJED_GUARDED_BY(mutex_);
};

}  // namespace majed::source
