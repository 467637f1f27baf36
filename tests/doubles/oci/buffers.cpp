// SPDX-License-Identifier: Apache-2.0
#include "buffers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "number_text.h"

namespace majed::oci_double {
namespace {

constexpr std::size_t double_digits = 15;
constexpr long double_point = 300;
constexpr std::size_t int64_digits = 18;

/// The layout in which ODPI-C gives and takes a DATE.
struct ClientDate {
    std::int16_t year;
    std::uint8_t month;
    std::uint8_t day;
    std::uint8_t hour;
    std::uint8_t minute;
    std::uint8_t second;
};

template <class Value>
Value read_as(const char* from) {
    Value value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

template <class Value>
void write_as(char* to, const Value& value) {
    std::memcpy(to, &value, sizeof value);
}

/// What keeps the number exactly: an integer, else a double, else its text.
Cell decimal_cell(const Decimal& decimal) {
    const std::string text = print_decimal(decimal);
    const bool whole = decimal.point >= static_cast<long>(decimal.digits.size());
    if (whole && decimal.point <= static_cast<long>(int64_digits)) {
        return static_cast<std::int64_t>(std::stoll(text));
    }
    if (decimal.digits.size() <= double_digits && std::abs(decimal.point) < double_point) {
        return std::stod(text);
    }
    return text;
}

Cell unsigned_cell(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::to_string(value);
    }
    return static_cast<std::int64_t>(value);
}

Cell date_cell(const char* from) {
    const auto date = read_as<ClientDate>(from);
    DateTime moment;
    moment.year = date.year;
    moment.month = date.month;
    moment.day = date.day;
    moment.hour = date.hour;
    moment.minute = date.minute;
    moment.second = date.second;
    return print_date_time(moment, Zone::dropped);
}

/// The buffer holds a pointer to a descriptor.
template <class Descriptor>
Descriptor* descriptor_at(const char* from) {
    return handle_as<Descriptor>(read_as<void*>(from));
}

Failure descriptor_cell(DataType type, const char* from, Cell& out) {
    if (const auto* timestamp = descriptor_at<TimestampDescriptor>(from)) {
        out = print_date_time(timestamp->moment, type == DataType::timestamp ? Zone::dropped : Zone::kept);
    } else if (const auto* interval = descriptor_at<IntervalDescriptor>(from)) {
        out = print_interval(interval->interval, type == DataType::interval_year_month
                                                     ? IntervalKind::year_month
                                                     : IntervalKind::day_second);
    } else if (const auto* rowid = descriptor_at<RowidDescriptor>(from)) {
        out = rowid->text;
    } else if (const auto* lob = descriptor_at<LobDescriptor>(from); lob != nullptr && lob->is_set) {
        out = type == DataType::blob ? Cell{Bytes{lob->content}} : Cell{lob->content};
    } else {
        return oracle_error(22275);
    }
    return std::nullopt;
}

/// Text is empty or NULL alike.
Cell bytes_cell(DataType type, const char* from, std::size_t length) {
    if (length == 0) {
        return Null{};
    }
    std::string value{from, length};
    return type == DataType::raw ? Cell{Bytes{std::move(value)}} : Cell{std::move(value)};
}

Failure read_value(DataType type, const char* from, std::size_t length, Cell& out) {
    switch (type) {
        case DataType::varchar:
        case DataType::character:
        case DataType::raw:
            out = bytes_cell(type, from, length);
            return std::nullopt;
        case DataType::variable_number:
            out = decimal_cell(decode_number(read_as<NumberBytes>(from).data()));
            return std::nullopt;
        case DataType::integer:
            out = length == sizeof(std::int32_t) ? std::int64_t{read_as<std::int32_t>(from)}
                                                 : read_as<std::int64_t>(from);
            return std::nullopt;
        case DataType::unsigned_integer:
            out = unsigned_cell(read_as<std::uint64_t>(from));
            return std::nullopt;
        case DataType::native_double:
            out = read_as<double>(from);
            return std::nullopt;
        case DataType::native_float:
            // Through text: 0.1f shall not become 0.10000000149011612.
            out = std::stod(shortest_text(read_as<float>(from)));
            return std::nullopt;
        case DataType::client_date:
            out = date_cell(from);
            return std::nullopt;
        case DataType::boolean:
            out = std::int64_t{read_as<int>(from)};
            return std::nullopt;
        case DataType::timestamp:
        case DataType::timestamp_zone:
        case DataType::timestamp_local_zone:
        case DataType::interval_year_month:
        case DataType::interval_day_second:
        case DataType::rowid:
        case DataType::clob:
        case DataType::blob:
            return descriptor_cell(type, from, out);
        case DataType::none:
        case DataType::number:
        case DataType::date:
        case DataType::binary_float:
        case DataType::binary_double:
            break;
    }
    return oracle_error(3115);
}

std::optional<Decimal> decimal_of(const Cell& cell, const Column& column) {
    std::optional<Decimal> decimal;
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        decimal = parse_decimal(std::to_string(*integer));
    } else if (const auto* real = std::get_if<double>(&cell)) {
        decimal = parse_decimal(shortest_text(*real));
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
        decimal = parse_decimal(*text);
    }
    const bool has_scale = column.type.type == DataType::number && column.type.scale != scale_floating;
    return decimal && has_scale ? round_decimal(*decimal, column.type.scale) : decimal;
}

double double_of(const Cell& cell) {
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        return static_cast<double>(*integer);
    }
    if (const auto* real = std::get_if<double>(&cell)) {
        return *real;
    }
    const auto* text = std::get_if<std::string>(&cell);
    return text == nullptr ? 0 : std::strtod(text->c_str(), nullptr);
}

const std::string& bytes_of(const Cell& cell, std::string& scratch, const Column& column) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        return *text;
    }
    if (const auto* bytes = std::get_if<Bytes>(&cell)) {
        return bytes->value;
    }
    scratch = cell_text(cell, column);
    return scratch;
}

Failure store_timestamp(char* to, const std::string& text, const Column& column, int time_zone) {
    auto moment = parse_date_time(text);
    auto* descriptor = descriptor_at<TimestampDescriptor>(to);
    if (!moment || descriptor == nullptr) {
        return oracle_error(moment ? 3115 : 1861);
    }
    if (column.type.type == DataType::timestamp_local_zone) {
        moment = at_offset(to_utc(*moment), time_zone);
    }
    descriptor->moment = *moment;
    return std::nullopt;
}

Failure store_date(char* to, const std::string& text) {
    const auto moment = parse_date_time(text);
    if (!moment) {
        return oracle_error(1861);
    }
    write_as(to, ClientDate{.year = moment->year,
                            .month = moment->month,
                            .day = moment->day,
                            .hour = moment->hour,
                            .minute = moment->minute,
                            .second = moment->second});
    return std::nullopt;
}

Failure store_interval(DataType type, char* to, const std::string& text) {
    const auto interval = parse_interval(
        text, type == DataType::interval_year_month ? IntervalKind::year_month : IntervalKind::day_second);
    auto* descriptor = descriptor_at<IntervalDescriptor>(to);
    if (!interval || descriptor == nullptr) {
        return oracle_error(1867, "the interval is invalid");
    }
    descriptor->interval = *interval;
    return std::nullopt;
}

Failure store_lob(DataType type, char* to, const std::string& content) {
    auto* descriptor = descriptor_at<LobDescriptor>(to);
    if (descriptor == nullptr) {
        return oracle_error(22275);
    }
    descriptor->content = content;
    descriptor->is_set = true;
    descriptor->is_temporary = false;
    descriptor->is_text = type == DataType::clob;
    return std::nullopt;
}

/// One value that is not NULL and of a size its type fixes.
Failure store_fixed(DataType type, char* to, const Cell& cell, const Column& column, int time_zone) {
    std::string scratch;
    switch (type) {
        case DataType::variable_number: {
            const auto decimal = decimal_of(cell, column);
            const auto bytes = decimal ? encode_number(*decimal) : std::nullopt;
            if (!bytes) {
                return oracle_error(decimal ? 1426 : 1722);
            }
            write_as(to, *bytes);
            return std::nullopt;
        }
        case DataType::integer:
        case DataType::unsigned_integer: {
            const auto decimal = decimal_of(cell, column);
            if (!decimal) {
                return oracle_error(1722);
            }
            const std::string digits = print_decimal(round_decimal(*decimal, 0));
            write_as(to, type == DataType::integer
                             ? static_cast<std::uint64_t>(std::strtoll(digits.c_str(), nullptr, 10))
                             : std::uint64_t{std::strtoull(digits.c_str(), nullptr, 10)});
            return std::nullopt;
        }
        case DataType::native_double:
            write_as(to, double_of(cell));
            return std::nullopt;
        case DataType::native_float:
            write_as(to, static_cast<float>(double_of(cell)));
            return std::nullopt;
        case DataType::boolean:
            write_as(to, static_cast<int>(double_of(cell) != 0));
            return std::nullopt;
        case DataType::client_date:
            return store_date(to, bytes_of(cell, scratch, column));
        case DataType::timestamp:
        case DataType::timestamp_zone:
        case DataType::timestamp_local_zone:
            return store_timestamp(to, bytes_of(cell, scratch, column), column, time_zone);
        case DataType::interval_year_month:
        case DataType::interval_day_second:
            return store_interval(type, to, bytes_of(cell, scratch, column));
        case DataType::clob:
        case DataType::blob:
            return store_lob(type, to, bytes_of(cell, scratch, column));
        case DataType::rowid:
            if (auto* descriptor = descriptor_at<RowidDescriptor>(to)) {
                descriptor->text = bytes_of(cell, scratch, column);
                return std::nullopt;
            }
            return oracle_error(3115);
        case DataType::none:
        case DataType::varchar:
        case DataType::number:
        case DataType::date:
        case DataType::raw:
        case DataType::character:
        case DataType::binary_float:
        case DataType::binary_double:
            break;
    }
    return oracle_error(3115);
}

bool is_bytes(DataType type) {
    return type == DataType::varchar || type == DataType::character || type == DataType::raw;
}

/// The empty text comes back as NULL; an empty LOB does not.
bool is_null(const Cell& cell, const Column& column) {
    const auto* text = std::get_if<std::string>(&cell);
    const auto* bytes = std::get_if<Bytes>(&cell);
    const bool empty = (text != nullptr && text->empty()) || (bytes != nullptr && bytes->value.empty());
    const bool is_lob = column.type.type == DataType::clob || column.type.type == DataType::blob;
    return std::holds_alternative<Null>(cell) || (empty && !is_lob);
}

Failure store_in_pieces(Define& define, std::uint32_t row, const Cell& cell, const Column& column) {
    const std::string text = is_null(cell, column) ? std::string{} : cell_text(cell, column);
    std::size_t done = 0;
    do {
        void* buffer = nullptr;
        void* indicator = nullptr;
        std::uint32_t* length = nullptr;
        std::uint8_t piece = one_piece;
        std::uint16_t* return_code = nullptr;
        if (define.callback(define.context, &define, row, &buffer, &length, &piece, &indicator,
                            &return_code) != callback_continue ||
            length == nullptr) {
            return oracle_error(3115);
        }
        const std::size_t count = std::min<std::size_t>(*length, text.size() - done);
        std::memcpy(buffer, text.data() + done, count);
        *length = static_cast<std::uint32_t>(count);
        done += count;
        *static_cast<std::int16_t*>(indicator) = is_null(cell, column) ? indicator_null : indicator_value;
    } while (done < text.size());
    return std::nullopt;
}

}  // namespace

Failure read_binding(Binding& binding, std::uint32_t iteration, Cell& out) {
    const ValueArray& array = binding.array;
    const char* from = array.values + iteration * array.element_size;
    std::size_t length = array.lengths != nullptr ? array.lengths[iteration] : array.element_size;
    std::int16_t indicator = array.indicators != nullptr ? array.indicators[iteration] : indicator_value;
    if (binding.in != nullptr) {
        void* buffer = nullptr;
        void* null_flag = nullptr;
        std::uint32_t piece_length = 0;
        std::uint8_t piece = one_piece;
        if (binding.in(binding.in_context, &binding, iteration, 0, &buffer, &piece_length, &piece,
                       &null_flag) != callback_continue) {
            return oracle_error(3115);
        }
        from = static_cast<const char*>(buffer);
        length = piece_length;
        indicator = null_flag == nullptr ? indicator_value : *static_cast<std::int16_t*>(null_flag);
    }
    if (indicator == indicator_null || from == nullptr) {
        out = Null{};
        return std::nullopt;
    }
    return read_value(array.type, from, length, out);
}

int bind_cell(sqlite3_stmt* statement, int index, const Cell& cell) {
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        return sqlite3_bind_int64(statement, index, *integer);
    }
    if (const auto* real = std::get_if<double>(&cell)) {
        return sqlite3_bind_double(statement, index, *real);
    }
    if (const auto* text = std::get_if<std::string>(&cell)) {
        return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    }
    if (const auto* bytes = std::get_if<Bytes>(&cell)) {
        return sqlite3_bind_blob64(statement, index, bytes->value.data(), bytes->value.size(),
                                   SQLITE_TRANSIENT);
    }
    return sqlite3_bind_null(statement, index);
}

Cell read_column(sqlite3_stmt* statement, int index) {
    const auto bytes = [&](const void* from) {
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
        return from == nullptr ? std::string{} : std::string{static_cast<const char*>(from), size};
    };
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, index)};
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, index);
        case SQLITE_TEXT:
            return bytes(sqlite3_column_text(statement, index));
        case SQLITE_BLOB:
            return Bytes{bytes(sqlite3_column_blob(statement, index))};
        default:
            return Null{};
    }
}

Failure store_fetched(Define& define, std::uint32_t row, const Cell& cell, const Column& column,
                      int time_zone) {
    if (define.callback != nullptr) {
        return store_in_pieces(define, row, cell, column);
    }
    const ValueArray& array = define.array;
    const bool null = is_null(cell, column);
    if (array.indicators != nullptr) {
        array.indicators[row] = null ? indicator_null : indicator_value;
    }
    if (array.return_codes != nullptr) {
        array.return_codes[row] = 0;
    }
    if (null) {
        return std::nullopt;
    }
    char* to = array.values + row * array.element_size;
    if (!is_bytes(array.type)) {
        return store_fixed(array.type, to, cell, column, time_zone);
    }
    const std::string text = cell_text(cell, column);
    const std::size_t count = std::min(text.size(), array.element_size);
    std::memcpy(to, text.data(), count);
    if (array.lengths != nullptr) {
        array.lengths[row] = static_cast<std::uint32_t>(count);
    }
    if (array.return_codes != nullptr && count < text.size()) {
        array.return_codes[row] = return_code_truncated;
    }
    return std::nullopt;
}

Failure store_returned(Binding& binding, std::uint32_t iteration, std::uint32_t index, const Cell& cell,
                       const Column& column) {
    if (binding.out == nullptr) {
        return oracle_error(3115);
    }
    void* buffer = nullptr;
    void* indicator = nullptr;
    std::uint32_t first_length = 0;
    std::uint32_t* length = &first_length;
    std::uint8_t piece = one_piece;
    std::uint16_t* return_code = nullptr;
    if (binding.out(binding.out_context, &binding, iteration, index, &buffer, &length, &piece, &indicator,
                    &return_code) != callback_continue ||
        buffer == nullptr) {
        return oracle_error(3115);
    }
    const bool null = is_null(cell, column);
    if (indicator != nullptr) {
        *static_cast<std::int16_t*>(indicator) = null ? indicator_null : indicator_value;
    }
    if (return_code != nullptr) {
        *return_code = 0;
    }
    if (null) {
        return std::nullopt;
    }
    char* to = static_cast<char*>(buffer);
    if (!is_bytes(binding.array.type)) {
        return store_fixed(binding.array.type, to, cell, column, 0);
    }
    const std::string text = cell_text(cell, column);
    if (length == nullptr || text.size() > *length) {
        return oracle_error(1406, "fetched column value was truncated");
    }
    std::memcpy(to, text.data(), text.size());
    *length = static_cast<std::uint32_t>(text.size());
    return std::nullopt;
}

std::string cell_text(const Cell& cell, const Column& column) {
    std::string text;
    if (const auto* bytes = std::get_if<Bytes>(&cell)) {
        return bytes->value;
    }
    if (const auto* value = std::get_if<std::string>(&cell)) {
        text = *value;
    } else if (const auto decimal = decimal_of(cell, column)) {
        return print_decimal(*decimal);
    } else if (const auto* real = std::get_if<double>(&cell)) {
        return shortest_text(*real);
    }
    // Blank-padded to the column's characters.
    if (column.type.type == DataType::character) {
        const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
        }));
        const auto wanted = static_cast<std::size_t>(column.type.characters);
        text.append(characters < wanted ? wanted - characters : 0, ' ');
    }
    return text;
}

}  // namespace majed::oci_double
