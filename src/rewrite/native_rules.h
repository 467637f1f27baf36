/// The rules of a PostgreSQL source as row-level security of the server: what must be there, and whether it is.
///
/// Why      `enforcement = "native"` trusts the server with the rows. Nothing is served before the server was seen to hold
///          exactly the policies that these rules make.
/// Life     Values; made from rules and a catalogue.
/// Threads  Pure.
/// Not here Oracle (native_oracle.h). Columns: masks stay the gateway's, for row-level security knows none. Telling the server who asks
///          (driver/postgres, with the names of driver/native_context.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "driver/relation_facts.h"
#include "policy/policy_set.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// How our policy for an action is called at the server: `majed_select`, `majed_insert`, `majed_update`, `majed_delete`.
[[nodiscard]] std::string native_policy_name(policy::Action action);

struct NativePolicy {
    driver::QualifiedName table;
    policy::Action action = policy::Action::select;
    std::string condition;           ///< Of the rows that it reaches, and may leave.
    std::vector<std::string> notes;  ///< What the server cannot do for this table, for people.
};

/// A policy of ours at the server that no rule speaks of any more.
struct LeftoverPolicy {
    driver::QualifiedName table;
    std::string name;
};

struct NativeRules {
    std::string source;
    std::string login;                     ///< The policies hold for it alone.
    std::vector<std::string> search_path;  ///< In which their names are looked for.
    /// For each table under rules one for reading, and one for each way of writing that some role has.
    std::vector<NativePolicy> policies;
    std::vector<LeftoverPolicy> leftovers;
    std::vector<std::string> attributes;  ///< That sessions must tell: driver::GuardSet::context_attributes.
};

/// Errors: as governed_tables; invalid_argument (a predicate that does not parse; rows hidden in what is not a table; two
/// attributes that differ by case only).
[[nodiscard]] Result<NativeRules> native_rules(const policy::PolicySet& policies, std::string_view source,
                                               const catalog::Snapshot& catalog);

/// SQL for the owner of the tables that makes the server hold these rules; running it again changes nothing.
[[nodiscard]] std::string native_script(const NativeRules& rules);

/// What the server does not hold as it must, in words for an operator. Empty: all is as the rules say.
[[nodiscard]] std::vector<std::string> native_differences(const NativeRules& rules,
                                                          const catalog::Snapshot& catalog);

}  // namespace majed::rewrite
