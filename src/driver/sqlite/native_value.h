/// Cells and parameters between SQLite's form and ours.
///
/// Why      The same conversion serves the program's own statements and the users'.
/// Life     A view lives until the statement's next step, reset or type conversion.
/// Threads  As the statement.
/// Not here Limits on size: the session's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value.h"

struct sqlite3_stmt;

namespace majed::driver::sqlite {

/// Who keeps the bytes of a bound text or blob.
enum class BoundBytes {
    copied,
    borrowed,  ///< The value must live until it is unbound.
};

/// SQLite's result code.
[[nodiscard]] int bind_value(sqlite3_stmt* statement, int index, const Value& value, BoundBytes bytes);

[[nodiscard]] ValueView column_view(sqlite3_stmt* statement, int index);

}  // namespace majed::driver::sqlite
