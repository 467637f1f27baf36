/// Builds the connection of a governed session: the source attached, guards installed, switches set.
///
/// Why      Everything that must be true before the first user statement stands in one place.
/// Life     Context and control outlive the connection.
/// Threads  One.
/// Not here The authorizer: it goes on last, by the session.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/guard_functions.h"
#include "driver/sqlite/run_control.h"

#include <memory>
#include <string>
#include <string_view>

namespace majed::driver::sqlite {

using ConnectionHandle = std::unique_ptr<sqlite3, CloseDatabase>;

/// `path` as a URI that opens the file, whatever characters the path holds, and never makes one.
[[nodiscard]] std::string file_uri(std::string_view path, Access access);

/// For reading only, three times over: the file's mode, query_only, and no write that the authorizer knows of.
/// A lock that a writer holds for the moment is waited for, as long as `control` lets it.
/// Errors: not_found (no such file), unavailable (unreadable, no database, locked), internal (guards do not install).
[[nodiscard]] Result<ConnectionHandle> open_guarded(const std::string& path, GuardContext& context,
                                                    RunControl& control, Access access);

}  // namespace majed::driver::sqlite
