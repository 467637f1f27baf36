/// What is left of a text after one statement of it was compiled.
// SPDX-License-Identifier: Apache-2.0
#pragma once

struct sqlite3;

namespace majed::driver::sqlite {

/// True when nothing but blanks, comments and semicolons is left, as SQLite itself reads them.
[[nodiscard]] bool holds_no_statement(sqlite3* database, const char* text, const char* end);

}  // namespace majed::driver::sqlite
