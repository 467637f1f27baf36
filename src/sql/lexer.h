/// Text to tokens, in one pass, refusing every byte sequence two readers could understand differently.
///
/// Why      What is code and what is text must be beyond doubt before anything is decided.
/// Life     A function; the tokens hold offsets into `text`.
/// Threads  Pure.
/// Not here Grammar (parser.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/budget.h"
#include "sql/dialect.h"
#include "sql/token.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace majed::sql {

/// May `c` stand inside a word of some dialect: a letter, digit, `_`, `$`, `#` or any byte beyond ASCII?
[[nodiscard]] bool continues_word(char c) noexcept;

/// Replaces `tokens` by those of `text`, ended by one TokenKind::end; comments and white space are left out.
/// Token rules: those of `dialect`. Errors: parse_error with offset: NUL and other control characters, byte order
/// mark, invalid UTF-8, a carriage return inside a -- comment, /* inside a comment where comments do not nest,
/// unterminated comments, strings and names, malformed numbers and blobs; too_large past `most_bytes`.
[[nodiscard]] Result<void> tokenize(std::string_view text, std::vector<Token>& tokens,
                                    const Dialect& dialect = sqlite_dialect(),
                                    std::size_t most_bytes = limits::bytes);

}  // namespace majed::sql
