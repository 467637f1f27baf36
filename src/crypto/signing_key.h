/// Ed25519 (RFC 8032): a key that signs, and the public key that tells whether it did.
///
/// Why      Who holds the public key alone can check what this installation vouched for, and cannot forge it.
/// Life     SigningKey: move-only, wiped from memory with its owner. VerifyingKey: a value.
/// Threads  `sign` and `accepts` may be called from any thread.
/// Not here What is signed (signed_head.h), where the seed comes from (key_file.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/encoding.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace majed::crypto {

using Signature = std::array<std::uint8_t, 64>;
using PublicKeyBytes = std::array<std::uint8_t, 32>;

class VerifyingKey {
public:
    /// Takes 32 bytes that are a point a signing key can have: no point of small order, one encoding for each.
    /// Errors: invalid_argument.
    [[nodiscard]] static Result<VerifyingKey> from_bytes(BytesView bytes);
    /// Takes exactly what `to_text` writes. Errors: invalid_argument.
    [[nodiscard]] static Result<VerifyingKey> from_text(std::string_view text);

    [[nodiscard]] const PublicKeyBytes& bytes() const noexcept { return bytes_; }
    /// 43 characters of base64url.
    [[nodiscard]] std::string to_text() const;
    /// Whether the holder of the signing key signed exactly this message.
    [[nodiscard]] bool accepts(BytesView message, const Signature& signature) const;

    friend bool operator==(const VerifyingKey&, const VerifyingKey&) = default;

private:
    friend class SigningKey;
    explicit VerifyingKey(const PublicKeyBytes& bytes) noexcept : bytes_(bytes) {}
    PublicKeyBytes bytes_;
};

class SigningKey {
public:
    /// The one key of a seed of 32 random bytes. Errors: invalid_argument (another length).
    [[nodiscard]] static Result<SigningKey> from_seed(const Secret& seed);

    [[nodiscard]] const VerifyingKey& verifying_key() const noexcept { return public_; }
    /// The same signature for the same message, always. A key that was moved from gives zeros, which no key accepts.
    [[nodiscard]] Signature sign(BytesView message) const;

private:
    SigningKey(Secret key, const VerifyingKey& verifying) noexcept
        : key_(std::move(key)), public_(verifying) {}
    Secret key_;  ///< Seed and public key, 64 raw bytes.
    VerifyingKey public_;
};

}  // namespace majed::crypto
