/// A schema on the double of Oracle's client library behind a real Gateway, asked as one principal.
///
/// Why      Everything of ours is the real thing, from the text to the calls of the client library. What the double makes of
///          the SQL is SQLite's: it shows that rows are filtered, not how Oracle would plan it.
/// Life     One double for the program; a GovernedDouble owns one database of it.
/// Threads  One thread at a time.
/// Not here What the answer should be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "core/attributes.h"
#include "core/result.h"
#include "doubles/oci/remote/oci_double.h"
#include "driver/driver.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "governed/answer.h"
#include "policy/policy_set.h"
#include "source/source_registry.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace majed::governed_oracle {

/// Its rows are in order: no engine promised another one.
using governed::Answer;

/// The one of this program.
[[nodiscard]] const doubles::OciDouble& the_double();

class GovernedDouble {
public:
    /// Runs `script` in the database `service`, and puts `policies` in force for it; users may write if `access` says so.
    /// Natively enforced, another user than the gateway's owns the packages, and he runs what is exported for them first.
    GovernedDouble(const std::string& service, const std::vector<std::string>& script,
                   std::shared_ptr<const policy::PolicySet> policies,
                   driver::Access access = driver::Access::read_only,
                   source::Enforcement enforcement = source::Enforcement::rewrite);

    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] Answer run(const Attributes& attributes, const std::string& sql,
                             policy::Role role = policy::Role::normal, driver::Parameters parameters = {});
    /// What would be sent, or why nothing would.
    [[nodiscard]] std::string rewritten(const Attributes& attributes, const std::string& sql);
    /// What `majed policy export` would print, run by its owner; each statement as SQL*Plus would send it.
    void run_export();
    /// As `majed policy verify` would tell it.
    [[nodiscard]] std::vector<std::string> differences();
    /// As its health is looked after: what has changed since is read before the next statement.
    void look();
    /// Past the gateway, by the owner.
    [[nodiscard]] Answer plain(const std::string& sql);
    void execute(const std::string& sql);
    /// Past the gateway, with its login: blocks and statements of one session.
    [[nodiscard]] Answer as_login(const std::string& sql);
    [[nodiscard]] source::Source& source() { return *sources_->find("shop").value(); }

private:
    [[nodiscard]] static Answer answer_of(driver::Connection& connection, const std::string& sql);

    std::shared_ptr<const policy::PolicySet> policies_;
    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<driver::Driver> writer_;
    std::unique_ptr<driver::Connection> owner_;
    std::unique_ptr<driver::Driver> login_driver_;
    std::unique_ptr<driver::Connection> login_;
    std::unique_ptr<audit::AuditTrail> audit_;
    std::unique_ptr<source::SourceRegistry> sources_;
    std::unique_ptr<gateway::Gateway> gateway_;
    std::string error_;
};

}  // namespace majed::governed_oracle
