// SPDX-License-Identifier: Apache-2.0
// Oracle's functions, and those the translated statements call, registered in SQLite.
#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include "column_type.h"
#include "database.h"
#include "date_format.h"
#include "number_text.h"
#include "session.h"

namespace majed::oci_double {
namespace {

constexpr std::string_view rowid_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view rowid_prefix = "AAAR3sAAE";
constexpr std::size_t rowid_places = 9;
constexpr int any_count = -1;

/// One call of a function from SQL.
class Call {
public:
    Call(sqlite3_context* context, int count, sqlite3_value** values, Session& session)
        : context_(context), count_(count), values_(values), session_(session) {}

    int count() const { return count_; }
    Session& session() const { return session_; }
    sqlite3_value* value(int index) const { return values_[index]; }
    bool is_null(int index) const {
        return index >= count_ || sqlite3_value_type(values_[index]) == SQLITE_NULL ||
               (sqlite3_value_type(values_[index]) == SQLITE_TEXT &&
                sqlite3_value_bytes(values_[index]) == 0);
    }
    int type(int index) const { return sqlite3_value_type(values_[index]); }
    /// Numbers as decimals without exponent.
    std::string text(int index) const {
        if (type(index) == SQLITE_FLOAT) {
            return print_decimal(
                parse_decimal(shortest_text(sqlite3_value_double(values_[index]))).value_or(Decimal{}));
        }
        const auto* from = static_cast<const char*>(sqlite3_value_blob(values_[index]));
        const auto* shown = type(index) == SQLITE_INTEGER
                                ? reinterpret_cast<const char*>(sqlite3_value_text(values_[index]))
                                : from;
        return shown == nullptr
                   ? std::string{}
                   : std::string{shown, static_cast<std::size_t>(sqlite3_value_bytes(values_[index]))};
    }

    void give(const std::string& text) const {
        if (!text.empty()) {
            sqlite3_result_text64(context_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
        }
    }
    void give_bytes(const std::string& bytes) const {
        sqlite3_result_blob64(context_, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    }
    void give_integer(std::int64_t value) const { sqlite3_result_int64(context_, value); }
    void give_double(double value) const { sqlite3_result_double(context_, value); }
    void give_value(int index) const { sqlite3_result_value(context_, values_[index]); }
    void give_decimal(const Decimal& decimal) const {
        const std::string text = print_decimal(decimal);
        if (decimal.digits.size() <= 15 && decimal.point < 300 && decimal.point > -300) {
            text.find('.') == std::string::npos&& decimal.point <= 18 ? give_integer(std::stoll(text))
                                                                      : give_double(std::stod(text));
        } else {
            give(text);
        }
    }
    void refuse(int code, std::string_view detail = {}) const {
        std::string message = error_message(oracle_error(code, detail));
        message.pop_back();
        sqlite3_result_error(context_, message.data(), static_cast<int>(message.size()));
    }

private:
    sqlite3_context* context_;
    int count_;
    sqlite3_value** values_;
    Session& session_;
};

using Function = void (*)(const Call&);

struct NamedFunction {
    const char* name;
    int count;
    Function function;
};

DateTime now_of(const Call& call) {
    return at_offset(now_utc(), call.session().time_zone());
}

void sysdate(const Call& call) {
    DateTime now = now_of(call);
    now.nanosecond = 0;
    call.give(print_date_time(now, Zone::dropped));
}

void systimestamp(const Call& call) {
    call.give(print_date_time(now_of(call), Zone::kept));
}

void localtimestamp(const Call& call) {
    call.give(print_date_time(now_of(call), Zone::dropped));
}

void rowid(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    auto number = static_cast<std::uint64_t>(sqlite3_value_int64(call.value(0)));
    std::string text(rowid_places, 'A');
    for (std::size_t place = rowid_places; place-- > 0; number /= rowid_digits.size()) {
        text[place] = rowid_digits[number % rowid_digits.size()];
    }
    call.give(std::string{rowid_prefix} + text);
}

void divisor(const Call& call) {
    const auto decimal = call.is_null(0) ? std::nullopt : parse_decimal(call.text(0));
    if (decimal && decimal->digits.empty()) {
        call.refuse(1476);
    } else {
        call.give_value(0);
    }
}

void nvl(const Call& call) {
    call.give_value(call.is_null(0) ? 1 : 0);
}

void nvl2(const Call& call) {
    call.give_value(call.is_null(0) ? 2 : 1);
}

/// DECODE(x, a, 1, b, 2, 3): NULL equals NULL.
void decode(const Call& call) {
    int index = 1;
    for (; index + 1 < call.count(); index += 2) {
        const bool both_null = call.is_null(0) && call.is_null(index);
        if (both_null || (!call.is_null(0) && !call.is_null(index) && call.text(0) == call.text(index))) {
            call.give_value(index + 1);
            return;
        }
    }
    if (index < call.count()) {
        call.give_value(index);
    }
}

/// 9, 0 and a decimal point; FM is without the leading blank.
std::string format_number(Decimal decimal, std::string format) {
    const bool fill = !format.starts_with("FM");
    format.erase(0, fill ? 0 : 2);
    const std::size_t point = format.find_first_of(".D");
    const auto scale = point == std::string::npos ? 0 : static_cast<int>(format.size() - point - 1);
    decimal = round_decimal(decimal, scale);
    std::string text = print_decimal(decimal);
    if (fill && scale > 0) {
        const std::size_t dot = text.find('.');
        text += dot == std::string::npos ? "." : "";
        const std::size_t have = dot == std::string::npos ? 0 : text.size() - dot - 1;
        text.append(static_cast<std::size_t>(scale) - have, '0');
    }
    const std::size_t width = format.size() + 1;
    return fill && text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

void to_char(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    const std::string text = call.text(0);
    if (call.count() == 1) {
        call.give(text);
        return;
    }
    const std::string format = call.text(1);
    const bool is_number = call.type(0) == SQLITE_INTEGER || call.type(0) == SQLITE_FLOAT;
    const auto moment = is_number ? std::nullopt : parse_date_time(text);
    const auto decimal = parse_decimal(text);
    if (moment) {
        call.give(format_date_time(*moment, format));
    } else if (decimal) {
        call.give(format_number(*decimal, upper(format)));
    } else {
        call.refuse(1722);
    }
}

void to_number(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    if (const auto decimal = parse_decimal(call.text(0))) {
        call.give_decimal(*decimal);
    } else {
        call.refuse(1722);
    }
}

template <Zone zone>
void to_moment(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    const std::string text = call.text(0);
    const auto moment = call.count() > 1 ? read_date_time(text, call.text(1)) : parse_date_time(text);
    if (moment) {
        call.give(print_date_time(*moment, zone));
    } else {
        call.refuse(1861);
    }
}

void hextoraw(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    const std::string text = call.text(0);
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const std::string pair = text.substr(at, 2);
        char* end = nullptr;
        bytes += static_cast<char>(std::strtoul(pair.c_str(), &end, 16));
        if (end != pair.c_str() + pair.size() || pair.size() != 2) {
            call.refuse(1465);
            return;
        }
    }
    call.give_bytes(bytes);
}

void rawtohex(const Call& call) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    if (call.is_null(0)) {
        return;
    }
    std::string out;
    for (const char c : call.text(0)) {
        out += digits[static_cast<unsigned char>(c) >> 4U];
        out += digits[static_cast<unsigned char>(c) & 15U];
    }
    call.give(out);
}

void give_first(const Call& call) {
    call.give_value(0);
}

void to_blob(const Call& call) {
    if (!call.is_null(0)) {
        call.give_bytes(call.text(0));
    }
}

void empty_blob(const Call& call) {
    call.give_bytes(std::string{});
}

void sys_context(const Call& call) {
    call.give(call.session().context(upper(call.text(0)), upper(call.text(1))));
}

void userenv(const Call& call) {
    call.give(call.session().context("USERENV", upper(call.text(0))));
}

void user(const Call& call) {
    call.give(call.session().user());
}

void sys_guid(const Call& call) {
    std::random_device device;
    std::string bytes;
    for (int byte = 0; byte < 16; ++byte) {
        bytes += static_cast<char>(device());
    }
    call.give_bytes(bytes);
}

template <bool left>
void pad(const Call& call) {
    if (call.is_null(0) || call.is_null(1)) {
        return;
    }
    std::string text = call.text(0);
    const std::string fill = call.count() > 2 ? call.text(2) : " ";
    const auto width =
        static_cast<std::size_t>(std::max<std::int64_t>(sqlite3_value_int64(call.value(1)), 0));
    std::string added;
    while (!fill.empty() && text.size() + added.size() < width) {
        added += fill[added.size() % fill.size()];
    }
    text = left ? added + text : text + added;
    call.give(text.substr(0, width));
}

void concat(const Call& call) {
    call.give((call.is_null(0) ? "" : call.text(0)) + (call.is_null(1) ? "" : call.text(1)));
}

/// TRUNC of a date is its day; of a number, towards zero.
void trunc(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    if (call.type(0) == SQLITE_TEXT) {
        if (auto moment = parse_date_time(call.text(0))) {
            call.give(print_date_time({.year = moment->year, .month = moment->month, .day = moment->day},
                                      Zone::dropped));
            return;
        }
    }
    auto decimal = parse_decimal(call.text(0));
    if (!decimal) {
        call.refuse(1722);
        return;
    }
    const long places = call.count() > 1 ? static_cast<long>(sqlite3_value_int64(call.value(1))) : 0;
    const long keep = std::clamp(decimal->point + places, 0L, static_cast<long>(decimal->digits.size()));
    decimal->digits.resize(static_cast<std::size_t>(keep));
    call.give_decimal(parse_decimal(print_decimal(*decimal)).value_or(Decimal{}));
}

void extract(const Call& call) {
    if (call.is_null(1)) {
        return;
    }
    const auto moment = parse_date_time(call.text(1));
    const std::string field = call.text(0);
    if (!moment) {
        call.refuse(1861);
    } else if (field == "YEAR") {
        call.give_integer(moment->year);
    } else if (field == "MONTH") {
        call.give_integer(moment->month);
    } else if (field == "DAY") {
        call.give_integer(moment->day);
    } else if (field == "HOUR") {
        call.give_integer(moment->hour);
    } else if (field == "MINUTE") {
        call.give_integer(moment->minute);
    } else if (field == "SECOND") {
        call.give_double(moment->second + moment->nanosecond / 1e9);
    } else {
        call.refuse(907);
    }
}

void nextval(const Call& call) {
    const std::string name = call.text(0);
    const std::string last = call.session().database().text_of(
        "UPDATE majed_sequences SET last = last + 1 WHERE name = ?1 RETURNING last", name);
    if (last.empty()) {
        call.refuse(2289, "sequence does not exist");
    } else {
        call.give_integer(std::stoll(last));
    }
}

std::size_t characters_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// Whether a value fits a column's type; what CHECK calls for every column we create.
struct Fit {
    int code = 0;
    std::string detail;
};

Fit fit_of(const Call& call, const ColumnType& type) {
    const std::string place =
        '"' + call.session().current_schema() + "\".\"" + call.text(2) + "\".\"" + call.text(3) + '"';
    const std::string text = call.text(0);
    const bool is_text = type.type == DataType::varchar || type.type == DataType::character;
    if (is_text || type.type == DataType::raw) {
        const bool by_characters = is_text && type.bytes != type.characters;
        const std::size_t actual = by_characters ? characters_of(text) : text.size();
        const auto longest = static_cast<std::size_t>(by_characters ? type.characters : type.bytes);
        if (actual > longest) {
            return {.code = 12899,
                    .detail = place + " (actual: " + std::to_string(actual) +
                              ", maximum: " + std::to_string(longest) + ")"};
        }
    } else if (type.type == DataType::number) {
        const auto decimal = parse_decimal(text);
        const bool bounded = type.scale != scale_floating;
        if (!decimal || call.type(0) == SQLITE_BLOB) {
            return {.code = decimal ? 932 : 1722, .detail = {}};
        }
        if (bounded && !fits(round_decimal(*decimal, type.scale), type.precision, type.scale)) {
            return {.code = 1438, .detail = {}};
        }
    } else if (type.type == DataType::date || type.type == DataType::timestamp ||
               type.type == DataType::timestamp_zone || type.type == DataType::timestamp_local_zone) {
        return {.code = parse_date_time(text) ? 0 : 1861, .detail = {}};
    }
    return {};
}

void check(const Call& call) {
    if (!call.is_null(0)) {
        const Fit fit = fit_of(call, parse_type(call.text(1)));
        if (fit.code != 0) {
            call.refuse(fit.code, fit.detail);
            return;
        }
    }
    call.give_integer(1);
}

void cast(const Call& call) {
    if (call.is_null(0)) {
        return;
    }
    const ColumnType type = parse_type(call.text(1));
    const std::string text = call.text(0);
    if (type.type == DataType::number) {
        const auto decimal = parse_decimal(text);
        if (!decimal) {
            call.refuse(1722);
            return;
        }
        const bool bounded = type.scale != scale_floating;
        call.give_decimal(bounded ? round_decimal(*decimal, type.scale) : *decimal);
    } else if (type.type == DataType::binary_double || type.type == DataType::binary_float) {
        call.give_double(std::strtod(text.c_str(), nullptr));
    } else if (type.type == DataType::varchar || type.type == DataType::character) {
        call.give(text.substr(0, static_cast<std::size_t>(type.bytes)));
    } else {
        call.give_value(0);
    }
}

/// NAME, LENGTH, CHARACTERS, USED, PRECISION, SCALE of a declared type, for the dictionary views.
void type_part(const Call& call) {
    const ColumnType type = parse_type(call.text(0));
    const std::string part = call.text(1);
    const bool is_text = type.type == DataType::varchar || type.type == DataType::character;
    const bool is_number = type.type == DataType::number;
    if (part == "NAME") {
        // Only the types of text, numbers and raw values are named without what stands in parentheses.
        call.give(is_text || is_number || type.type == DataType::raw
                      ? type.text.substr(0, type.text.find('('))
                      : type.text);
    } else if (part == "LENGTH") {
        call.give_integer(type.bytes);
    } else if (part == "CHARACTERS") {
        call.give_integer(is_text ? type.characters : 0);
    } else if (part == "USED" && is_text) {
        call.give(type.bytes == type.characters ? "B" : "C");
    } else if (part == "PRECISION" && type.precision != 0) {
        call.give_integer(type.precision);
    } else if (part == "SCALE" && (!is_number || type.scale != scale_floating) &&
               (is_number || type.scale != 0)) {
        call.give_integer(type.scale);
    }
}

/// ORA_HASH(x [, most, seed]). Not Oracle's numbers: FNV-1a, mixed at the end so that sums of it tell texts apart that differ in their last bytes.
void ora_hash(const Call& call) {
    std::uint32_t hash = 2166136261U;
    const std::string seed = call.count() > 2 ? call.text(2) : std::string{};
    for (const char c : seed + call.text(0)) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    hash = (hash ^ (hash >> 15U)) * 2246822519U;
    hash = (hash ^ (hash >> 13U)) * 3266489917U;
    call.give_integer(hash ^ (hash >> 16U));
}

constexpr auto functions = std::to_array<NamedFunction>({
    {"majed_sysdate", 0, sysdate},
    {"majed_systimestamp", 0, systimestamp},
    {"majed_localtimestamp", 0, localtimestamp},
    {"majed_user", 0, user},
    {"majed_rowid", 1, rowid},
    {"majed_divisor", 1, divisor},
    {"majed_cast", 2, cast},
    {"majed_extract", 2, extract},
    {"majed_nextval", 1, nextval},
    {"majed_check", 4, check},
    {"majed_type_part", 2, type_part},
    {"nvl", 2, nvl},
    {"nvl2", 3, nvl2},
    {"decode", any_count, decode},
    {"to_char", any_count, to_char},
    {"to_nchar", any_count, to_char},
    {"to_number", any_count, to_number},
    {"to_date", any_count, to_moment<Zone::dropped>},
    {"to_timestamp", any_count, to_moment<Zone::dropped>},
    {"to_timestamp_tz", any_count, to_moment<Zone::kept>},
    {"hextoraw", 1, hextoraw},
    {"rawtohex", 1, rawtohex},
    {"to_clob", 1, give_first},
    {"to_blob", 1, to_blob},
    {"empty_blob", 0, empty_blob},
    {"to_binary_double", 1, to_number},
    {"to_binary_float", 1, to_number},
    {"rowidtochar", 1, give_first},
    {"chartorowid", 1, give_first},
    {"sys_context", any_count, sys_context},
    {"userenv", 1, userenv},
    {"sys_guid", 0, sys_guid},
    {"lpad", any_count, pad<true>},
    {"rpad", any_count, pad<false>},
    {"concat", 2, concat},
    {"ora_hash", any_count, ora_hash},
    {"trunc", any_count, trunc},
});

struct Registration {
    Session& session;
    Function function;
};

void run_function(sqlite3_context* context, int count, sqlite3_value** values) {
    const auto* registration = static_cast<Registration*>(sqlite3_user_data(context));
    registration->function(Call(context, count, values, registration->session));
}

void end_registration(void* pointer) {
    const std::unique_ptr<Registration> ended{static_cast<Registration*>(pointer)};
}

}  // namespace

void add_functions(sqlite3* connection, Session& session) {
    for (const NamedFunction& entry : functions) {
        auto registration = std::make_unique<Registration>(Registration{session, entry.function});
        sqlite3_create_function_v2(connection, entry.name, entry.count, SQLITE_UTF8, registration.release(),
                                   run_function, nullptr, nullptr, end_registration);
    }
}

}  // namespace majed::oci_double
