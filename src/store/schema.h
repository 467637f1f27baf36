/// The tables of the primary store, as SQL.
///
/// Why      What is on disk is read in one place; the version beside it says what a program may open.
/// Life     Constants.
/// Threads  Any.
/// Not here Queries (the sources that need them).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace majed::store {

/// `PRAGMA application_id`: "MjVn". Tells a primary store from any other SQLite file.
inline constexpr std::int64_t application_id = 0x4D6A566E;
/// `PRAGMA user_version`: increases with every change of the tables.
inline constexpr std::int64_t schema_version = 1;

/// Makes every table of version 1 in an empty file.
[[nodiscard]] std::string_view schema_sql() noexcept;

}  // namespace majed::store
