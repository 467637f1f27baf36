/// The steady clock as of the kernel's last tick: a few milliseconds behind, and five times cheaper to read.
///
/// Why      An acquire and a release read the time thrice, and the exact clock would be most of their cost.
/// Life     A function.
/// Threads  Any.
/// Not here Deadlines of those who wait: these take the exact clock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"

#include <chrono>

#include <time.h>

namespace majed::pool {

/// Same epoch as SteadyClock, never ahead of it.
[[nodiscard]] inline Deadline coarse_now() noexcept {
#ifdef CLOCK_MONOTONIC_COARSE
    timespec now{};
    if (::clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0) {
        return Deadline(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
    }
#endif
    return SteadyClock::now();
}

}  // namespace majed::pool
