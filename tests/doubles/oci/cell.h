/// One value of one row, as SQLite or the script gave it.
///
/// Why      Rows of the database and rows of the script take the same way to the application.
/// Life     Values.
/// Threads  Any.
/// Not here What the application gets of it: define.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "column_type.h"

namespace majed::oci_double {

struct Null {};

struct Bytes {
    std::string value;
};

using Cell = std::variant<Null, std::int64_t, double, std::string, Bytes>;
using Row = std::vector<Cell>;

struct Column {
    std::string name;
    ColumnType type;
    bool nullable = true;
};

}  // namespace majed::oci_double
