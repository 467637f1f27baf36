// SPDX-License-Identifier: Apache-2.0
#include "sql/fingerprint.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace majed::sql {
namespace {

bool is_value(TokenKind kind) noexcept {
    return kind == TokenKind::string || kind == TokenKind::blob || kind == TokenKind::integer ||
           kind == TokenKind::real || kind == TokenKind::bind;
}

bool is_name(TokenKind kind) noexcept {
    return kind == TokenKind::identifier || kind == TokenKind::keyword || kind == TokenKind::quoted;
}

bool is_sign(TokenKind kind) noexcept {
    return kind == TokenKind::plus || kind == TokenKind::minus || kind == TokenKind::tilde;
}

/// Nothing that could be the left side of `-` ends with it.
bool begins_operand(const Token& before) noexcept {
    constexpr std::array kinds{TokenKind::end,        TokenKind::left_paren, TokenKind::comma,
                               TokenKind::equal,      TokenKind::not_equal,  TokenKind::less,
                               TokenKind::less_equal, TokenKind::greater,    TokenKind::greater_equal};
    constexpr std::array words{Keyword::select, Keyword::and_,    Keyword::or_,
                               Keyword::not_,   Keyword::between, Keyword::when,
                               Keyword::then,   Keyword::else_,   Keyword::limit};
    if (before.kind == TokenKind::keyword)
        return std::find(words.begin(), words.end(), before.keyword) != words.end();
    return std::find(kinds.begin(), kinds.end(), before.kind) != kinds.end();
}

template <std::size_t size>
bool is_one_of(std::string_view name, const std::array<std::string_view, size>& words) noexcept {
    return std::any_of(words.begin(), words.end(), [name](std::string_view word) {
        return name.size() == word.size() && equal_ascii_case(name, word);
    });
}

/// `PASSWORD`, `db_password`, `client_secret`: what follows is one, quoted or not.
bool names_secret(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 4> parts{"passw", "passphrase", "secret", "pwd"};
    constexpr std::array<std::string_view, 10> words{"identified", "key",         "hexkey",     "rekey",
                                                     "hexrekey",   "credentials", "credential", "api_key",
                                                     "token",      "encrypted"};
    // Every word of every statement comes here: most places are passed by at a glance at the letter.
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto letter = static_cast<unsigned char>(static_cast<unsigned char>(name[i]) | 0x20U);
        if (letter != 'p' && letter != 's') continue;
        const std::string_view rest = name.substr(i);
        for (const std::string_view part : parts) {
            if (rest.size() >= part.size() && equal_ascii_case(rest.substr(0, part.size()), part))
                return true;
        }
    }
    return is_one_of(name, words);
}

/// Where a secret may be written without quotes: IDENTIFIED BY tiger. What the lexer cannot know, a word can.
class SecretWatch {
public:
    explicit SecretWatch(std::string_view text) : text_(text) {}

    /// True: `token` may be a secret or a part of one, and must be shown as a value.
    [[nodiscard]] bool hides(const Token& token) {
        if (token.kind == TokenKind::semicolon) {
            *this = SecretWatch(text_);
            return false;
        }
        const bool glued = hidden_ && token.offset == end_;  // tiger@home is one word to its database
        const bool hidden = connects_ || (glued && !closes(token)) || looks_hidden(token);
        hidden_ = hidden;
        end_ = token.offset + token.length;
        if (hidden) {
            state_ = State::idle;
        } else {
            look(token);
        }
        return hidden;
    }

private:
    enum class State : std::uint8_t {
        idle,
        named,    ///< After PASSWORD: a word is taken for one, but for those that belong to the syntax.
        certain,  ///< After BY or `=`: whatever it is.
    };

    [[nodiscard]] static bool closes(const Token& token) noexcept {
        return token.kind == TokenKind::comma || token.kind == TokenKind::right_paren;
    }
    [[nodiscard]] std::string_view bare(const Token& token) const noexcept {
        const std::string_view name = token.span().in(text_);
        return token.kind == TokenKind::quoted && name.size() > 1 ? name.substr(1, name.size() - 2) : name;
    }
    [[nodiscard]] bool looks_hidden(const Token& token) const noexcept {
        constexpr std::array<std::string_view, 16> syntax{
            "by",  "to",  "for", "as",     "is",         "with",     "using", "null",
            "not", "set", "add", "expire", "externally", "globally", "on",    "from"};
        if (!is_name(token.kind)) return false;
        if (state_ == State::certain) return true;
        if (state_ != State::named || !utility_) return false;
        return token.kind == TokenKind::quoted ||
               (!is_one_of(bare(token), syntax) && !names_secret(bare(token)));
    }

    void look(const Token& token) {
        if (!is_name(token.kind)) {
            const bool given = token.kind == TokenKind::left_paren && pragma_;  // PRAGMA key(tiger)
            const bool equals = (token.kind == TokenKind::equal || given) && seen_ && utility_;
            if (equals) {
                state_ = State::certain;
            } else if (token.kind == TokenKind::comma) {
                state_ = certain_list_ ? State::certain : State::idle;
            } else if (token.kind != TokenKind::left_paren) {
                state_ = State::idle;
            }
            return;
        }
        const std::string_view name = bare(token);
        first_word(name);
        if (names_secret(name)) {
            identified_ |= is_one_of(name, std::array<std::string_view, 1>{"identified"});
            // KEY alone is a word of every CREATE TABLE: a secret only after `=`.
            state_ = is_one_of(name, std::array<std::string_view, 3>{"key", "token", "encrypted"})
                         ? State::idle
                         : State::named;
            seen_ = true;
            return;
        }
        const bool leads = is_one_of(name, std::array<std::string_view, 2>{"by", "replace"});
        if (leads && identified_) {
            // No query says IDENTIFIED BY: what follows is hidden in every statement, also the second of two.
            state_ = State::certain;
            certain_list_ = true;
        } else if (leads && seen_ && utility_) {
            state_ = State::certain;
        }
    }

    /// Statements about rows show their columns, be they called `password`; their values are hidden anyway.
    void first_word(std::string_view name) {
        constexpr std::array<std::string_view, 5> before{"explain", "analyze", "verbose", "query", "plan"};
        constexpr std::array<std::string_view, 8> rows{"select", "with",   "values", "insert",
                                                       "update", "delete", "merge",  "replace"};
        constexpr std::array<std::string_view, 2> login{"connect", "conn"};
        if (begun_ || is_one_of(name, before)) return;
        begun_ = true;
        utility_ = !is_one_of(name, rows);
        connects_ = is_one_of(name, login);  // CONNECT scott/tiger
        pragma_ = is_one_of(name, std::array<std::string_view, 1>{"pragma"});
    }

    std::string_view text_;
    State state_ = State::idle;
    std::uint32_t end_ = 0;
    bool begun_ = false;
    bool utility_ = true;
    bool connects_ = false;
    bool pragma_ = false;
    bool seen_ = false;
    bool identified_ = false;
    bool certain_list_ = false;
    bool hidden_ = false;
};

/// The tokens that count, one after the other; a list of values, or of rows of them, counts as one value.
class SignificantTokens {
public:
    SignificantTokens(std::span<const Token> tokens, std::string_view text)
        : tokens_(tokens), secrets_(text) {
        // A text that was lexed in part ends with no token of its end: where a string begins in it is not known.
        if (tokens.empty() || tokens.back().kind != TokenKind::end) tokens_ = {};
    }

    template <class Emit>
    void each(Emit&& emit) {
        Token before;
        for (std::size_t i = 0; !at(i, TokenKind::end);) {
            const Token& token = tokens_[i];
            const bool hidden = secrets_.hides(token);
            std::size_t next = hidden ? i + 1 : list_end(i, before);
            const bool value = hidden || next != i;
            if (!value) next = i + 1;
            if (token.kind != TokenKind::semicolon) emit(token, value);
            const bool rows = at(i, TokenKind::left_paren) &&
                              (before.keyword == Keyword::values || before.kind == TokenKind::left_paren);
            before = tokens_[next - 1];
            if (const std::size_t close = rows ? row_end(i) : i; close != i) {
                emit(tokens_[i + 1], true);
                emit(tokens_[close - 1], false);
                next = close;
                while (at(next, TokenKind::comma) && row_end(next + 1) != next + 1) next = row_end(next + 1);
                before = tokens_[next - 1];
            }
            i = next;
        }
    }

private:
    [[nodiscard]] bool at(std::size_t i, TokenKind kind) const noexcept {
        return i < tokens_.size() ? tokens_[i].kind == kind : kind == TokenKind::end;
    }
    /// Past the value at `i`, with its signs; `i` when there is none.
    [[nodiscard]] std::size_t value_end(std::size_t i) const noexcept {
        std::size_t end = i;
        while (end < tokens_.size() && is_sign(tokens_[end].kind)) ++end;
        return end < tokens_.size() && is_value(tokens_[end].kind) ? end + 1 : i;
    }
    /// Past the list of values at `i`.
    [[nodiscard]] std::size_t list_end(std::size_t i, const Token& before) const noexcept {
        if (is_sign(tokens_[i].kind) && !begins_operand(before)) return i;
        std::size_t end = value_end(i);
        while (end != i && at(end, TokenKind::comma) && value_end(end + 1) != end + 1)
            end = value_end(end + 1);
        return end;
    }
    /// Past a row `(1, NULL, DEFAULT)` of two or more that begins at `i`; `i` when it is none.
    [[nodiscard]] std::size_t row_end(std::size_t i) const noexcept {
        if (!at(i, TokenKind::left_paren)) return i;
        for (std::size_t at_cell = i + 1;;) {
            std::size_t end = value_end(at_cell);
            const bool word =
                end == at_cell && at_cell < tokens_.size() &&
                (tokens_[at_cell].keyword == Keyword::null || tokens_[at_cell].keyword == Keyword::default_);
            if (word) ++end;
            if (end == at_cell) return i;
            if (at(end, TokenKind::right_paren)) return end + 1;
            if (!at(end, TokenKind::comma)) return i;
            at_cell = end + 1;
        }
    }

    std::span<const Token> tokens_;
    SecretWatch secrets_;
};

bool is_word(const Token& token) noexcept {
    return token.kind == TokenKind::identifier || token.kind == TokenKind::keyword ||
           token.kind == TokenKind::quoted || is_value(token.kind);
}

/// A space keeps two words apart, and reads well around operators and after commas.
bool needs_space(const Token& before, const Token& token) noexcept {
    if (token.kind == TokenKind::comma || token.kind == TokenKind::dot ||
        token.kind == TokenKind::right_paren) {
        return false;
    }
    if (before.kind == TokenKind::dot || before.kind == TokenKind::left_paren) return false;
    if (token.kind == TokenKind::left_paren) return before.kind != TokenKind::identifier;
    return is_word(token) || is_word(before) || before.kind == TokenKind::comma ||
           before.kind == TokenKind::right_paren;
}

/// As needs_space sees it: a hidden word is a value.
Token shown_as(const Token& token, bool value) noexcept {
    Token shown = token;
    if (value) shown.kind = TokenKind::integer;
    return shown;
}

}  // namespace

std::uint64_t fingerprint(std::span<const Token> tokens, std::string_view text) noexcept {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto mix = [&hash](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
    SignificantTokens(tokens, text).each([&](const Token& token, bool value) {
        if (value) {
            mix('?');
        } else if (token.kind == TokenKind::quoted) {
            for (const char c : token.span().in(text)) mix(static_cast<unsigned char>(c));
        } else {
            for (const char c : token.span().in(text)) mix(static_cast<unsigned char>(ascii_lower(c)));
        }
        mix(0);
    });
    return hash;
}

namespace {

/// Where a quotation mark of no engine is in `text`, at `from` or behind: U+2018 to U+201F, two dollars.
std::size_t foreign_quote(std::string_view text, std::size_t from) noexcept {
    for (std::size_t at = from; at + 1 < text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("$$")) return at;
        const bool mark = rest.size() > 2 && rest.starts_with("\xE2\x80") &&
                          (static_cast<unsigned char>(rest[2]) & 0xF8U) == 0x98U;
        if (mark) return at;
    }
    return std::string_view::npos;
}

/// Past the quoted text that begins at `begin`: behind the next mark, or the end.
std::size_t foreign_end(std::string_view text, std::size_t begin) noexcept {
    const auto length = [text](std::size_t at) -> std::size_t { return text[at] == '$' ? 2 : 3; };
    const std::size_t close = foreign_quote(text, begin + length(begin));
    return close == std::string_view::npos ? text.size() : close + length(close);
}

/// Tokens from first to last mark are one value each; what is quoted as the engine does it is one already.
std::vector<Token> with_foreign_values(std::span<const Token> tokens, std::string_view text) {
    std::vector<Token> result(tokens.begin(), tokens.end());
    std::size_t end = 0;
    for (Token& token : result) {
        if (token.kind == TokenKind::end) break;
        const Span span = token.span();
        const bool word = token.kind == TokenKind::identifier || token.kind == TokenKind::keyword ||
                          token.kind == TokenKind::bind || token.kind == TokenKind::quoted;
        bool inside = span.begin < end;
        std::size_t mark =
            word ? foreign_quote(text.substr(0, span.end), std::max<std::size_t>(span.begin, end))
                 : std::string_view::npos;
        while (mark != std::string_view::npos) {
            inside = true;
            end = foreign_end(text, mark);
            mark = end < span.end ? foreign_quote(text.substr(0, span.end), end) : std::string_view::npos;
        }
        if (inside) token.kind = TokenKind::string;
    }
    return result;
}

}  // namespace

bool holds_foreign_quote(std::string_view text) noexcept {
    return foreign_quote(text, 0) != std::string_view::npos;
}

std::string normalized_refused(std::span<const Token> tokens, std::string_view text) {
    if (!holds_foreign_quote(text)) return normalized(tokens, text);
    return normalized(with_foreign_values(tokens, text), text);
}

std::string normalized(std::span<const Token> tokens, std::string_view text) {
    std::string result;
    result.reserve(text.size());
    Token before;
    SignificantTokens(tokens, text).each([&](const Token& each, bool value) {
        const Token token = shown_as(each, value);
        if (!result.empty() && needs_space(before, token)) result += ' ';
        if (value) {
            result += '?';
        } else if (token.kind == TokenKind::quoted) {
            result += token.span().in(text);
        } else {
            for (const char c : token.span().in(text)) result += ascii_lower(c);
        }
        before = token;
    });
    return result;
}

std::string to_hex(std::uint64_t fingerprint) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result(16, '0');
    for (std::size_t i = result.size(); i-- > 0; fingerprint >>= 4U) result[i] = digits[fingerprint & 15U];
    return result;
}

}  // namespace majed::sql
