// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/row_reader.h"

#include "core/ascii.h"
#include "driver/single_precision.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// More than any rewriting adds to a text.
constexpr std::size_t room_per_cell = 40;

template <class Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

template <class Number>
Number big_endian(std::string_view raw) noexcept {
    Number number = 0;
    for (const char c : raw) {
        number = static_cast<Number>(number << 8U) | static_cast<Number>(static_cast<unsigned char>(c));
    }
    return number;
}

int hex_digit(char c) noexcept {
    return is_ascii_digit(c) ? c - '0' : (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/// `infinity` and `NaN` are from_chars' own words too, in any case.
bool read_float(std::string_view raw, ValueView& cell) {
    float number = 0;
    const bool good = parse(raw, number);
    cell = widened(number);
    return good;
}

bool read_double(std::string_view raw, ValueView& cell) {
    double number = 0;
    const bool good = parse(raw, number);
    cell = number;
    return good;
}

template <class Integer>
bool read_integer(std::string_view raw, ValueView& cell) {
    Integer number = 0;
    const bool good = parse(raw, number);
    cell = static_cast<std::int64_t>(number);
    return good;
}

/// `YYYY-MM-DD` of any year; 1 BC is the year 0.
void append_date(std::string_view date, bool before_christ, std::string& out) {
    const auto dash = date.find('-');
    long year = 0;
    if (dash == std::string_view::npos || !parse(date.substr(0, dash), year)) {
        out.append(date);
        return;
    }
    year = before_christ ? 1 - year : year;
    if (year > 9999) {
        out += '+';
    } else if (year < 0) {
        out += '-';
    }
    const std::string digits = std::to_string(year < 0 ? -year : year);
    out.append(digits.size() < 4 ? 4 - digits.size() : 0, '0');
    out += digits;
    out.append(date.substr(dash));
}

/// `23:59:59.5+02` with the minutes of its offset.
void append_time(std::string_view time, std::string& out) {
    out.append(time);
    const auto sign = time.find_last_of("+-");
    if (sign != std::string_view::npos && time.size() - sign == 3) {
        out += ":00";
    }
}

}  // namespace

bool append_iso(std::string_view native, Reading reading, std::string& out) {
    if (reading == Reading::time_tz) {
        append_time(native, out);
        return true;
    }
    const bool before_christ = native.ends_with(" BC");
    std::string_view text = native.substr(0, native.size() - (before_christ ? 3 : 0));
    const auto space = text.find(' ');
    const std::string_view date = text.substr(0, space);
    const auto is_date = [](char c) { return is_ascii_digit(c) || c == '-'; };
    // Day or month first, separated by dashes too, is another style: the year would stand at the end.
    const bool iso = date.size() >= 10 && date[date.size() - 3] == '-' && is_ascii_digit(date.front()) &&
                     std::all_of(date.begin(), date.end(), is_date) &&
                     (space == std::string_view::npos) == (reading == Reading::date);
    if (!iso) {
        out.append(native);
        return native == "infinity" || native == "-infinity";
    }
    append_date(date, before_christ, out);
    if (space != std::string_view::npos) {
        out += 'T';
        append_time(text.substr(space + 1), out);
    }
    return true;
}

RowReader::RowReader(std::vector<Reading> readings, int form)
    : readings_(std::move(readings)), form_(form), cells_(readings_.size()) {}

Result<std::span<const ValueView>> RowReader::read(const PGresult* result, int row) {
    std::size_t room = 0;
    bytes_ = 0;
    const int columns = static_cast<int>(readings_.size());
    for (int i = 0; i < columns; ++i) {
        const auto size = static_cast<std::size_t>(PQgetlength(result, row, i));
        room += size + room_per_cell;
    }
    scratch_.clear();
    scratch_.reserve(room);
    for (int i = 0; i < columns; ++i) {
        ValueView& cell = cells_[static_cast<std::size_t>(i)];
        if (PQgetisnull(result, row, i) != 0) {
            cell = Null{};
            bytes_ += payload_size(cell);
            continue;
        }
        const std::string_view raw(PQgetvalue(result, row, i),
                                   static_cast<std::size_t>(PQgetlength(result, row, i)));
        const Reading reading = readings_[static_cast<std::size_t>(i)];
        if (!(form_ == 1 ? read_binary(raw, reading, cell) : read_text(raw, reading, cell))) {
            return Error{ErrorCode::internal, "a value of the database does not have the form of its type"};
        }
        bytes_ += payload_size(cell);
    }
    return std::span<const ValueView>(cells_);
}

bool RowReader::read_text(std::string_view raw, Reading reading, ValueView& cell) {
    switch (reading) {
        case Reading::boolean:
            cell = raw == "t";
            return raw == "t" || raw == "f";
        case Reading::int16:
        case Reading::int32:
        case Reading::int64:
        case Reading::oid:
            return read_integer<std::int64_t>(raw, cell);
        case Reading::float4:
            return read_float(raw, cell);
        case Reading::float8:
            return read_double(raw, cell);
        case Reading::bytea:
            return read_bytea(raw, cell);
        case Reading::date:
        case Reading::timestamp:
        case Reading::timestamp_tz:
        case Reading::time_tz: {
            const std::size_t begin = scratch_.size();
            const bool good = append_iso(raw, reading, scratch_);
            cell = std::string_view(scratch_).substr(begin);
            return good;
        }
        case Reading::interval:
            cell = raw;
            return raw.starts_with('P') || raw == "infinity" || raw == "-infinity";
        case Reading::text:
        case Reading::uuid:
        case Reading::jsonb:
            cell = raw;
            return true;
    }
    return false;
}

bool RowReader::read_binary(std::string_view raw, Reading reading, ValueView& cell) {
    switch (reading) {
        case Reading::boolean:
            cell = raw == std::string_view("\1", 1);
            return raw.size() == 1;
        case Reading::int16:
            cell = static_cast<std::int64_t>(static_cast<std::int16_t>(big_endian<std::uint16_t>(raw)));
            return raw.size() == 2;
        case Reading::int32:
            cell = static_cast<std::int64_t>(static_cast<std::int32_t>(big_endian<std::uint32_t>(raw)));
            return raw.size() == 4;
        case Reading::oid:
            cell = static_cast<std::int64_t>(big_endian<std::uint32_t>(raw));
            return raw.size() == 4;
        case Reading::int64:
            cell = static_cast<std::int64_t>(big_endian<std::uint64_t>(raw));
            return raw.size() == 8;
        case Reading::float4:
            cell = widened(std::bit_cast<float>(big_endian<std::uint32_t>(raw)));
            return raw.size() == 4;
        case Reading::float8:
            cell = std::bit_cast<double>(big_endian<std::uint64_t>(raw));
            return raw.size() == 8;
        case Reading::bytea:
            cell = BlobView{std::as_bytes(std::span(raw))};
            return true;
        case Reading::uuid:
            read_uuid(raw, cell);
            return raw.size() == 16;
        case Reading::jsonb:
            cell = raw.substr(std::min<std::size_t>(1, raw.size()));
            return raw.starts_with('\1');
        case Reading::text:
            cell = raw;
            return true;
        case Reading::date:
        case Reading::timestamp:
        case Reading::timestamp_tz:
        case Reading::time_tz:
        case Reading::interval:
            return false;
    }
    return false;
}

bool RowReader::read_bytea(std::string_view hex, ValueView& cell) {
    if (!hex.starts_with("\\x") || hex.size() % 2 != 0) {
        return false;
    }
    const std::size_t begin = scratch_.size();
    for (std::size_t i = 2; i < hex.size(); i += 2) {
        const int high = hex_digit(hex[i]);
        const int low = hex_digit(hex[i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        scratch_ += static_cast<char>(high * 16 + low);
    }
    cell = BlobView{std::as_bytes(std::span(std::string_view(scratch_).substr(begin)))};
    return true;
}

void RowReader::read_uuid(std::string_view raw, ValueView& cell) {
    constexpr std::string_view digits = "0123456789abcdef";
    const std::size_t begin = scratch_.size();
    for (std::size_t i = 0; i < raw.size() && i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            scratch_ += '-';
        }
        const auto byte = static_cast<unsigned char>(raw[i]);
        scratch_ += digits[byte >> 4U];
        scratch_ += digits[byte & 15U];
    }
    cell = std::string_view(scratch_).substr(begin);
}

}  // namespace majed::driver::postgres
