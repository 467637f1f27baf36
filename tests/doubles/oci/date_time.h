/// Points in time and intervals, between their fields and the text that SQLite stores.
///
/// Why      Text of one fixed form sorts as time does, and keeps nine digits and the offset.
/// Life     Pure functions over plain values.
/// Threads  Any.
/// Not here Formats of TO_CHAR and TO_DATE: date_format.h. The descriptors: handles.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majed::oci_double {

struct DateTime {
    std::int16_t year = 1;
    std::uint8_t month = 1;
    std::uint8_t day = 1;
    std::uint8_t hour = 0;
    std::uint8_t minute = 0;
    std::uint8_t second = 0;
    std::uint32_t nanosecond = 0;
    std::int8_t zone_hour = 0;
    std::int8_t zone_minute = 0;
};

struct Interval {
    /// Years and months, or days to nanoseconds; the other fields are zero. All of one sign.
    std::int32_t years = 0;
    std::int32_t months = 0;
    std::int32_t days = 0;
    std::int32_t hours = 0;
    std::int32_t minutes = 0;
    std::int32_t seconds = 0;
    std::int32_t nanoseconds = 0;
};

enum class Zone : std::uint8_t { dropped, kept };

bool is_valid(const DateTime& moment);

/// 2024-02-29 23:59:58[.123456789][ +02:00]; zeros at the end of the fraction are left out.
std::string print_date_time(const DateTime& moment, Zone zone);
/// Also takes a T between date and time, a missing time, and Z.
std::optional<DateTime> parse_date_time(std::string_view text);

/// The same moment at offset zero.
DateTime to_utc(DateTime moment);
/// A moment at offset zero, told at another offset.
DateTime at_offset(DateTime utc, int minutes);

/// Days to nanoseconds only.
DateTime moved_by(const DateTime& moment, const Interval& interval);
Interval difference_of(const DateTime& left, const DateTime& right);

enum class IntervalKind : std::uint8_t { year_month, day_second };

/// +000000002-11 and +000000004 03:02:01.000000005: fixed width, so that positive ones sort.
std::string print_interval(const Interval& interval, IntervalKind kind);
std::optional<Interval> parse_interval(std::string_view text, IntervalKind kind);

/// The clock of the machine, at offset zero.
DateTime now_utc();

}  // namespace majed::oci_double
