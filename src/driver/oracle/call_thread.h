/// A thread that runs one call into the client library at a time, for a caller who will not wait for ever.
///
/// Why      A call into a C library that never comes back cannot be left by the thread that made it: only another one can
///          walk away. The price is a hand-over there and back for each round trip to the server.
/// Life     One per session. Destroyed only when idle or ended; what is stuck is kept by AbandonedSessions.
/// Threads  submit, wait and finish_with by the session's user; nudge by anyone.
/// Not here What the calls are (physical_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace majed::driver::oracle {

class CallThread {
public:
    using Work = std::function<void()>;
    enum class Waited : std::uint8_t { finished, nudged, timed_out };

    /// Errors: overloaded (no thread is to be had).
    [[nodiscard]] static Result<std::unique_ptr<CallThread>> start();
    ~CallThread();
    CallThread(const CallThread&) = delete;
    CallThread& operator=(const CallThread&) = delete;

    /// Hands `work` over; the thread must be idle.
    void submit(Work work);
    /// Until the work is done, someone nudges, or `until` is over. A nudge is told once.
    [[nodiscard]] Waited wait(Deadline until);
    void nudge() noexcept;

    /// Runs `last` behind what runs now, and ends the thread.
    void finish_with(Work last);
    [[nodiscard]] bool has_ended();

private:
    CallThread() = default;
    void run();

    Mutex mutex_;
    std::condition_variable_any to_thread_;
    std::condition_variable_any to_caller_;
    Work work_ MAJED_GUARDED_BY(mutex_);
    Work last_ MAJED_GUARDED_BY(mutex_);
    bool has_work_ MAJED_GUARDED_BY(mutex_) = false;
    bool nudged_ MAJED_GUARDED_BY(mutex_) = false;
    bool ending_ MAJED_GUARDED_BY(mutex_) = false;
    bool ended_ MAJED_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace majed::driver::oracle
