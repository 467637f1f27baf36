/// Points in time on the steady clock; the wall clock never decides how long something may take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace majed {

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;

[[nodiscard]] inline Deadline deadline_after(std::chrono::nanoseconds span) {
    const auto now = SteadyClock::now();
    return span > Deadline::max() - now ? Deadline::max() : now + span;
}

}  // namespace majed
