/// Bounds the time between the order to stop and the end of the process.
///
/// Why      A database that hangs holds those who open a connection to it, or wait in it, longer than whoever ended the
///          process is willing to wait.
/// Life     Outlives what its steps use: destroyed when nothing is left that could hang.
/// Threads  All methods may be called from any thread. The steps are called by one of its own.
/// Not here What must be finished first (wired_installation.h), the grace for answers (api/http_server.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <optional>
#include <thread>

namespace majed::app {

/// What had happened when the time was over.
enum class StopProgress { answering, answered };

class StopBound {
public:
    struct Steps {
        std::chrono::milliseconds grace;  ///< For answers under way, from the order on; then `hurry`.
        std::chrono::milliseconds
            rest;  ///< After `hurry`, or after `answered`, for all that is left; then `give_up`.
        std::function<void()> hurry;  ///< Interrupts what is still being answered. May take a while.
        std::function<void(StopProgress)> give_up;  ///< Ends the process.
    };

    /// Without a thread to be had nothing is bounded.
    explicit StopBound(Steps steps);
    StopBound(const StopBound&) = delete;
    StopBound& operator=(const StopBound&) = delete;
    /// The end was in time.
    ~StopBound();

    /// The order to stop has come. Again: nothing.
    void begin();
    /// Every answer has been given and written down; waits for a `hurry` under way, after which none begins.
    void answered();

private:
    void watch();
    /// Waits for `then` to be over, or for one of the others: true when time was over.
    [[nodiscard]] bool time_over(Deadline then) MAJED_REQUIRES(mutex_);

    const Steps steps_;
    Mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<Deadline> begun_ MAJED_GUARDED_BY(mutex_);
    std::optional<Deadline> answered_ MAJED_GUARDED_BY(mutex_);
    bool hurrying_ MAJED_GUARDED_BY(mutex_) = false;
    bool ended_ MAJED_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace majed::app
