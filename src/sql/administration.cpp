// SPDX-License-Identifier: Apache-2.0
#include "sql/administration.h"

#include "core/ascii.h"
#include "sql/functions.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace majed::sql {
namespace {

/// Where a form exists.
constexpr std::uint8_t on_sqlite = 1;
constexpr std::uint8_t on_postgres = 2;
constexpr std::uint8_t on_oracle = 4;
constexpr std::uint8_t on_servers = on_postgres | on_oracle;
constexpr std::uint8_t on_all = on_sqlite | on_servers;

/// What a form may hold beside names and options.
enum class Body : std::uint8_t {
    plain,        ///< Nothing that is computed: DROP, GRANT, COMMENT.
    expressions,  ///< Defaults, checks, keys of an index: what they call is looked at.
};

struct Form {
    std::string_view words;
    std::uint8_t where;
    StatementClass statement_class;
    Body body = Body::plain;
};

constexpr StatementClass ddl = StatementClass::ddl;
constexpr StatementClass upkeep = StatementClass::maintenance;

/// By first words. What begins with one of them and goes on otherwise (CREATE TABLE ... AS) is in `unwanted`.
constexpr std::array forms{
    Form{"CREATE TABLE", on_all, ddl, Body::expressions},
    Form{"CREATE UNLOGGED TABLE", on_postgres, ddl, Body::expressions},
    Form{"CREATE INDEX", on_all, ddl, Body::expressions},
    Form{"CREATE UNIQUE INDEX", on_all, ddl, Body::expressions},
    Form{"CREATE BITMAP INDEX", on_oracle, ddl, Body::expressions},
    Form{"CREATE SEQUENCE", on_servers, ddl},
    Form{"CREATE SCHEMA", on_postgres, ddl},
    Form{"CREATE TYPE", on_postgres, ddl, Body::expressions},
    Form{"CREATE DOMAIN", on_postgres, ddl, Body::expressions},
    Form{"CREATE STATISTICS", on_postgres, ddl, Body::expressions},
    Form{"CREATE ROLE", on_servers, ddl},
    Form{"CREATE USER", on_servers, ddl},
    Form{"CREATE GROUP", on_postgres, ddl},
    Form{"ALTER TABLE", on_all, ddl, Body::expressions},
    Form{"ALTER INDEX", on_servers, ddl, Body::expressions},
    Form{"ALTER SEQUENCE", on_servers, ddl},
    Form{"ALTER TYPE", on_postgres, ddl, Body::expressions},
    Form{"ALTER DOMAIN", on_postgres, ddl, Body::expressions},
    Form{"ALTER DEFAULT PRIVILEGES", on_postgres, ddl},
    Form{"ALTER ROLE", on_servers, ddl},
    Form{"ALTER USER", on_servers, ddl},
    Form{"ALTER GROUP", on_postgres, ddl},
    Form{"DROP TABLE", on_all, ddl},
    Form{"DROP INDEX", on_all, ddl},
    Form{"DROP VIEW", on_all, ddl},
    Form{"DROP MATERIALIZED VIEW", on_servers, ddl},
    Form{"DROP SEQUENCE", on_servers, ddl},
    Form{"DROP SYNONYM", on_oracle, ddl},
    Form{"DROP SCHEMA", on_postgres, ddl},
    Form{"DROP TYPE", on_servers, ddl},
    Form{"DROP DOMAIN", on_postgres, ddl},
    Form{"DROP STATISTICS", on_postgres, ddl},
    Form{"DROP ROLE", on_servers, ddl},
    Form{"DROP USER", on_servers, ddl},
    Form{"DROP GROUP", on_postgres, ddl},
    Form{"TRUNCATE", on_servers, ddl},
    Form{"COMMENT ON", on_servers, ddl},
    Form{"GRANT", on_servers, ddl},
    Form{"REVOKE", on_servers, ddl},
    Form{"REFRESH MATERIALIZED VIEW", on_postgres, ddl},
    Form{"REINDEX", on_sqlite | on_postgres, ddl},
    Form{"VACUUM", on_sqlite | on_postgres, upkeep},
    Form{"ANALYZE", on_all, upkeep},
    Form{"ANALYSE", on_postgres, upkeep},
    Form{"CLUSTER", on_postgres, upkeep},
    Form{"CHECKPOINT", on_postgres, upkeep},
};

/// A part that a form must not have; quoted, its words are names.
struct Unwanted {
    std::string_view form;   ///< First words of the forms it is about.
    std::string_view words;  ///< In a row, anywhere behind the form.
    std::string_view why;
    std::string_view unless = {};  ///< The word behind them that makes them harmless.
};

constexpr std::string_view copies_rows =
    "it would copy rows past the rules: write them by INSERT ... SELECT, where a rule gives that";
constexpr std::string_view moves_rows =
    "rules go by names: it would put rows under a name that has other rules, or none";
constexpr std::string_view moves_values =
    "rules go by names: it would show values of one column under the name of another";
constexpr std::string_view removes_more = "it would take away what it does not name";
constexpr std::string_view removes_rows = "rows are deleted by DELETE, where a rule gives that";
constexpr std::string_view leaves_settings = "it would change settings of the database's sessions";
constexpr std::string_view touches_protection =
    "it would change what protects rows, or what runs with other people's statements";
constexpr std::string_view leaves_database = "it would reach files of the server, or another one";

constexpr std::array unwanted{
    Unwanted{"CREATE TABLE", "SELECT", copies_rows},
    Unwanted{"CREATE TABLE", "EXTERNAL", leaves_database},
    Unwanted{"CREATE UNLOGGED TABLE", "SELECT", copies_rows},
    Unwanted{"CREATE SCHEMA", "CREATE", "what is in it is created by statements of its own"},
    Unwanted{"CREATE SCHEMA", "GRANT", "what is in it is created by statements of its own"},
    Unwanted{"CREATE TYPE", "INPUT", touches_protection},
    Unwanted{"CREATE USER", "MAPPING", leaves_database},
    Unwanted{"ALTER USER", "MAPPING", leaves_database},
    Unwanted{"DROP USER", "MAPPING", leaves_database},
    Unwanted{"ALTER ROLE", "SET", leaves_settings},
    Unwanted{"ALTER ROLE", "RESET", leaves_settings},
    Unwanted{"ALTER USER", "SET", leaves_settings},
    Unwanted{"ALTER USER", "RESET", leaves_settings},
    Unwanted{"ALTER", "RENAME", moves_rows},
    Unwanted{"ALTER", "SET SCHEMA", moves_rows},
    Unwanted{"ALTER TABLE", "ATTACH", moves_rows},
    Unwanted{"ALTER TABLE", "EXCHANGE", moves_rows},
    Unwanted{"ALTER TABLE", "INHERIT", moves_rows},
    Unwanted{"ALTER TABLE", "SELECT", copies_rows},
    Unwanted{"ALTER TABLE", "AS", moves_values, "IDENTITY"},
    Unwanted{"ALTER TABLE", "USING", moves_values, "INDEX"},
    Unwanted{"ALTER TABLE", "ROW LEVEL", touches_protection},
    Unwanted{"ALTER TABLE", "TRIGGER", touches_protection},
    Unwanted{"ALTER TABLE", "TRIGGERS", touches_protection},
    Unwanted{"ALTER TABLE", "RULE", touches_protection},
    Unwanted{"ALTER TABLE", "EXTERNAL", leaves_database},
    Unwanted{"ALTER TABLE", "TRUNCATE", removes_rows},
    Unwanted{"ALTER TABLE", "DROP PARTITION", removes_rows},
    Unwanted{"ALTER TABLE", "DROP SUBPARTITION", removes_rows},
    Unwanted{"TRUNCATE", "CASCADE", removes_more},
    Unwanted{"DROP SCHEMA", "CASCADE", removes_more},
    Unwanted{"DROP TYPE", "CASCADE", removes_more},
    Unwanted{"DROP DOMAIN", "CASCADE", removes_more},
    Unwanted{"DROP USER", "CASCADE", removes_more},
    Unwanted{"VACUUM", "INTO", leaves_database},
    Unwanted{"ANALYZE", "INTO", copies_rows},
};

/// No function can have such a name; a parenthesis may follow.
constexpr std::array<std::string_view, 34> reserved_words{
    "AND",  "ANY",  "AS",     "BETWEEN", "CASE",   "CAST",    "CHECK",    "COALESCE",  "DEFAULT",
    "ELSE", "FROM", "IN",     "IS",      "EXISTS", "EXTRACT", "GREATEST", "LEAST",     "LIKE",
    "NOT",  "NULL", "NULLIF", "ON",      "OR",     "OVERLAY", "POSITION", "SUBSTRING", "THEN",
    "TO",   "TRIM", "UNIQUE", "USING",   "WHEN",   "WHERE",   "WITH"};

/// Behind one of these a call may begin; what follows them is no clause and no type.
constexpr std::array<std::string_view, 20> before_expression{
    "AND",   "BETWEEN", "CASE", "CHECK", "DEFAULT", "ELSE", "ESCAPE", "FOR",   "FROM", "GLOB",
    "ILIKE", "IN",      "IS",   "LIKE",  "NOT",     "OR",   "THEN",   "USING", "WHEN", "WHERE"};

/// Words of clauses: KEY (a), PARTITION BY RANGE (a).
constexpr std::array<std::string_view, 27> clause_words{
    "ADD",    "BY",           "COLUMN",     "COLUMNS",  "COMPRESS", "DROP",  "ENUM",
    "HASH",   "IDENTITY",     "INCLUDE",    "INHERITS", "KEY",      "LIST",  "LOB",
    "MODIFY", "PARTITION",    "PARTITIONS", "RANGE",    "RESET",    "SET",   "STORAGE",
    "STORE",  "SUBPARTITION", "TEMPLATE",   "THAN",     "UNUSED",   "VALUES"};

/// Types that take a length.
constexpr std::array<std::string_view, 48> sized_types{
    "BIGINT",    "BINARY",   "BIT",       "BLOB",      "BOOLEAN",     "CHAR",   "CHARACTER", "CLOB",
    "DATE",      "DATETIME", "DAY",       "DEC",       "DECIMAL",     "DOUBLE", "FLOAT",     "INT",
    "INTEGER",   "INTERVAL", "MEDIUMINT", "MINUTE",    "MONEY",       "MONTH",  "NCHAR",     "NCLOB",
    "NUMBER",    "NUMERIC",  "NVARCHAR",  "NVARCHAR2", "PRECISION",   "RAW",    "REAL",      "SECOND",
    "SMALLINT",  "TEXT",     "TIME",      "TIMESTAMP", "TIMESTAMPTZ", "TIMETZ", "TINYINT",   "UROWID",
    "VARBINARY", "VARBIT",   "VARCHAR",   "VARCHAR2",  "VARYING",     "YEAR",   "HOUR",      "VECTOR"};

/// Before the name of a table whose columns follow in parentheses.
constexpr std::array<std::string_view, 6> before_name{"TABLE", "EXISTS", "ON", "ONLY", "REFERENCES", "OF"};

constexpr std::array<std::string_view, 6> index_methods{"BTREE", "HASH", "GIST", "SPGIST", "GIN", "BRIN"};

template <std::size_t size>
bool is_listed(std::string_view word, const std::array<std::string_view, size>& words) noexcept {
    return std::any_of(words.begin(), words.end(), [word](std::string_view each) {
        return each.size() == word.size() && equal_ascii_case(each, word);
    });
}

/// The words of one statement, in order.
class StatementWords {
public:
    StatementWords(std::span<const Token> tokens, std::string_view text, const Dialect& dialect)
        : tokens_(tokens), text_(text), dialect_(&dialect) {}

    /// Empty for what is no bare word: quoted, it is a name, whatever it says.
    [[nodiscard]] std::string_view word(std::size_t i) const noexcept {
        if (i >= tokens_.size()) return {};
        const bool bare = tokens_[i].kind == TokenKind::identifier || tokens_[i].kind == TokenKind::keyword;
        return bare ? tokens_[i].span().in(text_) : std::string_view();
    }
    [[nodiscard]] bool names(std::size_t i) const noexcept {
        return i < tokens_.size() && (!word(i).empty() || tokens_[i].kind == TokenKind::quoted);
    }
    /// Past `words`, which are in a row from `i`; `i` when they are not.
    [[nodiscard]] std::size_t past(std::size_t i, std::string_view words) const noexcept {
        std::size_t at = i;
        while (!words.empty()) {
            const std::string_view next = words.substr(0, words.find(' '));
            const std::string_view here = word(at);
            if (here.size() != next.size() || !equal_ascii_case(here, next)) return i;
            ++at;
            words.remove_prefix(std::min(words.size(), next.size() + 1));
        }
        return at;
    }
    [[nodiscard]] bool is(std::size_t i, TokenKind kind) const noexcept {
        return i < tokens_.size() && tokens_[i].kind == kind;
    }
    [[nodiscard]] std::size_t size() const noexcept { return tokens_.size(); }
    [[nodiscard]] std::uint32_t offset(std::size_t i) const noexcept {
        return tokens_[std::min(i, tokens_.size() - 1)].offset;
    }

    /// The first function that may not be called, by the place of its name; `size()` when there is none.
    [[nodiscard]] std::size_t stranger_called(std::size_t from) const {
        for (std::size_t i = from; i + 1 < tokens_.size(); ++i) {
            if (names(i) && is(i + 1, TokenKind::left_paren) && !may_stand_before_parenthesis(i)) return i;
        }
        return size();
    }
    /// A name that is spelled by numbers of characters, which nobody here reads; `size()` when there is none.
    [[nodiscard]] std::size_t escaped_name() const noexcept {
        const auto escaped = [this](const Token& token) {
            return token.kind == TokenKind::quoted && ascii_lower(text_[token.offset]) == 'u';
        };
        return static_cast<std::size_t>(std::find_if(tokens_.begin(), tokens_.end(), escaped) -
                                        tokens_.begin());
    }
    /// A query behind AS, outside parentheses; `size()` when there is none.
    [[nodiscard]] std::size_t query_behind_as(std::size_t from) const noexcept {
        std::size_t depth = 0;
        for (std::size_t i = from; i < tokens_.size(); ++i) {
            if (is(i, TokenKind::left_paren)) ++depth;
            if (is(i, TokenKind::right_paren) && depth > 0) --depth;
            if (depth == 0 && past(i, "AS") != i) return i;
        }
        return size();
    }

private:
    /// The first name of `a.b.c` that ends at `last`.
    [[nodiscard]] std::size_t first_part(std::size_t last) const noexcept {
        while (last >= 2 && is(last - 1, TokenKind::dot) && names(last - 2)) last -= 2;
        return last;
    }
    /// A clause or a type may begin at `i`: the token before ends something that is no operator.
    [[nodiscard]] bool continues_clause(std::size_t i) const noexcept {
        if (i == 0 || is_listed(word(i - 1), before_expression)) return false;
        const TokenKind before = tokens_[i - 1].kind;
        return names(i - 1) || before == TokenKind::right_paren || before == TokenKind::string ||
               before == TokenKind::integer || before == TokenKind::double_colon;
    }
    [[nodiscard]] bool may_stand_before_parenthesis(std::size_t i) const {
        const std::size_t first = first_part(i);
        const std::string_view before = first > 0 ? word(first - 1) : std::string_view();
        if (is_listed(before, before_name)) return true;
        if (first != i || word(i).empty()) return false;
        if (is_listed(word(i), reserved_words)) return true;
        // There is no other USING before a name: that of ALTER TABLE is not run.
        if (is_listed(word(i), index_methods) && equal_ascii_case(before, "USING") && before.size() == 5)
            return true;
        const bool clause = is_listed(word(i), clause_words) || is_listed(word(i), sized_types);
        if (clause && continues_clause(i)) return true;
        const std::string name = ascii_lower(word(i));
        const bool numbers = dialect_->id == DialectId::postgres && name == "nextval";
        return numbers || function_facts(name, dialect_->id) != nullptr;
    }

    std::span<const Token> tokens_;
    std::string_view text_;
    const Dialect* dialect_;
};

Error not_run(const StatementWords& words, std::size_t at, std::string message, std::string_view why) {
    return Error{ErrorCode::denied, std::move(message)}.with_hint(std::string(why)).at(words.offset(at));
}

std::uint8_t place_of(DialectId id) noexcept {
    return id == DialectId::sqlite ? on_sqlite : id == DialectId::postgres ? on_postgres : on_oracle;
}

const Form* form_of(const StatementWords& words, DialectId id) noexcept {
    for (const Form& form : forms) {
        if ((form.where & place_of(id)) != 0 && words.past(0, form.words) != 0) return &form;
    }
    return nullptr;
}

Result<void> has_no_unwanted_part(const StatementWords& words, const Form& form) {
    const std::size_t body = words.past(0, form.words);
    for (const Unwanted& each : unwanted) {
        if (words.past(0, each.form) == 0) continue;
        for (std::size_t i = body; i < words.size(); ++i) {
            const std::size_t past = words.past(i, each.words);
            const bool harmless = !each.unless.empty() && words.past(past, each.unless) != past;
            if (past != i && !harmless)
                return not_run(words, i,
                               std::string(form.words) + " with " + std::string(each.words) + " is not run",
                               each.why);
        }
    }
    if (const std::size_t name = words.escaped_name(); name != words.size())
        return not_run(words, name, "a name in U&\"...\" is not read", "Write its letters themselves.");
    if (form.words.ends_with("TABLE") && form.words.starts_with("CREATE")) {
        const std::size_t as = words.query_behind_as(body);
        if (as != words.size()) return not_run(words, as, "CREATE TABLE ... AS is not run", copies_rows);
    }
    return {};
}

}  // namespace

Result<AdministrativeStatement> administrative(std::span<const Token> tokens, std::string_view text,
                                               const Dialect& dialect) {
    const StatementWords words(tokens, text, dialect);
    std::size_t end = 0;
    while (end < words.size() && !words.is(end, TokenKind::semicolon) && !words.is(end, TokenKind::end))
        ++end;
    const StatementWords statement(tokens.first(end), text, dialect);
    const Form* const form = end == 0 ? nullptr : form_of(statement, dialect.id);
    if (form == nullptr) {
        return not_run(words, 0, "a statement of this form is not run, not for administrators either",
                       "Changes of the schema that hold code or read rows are made by migrations: majed "
                       "migrate.");
    }
    for (std::size_t i = end; i < words.size() && !words.is(i, TokenKind::end); ++i) {
        if (!words.is(i, TokenKind::semicolon))
            return Error{ErrorCode::parse_error, "only one statement may be sent at a time"}.at(
                words.offset(i));
    }
    if (end > 1 && words.is(end - 1, TokenKind::slash)) {
        return Error{ErrorCode::parse_error, "a / that ends a statement is no part of it"}.at(
            words.offset(end - 1));
    }
    MAJED_TRY(has_no_unwanted_part(statement, *form));
    if (form->body == Body::expressions) {
        const std::size_t called = statement.stranger_called(statement.past(0, form->words));
        if (called != statement.size()) {
            return not_run(
                statement, called, "a function that is called here may not be",
                "Functions that queries may call may stand in a schema; others could read rows, or "
                "files.");
        }
    }
    const std::uint32_t past_last = tokens[end - 1].span().end;
    const std::uint32_t first = tokens.front().offset;
    return AdministrativeStatement(std::string(text.substr(first, past_last - first)), form->statement_class,
                                   form->words);
}

}  // namespace majed::sql
