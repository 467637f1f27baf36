// SPDX-License-Identifier: Apache-2.0
#include "migrate/run_session.h"

#include "migrate/ledger_tables.h"
#include "migrate/query_rows.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace majed::migrate {

namespace {

constexpr std::chrono::seconds own_time{60};
/// Of a large schema on a busy server.
constexpr std::chrono::minutes picture_time{5};
/// Longer than this, and whoever watches is told that we wait.
constexpr std::chrono::milliseconds short_wait{50};

/// What a migration may have changed for those that come after it; the advisory lock must stay.
constexpr std::array<std::string_view, 6> postgresql_renewal{"RESET SESSION AUTHORIZATION",
                                                             "RESET ROLE",
                                                             "RESET ALL",
                                                             "CLOSE ALL",
                                                             "DISCARD TEMP",
                                                             "DISCARD SEQUENCES"};
constexpr std::size_t settings_of_transaction = 3;  ///< The first of them can run in a transaction.

}  // namespace

std::int64_t KnownState::next_id() const noexcept {
    std::int64_t greatest = 0;
    for (const LedgerRow& row : rows) {
        greatest = std::max(greatest, row.id);
    }
    // Only a ledger changed by hand has that one; then the new row is refused as a double.
    return greatest == std::numeric_limits<std::int64_t>::max() ? greatest : greatest + 1;
}

const MigrationStatus* KnownState::find(std::string_view key) const noexcept {
    const auto found = std::find_if(statuses.begin(), statuses.end(),
                                    [&](const MigrationStatus& status) { return status.key == key; });
    return found == statuses.end() ? nullptr : &*found;
}

Deadline RunSession::own_deadline() {
    return deadline_after(own_time);
}

Deadline RunSession::statement_deadline() const {
    return deadline_after(surroundings_.options.statement_timeout);
}

Result<std::unique_ptr<RunSession>> RunSession::open(const Surroundings& surroundings, Locking locking) {
    LockWait wait;
    wait.deadline = deadline_after(surroundings.options.lock_wait);
    RunObserver& observer = surroundings.observer;
    wait.waiting = [&observer] { observer.waiting(); };
    std::unique_ptr<RunSession> session(new RunSession(surroundings, std::move(wait)));
    const bool exclusive = locking == Locking::exclusive;
    if (exclusive && session->dialect() != Dialect::postgresql) {
        MAJED_TRY(session->lock());
    }
    MAJED_TRY(session->connect());
    if (exclusive && session->dialect() == Dialect::postgresql) {
        MAJED_TRY(session->lock());
    }
    return session;
}

Result<void> RunSession::connect() {
    ledger_.reset();
    connection_.reset();
    MAJED_TRY_ASSIGN(connection_, surroundings_.connections.open(own_deadline()));
    if (dialect() == Dialect::postgresql) {
        MAJED_TRY_ASSIGN(const std::vector<Row> rows,
                         fetch(*connection_, "SELECT pg_catalog.current_schema()", {}, own_deadline()));
        schema_ = rows.empty() ? std::string() : text_of(rows.front().front());
        if (schema_.empty()) {
            return Error{
                .code = ErrorCode::conflict,
                .message = "the session has no schema to make tables in",
                .hint = "create the schema that search_path names, or set search_path for this user"};
        }
    }
    // A temporary table of the name would be meant otherwise.
    ledger_.emplace(dialect(), *connection_, dialect() == Dialect::sqlite ? "main" : schema_);
    used_ = false;
    return {};
}

Result<void> RunSession::lock() {
    switch (dialect()) {
        case Dialect::sqlite:
            if (!surroundings_.options.sqlite_file.empty()) {
                MAJED_TRY_ASSIGN(lock_, lock_file_beside(surroundings_.options.sqlite_file, wait_));
            }
            return {};
        case Dialect::postgresql: {
            MAJED_TRY_ASSIGN(lock_, lock_advisory(*connection_, schema_, wait_));
            return {};
        }
        case Dialect::oracle: {
            MAJED_TRY_ASSIGN(lock_, lock_table_aside(surroundings_.connections, wait_));
            return {};
        }
    }
    return {};
}

Result<void> RunSession::renew() {
    if (used_ && dialect() == Dialect::postgresql) {
        for (const std::string_view sql : postgresql_renewal) {
            MAJED_TRY(change(*connection_, sql, {}, own_deadline()));
        }
    } else if (used_) {
        MAJED_TRY(connect());
    }
    used_ = true;
    return check_lock();
}

Result<void> RunSession::check_lock() {
    return lock_ == nullptr ? Result<void>() : lock_->check(own_deadline());
}

Result<void> RunSession::begin() {
    if (dialect() == Dialect::sqlite) {
        return begin_sqlite();
    }
    MAJED_TRY(connection_->begin(driver::TransactionMode::read_write, own_deadline()));
    if (dialect() == Dialect::postgresql) {
        // Everybody queues behind a change of a table that waits for its lock: better that it fails.
        MAJED_TRY(change(*connection_, "SELECT pg_catalog.set_config('lock_timeout', :p_time, true)",
                         {{"p_time", std::to_string(surroundings_.options.lock_wait.count())}},
                         own_deadline()));
    }
    return {};
}

Result<void> RunSession::begin_sqlite() {
    const auto attempt = [&](Deadline deadline) {
        return connection_->begin(driver::TransactionMode::read_write, deadline);
    };
    auto begun = attempt(
        deadline_after(std::min<std::chrono::milliseconds>(short_wait, surroundings_.options.lock_wait)));
    if (begun || begun.error().failure != FailureClass::contention) {
        return begun;
    }
    surroundings_.observer.waiting();
    return attempt(deadline_after(surroundings_.options.lock_wait));
}

Result<void> RunSession::come_back() {
    if (dialect() == Dialect::postgresql) {
        for (std::size_t i = 0; i < settings_of_transaction; ++i) {
            MAJED_TRY(change(*connection_, postgresql_renewal.at(i), {}, own_deadline()));
        }
        return check_schema();
    }
    return {};
}

Result<void> RunSession::check_schema() {
    MAJED_TRY_ASSIGN(const std::vector<Row> rows,
                     fetch(*connection_, "SELECT pg_catalog.current_schema()", {}, own_deadline()));
    if (!rows.empty() && text_of(rows.front().front()) == schema_) {
        return {};
    }
    return Error{
        .code = ErrorCode::conflict,
        .message = "it changed the schema in which tables are made, and in which the ledger is looked for",
        .hint = "set search_path for this user to the one schema that is meant, then go on"};
}

Result<void> RunSession::refuse_second_ledger() {
    constexpr std::string_view sql =
        "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relname = 'schema_migrations' AND a.attname = 'tokens_checksum' AND NOT a.attisdropped "
        "AND n.nspname = ANY (pg_catalog.current_schemas(false)) LIMIT 1";
    MAJED_TRY_ASSIGN(const std::vector<Row> rows, fetch(*connection_, sql, {}, own_deadline()));
    if (rows.empty()) {
        return {};
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "the ledger is in schema " + quoted(text_of(rows.front().front())) +
                            ", and tables would now be made in " + quoted(schema_),
                 .hint = "set search_path for this user to the one schema that is meant"};
}

Result<void> RunSession::be_ourselves() {
    if (dialect() == Dialect::postgresql) {
        MAJED_TRY(change(*connection_, "SET LOCAL session_authorization TO DEFAULT", {}, own_deadline()));
        MAJED_TRY(change(*connection_, "SET LOCAL role TO DEFAULT", {}, own_deadline()));
    }
    return {};
}

Result<void> RunSession::stop_enforcing_keys() {
    if (dialect() != Dialect::sqlite) {
        return {};
    }
    MAJED_TRY(change(*connection_, "PRAGMA foreign_keys=OFF", {}, own_deadline()));
    MAJED_TRY_ASSIGN(const std::vector<Row> rows,
                     fetch(*connection_, "PRAGMA foreign_keys", {}, own_deadline()));
    if (rows.empty() || integer_of(rows.front().front()) != 0) {
        return Error{ErrorCode::internal, "foreign keys could not be switched off"};
    }
    return {};
}

Result<void> RunSession::check_keys() {
    if (dialect() != Dialect::sqlite) {
        return {};
    }
    MAJED_TRY_ASSIGN(const std::vector<Row> broken,
                     fetch(*connection_, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check LIMIT 10",
                           {}, statement_deadline()));
    if (broken.empty()) {
        return {};
    }
    std::string names;
    for (const Row& row : broken) {
        names += (names.empty() ? "" : ", ") + text_of(row.front());
    }
    return Error{.code = ErrorCode::conflict,
                 .message = "foreign keys refer to rows that are not there, in: " + names,
                 .hint = "`PRAGMA foreign_key_check` lists the rows"};
}

Result<KnownState> RunSession::look() {
    KnownState known;
    MAJED_TRY_ASSIGN(known.tables, ledger_->tables(own_deadline()));
    if (known.tables.rows) {
        MAJED_TRY_ASSIGN(known.rows, ledger_->rows(own_deadline()));
    } else if (dialect() == Dialect::postgresql) {
        MAJED_TRY(refuse_second_ledger());
    }
    known.statuses = compare(surroundings_.migrations, known.rows);
    return known;
}

Result<void> RunSession::ensure_ledger() {
    MAJED_TRY_ASSIGN(const LedgerTables present, ledger_->tables(own_deadline()));
    return ledger_->create(present, own_deadline());
}

Result<SchemaPicture> RunSession::take_picture() {
    return migrate::take_picture(dialect(), *connection_, deadline_after(picture_time));
}

Result<std::string> RunSession::renew_picture() {
    MAJED_TRY_ASSIGN(const SchemaPicture picture, take_picture());
    MAJED_TRY(ledger_->keep(picture, deadline_after(picture_time)));
    return hash_of(picture);
}

}  // namespace majed::migrate
