/// Which tables of a statement for Oracle must be read whole, as far as their rule lets rows pass, before anything else looks at
/// their rows.
///
/// Why      Oracle may test a user's condition before the rule's, and one that fails (ORA-01722) would tell of a hidden row. A
///          query in parentheses that uses ROWNUM is not merged into the query around it, and takes none of its conditions:
///          both would change which rows are counted.
/// Source   Oracle Database Concepts 10.2, "The Query Optimizer", mergeable views: not one that contains "a ROWNUM
///          pseudocolumn"; how ROWNUM stops pushed predicates is shown at orasql.org/2019/02/16. A hint (MERGE, PUSH_PRED)
///          asks for a transformation, and none may change the answer. NO_MERGE would only be a hint itself.
/// Life     Computed per statement.
/// Threads  Pure.
/// Not here The text (oracle_rewriter.h); PostgreSQL and SQLite, where conditions are guarded one by one (guard_plan.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree.h"
#include "sql/write_tree.h"

namespace majed::rewrite {

struct BarrierPlan {
    /// Some row may be looked at by what may fail, or by what makes rows of rows, wherever that stands: every table with
    /// hidden rows gets a barrier. One for each table would depend on which of them Oracle turns into joins.
    bool conditions = false;
    /// Something may fail somewhere: tables whose rule looks into other tables get one, for such a rule may be turned into a
    /// join and be tested late.
    bool anything = false;
};

[[nodiscard]] BarrierPlan plan_barriers(sql::Select& select);
/// Of what a write reads beside its target.
[[nodiscard]] BarrierPlan plan_barriers(sql::Write& write);

}  // namespace majed::rewrite
