/// The rules of an Oracle source as Virtual Private Database: what must be there, and whether it is.
///
/// Why      `enforcement = "native"` trusts the server with the rows. Nothing is served before the server was seen to hold
///          exactly the packages and policies that these rules make.
/// Life     Values; made from rules and a catalogue.
/// Threads  Pure.
/// Not here Columns: masks stay the gateway's. Telling the server who asks (driver/oracle, with the names of
///          driver/native_context.h). PostgreSQL (native_rules.h); which of both (native_server.h).
///
/// A function for each table and action gives the condition of each role, for the gateway's login alone. The condition asks for the
/// role itself as well: a cursor that was made for another role shows nothing. Nothing here was run on a real server.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "driver/relation_facts.h"
#include "policy/policy_set.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::rewrite {

/// One policy of one table, which asks one function.
struct OraclePolicy {
    driver::QualifiedName table;
    policy::Action action = policy::Action::select;
    std::string name;      ///< `MAJED_SELECT`
    std::string function;  ///< `SELECT_` and what tells the table: always the same for it.
    /// By role; whoever is not here has no row.
    std::vector<std::pair<policy::Role, std::string>> conditions;
    std::vector<std::string> notes;  ///< What the server cannot do for this table, for people.
};

struct LeftoverAccessPolicy {
    driver::QualifiedName table;
    std::string name;
};

struct OracleRules {
    std::string source;
    std::string login;                            ///< They hold for it alone.
    std::vector<OraclePolicy> policies;           ///< For each table under rules one of each action.
    std::vector<LeftoverAccessPolicy> leftovers;  ///< Of ours, that no rule speaks of any more.
    std::vector<std::string> attributes;  ///< That sessions must tell: driver::GuardSet::context_attributes.
    /// As the dictionary must have them: the context's, and the functions'.
    std::vector<driver::PackageSource> packages;
};

/// Errors: as governed_tables; invalid_argument (a predicate that does not compile or is too long; rows hidden in a view; an
/// attribute whose name no context can have, or that another has but for case; tables whose rules read each other).
[[nodiscard]] Result<OracleRules> oracle_rules(const policy::PolicySet& policies, std::string_view source,
                                               const catalog::Snapshot& catalog);

/// Text for SQL*Plus, for one user that is not the gateway's login; running it again changes nothing, and leaves no table without
/// its policies meanwhile.
[[nodiscard]] std::string oracle_script(const OracleRules& rules);

/// What the server does not hold as it must, in words for an operator. Empty: all is as the rules say.
[[nodiscard]] std::vector<std::string> oracle_differences(const OracleRules& rules,
                                                          const catalog::Snapshot& catalog);

/// The packages of `rules`, but for their texts.
[[nodiscard]] std::vector<driver::PackageSource> oracle_packages(const OracleRules& rules);

}  // namespace majed::rewrite
