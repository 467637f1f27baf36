// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/write_transaction.h"

#include <sqlite3.h>

namespace majed::driver::sqlite {

WriteTransaction::~WriteTransaction() {
    // The engine may have undone it by itself, after an interrupt or a full disk.
    if (sqlite3_get_autocommit(database_) == 0) {
        execute("ROLLBACK");
    }
}

int WriteTransaction::begin() {
    return execute("BEGIN IMMEDIATE");
}

int WriteTransaction::commit() {
    return execute("COMMIT");
}

int WriteTransaction::execute(const char* sql) {
    const Authorizer::OwnWork own(authorizer_);
    return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
}

}  // namespace majed::driver::sqlite
