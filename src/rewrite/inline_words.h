/// What differs between servers in the SQL of rules and masks that stands inside a statement.
///
/// Why      The same rules are compiled for PostgreSQL and for Oracle; here is all that is not the same.
/// Life     One constant object per dialect.
/// Threads  Constants.
/// Not here Reading the rules (inline_policy.h), splicing into a statement (inline_rewriter.h, oracle_rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "policy/decision.h"
#include "sql/dialect.h"
#include "sql/tree.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace majed::rewrite {

/// Stands where a parameter will; no text that was read contains it.
inline constexpr char parameter_mark = '\x01';

class InlineWords {
public:
    InlineWords() = default;
    InlineWords(const InlineWords&) = delete;
    InlineWords& operator=(const InlineWords&) = delete;
    virtual ~InlineWords() = default;

    /// Between a table and its alias.
    [[nodiscard]] virtual std::string_view before_alias() const noexcept = 0;
    /// A condition that no row meets.
    [[nodiscard]] virtual std::string_view no_rows() const noexcept = 0;
    /// Bytes of a name.
    [[nodiscard]] virtual std::size_t longest_name() const noexcept = 0;
    /// An empty text is NULL: an attribute that is empty is none.
    [[nodiscard]] virtual bool empty_is_null() const noexcept = 0;
    /// Columns of the table are named with its alias, so that one that is there no more is no other query's; steps into a
    /// column are written like qualifiers.
    [[nodiscard]] virtual bool qualifies_columns() const noexcept = 0;
    /// What all_values makes is a query.
    [[nodiscard]] virtual bool lists_are_queries() const noexcept = 0;
    /// The partition of a table stands before its alias.
    [[nodiscard]] virtual bool alias_comes_last() const noexcept = 0;

    /// An attribute that has one value; `tested`: nothing but IS NULL says what it is.
    [[nodiscard]] virtual std::string one_value(bool tested) const = 0;
    /// `x IN (attribute)`, from behind x to behind the parenthesis.
    [[nodiscard]] virtual std::string in_values(bool negated, std::string_view values) const = 0;
    /// All values of an attribute, for IN, ANY and ALL, compared with `beside`. nullopt: it cannot be told as what they
    /// are to be compared. `alias`: a name for a table.
    [[nodiscard]] virtual std::optional<std::string> all_values(const sql::Expr& beside,
                                                                std::string_view alias) const = 0;

    /// As what a value is compared with `beside`: `CHAR`, `NUMBER`; empty: as text, or it is not known. Oracle alone tells.
    [[nodiscard]] virtual std::string compared_as(const sql::Expr& /*beside*/) const { return {}; }

    /// May this column show what masks make of texts?
    [[nodiscard]] virtual bool holds_text(std::string_view declared) const = 0;
    /// What stands before and behind a mask, so that it is of its column's type; nullopt where there is no such thing.
    [[nodiscard]] virtual std::optional<std::pair<std::string, std::string>> typed(
        std::string_view declared) const = 0;
    /// What a mask of texts shows of `column`; nullopt where it is not offered. Marks stand for the halves of the hash's
    /// key, the outer one first.
    [[nodiscard]] virtual std::optional<std::string> masked_text(const policy::Mask& mask,
                                                                 const std::string& column,
                                                                 std::string_view declared) const = 0;
};

/// Of a server's dialect.
[[nodiscard]] const InlineWords& inline_words_of(sql::DialectId id);

/// `value`, a text, as it compares with what compared_as told of, on Oracle.
[[nodiscard]] std::string oracle_value_as(const std::string& value, std::string_view compared);

/// The tables behind it.
[[nodiscard]] const InlineWords& postgres_words();
[[nodiscard]] const InlineWords& oracle_words();

}  // namespace majed::rewrite
