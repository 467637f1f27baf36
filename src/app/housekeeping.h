/// What a server does again and again of itself, one job after the other, on a thread of its own.
///
/// Why      What has expired goes without anybody asking, and without keeping anybody who asks.
/// Life     Begins with `start`, ends with `stop` or its own end; what the jobs use outlives it.
/// Threads  All methods may be called from any thread; jobs run on one of its own, never two at once.
/// Not here What the jobs do (their modules).
///
/// A new job is one more `Job` in `WiredInstallation::housekeeping`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace majed::app {

/// Long jobs ask between two pieces of work, each of which is done whole or not at all.
using Stopping = std::function<bool()>;

struct Job {
    std::string name;
    std::chrono::milliseconds every;  ///< From the end of one run to the next; the first is at the start.
    std::function<Result<void>(const Stopping&)> run;
};

class Housekeeping {
public:
    /// Hears of a run that failed otherwise than the one before it; the job is due again after `every` all the same.
    using Failed = std::function<void(const Job&, const Error&)>;

    Housekeeping(std::vector<Job> jobs, Failed failed);
    Housekeeping(const Housekeeping&) = delete;
    Housekeeping& operator=(const Housekeeping&) = delete;
    /// As `stop`.
    ~Housekeeping();

    /// Errors: overloaded (no thread to be had).
    [[nodiscard]] Result<void> start();
    /// Waits for the run under way, which is told. Again: nothing.
    void stop();

    /// Runs what is due at `now`, for the thread and for tests: when something is due next.
    [[nodiscard]] Deadline run_due(const std::function<Deadline()>& now);

private:
    struct Planned {
        Job job;
        Deadline due = Deadline::min();
        std::string failure = {};  ///< Of the last run; told once, not every minute.
    };
    void work();

    std::vector<Planned> planned_;  ///< Touched by whoever calls run_due.
    const Failed failed_;
    std::atomic<bool> stopping_ = false;
    Mutex mutex_;
    std::condition_variable_any stopped_;
    std::thread thread_;
};

}  // namespace majed::app
