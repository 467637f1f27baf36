// SPDX-License-Identifier: Apache-2.0
#include "date_time.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace majed::oci_double {
namespace {

constexpr std::int64_t minutes_per_day = 24 * 60;

/// Days since 1970-01-01 of the proleptic Gregorian calendar.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const int shifted = month + (month > 2 ? -3 : 9);
    const std::int64_t day_of_year = (153 * shifted + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void civil_from_days(std::int64_t days, DateTime& out) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * day_of_year + 2) / 153;
    out.day = static_cast<std::uint8_t>(day_of_year - (153 * shifted + 2) / 5 + 1);
    out.month = static_cast<std::uint8_t>(shifted + (shifted < 10 ? 3 : -9));
    out.year = static_cast<std::int16_t>(year_of_era + era * 400 + (out.month <= 2 ? 1 : 0));
}

DateTime moved(DateTime moment, std::int64_t minutes) {
    std::int64_t days = days_from_civil(moment.year, moment.month, moment.day);
    std::int64_t total = moment.hour * 60 + moment.minute + minutes;
    while (total < 0) {
        total += minutes_per_day;
        --days;
    }
    days += total / minutes_per_day;
    total %= minutes_per_day;
    civil_from_days(days, moment);
    moment.hour = static_cast<std::uint8_t>(total / 60);
    moment.minute = static_cast<std::uint8_t>(total % 60);
    return moment;
}

/// Takes digits off the front; false when there is none.
bool take_number(std::string_view& text, std::size_t longest, std::int64_t& out) {
    std::size_t count = 0;
    out = 0;
    while (count < longest && count < text.size() && text[count] >= '0' && text[count] <= '9') {
        out = out * 10 + (text[count] - '0');
        ++count;
    }
    text.remove_prefix(count);
    return count > 0;
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take_fraction(std::string_view& text, std::int64_t& nanoseconds) {
    nanoseconds = 0;
    if (!take(text, '.') && !take(text, ',')) {
        return true;
    }
    const std::size_t before = text.size();
    if (!take_number(text, 9, nanoseconds)) {
        return false;
    }
    for (std::size_t digit = before - text.size(); digit < 9; ++digit) {
        nanoseconds *= 10;
    }
    return true;
}

bool take_zone(std::string_view& text, DateTime& out) {
    while (take(text, ' ')) {
    }
    if (text.empty() || text == "Z" || text == "z" || text == "UTC") {
        return true;
    }
    const bool west = text.front() == '-';
    if (!take(text, '-') && !take(text, '+')) {
        return false;
    }
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if (!take_number(text, 2, hours)) {
        return false;
    }
    take(text, ':');
    if (!text.empty() && !take_number(text, 2, minutes)) {
        return false;
    }
    out.zone_hour = static_cast<std::int8_t>(west ? -hours : hours);
    out.zone_minute = static_cast<std::int8_t>(west ? -minutes : minutes);
    return text.empty() && hours <= 14 && minutes < 60;
}

std::string print_fraction(std::uint32_t nanosecond) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), ".%09u", nanosecond);
    std::string fraction = text.data();
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fraction == "." ? std::string{} : fraction;
}

}  // namespace

bool is_valid(const DateTime& moment) {
    constexpr std::array<int, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (moment.month < 1 || moment.month > 12 || moment.year < -4712 || moment.year > 9999 ||
        moment.year == 0) {
        return false;
    }
    const bool leap = moment.year % 4 == 0 && (moment.year % 100 != 0 || moment.year % 400 == 0);
    const int length = lengths[moment.month - 1U] + (moment.month == 2 && leap ? 1 : 0);
    return moment.day >= 1 && moment.day <= length && moment.hour < 24 && moment.minute < 60 &&
           moment.second < 60;
}

std::string print_date_time(const DateTime& moment, Zone zone) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s%04d-%02d-%02d %02d:%02d:%02d", moment.year < 0 ? "-" : "",
                  std::abs(moment.year), moment.month, moment.day, moment.hour, moment.minute, moment.second);
    std::string printed = text.data() + print_fraction(moment.nanosecond);
    if (zone == Zone::kept) {
        const bool west = moment.zone_hour < 0 || moment.zone_minute < 0;
        std::snprintf(text.data(), text.size(), " %c%02d:%02d", west ? '-' : '+', std::abs(moment.zone_hour),
                      std::abs(moment.zone_minute));
        printed += text.data();
    }
    return printed;
}

std::optional<DateTime> parse_date_time(std::string_view text) {
    while (take(text, ' ')) {
    }
    const bool before_christ = take(text, '-');
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
    if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, month) || !take(text, '-') ||
        !take_number(text, 2, day)) {
        return std::nullopt;
    }
    DateTime out;
    out.year = static_cast<std::int16_t>(before_christ ? -year : year);
    out.month = static_cast<std::uint8_t>(month);
    out.day = static_cast<std::uint8_t>(day);
    if (!text.empty()) {
        std::int64_t hour = 0;
        std::int64_t minute = 0;
        std::int64_t second = 0;
        std::int64_t nanosecond = 0;
        if ((!take(text, ' ') && !take(text, 'T')) || !take_number(text, 2, hour) || !take(text, ':') ||
            !take_number(text, 2, minute) || (take(text, ':') && !take_number(text, 2, second)) ||
            !take_fraction(text, nanosecond) || !take_zone(text, out)) {
            return std::nullopt;
        }
        out.hour = static_cast<std::uint8_t>(hour);
        out.minute = static_cast<std::uint8_t>(minute);
        out.second = static_cast<std::uint8_t>(second);
        out.nanosecond = static_cast<std::uint32_t>(nanosecond);
    }
    if (!is_valid(out)) {
        return std::nullopt;
    }
    return out;
}

DateTime to_utc(DateTime moment) {
    const std::int64_t offset = moment.zone_hour * 60 + moment.zone_minute;
    moment = moved(moment, -offset);
    moment.zone_hour = 0;
    moment.zone_minute = 0;
    return moment;
}

DateTime at_offset(DateTime utc, int minutes) {
    utc = moved(utc, minutes);
    utc.zone_hour = static_cast<std::int8_t>(minutes / 60);
    utc.zone_minute = static_cast<std::int8_t>(minutes % 60);
    return utc;
}

DateTime moved_by(const DateTime& moment, const Interval& interval) {
    constexpr std::int64_t second = 1000000000;
    constexpr std::int64_t minute = 60 * second;
    std::int64_t rest =
        moment.second * second + moment.nanosecond + interval.seconds * second + interval.nanoseconds;
    std::int64_t minutes =
        interval.minutes + 60LL * interval.hours + minutes_per_day * interval.days + rest / minute;
    rest %= minute;
    if (rest < 0) {
        rest += minute;
        --minutes;
    }
    DateTime out = moved(moment, minutes);
    out.second = static_cast<std::uint8_t>(rest / second);
    out.nanosecond = static_cast<std::uint32_t>(rest % second);
    return out;
}

Interval difference_of(const DateTime& left, const DateTime& right) {
    constexpr std::int64_t second = 1000000000;
    const DateTime from = to_utc(right);
    const DateTime to = to_utc(left);
    const auto seconds_of = [](const DateTime& moment) {
        return ((days_from_civil(moment.year, moment.month, moment.day) * 24 + moment.hour) * 60 +
                moment.minute) *
                   60 +
               moment.second;
    };
    std::int64_t seconds = seconds_of(to) - seconds_of(from);
    std::int64_t nanoseconds = std::int64_t{to.nanosecond} - std::int64_t{from.nanosecond};
    // All parts of one sign.
    if (seconds > 0 && nanoseconds < 0) {
        --seconds;
        nanoseconds += second;
    } else if (seconds < 0 && nanoseconds > 0) {
        ++seconds;
        nanoseconds -= second;
    }
    Interval out;
    out.days = static_cast<std::int32_t>(seconds / 86400);
    out.hours = static_cast<std::int32_t>(seconds % 86400 / 3600);
    out.minutes = static_cast<std::int32_t>(seconds % 3600 / 60);
    out.seconds = static_cast<std::int32_t>(seconds % 60);
    out.nanoseconds = static_cast<std::int32_t>(nanoseconds);
    return out;
}

std::string print_interval(const Interval& interval, IntervalKind kind) {
    const bool negative = interval.years < 0 || interval.months < 0 || interval.days < 0 ||
                          interval.hours < 0 || interval.minutes < 0 || interval.seconds < 0 ||
                          interval.nanoseconds < 0;
    const char sign = negative ? '-' : '+';
    std::array<char, 64> text{};
    if (kind == IntervalKind::year_month) {
        std::snprintf(text.data(), text.size(), "%c%09d-%02d", sign, std::abs(interval.years),
                      std::abs(interval.months));
    } else {
        std::snprintf(text.data(), text.size(), "%c%09d %02d:%02d:%02d.%09d", sign, std::abs(interval.days),
                      std::abs(interval.hours), std::abs(interval.minutes), std::abs(interval.seconds),
                      std::abs(interval.nanoseconds));
    }
    return text.data();
}

std::optional<Interval> parse_interval(std::string_view text, IntervalKind kind) {
    while (take(text, ' ')) {
    }
    const bool negative = take(text, '-');
    if (!negative) {
        take(text, '+');
    }
    const auto sign = static_cast<std::int64_t>(negative ? -1 : 1);
    std::array<std::int64_t, 5> part{};
    Interval out;
    if (!take_number(text, 9, part[0])) {
        return std::nullopt;
    }
    if (kind == IntervalKind::year_month) {
        if ((take(text, '-') && !take_number(text, 2, part[1])) || !text.empty()) {
            return std::nullopt;
        }
        out.years = static_cast<std::int32_t>(sign * part[0]);
        out.months = static_cast<std::int32_t>(sign * part[1]);
        return out;
    }
    if (!text.empty() && (!take(text, ' ') || !take_number(text, 2, part[1]) ||
                          (take(text, ':') && !take_number(text, 2, part[2])) ||
                          (take(text, ':') && !take_number(text, 2, part[3])) ||
                          !take_fraction(text, part[4]) || !text.empty())) {
        return std::nullopt;
    }
    out.days = static_cast<std::int32_t>(sign * part[0]);
    out.hours = static_cast<std::int32_t>(sign * part[1]);
    out.minutes = static_cast<std::int32_t>(sign * part[2]);
    out.seconds = static_cast<std::int32_t>(sign * part[3]);
    out.nanoseconds = static_cast<std::int32_t>(sign * part[4]);
    return out;
}

DateTime now_utc() {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm fields{};
    gmtime_r(&now.tv_sec, &fields);
    DateTime out;
    out.year = static_cast<std::int16_t>(fields.tm_year + 1900);
    out.month = static_cast<std::uint8_t>(fields.tm_mon + 1);
    out.day = static_cast<std::uint8_t>(fields.tm_mday);
    out.hour = static_cast<std::uint8_t>(fields.tm_hour);
    out.minute = static_cast<std::uint8_t>(fields.tm_min);
    out.second = static_cast<std::uint8_t>(fields.tm_sec);
    out.nanosecond = static_cast<std::uint32_t>(now.tv_nsec);
    return out;
}

}  // namespace majed::oci_double
