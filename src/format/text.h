/// Text as a terminal or a file shows it: widths in columns, nothing that moves a
/// cursor.
///
/// Why      Cells come from databases: they may hold bad bytes, escape sequences and wide characters.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Tables and files made of such text (rows_writer.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace majed::format {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// Columns a terminal uses for `text` made by `printable`.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// `text` with bad bytes replaced and control characters spelled out (`\n`, `\x1b`).
[[nodiscard]] std::string printable(std::string_view text);

/// The longest start of printable `text` that fits `columns`, ending in `…` when something was cut.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

/// Shortest text that reads back as `value`, always recognisable as a real (`1.0`, `1e+300`). Finite values
/// only.
[[nodiscard]] std::string real_text(double value);

}  // namespace majed::format
