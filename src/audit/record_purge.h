/// Takes out records that are older than they have to be kept, and leaves the proof that they were there.
///
/// Why      What was asked is personal: it may not be kept for ever. What goes must be told from what somebody took out.
/// Life     Free functions over a connection of their own, for one purge.
/// Threads  Any; others may write, read and purge meanwhile: they wait for one batch at most.
/// Not here How long records are kept and who asks (cli/, app/), what may be missing (trail_verification.h).
///
/// Only the oldest records go, up to the first that is young enough. Their leaves stay in the tree, and a signed record
/// says how far it went. It is on disk before the first record is gone: after a kill the next purge goes on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "core/result.h"
#include "crypto/signing_key.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace majed::audit {

/// Nothing younger is ever purged.
inline constexpr std::chrono::milliseconds least_retention = std::chrono::hours(24 * 30);
inline constexpr std::chrono::milliseconds longest_retention = std::chrono::hours(24 * 36500);

struct PurgeOptions {
    std::string database_path = {};
    std::shared_ptr<const crypto::SigningKey> signing_key = {};  ///< Of the heads, and of this.
    std::chrono::milliseconds older_than{};                      ///< 30 days to 100 years.
    std::string username = "local";                              ///< Who asks.
    std::size_t batch = 1000;                                    ///< Records in one transaction, 1 to 10000.
    std::chrono::milliseconds pause{10};  ///< Between two batches, in which whoever waits can write.
    std::function<bool()> stop = {};      ///< Asked between two batches; true: the next purge does the rest.
};

struct PurgeReport {
    std::int64_t through = 0;   ///< The highest record that may go; 0: none, and nothing was written.
    std::string before = {};    ///< `2025-01-31T23:59:59.123456Z`
    std::uint64_t records = 0;  ///< That are gone by this purge; planned: that would be.
    bool complete = true;       ///< False: it was told to stop.
};

/// What `purge_records` would do. Errors: as there.
[[nodiscard]] Result<PurgeReport> plan_purge(const PurgeOptions& options,
                                             std::chrono::system_clock::time_point now);

/// Errors: invalid_argument (options), conflict (a record is not as it was written: nothing goes that could be evidence),
/// unavailable (cannot be read or written, holds no audit of this program). What is gone until then stays gone.
[[nodiscard]] Result<PurgeReport> purge_records(AuditTrail& trail, const PurgeOptions& options,
                                                std::chrono::system_clock::time_point now);

}  // namespace majed::audit
