/// What a primary store says of itself: that it is one, and by which migration it was left.
///
/// Why      A program must not read or write tables of another version, and must know in one read of the file's head.
/// Life     Free functions.
/// Threads  As the connection.
/// Not here The tables (`migrations/primary`), the ledger of migrations (migrate/), upgrading (app/primary_migration.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/sqlite/database.h"

#include <cstdint>
#include <string>

namespace majed::store {

/// `PRAGMA application_id`: "MjVn". Tells a primary store from any other SQLite file; set by the first migration.
inline constexpr std::int64_t application_id = 0x4D6A566E;

/// `PRAGMA user_version` as the last of `primary_migrations()` leaves it: what this program reads and writes.
[[nodiscard]] std::int64_t program_version() noexcept;

/// Of the file at `path`, which `connection` has open. Errors: unsupported (not a primary store), and those of the
/// database.
[[nodiscard]] Result<std::int64_t> stored_version(driver::sqlite::Database& connection,
                                                  const std::string& path);

/// Errors: conflict, when a newer program left `stored`.
[[nodiscard]] Result<void> refuse_newer(std::int64_t stored);
/// Errors: conflict, when a newer or an older program did.
[[nodiscard]] Result<void> refuse_other(std::int64_t stored);

}  // namespace majed::store
