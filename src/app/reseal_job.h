/// Goes on, while the server runs, with what a rotation of the root key left to do.
///
/// Why      A rotation that was killed, or a key file that was changed by other means, must not wait for somebody to notice.
/// Life     A job outlives the thread that runs it; it borrows the log.
/// Threads  `run` by one thread at a time; `stop` from any.
/// Not here The walk itself (store/seal_walk.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "core/result.h"
#include "store/seal_walk.h"
#include "store/store_seals.h"
#include "telemetry/log.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <string>
#include <thread>

namespace majed::app {

class ResealJob {
public:
    static constexpr std::chrono::minutes every{1};

    ResealJob(std::string store_path, std::shared_ptr<store::StoreSeals> seals, telemetry::Log& log);
    ResealJob(const ResealJob&) = delete;
    ResealJob& operator=(const ResealJob&) = delete;
    ~ResealJob() = default;

    /// One look, and the walk when something is to be done. What goes wrong is logged, and tried again by the next run.
    void run();
    /// A run under way ends after its step; later ones do nothing.
    void stop() noexcept { stopped_ = true; }

private:
    [[nodiscard]] Result<void> look();

    const std::string store_path_;
    const std::shared_ptr<store::StoreSeals> seals_;
    telemetry::Log& log_;
    std::atomic<bool> stopped_{false};
    std::string incomplete_;  ///< The root under which not everything could be put: not again every minute.
    std::string complaint_;   ///< Said once, not every minute.
};

/// Runs the job at once, and then again and again until it is destroyed.
class ResealThread {
public:
    explicit ResealThread(ResealJob& job);
    ResealThread(const ResealThread&) = delete;
    ResealThread& operator=(const ResealThread&) = delete;
    /// Stops the job and waits for it.
    ~ResealThread();

private:
    void work();

    ResealJob& job_;
    Mutex mutex_;
    std::condition_variable_any changed_;
    bool ended_ MAJED_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace majed::app
