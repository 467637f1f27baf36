/// A session on PostgreSQL that only authorized statements can use, each in a transaction of its own.
///
/// Why      A user's statement runs under limits, a fixed search path and, where the server enforces the rules, the
///          principal's name; a rollback takes all of it away again, whatever the statement did. Only a write is committed,
///          once every row that it left was found to be one that may be.
/// Life     Made by PostgresDriver for one GuardSet, which outlives it; closed when the guard is replaced or doubt remains.
/// Threads  One; `interrupt` from any.
/// Not here What is set (session_setting.h), rows (statement_run.h), what may run at all (gateway/).
///
/// One round trip for a statement that this session has run before: BEGIN READ ONLY, the settings, the statement and
/// ROLLBACK go out together, the last behind a sync of its own so that it comes whatever became of the others. One more
/// the first time. A write takes one more, for its COMMIT. Always the extended protocol: a text is one statement.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/driver.h"
#include "driver/postgres/bound_parameters.h"
#include "driver/postgres/exchange.h"
#include "driver/postgres/session_setting.h"
#include "driver/postgres/statement_cache.h"
#include "driver/postgres/wire.h"
#include "driver/session.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace majed::driver::postgres {

class GovernedSession final : public Session {
public:
    enum class Statements : std::uint8_t { queries, writes };

    struct Terms {
        std::shared_ptr<const GuardSet> guard;
        Statements statements = Statements::queries;
    };

    /// Takes what log_in() made. Errors: unavailable, timeout, internal (no guard).
    [[nodiscard]] static Result<std::unique_ptr<GovernedSession>> open(NativeConnection native,
                                                                       BlockingCalls& cancels,
                                                                       const Target& target, Terms terms,
                                                                       Deadline deadline);

    /// Errors: as Session; what the database complains of keeps its code and state, and loses its place and its words.
    [[nodiscard]] Result<RunSummary> run(const AuthorizedStatement& statement, const Parameters& parameters,
                                         const Attributes& identity, const RunLimits& limits,
                                         RowSink& sink) override;
    [[nodiscard]] Result<void> prepare(const AuthorizedStatement& statement) override;
    [[nodiscard]] Result<void> ping(Deadline deadline) override;
    /// Nothing of a run outlives its transaction; one that is open against all expectation ends the session.
    [[nodiscard]] Result<void> reset(Deadline deadline) override;
    void interrupt() noexcept override { wire_.interrupt(); }
    [[nodiscard]] bool reusable() const noexcept override { return wire_.usable(); }
    void abandon() noexcept override { wire_.abandon(); }

private:
    GovernedSession(NativeConnection native, BlockingCalls& cancels, const Target& target, Terms terms);
    [[nodiscard]] Result<void> set_up();
    [[nodiscard]] Result<void> is_for(const AuthorizedStatement& statement) const;
    /// Prepared, with values that mean what the tables take them for now.
    [[nodiscard]] Result<StatementCache::Found> found_for(const AuthorizedStatement& statement,
                                                          const std::vector<Value>& values,
                                                          std::optional<BoundParameters>& bound);
    /// One call of run.
    struct Run {
        const AuthorizedStatement& statement;
        const std::vector<Value>& values;  ///< The caller's, and behind them the principal's.
        const Attributes& identity;
        const RunLimits& limits;
        RowSink& sink;
    };
    [[nodiscard]] Result<RunSummary> run_once(const Run& run, bool& try_again);
    /// What goes out together.
    struct Ready {
        const BoundParameters& setting;
        const PreparedStatement& statement;
        const BoundParameters& bound;
    };
    /// A query's whole transaction, in one go; a write's up to its COMMIT.
    [[nodiscard]] static Result<void> send(Pipeline& pipeline, const Ready& ready);
    [[nodiscard]] static Result<void> send_write(Pipeline& pipeline, const Ready& ready,
                                                 const WriteGrant& grant);
    /// Reads what `pipeline` brings of the statement: its rows, or why it did not begin.
    [[nodiscard]] Result<RunSummary> receive_rows(Pipeline& pipeline, const Run& run,
                                                  const PreparedStatement& statement, bool& stale);
    /// The same of a write, whose verdicts stay here.
    [[nodiscard]] Result<RunSummary> receive_checked(Pipeline& pipeline, const Run& run,
                                                     const PreparedStatement& statement, bool& stale);
    /// All that `pipeline` brings of a query.
    [[nodiscard]] Result<RunSummary> receive(Pipeline& pipeline, const Run& run,
                                             const PreparedStatement& statement, bool& stale);
    [[nodiscard]] Result<RunSummary> write(Pipeline& pipeline, const Run& run, const Ready& ready,
                                           bool& stale);
    /// What cannot be seen from the rows that a write answers, and COMMIT.
    [[nodiscard]] Result<void> conclude(const Run& run, const WriteGrant& grant);
    [[nodiscard]] Result<void> commit();
    void end_transaction();
    /// For who asked: nothing of the rewritten text, and `conflict` only when the schema is not the guard's any more.
    [[nodiscard]] Error outward(Error error);
    [[nodiscard]] bool schema_moved();

    std::shared_ptr<const GuardSet> guard_;
    const Statements kind_;
    SessionSetting setting_;
    Wire wire_;
    StatementCache statements_;
};

}  // namespace majed::driver::postgres
