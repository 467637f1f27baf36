/// What a purge of the audit was ordered to take, signed: the proof that a record may be missing.
///
/// Why      Whoever can write the database can put a row into it; that a row was allowed to go, only the key may say.
/// Life     A value; pure functions.
/// Threads  Any.
/// Not here Purging (record_purge.h), looking for what is missing (trail_verification.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/signing_key.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::audit {

inline constexpr std::string_view purge_action = "audit.purge";
inline constexpr std::string_view purge_resource = "audit";

struct PurgeOrder {
    std::string log_id = {};    ///< Of the tree: an order holds for one log.
    std::string event_id = {};  ///< Of the purge's own intent.
    std::int64_t through = 0;   ///< The highest record that may go.
    std::string before = {};    ///< Older than this they were.
};

/// As base64url.
[[nodiscard]] std::string signature_of(const PurgeOrder& order, const crypto::SigningKey& key);
[[nodiscard]] bool is_signed(const PurgeOrder& order, std::string_view signature,
                             const crypto::VerifyingKey& key);

/// The number as `std::to_string` writes one that is above 0; absent: anything else.
[[nodiscard]] std::optional<std::int64_t> record_id_from(std::string_view text);

}  // namespace majed::audit
