/// What an operator can set of a circuit breaker, and what of it makes no sense.
///
/// Why      A rule that can never trip, or a window without an end, is found at the start and not in an outage.
/// Life     Values.
/// Threads  Values.
/// Not here What the numbers do (breaker_state.h); the keys' names in the configuration (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <chrono>
#include <cstdint>

namespace majed::pool {

/// What a failure rate is taken over.
enum class WindowKind : std::uint8_t {
    none,   ///< No rates; only failures in a row.
    calls,  ///< The last `window_calls` calls.
    time,   ///< The calls of the last `window_span`, by the second.
};

/// Whether `read_only` says that the database is ill: it does where we must write.
enum class TargetUse : std::uint8_t { reads, writes };

struct BreakerOptions {
    using Milliseconds = std::chrono::milliseconds;

    std::uint32_t failure_threshold = 5;  ///< Failures in a row that open it; 0: this rule is off.
    Milliseconds open_for{60000};  ///< The first time; each reopening without a close in between grows it.
    double open_growth = 2.0;
    Milliseconds open_max{600000};  ///< No growth beyond; jitter comes on top.
    double jitter = 0.1;            ///< At most this share is added to every wait, by chance.

    std::uint32_t successes_to_close = 2;
    std::uint32_t half_open_permits = 1;  ///< Calls under way at one time while half open.
    /// A half-open breaker with a call still under way after this opens again.
    Milliseconds half_open_max_age{60000};

    /// How long no login is tried after one was refused; grows by `open_growth`.
    Milliseconds login_retry{60000};
    Milliseconds login_retry_max{3600000};

    WindowKind window = WindowKind::none;
    std::uint32_t window_calls = 100;
    std::chrono::seconds window_span{60};
    std::uint32_t minimum_calls = 20;  ///< Fewer calls in the window say nothing.
    double failure_rate = 0.5;         ///< This share or more of failed calls opens it.
    double slow_rate = 1.0;            ///< This share or more of slow calls opens it.
    /// From here a call is slow, and so is one that ran into its deadline. 0: nothing is slow.
    Milliseconds slow_call_duration{0};

    TargetUse target = TargetUse::reads;
};

/// The defaults of a SQLite source: 3 failures, 30 seconds. Of all others: BreakerOptions{}.
[[nodiscard]] BreakerOptions sqlite_breaker_options() noexcept;

/// Errors: invalid_argument, naming the first option that makes no sense and what it may be.
[[nodiscard]] Result<void> check(const BreakerOptions& options);

}  // namespace majed::pool
