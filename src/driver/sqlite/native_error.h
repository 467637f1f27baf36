/// What a result code of SQLite means to a caller.
///
/// Why      One table for every file of this folder; nobody outside it ever sees a native code decided on.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Which texts a user may read: user_error.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <string>
#include <string_view>

struct sqlite3;

namespace majed::driver::sqlite {

/// Of a primary or extended result code seen while running; never called with OK, ROW or DONE.
[[nodiscard]] ErrorCode error_code_of(int native) noexcept;

/// What a result code says about the database. OK, ROW and DONE: none.
[[nodiscard]] FailureClass failure_class_of(int native) noexcept;

/// `SQLITE_BUSY_SNAPSHOT` and the like; `SQLITE_<number>` for a code this version does not know by name.
[[nodiscard]] std::string native_state_of(int native);

/// For the program's statements over a driver::Connection: no text of SQLite in it. `offset` of a syntax error.
[[nodiscard]] Error connection_error(sqlite3* database, int native, std::string_view doing);

/// True when the file was renamed, replaced or deleted under the connection, which goes on answering from what was.
[[nodiscard]] bool has_moved(sqlite3* database, const char* schema) noexcept;

/// `doing: <SQLite's text>`, for connections that serve the program itself and never a user's statement.
[[nodiscard]] Error own_error(sqlite3* database, int native, std::string_view doing);

}  // namespace majed::driver::sqlite
