// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/parameter_fit.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace majed::driver::postgres {

namespace {

constexpr Oid character_oid = 1042;
constexpr Oid name_oid = 19;
constexpr std::size_t longest_name = 63;
constexpr int digits_of_double = 15;
constexpr int digits_of_float = 6;
/// Above it not every whole number is a double.
constexpr std::int64_t largest_exact_in_double = std::int64_t{1} << 53U;

/// `text` has the form of `pattern`, in which 0 stands for any digit and T for T or a blank.
bool looks_like(std::string_view text, std::string_view pattern) noexcept {
    return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(), [](char c, char p) {
        return p == '0' ? is_ascii_digit(c) : c == p || (p == 'T' && c == ' ');
    });
}

/// Takes `.123456` from the end.
std::string_view without_fraction(std::string_view text) noexcept {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) {
        return text;
    }
    const std::string_view digits = text.substr(dot + 1);
    const bool good =
        !digits.empty() && digits.size() <= 6 && std::all_of(digits.begin(), digits.end(), is_ascii_digit);
    return good ? text.substr(0, dot) : std::string_view();
}

/// Another offset than that of the session would become another time of day where the column has no zone any more.
std::string_view without_zone(std::string_view text) noexcept {
    for (const std::string_view zone : {"Z", "+00:00", "+00"}) {
        if (text.ends_with(zone)) {
            return text.substr(0, text.size() - zone.size());
        }
    }
    return {};
}

bool is_plain_integer(std::string_view text) noexcept {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    return !digits.empty() && std::all_of(digits.begin(), digits.end(), is_ascii_digit) &&
           (digits.front() != '0' || text == "0");
}

bool is_plain_decimal(std::string_view text) noexcept {
    const auto dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    if (dot == std::string_view::npos) {
        return is_plain_integer(whole);
    }
    const std::string_view fraction = text.substr(dot + 1);
    return (whole == "-0" || is_plain_integer(whole)) && !fraction.empty() &&
           std::all_of(fraction.begin(), fraction.end(), is_ascii_digit) &&
           !(whole == "-0" && fraction.find_first_not_of('0') == std::string_view::npos);
}

bool is_plain_uuid(std::string_view text) noexcept {
    constexpr std::string_view pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(), [](char c, char p) {
        return p == 'x' ? is_ascii_digit(c) || (c >= 'a' && c <= 'f') : c == p;
    });
}

bool text_fits(std::string_view text, const NativeType& type) noexcept {
    switch (type.type) {
        case ColumnType::text:
            return type.oid == character_oid ? !text.ends_with(' ')
                                             : type.oid != name_oid || text.size() <= longest_name;
        case ColumnType::json:
            return type.reading == Reading::text;  // jsonb writes it anew.
        case ColumnType::boolean:
            return text == "true" || text == "false";
        case ColumnType::integer:
            return is_plain_integer(text);
        case ColumnType::decimal:
            return is_plain_decimal(text);
        case ColumnType::date:
            return looks_like(text, "0000-00-00");
        case ColumnType::time:
            return looks_like(without_fraction(text), "00:00:00");
        case ColumnType::timestamp:
            return looks_like(without_fraction(text), "0000-00-00T00:00:00");
        case ColumnType::timestamp_tz:
            return looks_like(without_fraction(without_zone(text)), "0000-00-00T00:00:00");
        case ColumnType::other:
            return type.reading == Reading::uuid && is_plain_uuid(text);
        case ColumnType::dynamic:
        case ColumnType::real:
        case ColumnType::blob:
        case ColumnType::time_tz:
        case ColumnType::interval:
            return false;
    }
    return false;
}

/// PostgreSQL keeps this many digits of a double when it makes a numeric of it.
bool fits_in_digits(double number, int count) noexcept {
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                   std::chars_format::scientific, count - 1)
                         .ptr;
    double again = 0;
    std::from_chars(digits.data(), end, again);
    return again == number;
}

bool double_fits(double number, const NativeType& type) noexcept {
    if (type.reading == Reading::float4) {
        return static_cast<double>(static_cast<float>(number)) == number &&
               fits_in_digits(number, digits_of_float);
    }
    if (type.reading == Reading::float8) {
        return fits_in_digits(number, digits_of_double);
    }
    return type.type == ColumnType::decimal || type.type == ColumnType::text;
}

bool integer_fits(std::int64_t number, const NativeType& type) noexcept {
    if (type.type == ColumnType::real) {
        return type.reading == Reading::float8 && number >= -largest_exact_in_double &&
               number <= largest_exact_in_double;
    }
    return type.type == ColumnType::integer || type.type == ColumnType::decimal ||
           type.type == ColumnType::text;
}

}  // namespace

bool keeps_meaning(const Value& value, Oid type) noexcept {
    if (std::holds_alternative<Null>(value)) {
        return true;
    }
    const NativeType* const known = type_of(type);
    if (known == nullptr) {
        return false;
    }
    if (const auto* const text = std::get_if<std::string>(&value)) {
        return text_fits(*text, *known);
    }
    if (const auto* const number = std::get_if<double>(&value)) {
        return double_fits(*number, *known);
    }
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        return integer_fits(*integer, *known);
    }
    if (std::holds_alternative<bool>(value)) {
        return known->type == ColumnType::boolean;
    }
    return known->type == ColumnType::blob;
}

}  // namespace majed::driver::postgres
