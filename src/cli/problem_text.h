/// Errors as a person reads them: the line of the statement with a caret under the place, and the hint.
///
/// Why      A refusal that shows where and why is half of its own cure.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Problem documents (format/json.h, api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <string>
#include <string_view>

namespace majed::cli {

/// The line of `sql` around byte `offset`, cut to a terminal's width, and a line with a caret under it; each
/// indented by `indent` spaces and ended with a line feed.
[[nodiscard]] std::string caret_lines(std::string_view sql, std::size_t offset, std::size_t indent);

/// `code: message`, then the caret when `sql` and an offset are there, then the hint.
[[nodiscard]] std::string problem_text(const Error& error, std::string_view sql);

}  // namespace majed::cli
