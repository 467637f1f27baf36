// SPDX-License-Identifier: Apache-2.0
#include "source/health_watch.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace majed::source {

using pool::BreakerStatus;

HealthWatch::HealthWatch(WatchedSource source, Now now)
    : source_(std::move(source)),
      now_(std::move(now)),
      state_(source_.requirement, source_.options, now_()) {}

void HealthWatch::look() {
    if (source_.requirement == Requirement::absent) {
        return;
    }
    ask();
    if (source_.measures) {
        auto measured = source_.measures();
        const Lock lock(mutex_);
        measures_ = std::move(measured);
    }
}

void HealthWatch::ask() {
    std::optional<pool::CircuitBreaker::Permit> permit;
    if (source_.breaker != nullptr) {
        auto admitted = source_.breaker->admit();
        if (!admitted) {
            const auto now = now_();
            const Lock lock(mutex_);
            state_.not_asked(now);
            return;
        }
        permit = std::move(*admitted);
    }
    const bool probe = permit && permit->is_probe();
    const auto started = now_();
    const auto answer =
        source_.check(probe ? CheckKind::probe : CheckKind::routine, deadline_after(source_.options.timeout));
    const auto ended = now_();
    if (permit && !answer) {
        permit->failed(answer.error(), ended - started);
        told_of_failure_ = true;
    } else if (const bool was_told = std::exchange(told_of_failure_, false); permit && (probe || was_told)) {
        // Only then: in a closed breaker a ping between failing statements must not hide that they fail. But what the
        // checks themselves found is over, or lost answers of many days would add up where nobody else asks.
        permit->succeeded(ended - started);
    }
    const Lock lock(mutex_);
    if (answer) {
        state_.succeeded(*answer, ended);
    } else {
        state_.failed(answer.error(), ended);
    }
}

void HealthWatch::interrupt() const {
    if (source_.interrupt) {
        source_.interrupt();
    }
}

std::chrono::milliseconds HealthWatch::next_look() const {
    const HealthOptions& options = source_.options;
    bool settled = true;
    {
        const Lock lock(mutex_);
        settled = state_.settled();
    }
    if (source_.breaker != nullptr) {
        const pool::BreakerSnapshot view = source_.breaker->snapshot();
        if (view.retry_after) {
            // Nothing can be asked before; right after, recovery should not wait for a caller.
            return std::clamp(*view.retry_after, options.recheck, options.interval);
        }
        settled = settled && view.status != BreakerStatus::half_open;
    }
    return settled ? options.interval : options.recheck;
}

SourceHealth HealthWatch::health() const {
    Surroundings around;
    if (source_.pool) {
        around.pool = source_.pool();
    }
    if (source_.breaker != nullptr) {
        around.breaker = source_.breaker->snapshot();
    }
    const auto now = now_();
    SourceHealth health;
    {
        const Lock lock(mutex_);
        around.measures = measures_;
        health = state_.judge(std::move(around), now);
    }
    health.name = source_.name;
    health.make = source_.make;
    return health;
}

}  // namespace majed::source
