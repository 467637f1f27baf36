/// How many of the last calls failed or were slow: over a number of calls, or over seconds.
///
/// Why      A database that fails every other call never fails five times in a row.
/// Life     A value, of a size set at construction. One step per call; no step looks at more than it forgets.
/// Threads  One at a time.
/// Not here What share opens a breaker (breaker_state.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "pool/breaker_options.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace majed::pool {

struct WindowCounts {
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t slow = 0;
    friend bool operator==(const WindowCounts&, const WindowCounts&) = default;
};

struct WindowCall {
    bool failed = false;
    bool slow = false;
};

class BreakerWindow {
public:
    using TimePoint = SteadyClock::time_point;

    BreakerWindow(const BreakerOptions& options, TimePoint now);

    void record(WindowCall call, TimePoint now);
    void clear(TimePoint now);
    /// Of the calls that are still within the window at `now`.
    [[nodiscard]] WindowCounts counts(TimePoint now) const;

private:
    [[nodiscard]] std::uint64_t second_of(TimePoint now) const;
    void forget_until(std::uint64_t second);
    void record_in_ring(const WindowCounts& one);
    void record_in_seconds(const WindowCounts& one, TimePoint now);

    WindowKind kind_;
    TimePoint start_;
    std::vector<WindowCounts> slots_;  ///< One per call, or one per second; used as a ring.
    std::uint64_t head_ = 0;           ///< Calls so far, or the newest second seen.
    WindowCounts total_;               ///< Always the sum of `slots_`.
};

}  // namespace majed::pool
