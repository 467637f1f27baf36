/// A column of an answer: its name, what its cells are, and what the database calls that.
///
/// Why      Cells without an alternative of their own in ValueView are text; the type says how to read it.
/// Life     A value.
/// Threads  A value.
/// Not here Which native type becomes which (each driver; docs/reference/types.md is tested against them).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace majed::driver {

enum class ColumnType : std::uint8_t {
    dynamic,  ///< Each cell has a type of its own (SQLite).
    boolean,  ///< bool
    integer,  ///< std::int64_t
    real,     ///< double, also NaN and infinities
    decimal,  ///< Text: exact digits, no exponent, `-12.50`; `NaN`, `Infinity`, `-Infinity` where the engine has them.
    text,  ///< Text, UTF-8
    blob,  ///< BlobView
    date,  ///< Text: `2025-01-31`; years beyond 9999 as `+12025-01-31`, before 1 as `-0044-03-15` (ISO 8601)
    time,  ///< Text: `23:59:59.123456`, no zone; trailing zeros of the fraction are dropped
    time_tz,       ///< Text: `23:59:59.5+02:00`
    timestamp,     ///< Text: `2025-01-31T23:59:59.123456`, no zone
    timestamp_tz,  ///< Text: `2025-01-31T23:59:59.123456+00:00`; the offset the engine gives is kept
    interval,      ///< Text: ISO 8601 duration, `P1Y2M3DT4H5M6.5S`
    json,          ///< Text: a JSON value as the engine writes it
    other,         ///< Text: the engine's own text form (arrays, ranges, network addresses, ...)
};

/// Stable and machine readable: `timestamp_tz`.
[[nodiscard]] constexpr std::string_view name_of(ColumnType type) noexcept {
    constexpr std::array<std::string_view, 15> names{
        "dynamic", "boolean", "integer",   "real",         "decimal",  "text", "blob", "date",
        "time",    "time_tz", "timestamp", "timestamp_tz", "interval", "json", "other"};
    return names.at(static_cast<std::size_t>(type));
}

struct ResultColumn {
    std::string name;
    ColumnType type = ColumnType::dynamic;
    std::string native_type = {};  ///< `numeric(12,2)`, `VARCHAR2(40)`; empty where the engine does not say.
    friend bool operator==(const ResultColumn&, const ResultColumn&) = default;
};

}  // namespace majed::driver
