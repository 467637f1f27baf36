/// The rules of a PostgreSQL source as row-level security of the server: what must be there, and whether it is.
///
/// Why      `enforcement = "native"` trusts the server with the rows. Nothing is served before the server was seen to hold
///          exactly the policies that these rules make.
/// Life     Values; made from rules and a catalogue.
/// Threads  Pure.
/// Not here Columns: masks stay the gateway's, for row-level security knows none. Telling the server who asks
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

/// Every policy of ours at the server is called this.
inline constexpr std::string_view native_policy_name = "majed_select";

struct NativePolicy {
    driver::QualifiedName table;
    std::string condition;           ///< Of the rows that can be read.
    std::vector<std::string> notes;  ///< What the server cannot do for this table, for people.
};

struct NativeRules {
    std::string source;
    std::string login;                             ///< The policies hold for it alone.
    std::vector<std::string> search_path;          ///< In which their names are looked for.
    std::vector<NativePolicy> policies;            ///< One for each table under rules.
    std::vector<driver::QualifiedName> leftovers;  ///< Tables with a policy of ours and no rule any more.
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

/// The same rules as SQL for an Oracle database: a context, a package and its DBMS_RLS policies. Nothing here has run it: the
/// script says so. Errors: as native_rules.
[[nodiscard]] Result<std::string> oracle_native_script(const policy::PolicySet& policies,
                                                       std::string_view source,
                                                       const catalog::Snapshot& catalog);

}  // namespace majed::rewrite
