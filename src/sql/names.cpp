// SPDX-License-Identifier: Apache-2.0
// Cursor steps that concern keywords and names; the rest of Grammar's shared steps are in parser.cpp.
#include "core/ascii.h"
#include "core/utf8.h"
#include "sql/grammar_cursor.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>

namespace majed::sql {
namespace {

Quote quote_of(char open) noexcept {
    switch (open) {
        case '"':
            return Quote::double_quote;
        case '`':
            return Quote::backtick;
        case '[':
            return Quote::bracket;
        case '\'':
            return Quote::single_quote;
        default:
            return Quote::none;
    }
}

/// The text between the quotes, doubled quotes made single; copies only when there are some.
std::string_view unquoted(std::string_view written, Quote quote, Arena& arena) {
    const char close = written.back();
    const std::string_view inner = written.substr(1, written.size() - 2);
    if (quote == Quote::bracket || inner.find(close) == std::string_view::npos) return inner;
    std::string plain;
    plain.reserve(inner.size());
    for (std::size_t i = 0; i < inner.size(); ++i) {
        plain += inner[i];
        if (inner[i] == close) ++i;  // its twin
    }
    return arena.copy(plain);
}

/// `\0061` and `\+000061` of U&"..." made characters; nothing when an escape is malformed or means no character alone.
std::optional<std::string> without_escapes(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            plain += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '\\') {
            plain += text[++i];
            continue;
        }
        const bool longer = i + 1 < text.size() && text[i + 1] == '+';
        const std::size_t first = i + (longer ? 2 : 1);
        const std::size_t digits = longer ? 6 : 4;
        if (first + digits > text.size()) return std::nullopt;
        std::uint32_t point = 0;
        const char* const end = text.data() + first + digits;
        const auto [stop, problem] = std::from_chars(text.data() + first, end, point, 16);
        const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
        if (problem != std::errc() || stop != end || point == 0 || point > 0x10FFFF || surrogate)
            return std::nullopt;
        append_utf8(plain, point);
        i = first + digits - 1;
    }
    return plain;
}

constexpr std::size_t longest_postgres_name = 63;  // NAMEDATALEN - 1: the server cuts a longer one

}  // namespace

bool GrammarCursor::at_word(std::string_view lower, std::size_t ahead) const noexcept {
    const Token& token = peek(ahead);
    const bool word = token.kind == TokenKind::identifier || token.kind == TokenKind::keyword;
    return word && token.length == lower.size() && equal_ascii_case(token.span().in(text_), lower);
}

bool GrammarCursor::accept_word(std::string_view lower) {
    if (!at_word(lower)) {
        if (collecting_) note_expected(lower);
        return false;
    }
    ++at_;
    return true;
}

bool GrammarCursor::accept(Keyword keyword) {
    if (at(keyword)) {
        ++at_;
        return true;
    }
    if (collecting_) note_expected(keyword_name(keyword));
    return false;
}

bool GrammarCursor::accept(Keyword first, Keyword second) {
    if (at(first, second)) {
        at_ += 2;
        return true;
    }
    if (collecting_) note_expected(keyword_name(first));
    return false;
}

bool GrammarCursor::expect(Keyword keyword) {
    if (accept(keyword)) return true;
    return fail(keyword_name(keyword));
}

/// A word or quoted word that may be a name; not a string, not a join keyword (`id` in parse.y, ColId in gram.y).
bool GrammarCursor::at_identifier(std::size_t ahead) const noexcept {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::identifier || token.kind == TokenKind::quoted ||
           (token.kind == TokenKind::keyword && dialect_.uses(token.keyword).name);
}

/// `nm` in SQLite's parse.y: also strings and join keywords.
bool GrammarCursor::at_name(std::size_t ahead) const noexcept {
    if (at_identifier(ahead)) return true;
    return rules().names_from_strings &&
           (peek(ahead).kind == TokenKind::string || dialect_.uses(peek(ahead).keyword).join);
}

/// Of a function or type.
bool GrammarCursor::at_function_name(std::size_t ahead) const noexcept {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::identifier || token.kind == TokenKind::quoted ||
           (token.kind == TokenKind::keyword && dialect_.uses(token.keyword).function);
}

/// After a dot or AS, where PostgreSQL takes every word (ColLabel in gram.y).
bool GrammarCursor::at_label(std::size_t ahead) const noexcept {
    if (at_name(ahead)) return true;
    if (peek(ahead).kind != TokenKind::keyword) return false;
    return rules().postgres || (rules().oracle && (dialect_.uses(peek(ahead).keyword).join ||
                                                   peek(ahead).keyword == Keyword::rowid));
}

Name GrammarCursor::quoted_name(Name name) {
    if (rules().postgres && name.value.size() > longest_postgres_name)
        fail_with(ErrorCode::parse_error, "a name has more than 63 bytes", name.span.begin);
    if (!rules().names_from_strings && name.value.empty())
        fail_with(ErrorCode::parse_error, "a quoted name cannot be empty", name.span.begin);
    return name;
}

Name GrammarCursor::take_name() {
    const Span span = peek().span();
    std::string_view written = span.in(text_);
    ++at_;
    if (written.size() > 3 && written[1] == '&' && written[2] == '"') {
        const auto plain = without_escapes(unquoted(written.substr(2), Quote::double_quote, arena_));
        if (!plain) fail_with(ErrorCode::parse_error, "malformed escape in a quoted name", span.begin);
        return quoted_name(Name{plain ? arena_.copy(*plain) : std::string_view(), span, Quote::double_quote});
    }
    const Quote quote = quote_of(written.front());
    if (quote != Quote::none) return quoted_name(Name{unquoted(written, quote, arena_), span, quote});
    if (rules().names_from_strings) return Name{written, span, quote};  // compared without case
    if (rules().postgres && written.size() > longest_postgres_name)
        fail_with(ErrorCode::parse_error, "a name has more than 63 bytes", span.begin);
    const bool folded = std::none_of(written.begin(), written.end(), [this](char c) {
        return rules().oracle ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
    });
    if (folded) return Name{written, span, quote};
    char* const letters = arena_.make_array<char>(written.size());
    std::transform(written.begin(), written.end(), letters,
                   [this](char c) { return rules().oracle ? ascii_upper(c) : ascii_lower(c); });
    return Name{{letters, written.size()}, span, quote};
}

bool GrammarCursor::name(Name& into, std::string_view described) {
    if (!at_name()) return fail(described);
    into = take_name();
    return !failed_;
}

bool GrammarCursor::label_name(Name& into, std::string_view described) {
    if (!at_label()) return fail(described);
    into = take_name();
    return !failed_;
}

bool GrammarCursor::name_list(List<NameNode>& names) {
    do {
        NameNode* item = node<NameNode>();
        if (item == nullptr || !name(item->name, "a column name")) return false;
        names.append(item);
    } while (comma());
    return true;
}

}  // namespace majed::sql
