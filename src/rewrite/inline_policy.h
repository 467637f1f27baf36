/// The operator's predicates and masks, turned into SQL that stands inside a statement for PostgreSQL.
///
/// Why      Policy text is parsed, resolved and spliced like any statement; it is never pasted as it is.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Which predicate applies to whom (policy/), guard views of SQLite (policy_sql.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "policy/decision.h"
#include "rewrite/inline_view.h"
#include "sql/dialect.h"
#include "sql/schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// Names of attributes that no principal has: the two halves of the key of `hash` masks (RFC 2104), as hex.
inline constexpr std::string_view inner_hash_key = "\x01hash.inner";
inline constexpr std::string_view outer_hash_key = "\x01hash.outer";

struct InlinePredicate {
    GappedText sql;
    std::vector<std::string> scalar_attributes;
    std::vector<std::string> list_attributes;
    std::vector<std::string> tables;  ///< Read by its subqueries, `schema.table`, as often as it does.
    ConditionFacts facts;
    bool unsafe = false;  ///< May raise an error on some row.
    /// A column of the row that the rule names with its table, in a query that has a column of that name itself: without the
    /// row's name it would be another one. Where the row's name is a gap; empty: none.
    std::string unnameable;
    /// An attribute beside which nothing tells its type, in a rule with texts that are filled with blanks (CHAR of Oracle): to
    /// be compared as a text of fixed length it must be bound. Empty: none.
    std::string unfilled;
};

/// What compiled policy text refers to.
struct InlineNames {
    const sql::Schema& catalog;  ///< The source's tables, unfiltered.
    const sql::Dialect& dialect;
    std::string_view alias;  ///< Under which the table stands; names of others begin with it.
    /// Instead of `alias` the row's name is a gap, and every column of it is qualified: the text stands in a statement that
    /// has other tables beside the row's.
    bool row_is_gap = false;
    /// All values of an attribute are one parameter there too.
    bool lists_whole = false;
};

/// Compiles one boolean expression over `relation`. `x IN (:user.a)`, `= ANY` and `<> ALL` test against every value of the
/// attribute; anywhere else :user.a is its only value. Errors: invalid_argument (with the reason and the byte in `text`).
[[nodiscard]] Result<InlinePredicate> compile_inline(std::string_view text,
                                                     const sql::SchemaRelation& relation,
                                                     const InlineNames& names);

/// SQL for what a masked column shows, of the column's own type.
/// Errors: as compile_inline, for `sql:` masks; invalid_argument: a mask that makes text on a column of another type.
[[nodiscard]] Result<InlinePredicate> compile_inline_mask(const policy::Mask& mask,
                                                          const sql::SchemaColumn& column,
                                                          const sql::SchemaRelation& relation,
                                                          const InlineNames& names);

}  // namespace majed::rewrite
