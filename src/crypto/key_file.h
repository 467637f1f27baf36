/// The installation's root key in a file only its owner can read: `majed.key`.
///
/// Why      Everything keyed (masks by hash, encryption) derives from one key outside any database.
/// Life     Move-only; the key is wiped from memory with its owner.
/// Threads  `derive` may be called from any thread.
/// Not here Keys for encryption and their rotation (purpose_keys.h, key_ring.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/digest.h"

#include <string>
#include <string_view>

namespace majed::crypto {

class KeyFile {
public:
    /// Makes a new file, mode 0600, with a random key. Errors: conflict (it exists), unavailable.
    [[nodiscard]] static Result<KeyFile> create(const std::string& path);
    /// Errors: not_found, denied (readable by group or others), invalid_argument (not a key file of a known
    /// version), unavailable.
    [[nodiscard]] static Result<KeyFile> read(const std::string& path);

    /// A key for one purpose, e.g. `mask.hash`; other purposes' keys tell nothing about it.
    [[nodiscard]] Digest derive(std::string_view purpose) const;
    /// The same as a secret of 32 bytes: a root for PurposeKeys.
    [[nodiscard]] Secret derive_secret(std::string_view purpose) const;

private:
    explicit KeyFile(Secret key) noexcept : key_(std::move(key)) {}
    Secret key_;  ///< 32 raw bytes.
};

}  // namespace majed::crypto
