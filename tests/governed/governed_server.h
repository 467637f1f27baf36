/// A schema on a real PostgreSQL server behind a real Gateway, asked as one principal.
///
/// Why      Tests of enforcement go through the only door there is, and compare with what the server says by itself.
/// Life     One server for the program; a GovernedSchema owns its schemas there and drops them.
/// Threads  One thread at a time.
/// Not here What the answer should be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "core/attributes.h"
#include "core/result.h"
#include "doubles/postgres_server.h"
#include "driver/driver.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "governed/answer.h"
#include "policy/policy_set.h"
#include "source/source.h"
#include "source/source_registry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace majed::governed {

/// Names without a schema; one of a schema that is not ours keeps it. Indexes and the server's own are left out.
struct OpenedTables {
    std::set<std::string> listed;
    std::set<std::string> locked;
    std::string problem;  ///< What the server said when it could not plan the text.

    /// Those that were locked and are neither listed nor in `known`.
    [[nodiscard]] std::string unlisted(const std::set<std::string>& known = {}) const;
};

/// One server for all tests of this program. Skips them where none can be started.
class OnServer : public testing::Test {
protected:
    void SetUp() override;
    [[nodiscard]] static doubles::PostgresServer& server();
};

class GovernedSchema {
public:
    /// Runs `script` in a new schema, in which the login then looks for names, and puts `policies` in force.
    GovernedSchema(doubles::PostgresServer& server, const std::vector<std::string>& script,
                   std::shared_ptr<const policy::PolicySet> policies,
                   driver::Access access = driver::Access::read_only);

    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] Answer run(const Attributes& attributes, const std::string& sql,
                             policy::Role role = policy::Role::normal, driver::Parameters parameters = {});
    /// As run, but what is answered goes to `sink`.
    Result<gateway::QuerySummary> read(const Attributes& attributes, const std::string& sql,
                                       gateway::ResultSink& sink, policy::Role role = policy::Role::normal,
                                       driver::Parameters parameters = {});
    /// What would be sent, or why nothing would.
    [[nodiscard]] std::string rewritten(const Attributes& attributes, const std::string& sql);
    /// Nothing where the statement is refused; else the tables that the gateway lists as used, and those that the server
    /// locks to understand and to plan what would be sent.
    [[nodiscard]] std::optional<OpenedTables> opened(const Attributes& attributes, const std::string& sql);
    /// As the owner of everything, past the gateway; names are looked for in `schema`.
    [[nodiscard]] Answer plain(const std::string& schema, const std::string& sql);
    void execute(const std::string& sql);
    /// plain() and execute() are an administrator's from now on, from whom row-level security hides nothing.
    void become_administrator();
    /// From now on the server's own row-level security filters the rows, by what the rules are exported as.
    void enforce_natively();
    /// Of statements through the gateway from now on.
    void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }

private:
    void serve(source::Enforcement enforcement);

    doubles::PostgresServer& server_;
    driver::Access access_;
    std::shared_ptr<const policy::PolicySet> policies_;
    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<driver::Driver> writer_;
    std::unique_ptr<driver::Connection> owner_;
    std::string looked_in_;  ///< The schema in which the owner's connection looks for names.
    std::unique_ptr<audit::AuditTrail> audit_;
    std::unique_ptr<source::SourceRegistry> sources_;
    std::unique_ptr<gateway::Gateway> gateway_;
    std::string error_;
    std::optional<std::chrono::milliseconds> timeout_;
};

}  // namespace majed::governed
