/// What a pool counts and measures, and the names under which it is published.
///
/// Why      The size of a pool is a guess until waiting, use and refusal are seen.
/// Life     Values: a snapshot.
/// Threads  Values; the pool records under its own lock.
/// Not here Publishing (telemetry/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace majed::pool {

/// Why a session was closed.
enum class CloseReason : std::uint8_t {
    broken,        ///< Failed in use, or left in doubt.
    invalid,       ///< Did not answer a check, could not be reset, or older than a loss of the database.
    max_lifetime,  ///< Old enough.
    idle,          ///< Not needed for long enough.
    renewed,       ///< Older than `renew`.
    shrunk,        ///< The pool became smaller.
    shutdown,      ///< The pool ends.
};
inline constexpr std::size_t close_reason_count = 7;

/// Stable and machine readable: `max_lifetime`.
[[nodiscard]] constexpr std::string_view name_of(CloseReason reason) noexcept {
    constexpr std::array<std::string_view, close_reason_count> names{
        "broken", "invalid", "max_lifetime", "idle", "renewed", "shrunk", "shutdown"};
    return names.at(static_cast<std::size_t>(reason));
}

/// Durations in buckets that double: bucket 0 is below 1 us, bucket n below 2^n us; the last has no end.
class DurationHistogram {
public:
    static constexpr std::size_t bucket_count = 32;

    /// `weight`: how many this one stands for.
    void record(std::chrono::nanoseconds span, std::uint64_t weight = 1) noexcept {
        const auto nanoseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, span.count()));
        const auto bucket = static_cast<std::size_t>(std::bit_width(nanoseconds >> 10U));
        buckets_[std::min(bucket, bucket_count - 1)] += weight;
        sum_ += nanoseconds * weight;
        max_ = std::max(max_, nanoseconds);
    }

    [[nodiscard]] const std::array<std::uint64_t, bucket_count>& buckets() const noexcept { return buckets_; }
    [[nodiscard]] std::uint64_t count() const noexcept {
        return std::accumulate(buckets_.begin(), buckets_.end(), std::uint64_t{0});
    }
    [[nodiscard]] std::chrono::nanoseconds sum() const noexcept { return std::chrono::nanoseconds(sum_); }
    [[nodiscard]] std::chrono::nanoseconds max() const noexcept { return std::chrono::nanoseconds(max_); }
    [[nodiscard]] std::chrono::nanoseconds mean() const noexcept {
        const std::uint64_t recorded = count();
        return std::chrono::nanoseconds(recorded == 0 ? 0 : sum_ / recorded);
    }
    /// The end of the bucket that holds this share of all, but never more than the longest seen.
    [[nodiscard]] std::chrono::nanoseconds quantile(double share) const noexcept {
        const auto target = static_cast<double>(count()) * share;
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
            seen += buckets_[bucket];
            if (seen != 0 && static_cast<double>(seen) >= target) {
                const bool last = bucket == bucket_count - 1;
                return std::chrono::nanoseconds(last ? max_ : std::min(max_, std::uint64_t{1024} << bucket));
            }
        }
        return std::chrono::nanoseconds(0);
    }

private:
    std::array<std::uint64_t, bucket_count> buckets_{};
    std::uint64_t sum_ = 0;
    std::uint64_t max_ = 0;
};

/// Only grows. At rest: requests = direct + waited + timed_out + rejected + failed + cancelled.
struct PoolCounters {
    std::uint64_t requests = 0;
    std::uint64_t direct = 0;     ///< Served without a wait.
    std::uint64_t waited = 0;     ///< Served after a wait.
    std::uint64_t timed_out = 0;  ///< Their deadline passed.
    std::uint64_t rejected = 0;   ///< The queue was full.
    std::uint64_t failed = 0;     ///< The database is down, and they were told so.
    std::uint64_t cancelled = 0;  ///< The pool ended.
    std::uint64_t opened = 0;
    std::uint64_t open_failures = 0;
    std::uint64_t validations = 0;  ///< Checks before lending.
    std::uint64_t keepalives = 0;   ///< Checks of idle sessions.
    std::uint64_t leaks = 0;        ///< Reported; some came back later.
    std::uint64_t events_dropped = 0;
    std::array<std::uint64_t, close_reason_count> closed{};

    [[nodiscard]] std::uint64_t closed_for(CloseReason reason) const {
        return closed.at(static_cast<std::size_t>(reason));
    }
};

struct PoolStats {
    PoolCounters counters;
    DurationHistogram wait_time;  ///< Of those who waited.
    DurationHistogram open_time;
    /// Under load a sample stands for its neighbours; uses of 8 ms and more are all in it.
    DurationHistogram use_time;

    // idle + lent + opening + pinging + closing = total <= max.
    std::size_t idle = 0;
    std::size_t lent = 0;  ///< Also those being checked for their borrower.
    std::size_t opening = 0;
    std::size_t pinging = 0;  ///< Idle ones under keep-alive.
    std::size_t closing = 0;
    std::size_t total = 0;
    std::size_t waiting = 0;
    std::size_t max_waiting_seen = 0;
    std::size_t leaked = 0;  ///< Lent for longer than leak_threshold, now.
    std::size_t min = 0;
    std::size_t max = 0;
    bool suspended = false;
    bool draining = false;
    FailureClass last_failure = FailureClass::none;  ///< Of openings, since the last one that succeeded.
};

enum class MetricKind { counter, gauge, seconds_histogram };

/// One published value; `read` is empty for histograms, which are read whole.
struct PoolMetric {
    std::string_view name;
    std::string_view label;  ///< `state=idle`; empty without.
    MetricKind kind;
    double (*read)(const PoolStats&);
    const DurationHistogram PoolStats::*histogram = nullptr;
};

/// Names of OpenTelemetry where it has one; the rest begins with `majed.pool.`.
[[nodiscard]] const std::array<PoolMetric, 32>& pool_metrics() noexcept;

}  // namespace majed::pool
