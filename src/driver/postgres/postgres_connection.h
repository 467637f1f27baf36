/// A connection to PostgreSQL for the program's own statements.
///
/// Why      See driver/connection.h. Here: libpq, the extended protocol only, every wait bounded.
/// Life     Made by PostgresDriver, which outlives it and owns the threads that send its cancel requests.
/// Threads  One; `interrupt` from any.
/// Not here Rows of a statement (statement_run.h), batches (batch_run.h), COPY (copy_run.h), the protocol with time (wire.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/connection.h"
#include "driver/driver.h"
#include "driver/postgres/batch_run.h"
#include "driver/postgres/bound_parameters.h"
#include "driver/postgres/statement_cache.h"
#include "driver/postgres/wire.h"

#include <memory>
#include <optional>
#include <string>

namespace majed::driver::postgres {

class PostgresConnection final : public Connection {
public:
    /// Takes what log_in() made. Errors: unavailable (exhausted).
    [[nodiscard]] static Result<std::unique_ptr<PostgresConnection>> create(NativeConnection native,
                                                                            BlockingCalls& cancels,
                                                                            Access access,
                                                                            const Target& target);

    [[nodiscard]] Result<void> ping(Deadline deadline) override;
    [[nodiscard]] Result<void> reset(Deadline deadline) override;
    void interrupt() noexcept override { wire_.interrupt(); }
    [[nodiscard]] bool reusable() const noexcept override { return wire_.usable(); }
    void abandon() noexcept override { wire_.abandon(); }

    [[nodiscard]] Result<StatementDescription> prepare(std::string_view sql, Deadline deadline) override;
    [[nodiscard]] Result<RunSummary> execute(std::string_view sql, const Parameters& parameters,
                                             const RunLimits& limits, RowSink& sink) override;
    [[nodiscard]] Result<BatchSummary> execute_many(std::string_view sql,
                                                    std::span<const std::vector<Value>> rows,
                                                    Deadline deadline) override;
    [[nodiscard]] Result<BatchSummary> copy_rows(std::string_view sql, std::string_view rows,
                                                 Deadline deadline) override;
    [[nodiscard]] Result<void> begin(TransactionMode mode, Deadline deadline) override;
    [[nodiscard]] Result<void> commit(Deadline deadline) override;
    [[nodiscard]] Result<void> rollback(Deadline deadline) override;
    [[nodiscard]] bool in_transaction() const noexcept override;
    [[nodiscard]] Result<void> identify(const SessionIdentity& identity, Deadline deadline) override;
    [[nodiscard]] std::string last_message() const override { return wire_.last_message(); }

private:
    PostgresConnection(NativeConnection native, BlockingCalls& cancels, Access access, const Target& target);
    /// Prepared, with values bound that mean what the tables take them for now.
    [[nodiscard]] Result<StatementCache::Found> found_for(std::string_view sql, const Parameters& parameters,
                                                          std::optional<BoundParameters>& bound);
    [[nodiscard]] Result<BatchSummary> run_many(std::string_view sql, BatchRows rows);
    [[nodiscard]] Result<BatchSummary> run_rows(const PreparedStatement& statement, BatchRows rows);
    /// Commits what was begun for `done` alone (releases its savepoint), or undoes it and answers why.
    [[nodiscard]] Result<void> end_own(const Result<void>& done, const char* undo);
    [[nodiscard]] Result<void> send_commit();
    [[nodiscard]] Result<void> clean_up(bool roll_back);
    [[nodiscard]] Result<RunSummary> run_once(std::string_view sql, const Parameters& parameters,
                                              const RunLimits& limits, RowSink& sink, bool& try_again);
    /// A write refused on a target that should take writes: the server changed its role. See components of the pool.
    [[nodiscard]] Error judged(Error error);

    Wire wire_;
    StatementCache statements_;
    Access access_;
    bool reads_only_ = false;  ///< The open transaction was begun as read only.
    bool dirty_ =
        false;  ///< A statement of a caller, or an identity, may have left something in the session.
};

}  // namespace majed::driver::postgres
