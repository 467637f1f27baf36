/// Times as the records have them: ISO 8601 in UTC, to the microsecond.
///
/// Why      Who asks for records of a time must mean the same by it as who wrote them.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Clocks (audit_trail.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace majed::audit {

/// `2025-01-31T23:59:59.123456Z`
[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point when);

/// SQL: the column `timestamp` of a record as a text that compares as times do. Records that were put in by other means may
/// have fewer digits, or a blank for the T.
inline constexpr std::string_view comparable_time = "rtrim(replace(timestamp, ' ', 'T'), 'Z')";
/// What it is compared with: a fraction without the zeros at its end, and without the Z, stands before everything later.
[[nodiscard]] std::string comparable_text(std::chrono::system_clock::time_point when);

/// `2025-01-31`, which is its first moment, `2025-01-31T23:59Z`, with seconds and up to six digits of a fraction too.
/// Absent: another spelling, a zone that is not UTC, or a day that is not in the calendar.
[[nodiscard]] std::optional<std::chrono::sys_time<std::chrono::microseconds>> parse_time(
    std::string_view text);

}  // namespace majed::audit
