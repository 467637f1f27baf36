/// Whether the audit trail is as it was written: every record against its leaf, the tree against its signed heads.
///
/// Why      A record that can be changed unseen is no evidence.
/// Life     Free function over the file; reads one moment of it and changes nothing.
/// Threads  Any; others may write meanwhile.
/// Not here Writing (audit_trail.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "crypto/signing_key.h"

#include <cstdint>
#include <optional>
#include <string>

namespace majed::audit {

struct VerificationOptions {
    std::string database_path = {};
    std::string heads_path = {};  ///< The second place of the heads; empty: there is none.
    crypto::VerifyingKey key;
};

/// The first thing that is not as it was written.
struct Finding {
    std::string what = {};  ///< For people: which record or head, and what is wrong with it.
    /// The first record it may concern; absent when it concerns none, as a head that nobody signed.
    std::optional<std::int64_t> record_id = {};
    /// The last one. Equal to `record_id` when exactly that one is bad.
    std::optional<std::int64_t> last_record_id = {};
};

struct VerificationReport {
    std::uint64_t records = 0;  ///< That were read and agree, up to the finding.
    std::uint64_t purged = 0;  ///< That are gone, as a signed record of a purge says; their leaves are there.
    std::uint64_t heads = 0;   ///< In the database, that agree.
    std::uint64_t filed_heads = 0;       ///< In the second place, that agree.
    std::uint64_t unsigned_records = 0;  ///< After the last head: nobody vouches for them yet.
    std::uint64_t interrupted = 0;  ///< Intents without an outcome: the program ended, or is at it still.
    std::optional<Finding> finding = {};
};

/// Errors: not_found (no such file), unavailable (cannot be read, or holds no audit tree).
[[nodiscard]] Result<VerificationReport> verify_trail(const VerificationOptions& options);

}  // namespace majed::audit
