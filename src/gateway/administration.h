/// Changes of a source's schema, and its upkeep, by an administrator: what `allow = ["ddl"]` lets through.
///
/// Why      Rules decide about rows, and such a statement has none to decide about: it goes a way of its own, which is
///          narrow. Who asks is an administrator at the command line, the source says that it takes it, and sql/ knows its form.
///          It runs over a connection of the program's own, in a session that is closed afterwards.
/// Life     Values of one request.
/// Threads  One thread at a time.
/// Not here The order of audit, run and catalogue (gateway.cpp), forms (sql/administration.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "core/deadline.h"
#include "core/result.h"
#include "gateway/gateway.h"
#include "gateway/plan.h"
#include "policy/policy_set.h"
#include "policy/principal.h"
#include "source/source.h"
#include "sql/administration.h"

#include <optional>
#include <string>

namespace majed::gateway {

/// A statement about the schema, from one who may run such.
struct Administration {
    StatementFacts facts;
    Result<sql::AdministrativeStatement> statement;  ///< Or why it is not run.
};

/// Whether `principal`, by this request, may run statements about the schema of `source` at all.
[[nodiscard]] bool may_administer(const policy::Principal& principal, const QueryRequest& request,
                                  const source::Source& source) noexcept;

/// Of one who may. nullopt: the statement goes the way of all others, which refuses it, or governs it. A table that one of `policies`
/// names is neither dropped nor truncated. `policies` may be null: nothing is run.
[[nodiscard]] std::optional<Administration> administration_of(const QueryRequest& request,
                                                              const source::Source& source,
                                                              const policy::PolicySet* policies);

/// The audit's details of it, without the closing brace.
[[nodiscard]] std::string details_of(const Administration& administration,
                                     const policy::Principal& principal);

/// Runs it. Errors: as driver::Connection::execute.
[[nodiscard]] Result<void> run_administration(source::Source& source,
                                              const sql::AdministrativeStatement& statement,
                                              Deadline deadline);

}  // namespace majed::gateway
