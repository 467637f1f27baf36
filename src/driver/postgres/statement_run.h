/// One run of a prepared statement: rows from the wire to the sink, and an end that leaves nothing running.
///
/// Why      Limits, the sink's refusal, the deadline and an interrupt can each end a run half-way, and the connection must
///          be fit for the next statement after every one of them.
/// Life     On the stack of `execute`; borrows all it is given.
/// Threads  The connection's.
/// Not here Preparing (statement_cache.h), transactions (postgres_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/postgres/bound_parameters.h"
#include "driver/postgres/prepared_statement.h"
#include "driver/postgres/wire.h"
#include "driver/run.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::driver::postgres {

/// Whether an error of this SQLSTATE may come from a statement that was prepared before its tables changed: it is gone,
/// or values were bound for types that its parameters no longer have. A new one with the same error proves that not.
[[nodiscard]] bool says_stale(std::string_view state) noexcept;

class StatementRun {
public:
    /// What becomes of it when its connection is lost.
    enum class Stake {
        none,       ///< A query, or part of a transaction that dies with the connection.
        committed,  ///< It commits by itself: a lost reply leaves it in doubt.
    };

    StatementRun(Wire& wire, const PreparedStatement& statement, const RunLimits& limits, RowSink& sink);

    [[nodiscard]] Result<RunSummary> run(const BoundParameters& parameters, Stake stake);
    /// Reads the rows of a query that a pipeline sent, in a transaction that is undone whatever happens: what is not
    /// wanted of them is cancelled.
    [[nodiscard]] Result<RunSummary> receive();

    /// After an error: the server may no longer have the statement in this form, and has given no row of it.
    [[nodiscard]] bool stale() const noexcept { return stale_; }
    /// After success: `SELECT 5`, `DISCARD ALL`.
    [[nodiscard]] const std::string& tag() const noexcept { return tag_; }

private:
    [[nodiscard]] Result<RunSummary> read();
    void take(const NativeResult& result);
    void take_row(const PGresult* result);
    void take_error(const PGresult* result);
    [[nodiscard]] bool begin_rows();
    void fail(Error error);
    /// What follows is not wanted. A cancel would end an open transaction, and undo a statement that writes.
    void drop_surplus();

    Wire& wire_;
    const PreparedStatement& statement_;
    const RunLimits& limits_;
    RowSink& sink_;
    RowReader reader_;
    RunSummary summary_;
    std::uint64_t bytes_left_;
    std::optional<Error> failure_;  ///< Of ours or the sink's, which ended it.
    std::optional<Error> refusal_;  ///< Of the server.
    std::string tag_;
    Stake stake_ = Stake::none;
    bool in_transaction_ = false;
    bool begun_ = false;
    bool dropping_ = false;
    bool cut_short_ = false;  ///< Rows came that were not handed on, because their time was over.
    bool stale_ = false;
};

}  // namespace majed::driver::postgres
