/// How a write is held to its principal's rules: permission, and the edits that put the rules into its text.
///
/// Why      The target is the table itself, so that the statement says which rows it reaches: EXISTS over a guard view of
///          keys stands before its own condition, and again in RETURNING, where it tells of every row that was changed
///          whether it may be so. No policy text stands in the statement, so nothing in it can capture a name of one.
/// Life     Computed per statement; spans are those of its text.
/// Threads  Pure.
/// Not here What the statement reads beside its target (rewriter.cpp, guard_plan.h); undoing it (driver/sqlite).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/write_grant.h"
#include "rewrite/enforcement.h"
#include "rewrite/guard_plan.h"
#include "rewrite/write_target.h"
#include "sql/resolver.h"
#include "sql/token.h"
#include "sql/write_tree.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {

/// An insertion where the span is empty.
struct WriteEdit {
    sql::Span span;
    std::string text;
};

/// A plan being made, and its edits.
template <class Plan>
class PlanInTheMaking {
protected:
    void insert_first(std::uint32_t at, std::string text) {
        plan_.first.push_back({{at, at}, std::move(text)});
    }
    void insert_last(std::uint32_t at, std::string text) {
        plan_.last.push_back({{at, at}, std::move(text)});
    }

    Plan plan_;  // NOLINT(readability-identifier-naming): private to whoever derives
};

struct WritePlan {
    std::vector<WriteEdit> first;  ///< Made before all others: what opens here holds what they open.
    std::vector<WriteEdit> last;
    std::vector<std::string> views;  ///< Guard views that the edits name.
    driver::WriteGrant grant;
    std::vector<std::string> reached;  ///< Rewritten::reached
    std::vector<std::string> left;     ///< Rewritten::left
    std::size_t lookups = 0;           ///< Rewritten::lookups
};

/// Errors: as rewrite of a write.
[[nodiscard]] Result<WritePlan> plan_write(sql::Write& write, const sql::Resolution& resolution,
                                           const GuardPlan& guards, const Enforcement& enforcement,
                                           const Profile& profile);

/// May the principal do this at all? Errors: denied, unsupported, each with an offset.
[[nodiscard]] Result<void> permit_write(sql::Write& write, const sql::Resolution& resolution,
                                        const WriteTarget& target);

/// The statement looks at rows of its target, not only writes them.
[[nodiscard]] bool reads_target(const sql::Write& write, const sql::Resolution& resolution);
[[nodiscard]] bool updates_on_conflict(const sql::Write& write);
[[nodiscard]] policy::Action action_of(sql::WriteKind kind);

/// INDEXED BY a name that `relation` has no index of. Errors: not_found.
[[nodiscard]] Result<void> check_index_hint(const sql::FromItem& item, const sql::SchemaRelation& relation);

}  // namespace majed::rewrite
