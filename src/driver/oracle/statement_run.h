/// One statement on its way through the client library: prepared, bound, executed, fetched.
///
/// Why      Everything that its calls read and write lies here, held by the session, so that an abandoned call is safe.
/// Life     Made by `prepare`, which gives it to the session; valid until the session drops it or holds another.
/// Threads  The session's user; what it hands to `PhysicalSession::call` runs on the session's thread.
/// Not here Transactions, access, error classes (oracle_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/oracle/bound_parameters.h"
#include "driver/oracle/odpi_handle.h"
#include "driver/oracle/physical_session.h"
#include "driver/oracle/row_reader.h"
#include "driver/oracle/session_trace.h"
#include "driver/run.h"

#include <dpi.h>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::driver::oracle {

class StatementRun final : public CallState {
public:
    /// Nothing is sent yet. The reference is to what `session` holds. Errors: too_large, and what the library says.
    [[nodiscard]] static Result<StatementRun*> prepare(PhysicalSession& session, std::string_view sql);
    ~StatementRun() override = default;

    [[nodiscard]] bool speaks_when_dropped() const noexcept override {
        return parameters_.has_lobs() || rows_.has_lobs();
    }

    [[nodiscard]] StatementKind kind() const noexcept { return kind_; }
    /// One row of values per iteration does not make sense for it, or it is not DML.
    [[nodiscard]] bool takes_arrays() const noexcept { return takes_arrays_; }
    [[nodiscard]] bool is_insert() const noexcept { return is_insert_; }
    /// Placeholders in order of appearance, each once: `1`, `NAME`.
    [[nodiscard]] const std::vector<std::string>& placeholders() const noexcept { return placeholders_; }
    [[nodiscard]] const std::vector<ResultColumn>& columns() const noexcept { return rows_.columns(); }

    [[nodiscard]] Result<void> bind(const Parameters& parameters, Deadline deadline,
                                    const TextBinds& texts = {});
    [[nodiscard]] Result<void> bind_rows(std::span<const std::vector<Value>> rows, Deadline deadline);

    /// Learns the columns of a query, or has a DML statement parsed, without running it.
    [[nodiscard]] Result<void> describe(Deadline deadline);
    /// Runs it; of a query, the first of `wanted` rows are fetched in the same call.
    [[nodiscard]] Result<void> execute(dpiExecMode mode, std::uint64_t wanted, Deadline deadline);
    [[nodiscard]] Result<void> execute_many(dpiExecMode mode, std::uint32_t iterations, Deadline deadline);
    /// Of DML; after an error, what was done before it.
    [[nodiscard]] std::uint64_t rows_affected() const noexcept { return rows_affected_; }

    /// Hands the rows of a query out. Errors: those of a call, of the sink, timeout, cancelled, too_large.
    [[nodiscard]] Result<RunSummary> stream(const RunLimits& limits, RowSink& sink);

private:
    explicit StatementRun(PhysicalSession& session) : session_(session) {}
    [[nodiscard]] Result<void> read_placeholders(std::string_view sql);
    [[nodiscard]] Result<void> bind_columns(const std::vector<std::vector<const Value*>>& columns,
                                            Deadline deadline, const TextBinds& texts = {});
    [[nodiscard]] Result<void> hand_out(const RunLimits& limits, RowSink& sink, RunSummary& summary,
                                        std::uint64_t& bytes_left);
    [[nodiscard]] Result<void> must_go_on(const RunLimits& limits) const;
    [[nodiscard]] CallAnswer run_query(dpiExecMode mode);
    void count_rows();

    PhysicalSession& session_;
    OdpiHandle<dpiStmt> statement_;
    StatementKind kind_ = StatementKind::other;
    bool takes_arrays_ = false;
    bool is_insert_ = false;
    std::vector<std::string> placeholders_;
    // Destroyed before the statement.
    BoundParameters parameters_;
    RowReader rows_;
    std::uint64_t wanted_ = 0;
    std::uint64_t rows_affected_ = 0;
};

}  // namespace majed::driver::oracle
