/// Text from outside made safe for one line of a log or a record (CWE-117).
///
/// Why      A line break, an escape sequence or a right-to-left mark must not rewrite what a reader sees.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Quoting for JSON (log.cpp) and SQL (bound parameters are used instead).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::telemetry {

/// Valid UTF-8 without control characters, line separators and direction marks: those become `\n`, `\r`, `\t`
/// or
/// `\uXXXX`; bytes that are no UTF-8 become `<0xXX>`. JSON text stays JSON text.
[[nodiscard]] std::string safe_text(std::string_view text);

}  // namespace majed::telemetry
