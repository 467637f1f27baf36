/// Watches all sources in the background and answers from what it knows.
///
/// Why      A probe must be answered at once, and a thousand of them must not ask the databases a thousand times.
/// Life     Started and stopped by app/. Its destructor stops. Outlived by what the sources' functions use.
/// Threads  All methods may be called from any thread. One thread per source, so that one that hangs delays no other.
/// Not here What is healthy (health_state.h), the document (health_document.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "source/health_state.h"
#include "source/health_watch.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

namespace majed::source {

class HealthMonitor {
public:
    /// Errors: invalid_argument (options, two sources of one name, no way to check, too many sources).
    [[nodiscard]] static Result<std::unique_ptr<HealthMonitor>> create(std::vector<WatchedSource> sources,
                                                                       HealthWatch::Now now = {});
    HealthMonitor(const HealthMonitor&) = delete;
    HealthMonitor& operator=(const HealthMonitor&) = delete;
    ~HealthMonitor();

    /// The first checks begin at once. Again: nothing. Errors: overloaded (no more threads to be had), unsupported (it
    /// was stopped: what was interrupted stays so).
    [[nodiscard]] Result<void> start();
    /// Interrupts what is under way and waits for its end, at most a check's timeout. Again: nothing.
    void stop();
    /// Checks as soon as possible instead of at the next interval.
    void look_now();

    [[nodiscard]] HealthReport report() const;

private:
    HealthMonitor(std::vector<std::unique_ptr<HealthWatch>> watches, HealthWatch::Now now);
    void watch(const std::stop_token& stop, HealthWatch& source);

    const std::vector<std::unique_ptr<HealthWatch>> watches_;
    const HealthWatch::Now now_;
    mutable Mutex mutex_;
    std::condition_variable_any woken_;
    std::uint64_t wakes_ MAJED_GUARDED_BY(mutex_) = 0;
    Mutex starting_;  ///< Held while threads are started or joined.
    bool stopped_ MAJED_GUARDED_BY(starting_) = false;
    std::vector<std::jthread> threads_ MAJED_GUARDED_BY(starting_);
};

}  // namespace majed::source
