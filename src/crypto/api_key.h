/// API keys: `mv_<12 hex id>_<43 base64url secret>_<8 hex crc>`.
///
/// Why      The id finds the row, the secret (256 bits) proves the holder, the CRC tells a scanner of leaked
///          text a key from noise.
/// Life     A value that is shown once; what is stored is its digest.
/// Threads  Values.
/// Not here Which client a key belongs to (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/secret.h"

#include <optional>
#include <string>
#include <string_view>

namespace majed::crypto {

struct NewApiKey {
    std::string id;      ///< 12 hexadecimal digits, public.
    Secret key;          ///< The whole key.
    std::string digest;  ///< What to store: see digest_of_secret.
};

[[nodiscard]] NewApiKey make_api_key();

/// The id of a well-formed key with the right CRC; nullopt for anything else. Proves nothing yet.
[[nodiscard]] std::optional<std::string> api_key_id(std::string_view key);

/// `sha256:<64 hex>` of a secret of high entropy (API key, client secret), for storing.
[[nodiscard]] std::string digest_of_secret(std::string_view secret);
/// Compares in constant time.
[[nodiscard]] bool secret_matches(std::string_view secret, std::string_view stored_digest);

}  // namespace majed::crypto
