// SPDX-License-Identifier: Apache-2.0
#include "database.h"

#include <chrono>
#include <thread>

#include "session.h"
#include "sqlite_errors.h"

namespace majed::oci_double {
namespace {

/// How many steps of SQLite's machine pass between two looks at the clock and at a break.
constexpr int steps_between_looks = 1000;
constexpr std::chrono::milliseconds lock_slice{1};
/// Oracle waits without end for another writer; here a wait this long counts as a deadlock.
constexpr std::chrono::milliseconds longest_lock_wait{3000};

int look(void* session) {
    return static_cast<Session*>(session)->must_stop() == Stop::none ? 0 : 1;
}

int wait_for_lock(void* session, int times) {
    if (static_cast<Session*>(session)->must_stop() != Stop::none ||
        times * lock_slice >= longest_lock_wait) {
        return 0;
    }
    std::this_thread::sleep_for(lock_slice);
    return 1;
}

}  // namespace

Failure Database::open(const std::filesystem::path& file, Session& session) {
    sqlite3* connection = nullptr;
    const int result =
        sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    connection_.reset(connection);
    if (result != SQLITE_OK) {
        connection_.reset();
        return oracle_error(12514);
    }
    sqlite3_extended_result_codes(connection, 1);
    // A quoted name that is none shall not become a text.
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    wait_for_locks(session);
    sqlite3_progress_handler(connection, steps_between_looks, look, &session);
    add_functions(connection, session);
    for (const char* setting :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", "PRAGMA foreign_keys = ON"}) {
        if (run(setting) != SQLITE_OK) {
            const OracleError failure = error(sqlite3_errcode(connection));
            connection_.reset();
            return failure;
        }
    }
    return add_catalog(*this);
}

void Database::wait_for_locks(Session& session) {
    sqlite3_busy_handler(connection_.get(), wait_for_lock, &session);
}

int Database::run(const std::string& sql) {
    return sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
}

PreparedStatement Database::prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    return PreparedStatement{statement};
}

std::string Database::text_of(const std::string& sql, const std::string& parameter) {
    const PreparedStatement statement = prepare(sql);
    if (!statement) {
        return {};
    }
    sqlite3_bind_text(statement.get(), 1, parameter.data(), static_cast<int>(parameter.size()),
                      SQLITE_TRANSIENT);
    if (sqlite3_step(statement.get()) != SQLITE_ROW) {
        return {};
    }
    const auto* text = static_cast<const char*>(sqlite3_column_blob(statement.get(), 0));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), 0));
    return text == nullptr ? std::string{} : std::string{text, size};
}

OracleError Database::error(int result) const {
    return error_of(connection_.get(), result);
}

}  // namespace majed::oci_double
