/// Lexical elements of a statement: kind, keyword, place.
///
/// Why      Parser, fingerprint and rewriter work on offsets into the caller's own text; nothing is copied.
/// Life     Plain values; offsets refer to the text that was lexed.
/// Threads  Values.
/// Not here How characters become tokens (lexer.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/keyword.h"

#include <cstdint>
#include <string_view>

namespace majed::sql {

/// Half-open range of bytes in the caller's text.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;

    [[nodiscard]] constexpr bool empty() const noexcept { return begin == end; }
    [[nodiscard]] constexpr std::string_view in(std::string_view text) const noexcept {
        return text.substr(begin, end - begin);
    }
    friend bool operator==(Span, Span) = default;
};

enum class TokenKind : std::uint8_t {
    end,
    identifier,  ///< Bare word that is no keyword.
    keyword,     ///< See Token::keyword; many may also serve as names.
    quoted,      ///< "name" (in SQLite a string when nothing has that name), U&"name", `name` or [name].
    string,      ///< 'text', E'text', U&'text', N'text', $$text$$, q'[text]'
    blob,        ///< x'00ff', b'01'
    integer,
    real,
    bind,  ///< ? ?1 :name @name $name $1
    left_paren,
    right_paren,
    comma,
    dot,
    semicolon,
    star,
    plus,
    minus,
    slash,
    percent,
    equal,      ///< = or ==
    not_equal,  ///< != or <>
    less,
    less_equal,
    greater,
    greater_equal,
    shift_left,
    shift_right,
    ampersand,
    pipe,
    concat,  ///< ||
    tilde,
    arrow,         ///< ->
    double_arrow,  ///< ->>
    caret,
    other_operator,  ///< Any further operator of PostgreSQL, such as @> or !~*.
    left_bracket,
    right_bracket,
    colon,
    double_colon,  ///< ::
    assign,        ///< :=
    fat_arrow,     ///< =>
    at_sign,       ///< @ before the name of a database link.
};

struct Token {
    TokenKind kind = TokenKind::end;
    Keyword keyword = Keyword::none;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;

    [[nodiscard]] constexpr Span span() const noexcept { return {offset, offset + length}; }
};
static_assert(sizeof(Token) == 12);

}  // namespace majed::sql
