/// What one statement may cost before it is refused.
///
/// Why      A hostile statement must be cheap to refuse; what is made of an allowed one, with the rules of its tables in it,
///          must not be refused for their size.
/// Life     Constants.
/// Threads  Immutable.
/// Not here Counting (grammar_cursor.h, the resolvers).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace majed::sql {

/// Limits that keep a hostile statement cheap to refuse.
namespace limits {
inline constexpr std::size_t bytes = 1'000'000;         ///< Of one text; offsets fit into 32 bits.
inline constexpr std::size_t nesting = 200;             ///< Parentheses, subqueries, CASE inside each other.
inline constexpr std::size_t expression_height = 1000;  ///< SQLite's own default of SQLITE_LIMIT_EXPR_DEPTH.
inline constexpr std::size_t nodes = 30'000;
inline constexpr std::size_t calls = 500;  ///< Functions called in one statement.
inline constexpr std::size_t expanded_cores =
    2000;  ///< SELECTs after every WITH table stands where it is used.
inline constexpr std::size_t compound_cores = 500;  ///< SQLite's own default of SQLITE_LIMIT_COMPOUND_SELECT.
inline constexpr std::size_t from_items = 200;      ///< Of one FROM clause: SQLite's SQLITE_MAX_SRCLIST.
inline constexpr std::size_t columns = 2000;  ///< Of one answer: SQLite's default of SQLITE_LIMIT_COLUMN.
inline constexpr std::size_t name_comparisons =
    20'000'000;  ///< A statement of one second; real ones need thousands.
inline constexpr std::size_t added_bytes = 1'000'000;  ///< Of rules and masks in the place of tables.
}  // namespace limits

/// The limits that differ between what a caller sent and what the rewriter made of it.
struct Budget {
    std::size_t bytes = limits::bytes;
    std::size_t nesting = limits::nesting;
    std::size_t expression_height = limits::expression_height;
    std::size_t nodes = limits::nodes;
    std::size_t calls = limits::calls;
    std::size_t expanded_cores = limits::expanded_cores;
};

/// Of a caller's statement.
inline constexpr Budget callers_budget{};

/// Of a statement with its rules in it: what the caller may send, and as much of rules as `limits::added_bytes` can hold.
inline constexpr Budget rewritten_budget{.bytes = limits::bytes + limits::added_bytes,
                                         .nesting = limits::nesting + 50,
                                         .expression_height = limits::expression_height + 100,
                                         .nodes = limits::nodes + limits::added_bytes / 10,
                                         .calls = limits::calls + limits::added_bytes / 50,
                                         .expanded_cores = limits::expanded_cores * 5};

}  // namespace majed::sql
