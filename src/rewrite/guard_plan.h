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

#include <string>
#include <vector>

namespace majed::rewrite {

/// One FROM item read through its guarded view, with the name its "passed" column gets there.
struct GuardedItem {
    sql::FromItem* item = nullptr;
    std::string passed;
};

/// An expression to wrap; `passed` are the columns that must not be false. None: hidden from the planner alone.
struct GuardedExpression {
    sql::Expr* expr = nullptr;
    std::vector<std::string> passed;
};

/// Where engines differ.
struct GuardRules {
    bool server =
        false;  ///< HAVING knows no other columns; functions and LATERAL in FROM run before a rule may have.
    /// Read as rows, or by a star from a query inside: the column added would be seen.
    std::vector<const sql::FromItem*> whole_rows;
};

/// Those of PostgreSQL and Oracle.
[[nodiscard]] GuardRules guards_of_servers(const sql::Resolution& resolution);

struct GuardPlan {
    std::vector<GuardedItem> items;
    std::vector<sql::FromItem*> barriers;         ///< Read through (SELECT * FROM view LIMIT -1).
    std::vector<sql::Select*> limits;             ///< Get LIMIT -1 at their end.
    std::vector<GuardedExpression> expressions;   ///< In the order of the text's nesting, outer first.
    std::vector<const sql::ResultColumn*> stars;  ///< Must be written out, so that "passed" stays hidden.
    std::vector<sql::Expr*>
        target_conditions;  ///< Of a write: may run only on rows of the target that it reaches.
    /// Of a server: a rule that looks into other tables must be tested as soon as a row is read, not in a join with them:
    /// what is computed in FROM beside would run before it, or not at all.
    bool tests_at_once = false;
};

/// `passed_column` is the last column of guarded views; the plan numbers its uses.
[[nodiscard]] GuardPlan plan_guards(sql::Select& select, const std::string& passed_column,
                                    const GuardRules& rules = {});

/// The columns of a star in `plan.stars`, one by one.
[[nodiscard]] std::string written_out(const sql::ResultColumn& star);

/// What a write reads beside its target.
[[nodiscard]] GuardPlan plan_guards(sql::Write& write, const std::string& passed_column,
                                    const GuardRules& rules = {});

}  // namespace majed::rewrite
