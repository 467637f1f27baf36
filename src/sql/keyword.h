/// The keyword table of the SQLite dialect.
///
/// Source: SQLite 3.40.1 tool/mkkeywordhash.c (the words) and src/parse.y `%fallback ID` (which may be names).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <string_view>

namespace majed::sql {

/// Keyword::none when `word` (any case) is none.
[[nodiscard]] Keyword keyword_from(std::string_view word) noexcept;

/// In capitals, for messages.
[[nodiscard]] std::string_view keyword_name(Keyword keyword) noexcept;

/// May stand where a name may (parse.y `%fallback ID`).
[[nodiscard]] bool usable_as_name(Keyword keyword) noexcept;

/// CROSS, FULL, INNER, LEFT, NATURAL, OUTER, RIGHT (parse.y JOIN_KW): a name in expressions, not an alias.
[[nodiscard]] bool is_join_keyword(Keyword keyword) noexcept;

}  // namespace majed::sql
