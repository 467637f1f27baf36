// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/statement_run.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace majed::driver::oracle {

namespace {

constexpr std::size_t longest_statement = 4U << 20U;
/// Rows that come with the answer to the execution: a small result needs no second round trip.
constexpr std::uint64_t most_prefetched = 32;
constexpr std::uint64_t rows_between_looks = 64;

}  // namespace

Result<StatementRun*> StatementRun::prepare(PhysicalSession& session, std::string_view sql) {
    if (sql.size() > longest_statement) {
        return Error{ErrorCode::too_large, "the statement is longer than 4 MiB"};
    }
    if (!session.usable()) {
        return not_usable();
    }
    std::unique_ptr<StatementRun> run(new StatementRun(session));
    StatementRun* const made = run.get();
    session.hold(std::move(run));
    if (session.is_stuck()) {
        return not_usable();
    }
    dpiStmt* statement = nullptr;
    MAJED_TRY(session.local(session.odpi().prepare(session.connection(), 0, sql.data(),
                                                   static_cast<std::uint32_t>(sql.size()), nullptr, 0,
                                                   &statement)));
    made->statement_ = {statement, {session.odpi().release_statement}};
    dpiStmtInfo info{};
    MAJED_TRY(session.local(session.odpi().statement_kind(statement, &info)));
    made->kind_ = kind_of(info.statementType, sql);
    made->takes_arrays_ = info.isDML != 0;
    made->is_insert_ = info.statementType == DPI_STMT_TYPE_INSERT;
    MAJED_TRY(made->read_placeholders(sql));
    return made;
}

Result<void> StatementRun::read_placeholders(std::string_view sql) {
    // No statement has more placeholders than colons; most have none, which saves asking.
    const auto colons = static_cast<std::size_t>(std::count(sql.begin(), sql.end(), ':'));
    if (colons == 0 || kind_ == StatementKind::ddl || kind_ == StatementKind::alter) {
        return {};
    }
    std::vector<const char*> names(colons);
    std::vector<std::uint32_t> lengths(colons);
    auto count = static_cast<std::uint32_t>(colons);
    MAJED_TRY(
        session_.local(session_.odpi().bind_names(statement_.get(), &count, names.data(), lengths.data())));
    for (std::uint32_t i = 0; i < count; ++i) {
        placeholders_.emplace_back(names[i], lengths[i]);
    }
    return {};
}

Result<void> StatementRun::bind(const Parameters& parameters, Deadline deadline, const TextBinds& texts) {
    MAJED_TRY_ASSIGN(const auto values, match_parameters(placeholders_, parameters));
    std::vector<std::vector<const Value*>> columns;
    columns.reserve(values.size());
    for (const Value* const value : values) {
        columns.push_back({value});
    }
    return bind_columns(columns, deadline, texts);
}

Result<void> StatementRun::bind_rows(std::span<const std::vector<Value>> rows, Deadline deadline) {
    std::vector<std::vector<const Value*>> columns(placeholders_.size());
    for (const std::vector<Value>& row : rows) {
        MAJED_TRY_ASSIGN(const auto positions, match_positions(placeholders_, row.size()));
        for (std::size_t i = 0; i < positions.size(); ++i) {
            columns[i].push_back(&row[positions[i]]);
        }
    }
    return bind_columns(columns, deadline);
}

Result<void> StatementRun::bind_columns(const std::vector<std::vector<const Value*>>& columns,
                                        Deadline deadline, const TextBinds& texts) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto style = texts.find(placeholders_[i]);
        MAJED_TRY(parameters_.bind(session_, statement_.get(),
                                   {placeholders_[i], style != texts.end() ? style->second : TextBind::usual},
                                   columns[i], deadline));
    }
    return {};
}

Result<void> StatementRun::describe(Deadline deadline) {
    if (kind_ == StatementKind::query) {
        return session_.call(deadline, [this]() -> CallAnswer {
            std::uint32_t columns = 0;
            if (auto failed = session_.answer(
                    session_.odpi().execute(statement_.get(), DPI_MODE_EXEC_DESCRIBE_ONLY, &columns))) {
                return failed;
            }
            return rows_.describe(session_, statement_.get(), columns);
        });
    }
    // Of anything but DML, a parse may already be the execution.
    if (!takes_arrays_) {
        return {};
    }
    return session_.call(deadline, [this] {
        return session_.answer(session_.odpi().execute(statement_.get(), DPI_MODE_EXEC_PARSE_ONLY, nullptr));
    });
}

Result<void> StatementRun::execute(dpiExecMode mode, std::uint64_t wanted, Deadline deadline) {
    wanted_ = wanted;
    if (kind_ == StatementKind::query) {
        return session_.call(deadline, [this, mode] { return run_query(mode); });
    }
    return session_.call(deadline, [this, mode] {
        auto failed = session_.answer(session_.odpi().execute(statement_.get(), mode, nullptr));
        count_rows();
        return failed;
    });
}

CallAnswer StatementRun::run_query(dpiExecMode mode) {
    const auto prefetch = static_cast<std::uint32_t>(std::min(wanted_, most_prefetched));
    if (auto failed = session_.answer(session_.odpi().set_prefetch(statement_.get(), prefetch))) {
        return failed;
    }
    std::uint32_t columns = 0;
    if (auto failed = session_.answer(session_.odpi().execute(statement_.get(), mode, &columns))) {
        return failed;
    }
    if (auto failed = rows_.describe(session_, statement_.get(), columns)) {
        return failed;
    }
    return rows_.start(session_, statement_.get(), wanted_);
}

void StatementRun::count_rows() {
    rows_affected_ = 0;
    std::uint64_t count = 0;
    if (takes_arrays_ && session_.odpi().row_count(statement_.get(), &count) == DPI_SUCCESS) {
        rows_affected_ = count;
    }
}

Result<void> StatementRun::execute_many(dpiExecMode mode, std::uint32_t iterations, Deadline deadline) {
    return session_.call(deadline, [this, mode, iterations] {
        auto failed = session_.answer(session_.odpi().execute_many(statement_.get(), mode, iterations));
        count_rows();
        return failed;
    });
}

Result<void> StatementRun::must_go_on(const RunLimits& limits) const {
    if (session_.is_interrupted()) {
        return error_of({.ora = 1013}, StopCause::interrupt);
    }
    if (SteadyClock::now() >= limits.deadline) {
        return Error{.code = ErrorCode::timeout,
                     .message = "the statement did not end in time",
                     .failure = FailureClass::timeout};
    }
    return {};
}

Result<void> StatementRun::hand_out(const RunLimits& limits, RowSink& sink, RunSummary& summary,
                                    std::uint64_t& bytes_left) {
    for (std::uint32_t i = 0; i < rows_.rows(); ++i) {
        if (summary.rows == limits.max_rows) {
            summary.truncated = true;
            return {};
        }
        if (session_.is_interrupted() || summary.rows % rows_between_looks == 0) {
            MAJED_TRY(must_go_on(limits));
        }
        MAJED_TRY_ASSIGN(const auto cells, rows_.row(session_, i, bytes_left, limits.deadline));
        MAJED_TRY(sink.row(cells));
        ++summary.rows;
    }
    return {};
}

Result<RunSummary> StatementRun::stream(const RunLimits& limits, RowSink& sink) {
    RunSummary summary;
    std::uint64_t bytes_left = limits.max_bytes;
    for (;;) {
        MAJED_TRY(hand_out(limits, sink, summary, bytes_left));
        if (summary.truncated || !rows_.has_more()) {
            return summary;
        }
        MAJED_TRY(session_.call(limits.deadline, [this] { return rows_.fetch(session_, statement_.get()); }));
    }
}

}  // namespace majed::driver::oracle
