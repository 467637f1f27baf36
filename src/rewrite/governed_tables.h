/// The relations of one source that the rules speak of, each under the one name that the rules have for it.
///
/// Why      A rule says `item` or `shop.item`, and PolicySet compares names without case: on a server two rules could mean
///          one table, or one rule two. Who decides for a table must know that neither is so.
/// Life     Values; the relations are the snapshot's, which outlives them.
/// Threads  Pure.
/// Not here What the rules decide (policy/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "policy/policy_set.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

struct GovernedTable {
    const catalog::Relation* relation = nullptr;
    std::string named;   ///< As the rules name it: what PolicySet::decide must be asked for.
    std::string origin;  ///< Of the first rule.
};

/// In the order of the rules. A rule for any source that fits no relation of this one is left out.
/// Errors: invalid_argument (naming the rule's origin: a rule for this source and a table that does not exist; two names for one
/// table; one name, but for case, for two).
[[nodiscard]] Result<std::vector<GovernedTable>> governed_tables(const policy::PolicySet& policies,
                                                                 std::string_view source,
                                                                 const catalog::Snapshot& catalog);

/// What `role` may see of it.
[[nodiscard]] policy::TableDecision decision_of(const policy::PolicySet& policies, policy::Role role,
                                                std::string_view source, const GovernedTable& table);

/// What it may do there by an action that is not select.
[[nodiscard]] policy::TableDecision write_decision_of(const policy::PolicySet& policies,
                                                      policy::Action action, policy::Role role,
                                                      std::string_view source, const GovernedTable& table);

}  // namespace majed::rewrite
