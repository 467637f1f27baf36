/// What an operator may choose about a pool, each key with its bounds, text and default in one table.
///
/// Why      Parsing, checking and the reference page must not disagree about a bound.
/// Life     Values; the tables are constants.
/// Threads  Values.
/// Not here Reading a file (config/), what the numbers bring about (pool_state.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace majed::pool {

/// What `ConnectionPool::start` does about a database that cannot be entered.
enum class StartMode {
    background,  ///< Starts at once; sessions are opened behind its back.
    try_once,    ///< One attempt: refused credentials fail the start, an unreachable database does not.
    require,     ///< Tries until start_timeout; then the start fails with the cause.
};

struct PoolOptions {
    std::size_t min = 2;            ///< Sessions kept idle beside the lent ones, as far as `max` allows.
    std::size_t max = 10;           ///< Sessions at the same time, in whatever state.
    std::size_t max_waiting = 256;  ///< Callers in the queue once every session is lent; the next is refused.
    std::size_t max_opening = 2;    ///< Sessions being opened at the same time.

    std::chrono::milliseconds acquire_timeout{30'000};
    std::chrono::milliseconds open_timeout{10'000};
    std::chrono::milliseconds validation_timeout{5'000};
    std::chrono::milliseconds reset_timeout{500};  ///< Also what giving back may cost the caller.
    std::chrono::milliseconds alive_bypass{500};
    std::chrono::milliseconds idle_timeout{600'000};
    std::chrono::milliseconds max_lifetime{1'800'000};
    std::chrono::milliseconds keepalive{120'000};
    std::chrono::milliseconds leak_threshold{0};
    std::chrono::milliseconds retry_max{15'000};
    std::chrono::milliseconds login_retry_max{300'000};
    std::chrono::milliseconds down_after{3'000};
    std::chrono::milliseconds interrupt_grace{1'000};
    std::chrono::milliseconds start_timeout{10'000};

    // Decided by the wiring, not by the file.
    StartMode start = StartMode::try_once;
    /// The sessions write: a failure of class read_only then means that the primary has moved away.
    bool writes = false;
};

struct PoolCountKey {
    std::string_view key;
    std::size_t PoolOptions::*member;
    std::string_view text;
    std::size_t min;
    std::size_t max;
};

/// A value is 0 where `min` is 0 (the feature is off, or no time is given), else `floor` or more.
struct PoolDurationKey {
    std::string_view key;
    std::chrono::milliseconds PoolOptions::*member;
    std::string_view text;
    std::chrono::milliseconds min;
    std::chrono::milliseconds floor;
    std::chrono::milliseconds max;
};

inline constexpr std::array<PoolCountKey, 4> pool_count_keys{{
    {"min", &PoolOptions::min, "Sessions kept idle beside the lent ones", 0, 1024},
    {"max", &PoolOptions::max, "Sessions at the same time", 1, 1024},
    {"max_waiting", &PoolOptions::max_waiting, "Callers waiting for a session before the next is refused", 0,
     100'000},
    {"max_opening", &PoolOptions::max_opening, "Sessions being opened at the same time", 1, 64},
}};

namespace pool_bounds {
using std::chrono::milliseconds;
inline constexpr milliseconds none{0};
inline constexpr milliseconds tick{1};
inline constexpr milliseconds second{1'000};
inline constexpr milliseconds minute{60'000};
inline constexpr milliseconds hour{3'600'000};
inline constexpr milliseconds day = 24 * hour;
}  // namespace pool_bounds

inline constexpr std::array<PoolDurationKey, 14> pool_duration_keys{{
    {"acquire_timeout", &PoolOptions::acquire_timeout,
     "Longest wait for a session: queue, opening and checking together", pool_bounds::tick, pool_bounds::tick,
     pool_bounds::hour},
    {"open_timeout", &PoolOptions::open_timeout, "Longest opening of one session", 100 * pool_bounds::tick,
     100 * pool_bounds::tick, 10 * pool_bounds::minute},
    {"validation_timeout", &PoolOptions::validation_timeout, "Longest check whether a session still answers",
     10 * pool_bounds::tick, 10 * pool_bounds::tick, pool_bounds::minute},
    {"reset_timeout", &PoolOptions::reset_timeout, "Longest clean-up of a returned session",
     10 * pool_bounds::tick, 10 * pool_bounds::tick, pool_bounds::minute},
    {"alive_bypass", &PoolOptions::alive_bypass, "A session used less long ago is lent without a check",
     pool_bounds::none, pool_bounds::tick, pool_bounds::minute},
    {"idle_timeout", &PoolOptions::idle_timeout, "Idle sessions above min are closed after it; 0: never",
     pool_bounds::none, pool_bounds::second, pool_bounds::day},
    {"max_lifetime", &PoolOptions::max_lifetime,
     "A session is replaced at this age, less up to 2.5 %; 0: never", pool_bounds::none,
     30 * pool_bounds::second, 7 * pool_bounds::day},
    {"keepalive", &PoolOptions::keepalive, "Idle sessions are pinged this often, give or take 10 %; 0: never",
     pool_bounds::none, pool_bounds::second, pool_bounds::day},
    {"leak_threshold", &PoolOptions::leak_threshold, "A session lent for longer is reported; 0: none is",
     pool_bounds::none, 2 * pool_bounds::second, pool_bounds::day},
    {"retry_max", &PoolOptions::retry_max, "Longest pause between openings while the database is down",
     pool_bounds::second, pool_bounds::second, 10 * pool_bounds::minute},
    {"login_retry_max", &PoolOptions::login_retry_max, "Longest pause between logins while they are refused",
     5 * pool_bounds::second, 5 * pool_bounds::second, pool_bounds::day},
    {"down_after", &PoolOptions::down_after,
     "Callers who wait learn the cause once openings failed for so long and no session is lent",
     pool_bounds::none, pool_bounds::tick, pool_bounds::hour},
    {"interrupt_grace", &PoolOptions::interrupt_grace, "At the end: time for interrupted statements to stop",
     pool_bounds::none, pool_bounds::tick, pool_bounds::hour},
    {"start_timeout", &PoolOptions::start_timeout,
     "Time for the first session at start, where it is required", pool_bounds::tick, pool_bounds::tick,
     pool_bounds::hour},
}};

/// Every bound of the tables, min <= max, keepalive < max_lifetime. Errors: invalid_argument, naming the key.
[[nodiscard]] Result<void> check(const PoolOptions& options);

}  // namespace majed::pool
