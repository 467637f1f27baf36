/// A session's SQLite connection: opened for one service, with Oracle's functions, failing in Oracle's words.
///
/// Why      Only this and statement.h know that SQLite is behind.
/// Life     Open from logon to logoff.
/// Threads  The session's.
/// Not here Translating statements: sql_translation.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>

#include "oracle_error.h"

namespace majed::oci_double {

class Session;

struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using PreparedStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

class Database {
public:
    /// Makes the file when it is not there. `session` is asked while SQLite works and waits.
    Failure open(const std::filesystem::path& file, Session& session);
    void close() { connection_.reset(); }
    bool is_open() const { return connection_ != nullptr; }

    sqlite3* get() const { return connection_.get(); }
    /// SQLite's own answer; statements of ours only.
    int run(const std::string& sql);
    PreparedStatement prepare(const std::string& sql);
    /// The first column of the first row, or nothing.
    std::string text_of(const std::string& sql, const std::string& parameter);

    /// The usual patience, after it was switched off.
    void wait_for_locks(Session& session);

    /// What the last failure means.
    OracleError error(int result) const;

private:
    std::unique_ptr<sqlite3, CloseConnection> connection_;
};

/// Registers NVL, TO_CHAR, SYS_CONTEXT and the rest.
void add_functions(sqlite3* connection, Session& session);
/// Creates DUAL and the views ALL_TABLES, ALL_TAB_COLS and so on, for this connection.
Failure add_catalog(Database& database);

}  // namespace majed::oci_double
