// SPDX-License-Identifier: Apache-2.0
#include "date_format.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "sql_scan.h"

namespace majed::oci_double {
namespace {

enum class Element : std::uint8_t {
    year,
    year_two,
    month_name,
    month,
    day,
    hour,
    hour_twelve,
    minute,
    second,
    fraction,
    zone_hour,
    zone_minute,
    half
};

struct ElementName {
    std::string_view name;
    Element element;
};

/// Longer ones first.
constexpr auto elements = std::to_array<ElementName>({
    {"YYYY", Element::year},
    {"RRRR", Element::year},
    {"HH24", Element::hour},
    {"HH12", Element::hour_twelve},
    {"MON", Element::month_name},
    {"TZH", Element::zone_hour},
    {"TZM", Element::zone_minute},
    {"YY", Element::year_two},
    {"RR", Element::year_two},
    {"MM", Element::month},
    {"DD", Element::day},
    {"HH", Element::hour_twelve},
    {"MI", Element::minute},
    {"SS", Element::second},
    {"FF", Element::fraction},
    {"AM", Element::half},
    {"PM", Element::half},
});

constexpr auto month_names = std::to_array<std::string_view>(
    {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"});

std::optional<Element> take_element(std::string_view& format) {
    for (const ElementName& candidate : elements) {
        if (upper(format.substr(0, candidate.name.size())) == candidate.name) {
            format.remove_prefix(candidate.name.size());
            return candidate.element;
        }
    }
    return std::nullopt;
}

std::string padded(int value, int width) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%0*d", width, value);
    return text.data();
}

/// The digits FF asks for; six when it does not say.
std::size_t take_digits(std::string_view& format) {
    if (!format.empty() && format.front() >= '1' && format.front() <= '9') {
        const auto digits = static_cast<std::size_t>(format.front() - '0');
        format.remove_prefix(1);
        return digits;
    }
    return 6;
}

std::string print_element(const DateTime& moment, Element element, std::string_view& format) {
    const int twelve = moment.hour % 12 == 0 ? 12 : moment.hour % 12;
    switch (element) {
        case Element::year:
            return padded(moment.year, 4);
        case Element::year_two:
            return padded(moment.year % 100, 2);
        case Element::month_name:
            return std::string{month_names[moment.month - 1U]};
        case Element::month:
            return padded(moment.month, 2);
        case Element::day:
            return padded(moment.day, 2);
        case Element::hour:
            return padded(moment.hour, 2);
        case Element::hour_twelve:
            return padded(twelve, 2);
        case Element::minute:
            return padded(moment.minute, 2);
        case Element::second:
            return padded(moment.second, 2);
        case Element::fraction:
            return padded(static_cast<int>(moment.nanosecond), 9).substr(0, take_digits(format));
        case Element::zone_hour:
            return (moment.zone_hour < 0 || moment.zone_minute < 0 ? "-" : "+") +
                   padded(std::abs(moment.zone_hour), 2);
        case Element::zone_minute:
            return padded(std::abs(moment.zone_minute), 2);
        case Element::half:
            return moment.hour < 12 ? "AM" : "PM";
    }
    return {};
}

bool take_number(std::string_view& text, std::size_t longest, int& out) {
    std::size_t count = 0;
    out = 0;
    while (count < longest && count < text.size() && text[count] >= '0' && text[count] <= '9') {
        out = out * 10 + (text[count++] - '0');
    }
    text.remove_prefix(count);
    return count > 0;
}

bool take_month(std::string_view& text, int& out) {
    const std::string name = upper(text.substr(0, 3));
    for (std::size_t month = 0; month < month_names.size(); ++month) {
        if (month_names[month] == name) {
            out = static_cast<int>(month + 1);
            text.remove_prefix(3);
            return true;
        }
    }
    return false;
}

bool take_fraction(std::string_view& text, DateTime& out) {
    const std::size_t before = text.size();
    int value = 0;
    if (!take_number(text, 9, value)) {
        return false;
    }
    auto nanosecond = static_cast<std::uint32_t>(value);
    for (std::size_t digit = before - text.size(); digit < 9; ++digit) {
        nanosecond *= 10;
    }
    out.nanosecond = nanosecond;
    return true;
}

bool read_element(std::string_view& text, Element element, DateTime& out) {
    int value = 0;
    switch (element) {
        case Element::year:
            return take_number(text, 4, value) && (out.year = static_cast<std::int16_t>(value), true);
        case Element::year_two:
            return take_number(text, 4, value) &&
                   (out.year = static_cast<std::int16_t>(value < 50    ? 2000 + value
                                                         : value < 100 ? 1900 + value
                                                                       : value),
                    true);
        case Element::month_name:
            return take_month(text, value) && (out.month = static_cast<std::uint8_t>(value), true);
        case Element::month:
            return take_number(text, 2, value) && (out.month = static_cast<std::uint8_t>(value), true);
        case Element::day:
            return take_number(text, 2, value) && (out.day = static_cast<std::uint8_t>(value), true);
        case Element::hour:
        case Element::hour_twelve:
            return take_number(text, 2, value) && (out.hour = static_cast<std::uint8_t>(value), true);
        case Element::minute:
            return take_number(text, 2, value) && (out.minute = static_cast<std::uint8_t>(value), true);
        case Element::second:
            return take_number(text, 2, value) && (out.second = static_cast<std::uint8_t>(value), true);
        case Element::fraction:
            return take_fraction(text, out);
        case Element::zone_hour: {
            const bool west = text.starts_with("-");
            text.remove_prefix(text.starts_with("-") || text.starts_with("+") ? 1 : 0);
            return take_number(text, 2, value) &&
                   (out.zone_hour = static_cast<std::int8_t>(west ? -value : value), true);
        }
        case Element::zone_minute:
            return take_number(text, 2, value) &&
                   (out.zone_minute = static_cast<std::int8_t>(out.zone_hour < 0 ? -value : value), true);
        case Element::half:
            if (upper(text.substr(0, 2)) == "PM" && out.hour < 12) {
                out.hour = static_cast<std::uint8_t>(out.hour + 12);
            }
            text.remove_prefix(std::min<std::size_t>(2, text.size()));
            return true;
    }
    return false;
}

}  // namespace

std::string format_date_time(const DateTime& moment, std::string_view format) {
    std::string out;
    while (!format.empty()) {
        if (format.front() == '"') {
            const std::size_t end = std::min(format.find('"', 1), format.size() - 1);
            out += format.substr(1, end - 1);
            format.remove_prefix(end + 1);
        } else if (const auto element = take_element(format)) {
            out += print_element(moment, *element, format);
        } else {
            out += format.front();
            format.remove_prefix(1);
        }
    }
    return out;
}

std::optional<DateTime> read_date_time(std::string_view text, std::string_view format) {
    DateTime out;
    out.year = now_utc().year;
    while (!format.empty() && !text.empty()) {
        if (format.front() == '"') {
            const std::size_t end = std::min(format.find('"', 1), format.size() - 1);
            text.remove_prefix(std::min(end - 1, text.size()));
            format.remove_prefix(end + 1);
        } else if (const auto element = take_element(format)) {
            if (!read_element(text, *element, out)) {
                return std::nullopt;
            }
            if (*element == Element::fraction && !format.empty() && format.front() >= '1' &&
                format.front() <= '9') {
                format.remove_prefix(1);
            }
        } else {
            text.remove_prefix(1);
            format.remove_prefix(1);
        }
    }
    if (!text.empty() || !is_valid(out)) {
        return std::nullopt;
    }
    return out;
}

}  // namespace majed::oci_double
