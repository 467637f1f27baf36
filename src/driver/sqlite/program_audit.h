/// The last lock before a statement may run: reads the program SQLite compiled from it.
///
/// Why      SQLite never asks the authorizer about columns merged by USING and NATURAL; the program cannot
///          hide which b-trees it opens.
/// Life     RootPages is read once per session; the program says with which schema it was compiled.
/// Threads  As the connection.
/// Not here What may be opened: StatementScope.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/sqlite/guard_index.h"

#include <cstdint>
#include <string>
#include <unordered_map>

struct sqlite3;

namespace majed::driver::sqlite {

/// Which table every b-tree of the source belongs to, at one version of its schema.
struct RootPages {
    std::int64_t schema_version = 0;
    std::unordered_map<std::int64_t, std::string> table_of_root;  ///< Indexes count as their table.
};

/// The schema version now in the file. Errors: unavailable.
[[nodiscard]] Result<std::int64_t> read_schema_version(sqlite3* database, const std::string& schema);

/// All of one moment of the file; not to be called inside a transaction.
/// Errors: unavailable, conflict (the schema kept changing).
[[nodiscard]] Result<RootPages> read_root_pages(sqlite3* database, const std::string& schema);

/// Holds the program of `sql` against `scope`; the authorizer must be judging by the same scope.
/// Errors: denied (it opens or does what the scope does not account for), conflict (compiled with another
/// version of the schema), as compiling.
[[nodiscard]] Result<void> audit_program(sqlite3* database, const std::string& sql, const RootPages& roots,
                                         const StatementScope& scope);

}  // namespace majed::driver::sqlite
