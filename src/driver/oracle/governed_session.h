/// A session on Oracle that only authorized statements can use, each in a transaction of its own that only reads and is undone.
///
/// Why      What a user's statement may leave behind is taken away again, whatever it did; and it sees one moment of the data.
/// Life     Made by OracleDriver for one GuardSet; closed when the guard is replaced or doubt remains.
/// Threads  One; `interrupt` from any.
/// Not here The calls (oracle_connection.h), what may run at all (gateway/).
///
/// Three round trips for a statement: SET TRANSACTION READ ONLY, the execution with the first rows, the rollback.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/guard.h"
#include "driver/oracle/oracle_connection.h"
#include "driver/session.h"

#include <memory>
#include <string>
#include <vector>

namespace majed::driver::oracle {

/// What a session of users is told once, behind session_settings.h: one statement each.
[[nodiscard]] std::vector<std::string> governed_settings(const GuardSet& guard);

class GovernedSession final : public Session {
public:
    /// `connection` only reads, and has its settings and those of `guard`.
    GovernedSession(std::unique_ptr<OracleConnection> connection, std::shared_ptr<const GuardSet> guard)
        : guard_(std::move(guard)), connection_(std::move(connection)) {}

    /// Errors: as Session; what the database complains of keeps its code, and loses its place and its words.
    [[nodiscard]] Result<RunSummary> run(const AuthorizedStatement& statement, const Parameters& parameters,
                                         const Attributes& identity, const RunLimits& limits,
                                         RowSink& sink) override;
    [[nodiscard]] Result<void> prepare(const AuthorizedStatement& statement) override;
    [[nodiscard]] Result<void> ping(Deadline deadline) override { return connection_->ping(deadline); }
    [[nodiscard]] Result<void> reset(Deadline deadline) override { return connection_->reset(deadline); }
    void interrupt() noexcept override { connection_->interrupt(); }
    [[nodiscard]] bool reusable() const noexcept override { return connection_->reusable(); }
    void abandon() noexcept override { connection_->abandon(); }

private:
    [[nodiscard]] Result<void> is_for(const AuthorizedStatement& statement) const;
    void end_transaction();
    /// For who asked; `conflict` when the schema is not the guard's any more.
    [[nodiscard]] Error told(Error error);
    [[nodiscard]] bool schema_moved();

    std::shared_ptr<const GuardSet> guard_;
    std::unique_ptr<OracleConnection> connection_;
};

/// The caller's values and the principal's, each under the name of its bind, and how they are bound.
struct GovernedBinds {
    Parameters parameters;
    TextBinds texts;
};

/// Errors: invalid_argument (the caller's do not fit, an attribute is too long).
[[nodiscard]] Result<GovernedBinds> governed_binds(const std::vector<std::string>& caller_binds,
                                                   const Parameters& given,
                                                   const std::vector<AttributeParameter>& attributes,
                                                   const Attributes& identity, std::string_view bind_prefix);

}  // namespace majed::driver::oracle
