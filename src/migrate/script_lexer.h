/// The tokens of a script, in one pass, by the lexical rules of its dialect.
///
/// Why      Three engines share most of a scanner; where they differ is data here, not three scanners.
/// Life     A lexer looks at a text that must outlive it; tokens are places in that text.
/// Threads  One.
/// Not here Where statements end (script_boundary.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/dialect.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace majed::migrate {

enum class TokenKind : std::uint8_t {
    end,   ///< Of the text.
    word,  ///< Unquoted: a keyword or name.
    name,  ///< Quoted.
    text,  ///< A literal in quotes of any kind, with its prefix.
    number,
    sign,  ///< An operator, a parenthesis, `;`, or a byte that is none of a language.
    comment,
    hint,    ///< Oracle's `/*+ */` and `--+`: a comment that means something.
    foreign  ///< Another language as it stands: Java, wrapped PL/SQL.
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// In what the dialects differ.
struct Lexis {
    std::string_view blanks;
    std::string_view line_ends;  ///< What ends a `--` comment.
    std::string_view
        word_signs;  ///< Beside letters, digits, `_` and all outside ASCII: after the first character.
    std::string_view name_quotes;                 ///< That end with themselves, twice for one.
    std::string_view literal_letters;             ///< Letters that may stand before a text.
    std::span<const std::string_view> operators;  ///< Of several characters, longest first.
    std::string_view operator_run = {};           ///< PostgreSQL: operators are runs of these.
    std::string_view variable_signs = {};         ///< SQLite: what begins the name of a parameter.
    bool nested_comments = false;
    bool brackets = false;       ///< `[name]`
    bool dollar_quotes = false;  ///< `$tag$ ... $tag$`, E'' with backslashes, U&'' and U&"".
    bool q_quotes = false;       ///< `q'[...]'` and hints.
};

[[nodiscard]] const Lexis& lexis_of(Dialect dialect) noexcept;

class Lexer {
public:
    Lexer(const Lexis& lexis, std::string_view text) : lexis_(&lexis), text_(text) {}

    /// Blanks are passed over. Errors: parse_error, at the place where what does not end begins.
    [[nodiscard]] Result<Token> next();

    [[nodiscard]] std::string_view of(const Token& token) const noexcept {
        return text_.substr(token.begin, token.end - token.begin);
    }
    /// The token is this word, in any case.
    [[nodiscard]] bool is_word(const Token& token, std::string_view word) const noexcept;
    [[nodiscard]] bool is_sign(const Token& token, std::string_view sign) const noexcept;
    /// Nothing but blanks stands beside it on its line.
    [[nodiscard]] bool alone_on_line(const Token& token) const noexcept;

    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    void go_to(std::size_t at) noexcept { at_ = at; }
    /// From here to the next line that is `/` alone, which is left, or to the end; without blanks around.
    [[nodiscard]] Token foreign();

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    [[nodiscard]] bool follows(std::string_view sign) const noexcept {
        return text_.substr(at_, sign.size()) == sign;
    }
    [[nodiscard]] bool in_word(char c) const noexcept;
    [[nodiscard]] std::size_t behind(std::string_view mark, std::size_t from) const noexcept;
    [[nodiscard]] Result<Token> finished(TokenKind kind, std::size_t begin, std::size_t end,
                                         std::string_view what);

    [[nodiscard]] Result<Token> comment();
    [[nodiscard]] Result<Token> quoted(TokenKind kind, std::size_t begin, char quote);
    [[nodiscard]] Result<Token> escaped(std::size_t begin);
    [[nodiscard]] Result<Token> q_quoted(std::size_t begin);
    [[nodiscard]] Result<Token> dollar();
    [[nodiscard]] Result<Token> word();
    [[nodiscard]] Token number();
    [[nodiscard]] Token variable();
    [[nodiscard]] Token sign();
    [[nodiscard]] std::size_t operator_length() noexcept;
    [[nodiscard]] std::size_t continuation(std::size_t from) const noexcept;
    [[nodiscard]] std::size_t end_of_segment(std::size_t from) const noexcept;

    const Lexis* lexis_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t single_signs_end_ = 0;  ///< Up to here each sign is a token.
};

}  // namespace majed::migrate
