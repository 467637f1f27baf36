// SPDX-License-Identifier: Apache-2.0
#include "sql/dialect.h"

namespace majed::sql {
namespace {

using Bytes = std::array<ByteClass, 256>;
using InfixTable = std::array<Infix, token_kinds>;

constexpr Bytes bytes_with(std::string_view quotes, std::string_view word_starts) {
    Bytes result{};
    for (int c = 0; c < 256; ++c) {
        const auto i = static_cast<std::size_t>(c);
        const char as_char = static_cast<char>(c);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
            result[i] = ByteClass::space;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 ||
                   (c < 0x80 && word_starts.find(as_char) != std::string_view::npos)) {
            result[i] = ByteClass::word;
        } else if (c >= '0' && c <= '9') {
            result[i] = ByteClass::digit;
        } else if (c < 0x80 && quotes.find(as_char) != std::string_view::npos) {
            result[i] = ByteClass::quote;
        } else {
            result[i] = c > ' ' && c < 0x7f ? ByteClass::other : ByteClass::bad;
        }
    }
    return result;
}

struct Row {
    TokenKind kind;
    Operator op;
    int power;
    bool chains = true;
};

template <std::size_t size>
constexpr InfixTable infix_of(const Row (&rows)[size]) {
    InfixTable table{};
    for (const Row& row : rows)
        table.at(static_cast<std::size_t>(row.kind)) = {row.op, row.power, row.chains};
    return table;
}

// The %left and %right lines of SQLite's parse.y. ESCAPE, at 6, is part of LIKE.
constexpr InfixTable sqlite_infix = infix_of({
    {TokenKind::equal, Operator::equal, 4},
    {TokenKind::not_equal, Operator::not_equal, 4},
    {TokenKind::less, Operator::less, 5},
    {TokenKind::less_equal, Operator::less_equal, 5},
    {TokenKind::greater, Operator::greater, 5},
    {TokenKind::greater_equal, Operator::greater_equal, 5},
    {TokenKind::ampersand, Operator::bit_and, 7},
    {TokenKind::pipe, Operator::bit_or, 7},
    {TokenKind::shift_left, Operator::shift_left, 7},
    {TokenKind::shift_right, Operator::shift_right, 7},
    {TokenKind::plus, Operator::add, 8},
    {TokenKind::minus, Operator::subtract, 8},
    {TokenKind::star, Operator::multiply, 9},
    {TokenKind::slash, Operator::divide, 9},
    {TokenKind::percent, Operator::modulo, 9},
    {TokenKind::concat, Operator::concat, 10},
    {TokenKind::arrow, Operator::arrow, 10},
    {TokenKind::double_arrow, Operator::double_arrow, 10},
});

// The %left, %right and %nonassoc lines of PostgreSQL's gram.y.
constexpr int postgres_operator = 7;
constexpr InfixTable postgres_infix = infix_of({
    {TokenKind::equal, Operator::equal, 5, false},
    {TokenKind::not_equal, Operator::not_equal, 5, false},
    {TokenKind::less, Operator::less, 5, false},
    {TokenKind::less_equal, Operator::less_equal, 5, false},
    {TokenKind::greater, Operator::greater, 5, false},
    {TokenKind::greater_equal, Operator::greater_equal, 5, false},
    {TokenKind::ampersand, Operator::bit_and, postgres_operator},
    {TokenKind::pipe, Operator::bit_or, postgres_operator},
    {TokenKind::shift_left, Operator::shift_left, postgres_operator},
    {TokenKind::shift_right, Operator::shift_right, postgres_operator},
    {TokenKind::tilde, Operator::custom, postgres_operator},
    {TokenKind::concat, Operator::concat, postgres_operator},
    {TokenKind::arrow, Operator::arrow, postgres_operator},
    {TokenKind::double_arrow, Operator::double_arrow, postgres_operator},
    {TokenKind::other_operator, Operator::custom, postgres_operator},
    {TokenKind::plus, Operator::add, 8},
    {TokenKind::minus, Operator::subtract, 8},
    {TokenKind::star, Operator::multiply, 9},
    {TokenKind::slash, Operator::divide, 9},
    {TokenKind::percent, Operator::modulo, 9},
    {TokenKind::caret, Operator::power, 10},
});

// SQL Language Reference, "Operator Precedence" and "Condition Precedence".
constexpr InfixTable oracle_infix = infix_of({
    {TokenKind::equal, Operator::equal, 5, false},
    {TokenKind::not_equal, Operator::not_equal, 5, false},
    {TokenKind::less, Operator::less, 5, false},
    {TokenKind::less_equal, Operator::less_equal, 5, false},
    {TokenKind::greater, Operator::greater, 5, false},
    {TokenKind::greater_equal, Operator::greater_equal, 5, false},
    {TokenKind::plus, Operator::add, 8},
    {TokenKind::minus, Operator::subtract, 8},
    {TokenKind::concat, Operator::concat, 8},
    {TokenKind::star, Operator::multiply, 9},
    {TokenKind::slash, Operator::divide, 9},
});

constexpr Dialect make_sqlite() {
    Dialect d;
    d.id = DialectId::sqlite;
    d.name = "sqlite";
    d.bytes = bytes_with("'\"`[", "_");
    d.lexical.double_equal = true;
    d.lexical.blobs = true;
    d.lexical.hex_integers = true;
    d.lexical.question_binds = true;
    d.lexical.named_binds = true;
    d.lexical.at_binds = true;
    d.lexical.dollar_names = true;
    d.lexical.word_marks = "$";
    d.powers.is = 4;
    d.powers.comparison = 4;
    d.powers.pattern = 4;
    d.powers.collate = 11;
    d.powers.unary = 12;
    d.infix = sqlite_infix;
    d.grammar.names_from_strings = true;
    d.grammar.glob_and_match = true;
    d.grammar.in_table = true;
    d.writes.violations = true;
    d.writes.index_hints = true;
    d.writes.with_before = true;
    d.writes.default_rows = true;
    d.writes.conflicts = true;
    d.writes.returning = true;
    return d;
}

constexpr Dialect make_postgres() {
    Dialect d;
    d.id = DialectId::postgres;
    d.name = "postgres";
    d.bytes = bytes_with("'\"", "_");
    d.lexical.nested_comments = true;
    d.lexical.prefixed_strings = true;
    d.lexical.dollar_quotes = true;
    d.lexical.continued_strings = true;
    d.lexical.dollar_numbers = true;
    d.lexical.free_operators = true;
    d.lexical.word_marks = "$";
    d.powers.is = 4;
    d.powers.comparison = 5;
    d.powers.pattern = 6;
    d.powers.at_zone = 11;
    d.powers.collate = 12;
    d.powers.unary = 13;
    d.infix = postgres_infix;
    d.grammar.ilike_and_similar = true;
    d.grammar.postgres = true;
    d.scopes.whole_rows = true;
    d.writes.with_before = true;
    d.writes.default_rows = true;
    d.writes.default_values = true;
    d.writes.overriding = true;
    d.writes.conflicts = true;
    d.writes.column_parts = true;
    d.writes.returning = true;
    d.writes.merges = true;
    return d;
}

constexpr Dialect make_oracle() {
    Dialect d;
    d.id = DialectId::oracle;
    d.name = "oracle";
    d.bytes = bytes_with("'\"", "_");
    d.lexical.national_strings = true;
    d.lexical.alternative_quotes = true;
    d.lexical.doubled_quotes = false;
    d.lexical.named_binds = true;
    d.lexical.numbered_colon_binds = true;
    d.lexical.number_suffixes = true;
    d.lexical.word_marks = "$#";
    d.powers.is = 5;
    d.powers.comparison = 5;
    d.powers.pattern = 5;
    d.powers.at_zone = 10;
    d.powers.collate = 11;
    d.powers.unary = 12;
    d.infix = oracle_infix;
    d.grammar.like2_and_like4 = true;
    d.grammar.oracle = true;
    d.scopes.recursive_by_itself = true;
    d.scopes.aliases_in_order = true;
    d.scopes.bare_functions = true;
    d.writes.default_values = true;
    d.writes.qualified_columns = true;
    d.writes.merges = true;
    return d;
}

constexpr Dialect with_keywords(Dialect d, const KeywordTable& keywords) {
    d.keywords = &keywords;
    return d;
}

}  // namespace

const Dialect& dialect_of(DialectId id) noexcept {
    static const Dialect sqlite = with_keywords(make_sqlite(), sqlite_keywords());
    static const Dialect postgres = with_keywords(make_postgres(), postgres_keywords());
    static const Dialect oracle = with_keywords(make_oracle(), oracle_keywords());
    if (id == DialectId::postgres) return postgres;
    return id == DialectId::oracle ? oracle : sqlite;
}

}  // namespace majed::sql
