/// What stays of a statement when its values are taken away: for statistics, audit and logs.
///
/// Why      Statements that differ in values only are one statement to an operator, and values must not be kept.
/// Source   Folding of value lists and letter case as in libpg_query's pg_query_normalize and fingerprint.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace majed::sql {

/// FNV-1a, 64 bits, over the normalised tokens of `text`; the same on every machine.
[[nodiscard]] std::uint64_t fingerprint(std::span<const Token> tokens, std::string_view text) noexcept;

/// The statement in one line: literals and parameters are `?`, signs included, lists of them one `?`, rows of them one
/// row, words without quotes in lower case, one space between tokens where one is needed. Holds no value, also where
/// one is written as a word: IDENTIFIED BY tiger. Of a text that could not be lexed nothing is kept.
[[nodiscard]] std::string normalized(std::span<const Token> tokens, std::string_view text);

/// The same of a statement that was refused: what stands between marks that people quote texts with, and no engine read as such
/// here, is a value too. One that runs has names there, which nobody shall hide so.
[[nodiscard]] std::string normalized_refused(std::span<const Token> tokens, std::string_view text);

/// Does `text` hold such a mark: a typographic quotation mark, or two dollars?
[[nodiscard]] bool holds_foreign_quote(std::string_view text) noexcept;

/// 16 hexadecimal digits.
[[nodiscard]] std::string to_hex(std::uint64_t fingerprint);

}  // namespace majed::sql
