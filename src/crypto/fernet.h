/// Fernet: text that only one key opens and nobody else can change (public specification, version 0x80).
///
/// Why      What is stored encrypted must be readable by any implementation, also when this program is gone.
/// Life     Move-only; owns its key and wipes it. One that was moved from refuses everything.
/// Threads  All methods are const and may be called from any thread.
/// Not here Several keys at once (key_ring.h), a key for each table and column (purpose_keys.h).
///
/// A token shows the length of its plaintext and when it was made. It does not know where it lies: of two tokens
/// under one key either can stand in the place of the other. Use a key for each column, and where rows must not be
/// exchanged put the row's id into the plaintext and compare it. Only canonical text is accepted, so one token has
/// one spelling.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/encoding.h"
#include "crypto/random.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace majed::crypto {

/// Whole seconds since 1970, as a token holds them. A clock before 1970 becomes a time far ahead, at which every
/// token has expired.
using FernetTime = std::chrono::sys_time<std::chrono::duration<std::uint64_t>>;

/// Makes the initialisation vectors, which must be unpredictable; called from any thread.
using IvSource = std::function<Bytes(std::size_t)>;

/// Plaintext and token are whole in memory: a longer plaintext is refused, and so is any longer token.
inline constexpr std::size_t max_fernet_plaintext = std::size_t{16} * 1024 * 1024;

class Fernet {
public:
    /// A new random key.
    [[nodiscard]] static Fernet generate();
    /// 32 bytes: 16 to sign, 16 to encrypt. Errors: invalid_argument.
    [[nodiscard]] static Result<Fernet> from_bytes(const Secret& bytes, IvSource ivs = random_bytes);
    /// The same as canonical base64url with padding: 44 characters. Errors: invalid_argument.
    [[nodiscard]] static Result<Fernet> from_text(const Secret& text, IvSource ivs = random_bytes);

    /// What from_text reads.
    [[nodiscard]] Secret text() const;
    /// 16 hexadecimal digits that name the key and tell nothing about it; public.
    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    /// Errors: too_large; internal.
    [[nodiscard]] Result<std::string> encrypt(BytesView plaintext, FernetTime now) const;
    /// Whatever its age. Errors: invalid_argument, the same for every cause; internal.
    [[nodiscard]] Result<Secret> decrypt(std::string_view token) const;
    /// Only when it is at most `ttl` old and not from more than 60 s ahead of `now`. Errors: as decrypt.
    [[nodiscard]] Result<Secret> decrypt_within(std::string_view token, std::chrono::seconds ttl,
                                                FernetTime now) const;
    /// When it was made, if it is this key's. Errors: as decrypt.
    [[nodiscard]] Result<FernetTime> timestamp_of(std::string_view token) const;

private:
    Fernet(Secret key, std::string id, IvSource ivs) noexcept
        : key_(std::move(key)), id_(std::move(id)), ivs_(std::move(ivs)) {}
    [[nodiscard]] static Fernet from_raw(Secret key, IvSource ivs);
    [[nodiscard]] BytesView signing_key() const noexcept;
    [[nodiscard]] BytesView encryption_key() const noexcept;
    [[nodiscard]] bool has_signed(BytesView raw) const;
    [[nodiscard]] Result<Secret> open(BytesView raw) const;

    Secret key_;  ///< 32 raw bytes; none after a move.
    std::string id_;
    IvSource ivs_;
};

}  // namespace majed::crypto
