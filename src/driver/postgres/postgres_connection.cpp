// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/postgres_connection.h"

#include "core/ascii.h"
#include "core/utf8.h"
#include "driver/identity_names.h"
#include "driver/postgres/batch_run.h"
#include "driver/postgres/copy_run.h"
#include "driver/postgres/exchange.h"
#include "driver/postgres/parameter_fit.h"
#include "driver/postgres/statement_run.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// What DISCARD ALL does, save that prepared statements and their plans stay.
constexpr std::array<const char*, 9> clean_up_commands{
    "RESET SESSION AUTHORIZATION",
    "RESET ROLE",
    "CLOSE ALL",
    "UNLISTEN *",
    "SELECT pg_catalog.pg_advisory_unlock_all()",
    "DISCARD TEMP",
    "DISCARD SEQUENCES",
    "RESET ALL",
    "SELECT count(*) FROM pg_catalog.pg_prepared_statements WHERE from_sql",
};

constexpr std::size_t longest_application_name = 63;
constexpr std::size_t most_attributes = 64;

/// By the tag of a command that succeeded.
bool changes_schema(std::string_view tag) noexcept {
    return tag.starts_with("CREATE ") || tag.starts_with("DROP ") || tag.starts_with("ALTER ");
}

Error misuse(std::string message) {
    return Error{.code = ErrorCode::invalid_argument,
                 .message = std::move(message),
                 .failure = FailureClass::user_error};
}

/// A statement may have changed the setting.
Result<void> speaks_utf8(const Wire& wire) {
    if (PQclientEncoding(wire.native()) != pg_char_to_encoding("UTF8")) {
        return misuse("the session's client_encoding was changed: only UTF8 is read here");
    }
    return {};
}

bool all_keep_meaning(BatchRows rows, std::span<const Oid> types) noexcept {
    return std::all_of(rows.begin(), rows.end(), [&](const std::vector<Value>& row) {
        return std::equal(row.begin(), row.end(), types.begin(), types.end(), keeps_meaning);
    });
}

bool is_plain_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && name.size() <= 63 && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), fits);
}

/// `majed: module/action`, cut between characters.
std::string application_name(const SessionIdentity& identity) {
    std::string name = "majed: " + identity.module;
    if (!identity.action.empty()) {
        name += (identity.module.empty() ? "" : "/") + identity.action;
    }
    name.resize(whole_characters(name, longest_application_name).size());
    return name;
}

/// Settings with their values. Errors: invalid_argument.
Result<std::vector<std::pair<std::string, std::string>>> settings_of(const SessionIdentity& identity) {
    std::vector<std::pair<std::string, std::string>> settings;
    if (!identity.client.empty()) {
        settings.emplace_back("majed.client", identity.client);
    }
    if (!identity.module.empty() || !identity.action.empty()) {
        settings.emplace_back("application_name", application_name(identity));
    }
    if (identity.attributes.size() > most_attributes) {
        return misuse("an identity has at most " + std::to_string(most_attributes) + " attributes");
    }
    for (const auto& [name, value] : identity.attributes) {
        if (!is_plain_name(name) || equal_ascii_case(name, "client")) {
            return misuse("the name of an attribute is not one that a setting can have");
        }
        settings.emplace_back("majed." + name, value);
    }
    for (const auto& [name, value] : settings) {
        if (value.find('\0') != std::string::npos) {
            return misuse("an identity cannot hold a NUL byte");
        }
    }
    return settings;
}

}  // namespace

PostgresConnection::PostgresConnection(NativeConnection native, BlockingCalls& cancels, Access access,
                                       const Target& target)
    : wire_(std::move(native), cancels), statements_(wire_, target.cached_statements), access_(access) {}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::create(NativeConnection native,
                                                                       BlockingCalls& cancels, Access access,
                                                                       const Target& target) {
    std::unique_ptr<PostgresConnection> connection(
        new PostgresConnection(std::move(native), cancels, access, target));
    MAJED_TRY(connection->wire_.prepare_waking());
    return connection;
}

bool PostgresConnection::in_transaction() const noexcept {
    if (wire_.native() == nullptr) {
        return false;
    }
    const PGTransactionStatusType status = PQtransactionStatus(wire_.native());
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

Error PostgresConnection::judged(Error error) {
    if (error.failure == FailureClass::read_only && access_ == Access::read_write && !reads_only_) {
        wire_.break_off();
    }
    return error;
}

Result<void> PostgresConnection::ping(Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline, Wire::Interrupts::ignored));
    MAJED_TRY(ask(wire_, ""));
    return {};
}

Result<StatementDescription> PostgresConnection::prepare(std::string_view sql, Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline));
    statements_.forget(sql);  // What is kept may describe tables that have changed since.
    MAJED_TRY_ASSIGN(const StatementCache::Found found, statements_.get(sql));
    StatementDescription description;
    description.columns = found.statement->columns;
    description.parameter_count = found.statement->parameters.size();
    description.parameter_names = found.statement->text.names();
    description.parameter_names.resize(description.parameter_count);
    return description;
}

Result<RunSummary> PostgresConnection::execute(std::string_view sql, const Parameters& parameters,
                                               const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(wire_.begin_operation(limits.deadline));
    bool try_again = false;
    auto summary = run_once(sql, parameters, limits, sink, try_again);
    if (try_again) {
        summary = run_once(sql, parameters, limits, sink, try_again);
    }
    return summary ? std::move(summary) : Result<RunSummary>(judged(std::move(summary).error()));
}

Result<StatementCache::Found> PostgresConnection::found_for(std::string_view sql,
                                                            const Parameters& parameters,
                                                            std::optional<BoundParameters>& bound) {
    MAJED_TRY_ASSIGN(StatementCache::Found found, statements_.get(sql));
    const auto bind = [&] {
        return BoundParameters::bind(found.statement->text.names(), found.statement->parameters, parameters);
    };
    auto values = bind();
    if (!found.fresh && (!values || !values->exact())) {
        // The types it was prepared with may be those of a table that has changed since.
        statements_.forget(sql);
        MAJED_TRY_ASSIGN(found, statements_.get(sql));
        values = bind();
    }
    MAJED_TRY(values);
    bound = std::move(*values);
    return found;
}

Result<RunSummary> PostgresConnection::run_once(std::string_view sql, const Parameters& parameters,
                                                const RunLimits& limits, RowSink& sink, bool& try_again) {
    std::optional<BoundParameters> bound;
    MAJED_TRY_ASSIGN(const StatementCache::Found found, found_for(sql, parameters, bound));
    const PreparedStatement& statement = *found.statement;
    const bool alone = PQtransactionStatus(wire_.native()) == PQTRANS_IDLE;
    const bool writes = access_ == Access::read_write && !statement.text.only_reads();
    // Its rows may be refused after it is done: then it must not have been.
    const bool guarded = alone && writes && statement.text.is_dml() && !statement.columns.empty();
    const bool commits = writes && !guarded && (alone || statement.text.may_commit());
    dirty_ = true;
    MAJED_TRY(speaks_utf8(wire_));
    if (guarded) {
        MAJED_TRY(ask(wire_, "BEGIN"));
    }
    StatementRun run(wire_, statement, limits, sink);
    auto summary = run.run(*bound, commits ? StatementRun::Stake::committed : StatementRun::Stake::none);
    if (guarded) {
        if (auto ended = end_own(summary ? Result<void>() : summary.error(), "ROLLBACK"); !ended) {
            summary = std::move(ended).error();
        }
    }
    // A statement kept from earlier may be gone or changed; it was refused before it began, so it is safe to repeat.
    try_again = !summary && run.stale() && alone && !found.fresh;
    if (!summary && run.stale()) {
        statements_.forget(sql);
    } else if (summary && (run.tag() == "DISCARD ALL" || run.tag().starts_with("DEALLOCATE"))) {
        statements_.forget_all();
    } else if (summary && changes_schema(run.tag())) {
        statements_.drop_all();
    }
    // SET TRANSACTION READ WRITE is a SET; a transaction may also have ended, or begun, by a text.
    const bool sets_transaction =
        run.tag() == "SET" && ascii_lower(sql).find("transaction") != std::string::npos;
    if (summary && (!in_transaction() || sets_transaction)) {
        reads_only_ = false;
    }
    return summary;
}

Result<BatchSummary> PostgresConnection::execute_many(std::string_view sql,
                                                      std::span<const std::vector<Value>> rows,
                                                      Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline));
    auto done = run_many(sql, rows);
    if (done || !says_stale(done.error().native_state) || !reusable() || in_transaction()) {
        return done;
    }
    // The server no longer has what was prepared, or not in this form. Nothing was done, so it can be done again.
    statements_.forget(sql);
    return run_many(sql, rows);
}

Result<BatchSummary> PostgresConnection::run_many(std::string_view sql, BatchRows rows) {
    MAJED_TRY_ASSIGN(StatementCache::Found found, statements_.get(sql));
    if (!found.fresh && !all_keep_meaning(rows, found.statement->parameters)) {
        statements_.forget(sql);
        MAJED_TRY_ASSIGN(found, statements_.get(sql));
    }
    if (!found.statement->columns.empty()) {
        return misuse("a statement that answers rows cannot be run for many");
    }
    if (!found.statement->text.is_dml()) {
        return misuse("only INSERT, UPDATE, DELETE and MERGE run over many rows");
    }
    if (rows.empty()) {
        return BatchSummary{};
    }
    dirty_ = true;
    auto summary = run_rows(*found.statement, rows);
    if (!summary && says_stale(summary.error().native_state)) {
        statements_.forget(sql);
    }
    return summary;
}

Result<BatchSummary> PostgresConnection::run_rows(const PreparedStatement& statement, BatchRows rows) {
    const bool nested = in_transaction();
    const auto affected = run_batch(wire_, statement, rows, nested ? "SAVEPOINT majed_batch" : "BEGIN");
    const auto done = affected ? Result<void>() : judged(affected.error());
    MAJED_TRY(end_own(done, nested ? "ROLLBACK TO SAVEPOINT majed_batch" : "ROLLBACK"));
    return BatchSummary{*affected};
}

Result<BatchSummary> PostgresConnection::copy_rows(std::string_view sql, std::string_view rows,
                                                   Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline));
    if (!takes_rows(sql) || sql.find('\0') != std::string_view::npos) {
        return misuse("only COPY ... FROM STDIN takes rows");
    }
    MAJED_TRY(speaks_utf8(wire_));
    dirty_ = true;
    const auto loaded = run_copy(wire_, std::string(sql), rows);
    return loaded ? Result<BatchSummary>(BatchSummary{*loaded}) : judged(loaded.error());
}

Result<void> PostgresConnection::end_own(const Result<void>& done, const char* undo) {
    const bool nested = std::string_view(undo) != "ROLLBACK";
    if (done && wire_.stopped() == Wire::Stop::none) {
        if (nested) {
            MAJED_TRY(ask(wire_, "RELEASE SAVEPOINT majed_batch"));
            return {};
        }
        return send_commit();
    }
    // When the rows were in before the request to stop came, the caller is told what was asked for all the same.
    Error failure = done ? wire_.stop_error() : done.error();
    if (wire_.usable() && wire_.begin_epilogue() && in_transaction()) {
        const auto undone = ask(wire_, undo);
        if (!undone) {
            wire_.break_off();
        }
    }
    return failure;
}

Result<void> PostgresConnection::begin(TransactionMode mode, Deadline deadline) {
    if (in_transaction()) {
        return misuse("a transaction is open already");
    }
    if (mode == TransactionMode::read_write && access_ == Access::read_only) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "this connection only reads",
                     .failure = FailureClass::read_only};
    }
    MAJED_TRY(wire_.begin_operation(deadline));
    const bool reads_only = mode == TransactionMode::read_only;
    MAJED_TRY(ask(wire_, reads_only ? "BEGIN READ ONLY" : "BEGIN READ WRITE"));
    reads_only_ = reads_only;
    return {};
}

Result<void> PostgresConnection::commit(Deadline deadline) {
    if (!in_transaction()) {
        return reusable() ? misuse("no transaction is open") : wire_.lost();
    }
    MAJED_TRY(wire_.begin_operation(deadline));
    return send_commit();
}

Result<void> PostgresConnection::send_commit() {
    // Such a transaction ends without effect, whatever the reply would have been.
    const bool nothing_at_stake = reads_only_ || PQtransactionStatus(wire_.native()) == PQTRANS_INERROR;
    auto answer = ask(wire_, "COMMIT");
    reads_only_ = false;
    if (!answer) {
        Error error = std::move(answer).error();
        if (!wire_.usable() && !nothing_at_stake) {
            error.code = ErrorCode::in_doubt;
            error.failure = FailureClass::in_doubt;
            error.message = "the reply to the commit was lost: it happened or not";
        }
        return error;
    }
    if (tag_of(answer->get()) == "ROLLBACK") {
        return Error{.code = ErrorCode::conflict,
                     .message = "the transaction had failed before: it is rolled back",
                     .native_code = number_of("25P02"),
                     .failure = FailureClass::user_error,
                     .native_state = "25P02"};
    }
    return {};
}

Result<void> PostgresConnection::rollback(Deadline deadline) {
    if (!in_transaction()) {
        return reusable() ? Result<void>() : wire_.lost();
    }
    MAJED_TRY(wire_.begin_operation(deadline, Wire::Interrupts::ignored));
    MAJED_TRY(ask(wire_, "ROLLBACK"));
    reads_only_ = false;
    return {};
}

Result<void> PostgresConnection::identify(const SessionIdentity& identity, Deadline deadline) {
    MAJED_TRY(names_are_distinct(identity));
    MAJED_TRY_ASSIGN(const auto settings, settings_of(identity));
    if (settings.empty()) {
        return {};
    }
    const char* const is_local = in_transaction() ? "true" : "false";
    std::string sql = "SELECT ";
    std::vector<Value> values;
    for (const auto& [name, value] : settings) {
        sql += values.empty() ? "" : ", ";
        sql += "pg_catalog.set_config('" + name + "', $" + std::to_string(values.size() + 1) + ", " +
               is_local + ')';
        values.emplace_back(value);
    }
    const std::vector<Oid> types(values.size(), 0);
    MAJED_TRY_ASSIGN(const BoundParameters bound, BoundParameters::bind(types, values));
    MAJED_TRY(wire_.begin_operation(deadline));
    dirty_ = true;
    MAJED_TRY(ask(wire_, sql.c_str(), &bound));
    return {};
}

Result<void> PostgresConnection::reset(Deadline deadline) {
    MAJED_TRY(wire_.begin_operation(deadline, Wire::Interrupts::ignored));
    const bool roll_back = in_transaction();
    if (!roll_back && !dirty_) {
        return {};
    }
    auto cleaned = clean_up(roll_back);
    if (!cleaned) {
        wire_.break_off();
        return cleaned;
    }
    reads_only_ = false;
    dirty_ = false;
    return {};
}

Result<void> PostgresConnection::clean_up(bool roll_back) {
    MAJED_TRY_ASSIGN(Pipeline pipeline, Pipeline::open(wire_));
    if (roll_back) {
        MAJED_TRY(pipeline.command("ROLLBACK"));
        MAJED_TRY(pipeline.sync());
    }
    if (dirty_) {
        for (const char* const command : clean_up_commands) {
            MAJED_TRY(pipeline.command(command));
        }
        MAJED_TRY(pipeline.sync());
    }
    std::optional<Pipeline::Failure> failure;
    if (roll_back) {
        MAJED_TRY_ASSIGN(failure, pipeline.read([](std::size_t, PGresult*) {}));
    }
    bool prepared_by_sql = false;
    if (dirty_ && !failure) {
        MAJED_TRY_ASSIGN(failure, pipeline.read([&](std::size_t index, PGresult* result) {
            const bool counts = index + 1 == clean_up_commands.size();
            prepared_by_sql =
                counts && PQntuples(result) == 1 && std::string_view(PQgetvalue(result, 0, 0)) != "0";
        }));
    }
    if (failure) {
        return std::move(failure->error);
    }
    MAJED_TRY(pipeline.close());
    if (prepared_by_sql) {
        MAJED_TRY(ask(wire_, "DEALLOCATE ALL"));
        statements_.forget_all();
    }
    return {};
}

}  // namespace majed::driver::postgres
