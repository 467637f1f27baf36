/// A connection to Oracle for statements of the program itself.
///
/// Why      Makes Oracle keep the promises of driver::Connection: statements outside a transaction are committed with
///          their execution, a lost reply is in doubt, DDL never ends a transaction unseen.
/// Life     Made by the Oracle driver, which outlives it.
/// Threads  As driver::Connection.
/// Not here The calls themselves (statement_run.h, physical_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "driver/driver.h"
#include "driver/oracle/abandoned_sessions.h"
#include "driver/oracle/physical_session.h"
#include "driver/oracle/session_trace.h"
#include "driver/oracle/statement_run.h"

#include <memory>
#include <optional>

namespace majed::driver::oracle {

class OracleConnection final : public Connection {
public:
    /// `session` is connected and has its settings.
    OracleConnection(std::unique_ptr<PhysicalSession> session, AbandonedSessions& abandoned, Access access)
        : abandoned_(abandoned), access_(access), session_(std::move(session)) {}
    ~OracleConnection() override;
    OracleConnection(const OracleConnection&) = delete;
    OracleConnection& operator=(const OracleConnection&) = delete;

    [[nodiscard]] Result<void> ping(Deadline deadline) override;
    [[nodiscard]] Result<void> reset(Deadline deadline) override;
    void interrupt() noexcept override;
    [[nodiscard]] bool reusable() const noexcept override;
    void abandon() noexcept override;

    [[nodiscard]] Result<StatementDescription> prepare(std::string_view sql, Deadline deadline) override;
    [[nodiscard]] Result<RunSummary> execute(std::string_view sql, const Parameters& parameters,
                                             const RunLimits& limits, RowSink& sink) override {
        return execute_bound(sql, parameters, {}, limits, sink);
    }
    /// As execute, with texts bound as `texts` says.
    [[nodiscard]] Result<RunSummary> execute_bound(std::string_view sql, const Parameters& parameters,
                                                   const TextBinds& texts, const RunLimits& limits,
                                                   RowSink& sink);
    /// Runs a block of ours outside a transaction, of which nothing stays but what its caller takes away again: past what others'
    /// statements are asked, on a connection that only reads too.
    [[nodiscard]] Result<void> tell(std::string_view block, const Parameters& parameters, Deadline deadline);
    /// Nothing may run here any more.
    void give_up() noexcept;
    [[nodiscard]] Result<BatchSummary> execute_many(std::string_view sql,
                                                    std::span<const std::vector<Value>> rows,
                                                    Deadline deadline) override;
    [[nodiscard]] Result<void> begin(TransactionMode mode, Deadline deadline) override;
    [[nodiscard]] Result<void> commit(Deadline deadline) override;
    [[nodiscard]] Result<void> rollback(Deadline deadline) override;
    [[nodiscard]] bool in_transaction() const noexcept override { return transaction_.has_value(); }
    [[nodiscard]] Result<void> identify(const SessionIdentity& identity, Deadline deadline) override;
    [[nodiscard]] std::string last_message() const override {
        return session_ == nullptr ? std::string() : session_->last_words();
    }

private:
    class Operation;

    [[nodiscard]] Result<void> must_be_there() const;
    /// Hands a stuck session over, and passes `result` on.
    template <class T>
    [[nodiscard]] Result<T> settled(Result<T> result);

    [[nodiscard]] Result<RunSummary> run(std::string_view sql, const Parameters& parameters,
                                         const TextBinds& texts, const RunLimits& limits, RowSink& sink);
    [[nodiscard]] Result<RunSummary> run_query(StatementRun& statement, const RunLimits& limits,
                                               RowSink& sink);
    [[nodiscard]] Result<RunSummary> run_other(StatementRun& statement, const RunLimits& limits);
    [[nodiscard]] Result<void> may_run(const StatementRun& statement) const;
    [[nodiscard]] Result<BatchSummary> run_many(std::string_view sql,
                                                std::span<const std::vector<Value>> rows, Deadline deadline);
    [[nodiscard]] Result<std::uint64_t> run_chunk(std::string_view sql,
                                                  std::span<const std::vector<Value>> rows, std::size_t first,
                                                  Deadline deadline);
    [[nodiscard]] Error undone(Error error, bool was_open);
    [[nodiscard]] Result<void> run_own(std::string_view sql, Deadline deadline);
    [[nodiscard]] Result<void> end_by_commit(Deadline deadline);
    [[nodiscard]] Result<void> end_by_rollback(Deadline deadline);
    [[nodiscard]] Result<void> clean(Deadline deadline);
    [[nodiscard]] Result<void> set_identity(const SessionIdentity& identity);
    void transaction_ended();

    AbandonedSessions& abandoned_;
    const Access access_;
    std::optional<TransactionMode> transaction_;
    SessionTrace trace_;
    SessionIdentity identity_;
    std::optional<SessionIdentity> identity_before_;  ///< To go back to when the transaction ends.
    bool in_child_ = false;

    Mutex session_mutex_;  ///< For interrupt against the handing over of a stuck session.
    std::unique_ptr<PhysicalSession> session_;
};

}  // namespace majed::driver::oracle
