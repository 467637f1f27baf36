/// How a write on a server is held to its principal's rules: permission, and the edits that put the rules into its text.
///
/// Why      The rule is a condition on the row itself: before the statement's own condition on the row as it is, and in
///          RETURNING on the row as it was left, which the session reads before it commits. The server tests both on the
///          version of the row that it locks, whoever else is writing.
/// Life     Computed per statement; spans are those of its text.
/// Threads  Pure.
/// Not here What the statement reads beside its target (inline_rewriter.cpp, guard_plan.h), SQLite (write_plan.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/write_grant.h"
#include "rewrite/enforcement.h"
#include "rewrite/guard_plan.h"
#include "rewrite/inline_conditions.h"
#include "rewrite/inline_parameters.h"
#include "rewrite/row_rules.h"
#include "rewrite/write_plan.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/write_tree.h"

#include <string>
#include <vector>

namespace majed::rewrite {

struct InlineWritePlan {
    std::vector<WriteEdit> first;  ///< Made before all others: what opens here holds what they open.
    std::vector<WriteEdit> last;
    driver::WriteGrant grant;
    InlineConditions conditions;
};

/// Errors: as plan_write.
[[nodiscard]] Result<InlineWritePlan> plan_inline_write(const ResolvedWrite& resolved,
                                                        const GuardPlan& guards,
                                                        const Enforcement& enforcement,
                                                        InlineParameters& parameters);

}  // namespace majed::rewrite
