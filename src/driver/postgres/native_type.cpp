// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/native_type.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace majed::driver::postgres {

namespace {

using enum ColumnType;

/// Numbers from pg_type.dat, which PostgreSQL never changes.
constexpr std::array types{
    NativeType{16, 1000, "boolean", boolean, Reading::boolean, true},
    NativeType{17, 1001, "bytea", blob, Reading::bytea, true},
    NativeType{18, 1002, "\"char\"", text},
    NativeType{19, 1003, "name", text, Reading::text, true},
    NativeType{20, 1016, "bigint", integer, Reading::int64, true},
    NativeType{21, 1005, "smallint", integer, Reading::int16, true},
    NativeType{23, 1007, "integer", integer, Reading::int32, true},
    NativeType{25, 1009, "text", text, Reading::text, true},
    NativeType{26, 1028, "oid", integer, Reading::oid, true},
    NativeType{114, 199, "json", json, Reading::text, true},
    NativeType{142, 143, "xml", text},
    NativeType{700, 1021, "real", real, Reading::float4, true},
    NativeType{701, 1022, "double precision", real, Reading::float8, true},
    NativeType{705, 0, "unknown", text, Reading::text, true},
    NativeType{790, 791, "money", other},
    NativeType{829, 1040, "macaddr", other},
    NativeType{650, 651, "cidr", other},
    NativeType{869, 1041, "inet", other},
    NativeType{1042, 1014, "character", text, Reading::text, true},
    NativeType{1043, 1015, "character varying", text, Reading::text, true},
    NativeType{1082, 1182, "date", date, Reading::date},
    NativeType{1083, 1183, "time without time zone", time},
    NativeType{1114, 1115, "timestamp without time zone", timestamp, Reading::timestamp},
    NativeType{1184, 1185, "timestamp with time zone", timestamp_tz, Reading::timestamp_tz},
    NativeType{1186, 1187, "interval", interval, Reading::interval},
    NativeType{1266, 1270, "time with time zone", time_tz, Reading::time_tz},
    NativeType{1560, 1561, "bit", other},
    NativeType{1562, 1563, "bit varying", other},
    NativeType{1700, 1231, "numeric", decimal},
    NativeType{2278, 0, "void", other},
    NativeType{2249, 2287, "record", other},
    NativeType{2950, 2951, "uuid", other, Reading::uuid, true},
    NativeType{3802, 3807, "jsonb", json, Reading::jsonb, true},
    NativeType{2205, 2210, "regclass", other},
};

constexpr Oid numeric_oid = 1700;
/// PostgreSQL adds the size of a length word to the modifiers of these types.
constexpr int header_size = 4;

std::string with_modifier(const NativeType& type, int modifier) {
    std::string name = type.name;
    if (modifier < 0) {
        return name;
    }
    if (type.oid == numeric_oid && modifier >= header_size) {
        const int bits = modifier - header_size;
        const int scale = ((bits & 0x7ff) ^ 1024) - 1024;
        return name + '(' + std::to_string((bits >> 16) & 0xffff) + ',' + std::to_string(scale) + ')';
    }
    if ((type.oid == 1042 || type.oid == 1043) && modifier >= header_size) {
        return name + '(' + std::to_string(modifier - header_size) + ')';
    }
    if (type.oid == 1560 || type.oid == 1562) {
        return name + '(' + std::to_string(modifier) + ')';
    }
    if (type.type == time || type.type == timestamp || type.type == time_tz || type.type == timestamp_tz) {
        const auto space = name.find(' ');
        return name.substr(0, space) + '(' + std::to_string(modifier) + ')' + name.substr(space);
    }
    return name;
}

}  // namespace

const NativeType* type_of(Oid oid) noexcept {
    const auto found =
        std::find_if(types.begin(), types.end(), [&](const NativeType& type) { return type.oid == oid; });
    return found == types.end() ? nullptr : &*found;
}

std::string name_of_type(Oid oid, int modifier) {
    if (const NativeType* const type = type_of(oid); type != nullptr) {
        return with_modifier(*type, modifier);
    }
    const auto element = std::find_if(types.begin(), types.end(), [&](const NativeType& type) {
        return oid != 0 && type.array_oid == oid;
    });
    return element == types.end() ? std::string() : with_modifier(*element, modifier) + "[]";
}

}  // namespace majed::driver::postgres
