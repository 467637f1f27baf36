// SPDX-License-Identifier: Apache-2.0
#include "migrate/ledger_tables.h"

#include <array>

namespace majed::migrate {

namespace {

constexpr std::array<std::string_view, 18> columns{
    "id",          "version", "description",      "applied_at",         "checksum",        "tokens_checksum",
    "state",       "success", "statements_total", "statements_applied", "statement_begun", "progress_digest",
    "duration_ms", "error",   "applied_by",       "tool_version",       "schema_hash",     "out_of_order"};

// An empty text is NULL to Oracle, so only what is never empty is NOT NULL.
constexpr std::string_view sqlite_columns =
    "id INTEGER PRIMARY KEY, version VARCHAR(255) NOT NULL UNIQUE, description VARCHAR(1000), "
    "applied_at TIMESTAMP NOT NULL, checksum VARCHAR(64), tokens_checksum VARCHAR(80), "
    "state VARCHAR(16) NOT NULL, success BOOLEAN NOT NULL, statements_total INTEGER NOT NULL, "
    "statements_applied INTEGER NOT NULL, statement_begun INTEGER NOT NULL, progress_digest VARCHAR(80), "
    "duration_ms INTEGER NOT NULL, error VARCHAR(2000), applied_by VARCHAR(255), tool_version VARCHAR(64), "
    "schema_hash VARCHAR(80), out_of_order BOOLEAN NOT NULL";
constexpr std::string_view postgresql_columns =
    "id bigint PRIMARY KEY, version varchar(255) NOT NULL UNIQUE, description varchar(1000), "
    "applied_at timestamp with time zone NOT NULL, checksum varchar(64), tokens_checksum varchar(80), "
    "state varchar(16) NOT NULL, success boolean NOT NULL, statements_total bigint NOT NULL, "
    "statements_applied bigint NOT NULL, statement_begun bigint NOT NULL, progress_digest varchar(80), "
    "duration_ms bigint NOT NULL, error varchar(2000), applied_by varchar(255), tool_version varchar(64), "
    "schema_hash varchar(80), out_of_order boolean NOT NULL";
constexpr std::string_view oracle_columns =
    "id NUMBER(18) PRIMARY KEY, version VARCHAR2(255) NOT NULL UNIQUE, description VARCHAR2(1000 CHAR), "
    "applied_at TIMESTAMP(6) WITH TIME ZONE NOT NULL, checksum VARCHAR2(64), tokens_checksum VARCHAR2(80), "
    "state VARCHAR2(16) NOT NULL, success NUMBER(1) NOT NULL, statements_total NUMBER(9) NOT NULL, "
    "statements_applied NUMBER(9) NOT NULL, statement_begun NUMBER(9) NOT NULL, "
    "progress_digest VARCHAR2(80), duration_ms NUMBER(18) NOT NULL, error VARCHAR2(4000), "
    "applied_by VARCHAR2(255 CHAR), tool_version VARCHAR2(64), schema_hash VARCHAR2(80), "
    "out_of_order NUMBER(1) NOT NULL";

constexpr std::string_view plain_objects =
    "kind VARCHAR(64) NOT NULL, name VARCHAR(1000) NOT NULL, definition TEXT, PRIMARY KEY (kind, name)";
constexpr std::string_view oracle_objects =
    "kind VARCHAR2(64) NOT NULL, name VARCHAR2(1000 CHAR) NOT NULL, definition CLOB, "
    "PRIMARY KEY (kind, name)";

std::string create(std::string_view name, std::string_view what) {
    std::string sql = "CREATE TABLE ";
    sql.append(name).append(" (").append(what).append(")");
    return sql;
}

}  // namespace

std::string create_ledger(Dialect dialect, std::string_view name) {
    switch (dialect) {
        case Dialect::sqlite:
            return create(name, sqlite_columns);
        case Dialect::postgresql:
            return create(name, postgresql_columns);
        case Dialect::oracle:
            return create(name, oracle_columns);
    }
    return {};
}

std::string create_objects(Dialect dialect, std::string_view name) {
    return create(name, dialect == Dialect::oracle ? oracle_objects : plain_objects);
}

std::string_view now_expression(Dialect dialect) noexcept {
    switch (dialect) {
        case Dialect::sqlite:
            return "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
        case Dialect::postgresql:
            return "pg_catalog.clock_timestamp()";
        case Dialect::oracle:
            return "SYSTIMESTAMP";
    }
    return {};
}

std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"') {
            text += c;
        }
    }
    return text + '"';
}

std::span<const std::string_view> ledger_columns() noexcept {
    return columns;
}

}  // namespace majed::migrate
