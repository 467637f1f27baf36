// SPDX-License-Identifier: Apache-2.0
#include "sql/lexer.h"

#include "core/utf8.h"
#include "sql/keyword.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

enum class Class : std::uint8_t { bad, space, word, digit, quote, other };

constexpr std::array<Class, 256> classes = [] {
    std::array<Class, 256> result{};
    for (int c = 0; c < 256; ++c) {
        const auto i = static_cast<std::size_t>(c);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
            result[i] = Class::space;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80) {
            result[i] = Class::word;
        } else if (c >= '0' && c <= '9') {
            result[i] = Class::digit;
        } else if (c == '\'' || c == '"' || c == '`' || c == '[') {
            result[i] = Class::quote;
        } else {
            result[i] = c > ' ' && c < 0x7f ? Class::other : Class::bad;
        }
    }
    return result;
}();

constexpr Class class_of(char c) noexcept {
    return classes[static_cast<unsigned char>(c)];
}
constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

Error refuse(std::string message, std::size_t offset) {
    return Error{ErrorCode::parse_error, std::move(message)}.at(offset);
}

/// Control characters and broken UTF-8, anywhere in the text.
std::optional<Error> find_bad_byte(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c < 0x80) {
            if (classes[c] == Class::bad)
                return refuse("control characters are not accepted in a statement", at);
            ++at;
            continue;
        }
        const CodePoint point = next_code_point(text.substr(at));
        if (!point.valid) return refuse("the statement is not valid UTF-8", at);
        at += point.length;
    }
    return std::nullopt;
}

class Lexer {
public:
    Lexer(std::string_view text, std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

    Result<void> run() {
        while (at_ < text_.size()) {
            MAJED_TRY(next());
        }
        push(TokenKind::end, 0);
        return {};
    }

private:
    [[nodiscard]] char peek(std::size_t ahead) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    void push(TokenKind kind, std::size_t length, Keyword keyword = Keyword::none) {
        tokens_.push_back(
            Token{kind, keyword, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(length)});
        at_ += length;
    }

    Result<void> next() {
        const char c = text_[at_];
        switch (class_of(c)) {
            case Class::space:
                ++at_;
                return {};
            case Class::word:
                return word();
            case Class::digit:
                return number();
            case Class::quote:
                return quoted(c);
            case Class::other:
            case Class::bad:
                break;
        }
        return symbol(c);
    }

    Result<void> word() {
        if ((peek(0) == 'x' || peek(0) == 'X') && peek(1) == '\'') return blob();
        if (text_.substr(at_, 3) == "\xEF\xBB\xBF") {
            return refuse("a byte order mark is not accepted in a statement",
                          at_);  // SQLite skips it, others do not
        }
        std::size_t length = 1;
        while (at_ + length < text_.size() && continues_word(text_[at_ + length])) ++length;
        const Keyword keyword = keyword_from(text_.substr(at_, length));
        push(keyword == Keyword::none ? TokenKind::identifier : TokenKind::keyword, length, keyword);
        return {};
    }

    Result<void> blob() {
        std::size_t length = 2;
        while (is_hex(peek(length))) ++length;
        if (peek(length) != '\'' || length % 2 != 0) return refuse("malformed blob literal", at_);
        push(TokenKind::blob, length + 1);
        return {};
    }

    Result<void> number() {
        std::size_t length = 0;
        TokenKind kind = TokenKind::integer;
        if (peek(0) == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
            length = 3;
            while (is_hex(peek(length))) ++length;
        } else {
            while (is_digit(peek(length))) ++length;
            if (peek(length) == '.') {
                kind = TokenKind::real;
                ++length;
                while (is_digit(peek(length))) ++length;
            }
            length = exponent(length, kind);
        }
        if (at_ + length < text_.size() && continues_word(text_[at_ + length])) {
            return refuse("malformed number", at_);
        }
        push(kind, length);
        return {};
    }

    [[nodiscard]] std::size_t exponent(std::size_t length, TokenKind& kind) const noexcept {
        if (peek(length) != 'e' && peek(length) != 'E') return length;
        std::size_t digits = length + 1;
        if (peek(digits) == '+' || peek(digits) == '-') ++digits;
        if (!is_digit(peek(digits))) return length;
        kind = TokenKind::real;
        while (is_digit(peek(digits))) ++digits;
        return digits;
    }

    Result<void> quoted(char open) {
        const char close = open == '[' ? ']' : open;
        for (std::size_t length = 1; at_ + length < text_.size(); ++length) {
            if (text_[at_ + length] != close) continue;
            if (open != '[' && peek(length + 1) == close) {
                ++length;  // a doubled quote stands for one
                continue;
            }
            push(open == '\'' ? TokenKind::string : TokenKind::quoted, length + 1);
            return {};
        }
        return refuse(open == '\'' ? "unterminated string" : "unterminated quoted name", at_);
    }

    Result<void> line_comment() {
        std::size_t length = 2;
        for (; at_ + length < text_.size() && text_[at_ + length] != '\n'; ++length) {
            // PostgreSQL ends the comment at a carriage return, SQLite does not.
            if (text_[at_ + length] == '\r' && peek(length + 1) != '\n' && at_ + length + 1 < text_.size()) {
                return refuse("a carriage return inside a -- comment is not accepted", at_ + length);
            }
        }
        at_ += length;
        return {};
    }

    Result<void> block_comment() {
        for (std::size_t length = 2; at_ + length < text_.size(); ++length) {
            if (peek(length) == '*' && peek(length + 1) == '/') {
                at_ += length + 2;
                return {};
            }
            if (peek(length) == '/' && peek(length + 1) == '*') {
                return refuse("nested comments are not accepted", at_ + length);
            }
        }
        return refuse("unterminated comment", at_);
    }

    Result<void> bind(char c) {
        std::size_t length = 1;
        if (c == '?') {
            while (is_digit(peek(length))) ++length;
            if (at_ + length < text_.size() && continues_word(text_[at_ + length])) {
                return refuse("malformed parameter", at_);
            }
        } else {
            length = parameter_name();
            if (length == 0) return refuse("a parameter needs a name", at_);
        }
        push(TokenKind::bind, length);
        return {};
    }

    /// Length of `:name`, also of the Tcl forms `$a::b` and `$a(b)`; 0 when there is no name.
    [[nodiscard]] std::size_t parameter_name() const noexcept {
        std::size_t length = 1;
        bool named = false;
        while (at_ + length < text_.size()) {
            if (continues_word(text_[at_ + length])) {
                named = true;
                ++length;
            } else if (peek(length) == ':' && peek(length + 1) == ':') {
                length += 2;
            } else {
                break;
            }
        }
        if (!named || peek(length) != '(') return named ? length : 0;
        std::size_t closed = length + 1;
        while (at_ + closed < text_.size() && peek(closed) != ')' && class_of(peek(closed)) != Class::space)
            ++closed;
        return peek(closed) == ')' ? closed + 1 : 0;
    }

    Result<void> symbol(char c) {
        switch (c) {
            case '-':
                if (peek(1) == '-') return line_comment();
                if (peek(1) == '>')
                    return peek(2) == '>' ? one(TokenKind::double_arrow, 3) : one(TokenKind::arrow, 2);
                return one(TokenKind::minus);
            case '/':
                return peek(1) == '*' ? block_comment() : one(TokenKind::slash);
            case '.':
                return is_digit(peek(1)) ? fraction() : one(TokenKind::dot);
            case '?':
            case ':':
            case '@':
            case '$':
                return bind(c);
            case '<':
                if (peek(1) == '=') return one(TokenKind::less_equal, 2);
                if (peek(1) == '>') return one(TokenKind::not_equal, 2);
                return peek(1) == '<' ? one(TokenKind::shift_left, 2) : one(TokenKind::less);
            case '>':
                if (peek(1) == '=') return one(TokenKind::greater_equal, 2);
                return peek(1) == '>' ? one(TokenKind::shift_right, 2) : one(TokenKind::greater);
            case '=':
                return one(TokenKind::equal, peek(1) == '=' ? 2 : 1);
            case '!':
                if (peek(1) == '=') return one(TokenKind::not_equal, 2);
                return refuse("unexpected character '!'", at_);
            case '|':
                return peek(1) == '|' ? one(TokenKind::concat, 2) : one(TokenKind::pipe);
            default:
                return punctuation(c);
        }
    }

    Result<void> punctuation(char c) {
        switch (c) {
            case '(':
                return one(TokenKind::left_paren);
            case ')':
                return one(TokenKind::right_paren);
            case ',':
                return one(TokenKind::comma);
            case ';':
                return one(TokenKind::semicolon);
            case '*':
                return one(TokenKind::star);
            case '+':
                return one(TokenKind::plus);
            case '%':
                return one(TokenKind::percent);
            case '&':
                return one(TokenKind::ampersand);
            case '~':
                return one(TokenKind::tilde);
            default:
                return refuse(std::string("unexpected character '") + c + "'", at_);
        }
    }

    Result<void> fraction() {
        std::size_t length = 1;
        TokenKind kind = TokenKind::real;
        while (is_digit(peek(length))) ++length;
        length = exponent(length, kind);
        if (at_ + length < text_.size() && continues_word(text_[at_ + length])) {
            return refuse("malformed number", at_);
        }
        push(TokenKind::real, length);
        return {};
    }

    Result<void> one(TokenKind kind, std::size_t length = 1) {
        push(kind, length);
        return {};
    }

    std::string_view text_;
    std::vector<Token>& tokens_;
    std::size_t at_ = 0;
};

}  // namespace

bool continues_word(char c) noexcept {
    const Class kind = class_of(c);
    return kind == Class::word || kind == Class::digit || c == '$';
}

Result<void> tokenize(std::string_view text, std::vector<Token>& tokens) {
    tokens.clear();
    if (text.size() > max_statement_bytes) {
        return Error{ErrorCode::too_large,
                     "the statement is longer than " + std::to_string(max_statement_bytes) + " bytes"};
    }
    if (auto bad = find_bad_byte(text)) return *std::move(bad);
    return Lexer(text, tokens).run();
}

}  // namespace majed::sql
