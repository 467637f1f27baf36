// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/governed_session.h"

#include "driver/row_refused.h"
#include "driver/sqlite/native_error.h"
#include "driver/sqlite/native_value.h"
#include "driver/sqlite/rewind_at_end.h"
#include "driver/sqlite/user_error.h"
#include "driver/sqlite/write_transaction.h"

#include <sqlite3.h>

#include <type_traits>
#include <utility>

namespace majed::driver::sqlite {

namespace {

constexpr std::size_t kept_statements = 64;
/// A slow sink keeps SQLite from asking for the deadline, so the row loop asks too, now and then.
constexpr std::uint64_t rows_between_deadline_checks = 32;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\f") == std::string_view::npos;
}

bool was_compiled_again(sqlite3_stmt* statement) {
    return sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_REPREPARE, 0) != 0;
}

}  // namespace

GovernedSession::GovernedSession(std::shared_ptr<const GuardSet> guard, Access access)
    : access_(access),
      context_{guard, nullptr},
      index_(std::move(guard)),
      authorizer_(index_),
      cache_(kept_statements) {}

Result<std::unique_ptr<GovernedSession>> GovernedSession::open(const std::string& path,
                                                               std::shared_ptr<const GuardSet> guard,
                                                               Deadline deadline, Access access) {
    std::unique_ptr<GovernedSession> session(new GovernedSession(std::move(guard), access));
    session->control_.begin(deadline);
    if (auto connected = session->connect(path); !connected) {
        const int native = connected.error().native_code;
        if ((native & 0xff) == SQLITE_INTERRUPT) {
            return Error{.code = ErrorCode::unavailable,
                         .message = "the source did not open in time",
                         .native_code = native,
                         .failure = FailureClass::lost};
        }
        return std::move(connected).error();
    }
    return session;
}

Result<void> GovernedSession::connect(const std::string& path) {
    MAJED_TRY_ASSIGN(connection_, open_guarded(path, context_, control_, access_));
    MAJED_TRY_ASSIGN(roots_, read_root_pages(connection_.get(), index_.guard().base_schema));
    authorizer_.install(connection_.get());
    return {};
}

void GovernedSession::interrupt() noexcept {
    control_.cancel();
}

Result<void> GovernedSession::ping(Deadline deadline) {
    control_.begin(deadline);
    if (has_moved(connection_.get(), index_.guard().base_schema.c_str())) {
        reusable_ = false;
        return Error{.code = ErrorCode::unavailable,
                     .message = "the file of the source is gone",
                     .native_code = SQLITE_READONLY_DBMOVED,
                     .failure = FailureClass::lost};
    }
    const Authorizer::OwnWork own(authorizer_);
    auto version = read_schema_version(connection_.get(), index_.guard().base_schema);
    if (!version) {
        reusable_ = false;
        Error error = std::move(version).error();
        error.failure = failure_class_of(error.native_code);
        return error;
    }
    return {};
}

Result<void> GovernedSession::reset(Deadline deadline) {
    control_.begin(deadline);
    return {};
}

void GovernedSession::abandon() noexcept {
    // A descriptor of a parent process must not be closed here: that would drop the parent's locks.
    reusable_ = false;
    cache_.for_each([](PreparedStatement& kept) { static_cast<void>(kept.statement.release()); });
    static_cast<void>(connection_.release());
}

Result<void> GovernedSession::prepare(const AuthorizedStatement& statement) {
    control_.begin(Deadline::max());
    MAJED_TRY_ASSIGN([[maybe_unused]] const PreparedStatement* kept, prepared(statement));
    // Compiling alone does not look at the file.
    return schema_moved() ? Result<void>(schema_changed()) : Result<void>();
}

Result<RunSummary> GovernedSession::run(const AuthorizedStatement& statement, const Parameters& parameters,
                                        const Attributes& identity, const RunLimits& limits, RowSink& sink) {
    control_.begin(limits.deadline);
    // Before the identity is set: SQLite may call a deterministic function while it plans, and a plan must
    // not depend on who asked first.
    MAJED_TRY_ASSIGN(PreparedStatement* const ready, prepared(statement));
    const IdentityInForce who(context_, identity);
    const Authorizer::Judging judging(authorizer_, ready->scope);
    if (ready->scope.grant() != nullptr) {
        return write(*ready, parameters, limits, sink);
    }
    const RewindAtEnd rewind(ready->statement.get());
    MAJED_TRY(ready->parameters.bind(ready->statement.get(), parameters));
    if (control_.must_stop()) {
        return control_.stop_error(0);
    }
    return stream(*ready, limits, sink);
}

Result<PreparedStatement*> GovernedSession::prepared(const AuthorizedStatement& statement) {
    if (reusable_ && guards_another_schema()) {
        return schema_changed();
    }
    if (PreparedStatement* kept = cache_.find(statement.id());
        kept != nullptr && reusable_ && statement.generation() == index_.guard().generation) {
        return kept;
    }
    MAJED_TRY_ASSIGN(PreparedStatement compiled, compile(statement));
    return cache_.put(statement.id(), std::move(compiled));
}

Result<PreparedStatement> GovernedSession::compile(const AuthorizedStatement& statement) {
    if (!reusable_) {
        return Error{ErrorCode::unavailable, "the session is no longer usable"};
    }
    MAJED_TRY_ASSIGN(StatementScope scope, StatementScope::create(index_, statement));
    if (scope.grant() != nullptr && access_ == Access::read_only) {
        return Error{ErrorCode::internal, "a write was given to a session that reads"};
    }
    const std::string& sql = statement.sql();
    if (sql.find('\0') != std::string::npos) {
        return Error{ErrorCode::invalid_argument, "the statement holds a NUL character"};
    }
    sqlite3* const database = connection_.get();
    sqlite3_stmt* compiled = nullptr;
    const char* tail = nullptr;
    const Authorizer::Judging judging(authorizer_, scope);
    const int result = sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &compiled, &tail);
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> owned(compiled);
    if (result != SQLITE_OK) {
        Error error = compile_error(result, sqlite3_errmsg(database), index_);
        error.failure = failure_class_of(result);
        return schema_moved() ? schema_changed() : error;
    }
    if (compiled == nullptr || !is_blank({tail, static_cast<std::size_t>(sql.data() + sql.size() - tail)})) {
        return Error{ErrorCode::invalid_argument, "the text must hold exactly one statement"};
    }
    const bool writes = scope.grant() != nullptr;
    if ((!writes && sqlite3_stmt_readonly(compiled) == 0) || sqlite3_stmt_isexplain(compiled) != 0) {
        return Error{ErrorCode::denied, "the statement is not a plain read"};
    }
    if (auto audited = audit_program(database, sql, roots_, scope); !audited) {
        return audited.error().code == ErrorCode::conflict || schema_moved() ? schema_changed()
                                                                             : audited.error();
    }
    StatementParameters parameters(compiled);
    auto columns = static_cast<std::size_t>(sqlite3_column_count(compiled));
    const bool reports_check = statement.write() && statement.write()->reports_check;
    if (reports_check && columns-- == 0) {
        return Error{ErrorCode::internal, "a write does not say whether its rows may be so"};
    }
    return PreparedStatement{std::move(owned), std::move(scope), std::move(parameters), columns,
                             reports_check};
}

Result<RunSummary> GovernedSession::stream(PreparedStatement& prepared, const RunLimits& limits,
                                           RowSink& sink) {
    sqlite3_stmt* const statement = prepared.statement.get();
    RunSummary summary;
    std::uint64_t bytes_left = limits.max_bytes;
    cells_.resize(prepared.columns);
    int result = sqlite3_step(statement);
    if (was_compiled_again(statement)) {
        return schema_changed();
    }
    while (result == SQLITE_ROW && summary.rows < limits.max_rows) {
        MAJED_TRY(hand_out(prepared, bytes_left, sink));
        ++summary.rows;
        const bool ask_time = summary.rows % rows_between_deadline_checks == 0;
        if (ask_time ? control_.must_stop() : control_.is_cancelled()) {
            return control_.stop_error(0);
        }
        result = sqlite3_step(statement);
    }
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        return run_failure(result, summary.rows > 0);
    }
    summary.truncated = result == SQLITE_ROW;
    if (const int ended = sqlite3_reset(statement); ended != SQLITE_OK) {
        return run_failure(ended, true);
    }
    return summary;
}

Result<RunSummary> GovernedSession::write(PreparedStatement& prepared, const Parameters& parameters,
                                          const RunLimits& limits, RowSink& sink) {
    // Undone after the statement was rewound: a pending one would stand in its way.
    WriteTransaction transaction(connection_.get(), authorizer_);
    const RewindAtEnd rewind(prepared.statement.get());
    if (const int begun = transaction.begin(); begun != SQLITE_OK) {
        return write_failure(begun);
    }
    MAJED_TRY(prepared.parameters.bind(prepared.statement.get(), parameters));
    MAJED_TRY_ASSIGN(RunSummary summary, change(prepared, limits, sink));
    if (control_.must_stop()) {
        return control_.stop_error(0);
    }
    if (const int committed = transaction.commit(); committed != SQLITE_OK) {
        return write_failure(committed);
    }
    return summary;
}

/// All changes are made before the first row comes out; the rows say of each whether it may be so.
Result<RunSummary> GovernedSession::change(PreparedStatement& prepared, const RunLimits& limits,
                                           RowSink& sink) {
    sqlite3_stmt* const statement = prepared.statement.get();
    RunSummary summary;
    std::uint64_t bytes_left = limits.max_bytes;
    std::uint64_t checked = 0;
    cells_.resize(prepared.columns);
    int result = sqlite3_step(statement);
    if (was_compiled_again(statement)) {
        return schema_changed();
    }
    for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
        const int verdict = static_cast<int>(prepared.columns);
        if (prepared.reports_check && sqlite3_column_int(statement, verdict) != 1) {
            return row_refused();
        }
        ++checked;
        if (prepared.columns == 0) {
            continue;
        }
        if (++summary.rows > limits.max_rows) {
            return Error{ErrorCode::too_large,
                         "the write answers more rows than allowed; nothing was written"};
        }
        MAJED_TRY(hand_out(prepared, bytes_left, sink));
        if (control_.must_stop()) {
            return control_.stop_error(0);
        }
    }
    if (result != SQLITE_DONE) {
        return write_failure(result);
    }
    summary.rows_affected = static_cast<std::uint64_t>(sqlite3_changes64(connection_.get()));
    if (prepared.reports_check && checked != summary.rows_affected) {
        reusable_ = false;
        return Error{ErrorCode::internal, "the write changed other rows than it told; nothing was written"};
    }
    return summary;
}

Result<void> GovernedSession::hand_out(PreparedStatement& prepared, std::uint64_t& bytes_left,
                                       RowSink& sink) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < prepared.columns; ++i) {
        cells_[i] = column_view(prepared.statement.get(), static_cast<int>(i));
        bytes += payload_size(cells_[i]);
    }
    if (bytes > bytes_left) {
        return Error{ErrorCode::too_large, "the answer exceeds the byte limit"};
    }
    bytes_left -= bytes;
    return sink.row(cells_);
}

Error GovernedSession::run_failure(int native, bool began) {
    const int primary = native & 0xff;
    if (primary == SQLITE_INTERRUPT || (primary == SQLITE_BUSY && control_.must_stop())) {
        return control_.stop_error(native);
    }
    Error error = run_error(native, sqlite3_errmsg(connection_.get()));
    error.failure = failure_class_of(native);
    if (!began && schema_moved()) {
        return schema_changed();
    }
    const bool doubtful = error.code == ErrorCode::unavailable || error.code == ErrorCode::internal;
    reusable_ = reusable_ && (!doubtful || primary == SQLITE_BUSY);
    return error;
}

Error GovernedSession::write_failure(int native) {
    const char* const text = sqlite3_errmsg(connection_.get());
    if (auto refusal = constraint_error(native, text, index_.guard())) {
        return *std::move(refusal);
    }
    return run_failure(native, false);
}

Error GovernedSession::schema_changed() {
    // Root pages and views belong to the old schema; only a new session is sure of the new one.
    reusable_ = false;
    return Error{ErrorCode::conflict, "the schema of the source changed; the statement can be tried again"};
}

/// The session was opened after a change of the schema, with a guard from before it (or the other way round). Its own
/// root pages are of the new schema, so nothing else would notice.
bool GovernedSession::guards_another_schema() const {
    const auto& written_for = index_.guard().schema_version;
    return written_for && *written_for != roots_.schema_version;
}

bool GovernedSession::schema_moved() {
    const Authorizer::OwnWork own(authorizer_);
    const auto version = read_schema_version(connection_.get(), index_.guard().base_schema);
    return version && *version != roots_.schema_version;
}

}  // namespace majed::driver::sqlite
