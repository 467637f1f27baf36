// SPDX-License-Identifier: Apache-2.0
#include "migrate/picture_sqlite_tokens.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>

namespace majed::migrate::sqlite_text {

namespace {

/// Those that SQLite takes for no name without quotes.
constexpr std::array<std::string_view, 60> reserved{
    "add",    "all",      "alter",  "and",        "as",     "autoincrement", "between",    "case",
    "check",  "collate",  "commit", "constraint", "create", "cross",         "default",    "deferrable",
    "delete", "distinct", "drop",   "else",       "escape", "exists",        "foreign",    "from",
    "group",  "having",   "in",     "index",      "inner",  "insert",        "intersect",  "into",
    "is",     "isnull",   "join",   "left",       "limit",  "natural",       "not",        "notnull",
    "null",   "on",       "or",     "order",      "outer",  "primary",       "references", "returning",
    "select", "set",      "table",  "then",       "to",     "transaction",   "union",      "unique",
    "update", "using",    "values", "when"};
constexpr std::array<std::string_view, 3> more_reserved{"where", "except", "nothing"};

constexpr std::array<std::string_view, 14> clause_words{"select",    "from",   "where",  "group", "having",
                                                        "order",     "limit",  "union",  "begin", "except",
                                                        "intersect", "window", "values", "set"};

constexpr std::array<std::string_view, 10> long_symbols{"->>", "||", "<=", ">=", "<>",
                                                        "!=",  "==", "<<", ">>", "->"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool begins_word(char c) {
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80U;
}

bool continues_word(char c) {
    return begins_word(c) || is_digit(c) || c == '$';
}

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

class Scanner {
public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    std::vector<Token> run() {
        while (at_ < sql_.size()) {
            if (!skip()) {
                tokens_.push_back(take());
            }
        }
        return std::move(tokens_);
    }

private:
    char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

    bool skip() {
        if (is_blank(peek())) {
            ++at_;
            return true;
        }
        if (peek() == '-' && peek(1) == '-') {
            at_ = std::min(sql_.find('\n', at_), sql_.size());
            return true;
        }
        if (peek() == '/' && peek(1) == '*') {
            const std::size_t end = sql_.find("*/", at_ + 2);
            at_ = end == std::string_view::npos ? sql_.size() : end + 2;
            return true;
        }
        return false;
    }

    Token take() {
        const char c = peek();
        if (c == '\'') {
            return take_text(at_, '\'');
        }
        if (ascii_lower(c) == 'x' && peek(1) == '\'') {
            ++at_;
            return take_text(at_ - 1, '\'');
        }
        if (c == '"' || c == '`' || c == '[') {
            return take_name(c == '[' ? ']' : c);
        }
        if (begins_word(c)) {
            return {TokenKind::word, ascii_lower(take_while(continues_word))};
        }
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            return take_number();
        }
        return take_symbol();
    }

    template <class Condition>
    std::string_view take_while(Condition holds) {
        const std::size_t begin = at_;
        while (at_ < sql_.size() && holds(sql_[at_])) {
            ++at_;
        }
        return sql_.substr(begin, at_ - begin);
    }

    /// `at_` is on the opening quote.
    Token take_text(std::size_t begin, char quote) {
        skip_quoted(quote);
        std::string text(sql_.substr(begin, at_ - begin));
        if (text.front() != quote) {
            text = ascii_lower(text);
        }
        return {TokenKind::text, std::move(text)};
    }

    Token take_name(char quote) {
        const std::size_t begin = at_ + 1;
        skip_quoted(quote);
        const bool closed = at_ > begin && sql_[at_ - 1] == quote;
        const std::string_view inside = sql_.substr(begin, at_ - begin - (closed ? 1 : 0));
        std::string name;
        for (std::size_t i = 0; i < inside.size(); ++i) {
            name += inside[i];
            const bool doubled = quote != ']' && inside[i] == quote;
            i += doubled ? 1U : 0U;
        }
        return {TokenKind::name, std::move(name)};
    }

    void skip_quoted(char quote) {
        for (++at_; at_ < sql_.size(); ++at_) {
            if (sql_[at_] != quote) {
                continue;
            }
            if (quote == ']' || peek(1) != quote) {
                ++at_;
                return;
            }
            ++at_;
        }
    }

    Token take_number() {
        const std::size_t begin = at_;
        while (at_ < sql_.size()) {
            const char before = at_ == begin ? '0' : ascii_lower(sql_[at_ - 1]);
            const bool sign = (sql_[at_] == '+' || sql_[at_] == '-') && before == 'e' &&
                              ascii_lower(std::string_view(sql_).substr(begin, 2)) != "0x";
            if (!continues_word(sql_[at_]) && sql_[at_] != '.' && !sign) {
                break;
            }
            ++at_;
        }
        return {TokenKind::number, ascii_lower(sql_.substr(begin, at_ - begin))};
    }

    Token take_symbol() {
        for (const std::string_view symbol : long_symbols) {
            if (sql_.substr(at_).starts_with(symbol)) {
                at_ += symbol.size();
                return {TokenKind::symbol, std::string(symbol)};
            }
        }
        return {TokenKind::symbol, std::string(1, sql_[at_++])};
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

bool is_plain(std::string_view name) {
    return !name.empty() && begins_word(name.front()) &&
           std::all_of(name.begin(), name.end(), [](char c) { return continues_word(c); });
}

bool is_reserved(std::string_view word) {
    return std::find(reserved.begin(), reserved.end(), word) != reserved.end() ||
           std::find(more_reserved.begin(), more_reserved.end(), word) != more_reserved.end();
}

std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        text += c == '"' ? "\"" : "";
    }
    return text + '"';
}

std::string text_of(const Token& token, const Token* before, const KnownNames& names) {
    if (token.kind != TokenKind::name) {
        return token.text;
    }
    std::string folded = ascii_lower(token.text);
    const bool may_be_text = before != nullptr && before->is("default");
    if (may_be_text || !names.contains(folded)) {
        return quoted(token.text);
    }
    return is_plain(folded) && !is_reserved(folded) ? folded : quoted(folded);
}

bool stands_alone(const Token& before, const Token& token) {
    constexpr std::string_view closing = ",).;";
    const bool closes = token.kind == TokenKind::symbol && closing.find(token.text) != std::string_view::npos;
    return !(closes || before.is("(") || before.is("."));
}

bool begins_line(const Token& token) {
    return token.kind == TokenKind::word &&
           std::find(clause_words.begin(), clause_words.end(), token.text) != clause_words.end();
}

}  // namespace

std::vector<Token> tokens_of(std::string_view sql) {
    return Scanner(sql).run();
}

std::string canonical(std::span<const Token> tokens, const KnownNames& names) {
    std::string text;
    const Token* before = nullptr;
    for (const Token& token : tokens) {
        if (before != nullptr && (before->is(";") || begins_line(token))) {
            text += '\n';
        } else if (before != nullptr && stands_alone(*before, token)) {
            text += ' ';
        }
        text += text_of(token, before, names);
        before = &token;
    }
    return text;
}

std::string shown_name(std::string_view name) {
    const std::string folded = ascii_lower(name);
    return is_plain(folded) ? folded : quoted(folded);
}

TableParts parts_of_table(std::span<const Token> tokens) {
    TableParts parts;
    const auto opening = std::find_if(tokens.begin(), tokens.end(), [](const Token& t) { return t.is("("); });
    if (opening == tokens.end()) {
        return parts;
    }
    auto index = static_cast<std::size_t>(opening - tokens.begin()) + 1;
    std::size_t begin = index;
    for (std::size_t depth = 1; index < tokens.size() && depth > 0; ++index) {
        depth += tokens[index].is("(") ? 1U : 0U;
        depth -= tokens[index].is(")") ? 1U : 0U;
        if (depth == 0 || (depth == 1 && tokens[index].is(","))) {
            parts.items.push_back(tokens.subspan(begin, index - begin));
            begin = index + 1;
        }
    }
    parts.options = tokens.subspan(index);
    return parts;
}

}  // namespace majed::migrate::sqlite_text
