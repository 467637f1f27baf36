// SPDX-License-Identifier: Apache-2.0
// Names of types, in CAST, after :: and in definitions of columns.
#include "sql/grammar.h"

namespace majed::sql {

bool Grammar::type_name(Name& into) {
    const std::uint32_t begin = begin_offset();
    const bool found = rules().postgres ? postgres_type() : rules().oracle ? oracle_type() : sqlite_type();
    if (!found) return false;
    if (end_offset() > begin) {
        into.span = since(begin);
        into.value = into.span.in(text_);
        into.quote = Quote::none;
    }
    return !failed_;
}

/// `VARCHAR`, `DOUBLE PRECISION`, `NUMERIC(10, -2)`; also nothing at all, as in parse.y.
bool Grammar::sqlite_type() {
    const std::uint32_t begin = begin_offset();
    while (at_identifier() || at(TokenKind::string)) ++at_;
    if (end_offset() <= begin || !accept(TokenKind::left_paren, "\"(\"")) return true;
    do {
        if (at(TokenKind::plus) || at(TokenKind::minus)) ++at_;
        if (!at(TokenKind::integer) && !at(TokenKind::real)) return fail("a number");
        ++at_;
    } while (comma());
    return close_paren();
}

/// [(n, m)] after the name of a type; Oracle adds BYTE, CHAR and *.
bool Grammar::type_arguments() {
    if (!accept(TokenKind::left_paren, "\"(\"")) return true;
    do {
        if (rules().oracle && accept(TokenKind::star, "\"*\"")) continue;
        if (at(TokenKind::plus) || at(TokenKind::minus)) ++at_;
        // PostgreSQL takes words too, for the modifiers of types from extensions.
        const bool word = rules().postgres && (at_identifier() || at(TokenKind::string));
        if (!at(TokenKind::integer) && !word) return fail("a number");
        ++at_;
        if (rules().oracle && !accept_word("byte")) accept(Keyword::char_);
    } while (comma());
    return close_paren();
}

bool Grammar::time_zone_words() {
    if ((at(Keyword::with) || at(Keyword::without)) && peek(1).keyword == Keyword::time) {
        at_ += 2;
        return expect(Keyword::zone);
    }
    if (rules().oracle && at(Keyword::with) && peek(1).keyword == Keyword::local) {
        at_ += 2;
        return expect(Keyword::time) && expect(Keyword::zone);
    }
    return true;
}

bool Grammar::array_bounds() {
    if (accept(Keyword::array)) {
        if (!accept(TokenKind::left_bracket, "\"[\"")) return true;
        if (!at(TokenKind::integer)) return fail("a number");
        ++at_;
        return expect(TokenKind::right_bracket, "\"]\"");
    }
    while (accept(TokenKind::left_bracket, "\"[\"")) {
        if (at(TokenKind::integer)) ++at_;
        if (!expect(TokenKind::right_bracket, "\"]\"")) return false;
    }
    return true;
}

/// Typename in gram.y.
bool Grammar::postgres_type() {
    accept(Keyword::setof);
    return postgres_simple_type() && array_bounds();
}

bool Grammar::postgres_simple_type() {
    const Keyword keyword = peek().keyword;
    if (is_any<Keyword::national, Keyword::character, Keyword::char_, Keyword::nchar>(keyword)) {
        if (accept(Keyword::national)) {
            if (!accept(Keyword::character) && !accept(Keyword::char_)) return fail("CHARACTER");
        } else {
            ++at_;
        }
        accept(Keyword::varying);
        return type_arguments();
    }
    if (accept(Keyword::bit)) {
        accept(Keyword::varying);
        return type_arguments();
    }
    if (accept(Keyword::time) || accept(Keyword::timestamp)) return type_arguments() && time_zone_words();
    if (accept(Keyword::interval)) return at(TokenKind::left_paren) ? type_arguments() : interval_fields();
    if (is_any<Keyword::int_, Keyword::integer, Keyword::smallint, Keyword::bigint, Keyword::real,
               Keyword::boolean, Keyword::float_, Keyword::decimal, Keyword::dec, Keyword::numeric,
               Keyword::varchar>(keyword)) {
        ++at_;
        return type_arguments();
    }
    if (at_word("double") && peek(1).keyword == Keyword::precision) {
        at_ += 2;
        return true;
    }
    if (!at_function_name()) return fail("a type");
    static_cast<void>(take_name());
    while (accept(TokenKind::dot, "\".\"")) {
        Name part;
        if (!label_name(part, "a type")) return false;
    }
    if (at(TokenKind::percent) && at_word("type", 1)) {
        at_ += 2;
        return true;
    }
    return type_arguments();
}

bool Grammar::oracle_type() {
    if (accept(Keyword::timestamp)) return type_arguments() && time_zone_words();
    if (accept(Keyword::interval)) return interval_fields();
    if (accept(Keyword::long_)) {
        accept(Keyword::raw);
        return true;
    }
    if (accept_word("double")) return accept_word("precision") || fail("PRECISION");
    if (accept_word("national"))
        return (accept_word("character") || accept(Keyword::char_)) && (accept_word("varying") || true) &&
               type_arguments();
    if (accept_word("character")) {
        accept_word("varying");
        return type_arguments();
    }
    accept_word("ref");
    const Keyword keyword = peek().keyword;
    const bool reserved = is_any<Keyword::number, Keyword::varchar2, Keyword::varchar, Keyword::char_,
                                 Keyword::date, Keyword::raw, Keyword::integer, Keyword::smallint,
                                 Keyword::float_, Keyword::decimal, Keyword::rowid>(keyword);
    if (!reserved && !at_function_name()) return fail("a type");
    ++at_;
    while (accept(TokenKind::dot, "\".\"")) {
        Name part;
        if (!label_name(part, "a type")) return false;
    }
    return type_arguments();
}

}  // namespace majed::sql
