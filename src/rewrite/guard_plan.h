/// Where a statement's own conditions must not be evaluated on rows its principal may not see.
///
/// Why      SQLite may test a user's condition before the policy's. One that can raise an error or burn time would
///          tell whether a hidden row exists. Such a condition runs only where the filter has passed the row:
///          CASE WHEN passed THEN (condition) END; a query in FROM that hides rows gets LIMIT -1, through which the
///          engine moves no condition.
/// Life     Computed per statement; points into its tree.
/// Threads  Pure.
/// Not here The text edits (rewriter.cpp). What is unsafe (sql/resolve_expression.cpp judge).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/resolver.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <cstddef>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// One FROM item read through its guarded view, and which "passed" column (append_passed) it gets there.
struct GuardedItem {
    sql::FromItem* item = nullptr;
    std::size_t passed = 0;
};

/// An expression to wrap, and which of GuardPlan::passed must not be false. None: hidden from the planner alone.
struct GuardedExpression {
    sql::Expr* expr = nullptr;
    std::size_t first = 0;
    std::size_t count = 0;
};

/// Where engines differ.
struct GuardRules {
    bool server =
        false;  ///< HAVING knows no other columns; functions and LATERAL in FROM run before a rule may have.
    /// Read as rows, or by a star from a query inside: the column added would be seen.
    std::span<sql::FromItem* const> whole_rows = {};
    std::pmr::memory_resource* memory = std::pmr::get_default_resource();  ///< For the plan.
};

/// Those of SQLite.
[[nodiscard]] GuardRules guards_of_sqlite(const sql::Resolution& resolution);

/// Those of PostgreSQL and Oracle.
[[nodiscard]] GuardRules guards_of_servers(const sql::Resolution& resolution);

struct GuardPlan {
    explicit GuardPlan(std::pmr::memory_resource* memory = std::pmr::get_default_resource());

    std::pmr::vector<GuardedItem> items;
    std::pmr::vector<sql::FromItem*> barriers;        ///< Read through (SELECT * FROM view LIMIT -1).
    std::pmr::vector<sql::Select*> limits;            ///< Get LIMIT -1 at their end.
    std::pmr::vector<GuardedExpression> expressions;  ///< In the order of the text's nesting, outer first.
    std::pmr::vector<const sql::ResultColumn*>
        stars;                             ///< Must be written out, so that "passed" stays hidden.
    std::pmr::vector<std::size_t> passed;  ///< Names its columns for the expressions.
    std::pmr::vector<sql::Expr*>
        target_conditions;  ///< Of a write: may run only on rows of the target that it reaches.
    /// Of a server: a rule that looks into other tables must be tested as soon as a row is read, not in a join with them:
    /// what is computed in FROM beside would run before it, or not at all.
    bool tests_at_once = false;

    [[nodiscard]] std::span<const std::size_t> passed_of(const GuardedExpression& guarded) const {
        return std::span<const std::size_t>(passed).subspan(guarded.first, guarded.count);
    }
    /// The item's place among those read through guarded views; nullptr: it is not.
    [[nodiscard]] const GuardedItem* guarded(const sql::FromItem& item) const noexcept;
    [[nodiscard]] bool has_barrier(const sql::FromItem& item) const noexcept;
};

[[nodiscard]] GuardPlan plan_guards(sql::Select& select, const GuardRules& rules);

/// What a write reads beside its target.
[[nodiscard]] GuardPlan plan_guards(sql::Write& write, const GuardRules& rules);

/// Adds the name of a "passed" column; `passed_column` is that of the last column of guarded views.
void append_passed(std::pmr::string& into, std::string_view passed_column, std::size_t number);

/// Adds the columns of a star in `plan.stars`, one by one.
void append_written_out(std::pmr::string& into, const sql::ResultColumn& star);

}  // namespace majed::rewrite
