/// Says whether the cutting of a migration into statements kept its promises about one text.
///
/// Why      A cut in the wrong place runs half a statement; a fuzzer that looks for crashes alone would miss it.
/// Life     Free functions.
/// Threads  Any.
/// Not here Making texts (libFuzzer), what the engines themselves make of the pieces (tests/splitting).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/dialect.h"

#include <string>
#include <string_view>

namespace majed::fuzz {

/// The statements lie in `text` in their order, nothing but comments and end marks between them; each of them cut again is
/// itself; other line ends change no digest; an error names a place in the text. Empty: kept; else what was broken.
[[nodiscard]] std::string check_script(migrate::Dialect dialect, std::string_view text);

/// `text` as a file of migrations in each of its roles: the parts keep the order of the file and cut as they do alone; a
/// mistake names a line of the file. Empty: kept; else what was broken.
[[nodiscard]] std::string check_parts(migrate::Dialect dialect, std::string_view text);

/// Both, in every dialect.
[[nodiscard]] std::string check_scripts(std::string_view text);

}  // namespace majed::fuzz
