// SPDX-License-Identifier: Apache-2.0
// Numbers, points in time, intervals and row ids outside of statements.
#include <cstdlib>
#include <cstring>

#include "exported.h"
#include "handles.h"
#include "number_text.h"

using namespace majed::oci_double;

namespace {

constexpr unsigned is_signed = 2;

int give_number(const std::string& text, void* error, void* out) {
    const auto decimal = parse_decimal(text);
    const auto bytes = decimal ? encode_number(*decimal) : std::nullopt;
    if (!bytes) {
        return fail(error, oracle_error(decimal ? 22053 : 1722));
    }
    std::memcpy(out, bytes->data(), bytes->size());
    return answer_success;
}

std::string text_of(const void* number) {
    return print_decimal(decode_number(static_cast<const std::uint8_t*>(number)));
}

template <class Value>
Value copy_as(const void* from) {
    Value value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// Offset of "+02:00"; of anything else, none.
void read_zone(const char* text, std::size_t length, DateTime& moment) {
    if (text == nullptr || length == 0) {
        return;
    }
    if (const auto parsed = parse_date_time("2000-01-01 00:00:00 " + std::string{text, length})) {
        moment.zone_hour = parsed->zone_hour;
        moment.zone_minute = parsed->zone_minute;
    }
}

}  // namespace

MAJED_OCI int OCINumberFromInt(void* error, const void* from, unsigned length, unsigned flags, void* out) {
    if (length != sizeof(std::int64_t)) {
        return fail(error, oracle_error(22053));
    }
    return give_number(flags == is_signed ? std::to_string(copy_as<std::int64_t>(from))
                                          : std::to_string(copy_as<std::uint64_t>(from)),
                       error, out);
}

MAJED_OCI int OCINumberFromReal(void* error, const void* from, unsigned length, void* out) {
    return give_number(
        length == sizeof(double) ? shortest_text(copy_as<double>(from)) : shortest_text(copy_as<float>(from)),
        error, out);
}

MAJED_OCI int OCINumberToInt(void* error, const void* number, unsigned length, unsigned flags, void* out) {
    const std::string text =
        print_decimal(round_decimal(decode_number(static_cast<const std::uint8_t*>(number)), 0));
    errno = 0;
    const auto value = flags == is_signed
                           ? static_cast<std::uint64_t>(std::strtoll(text.c_str(), nullptr, 10))
                           : std::uint64_t{std::strtoull(text.c_str(), nullptr, 10)};
    if (length != sizeof value || errno == ERANGE || (flags != is_signed && text.starts_with("-"))) {
        return fail(error, oracle_error(22053));
    }
    std::memcpy(out, &value, sizeof value);
    return answer_success;
}

MAJED_OCI int OCINumberToReal(void*, const void* number, unsigned length, void* out) {
    const double value = std::strtod(text_of(number).c_str(), nullptr);
    const auto narrow = static_cast<float>(value);
    if (length == sizeof value) {
        std::memcpy(out, &value, sizeof value);
    } else {
        std::memcpy(out, &narrow, sizeof narrow);
    }
    return answer_success;
}

MAJED_OCI int OCIDateTimeConstruct(void*, void* error, void* descriptor, std::int16_t year,
                                   std::uint8_t month, std::uint8_t day, std::uint8_t hour,
                                   std::uint8_t minute, std::uint8_t second, std::uint32_t nanosecond,
                                   const char* zone, std::size_t zone_length) {
    auto* timestamp = handle_as<TimestampDescriptor>(descriptor);
    if (timestamp == nullptr) {
        return answer_invalid_handle;
    }
    DateTime moment{.year = year,
                    .month = month,
                    .day = day,
                    .hour = hour,
                    .minute = minute,
                    .second = second,
                    .nanosecond = nanosecond};
    read_zone(zone, zone_length, moment);
    if (!is_valid(moment)) {
        return fail(error, oracle_error(1839));
    }
    timestamp->moment = moment;
    return answer_success;
}

MAJED_OCI int OCIDateTimeGetDate(void*, void*, const void* descriptor, std::int16_t* year,
                                 std::uint8_t* month, std::uint8_t* day) {
    const auto* timestamp = handle_as<TimestampDescriptor>(descriptor);
    if (timestamp == nullptr) {
        return answer_invalid_handle;
    }
    *year = timestamp->moment.year;
    *month = timestamp->moment.month;
    *day = timestamp->moment.day;
    return answer_success;
}

MAJED_OCI int OCIDateTimeGetTime(void*, void*, void* descriptor, std::uint8_t* hour, std::uint8_t* minute,
                                 std::uint8_t* second, std::uint32_t* nanosecond) {
    const auto* timestamp = handle_as<TimestampDescriptor>(descriptor);
    if (timestamp == nullptr) {
        return answer_invalid_handle;
    }
    *hour = timestamp->moment.hour;
    *minute = timestamp->moment.minute;
    *second = timestamp->moment.second;
    *nanosecond = timestamp->moment.nanosecond;
    return answer_success;
}

MAJED_OCI int OCIDateTimeGetTimeZoneOffset(void*, void*, const void* descriptor, std::int8_t* hour,
                                           std::int8_t* minute) {
    const auto* timestamp = handle_as<TimestampDescriptor>(descriptor);
    if (timestamp == nullptr) {
        return answer_invalid_handle;
    }
    *hour = timestamp->moment.zone_hour;
    *minute = timestamp->moment.zone_minute;
    return answer_success;
}

/// The client turns numbers of milliseconds into times: base plus interval.
MAJED_OCI int OCIDateTimeIntervalAdd(void*, void*, void* base_pointer, void* interval_pointer,
                                     void* out_pointer) {
    const auto* base = handle_as<TimestampDescriptor>(base_pointer);
    const auto* added = handle_as<IntervalDescriptor>(interval_pointer);
    auto* out = handle_as<TimestampDescriptor>(out_pointer);
    if (base == nullptr || added == nullptr || out == nullptr) {
        return answer_invalid_handle;
    }
    out->moment = moved_by(base->moment, added->interval);
    return answer_success;
}

MAJED_OCI int OCIDateTimeSubtract(void*, void*, void* left_pointer, void* right_pointer, void* out_pointer) {
    const auto* left = handle_as<TimestampDescriptor>(left_pointer);
    const auto* right = handle_as<TimestampDescriptor>(right_pointer);
    auto* out = handle_as<IntervalDescriptor>(out_pointer);
    if (left == nullptr || right == nullptr || out == nullptr) {
        return answer_invalid_handle;
    }
    out->interval = difference_of(left->moment, right->moment);
    return answer_success;
}

MAJED_OCI int OCIDateTimeConvert(void*, void*, void* from_pointer, void* to_pointer) {
    const auto* from = handle_as<TimestampDescriptor>(from_pointer);
    auto* to = handle_as<TimestampDescriptor>(to_pointer);
    if (from == nullptr || to == nullptr) {
        return answer_invalid_handle;
    }
    to->moment = from->moment;
    return answer_success;
}

MAJED_OCI int OCIIntervalSetDaySecond(void*, void*, std::int32_t days, std::int32_t hours,
                                      std::int32_t minutes, std::int32_t seconds, std::int32_t nanoseconds,
                                      void* descriptor) {
    auto* interval = handle_as<IntervalDescriptor>(descriptor);
    if (interval == nullptr) {
        return answer_invalid_handle;
    }
    interval->interval = {
        .days = days, .hours = hours, .minutes = minutes, .seconds = seconds, .nanoseconds = nanoseconds};
    return answer_success;
}

MAJED_OCI int OCIIntervalGetDaySecond(void*, void*, std::int32_t* days, std::int32_t* hours,
                                      std::int32_t* minutes, std::int32_t* seconds, std::int32_t* nanoseconds,
                                      const void* descriptor) {
    const auto* interval = handle_as<IntervalDescriptor>(descriptor);
    if (interval == nullptr) {
        return answer_invalid_handle;
    }
    *days = interval->interval.days;
    *hours = interval->interval.hours;
    *minutes = interval->interval.minutes;
    *seconds = interval->interval.seconds;
    *nanoseconds = interval->interval.nanoseconds;
    return answer_success;
}

MAJED_OCI int OCIIntervalSetYearMonth(void*, void*, std::int32_t years, std::int32_t months,
                                      void* descriptor) {
    auto* interval = handle_as<IntervalDescriptor>(descriptor);
    if (interval == nullptr) {
        return answer_invalid_handle;
    }
    interval->interval = {.years = years, .months = months};
    return answer_success;
}

MAJED_OCI int OCIIntervalGetYearMonth(void*, void*, std::int32_t* years, std::int32_t* months,
                                      const void* descriptor) {
    const auto* interval = handle_as<IntervalDescriptor>(descriptor);
    if (interval == nullptr) {
        return answer_invalid_handle;
    }
    *years = interval->interval.years;
    *months = interval->interval.months;
    return answer_success;
}

MAJED_OCI int OCIRowidToChar(void* descriptor, char* out, std::uint16_t* length, void* error) {
    const auto* rowid = handle_as<RowidDescriptor>(descriptor);
    if (rowid == nullptr) {
        return answer_invalid_handle;
    }
    const auto size = static_cast<std::uint16_t>(rowid->text.size());
    if (*length < size) {
        *length = size;
        return fail(error, oracle_error(1405, "fetched column value is NULL"));
    }
    std::memcpy(out, rowid->text.data(), size);
    *length = size;
    return answer_success;
}
