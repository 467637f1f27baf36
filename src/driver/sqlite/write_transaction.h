/// The transaction one write of a user runs in: committed by word, else undone.
///
/// Why      A write whose row breaks a rule, or whose answer grows too large, must leave nothing.
/// Life     Of one run; within it the authorizer judges the user's statement, and lets these words pass.
/// Threads  As its connection.
/// Not here Transactions of the program's own statements (sqlite_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/sqlite/authorizer.h"

struct sqlite3;

namespace majed::driver::sqlite {

class WriteTransaction {
public:
    WriteTransaction(sqlite3* database, Authorizer& authorizer) noexcept
        : database_(database), authorizer_(authorizer) {}
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    ~WriteTransaction();

    /// Takes the write lock at once, so that the statement never has to take a read lock up. SQLite's code.
    [[nodiscard]] int begin();
    /// SQLite's code; when it is not SQLITE_OK the destructor undoes.
    [[nodiscard]] int commit();

private:
    int execute(const char* sql);
    sqlite3* database_;
    Authorizer& authorizer_;
};

}  // namespace majed::driver::sqlite
