// SPDX-License-Identifier: Apache-2.0
#include "sql_scan.h"

#include <array>

namespace majed::oci_double {
namespace {

constexpr std::string_view hint_prefix = "double:";
constexpr auto two_character_symbols =
    std::to_array<std::string_view>({"<=", ">=", "<>", "!=", "^=", "||", ":=", "=>", ".."});
constexpr std::string_view foreign_characters = "`[]{}%&\\~";

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_word_part(char c) {
    return is_letter(c) || is_digit(c) || c == '$' || c == '#';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

char closing_of(char opening) {
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

class Scanner {
public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    ScannedSql run() {
        while (skip_blank() && !out_.problem) {
            scan_one();
        }
        out_.tokens.push_back({.kind = TokenKind::end, .text = {}, .begin = sql_.size(), .end = sql_.size()});
        return std::move(out_);
    }

private:
    char at(std::size_t ahead) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

    /// Also takes comments; false at the end.
    bool skip_blank() {
        while (at_ < sql_.size()) {
            if (is_space(sql_[at_])) {
                ++at_;
            } else if (at(0) == '-' && at(1) == '-') {
                at_ = std::min(sql_.find('\n', at_), sql_.size());
            } else if (at(0) == '/' && at(1) == '*') {
                take_comment();
            } else {
                return true;
            }
        }
        return false;
    }

    void take_comment() {
        const std::size_t end = std::min(sql_.find("*/", at_ + 2), sql_.size());
        std::string_view body = sql_.substr(at_ + 2, end - at_ - 2);
        while (!body.empty() && is_space(body.front())) {
            body.remove_prefix(1);
        }
        if (body.starts_with(hint_prefix)) {
            out_.hints.emplace_back(body.substr(hint_prefix.size()));
        }
        at_ = std::min(end + 2, sql_.size());
    }

    void scan_one() {
        const char c = at(0);
        if ((c == 'N' || c == 'n') && at(1) == '\'') {
            ++at_;
            take_text();
        } else if ((c == 'Q' || c == 'q') && at(1) == '\'') {
            take_alternative_text();
        } else if (c == '\'') {
            take_text();
        } else if (c == '"') {
            take_quoted_name();
        } else if (is_letter(c)) {
            take_word();
        } else if (is_digit(c) || (c == '.' && is_digit(at(1)))) {
            take_number();
        } else if (c == ':' && (is_word_part(at(1)) || at(1) == '"')) {
            take_bind();
        } else if (foreign_characters.find(c) != std::string_view::npos) {
            out_.problem = oracle_error(911, {}, static_cast<int>(at_));
        } else {
            take_symbol();
        }
    }

    void add(TokenKind kind, std::string text, std::size_t begin) {
        out_.tokens.push_back({.kind = kind, .text = std::move(text), .begin = begin, .end = at_});
    }

    /// A quote inside is written twice.
    bool take_until(char quote, std::string& text) {
        const std::size_t begin = at_++;
        while (at_ < sql_.size()) {
            if (sql_[at_] == quote && at(1) == quote) {
                text += quote;
                at_ += 2;
            } else if (sql_[at_] == quote) {
                ++at_;
                return true;
            } else {
                text += sql_[at_++];
            }
        }
        out_.problem = oracle_error(1756, {}, static_cast<int>(begin));
        return false;
    }

    void take_text() {
        const std::size_t begin = at_;
        std::string text;
        if (take_until('\'', text)) {
            add(TokenKind::text, std::move(text), begin);
        }
    }

    void take_alternative_text() {
        const std::size_t begin = at_;
        const char closing = closing_of(at(2));
        const std::string end = std::string{closing} + "'";
        const std::size_t found = sql_.find(end, at_ + 3);
        if (found == std::string_view::npos) {
            out_.problem = oracle_error(1756, {}, static_cast<int>(begin));
            return;
        }
        std::string text{sql_.substr(at_ + 3, found - at_ - 3)};
        at_ = found + 2;
        add(TokenKind::text, std::move(text), begin);
    }

    void take_quoted_name() {
        const std::size_t begin = at_;
        std::string text;
        if (take_until('"', text)) {
            add(TokenKind::quoted_name, std::move(text), begin);
        }
    }

    void take_word() {
        const std::size_t begin = at_;
        while (is_word_part(at(0))) {
            ++at_;
        }
        add(TokenKind::word, upper(sql_.substr(begin, at_ - begin)), begin);
    }

    void take_number() {
        const std::size_t begin = at_;
        while (is_digit(at(0)) || at(0) == '.') {
            ++at_;
        }
        const std::size_t sign = at(1) == '+' || at(1) == '-' ? 2 : 1;
        if ((at(0) == 'e' || at(0) == 'E') && is_digit(at(sign))) {
            at_ += sign;
            while (is_digit(at(0))) {
                ++at_;
            }
        }
        std::string text{sql_.substr(begin, at_ - begin)};
        // 1.5d and 1.5f are binary numbers.
        if ((at(0) == 'd' || at(0) == 'D' || at(0) == 'f' || at(0) == 'F') && !is_word_part(at(1))) {
            ++at_;
        }
        add(TokenKind::number, std::move(text), begin);
    }

    void take_bind() {
        const std::size_t begin = at_++;
        if (at(0) == '"') {
            std::string name;
            if (take_until('"', name)) {
                add(TokenKind::bind, std::move(name), begin);
            }
            return;
        }
        while (is_word_part(at(0))) {
            ++at_;
        }
        add(TokenKind::bind, upper(sql_.substr(begin + 1, at_ - begin - 1)), begin);
    }

    void take_symbol() {
        const std::size_t begin = at_;
        for (const std::string_view symbol : two_character_symbols) {
            if (sql_.substr(at_).starts_with(symbol)) {
                at_ += symbol.size();
                add(TokenKind::symbol, std::string{symbol}, begin);
                return;
            }
        }
        if (at(0) == '^') {
            out_.problem = oracle_error(911, {}, static_cast<int>(at_));
            return;
        }
        ++at_;
        add(TokenKind::symbol, std::string{sql_.substr(begin, 1)}, begin);
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    ScannedSql out_;
};

std::string quoted(char quote, std::string_view text) {
    std::string out{quote};
    for (const char c : text) {
        out += c;
        if (c == quote) {
            out += c;
        }
    }
    return out + quote;
}

}  // namespace

ScannedSql scan_sql(std::string_view sql) {
    return Scanner(sql).run();
}

std::string normalised(const std::vector<Token>& tokens) {
    std::string out;
    for (const Token& token : tokens) {
        if (token.kind == TokenKind::end) {
            break;
        }
        out += out.empty() ? "" : " ";
        if (token.kind == TokenKind::text) {
            out += quoted('\'', token.text);
        } else if (token.kind == TokenKind::quoted_name) {
            out += quoted('"', token.text);
        } else {
            out += (token.kind == TokenKind::bind ? ":" : "") + token.text;
        }
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

}  // namespace majed::oci_double
