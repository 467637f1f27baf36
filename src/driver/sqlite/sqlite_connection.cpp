// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/sqlite_connection.h"

#include "driver/identity_names.h"
#include "driver/sqlite/native_error.h"
#include "driver/sqlite/native_value.h"
#include "driver/sqlite/rewind_at_end.h"
#include "driver/sqlite/statement_text.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

namespace majed::driver::sqlite {

namespace {

/// A slow sink keeps SQLite from asking for the deadline, so the row loop asks too, now and then.
constexpr std::uint64_t rows_between_looks = 32;
constexpr std::chrono::milliseconds journal_mode_poll{5};

constexpr std::array<std::pair<int, int>, 5> connection_switches{{
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
}};

/// Pragmas that only tell: no connection is different after one of them.
constexpr std::array<std::string_view, 14> telling_pragmas{
    "application_id", "database_list", "foreign_key_check", "foreign_key_list", "freelist_count",
    "index_info",     "index_list",    "index_xinfo",       "integrity_check",  "page_count",
    "quick_check",    "table_info",    "table_list",        "table_xinfo"};

ResultColumn column_of(sqlite3_stmt* statement, int index) {
    const char* name = sqlite3_column_name(statement, index);
    const char* declared = sqlite3_column_decltype(statement, index);
    return {name == nullptr ? "" : name, ColumnType::dynamic, declared == nullptr ? "" : declared};
}

std::vector<ResultColumn> columns_of(sqlite3_stmt* statement) {
    std::vector<ResultColumn> columns;
    const int count = sqlite3_column_count(statement);
    columns.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        columns.push_back(column_of(statement, i));
    }
    return columns;
}

Error no_transaction() {
    return {.code = ErrorCode::invalid_argument,
            .message = "no transaction is open",
            .failure = FailureClass::user_error};
}

}  // namespace

/// Told of everything a statement will do while it is compiled. SQLite says how many parameters it has.
// NOLINTNEXTLINE(readability-function-size)
int SqliteConnection::note(void* noted, int action, const char* name, const char* value, const char*,
                           const char*) {
    Noted& seen = *static_cast<Noted*>(noted);
    switch (action) {
        case SQLITE_CREATE_TEMP_INDEX:
        case SQLITE_CREATE_TEMP_TABLE:
        case SQLITE_CREATE_TEMP_TRIGGER:
        case SQLITE_CREATE_TEMP_VIEW:
        case SQLITE_ATTACH:
        case SQLITE_DETACH:
            seen.lasting = true;
            break;
        case SQLITE_PRAGMA:
            seen.lasting = seen.lasting ||
                           (value != nullptr && std::find(telling_pragmas.begin(), telling_pragmas.end(),
                                                          std::string_view(name)) == telling_pragmas.end());
            break;
        case SQLITE_INSERT:
        case SQLITE_UPDATE:
        case SQLITE_DELETE:
            // Every change of the schema is a change of its table, too.
            seen.schema = seen.schema || std::string_view(name).starts_with("sqlite_");
            seen.rows = true;
            break;
        default:
            break;
    }
    return SQLITE_OK;
}

SqliteConnection::SqliteConnection(Database database, Access access, std::size_t cached_statements)
    : database_(std::move(database)), access_(access), cache_(cached_statements) {}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Access access,
                                                                 std::size_t cached_statements,
                                                                 Deadline deadline) {
    const OpenMode mode = access == Access::read_only ? OpenMode::read_only : OpenMode::read_write;
    auto database = Database::open(path, mode);
    if (!database) {
        Error error = std::move(database).error();
        error.failure = FailureClass::lost;
        error.message = error.code == ErrorCode::not_found ? "there is no database file"
                                                           : "the database file cannot be opened";
        error.native_state = error.native_code == 0 ? "" : native_state_of(error.native_code);
        return error;
    }
    std::unique_ptr<SqliteConnection> connection(
        new SqliteConnection(std::move(*database), access, cached_statements));
    connection->control_.begin(deadline);
    MAJED_TRY(connection->configure());
    return connection;
}

Result<void> SqliteConnection::configure() {
    sqlite3* const native = database_.handle();
    control_.install(native);
    sqlite3_set_authorizer(native, &SqliteConnection::note, &noted_);
    for (const auto& [option, value] : connection_switches) {
        if (const int result = sqlite3_db_config(native, option, value, nullptr); result != SQLITE_OK) {
            return failure(result, "the connection cannot be configured");
        }
    }
    sqlite3_limit(native, SQLITE_LIMIT_WORKER_THREADS, 0);
    // The cache of 10000 pages and temporary objects in memory are the specification's.
    MAJED_TRY(
        run_own("PRAGMA temp_store=MEMORY; PRAGMA cache_size=10000; PRAGMA foreign_keys=1;"
                "PRAGMA cell_size_check=1"));
    if (access_ == Access::read_only) {
        return run_own("PRAGMA query_only=1; SELECT count(*) FROM sqlite_schema");
    }
    // Changing the journal mode does not ask the busy handler, so several openers must wait for each other here.
    int result = sqlite3_exec(native, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
    while ((result & 0xff) == SQLITE_BUSY && !control_.must_stop()) {
        std::this_thread::sleep_for(journal_mode_poll);
        result = sqlite3_exec(native, "PRAGMA journal_mode=WAL", nullptr, nullptr, nullptr);
    }
    if (result != SQLITE_OK) {
        return failure(result, "the database cannot be opened for writing");
    }
    return run_own("PRAGMA synchronous=NORMAL");
}

Result<void> SqliteConnection::start(Deadline deadline) {
    if (condition_ == Condition::lost) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "the connection is lost",
                     .failure = FailureClass::lost};
    }
    control_.begin(deadline);
    last_message_.clear();
    return {};
}

Result<void> SqliteConnection::run_own(const char* sql) {
    const int result = sqlite3_exec(database_.handle(), sql, nullptr, nullptr, nullptr);
    return result == SQLITE_OK ? Result<void>() : failure(result, "the connection cannot be configured");
}

Error SqliteConnection::failure(int native, std::string_view doing) {
    const int primary = native & 0xff;
    last_message_ = sqlite3_errmsg(database_.handle());
    if (primary == SQLITE_INTERRUPT || (primary == SQLITE_BUSY && control_.must_stop())) {
        Error stopped = control_.stop_error(native);
        stopped.native_state = native_state_of(native);
        if (primary == SQLITE_BUSY && stopped.failure == FailureClass::timeout) {
            stopped.failure = FailureClass::contention;  // Another's lock took the time.
        }
        return stopped;
    }
    Error error = connection_error(database_.handle(), native, doing);
    if (error.failure == FailureClass::lost || error.failure == FailureClass::none) {
        condition_ = Condition::lost;
    }
    return error;
}

Result<SqliteConnection::Prepared*> SqliteConnection::prepared(std::string_view sql) {
    if (Prepared* kept = cache_.find(sql)) {
        return kept;
    }
    MAJED_TRY_ASSIGN(Prepared compiled, compile(sql));
    return cache_.put(std::string(sql), std::move(compiled));
}

Result<SqliteConnection::Prepared> SqliteConnection::compile(std::string_view sql) {
    sqlite3* const native = database_.handle();
    const auto limit = static_cast<std::size_t>(sqlite3_limit(native, SQLITE_LIMIT_SQL_LENGTH, -1));
    if (sql.size() > limit || sql.find('\0') != std::string_view::npos) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the statement is too long, or holds a NUL character",
                     .failure = FailureClass::user_error};
    }
    noted_ = {};
    sqlite3_stmt* compiled = nullptr;
    const char* tail = nullptr;
    const int result = sqlite3_prepare_v3(native, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &compiled, &tail);
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> owned(compiled);
    if (result != SQLITE_OK) {
        return failure(result, "the statement does not compile");
    }
    if (compiled == nullptr || !holds_no_statement(native, tail, sql.data() + sql.size())) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the text must hold exactly one statement",
                     .failure = FailureClass::user_error};
    }
    StatementParameters parameters(compiled);
    return Prepared{std::move(owned), std::move(parameters), noted_.lasting, noted_.rows && !noted_.schema};
}

Result<StatementDescription> SqliteConnection::prepare(std::string_view sql, Deadline deadline) {
    MAJED_TRY(start(deadline));
    // A kept one may describe a schema that is gone.
    cache_.erase(sql);
    MAJED_TRY_ASSIGN(const Prepared* const ready, prepared(sql));
    StatementDescription description;
    sqlite3_stmt* const statement = ready->statement.get();
    description.columns = columns_of(statement);
    const int parameters = sqlite3_bind_parameter_count(statement);
    description.parameter_count = static_cast<std::size_t>(parameters);
    for (int i = 1; i <= parameters; ++i) {
        const char* name = sqlite3_bind_parameter_name(statement, i);
        const bool named = name != nullptr && *name != '?';
        description.parameter_names.emplace_back(named ? name + 1 : "");
    }
    return description;
}

Result<RunSummary> SqliteConnection::execute(std::string_view sql, const Parameters& parameters,
                                             const RunLimits& limits, RowSink& sink) {
    MAJED_TRY(start(limits.deadline));
    MAJED_TRY_ASSIGN(Prepared* const ready, prepared(sql));
    sqlite3_stmt* const statement = ready->statement.get();
    const RewindAtEnd rewind(statement);
    MAJED_TRY(ready->parameters.bind(statement, parameters));
    if (control_.must_stop()) {
        return control_.stop_error(0);
    }
    if (ready->lasts) {
        condition_ = Condition::tainted;
    }
    const std::int64_t changes_before = sqlite3_total_changes64(database_.handle());
    // Rewound before its end, a statement that answers what it wrote has written it all the same.
    const bool guarded = ready->changes_rows && !in_transaction() && sqlite3_column_count(statement) > 0;
    if (guarded) {
        if (const int begun = sqlite3_exec(database_.handle(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
            begun != SQLITE_OK) {
            return failure(begun, "the statement cannot begin");
        }
    }
    auto streamed = stream(statement, limits, sink);
    if (guarded) {
        sqlite3_reset(statement);
        MAJED_TRY(streamed ? commit(limits.deadline) : rollback(Deadline::max()));
    }
    MAJED_TRY_ASSIGN(RunSummary summary, std::move(streamed));
    if (sqlite3_total_changes64(database_.handle()) != changes_before) {
        summary.rows_affected = static_cast<std::uint64_t>(sqlite3_changes64(database_.handle()));
    }
    return summary;
}

Result<RunSummary> SqliteConnection::stream(sqlite3_stmt* statement, const RunLimits& limits, RowSink& sink) {
    RunSummary summary;
    std::uint64_t bytes_left = limits.max_bytes;
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW || result == SQLITE_DONE) {
        MAJED_TRY(announce(statement, sink));
    }
    while (result == SQLITE_ROW && summary.rows < limits.max_rows) {
        MAJED_TRY(hand_out(statement, bytes_left, sink));
        ++summary.rows;
        const bool ask_time = summary.rows % rows_between_looks == 0;
        if (ask_time ? control_.must_stop() : control_.is_cancelled()) {
            return control_.stop_error(0);
        }
        result = sqlite3_step(statement);
    }
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        return failure(result, "the statement failed");
    }
    summary.truncated = result == SQLITE_ROW;
    if (const int ended = sqlite3_reset(statement); ended != SQLITE_OK) {
        return failure(ended, "the statement failed");
    }
    return summary;
}

Result<void> SqliteConnection::announce(sqlite3_stmt* statement, RowSink& sink) {
    // Only now: the first step compiles the statement again when the schema has changed.
    const std::vector<ResultColumn> columns = columns_of(statement);
    cells_.resize(columns.size());
    return columns.empty() ? Result<void>() : sink.begin(columns);
}

Result<void> SqliteConnection::hand_out(sqlite3_stmt* statement, std::uint64_t& bytes_left, RowSink& sink) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        cells_[i] = column_view(statement, static_cast<int>(i));
        bytes += payload_size(cells_[i]);
    }
    if (sqlite3_errcode(database_.handle()) == SQLITE_NOMEM) {
        // What there was no memory for looks like an empty value.
        return failure(SQLITE_NOMEM, "the statement failed");
    }
    if (bytes > bytes_left) {
        return Error{ErrorCode::too_large, "the answer exceeds the byte limit"};
    }
    bytes_left -= bytes;
    return sink.row(cells_);
}

Result<BatchSummary> SqliteConnection::execute_many(std::string_view sql,
                                                    std::span<const std::vector<Value>> rows,
                                                    Deadline deadline) {
    MAJED_TRY(start(deadline));
    MAJED_TRY_ASSIGN(Prepared* const ready, prepared(sql));
    if (sqlite3_column_count(ready->statement.get()) != 0) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "a statement that answers rows cannot be run for many",
                     .failure = FailureClass::user_error};
    }
    if (!ready->changes_rows) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "only INSERT, UPDATE and DELETE run over many rows",
                     .failure = FailureClass::user_error};
    }
    sqlite3* const native = database_.handle();
    // A savepoint outside a transaction would begin a deferred one, whose upgrade can fail.
    const bool nested = in_transaction();
    if (const int opened = sqlite3_exec(native, nested ? "SAVEPOINT majed_batch" : "BEGIN IMMEDIATE", nullptr,
                                        nullptr, nullptr);
        opened != SQLITE_OK) {
        return failure(opened, "the batch cannot begin");
    }
    const std::int64_t before = sqlite3_total_changes64(native);
    auto done = run_rows(*ready, rows);
    if (done) {
        const int ended =
            sqlite3_exec(native, nested ? "RELEASE majed_batch" : "COMMIT", nullptr, nullptr, nullptr);
        if (ended == SQLITE_OK) {
            return BatchSummary{static_cast<std::uint64_t>(sqlite3_total_changes64(native) - before)};
        }
        done = failure(ended, "the batch cannot be committed");
    }
    Error error = std::move(done).error();
    control_.begin(Deadline::max());  // Undoing must not be stopped by what stopped the batch.
    if (in_transaction()) {
        const int undone =
            sqlite3_exec(native, nested ? "ROLLBACK TO majed_batch; RELEASE majed_batch" : "ROLLBACK",
                         nullptr, nullptr, nullptr);
        if (undone != SQLITE_OK) {
            condition_ = Condition::lost;
        }
    }
    return error;
}

Result<void> SqliteConnection::run_rows(Prepared& ready, std::span<const std::vector<Value>> rows) {
    sqlite3_stmt* const statement = ready.statement.get();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const RewindAtEnd rewind(statement);
        const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
        if (rows[i].size() != wanted) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "row " + std::to_string(i + 1) + " has " +
                                    std::to_string(rows[i].size()) + " values, the statement takes " +
                                    std::to_string(wanted),
                         .failure = FailureClass::user_error};
        }
        int result = SQLITE_OK;
        for (std::size_t column = 0; column < wanted && result == SQLITE_OK; ++column) {
            result =
                bind_value(statement, static_cast<int>(column + 1), rows[i][column], BoundBytes::borrowed);
        }
        if (result == SQLITE_OK) {
            result = sqlite3_step(statement);
        }
        if (result != SQLITE_DONE) {
            return failure(result, "row " + std::to_string(i + 1) + " failed");
        }
    }
    return {};
}

Result<void> SqliteConnection::begin(TransactionMode mode, Deadline deadline) {
    MAJED_TRY(start(deadline));
    if (in_transaction()) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "a transaction is open already",
                     .failure = FailureClass::user_error};
    }
    const bool writes = mode == TransactionMode::read_write;
    if (writes && access_ == Access::read_only) {
        return Error{.code = ErrorCode::unsupported,
                     .message = "the connection can only read",
                     .failure = FailureClass::read_only};
    }
    const int result =
        sqlite3_exec(database_.handle(), writes ? "BEGIN IMMEDIATE" : "BEGIN", nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) {
        return failure(result, "the transaction cannot begin");
    }
    if (!writes && access_ == Access::read_write) {
        queries_only_ = true;
        return run_own("PRAGMA query_only=1");
    }
    return {};
}

Result<void> SqliteConnection::commit(Deadline deadline) {
    MAJED_TRY(start(deadline));
    if (!in_transaction()) {
        return no_transaction();
    }
    const int result = sqlite3_exec(database_.handle(), "COMMIT", nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) {
        Error error = failure(result, "the transaction cannot be committed");
        MAJED_TRY(rollback(Deadline::max()));
        return error;
    }
    return queries_only_ ? rollback(deadline) : Result<void>();
}

Result<void> SqliteConnection::rollback(Deadline deadline) {
    MAJED_TRY(start(deadline));
    if (in_transaction()) {
        const int result = sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        if (result != SQLITE_OK) {
            condition_ = Condition::lost;
            return failure(result, "the transaction cannot be rolled back");
        }
    }
    if (queries_only_) {
        queries_only_ = false;
        return run_own("PRAGMA query_only=0");
    }
    return {};
}

bool SqliteConnection::in_transaction() const noexcept {
    return sqlite3_get_autocommit(database_.handle()) == 0;
}

Result<void> SqliteConnection::identify(const SessionIdentity& identity, Deadline deadline) {
    MAJED_TRY(start(deadline));
    MAJED_TRY(names_are_distinct(identity));
    identity_ = identity;
    return {};
}

Result<void> SqliteConnection::ping(Deadline deadline) {
    MAJED_TRY(start(deadline));
    if (has_moved(database_.handle(), "main")) {
        condition_ = Condition::lost;
        return Error{.code = ErrorCode::unavailable,
                     .message = "the file is gone",
                     .native_code = SQLITE_READONLY_DBMOVED,
                     .failure = FailureClass::lost,
                     .native_state = native_state_of(SQLITE_READONLY_DBMOVED)};
    }
    // Reads the file, so that one which was cut off or overwritten does not pass.
    // A writer must also be able to write: the lock is taken, unless another has it, which proves as much.
    const bool writes = access_ == Access::read_write && !in_transaction();
    const int result = sqlite3_exec(database_.handle(),
                                    writes ? "SELECT count(*) FROM sqlite_schema; BEGIN IMMEDIATE; ROLLBACK"
                                           : "SELECT count(*) FROM sqlite_schema",
                                    nullptr, nullptr, nullptr);
    if (result == SQLITE_OK || (writes && (result & 0xff) == SQLITE_BUSY)) {
        return {};
    }
    return failure(result, "the database does not answer");
}

Result<void> SqliteConnection::reset(Deadline deadline) {
    identity_ = {};
    if (condition_ != Condition::lost) {
        sqlite3_set_last_insert_rowid(database_.handle(), 0);
    }
    return rollback(deadline);
}

void SqliteConnection::abandon() noexcept {
    // Closing a descriptor here would drop the locks of the parent process.
    condition_ = Condition::lost;
    cache_.for_each([](Prepared& kept) { static_cast<void>(kept.statement.release()); });
    database_.abandon();
}

}  // namespace majed::driver::sqlite
