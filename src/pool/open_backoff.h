/// When to try to open again after openings failed, and for how long newcomers are told so at once.
///
/// Why      A database that is down must be neither hammered nor waited for by every caller.
/// Life     A value inside pool_state.
/// Threads  Under the lock of the pool.
/// Not here Whether statements are let through at all (circuit_breaker.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/error.h"
#include "pool/pool_options.h"

#include <algorithm>
#include <chrono>

namespace majed::pool {

class OpenBackoff {
public:
    using Time = SteadyClock::time_point;

    /// `began` is when the opening that failed was started: those that ran side by side count as one failure.
    void failed(Time began, Time now, const Error& cause, const PoolOptions& options) {
        const bool first = !failing_;
        cause_ = cause;
        if (first) since_ = now;
        const bool login = cause.failure == FailureClass::refused_login;
        const std::chrono::milliseconds start = login ? first_login_pause : first_pause;
        const std::chrono::milliseconds end = login ? options.login_retry_max : options.retry_max;
        if (first || began >= last_) {
            pause_ = first ? start : std::clamp(2 * pause_, start, end);
        } else {
            pause_ = std::max(pause_, start);  // Side by side with another kind of failure.
        }
        window_ = std::max(pause_, shortest_window);
        failing_ = true;
        last_ = now;
    }
    void succeeded() noexcept { failing_ = false; }

    [[nodiscard]] bool failing() const noexcept { return failing_; }
    /// Not before this is the next attempt made.
    [[nodiscard]] Time retry_at() const noexcept { return last_ + pause_; }
    /// Newcomers need not try: the last attempt has just failed.
    [[nodiscard]] bool just_failed(Time now) const noexcept { return failing_ && now < last_ + window_; }
    [[nodiscard]] bool failing_for(std::chrono::nanoseconds span, Time now) const noexcept {
        return failing_ && now - since_ >= span;
    }
    [[nodiscard]] const Error& cause() const noexcept { return cause_; }
    [[nodiscard]] std::chrono::milliseconds pause() const noexcept { return pause_; }

private:
    static constexpr std::chrono::milliseconds first_pause{100};
    static constexpr std::chrono::milliseconds first_login_pause{5'000};
    static constexpr std::chrono::milliseconds shortest_window{1'000};

    bool failing_ = false;
    Time since_{};
    Time last_{};
    std::chrono::milliseconds pause_{0};
    std::chrono::milliseconds window_{0};
    Error cause_;
};

}  // namespace majed::pool
