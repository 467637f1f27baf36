// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/oracle_connection.h"

#include "driver/identity_names.h"
#include "driver/oracle/batch_chunks.h"
#include "driver/oracle/bind_name.h"
#include "driver/oracle/identity_text.h"
#include "driver/oracle/session_settings.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace majed::driver::oracle {

namespace {

constexpr std::chrono::seconds longest_ping{5};
constexpr std::string_view batch_savepoint = "SAVEPOINT majed_batch";
constexpr std::string_view back_to_savepoint = "ROLLBACK TO SAVEPOINT majed_batch";

Error invalid(std::string message) {
    return Error{ErrorCode::invalid_argument, std::move(message)};
}

Error writes_nothing_here(std::string message) {
    return Error{
        .code = ErrorCode::unsupported, .message = std::move(message), .failure = FailureClass::read_only};
}

Error in_doubt(Error error) {
    error.code = ErrorCode::in_doubt;
    error.failure = FailureClass::in_doubt;
    error.message = "the reply was lost: whether the database did it is not known";
    return error;
}

/// Where the array stopped, counted from 0, when that can be told: by the offset, or, where that says the first row,
/// by what was done before it.
std::optional<std::size_t> failed_row(const StatementRun& statement, const NativeError& native) {
    if (native.offset > 0 || statement.rows_affected() == 0) {
        return native.offset;
    }
    return statement.is_insert() ? std::optional<std::size_t>(statement.rows_affected()) : std::nullopt;
}

}  // namespace

/// While it lives, `interrupt` is heard.
class OracleConnection::Operation {
public:
    explicit Operation(PhysicalSession& session) : session_(session) { session_.begin_operation(); }
    ~Operation() { session_.end_operation(); }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

private:
    PhysicalSession& session_;
};

OracleConnection::~OracleConnection() {
    if (in_child_ || session_ == nullptr) {
        return;
    }
    const bool closed = session_->close();
    const Lock lock(session_mutex_);
    if (!closed) {
        abandoned_.take(std::move(session_));
    }
}

template <class T>
Result<T> OracleConnection::settled(Result<T> result) {
    if (session_->is_stuck()) {
        const Lock lock(session_mutex_);
        abandoned_.take(std::move(session_));
        transaction_.reset();
    }
    return result;
}

Result<void> OracleConnection::must_be_there() const {
    if (session_ == nullptr || in_child_) {
        return not_usable();
    }
    return {};
}

void OracleConnection::interrupt() noexcept {
    const Lock lock(session_mutex_);
    if (session_ != nullptr) {
        session_->interrupt();
    }
}

bool OracleConnection::reusable() const noexcept {
    return session_ != nullptr && !in_child_ && session_->usable();
}

void OracleConnection::abandon() noexcept {
    // The threads of the parent do not exist here, and a goodbye would end the parent's session: what cannot be used
    // and cannot be closed is left.
    in_child_ = true;
    static_cast<void>(session_.release());
}

Result<void> OracleConnection::ping(Deadline deadline) {
    MAJED_TRY(must_be_there());
    PhysicalSession* const session = session_.get();
    const auto ask = [&]() -> Result<void> {
        const Operation operation(*session);
        return session->call(std::min(deadline, deadline_after(longest_ping)), [session] {
            return session->answer(session->odpi().ping(session->connection()));
        });
    };
    return settled(ask());
}

Result<StatementDescription> OracleConnection::prepare(std::string_view sql, Deadline deadline) {
    MAJED_TRY(must_be_there());
    const auto describe = [&]() -> Result<StatementDescription> {
        const Operation operation(*session_);
        MAJED_TRY_ASSIGN(StatementRun* const statement, StatementRun::prepare(*session_, sql));
        MAJED_TRY(statement->describe(deadline));
        StatementDescription description;
        description.columns = statement->columns();
        description.parameter_count = statement->placeholders().size();
        for (const std::string& name : statement->placeholders()) {
            description.parameter_names.push_back(spelled_bind_name(sql, name));
        }
        session_->drop();
        return description;
    };
    return settled(describe());
}

Result<void> OracleConnection::may_run(const StatementRun& statement) const {
    const StatementKind kind = statement.kind();
    if (kind == StatementKind::transaction_end) {
        return Error{ErrorCode::unsupported,
                     "a transaction is ended by commit and rollback, not by a statement"};
    }
    if (access_ == Access::read_only && kind != StatementKind::query) {
        return writes_nothing_here("this connection only reads");
    }
    const bool is_ddl = kind == StatementKind::ddl || kind == StatementKind::alter;
    if (is_ddl && transaction_ == TransactionMode::read_only) {
        // The server would commit and run it: READ ONLY keeps DML out, not DDL.
        return writes_nothing_here("this transaction only reads");
    }
    if (kind == StatementKind::ddl && transaction_) {
        // The server commits before it even tries: a rollback afterwards would undo nothing, and say it did.
        return Error{ErrorCode::unsupported, "a change of the schema would commit the open transaction",
                     "commit or roll back first"};
    }
    return {};
}

void OracleConnection::give_up() noexcept {
    if (session_ != nullptr) {
        session_->give_up();
    }
}

Result<RunSummary> OracleConnection::execute_bound(std::string_view sql, const Parameters& parameters,
                                                   const TextBinds& texts, const RunLimits& limits,
                                                   RowSink& sink) {
    MAJED_TRY(must_be_there());
    const auto work = [&]() -> Result<RunSummary> {
        const Operation operation(*session_);
        auto summary = run(sql, parameters, texts, limits, sink);
        session_->drop();
        return summary;
    };
    return settled(work());
}

Result<RunSummary> OracleConnection::run(std::string_view sql, const Parameters& parameters,
                                         const TextBinds& texts, const RunLimits& limits, RowSink& sink) {
    MAJED_TRY_ASSIGN(StatementRun* const statement, StatementRun::prepare(*session_, sql));
    MAJED_TRY(may_run(*statement));
    MAJED_TRY(statement->bind(parameters, limits.deadline, texts));
    const SessionTrace before = trace_;
    trace_.add(trace_of(statement->kind(), sql));
    if (statement->kind() != StatementKind::query) {
        auto done = run_other(*statement, limits);
        if (!done && session_->usable() && statement->kind() != StatementKind::plsql &&
            is_about_text(session_->last_native())) {
            // It was not understood, so it left nothing.
            trace_ = before;
        }
        return done;
    }
    auto summary = run_query(*statement, limits, sink);
    if (!transaction_ && may_lock(sql) && session_->usable()) {
        MAJED_TRY(end_by_rollback(limits.deadline));
    }
    return summary;
}

Result<RunSummary> OracleConnection::run_query(StatementRun& statement, const RunLimits& limits,
                                               RowSink& sink) {
    const std::uint64_t wanted = limits.max_rows == UINT64_MAX ? UINT64_MAX : limits.max_rows + 1;
    MAJED_TRY(statement.execute(DPI_MODE_EXEC_DEFAULT, wanted, limits.deadline));
    MAJED_TRY(sink.begin(statement.columns()));
    return statement.stream(limits, sink);
}

Result<RunSummary> OracleConnection::run_other(StatementRun& statement, const RunLimits& limits) {
    const auto done = statement.execute(
        transaction_ ? DPI_MODE_EXEC_DEFAULT : DPI_MODE_EXEC_COMMIT_ON_SUCCESS, 0, limits.deadline);
    if (!done) {
        const bool commits = !transaction_ || statement.kind() == StatementKind::ddl;
        return commits && session_->outcome_unknown() ? in_doubt(done.error()) : done.error();
    }
    if (statement.kind() == StatementKind::ddl) {
        transaction_ended();
    }
    RunSummary summary;
    summary.rows_affected = statement.rows_affected();
    return summary;
}

Result<void> OracleConnection::run_own(std::string_view sql, Deadline deadline) {
    MAJED_TRY_ASSIGN(StatementRun* const statement, StatementRun::prepare(*session_, sql));
    MAJED_TRY(statement->execute(DPI_MODE_EXEC_DEFAULT, 0, deadline));
    session_->drop();
    return {};
}

Result<void> OracleConnection::tell(std::string_view block, const Parameters& parameters, Deadline deadline) {
    MAJED_TRY(must_be_there());
    const auto work = [&]() -> Result<void> {
        const Operation operation(*session_);
        MAJED_TRY_ASSIGN(StatementRun* const statement, StatementRun::prepare(*session_, block));
        auto done = statement->bind(parameters, deadline, {});
        if (done) {
            done = statement->execute(DPI_MODE_EXEC_DEFAULT, 0, deadline);
        }
        session_->drop();
        return done;
    };
    return settled(work());
}

Result<BatchSummary> OracleConnection::execute_many(std::string_view sql,
                                                    std::span<const std::vector<Value>> rows,
                                                    Deadline deadline) {
    MAJED_TRY(must_be_there());
    if (rows.empty()) {
        return BatchSummary{};
    }
    const auto work = [&]() -> Result<BatchSummary> {
        const Operation operation(*session_);
        auto summary = run_many(sql, rows, deadline);
        session_->drop();
        return summary;
    };
    return settled(work());
}

Result<BatchSummary> OracleConnection::run_many(std::string_view sql,
                                                std::span<const std::vector<Value>> rows, Deadline deadline) {
    const bool was_open = transaction_.has_value();
    if (was_open) {
        MAJED_TRY(run_own(batch_savepoint, deadline));
    }
    BatchSummary summary;
    for (std::size_t first = 0; first < rows.size();) {
        const auto rest = rows.subspan(first);
        const std::size_t count = rows_in_chunk(rest);
        const auto affected = run_chunk(sql, rest.first(count), first, deadline);
        if (!affected) {
            return undone(affected.error(), was_open);
        }
        summary.rows_affected += *affected;
        first += count;
    }
    if (!was_open) {
        if (const auto done = end_by_commit(deadline); !done) {
            // Else the rows would wait for the next statement that commits.
            return undone(done.error(), was_open);
        }
    }
    return summary;
}

Result<std::uint64_t> OracleConnection::run_chunk(std::string_view sql,
                                                  std::span<const std::vector<Value>> rows, std::size_t first,
                                                  Deadline deadline) {
    MAJED_TRY_ASSIGN(StatementRun* const statement, StatementRun::prepare(*session_, sql));
    MAJED_TRY(may_run(*statement));
    if (!statement->takes_arrays()) {
        return invalid("only INSERT, UPDATE, DELETE and MERGE run over many rows");
    }
    MAJED_TRY(statement->bind_rows(rows, deadline));
    trace_.add(trace_of(statement->kind(), sql));
    const auto done =
        statement->execute_many(DPI_MODE_EXEC_DEFAULT, static_cast<std::uint32_t>(rows.size()), deadline);
    if (done) {
        return statement->rows_affected();
    }
    Error error = done.error();
    const NativeError native = session_->last_native();
    if (error.failure == FailureClass::user_error && !is_about_text(native)) {
        const std::optional<std::size_t> row = failed_row(*statement, native);
        if (row) {
            error.message = "row " + std::to_string(first + *row + 1) + ": " + error.message;
        }
    }
    return error;
}

Error OracleConnection::undone(Error error, bool was_open) {
    if (!session_->usable()) {
        // Nothing was committed: the server rolls back what a lost session leaves.
        return error;
    }
    // With time of its own: the caller's may be over, and half a batch must not stay.
    const Deadline deadline = deadline_after(std::chrono::milliseconds(200));
    const auto back = was_open ? run_own(back_to_savepoint, deadline) : end_by_rollback(deadline);
    if (!back) {
        session_->give_up();
    }
    return error;
}

Result<void> OracleConnection::begin(TransactionMode mode, Deadline deadline) {
    MAJED_TRY(must_be_there());
    if (transaction_) {
        return invalid("a transaction is open already");
    }
    if (mode == TransactionMode::read_write && access_ == Access::read_only) {
        return writes_nothing_here("this connection only reads");
    }
    const auto work = [&]() -> Result<void> {
        if (!session_->usable()) {
            return not_usable();
        }
        // A read-write transaction begins with its first statement: nothing is sent.
        if (mode == TransactionMode::read_only) {
            const Operation operation(*session_);
            MAJED_TRY(run_own("SET TRANSACTION READ ONLY", deadline));
        }
        transaction_ = mode;
        trace_.transaction = true;
        return {};
    };
    return settled(work());
}

Result<void> OracleConnection::commit(Deadline deadline) {
    MAJED_TRY(must_be_there());
    if (!transaction_) {
        return invalid("no transaction is open");
    }
    const auto work = [&]() -> Result<void> {
        const Operation operation(*session_);
        return end_by_commit(deadline);
    };
    return settled(work());
}

Result<void> OracleConnection::end_by_commit(Deadline deadline) {
    PhysicalSession* const session = session_.get();
    bool sent = false;
    if (SteadyClock::now() >= deadline) {
        return Error{.code = ErrorCode::timeout,
                     .message = "there was no time left to commit",
                     .failure = FailureClass::timeout};
    }
    sent = session->usable();
    const auto done = session->call(
        deadline, [session] { return session->answer(session->odpi().commit(session->connection())); });
    if (done) {
        transaction_ended();
        return {};
    }
    Error error = done.error();
    const bool stopped = error.failure == FailureClass::timeout || error.failure == FailureClass::cancelled;
    // A transaction that only read ends without effect, whatever the reply would have been.
    const bool at_stake = transaction_ != TransactionMode::read_only;
    if (sent && at_stake && (session->outcome_unknown() || stopped)) {
        session->give_up();
        transaction_ended();
        return in_doubt(std::move(error));
    }
    if (error.failure == FailureClass::user_error && session->usable()) {
        // ORA-02091 and its like: the server has rolled back.
        MAJED_TRY(end_by_rollback(deadline_after(std::chrono::milliseconds(200))));
    }
    if (!session->usable()) {
        transaction_ended();
    }
    return error;
}

Result<void> OracleConnection::rollback(Deadline deadline) {
    MAJED_TRY(must_be_there());
    if (!transaction_) {
        return {};
    }
    const auto work = [&]() -> Result<void> {
        const Operation operation(*session_);
        return end_by_rollback(deadline);
    };
    return settled(work());
}

Result<void> OracleConnection::end_by_rollback(Deadline deadline) {
    PhysicalSession* const session = session_.get();
    const auto done = session->call(
        deadline, [session] { return session->answer(session->odpi().rollback(session->connection())); });
    if (!done) {
        if (!session->usable()) {
            transaction_ended();
        }
        return done.error();
    }
    transaction_ended();
    return {};
}

void OracleConnection::transaction_ended() {
    transaction_.reset();
    trace_.transaction = false;
    if (identity_before_ && session_->usable()) {
        const SessionIdentity before = *std::exchange(identity_before_, std::nullopt);
        if (!set_identity(before)) {
            session_->give_up();
        }
    }
    identity_before_.reset();
}

Result<void> OracleConnection::identify(const SessionIdentity& identity, Deadline deadline) {
    static_cast<void>(deadline);
    MAJED_TRY(must_be_there());
    if (!session_->usable()) {
        return not_usable();
    }
    MAJED_TRY(names_are_distinct(identity));
    const SessionIdentity before = identity_;
    MAJED_TRY(set_identity(identity));
    if (transaction_ && !identity_before_) {
        identity_before_ = before;
    }
    return {};
}

Result<void> OracleConnection::set_identity(const SessionIdentity& identity) {
    MAJED_TRY_ASSIGN(const IdentityText text, text_of(identity));
    const OdpiFunctions& odpi = session_->odpi();
    dpiConn* const connection = session_->connection();
    const auto set = [&](auto function, const std::string& value) {
        return session_->local(function(connection, value.data(), static_cast<std::uint32_t>(value.size())));
    };
    // Local: the client library sends them with the next call.
    MAJED_TRY(set(odpi.set_client_identifier, text.client));
    MAJED_TRY(set(odpi.set_module, text.module));
    MAJED_TRY(set(odpi.set_action, text.action));
    MAJED_TRY(set(odpi.set_client_info, text.info));
    identity_ = identity;
    return {};
}

Result<void> OracleConnection::reset(Deadline deadline) {
    MAJED_TRY(must_be_there());
    const auto work = [&]() -> Result<void> {
        const Operation operation(*session_);
        auto done = clean(deadline);
        if (!done) {
            session_->give_up();
        }
        return done;
    };
    return settled(work());
}

Result<void> OracleConnection::clean(Deadline deadline) {
    session_->drop();
    if (!session_->usable()) {
        return not_usable();
    }
    if (trace_.unknown) {
        return Error{ErrorCode::unavailable, "the session holds traces that only its end takes away"};
    }
    identity_before_.reset();
    if (trace_.transaction) {
        MAJED_TRY(end_by_rollback(deadline));
    }
    MAJED_TRY(set_identity({}));
    if (trace_.packages) {
        MAJED_TRY(run_own(reset_packages, deadline));
    }
    if (trace_.settings) {
        MAJED_TRY(run_own(set_session_settings, deadline));
    }
    trace_ = {};
    return {};
}

}  // namespace majed::driver::oracle
