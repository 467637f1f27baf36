// SPDX-License-Identifier: Apache-2.0
#include "sqlite_errors.h"

#include <array>
#include <string>
#include <string_view>

#include "sql_scan.h"

namespace majed::oci_double {
namespace {

enum class Detail : std::uint8_t { none, name_behind, quoted_name_behind };

struct Meaning {
    std::string_view part;
    int code;
    Detail detail;
};

/// By a part of SQLite's message; the first that fits.
constexpr auto meanings = std::to_array<Meaning>({
    {"no such table", 942, Detail::none},
    {"no such column: ", 904, Detail::quoted_name_behind},
    {"has no column named ", 904, Detail::quoted_name_behind},
    {"no such function: ", 904, Detail::quoted_name_behind},
    {"unknown column \"", 904, Detail::quoted_name_behind},
    {"ambiguous column name", 918, Detail::none},
    {"already exists", 955, Detail::none},
    {"duplicate column name", 957, Detail::none},
    {"no such index", 1418, Detail::none},
    {"no such view", 942, Detail::none},
    {"no such savepoint: ", 1086, Detail::name_behind},
    {"wrong number of arguments", 909, Detail::none},
    {"misuse of aggregate", 934, Detail::none},
    {"misuse of window function", 934, Detail::none},
    {"do not have the same number of result columns", 1789, Detail::none},
    {"because it is a view", 1732, Detail::none},
    {"incomplete input", 936, Detail::none},
    {"unrecognized token", 911, Detail::none},
    {"near \"FROM\"", 936, Detail::none},
    {"near \",\"", 936, Detail::none},
    {"near \")\"", 936, Detail::none},
    {"near \"WHERE\"", 936, Detail::none},
    {"near \"VALUES\"", 936, Detail::none},
    {"syntax error", 933, Detail::none},
    {"datatype mismatch", 932, Detail::none},
    {"integer overflow", 1426, Detail::none},
});

std::string name_behind(std::string_view message, std::string_view part) {
    std::string_view rest = message.substr(message.find(part) + part.size());
    rest = rest.substr(0, rest.find_first_of("\" "));
    return upper(rest);
}

/// "2 values for 3 columns", "table T has 3 columns but 2 values were supplied".
int value_count_code(std::string_view message) {
    const std::size_t values = message.find(" values");
    if (values == std::string_view::npos || message.find("column") == std::string_view::npos) {
        return 0;
    }
    const std::size_t begin = message.find_last_not_of("0123456789", values - 1);
    const std::size_t number = begin == std::string_view::npos ? 0 : begin + 1;
    const long given = std::strtol(std::string{message.substr(number, values - number)}.c_str(), nullptr, 10);
    std::size_t digits = message.find(" columns");
    std::size_t first = message.find_last_not_of("0123456789", digits - 1) + 1;
    const long wanted = std::strtol(std::string{message.substr(first, digits - first)}.c_str(), nullptr, 10);
    return given > wanted ? 913 : 947;
}

OracleError constraint_error(int extended, std::string_view message) {
    const std::size_t colon = message.find(": ");
    const std::string place{colon == std::string_view::npos ? std::string_view{} : message.substr(colon + 2)};
    switch (extended) {
        case SQLITE_CONSTRAINT_NOTNULL:
            return oracle_error(1400, place);
        case SQLITE_CONSTRAINT_CHECK:
            return oracle_error(2290, place);
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return oracle_error(2291, place);
        default:
            return oracle_error(1, place);
    }
}

OracleError general_error(std::string_view message) {
    if (const int code = value_count_code(message); code != 0) {
        return oracle_error(code);
    }
    for (const Meaning& meaning : meanings) {
        if (message.find(meaning.part) == std::string_view::npos) {
            continue;
        }
        if (meaning.detail == Detail::none) {
            return oracle_error(meaning.code);
        }
        const std::string name = name_behind(message, meaning.part);
        return oracle_error(meaning.code,
                            meaning.detail == Detail::quoted_name_behind ? '"' + name + '"' : name);
    }
    return {
        .code = 3001, .text = "unimplemented feature of the double: " + std::string{message}, .offset = 0};
}

}  // namespace

OracleError error_of(sqlite3* connection, int result) {
    const std::string_view message = sqlite3_errmsg(connection);
    const int extended = sqlite3_extended_errcode(connection);
    OracleError error;
    if (auto ours = parse_error_message(message)) {
        error = std::move(*ours);
    } else if ((result & 0xff) == SQLITE_CONSTRAINT) {
        error = constraint_error(extended, message);
    } else if (result == SQLITE_BUSY_SNAPSHOT) {
        error = oracle_error(8177);
    } else if ((result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED) {
        error = oracle_error(60);
    } else if ((result & 0xff) == SQLITE_INTERRUPT) {
        error = oracle_error(1013);
    } else if ((result & 0xff) == SQLITE_READONLY) {
        error = oracle_error(16000);
    } else {
        error = general_error(message);
    }
    error.offset = sqlite3_error_offset(connection);
    return error;
}

}  // namespace majed::oci_double
