/// PostgreSQL's types: what each becomes, how its cells are read, and what it is called with its modifier.
///
/// Why      The result of a statement names types by number; callers want ColumnType and `numeric(12,2)`.
/// Life     Free functions over a fixed table.
/// Threads  Pure.
/// Not here Types that the database itself defines: their names are asked for (postgres_connection.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/result_column.h"

#include <cstdint>
#include <string>

namespace majed::driver::postgres {

using Oid = unsigned int;

/// How a cell is read from its native form.
enum class Reading : std::uint8_t {
    text,  ///< As it is, in text form; the binary form is the same bytes where `binary` is said.
    boolean,
    int16,
    int32,
    int64,
    oid,
    float4,
    float8,
    bytea,
    uuid,
    jsonb,
    date,
    timestamp,
    timestamp_tz,
    time_tz,
    interval,
};

struct NativeType {
    Oid oid = 0;
    Oid array_oid = 0;
    const char* name = "";
    ColumnType type = ColumnType::other;
    Reading reading = Reading::text;
    bool binary = false;  ///< Its binary form is read too: exact, and faster than text.
};

/// nullptr when the type is not of the table: an array, or the database's own.
[[nodiscard]] const NativeType* type_of(Oid oid) noexcept;

/// As format_type() of the server writes it, with the modifier where it has one; empty when it is not known here.
[[nodiscard]] std::string name_of_type(Oid oid, int modifier);

constexpr Oid bytea_oid = 17;
constexpr Oid boolean_oid = 16;

}  // namespace majed::driver::postgres
