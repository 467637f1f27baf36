// SPDX-License-Identifier: Apache-2.0
// Cursor steps that concern keywords and names; the rest of Grammar's shared steps are in parser.cpp.
#include "sql/grammar.h"
#include "sql/keyword.h"

#include <cstddef>
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

}  // namespace

bool Grammar::accept(Keyword keyword) {
    if (at(keyword)) {
        ++at_;
        return true;
    }
    if (collecting_) note_expected(keyword_name(keyword));
    return false;
}

bool Grammar::expect(Keyword keyword) {
    if (accept(keyword)) return true;
    return fail(keyword_name(keyword));
}

/// A word or quoted word that may be a name; not a string, not a join keyword (`id` in parse.y).
bool Grammar::at_identifier(std::size_t ahead) const noexcept {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::identifier || token.kind == TokenKind::quoted ||
           (token.kind == TokenKind::keyword && usable_as_name(token.keyword));
}

/// `nm` in parse.y: also strings and join keywords.
bool Grammar::at_name(std::size_t ahead) const noexcept {
    return at_identifier(ahead) || peek(ahead).kind == TokenKind::string ||
           is_join_keyword(peek(ahead).keyword);
}

Name Grammar::take_name() {
    const Span span = peek().span();
    const std::string_view written = span.in(text_);
    ++at_;
    const Quote quote = quote_of(written.front());
    if (quote == Quote::none) return Name{written, span, quote};
    return Name{unquoted(written, quote, arena_), span, quote};
}

bool Grammar::name(Name& into, std::string_view described) {
    if (!at_name()) return fail(described);
    into = take_name();
    return true;
}

}  // namespace majed::sql
