// SPDX-License-Identifier: Apache-2.0
#include "crypto/api_key.h"

#include "crypto/digest.h"
#include "crypto/random.h"

#include <algorithm>
#include <array>

namespace majed::crypto {
namespace {

constexpr std::string_view prefix = "mv_";
constexpr std::string_view digest_prefix = "sha256:";
constexpr std::size_t id_bytes = 6;
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t id_length = 12;
constexpr std::size_t secret_length = 43;
constexpr std::size_t crc_length = 8;
constexpr std::size_t id_at = prefix.size();
constexpr std::size_t secret_at = id_at + id_length + 1;
constexpr std::size_t crc_at = secret_at + secret_length + 1;
constexpr std::size_t key_length = crc_at + crc_length;

std::string crc_text(std::string_view text) {
    const std::uint32_t crc = crc32(text);
    const std::array<std::uint8_t, 4> bytes{
        static_cast<std::uint8_t>(crc >> 24), static_cast<std::uint8_t>(crc >> 16),
        static_cast<std::uint8_t>(crc >> 8), static_cast<std::uint8_t>(crc)};
    return to_hex(bytes);
}

bool is_lower_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

NewApiKey make_api_key() {
    NewApiKey made;
    made.id = random_hex(id_bytes);
    std::string key;
    key.reserve(key_length);
    key.append(prefix).append(made.id).append("_").append(random_base64url(secret_bytes));
    const std::string crc = crc_text(key);
    key.append("_").append(crc);
    made.digest = digest_of_secret(key);
    made.key = Secret(std::move(key));
    return made;
}

std::optional<std::string> api_key_id(std::string_view key) {
    if (key.size() != key_length || !key.starts_with(prefix)) return std::nullopt;
    // The secret itself may hold underscores: positions decide, not separators.
    if (key[secret_at - 1] != '_' || key[crc_at - 1] != '_') return std::nullopt;
    const std::string_view id = key.substr(id_at, id_length);
    if (!is_lower_hex(id) || !from_base64url(key.substr(secret_at, secret_length))) return std::nullopt;
    if (key.substr(crc_at) != crc_text(key.substr(0, crc_at - 1))) return std::nullopt;
    return std::string(id);
}

std::string digest_of_secret(std::string_view secret) {
    return std::string(digest_prefix) + to_hex(sha256(bytes_of(secret)));
}

bool secret_matches(std::string_view secret, std::string_view stored_digest) {
    return equal_constant_time(digest_of_secret(secret), stored_digest);
}

}  // namespace majed::crypto
