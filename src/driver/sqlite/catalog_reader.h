/// Reads what exists in a SQLite file, as SQLite itself sees it.
///
/// Why      A reading of CREATE statements of our own would one day differ from the engine's.
/// Life     Free functions; the reading is one moment of the file.
/// Threads  As the database.
/// Not here Views' meaning: their text is returned, sql/ reads it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/schema_description.h"
#include "driver/sqlite/database.h"

#include <string>
#include <string_view>

namespace majed::driver::sqlite {

/// Everything in the main schema, ordered by name. A view or virtual table that cannot be read in its turn
/// has no columns. Errors: unavailable.
[[nodiscard]] Result<SchemaDescription> read_schema(Database& database);

/// What follows the AS of a CREATE VIEW statement; empty when there is none.
[[nodiscard]] std::string view_select(std::string_view create_view);

}  // namespace majed::driver::sqlite
