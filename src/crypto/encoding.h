/// Bytes as text and back: hexadecimal and base64url (RFC 4648 section 5), without padding or with.
///
/// Why      One strict decoder: what does not decode to exactly one byte string is refused.
/// Life     Pure functions.
/// Threads  Any.
/// Not here What the bytes mean.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::crypto {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// The bytes of a text, without a copy.
[[nodiscard]] BytesView bytes_of(std::string_view text) noexcept;

/// Lower case.
[[nodiscard]] std::string to_hex(BytesView bytes);
/// nullopt for an odd length or anything but hexadecimal digits.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

[[nodiscard]] std::string to_base64url(BytesView bytes);
/// nullopt for padding, foreign characters, or bits that no encoder would leave.
[[nodiscard]] std::optional<Bytes> from_base64url(std::string_view text);

/// With `=` up to a multiple of four characters, as Fernet writes keys and tokens.
[[nodiscard]] std::string to_padded_base64url(BytesView bytes);
/// nullopt for missing or extra padding, foreign characters, or bits that no encoder would leave.
[[nodiscard]] std::optional<Bytes> from_padded_base64url(std::string_view text);

}  // namespace majed::crypto
