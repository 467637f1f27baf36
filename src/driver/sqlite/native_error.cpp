// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/native_error.h"

#include <sqlite3.h>

#include <array>
#include <string>
#include <utility>

namespace majed::driver::sqlite {

namespace {

constexpr std::array<std::pair<int, std::string_view>, 44> code_names{{
    {SQLITE_ERROR, "SQLITE_ERROR"},
    {SQLITE_INTERNAL, "SQLITE_INTERNAL"},
    {SQLITE_PERM, "SQLITE_PERM"},
    {SQLITE_ABORT, "SQLITE_ABORT"},
    {SQLITE_BUSY, "SQLITE_BUSY"},
    {SQLITE_LOCKED, "SQLITE_LOCKED"},
    {SQLITE_NOMEM, "SQLITE_NOMEM"},
    {SQLITE_READONLY, "SQLITE_READONLY"},
    {SQLITE_INTERRUPT, "SQLITE_INTERRUPT"},
    {SQLITE_IOERR, "SQLITE_IOERR"},
    {SQLITE_CORRUPT, "SQLITE_CORRUPT"},
    {SQLITE_FULL, "SQLITE_FULL"},
    {SQLITE_CANTOPEN, "SQLITE_CANTOPEN"},
    {SQLITE_PROTOCOL, "SQLITE_PROTOCOL"},
    {SQLITE_SCHEMA, "SQLITE_SCHEMA"},
    {SQLITE_TOOBIG, "SQLITE_TOOBIG"},
    {SQLITE_CONSTRAINT, "SQLITE_CONSTRAINT"},
    {SQLITE_MISMATCH, "SQLITE_MISMATCH"},
    {SQLITE_MISUSE, "SQLITE_MISUSE"},
    {SQLITE_NOLFS, "SQLITE_NOLFS"},
    {SQLITE_AUTH, "SQLITE_AUTH"},
    {SQLITE_RANGE, "SQLITE_RANGE"},
    {SQLITE_NOTADB, "SQLITE_NOTADB"},
    {SQLITE_BUSY_RECOVERY, "SQLITE_BUSY_RECOVERY"},
    {SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"},
    {SQLITE_BUSY_TIMEOUT, "SQLITE_BUSY_TIMEOUT"},
    {SQLITE_LOCKED_SHAREDCACHE, "SQLITE_LOCKED_SHAREDCACHE"},
    {SQLITE_READONLY_CANTINIT, "SQLITE_READONLY_CANTINIT"},
    {SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"},
    {SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"},
    {SQLITE_IOERR_READ, "SQLITE_IOERR_READ"},
    {SQLITE_IOERR_SHORT_READ, "SQLITE_IOERR_SHORT_READ"},
    {SQLITE_IOERR_WRITE, "SQLITE_IOERR_WRITE"},
    {SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"},
    {SQLITE_CANTOPEN_ISDIR, "SQLITE_CANTOPEN_ISDIR"},
    {SQLITE_CORRUPT_INDEX, "SQLITE_CORRUPT_INDEX"},
    {SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"},
    {SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"},
    {SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"},
    {SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"},
    {SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"},
    {SQLITE_CONSTRAINT_DATATYPE, "SQLITE_CONSTRAINT_DATATYPE"},
}};

/// A lock or a constraint is the caller's to meet; a write to what can only be read is not offered.
ErrorCode code_over_connection(int native) {
    switch (failure_class_of(native)) {
        case FailureClass::contention:
            return ErrorCode::conflict;
        case FailureClass::read_only:
            return ErrorCode::unsupported;
        case FailureClass::lost:
        case FailureClass::exhausted:
            return ErrorCode::unavailable;
        case FailureClass::cancelled:
            return ErrorCode::cancelled;
        case FailureClass::user_error: {
            const int primary = native & 0xff;
            return primary == SQLITE_CONSTRAINT ? ErrorCode::conflict
                   : primary == SQLITE_TOOBIG   ? ErrorCode::too_large
                                                : ErrorCode::invalid_argument;
        }
        case FailureClass::none:
        case FailureClass::refused_login:
        case FailureClass::timeout:
        case FailureClass::in_doubt:
            return ErrorCode::internal;
    }
    return ErrorCode::internal;
}

}  // namespace

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

FailureClass failure_class_of(int native) noexcept {
    switch (native & 0xff) {
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
        case SQLITE_PERM:
        case SQLITE_PROTOCOL:
        case SQLITE_NOLFS:
            return FailureClass::lost;
        case SQLITE_FULL:
        case SQLITE_NOMEM:
            return FailureClass::exhausted;
        case SQLITE_INTERRUPT:
            return FailureClass::cancelled;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_SCHEMA:
        case SQLITE_ABORT:
            return FailureClass::contention;
        case SQLITE_READONLY:
            return FailureClass::read_only;
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_AUTH:
        case SQLITE_RANGE:
        case SQLITE_TOOBIG:
            return FailureClass::user_error;
        default:
            return FailureClass::none;
    }
}

std::string native_state_of(int native) {
    for (const auto& [code, name] : code_names) {
        if (code == native) {
            return std::string(name);
        }
    }
    const int primary = native & 0xff;
    return primary == native ? "SQLITE_" + std::to_string(native) : native_state_of(primary);
}

Error connection_error(sqlite3* database, int native, std::string_view doing) {
    Error error{.code = code_over_connection(native),
                .message = std::string(doing),
                .native_code = native,
                .failure = failure_class_of(native),
                .native_state = native_state_of(native)};
    // The offset belongs to SQLite's last error, which is this one only right after a compilation.
    if (const int offset = sqlite3_error_offset(database); native == SQLITE_ERROR && offset >= 0) {
        error.offset = static_cast<std::size_t>(offset);
    }
    return error;
}

bool has_moved(sqlite3* database, const char* schema) noexcept {
    int moved = 0;
    return sqlite3_file_control(database, schema, SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

Error own_error(sqlite3* database, int native, std::string_view doing) {
    std::string message(doing);
    message += ": ";
    message += database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(native);
    return Error{.code = error_code_of(native), .message = std::move(message), .native_code = native};
}

}  // namespace majed::driver::sqlite
