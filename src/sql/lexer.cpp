// SPDX-License-Identifier: Apache-2.0
#include "sql/lexer.h"

#include "core/utf8.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_hex(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

constexpr std::size_t longest_operator = 63;  // NAMEDATALEN - 1 of PostgreSQL

Error refuse(std::string message, std::size_t offset) {
    return Error{ErrorCode::parse_error, std::move(message)}.at(offset);
}

/// Spaces and invisible characters beyond ASCII: a letter to SQLite and PostgreSQL, perhaps a space to Oracle.
bool is_odd_space(std::string_view bytes) noexcept {
    const auto at = [bytes](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
    };
    if (at(0) == 0xC2) return at(1) == 0xA0 || at(1) == 0x85;  // U+00A0, U+0085
    if (at(0) == 0xE1) return at(1) == 0x9A && at(2) == 0x80;  // U+1680
    if (at(0) == 0xE2 && at(1) == 0x80) return at(2) <= 0x8F || (at(2) >= 0xA8 && at(2) <= 0xAF);
    if (at(0) == 0xE2) return at(1) == 0x81 && (at(2) == 0x9F || at(2) == 0xA0);  // U+205F, U+2060
    return at(0) == 0xE3 && at(1) == 0x80 && at(2) == 0x80;                       // U+3000
}

class Lexer {
public:
    Lexer(std::string_view text, std::vector<Token>& tokens, const Dialect& dialect)
        : text_(text), tokens_(tokens), dialect_(dialect), rules_(dialect.lexical) {}

    Result<void> run() {
        if (auto bad = find_bad_byte()) return *std::move(bad);
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
    [[nodiscard]] bool within(std::size_t ahead) const noexcept { return at_ + ahead < text_.size(); }
    [[nodiscard]] ByteClass class_of(char c) const noexcept {
        return dialect_.bytes[static_cast<unsigned char>(c)];
    }
    [[nodiscard]] bool continues(std::size_t ahead) const noexcept {
        if (!within(ahead)) return false;
        const char c = text_[at_ + ahead];
        const ByteClass kind = class_of(c);
        return kind == ByteClass::word || kind == ByteClass::digit ||
               rules_.word_marks.find(c) != std::string_view::npos;
    }

    /// Control characters and broken UTF-8, anywhere in the text.
    [[nodiscard]] std::optional<Error> find_bad_byte() const {
        for (std::size_t at = 0; at < text_.size();) {
            const auto c = static_cast<unsigned char>(text_[at]);
            if (c < 0x80) {
                if (dialect_.bytes[c] == ByteClass::bad)
                    return refuse("control characters are not accepted in a statement", at);
                ++at;
                continue;
            }
            const CodePoint point = next_code_point(text_.substr(at));
            if (!point.valid) return refuse("the statement is not valid UTF-8", at);
            at += point.length;
        }
        return std::nullopt;
    }

    void push(TokenKind kind, std::size_t length, Keyword keyword = Keyword::none) {
        tokens_.push_back(
            Token{kind, keyword, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(length)});
        at_ += length;
    }

    Result<void> one(TokenKind kind, std::size_t length = 1) {
        push(kind, length);
        return {};
    }

    Result<void> next() {
        const char c = text_[at_];
        switch (class_of(c)) {
            case ByteClass::space:
                ++at_;
                return {};
            case ByteClass::word:
                return word();
            case ByteClass::digit:
                return number();
            case ByteClass::quote:
                return c == '\'' ? string(0) : quoted(c, 0);
            case ByteClass::other:
            case ByteClass::bad:
                break;
        }
        return symbol(c);
    }

    Result<void> word() {
        const char second = peek(1);
        if (second == '\'' || second == '&' || second == 'q' || second == 'Q') {
            if (const auto handled = prefixed()) return *handled;
        }
        if (text_.substr(at_, 3) == "\xEF\xBB\xBF") {
            // SQLite skips it, others do not.
            return refuse("a byte order mark is not accepted in a statement", at_);
        }
        std::size_t length = 0;
        for (; length == 0 || continues(length); ++length) {
            const bool odd = rules_.alternative_quotes && (peek(length) & 0x80) != 0 &&
                             is_odd_space(text_.substr(at_ + length, 3));
            if (odd) return refuse("this space character is not accepted outside of quotes", at_ + length);
        }
        Keyword keyword = keyword_from(text_.substr(at_, length));
        if (!dialect_.uses(keyword).keyword) keyword = Keyword::none;
        push(keyword == Keyword::none ? TokenKind::identifier : TokenKind::keyword, length, keyword);
        return {};
    }

    /// A literal that begins with letters, if here is one.
    [[nodiscard]] std::optional<Result<void>> prefixed() {
        const char first = static_cast<char>(peek(0) | 0x20);  // lower case of a letter
        if (rules_.blobs && first == 'x' && peek(1) == '\'') return blob();
        if (rules_.prefixed_strings) {
            const bool letter = first == 'e' || first == 'b' || first == 'x' || first == 'n';
            if (letter && peek(1) == '\'')
                return string(1, first == 'e',
                              first == 'b' || first == 'x' ? TokenKind::blob : TokenKind::string);
            if (first == 'u' && peek(1) == '&' && peek(2) == '\'') return string(2);
            if (first == 'u' && peek(1) == '&' && peek(2) == '"') return quoted('"', 2);
        }
        if (rules_.national_strings && first == 'n' && peek(1) == '\'') return string(1);
        if (rules_.alternative_quotes) {
            const std::size_t q = first == 'n' ? 1 : 0;
            if ((peek(q) | 0x20) == 'q' && peek(q + 1) == '\'') return alternative_quote(q + 2);
        }
        return std::nullopt;
    }

    Result<void> blob() {
        std::size_t length = 2;
        while (is_hex(peek(length))) ++length;
        if (peek(length) != '\'' || length % 2 != 0) return refuse("malformed blob literal", at_);
        return one(TokenKind::blob, length + 1);
    }

    Result<void> number() {
        std::size_t length = 0;
        TokenKind kind = TokenKind::integer;
        if (rules_.hex_integers && peek(0) == '0' && (peek(1) | 0x20) == 'x' && is_hex(peek(2))) {
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
        return number_ends(length, kind);
    }

    Result<void> fraction() {
        std::size_t length = 1;
        TokenKind kind = TokenKind::real;
        while (is_digit(peek(length))) ++length;
        return number_ends(exponent(length, kind), TokenKind::real);
    }

    Result<void> number_ends(std::size_t length, TokenKind kind) {
        const char after = static_cast<char>(peek(length) | 0x20);
        if (rules_.number_suffixes && (after == 'f' || after == 'd') && !continues(length + 1))
            return one(TokenKind::real, length + 1);
        if (continues(length)) return refuse("malformed number", at_);
        return one(kind, length);
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

    /// Length up to and with the quote that ends what is open at `length`; 0 when none does.
    [[nodiscard]] std::size_t closed(std::size_t length, char close, bool doubles, bool backslashes) const {
        for (; within(length); ++length) {
            if (backslashes && peek(length) == '\\') {
                ++length;
                continue;
            }
            if (peek(length) != close) continue;
            if (!doubles || peek(length + 1) != close) return length + 1;
            ++length;  // a doubled quote stands for one
        }
        return 0;
    }

    Result<void> string(std::size_t prefix, bool backslashes = false, TokenKind kind = TokenKind::string) {
        const bool doubles = kind == TokenKind::string;  // A quote in bits or hex digits ends them.
        std::size_t length = closed(prefix + 1, '\'', doubles, backslashes);
        while (length != 0 && rules_.continued_strings) {
            const std::size_t more = continuation(length);
            if (more == 0) break;
            length = closed(more, '\'', doubles, backslashes);
        }
        if (length == 0) return refuse("unterminated string", at_);
        return one(kind, length);
    }

    /// Where the text of a further part begins, 0 when the string ends here: parts are joined over a line break only.
    [[nodiscard]] std::size_t continuation(std::size_t length) const noexcept {
        bool line_break = false;
        while (within(length) && is_space(peek(length))) {
            line_break |= peek(length) == '\n' || peek(length) == '\r';
            ++length;
        }
        return line_break && peek(length) == '\'' ? length + 1 : 0;
    }

    Result<void> quoted(char open, std::size_t prefix) {
        const char close = open == '[' ? ']' : open;
        const bool doubles = open != '[' && rules_.doubled_quotes;
        const std::size_t length = closed(prefix + 1, close, doubles, false);
        if (length == 0) return refuse("unterminated quoted name", at_);
        if (!rules_.doubled_quotes && peek(length) == close)
            return refuse("a quoted name cannot contain a quote", at_ + length);
        return one(TokenKind::quoted, length);
    }

    /// q'[text]': `length` is where the delimiter stands.
    Result<void> alternative_quote(std::size_t length) {
        const char open = peek(length);
        if (!within(length) || is_space(open) || (open & 0x80) != 0)
            return refuse("malformed q'' string", at_);
        constexpr std::string_view opening = "[{(<";
        constexpr std::string_view closing = "]})>";
        const std::size_t pair = opening.find(open);
        const char close = pair == std::string_view::npos ? open : closing[pair];
        for (++length; within(length); ++length) {
            if (peek(length) == close && peek(length + 1) == '\'') return one(TokenKind::string, length + 2);
        }
        return refuse("unterminated string", at_);
    }

    /// $$text$$, $tag$text$tag$, $1; SQLite's $name.
    Result<void> dollar() {
        if (rules_.dollar_names) return bind('$');
        if (rules_.dollar_numbers && is_digit(peek(1))) {
            std::size_t length = 1;
            while (is_digit(peek(length))) ++length;
            if (continues(length)) return refuse("malformed parameter", at_);
            return one(TokenKind::bind, length);
        }
        if (!rules_.dollar_quotes) return refuse("unexpected character '$'", at_);
        std::size_t tag = 1;
        while (within(tag) && peek(tag) != '$' && continues(tag) && !(tag == 1 && is_digit(peek(tag)))) ++tag;
        if (peek(tag) != '$') return refuse("unexpected character '$'", at_);
        const std::string_view delimiter = text_.substr(at_, tag + 1);
        const std::size_t end = text_.find(delimiter, at_ + tag + 1);
        if (end == std::string_view::npos) return refuse("unterminated string", at_);
        return one(TokenKind::string, end + delimiter.size() - at_);
    }

    Result<void> line_comment() {
        std::size_t length = 2;
        for (; within(length) && peek(length) != '\n'; ++length) {
            // PostgreSQL ends the comment at a carriage return, SQLite does not.
            if (peek(length) == '\r' && peek(length + 1) != '\n' && within(length + 1)) {
                return refuse("a carriage return inside a -- comment is not accepted", at_ + length);
            }
        }
        at_ += length;
        return {};
    }

    Result<void> block_comment() {
        std::size_t depth = 1;
        for (std::size_t length = 2; within(length); ++length) {
            if (peek(length) == '*' && peek(length + 1) == '/') {
                ++length;
                if (--depth != 0) continue;
                at_ += length + 1;
                return {};
            }
            if (peek(length) != '/' || peek(length + 1) != '*') continue;
            if (!rules_.nested_comments) return refuse("nested comments are not accepted", at_ + length);
            ++length;
            ++depth;
        }
        return refuse("unterminated comment", at_);
    }

    Result<void> bind(char c) {
        std::size_t length = 1;
        if (c == '?' || (rules_.numbered_colon_binds && is_digit(peek(1)))) {
            while (is_digit(peek(length))) ++length;
            if (continues(length)) return refuse("malformed parameter", at_);
        } else {
            length = parameter_name();
            if (length == 0) return refuse("a parameter needs a name", at_);
        }
        return one(TokenKind::bind, length);
    }

    /// Length of `:name`, also of the Tcl forms `$a::b` and `$a(b)`; 0 when there is no name.
    [[nodiscard]] std::size_t parameter_name() const noexcept {
        std::size_t length = 1;
        bool named = false;
        while (within(length)) {
            if (continues(length)) {
                named = true;
                ++length;
            } else if (rules_.dollar_names && peek(length) == ':' && peek(length + 1) == ':') {
                length += 2;
            } else {
                break;
            }
        }
        if (!named || !rules_.dollar_names || peek(length) != '(') return named ? length : 0;
        std::size_t end = length + 1;
        while (within(end) && peek(end) != ')' && !is_space(peek(end))) ++end;
        return peek(end) == ')' ? end + 1 : 0;
    }

    Result<void> symbol(char c) {
        if (c == '-' && peek(1) == '-') return line_comment();
        if (c == '/' && peek(1) == '*') return block_comment();
        switch (c) {
            case '(':
                return one(TokenKind::left_paren);
            case ')':
                return one(TokenKind::right_paren);
            case ',':
                return one(TokenKind::comma);
            case ';':
                return one(TokenKind::semicolon);
            case '.':
                return is_digit(peek(1)) ? fraction() : one(TokenKind::dot);
            case ':':
                return colon();
            case '$':
                return dollar();
            case '[':
                return dialect_.grammar.names_from_strings ? unexpected(c) : one(TokenKind::left_bracket);
            case ']':
                return dialect_.grammar.names_from_strings ? unexpected(c) : one(TokenKind::right_bracket);
            default:
                return rules_.free_operators ? free_operator() : operator_symbol(c);
        }
    }

    Result<void> unexpected(char c) const {
        return refuse(std::string("unexpected character '") + c + "'", at_);
    }

    Result<void> colon() {
        const bool name_follows = continues(1);
        if (rules_.numbered_colon_binds && peek(1) == '"') {  // Oracle: :"name"
            const std::size_t length = closed(2, '"', false, false);
            return length == 0 ? refuse("unterminated quoted name", at_) : one(TokenKind::bind, length);
        }
        if (rules_.named_binds && (name_follows || rules_.dollar_names)) return bind(':');
        if (peek(1) == '=') return one(TokenKind::assign, 2);
        if (rules_.free_operators && peek(1) == ':') return one(TokenKind::double_colon, 2);
        return one(TokenKind::colon);
    }

    Result<void> operator_symbol(char c) {
        switch (c) {
            case '?':
                return rules_.question_binds ? bind(c) : unexpected(c);
            case '@':
                return rules_.at_binds ? bind(c) : one(TokenKind::at_sign);
            case '-':
                if (peek(1) != '>' || !rules_.blobs) return one(TokenKind::minus);
                return peek(2) == '>' ? one(TokenKind::double_arrow, 3) : one(TokenKind::arrow, 2);
            case '<':
                if (peek(1) == '=') return one(TokenKind::less_equal, 2);
                if (peek(1) == '>') return one(TokenKind::not_equal, 2);
                return peek(1) == '<' ? one(TokenKind::shift_left, 2) : one(TokenKind::less);
            case '>':
                if (peek(1) == '=') return one(TokenKind::greater_equal, 2);
                return peek(1) == '>' ? one(TokenKind::shift_right, 2) : one(TokenKind::greater);
            case '=':
                if (peek(1) == '>' && !rules_.double_equal) return one(TokenKind::fat_arrow, 2);
                return one(TokenKind::equal, peek(1) == '=' && rules_.double_equal ? 2 : 1);
            case '!':
                return peek(1) == '=' ? one(TokenKind::not_equal, 2) : unexpected(c);
            case '|':
                return peek(1) == '|' ? one(TokenKind::concat, 2) : one(TokenKind::pipe);
            default:
                return single_operator(c);
        }
    }

    Result<void> single_operator(char c) {
        const bool marks_inequality = dialect_.grammar.oracle && peek(1) == '=';
        switch (c) {
            case '*':
                return one(TokenKind::star);
            case '+':
                return one(TokenKind::plus);
            case '/':
                return one(TokenKind::slash);
            case '%':
                return one(TokenKind::percent);
            case '&':
                return one(TokenKind::ampersand);
            case '~':
                return marks_inequality ? one(TokenKind::not_equal, 2) : one(TokenKind::tilde);
            case '^':
                return marks_inequality ? one(TokenKind::not_equal, 2) : unexpected(c);
            default:
                return unexpected(c);
        }
    }

    /// PostgreSQL: scan.l, rule {operator}.
    Result<void> free_operator() {
        constexpr std::string_view characters = "~!@#^&|`?+-*/%<>=";
        std::size_t length = 0;
        while (within(length) && characters.find(peek(length)) != std::string_view::npos) {
            const bool comment = (peek(length) == '-' && peek(length + 1) == '-') ||
                                 (peek(length) == '/' && peek(length + 1) == '*');
            if (comment) break;
            ++length;
        }
        if (length == 0) return unexpected(peek(0));
        // A sign at the end belongs to what follows, unless the operator has a character that SQL does not use.
        constexpr std::string_view unusual = "~!@#^&|`?%";
        while (length > 1 && (peek(length - 1) == '+' || peek(length - 1) == '-')) {
            if (text_.substr(at_, length - 1).find_first_of(unusual) != std::string_view::npos) break;
            --length;
        }
        if (length > longest_operator) return refuse("an operator has too many characters", at_);
        return one(kind_of_operator(text_.substr(at_, length)), length);
    }

    [[nodiscard]] static TokenKind kind_of_operator(std::string_view written) noexcept {
        struct Known {
            std::string_view written;
            TokenKind kind;
        };
        constexpr Known known[] = {
            {"=", TokenKind::equal},          {"<", TokenKind::less},           {">", TokenKind::greater},
            {"<=", TokenKind::less_equal},    {">=", TokenKind::greater_equal}, {"<>", TokenKind::not_equal},
            {"!=", TokenKind::not_equal},     {"+", TokenKind::plus},           {"-", TokenKind::minus},
            {"*", TokenKind::star},           {"/", TokenKind::slash},          {"%", TokenKind::percent},
            {"^", TokenKind::caret},          {"||", TokenKind::concat},        {"->", TokenKind::arrow},
            {"->>", TokenKind::double_arrow}, {"=>", TokenKind::fat_arrow},     {"~", TokenKind::tilde},
            {"&", TokenKind::ampersand},      {"|", TokenKind::pipe},           {"<<", TokenKind::shift_left},
            {">>", TokenKind::shift_right},
        };
        for (const Known& each : known) {
            if (each.written == written) return each.kind;
        }
        return TokenKind::other_operator;
    }

    std::string_view text_;
    std::vector<Token>& tokens_;
    const Dialect& dialect_;
    const LexicalRules& rules_;
    std::size_t at_ = 0;
};

}  // namespace

bool continues_word(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || byte >= 0x80 || c == '_' ||
           c == '$' || c == '#';
}

Result<void> tokenize(std::string_view text, std::vector<Token>& tokens, const Dialect& dialect,
                      std::size_t most_bytes) {
    tokens.clear();
    if (text.size() > most_bytes) {
        return Error{ErrorCode::too_large,
                     "the statement is longer than " + std::to_string(most_bytes) + " bytes"};
    }
    return Lexer(text, tokens, dialect).run();
}

}  // namespace majed::sql
