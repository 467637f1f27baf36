/// What differs between the SQL of SQLite, PostgreSQL and Oracle, as data: one lexer and one grammar read it.
///
/// Why      Three parsers would differ where they should not; a table shows where they must.
/// Life     Constants of the program.
/// Threads  Read only.
/// Not here What names mean (resolver.h), which functions are known (functions.h).
///
/// Sources: SQLite 3.40.1 src/tokenize.c, src/parse.y; PostgreSQL 15 src/backend/parser/scan.l, gram.y; Oracle Database
/// SQL Language Reference 19c and 23ai.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/expression_tree.h"
#include "sql/keyword.h"
#include "sql/token.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace majed::sql {

enum class DialectId : std::uint8_t { sqlite, postgres, oracle };

/// The part of a token that a byte begins.
enum class ByteClass : std::uint8_t { bad, space, word, digit, quote, other };

/// Rules of the lexer beyond the classes of bytes.
struct LexicalRules {
    bool nested_comments = false;
    bool double_equal = false;        ///< == is =
    bool blobs = false;               ///< x'00ff' is bytes; else a bit string where prefixes are known.
    bool hex_integers = false;        ///< 0x1F
    bool prefixed_strings = false;    ///< PostgreSQL: E'' U&'' U&"" B'' X'' N''
    bool national_strings = false;    ///< Oracle: N''
    bool alternative_quotes = false;  ///< Oracle: q'[text]', nq'[text]'
    bool dollar_quotes = false;       ///< $tag$text$tag$
    bool continued_strings = false;   ///< 'a' <newline> 'b' is 'ab'
    bool doubled_quotes = true;       ///< "" inside a quoted name is one quote; else it ends the name twice.
    bool question_binds = false;      ///< ? ?1
    bool named_binds = false;         ///< :name
    bool numbered_colon_binds = false;  ///< :1
    bool at_binds = false;              ///< @name
    bool dollar_names = false;          ///< $name, also $a::b and $a(b)
    bool dollar_numbers = false;        ///< $1
    bool free_operators = false;        ///< Operators are any run of the operator characters.
    bool number_suffixes = false;       ///< 1f 1d
    std::string_view word_marks;        ///< Not letters or digits, yet inside a word.
};

/// How tightly operators bind, lowest first. Equal numbers bind alike.
struct BindingPowers {
    int disjunction = 1;  ///< OR
    int conjunction = 2;  ///< AND
    int negation = 3;     ///< NOT
    int is = 0;           ///< IS NULL, IS TRUE, ISNULL
    int comparison = 0;   ///< = <>
    int pattern = 0;      ///< LIKE, IN, BETWEEN
    int at_zone = 0;
    int collate = 0;
    int unary = 0;
    int postfix = 20;  ///< [ ] :: .
};

struct Infix {
    Operator op = Operator::none;
    int power = 0;
    bool chains = true;  ///< a < b < c may be written.
};

inline constexpr std::size_t token_kinds = 48;

/// Rules of the grammar beyond keywords and binding powers.
struct GrammarRules {
    bool names_from_strings = false;  ///< SQLite: 'name' may be a name.
    bool glob_and_match = false;      ///< GLOB, REGEXP, MATCH
    bool ilike_and_similar = false;   ///< ILIKE, SIMILAR TO
    bool in_table = false;            ///< x IN t
    bool like2_and_like4 = false;     ///< LIKE2, LIKE4, LIKEC
    bool postgres = false;            ///< Forms only PostgreSQL has.
    bool oracle = false;              ///< Forms only Oracle has.
};

/// How names find their meaning in the dialects with the scopes of the SQL standard (scope_pass.h).
struct ScopeRules {
    bool recursive_by_itself = false;  ///< A WITH table may name itself without RECURSIVE.
    bool aliases_in_order = false;     ///< Expressions of ORDER BY may name result columns.
    bool whole_rows = false;           ///< The name of a FROM item alone is its row; c(t) and t.c are one.
    bool bare_functions = false;       ///< A function without arguments is called without parentheses.
};

/// Rules of INSERT, UPDATE, DELETE and MERGE.
struct WriteRules {
    bool violations = false;         ///< SQLite: OR IGNORE and the like, REPLACE INTO, LIMIT of rows touched.
    bool index_hints = false;        ///< SQLite: INDEXED BY behind a target.
    bool with_before = false;        ///< WITH before the verb, not only before the query of an INSERT.
    bool default_rows = false;       ///< INSERT ... DEFAULT VALUES
    bool default_values = false;     ///< DEFAULT as a value.
    bool overriding = false;         ///< OVERRIDING SYSTEM VALUE
    bool conflicts = false;          ///< ON CONFLICT
    bool column_parts = false;       ///< PostgreSQL: a[1].b may be written to.
    bool qualified_columns = false;  ///< Oracle: SET t.a = 1
    bool returning = false;          ///< RETURNING answers with rows.
    bool merges = false;             ///< MERGE
};

struct Dialect {
    DialectId id = DialectId::sqlite;
    std::string_view name;
    const KeywordTable* keywords = nullptr;
    std::array<ByteClass, 256> bytes{};
    LexicalRules lexical;
    BindingPowers powers;
    std::array<Infix, token_kinds> infix{};
    GrammarRules grammar;
    ScopeRules scopes;
    WriteRules writes;

    [[nodiscard]] const KeywordUses& uses(Keyword keyword) const noexcept {
        return (*keywords)[static_cast<std::size_t>(keyword)];
    }
};

[[nodiscard]] const Dialect& dialect_of(DialectId id) noexcept;
[[nodiscard]] inline const Dialect& sqlite_dialect() noexcept {
    return dialect_of(DialectId::sqlite);
}

}  // namespace majed::sql
