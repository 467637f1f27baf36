/// The text of an object in SQLite's schema as tokens that compare, whoever typed them and however.
///
/// Why      SQLite keeps what was typed, and ALTER TABLE edits that text: blanks, comments, case and quotes say nothing.
/// Life     Values.
/// Threads  Pure.
/// Not here Which objects there are (picture_sqlite.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace majed::migrate::sqlite_text {

enum class TokenKind : std::uint8_t {
    word,    ///< Unquoted, in lower case.
    name,    ///< Quoted, its quotes taken off.
    text,    ///< `'...'`, `x'...'`, as it stands.
    number,  ///< In lower case.
    symbol,
};

struct Token {
    TokenKind kind = TokenKind::symbol;
    std::string text = {};
    [[nodiscard]] bool is(std::string_view word) const {
        return (kind == TokenKind::word || kind == TokenKind::symbol) && text == word;
    }
    [[nodiscard]] bool is_name() const { return kind == TokenKind::word || kind == TokenKind::name; }
};

/// Without comments. What does not end, ends with the text.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view sql);

/// Names in use, in lower case.
using KnownNames = std::unordered_set<std::string>;

/// One text for all that mean the same; a line for each clause of a query and each statement of a trigger. A quoted name
/// that is known is written in lower case, and without quotes where it needs none; another may be a text in the
/// wrong quotes, and is left as it is.
[[nodiscard]] std::string canonical(std::span<const Token> tokens, const KnownNames& names);

/// As it is shown: in lower case, quoted where it is not a plain word.
[[nodiscard]] std::string shown_name(std::string_view name);

/// What lies between the parenthesis of CREATE TABLE, cut at its commas, and what follows it.
struct TableParts {
    std::vector<std::span<const Token>> items;
    std::span<const Token> options;
};
/// Of `tokens`, which must outlive the answer.
[[nodiscard]] TableParts parts_of_table(std::span<const Token> tokens);

}  // namespace majed::migrate::sqlite_text
