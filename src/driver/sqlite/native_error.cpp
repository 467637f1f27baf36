// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/native_error.h"

#include <sqlite3.h>

#include <string>

namespace majed::driver::sqlite {

ErrorCode error_code_of(int native) noexcept {
    switch (native & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
        case SQLITE_READONLY:
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_NOTADB:
        case SQLITE_PERM:
            return ErrorCode::unavailable;
        case SQLITE_CONSTRAINT:
        case SQLITE_SCHEMA:
        case SQLITE_ABORT:
            return ErrorCode::conflict;
        case SQLITE_TOOBIG:
            return ErrorCode::too_large;
        case SQLITE_AUTH:
            return ErrorCode::denied;
        case SQLITE_INTERRUPT:
            return ErrorCode::cancelled;
        case SQLITE_RANGE:
        case SQLITE_MISMATCH:
            return ErrorCode::invalid_argument;
        default:
            return ErrorCode::internal;
    }
}

Error own_error(sqlite3* database, int native, std::string_view doing) {
    std::string message(doing);
    message += ": ";
    message += database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(native);
    return Error{.code = error_code_of(native), .message = std::move(message), .native_code = native};
}

}  // namespace majed::driver::sqlite
