/// The types a value may be cast to: those of the server itself whose conversions read nothing.
///
/// Why      A type that a user defined runs what the user wrote; regclass and its kin look into the catalogue.
/// Source   PostgreSQL 15, chapter 8; Oracle Database SQL Language Reference 19c, "Data Types".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"

#include <string_view>

namespace majed::sql {

/// `name`: lower case, without schema, arguments and array bounds, words parted by one space.
[[nodiscard]] bool is_plain_type(std::string_view name, DialectId dialect) noexcept;

}  // namespace majed::sql
