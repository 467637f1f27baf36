/// How Oracle counts the characters of a CLOB: in units of UTF-16, two for a character outside the basic plane.
///
/// Why      The next piece of a CLOB begins behind what came, and what came is UTF-8; a server may end a piece one unit
///          early or late rather than inside a character.
/// Life     A free function.
/// Threads  Pure.
/// Not here Reading pieces (row_reader.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/utf8.h"

#include <cstdint>
#include <string_view>

namespace majed::driver::oracle {

[[nodiscard]] constexpr std::uint64_t utf16_units(std::string_view utf8) noexcept {
    std::uint64_t units = 0;
    for (const char c : utf8) {
        // A character of four bytes is a pair.
        units += begins_character(c) ? 1U : 0U;
        units += static_cast<unsigned char>(c) >= 0xF0U ? 1U : 0U;
    }
    return units;
}

}  // namespace majed::driver::oracle
