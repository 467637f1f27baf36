/// A database file behind a real Gateway, asked as one principal.
///
/// Why      Tests of enforcement go through the only door there is.
/// Life     Owns a temporary folder with the file; borrows its audit trail.
/// Threads  One thread at a time.
/// Not here What the answer should be (plain_database.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "corpora/plain_database.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "policy/policy_set.h"
#include "source/source_fixture.h"
#include "source/source_registry.h"
#include "store/primary_store.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace majed::corpora {

struct GovernedAnswer {
    Answer answer;               ///< Rows sorted; `failed` when refused.
    std::optional<Error> error;  ///< Set when refused.
    std::optional<std::uint64_t> rows_affected = {};
};

/// An audit trail in a folder of its own; one serves many files.
class AuditFolder {
public:
    AuditFolder();
    [[nodiscard]] audit::AuditTrail& trail() { return *trail_; }

private:
    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<store::PrimaryStore> store_;
    std::unique_ptr<audit::AuditTrail> trail_;
};

class GovernedFile {
public:
    /// A file in which `script` was run, under `policies`; `error()` says what went wrong.
    GovernedFile(const std::string& script, std::shared_ptr<const policy::PolicySet> policies,
                 AuditFolder& audit, driver::Access access = driver::Access::read_only);

    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] GovernedAnswer run(const Attributes& attributes, const std::string& sql);
    /// What is sent to the engine, for messages.
    [[nodiscard]] std::string rewritten(const Attributes& attributes, const std::string& sql);
    [[nodiscard]] std::string path() const { return directory_.file("source.db"); }
    [[nodiscard]] std::string folder() const { return directory_.file(""); }

private:
    [[nodiscard]] static policy::Principal principal(const Attributes& attributes, policy::Role role);

    driver::sqlite::TemporaryDirectory directory_;
    source::SourceRegistry sources_;
    std::unique_ptr<gateway::Gateway> gateway_;
    std::string error_;
};

}  // namespace majed::corpora
