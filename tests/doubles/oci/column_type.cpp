// SPDX-License-Identifier: Apache-2.0
#include "column_type.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace majed::oci_double {
namespace {

constexpr int utf8_longest = 4;
constexpr int number_size = 22;
constexpr int largest_precision = 38;
constexpr int float_precision = 126;
constexpr int default_fraction = 6;
constexpr int default_day_precision = 2;
constexpr int largest_varchar = 4000;
constexpr int largest_raw = 2000;
/// Ends the declared type of a column whose values SQLite shall not convert.
constexpr std::string_view no_affinity = "|BLOB";

int number_of(const Token& token) {
    int value = 0;
    std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
    return value;
}

/// The numbers in parentheses: (12), (12,2), (*,2), (40 CHAR).
struct Arguments {
    std::optional<int> first;
    std::optional<int> second;
    bool star = false;
    bool characters = false;
};

Arguments take_arguments(const std::vector<Token>& tokens, std::size_t& at) {
    Arguments out;
    if (!tokens[at].is_symbol("(")) {
        return out;
    }
    bool second = false;
    bool negative = false;
    for (++at; tokens[at].kind != TokenKind::end && !tokens[at].is_symbol(")"); ++at) {
        const Token& token = tokens[at];
        if (token.is_symbol(",")) {
            second = true;
        } else if (token.is_symbol("-")) {
            negative = true;
        } else if (token.is_symbol("*")) {
            out.star = true;
        } else if (token.is("CHAR")) {
            out.characters = true;
        } else if (token.kind == TokenKind::number) {
            (second ? out.second : out.first) = negative ? -number_of(token) : number_of(token);
        }
    }
    at += tokens[at].is_symbol(")") ? 1U : 0U;
    return out;
}

std::string with_size(std::string_view name, int size) {
    return std::string{name} + "(" + std::to_string(size) + ")";
}

ColumnType character_type(DataType type, std::string_view name, const Arguments& arguments) {
    ColumnType out;
    out.type = type;
    const int size = arguments.first.value_or(type == DataType::character ? 1 : largest_varchar);
    out.characters = size;
    if (name.starts_with("N")) {
        out.form = charset_form_national;
        out.bytes = 2 * size;
    } else {
        out.bytes = arguments.characters ? utf8_longest * size : size;
    }
    out.text = std::string{name} + "(" + std::to_string(size) + (arguments.characters ? " CHAR)" : ")");
    return out;
}

ColumnType decimal_type(const Arguments& arguments) {
    if (!arguments.first && !arguments.star) {
        return number_type();
    }
    ColumnType out = number_type();
    out.precision = arguments.first.value_or(largest_precision);
    out.scale = arguments.second.value_or(0);
    out.text = "NUMBER(" + std::to_string(out.precision) + "," + std::to_string(out.scale) + ")";
    if (out.scale == 0) {
        out.text = with_size("NUMBER", out.precision);
    }
    return out;
}

ColumnType float_type(int precision) {
    ColumnType out = number_type();
    out.precision = precision;
    out.text = with_size("FLOAT", precision);
    return out;
}

bool take_words(const std::vector<Token>& tokens, std::size_t& at,
                std::initializer_list<std::string_view> words) {
    std::size_t ahead = at;
    for (const std::string_view word : words) {
        if (!tokens[ahead].is(word)) {
            return false;
        }
        ++ahead;
    }
    at = ahead;
    return true;
}

ColumnType timestamp_type(const std::vector<Token>& tokens, std::size_t& at) {
    ColumnType out;
    out.scale = take_arguments(tokens, at).first.value_or(default_fraction);
    out.type = DataType::timestamp;
    out.bytes = 11;
    out.text = with_size("TIMESTAMP", out.scale);
    if (take_words(tokens, at, {"WITH", "LOCAL", "TIME", "ZONE"})) {
        out.type = DataType::timestamp_local_zone;
        out.text += " WITH LOCAL TIME ZONE";
    } else if (take_words(tokens, at, {"WITH", "TIME", "ZONE"})) {
        out.type = DataType::timestamp_zone;
        out.bytes = 13;
        out.text += " WITH TIME ZONE";
    }
    return out;
}

std::optional<ColumnType> interval_type(const std::vector<Token>& tokens, std::size_t& at) {
    ColumnType out;
    const bool years = tokens[at].is("YEAR");
    if (!years && !tokens[at].is("DAY")) {
        return std::nullopt;
    }
    ++at;
    out.precision = take_arguments(tokens, at).first.value_or(default_day_precision);
    if (years) {
        out.type = DataType::interval_year_month;
        out.bytes = 5;
        out.text = with_size("INTERVAL YEAR", out.precision) + " TO MONTH";
        return take_words(tokens, at, {"TO", "MONTH"}) ? std::optional{out} : std::nullopt;
    }
    if (!take_words(tokens, at, {"TO", "SECOND"})) {
        return std::nullopt;
    }
    out.scale = take_arguments(tokens, at).first.value_or(default_fraction);
    out.type = DataType::interval_day_second;
    out.bytes = 11;
    out.text = with_size("INTERVAL DAY", out.precision) + " TO " + with_size("SECOND", out.scale);
    return out;
}

struct PlainName {
    std::string_view name;
    DataType type;
    std::uint8_t form;
};

constexpr auto plain_names = std::to_array<PlainName>({
    {"DATE", DataType::date, charset_form_implicit},
    {"CLOB", DataType::clob, charset_form_implicit},
    {"NCLOB", DataType::clob, charset_form_national},
    {"BLOB", DataType::blob, charset_form_implicit},
    {"ROWID", DataType::rowid, charset_form_implicit},
    {"UROWID", DataType::rowid, charset_form_implicit},
    {"BINARY_DOUBLE", DataType::binary_double, charset_form_implicit},
    {"BINARY_FLOAT", DataType::binary_float, charset_form_implicit},
});

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), word) != names.end();
}

}  // namespace

std::optional<ColumnType> take_type(const std::vector<Token>& tokens, std::size_t& at) {
    const std::string name = tokens[at].is_name() ? tokens[at].text : std::string{};
    ++at;
    if (is_one_of(name, {"VARCHAR2", "VARCHAR", "NVARCHAR2"})) {
        return character_type(DataType::varchar, name == "VARCHAR" ? "VARCHAR2" : name,
                              take_arguments(tokens, at));
    }
    if (is_one_of(name, {"CHAR", "NCHAR"})) {
        return character_type(DataType::character, name, take_arguments(tokens, at));
    }
    if (is_one_of(name, {"NUMBER", "NUMERIC", "DECIMAL", "DEC"})) {
        return decimal_type(take_arguments(tokens, at));
    }
    if (is_one_of(name, {"INTEGER", "INT", "SMALLINT"})) {
        return decimal_type({.first = largest_precision, .second = {}});
    }
    if (name == "FLOAT") {
        return float_type(take_arguments(tokens, at).first.value_or(float_precision));
    }
    if (name == "REAL") {
        return float_type(63);
    }
    if (name == "DOUBLE") {
        at += tokens[at].is("PRECISION") ? 1U : 0U;
        return float_type(float_precision);
    }
    if (name == "RAW") {
        ColumnType raw = plain_type(DataType::raw, name);
        raw.bytes = take_arguments(tokens, at).first.value_or(largest_raw);
        raw.text = with_size(name, raw.bytes);
        return raw;
    }
    if (name == "TIMESTAMP") {
        return timestamp_type(tokens, at);
    }
    if (name == "INTERVAL") {
        return interval_type(tokens, at);
    }
    for (const PlainName& plain : plain_names) {
        if (plain.name == name) {
            take_arguments(tokens, at);
            ColumnType type = plain_type(plain.type, name);
            type.form = plain.form;
            return type;
        }
    }
    return std::nullopt;
}

ColumnType parse_type(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    text = text.substr(0, text.find('|'));
    std::size_t at = 0;
    // Words of plain SQLite that Oracle has not.
    const std::string name = upper(text);
    if (name == "TEXT") {
        return varchar_type(largest_varchar);
    }
    if (name == "REAL") {
        return plain_type(DataType::binary_double, "BINARY_DOUBLE");
    }
    return take_type(scan_sql(text).tokens, at).value_or(varchar_type(largest_varchar));
}

std::string declared_type(const ColumnType& type) {
    const bool takes_text = type.type == DataType::varchar || type.type == DataType::character ||
                            type.type == DataType::clob || type.type == DataType::binary_double ||
                            type.type == DataType::binary_float || type.type == DataType::blob;
    return '"' + type.text + std::string{takes_text ? "" : no_affinity} + '"';
}

ColumnType number_type() {
    ColumnType out;
    out.type = DataType::number;
    out.scale = scale_floating;
    out.bytes = number_size;
    out.text = "NUMBER";
    return out;
}

ColumnType varchar_type(int bytes) {
    return character_type(DataType::varchar, "VARCHAR2", {.first = bytes, .second = {}});
}

ColumnType plain_type(DataType type, std::string_view text) {
    ColumnType out;
    out.type = type;
    out.text = std::string{text};
    switch (type) {
        case DataType::date:
            out.bytes = 7;
            break;
        case DataType::binary_double:
            out.bytes = sizeof(double);
            break;
        case DataType::binary_float:
            out.bytes = sizeof(float);
            break;
        case DataType::clob:
        case DataType::blob:
            out.bytes = largest_varchar;
            break;
        case DataType::rowid:
            out.bytes = 18;
            out.characters = 18;
            break;
        case DataType::none:
        case DataType::varchar:
        case DataType::number:
        case DataType::integer:
        case DataType::variable_number:
        case DataType::native_float:
        case DataType::native_double:
        case DataType::raw:
        case DataType::unsigned_integer:
        case DataType::character:
        case DataType::client_date:
        case DataType::timestamp:
        case DataType::timestamp_zone:
        case DataType::interval_year_month:
        case DataType::interval_day_second:
        case DataType::timestamp_local_zone:
        case DataType::boolean:
            break;
    }
    return out;
}

}  // namespace majed::oci_double
