/// Words with a meaning in the grammar: one list for all dialects, and what each word is in each of them.
///
/// Why      Which words may be names is what dialects disagree about most; a table says it, not code.
/// Life     Plain values, tables made by the compiler.
/// Threads  Pure.
/// Not here Which words follow each other (grammar.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace majed::sql {

/// See keywords.inc. `none` for every other word.
enum class Keyword : std::uint16_t {
    none,
#define MAJED_KEYWORD(name, sqlite, postgres, oracle) name,
#include "sql/keywords.inc"
#undef MAJED_KEYWORD
};

inline constexpr std::size_t keyword_count = [] {
    std::size_t count = 1;  // none
#define MAJED_KEYWORD(name, sqlite, postgres, oracle) ++count;
#include "sql/keywords.inc"
#undef MAJED_KEYWORD
    return count;
}();

/// Is it one of these?
template <Keyword... any>
[[nodiscard]] constexpr bool is_any(Keyword keyword) noexcept {
    return ((keyword == any) || ...);
}

/// What a keyword may also be in one dialect; several may hold.
struct KeywordUses {
    bool keyword = false;   ///< Else it is an ordinary identifier there.
    bool name = false;      ///< Of a table, a column, an alias.
    bool function = false;  ///< Of a function or a type.
    bool label = false;     ///< Of a result column, without AS.
    bool join = false;      ///< Part of a join operator.
};

using KeywordTable = std::array<KeywordUses, keyword_count>;

/// Tables for Dialect.
[[nodiscard]] const KeywordTable& sqlite_keywords() noexcept;
[[nodiscard]] const KeywordTable& postgres_keywords() noexcept;
[[nodiscard]] const KeywordTable& oracle_keywords() noexcept;

/// The keyword that `word` spells in any dialect, in any case, or none.
[[nodiscard]] Keyword keyword_from(std::string_view word) noexcept;

/// In capitals, for messages.
[[nodiscard]] std::string_view keyword_name(Keyword keyword) noexcept;

}  // namespace majed::sql
