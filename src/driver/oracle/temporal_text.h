/// Dates, times and intervals of Oracle as the ISO 8601 text that ColumnType promises.
///
/// Why      Written into a buffer that the caller reuses for every row: no allocation per cell.
/// Life     Free functions; the view lies in the buffer.
/// Threads  Pure.
/// Not here Reading text: the session's NLS formats let the server do that (session_settings.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dpi.h>
#include <array>
#include <cstdint>
#include <string_view>

namespace majed::driver::oracle {

/// Longer than the longest interval: five signed numbers of eleven characters and nine digits of a fraction.
using TemporalText = std::array<char, 96>;

enum class Zone : std::uint8_t { none, shown };

/// `2025-01-31T23:59:59.123456`, with Zone::shown `+02:00` behind it. Oracle knows no year 0: its year -44 is the 44th
/// before Christ, -0043 in ISO 8601.
[[nodiscard]] std::string_view timestamp_text(const dpiTimestamp& time, Zone zone,
                                              TemporalText& buffer) noexcept;

/// `P3DT4H5M6.5S`; every part of a negative interval carries the sign, as PostgreSQL writes it: `P-3DT-4H`.
[[nodiscard]] std::string_view interval_text(const dpiIntervalDS& interval, TemporalText& buffer) noexcept;

/// `P1Y2M`.
[[nodiscard]] std::string_view interval_text(const dpiIntervalYM& interval, TemporalText& buffer) noexcept;

}  // namespace majed::driver::oracle
