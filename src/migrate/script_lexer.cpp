// SPDX-License-Identifier: Apache-2.0
#include "migrate/script_lexer.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace majed::migrate {
namespace {

constexpr std::size_t nowhere = std::string_view::npos;

constexpr std::array<std::string_view, 10> sqlite_operators{"->>", "->", "||", "<<", ">>",
                                                            "<=",  ">=", "<>", "!=", "=="};
constexpr std::array<std::string_view, 4> postgresql_operators{"::", ":=", "..", "=>"};
constexpr std::array<std::string_view, 13> oracle_operators{
    ":=", "=>", "||", "**", "<<", ">>", "<=", ">=", "<>", "!=", "^=", "~=", ".."};

constexpr Lexis sqlite_lexis{.blanks = " \t\n\f\r",
                             .line_ends = "\n",
                             .word_signs = "$",
                             .name_quotes = "\"`",
                             .literal_letters = "x",
                             .operators = sqlite_operators,
                             .variable_signs = "?:@$#",
                             .brackets = true};
constexpr Lexis postgresql_lexis{.blanks = " \t\n\f\r",
                                 .line_ends = "\n\r",
                                 .word_signs = "$",
                                 .name_quotes = "\"",
                                 .literal_letters = "bxne",
                                 .operators = postgresql_operators,
                                 .operator_run = "~!@#^&|`?+-*/%<>=",
                                 .nested_comments = true,
                                 .dollar_quotes = true};
constexpr Lexis oracle_lexis{.blanks = " \t\n\f\r",
                             .line_ends = "\n",
                             .word_signs = "$#",
                             .name_quotes = "\"",
                             .literal_letters = "nu",
                             .operators = oracle_operators,
                             .q_quotes = true};
constexpr std::array<const Lexis*, 3> every_lexis{&sqlite_lexis, &postgresql_lexis, &oracle_lexis};

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool begins_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80U;
}

bool among(char c, std::string_view set) noexcept {
    return set.find(c) != nowhere;
}

/// What closes Oracle's q-quote.
char closing(char opening) noexcept {
    switch (opening) {
        case '[':
            return ']';
        case '{':
            return '}';
        case '(':
            return ')';
        case '<':
            return '>';
        default:
            return opening;
    }
}

}  // namespace

const Lexis& lexis_of(Dialect dialect) noexcept {
    return *every_lexis.at(static_cast<std::size_t>(dialect));
}

bool Lexer::in_word(char c) const noexcept {
    return begins_word(c) || is_digit(c) || (c != '\0' && among(c, lexis_->word_signs));
}

bool Lexer::is_word(const Token& token, std::string_view word) const noexcept {
    return token.kind == TokenKind::word && equal_ascii_case(of(token), word);
}

bool Lexer::is_sign(const Token& token, std::string_view sign) const noexcept {
    return token.kind == TokenKind::sign && of(token) == sign;
}

bool Lexer::alone_on_line(const Token& token) const noexcept {
    constexpr std::string_view blanks = " \t\f\r";
    std::size_t before = token.begin;
    while (before > 0 && among(text_[before - 1], blanks)) {
        --before;
    }
    std::size_t after = token.end;
    while (after < text_.size() && among(text_[after], blanks)) {
        ++after;
    }
    return (before == 0 || text_[before - 1] == '\n') && (after == text_.size() || text_[after] == '\n');
}

std::size_t Lexer::behind(std::string_view mark, std::size_t from) const noexcept {
    const std::size_t found = text_.find(mark, from);
    return found == nowhere ? nowhere : found + mark.size();
}

Result<Token> Lexer::finished(TokenKind kind, std::size_t begin, std::size_t end, std::string_view what) {
    if (end == nowhere) {
        return Error{.code = ErrorCode::parse_error, .message = std::string(what) + " does not end"}.at(
            begin);
    }
    at_ = end;
    return Token{kind, begin, end};
}

Result<Token> Lexer::next() {
    while (at_ < text_.size() && among(text_[at_], lexis_->blanks)) {
        ++at_;
    }
    if (at_ >= text_.size()) {
        return Token{TokenKind::end, text_.size(), text_.size()};
    }
    const char c = peek();
    if (follows("--") || follows("/*")) {
        return comment();
    }
    if (follows("\xEF\xBB\xBF")) {
        return Error{
            .code = ErrorCode::parse_error,
            .message = "a byte order mark stands in the middle of the text",
            .hint = "files put one behind the other carry it along; engines read it differently: take it out"}
            .at(at_);
    }
    if (begins_word(c)) {
        return word();
    }
    if (c == '\'') {
        return quoted(TokenKind::text, at_, c);
    }
    if (among(c, lexis_->name_quotes)) {
        return quoted(TokenKind::name, at_, c);
    }
    if (c == '[' && lexis_->brackets) {
        return finished(TokenKind::name, at_, behind("]", at_), "a quoted name");
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
        return number();
    }
    if (c == '$' && lexis_->dollar_quotes) {
        return dollar();
    }
    return among(c, lexis_->variable_signs) ? variable() : sign();
}

Result<Token> Lexer::comment() {
    const std::size_t begin = at_;
    const TokenKind kind = lexis_->q_quotes && peek(2) == '+' ? TokenKind::hint : TokenKind::comment;
    if (peek() == '-') {
        const std::size_t end = std::min(text_.find_first_of(lexis_->line_ends, begin), text_.size());
        // The `\r` of a line end is none of a hint's.
        return finished(kind, begin, text_.find_last_not_of('\r', end - 1) + 1, "a comment");
    }
    if (!lexis_->nested_comments) {
        return finished(kind, begin, behind("*/", begin + 2), "a comment");
    }
    std::size_t end = begin + 2;
    for (std::size_t depth = 1; depth > 0;) {
        if (end >= text_.size()) {
            return finished(kind, begin, nowhere, "a comment");
        }
        const std::string_view two = text_.substr(end, 2);
        depth = two == "/*" ? depth + 1 : two == "*/" ? depth - 1 : depth;
        end += two == "/*" || two == "*/" ? 2U : 1U;
    }
    return finished(kind, begin, end, "a comment");
}

Result<Token> Lexer::quoted(TokenKind kind, std::size_t begin, char quote) {
    std::size_t end = at_;
    do {
        end = behind(std::string_view(&quote, 1), end + 1);
    } while (end != nowhere && end < text_.size() && text_[end] == quote);
    return finished(kind, begin, end, kind == TokenKind::text ? "a text" : "a quoted name");
}

/// Behind the quote that ends a text with backslashes which begins before `from`.
std::size_t Lexer::end_of_segment(std::size_t from) const noexcept {
    for (std::size_t i = from; i < text_.size(); ++i) {
        if (text_[i] == '\\') {
            ++i;
        } else if (text_[i] == '\'') {
            if (i + 1 >= text_.size() || text_[i + 1] != '\'') {
                return i + 1;
            }
            ++i;
        }
    }
    return nowhere;
}

/// Behind the quote that goes on with a text: on a later line, only blanks and `--` comments between.
std::size_t Lexer::continuation(std::size_t from) const noexcept {
    bool new_line = false;
    for (std::size_t i = from; i < text_.size(); ++i) {
        if (text_[i] == '\'') {
            return new_line ? i + 1 : nowhere;
        }
        if (text_.substr(i, 2) == "--") {
            i = text_.find_first_of(lexis_->line_ends, i);
            if (i == nowhere) {
                return nowhere;
            }
        }
        if (!among(text_[i], lexis_->blanks)) {
            return nowhere;
        }
        new_line = new_line || among(text_[i], lexis_->line_ends);
    }
    return nowhere;
}

Result<Token> Lexer::escaped(std::size_t begin) {
    std::size_t end = nowhere;
    for (std::size_t from = at_ + 1; from != nowhere;) {
        end = end_of_segment(from);
        from = end == nowhere ? nowhere : continuation(end);
    }
    return finished(TokenKind::text, begin, end, "a text");
}

Result<Token> Lexer::q_quoted(std::size_t begin) {
    const std::size_t opening = at_ + 1;
    if (opening >= text_.size()) {
        return finished(TokenKind::text, begin, nowhere, "a text");
    }
    std::size_t width = 1;
    while (static_cast<unsigned char>(text_[opening]) >= 0xC0U && opening + width < text_.size() &&
           (static_cast<unsigned char>(text_[opening + width]) & 0xC0U) == 0x80U) {
        ++width;
    }
    std::string mark(text_.substr(opening, width));
    mark[0] = closing(mark[0]);
    return finished(TokenKind::text, begin, behind(mark + '\'', opening + width), "a text");
}

Result<Token> Lexer::dollar() {
    const std::size_t begin = at_;
    std::size_t end = begin + 1;
    if (is_digit(peek(1))) {
        while (end < text_.size() && is_digit(text_[end])) {
            ++end;
        }
        return finished(TokenKind::sign, begin, end, "");
    }
    while (end < text_.size() && (begins_word(text_[end]) || is_digit(text_[end]))) {
        ++end;
    }
    if (end >= text_.size() || text_[end] != '$') {
        return finished(TokenKind::sign, begin, begin + 1, "");
    }
    const std::string_view tag = text_.substr(begin, end + 1 - begin);
    return finished(TokenKind::text, begin, behind(tag, end + 1), "a dollar quote");
}

Result<Token> Lexer::word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_word(text_[at_])) {
        ++at_;
    }
    const std::size_t length = at_ - begin;
    const char first = ascii_lower(text_[begin]);
    if (lexis_->dollar_quotes && length == 1 && first == 'u' && peek() == '&' &&
        (peek(1) == '\'' || peek(1) == '"')) {
        ++at_;
        return quoted(peek() == '"' ? TokenKind::name : TokenKind::text, begin, peek());
    }
    if (peek() != '\'') {
        return Token{TokenKind::word, begin, at_};
    }
    if (lexis_->q_quotes && ascii_lower(text_[at_ - 1]) == 'q' &&
        (length == 1 || (length == 2 && first == 'n'))) {
        return q_quoted(begin);
    }
    if (length == 1 && among(first, lexis_->literal_letters)) {
        return first == 'e' ? escaped(begin) : quoted(TokenKind::text, begin, '\'');
    }
    return Token{TokenKind::word, begin, at_};
}

Token Lexer::number() {
    const std::size_t begin = at_;
    const auto digits = [&] {
        while (begins_word(peek()) || is_digit(peek())) {
            ++at_;
        }
    };
    digits();
    if (peek() == '.' && peek(1) != '.') {
        ++at_;
        digits();
    }
    const bool exponent =
        ascii_lower(text_[at_ - 1]) == 'e' && (peek() == '+' || peek() == '-') && is_digit(peek(1));
    if (exponent && ascii_lower(text_.substr(begin, 2)) != "0x") {
        ++at_;
        digits();
    }
    return {TokenKind::number, begin, at_};
}

/// SQLite's parameters, with Tcl's `$name::other(anything)`.
Token Lexer::variable() {
    const std::size_t begin = at_++;
    bool named = false;
    while (at_ < text_.size()) {
        if (in_word(text_[at_])) {
            named = true;
            ++at_;
        } else if (text_[begin] != '?' && follows("::")) {
            at_ += 2;
        } else {
            break;
        }
    }
    if (named && text_[begin] != '?' && peek() == '(') {
        const std::size_t stop = text_.find_first_of(" \t\n\f\r)", at_);
        at_ = stop == nowhere ? text_.size() : stop + (text_[stop] == ')' ? 1 : 0);
    }
    return {TokenKind::sign, begin, at_};
}

/// PostgreSQL's: a comment ends it, and `+` or `-` at its end belong to it only beside signs that SQL does not have.
std::size_t Lexer::operator_length() noexcept {
    if (at_ < single_signs_end_) {
        return 1;
    }
    std::size_t length = 0;
    bool unusual = false;
    for (std::size_t i = at_; i < text_.size() && among(text_[i], lexis_->operator_run); ++i, ++length) {
        const std::string_view two = text_.substr(i, 2);
        if (two == "--" || two == "/*") {
            break;
        }
        unusual = unusual || among(text_[i], "~!@#^&|`?%");
    }
    const std::size_t run_end = at_ + length;
    while (!unusual && length > 1 && among(text_[at_ + length - 1], "+-")) {
        --length;
    }
    // What was taken off comes again, sign by sign: not to be looked at anew each time.
    single_signs_end_ = at_ + length < run_end ? run_end : 0;
    return length;
}

Token Lexer::sign() {
    const std::size_t begin = at_;
    std::size_t length = 1;
    if (among(text_[begin], lexis_->operator_run)) {
        length = operator_length();
    }
    for (const std::string_view known : lexis_->operators) {
        if (length == 1 && follows(known)) {
            length = known.size();
        }
    }
    at_ += length;
    return {TokenKind::sign, begin, at_};
}

Token Lexer::foreign() {
    while (at_ < text_.size() && among(text_[at_], lexis_->blanks)) {
        ++at_;
    }
    const std::size_t begin = at_;
    std::size_t end = text_.size();
    for (std::size_t slash = text_.find('/', begin); slash != nowhere; slash = text_.find('/', slash + 1)) {
        if (alone_on_line({TokenKind::sign, slash, slash + 1})) {
            end = slash;
            break;
        }
    }
    at_ = end;
    while (end > begin && among(text_[end - 1], lexis_->blanks)) {
        --end;
    }
    return {TokenKind::foreign, begin, end};
}

}  // namespace majed::migrate
