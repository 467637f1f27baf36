/// What must hold of the row that a write on a server changes or leaves: the rules about it, as one condition.
///
/// Why      Every make of server is held to the same rules; only where the condition stands in the text is not the same.
/// Life     Of the planning of one write.
/// Threads  One thread.
/// Not here Where it stands (inline_write_plan.h, oracle_write_plan.h), compiling rules (inline_write_rules.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/write_grant.h"
#include "rewrite/inline_parameters.h"
#include "rewrite/write_target.h"
#include "sql/resolver.h"
#include "sql/write_tree.h"

#include <string>
#include <vector>

namespace majed::rewrite {

/// A write and what is known of it.
struct ResolvedWrite {
    sql::Write& write;
    const sql::Resolution& resolution;
    const WriteTarget& target;
};

/// Each rule once; the target that they are of outlives this.
class RowRules {
public:
    void add(const WriteRule& rule) { add(rule.condition, rule.predicate, rule.facts); }
    /// That the row is one which the principal reads.
    void add_read(const WriteTarget& target);
    /// Holds already, where the others will be tested.
    void assume(const std::string& predicate) { predicates_.push_back(predicate); }

    [[nodiscard]] bool empty() const noexcept { return conditions_.empty(); }
    /// Says as much, in the operator's words.
    [[nodiscard]] bool same_as(const RowRules& other) const { return predicates_ == other.predicates_; }
    /// As one condition in parentheses on the row called `row`.
    [[nodiscard]] std::string on(const std::string& row, InlineParameters& parameters) const;

    /// Some rule holds a query.
    [[nodiscard]] bool asks() const noexcept { return facts_.asks; }
    /// Columns of the row that some rule reads; may repeat.
    [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return facts_.columns; }

private:
    void add(const GappedText& condition, const std::string& predicate, const ConditionFacts& facts);

    std::vector<std::string> predicates_;
    std::vector<const GappedText*> conditions_;
    ConditionFacts facts_;
};

/// What the statement may touch of its target.
[[nodiscard]] driver::WriteGrant grant_of(const ResolvedWrite& resolved);

}  // namespace majed::rewrite
