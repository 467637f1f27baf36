// SPDX-License-Identifier: Apache-2.0
#include "sql/plain_types.h"

#include <algorithm>
#include <array>
#include <span>

namespace majed::sql {
namespace {

constexpr std::array postgres_types = std::to_array<std::string_view>({
    "bigint",
    "bit",
    "bit varying",
    "bool",
    "boolean",
    "box",
    "bpchar",
    "bytea",
    "char",
    "char varying",
    "character",
    "character varying",
    "cidr",
    "circle",
    "date",
    "datemultirange",
    "daterange",
    "dec",
    "decimal",
    "double precision",
    "float",
    "float4",
    "float8",
    "inet",
    "int",
    "int2",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "integer",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "national char",
    "national char varying",
    "national character",
    "national character varying",
    "nchar",
    "nchar varying",
    "numeric",
    "nummultirange",
    "numrange",
    "path",
    "point",
    "polygon",
    "real",
    "smallint",
    "text",
    "time",
    "time with time zone",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "timestamptz",
    "timetz",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "uuid",
    "varbit",
    "varchar",
    "xml",
});

/// Not XMLTYPE: a text that becomes one is parsed, and a DOCTYPE may name a URL.
constexpr std::array oracle_types = std::to_array<std::string_view>({
    "binary_double",
    "binary_float",
    "blob",
    "boolean",
    "char",
    "char varying",
    "character",
    "character varying",
    "clob",
    "date",
    "decimal",
    "double precision",
    "float",
    "int",
    "integer",
    "interval",
    "json",
    "long",
    "long raw",
    "national char",
    "national char varying",
    "national character",
    "national character varying",
    "nchar",
    "nclob",
    "number",
    "nvarchar2",
    "raw",
    "real",
    "smallint",
    "timestamp",
    "timestamp with local time zone",
    "timestamp with time zone",
    "varchar",
    "varchar2",
});

static_assert(std::is_sorted(postgres_types.begin(), postgres_types.end()));
static_assert(std::is_sorted(oracle_types.begin(), oracle_types.end()));

}  // namespace

bool is_plain_type(std::string_view name, DialectId dialect) noexcept {
    // INTERVAL DAY TO SECOND and the like.
    if (name.starts_with("interval ")) name = "interval";
    const std::span<const std::string_view> types = dialect == DialectId::postgres
                                                        ? std::span<const std::string_view>(postgres_types)
                                                        : std::span<const std::string_view>(oracle_types);
    return dialect != DialectId::sqlite && std::binary_search(types.begin(), types.end(), name);
}

}  // namespace majed::sql
