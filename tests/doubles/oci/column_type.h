/// A column's type in Oracle's words, read from DDL and told by a describe.
///
/// Why      SQLite keeps the declared text of a type only; everything a describe tells is read back from that text.
/// Life     Plain values.
/// Threads  Any.
/// Not here Converting values to a type: define.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oci_constants.h"
#include "sql_scan.h"

namespace majed::oci_double {

struct ColumnType {
    DataType type = DataType::varchar;
    std::uint8_t form = charset_form_implicit;
    int precision = 0;
    /// Also the digits of the second's fraction of a timestamp.
    int scale = 0;
    int bytes = 0;
    int characters = 0;
    /// VARCHAR2(40), TIMESTAMP(6) WITH TIME ZONE: as DDL writes it.
    std::string text;
};

/// Reads a type from DDL beginning at `at`, which is moved behind it.
std::optional<ColumnType> take_type(const std::vector<Token>& tokens, std::size_t& at);

/// Of a declared type, ours or one of plain SQLite.
ColumnType parse_type(std::string_view text);

/// The type's text with an ending that gives SQLite's column the affinity under which no value is changed.
std::string declared_type(const ColumnType& type);

/// NUMBER with neither precision nor scale.
ColumnType number_type();
ColumnType varchar_type(int bytes);
ColumnType plain_type(DataType type, std::string_view text);

}  // namespace majed::oci_double
