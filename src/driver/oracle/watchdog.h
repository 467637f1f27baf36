/// Breaks off calls whose time is over: one thread for all sessions of a driver.
///
/// Why      The call timeout of the client library counts each round trip anew, and does not exist for some of them.
///          A break may itself block; here it blocks nobody who waits for an answer.
/// Life     One per driver. A call is on the list from add to remove.
/// Threads  All methods from any thread. `break_off` is called by the watchdog's own thread.
/// Not here What happens to a call after its break (physical_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <thread>
#include <vector>

namespace majed::driver::oracle {

class Breakable {
public:
    Breakable() = default;
    Breakable(const Breakable&) = delete;
    Breakable& operator=(const Breakable&) = delete;
    virtual ~Breakable() = default;

    /// Breaks off the call that runs, if it is still due; returns when the client library has been told.
    virtual void break_off() noexcept = 0;

private:
    friend class Watchdog;
    std::atomic<Deadline::rep> due_{Deadline::max().time_since_epoch().count()};
};

class Watchdog {
public:
    /// Errors: overloaded (no thread is to be had).
    [[nodiscard]] static Result<std::unique_ptr<Watchdog>> start();
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    void add(Breakable& call);
    /// Takes `call` off the list. False when a break of it is running and did not come back by `until`: it must live on.
    [[nodiscard]] bool remove(Breakable& call, Deadline until);

    /// From `due` on, `call` is broken off once.
    void arm(Breakable& call, Deadline due) noexcept;
    static void disarm(Breakable& call) noexcept { set_due(call, Deadline::max()); }

    /// Ends the thread. False when a break is stuck: then the watchdog must live on.
    [[nodiscard]] bool stop(Deadline until);

private:
    Watchdog() = default;
    void run();
    [[nodiscard]] Breakable* next_due(Deadline now, Deadline& wake) MAJED_REQUIRES(mutex_);
    static void set_due(Breakable& call, Deadline due) noexcept {
        call.due_.store(due.time_since_epoch().count());
    }

    Mutex mutex_;
    std::condition_variable_any wake_;
    std::condition_variable_any idle_;
    std::vector<Breakable*> calls_ MAJED_GUARDED_BY(mutex_);
    Breakable* breaking_ MAJED_GUARDED_BY(mutex_) = nullptr;
    bool stopping_ MAJED_GUARDED_BY(mutex_) = false;
    bool look_again_ MAJED_GUARDED_BY(mutex_) = false;
    /// When the thread looks next by itself. Later than every due time only while it looks.
    std::atomic<Deadline::rep> looks_at_{Deadline::max().time_since_epoch().count()};
    std::thread thread_;
};

}  // namespace majed::driver::oracle
