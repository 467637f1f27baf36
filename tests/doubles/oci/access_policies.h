/// Virtual Private Database, as far as the script of `majed policy export` goes: its packages, its context, its policies.
///
/// Why      What the gateway trusts a database with must be there when it asks, be compared, and filter rows.
/// Life     Free functions; what was defined lies in tables of the database, what holds for a session in its temporary schema.
/// Threads  The session's.
/// Not here Any other PL/SQL: a package is kept as text, and only the form of ours is understood (README.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "database.h"
#include "oracle_error.h"
#include "sql_scan.h"

namespace majed::oci_double {

class Session;

/// The tables behind the dictionary's views of all this, and those views.
Failure add_policy_catalog(Database& database);

/// CREATE CONTEXT, CREATE PACKAGE, GRANT EXECUTE, a block that calls DBMS_RLS or only raises errors.
bool defines_access_policies(const std::vector<Token>& tokens);
Failure define_access_policies(Session& session, const std::string& sql, const std::vector<Token>& tokens);

/// A call of the context's package; nullopt: it is none.
std::optional<Failure> call_context_package(Session& session, const std::string& name,
                                            const std::vector<std::string>& arguments);

/// From now on the session's user sees of each table what its policies show to the role of the context: a view that hides it, and
/// triggers that keep changes to their rows.
Failure apply_access_policies(Session& session);

/// Below such views; a change names the table itself.
std::set<std::string> tables_under_policies(Session& session);

}  // namespace majed::oci_double
