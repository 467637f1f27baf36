// SPDX-License-Identifier: Apache-2.0
#include "crypto/signing_key.h"

#include <sodium.h>

#include <algorithm>
#include <tuple>

namespace majed::crypto {
namespace {

static_assert(std::tuple_size_v<Signature> == crypto_sign_BYTES);
static_assert(std::tuple_size_v<PublicKeyBytes> == crypto_sign_PUBLICKEYBYTES);

Error refused_key(const char* message) {
    return Error{.code = ErrorCode::invalid_argument, .message = message};
}

}  // namespace

Result<VerifyingKey> VerifyingKey::from_bytes(BytesView bytes) {
    PublicKeyBytes key{};
    if (bytes.size() != key.size()) return refused_key("an Ed25519 public key has 32 bytes");
    std::ranges::copy(bytes, key.begin());
    if (crypto_core_ed25519_is_valid_point(key.data()) != 1) {
        return refused_key("these bytes are no Ed25519 public key");
    }
    return VerifyingKey(key);
}

Result<VerifyingKey> VerifyingKey::from_text(std::string_view text) {
    const auto bytes = from_base64url(text);
    // The decoder of libsodium 1.0.18 takes bytes past ASCII for '_': what we would not write so is refused.
    if (!bytes || to_base64url(*bytes) != text) {
        return refused_key("an Ed25519 public key is written as 43 characters of base64url");
    }
    return from_bytes(*bytes);
}

std::string VerifyingKey::to_text() const {
    return to_base64url(bytes_);
}

bool VerifyingKey::accepts(BytesView message, const Signature& signature) const {
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), bytes_.data()) == 0;
}

Result<SigningKey> SigningKey::from_seed(const Secret& seed) {
    const BytesView seed_bytes = bytes_of(seed.reveal());
    if (seed_bytes.size() != crypto_sign_SEEDBYTES)
        return refused_key("the seed of a signing key has 32 bytes");
    PublicKeyBytes verifying{};
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> key{};
    crypto_sign_seed_keypair(verifying.data(), key.data(), seed_bytes.data());
    Secret kept(std::string(key.begin(), key.end()));
    sodium_memzero(key.data(), key.size());
    return SigningKey(std::move(kept), VerifyingKey(verifying));
}

Signature SigningKey::sign(BytesView message) const {
    Signature signature{};
    const BytesView key = bytes_of(key_.reveal());
    if (key.size() != crypto_sign_SECRETKEYBYTES) return signature;
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), key.data());
    return signature;
}

}  // namespace majed::crypto
