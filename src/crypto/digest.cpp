// SPDX-License-Identifier: Apache-2.0
#include "crypto/digest.h"

#include <sodium.h>

namespace majed::crypto {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320U : 0U);
        table.at(byte) = rest;
    }
    return table;
}

constexpr auto crc_table = make_crc_table();

}  // namespace

Digest sha256(BytesView bytes) {
    Digest digest{};
    crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
    return digest;
}

Digest hmac_sha256(BytesView key, BytesView message) {
    Digest digest{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data(), key.size());
    crypto_auth_hmacsha256_update(&state, message.data(), message.size());
    crypto_auth_hmacsha256_final(&state, digest.data());
    sodium_memzero(&state, sizeof state);
    return digest;
}

bool equal_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::uint32_t crc32(std::string_view text) noexcept {
    std::uint32_t rest = 0xFFFFFFFFU;
    for (const char character : text) {
        const auto byte = static_cast<std::uint8_t>(character);
        rest = (rest >> 8) ^ crc_table[(rest ^ byte) & 0xFFU];
    }
    return ~rest;
}

}  // namespace majed::crypto
