/// SHA-256, HMAC-SHA-256, CRC-32 and comparison in constant time.
///
/// Why      One place for the digests that guard stored secrets.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Passwords (password.h): a plain digest is only for secrets of high entropy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/encoding.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace majed::crypto {

using Digest = std::array<std::uint8_t, 32>;

[[nodiscard]] Digest sha256(BytesView bytes);
[[nodiscard]] Digest hmac_sha256(BytesView key, BytesView message);
/// Takes the same time whatever differs; texts of different length differ at once.
[[nodiscard]] bool equal_constant_time(std::string_view left, std::string_view right);
/// The CRC-32 of zlib and PNG. Finds typing errors; proves nothing.
[[nodiscard]] std::uint32_t crc32(std::string_view text) noexcept;

}  // namespace majed::crypto
