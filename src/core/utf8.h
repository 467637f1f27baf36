/// UTF-8 as every module reads it: RFC 3629, shortest form only, no surrogates.
///
/// Why      Bytes that one module takes for a character and another does not are a hole between them.
/// Life     Free functions.
/// Threads  Pure.
/// Not here What may be shown (format/, telemetry/), what a statement may hold (sql/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace majed {

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 1;  ///< Bytes to step over, at least 1.
    bool valid = false;      ///< False: these bytes are not UTF-8.
};

/// The code point at the start of `text`, which must not be empty.
[[nodiscard]] CodePoint next_code_point(std::string_view text) noexcept;

/// Appends `point`, a Unicode scalar value, to `text`.
void append_utf8(std::string& text, char32_t point);

/// Whether all of `text` is UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Not the second, third or fourth byte of a character.
[[nodiscard]] constexpr bool begins_character(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// The start of `text` that has at most `bytes` bytes and ends with no half of a character.
[[nodiscard]] constexpr std::string_view whole_characters(std::string_view text, std::size_t bytes) noexcept {
    std::size_t end = text.size() < bytes ? text.size() : bytes;
    while (end > 0 && end < text.size() && !begins_character(text[end])) {
        --end;
    }
    return text.substr(0, end);
}

}  // namespace majed
