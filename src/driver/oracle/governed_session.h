/// A session on Oracle that only authorized statements can use, each in a transaction of its own: a query in one that only
/// reads and is undone, a write in one that is committed when nothing was dragged along.
///
/// Why      What a user's statement may leave behind is taken away again, whatever it did; and it sees one moment of the data.
/// Life     Made by OracleDriver for one GuardSet; closed when the guard is replaced or doubt remains.
/// Threads  One; `interrupt` from any.
/// Not here The calls (oracle_connection.h), what may run at all (gateway/).
///
/// Three round trips for a query: SET TRANSACTION READ ONLY, the execution with the first rows, the rollback. For a write: the
/// execution, what it would drag along (of a DELETE, two questions), the commit. Where the database holds the rules, one before
/// and one behind: who asks, and that nobody does any more.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/guard.h"
#include "driver/oracle/context_block.h"
#include "driver/oracle/oracle_connection.h"
#include "driver/session.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace majed::driver::oracle {

/// What a session of users is told once, behind session_settings.h: one statement each.
[[nodiscard]] std::vector<std::string> governed_settings(const GuardSet& guard);

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

class GovernedSession final : public Session {
public:
    enum class Statements : std::uint8_t { queries, writes };

    /// `connection` has its settings and those of `guard`, and only reads unless `statements` are writes.
    GovernedSession(std::unique_ptr<OracleConnection> connection, std::shared_ptr<const GuardSet> guard,
                    Statements statements)
        : guard_(std::move(guard)),
          statements_(statements),
          context_(*guard_),
          connection_(std::move(connection)) {}

    /// Errors: as Session; what the database complains of keeps its code, and loses its place and its words.
    [[nodiscard]] Result<RunSummary> run(const AuthorizedStatement& statement, const Parameters& parameters,
                                         const Attributes& identity, const RunLimits& limits,
                                         RowSink& sink) override;
    [[nodiscard]] Result<void> prepare(const AuthorizedStatement& statement) override;
    [[nodiscard]] Result<void> ping(Deadline deadline) override { return connection_->ping(deadline); }
    /// Also forgets who asked; when that cannot be, the session is given up.
    [[nodiscard]] Result<void> reset(Deadline deadline) override;
    void interrupt() noexcept override { connection_->interrupt(); }
    [[nodiscard]] bool reusable() const noexcept override { return connection_->reusable(); }
    void abandon() noexcept override { connection_->abandon(); }

private:
    /// Where the database's own policies hold the rules. Errors: invalid_argument, unavailable; then nothing may run here.
    [[nodiscard]] Result<void> say_who_asks(const Attributes& identity, Deadline deadline);
    void forget_who_asked();
    [[nodiscard]] Result<void> is_for(const AuthorizedStatement& statement) const;
    [[nodiscard]] Result<RunSummary> read(const AuthorizedStatement& statement, const GovernedBinds& binds,
                                          const RunLimits& limits, RowSink& sink);
    [[nodiscard]] Result<RunSummary> write(const AuthorizedStatement& statement, const GovernedBinds& binds,
                                           const RunLimits& limits, RowSink& sink);
    /// What cannot be seen from the write itself, and the commit.
    [[nodiscard]] Result<void> conclude(const WriteGrant& grant, Deadline deadline);
    void end_transaction();
    /// For who asked; `conflict` when the schema is not the guard's any more, and of a write also for what it clashes with.
    [[nodiscard]] Error told(Error error);
    [[nodiscard]] bool schema_moved();

    std::shared_ptr<const GuardSet> guard_;
    const Statements statements_;
    const ContextBlock context_;
    bool told_ = false;  ///< Of somebody, who is not forgotten yet.
    std::unique_ptr<OracleConnection> connection_;
};

}  // namespace majed::driver::oracle
