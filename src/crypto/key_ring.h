/// Fernet keys in order: the first encrypts, every one decrypts.
///
/// Why      A key is replaced without a moment in which something stored cannot be read.
/// Life     Move-only; owns its keys. Never empty, never holds a key twice; one that was moved from refuses everything.
/// Threads  All methods are const and may be called from any thread.
/// Not here Walking through what is stored to rotate it (its owner), keys from a root (purpose_keys.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/fernet.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace majed::crypto {

class KeyRing {
public:
    /// A token is tried with every key: a long ring makes a wrong token dear.
    static constexpr std::size_t max_keys = 64;

    /// Errors: invalid_argument (no key, more than max_keys, a key twice).
    [[nodiscard]] static Result<KeyRing> create(std::vector<Fernet> keys);

    KeyRing(KeyRing&&) noexcept = default;
    KeyRing& operator=(KeyRing&&) noexcept = default;
    KeyRing(const KeyRing&) = delete;
    KeyRing& operator=(const KeyRing&) = delete;
    ~KeyRing() = default;

    /// With the first key. Errors: as Fernet::encrypt.
    [[nodiscard]] Result<std::string> encrypt(BytesView plaintext, FernetTime now) const;
    /// With whichever key made the token. Errors: as Fernet::decrypt.
    [[nodiscard]] Result<Secret> decrypt(std::string_view token) const;
    /// Errors: as Fernet::decrypt.
    [[nodiscard]] Result<Secret> decrypt_within(std::string_view token, std::chrono::seconds ttl,
                                                FernetTime now) const;
    /// Errors: as Fernet::decrypt.
    [[nodiscard]] Result<FernetTime> timestamp_of(std::string_view token) const;

    /// The id of the key that made the token. Errors: as Fernet::decrypt.
    [[nodiscard]] Result<std::string> key_id_of(std::string_view token) const;
    /// False for a token of the first key. Errors: as Fernet::decrypt.
    [[nodiscard]] Result<bool> needs_rotation(std::string_view token) const;
    /// The same plaintext under the first key, made when the token was made; a new token also when it needs none.
    /// Errors: as Fernet::decrypt.
    [[nodiscard]] Result<std::string> rotate(std::string_view token) const;

    /// In the order of the keys; the first encrypts. Empty only after a move.
    [[nodiscard]] std::vector<std::string> ids() const;

private:
    explicit KeyRing(std::vector<Fernet> keys) noexcept : keys_(std::move(keys)) {}
    /// The key that made the token.
    [[nodiscard]] Result<const Fernet*> key_of(std::string_view token) const;

    std::vector<Fernet> keys_;
};

}  // namespace majed::crypto
