/// What the ledger's tables are called and made of, on each engine.
///
/// Why      Long constant texts; ledger.cpp has the statements that move with the program.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Running any of it (ledger.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/dialect.h"

#include <span>
#include <string>
#include <string_view>

namespace majed::migrate {

inline constexpr std::string_view ledger_table = "schema_migrations";
inline constexpr std::string_view objects_table = "schema_migrations_objects";
inline constexpr std::string_view lock_table = "schema_migrations_lock";

/// `CREATE TABLE name (...)`; `name` is quoted as it must be.
[[nodiscard]] std::string create_ledger(Dialect dialect, std::string_view name);
[[nodiscard]] std::string create_objects(Dialect dialect, std::string_view name);
/// The database's clock.
[[nodiscard]] std::string_view now_expression(Dialect dialect) noexcept;
/// `"a""b"`
[[nodiscard]] std::string quoted(std::string_view name);
/// Those without which a table is not ours, in lower case.
[[nodiscard]] std::span<const std::string_view> ledger_columns() noexcept;

}  // namespace majed::migrate
