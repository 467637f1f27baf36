/// Who borrowed a session, and what befell a session: what leak reports and observers are told.
///
/// Why      A leak is found by the place that borrowed; recording it must cost nothing.
/// Life     Values. Texts are literals, or outlive the pool.
/// Threads  Values.
/// Not here Log lines (telemetry/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "pool/pool_stats.h"

#include <boost/assert/source_location.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace majed::pool {

struct Borrower {
    std::string_view purpose;  ///< `statement`, `catalogue`.
    boost::source_location where{};

    /// The file's name without its folders, which are those of the machine that built the program.
    [[nodiscard]] std::string_view file() const noexcept {
        const std::string_view path = where.file_name();
        return path.substr(path.find_last_of('/') + 1);
    }
};

enum class PoolEventKind : std::uint8_t {
    opened,
    open_failed,    ///< `failure` says of which class.
    closed,         ///< `reason` says why.
    leak_reported,  ///< `borrower` has had a session for `span`.
    leak_returned,  ///< It came back after all, after `span`.
    renewed,
    lost,  ///< A session was lost: all as old as it are closed.
    suspended,
    resumed,
    resized,
    draining,
};

/// Stable and machine readable: `leak_reported`.
[[nodiscard]] constexpr std::string_view name_of(PoolEventKind kind) noexcept {
    constexpr std::array<std::string_view, 11> names{
        "opened", "open_failed", "closed",  "leak_reported", "leak_returned", "renewed",
        "lost",   "suspended",   "resumed", "resized",       "draining"};
    return names.at(static_cast<std::size_t>(kind));
}

struct PoolEvent {
    PoolEventKind kind = PoolEventKind::opened;
    CloseReason reason = CloseReason::broken;
    FailureClass failure = FailureClass::none;
    Borrower borrower{};
    std::chrono::nanoseconds span{0};
};

}  // namespace majed::pool
