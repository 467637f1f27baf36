/// What a result code of SQLite means to a caller.
///
/// Why      One table for every file of this folder; nobody outside it ever sees a native code decided on.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Which texts a user may read: user_error.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

#include <string_view>

struct sqlite3;

namespace majed::driver::sqlite {

/// Of a primary or extended result code seen while running; never called with OK, ROW or DONE.
[[nodiscard]] ErrorCode error_code_of(int native) noexcept;

/// `doing: <SQLite's text>`, for connections that serve the program itself and never a user's statement.
[[nodiscard]] Error own_error(sqlite3* database, int native, std::string_view doing);

}  // namespace majed::driver::sqlite
