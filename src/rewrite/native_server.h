/// The rules of a source as its server must hold them, whatever its make.
///
/// Why      What exports, compares and serves does not care whether it is row-level security or Virtual Private Database.
/// Life     Free functions.
/// Threads  Pure.
/// Not here PostgreSQL (native_rules.h), Oracle (native_oracle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "policy/policy_set.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// What who owns the tables runs. Errors: as native_rules and oracle_rules.
[[nodiscard]] Result<std::string> server_script(const policy::PolicySet& policies, std::string_view source,
                                                const catalog::Snapshot& catalog);

/// In words for an operator; empty: the server holds the rules. Errors: likewise.
[[nodiscard]] Result<std::vector<std::string>> server_differences(const policy::PolicySet& policies,
                                                                  std::string_view source,
                                                                  const catalog::Snapshot& catalog);

/// The attributes that sessions must tell the server. Errors: likewise.
[[nodiscard]] Result<std::vector<std::string>> server_attributes(const policy::PolicySet& policies,
                                                                 std::string_view source,
                                                                 const catalog::Snapshot& catalog);

}  // namespace majed::rewrite
