/// Where one thread sleeps until another wakes it, on the sleeper's own stack.
///
/// Why      Each waiter is woken by itself, in its turn, after the lock of the pool is left and without an allocation.
/// Life     May be destroyed as soon as a wait has seen the call of `wake`: it is over by then.
/// Threads  One sleeps, one other wakes, once.
/// Not here Who is woken when (pool_state.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace majed::pool {

class ParkingPlace {
public:
    /// False: the deadline passed first.
    [[nodiscard]] bool wait_until(Deadline deadline) {
        std::unique_lock<std::mutex> lock(mutex_);
        while (!woken_) {
            const Deadline now = SteadyClock::now();
            if (now >= deadline) return false;
            // A deadline at the end of time overflows inside some standard libraries.
            signal_.wait_until(lock, std::min(deadline, now + std::chrono::hours(24)));
        }
        woken_ = false;
        return true;
    }
    void wait() {
        std::unique_lock<std::mutex> lock(mutex_);
        signal_.wait(lock, [this] { return woken_; });
        woken_ = false;
    }
    void wake() noexcept {
        // Notified under the lock: afterwards the place may be gone.
        const std::unique_lock<std::mutex> lock(mutex_);
        woken_ = true;
        signal_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable signal_;
    bool woken_ = false;
};

}  // namespace majed::pool
