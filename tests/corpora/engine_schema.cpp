// SPDX-License-Identifier: Apache-2.0
#include "corpora/engine_schema.h"

#include "core/ascii.h"

#include <optional>
#include <vector>

namespace majed::corpora {
namespace {

sql::SchemaColumn column_named(std::string_view name, bool hidden = false) {
    return {
        .name = std::string(name), .declared_type = "", .masked = false, .unsafe = false, .hidden = hidden};
}

/// As a text literal.
std::string sql_text(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
    return out + "'";
}

}  // namespace

EngineSchema::EngineSchema(Engine& engine) {
    for (const auto& row : engine.rows("SELECT schema, name, type, wr FROM pragma_table_list "
                                       "WHERE schema IN ('main', 'temp')")) {
        auto relation = std::make_unique<sql::SchemaRelation>();
        relation->name = row[1];
        const bool view = row[2] == "view";
        relation->has_rowid = row[3] == "0" && !view;
        relation->table_function = row[2] == "virtual";
        // A view is written to by its INSTEAD OF triggers.
        relation->writable = true;
        add_columns(engine, row[0], *relation);
        add_foreign_keys(engine, row[1]);
        if (view) views_.insert(relation.get());
        relations_[row[0] + "." + ascii_lower(row[1])] = std::move(relation);
    }
    for (const auto& row : engine.rows("SELECT name FROM main.sqlite_master WHERE type = 'trigger' UNION "
                                       "SELECT name FROM temp.sqlite_master WHERE type = 'trigger'")) {
        triggers_.insert(ascii_lower(row[0]));
    }
    for (const char* name : {"sqlite_master", "sqlite_schema"}) {
        add_schema_table("main", name);
        add_schema_table("temp", name);
    }
    for (const char* name : {"sqlite_temp_master", "sqlite_temp_schema"}) add_schema_table("temp", name);
    for (const char* name : {"json_each", "json_tree"}) {
        auto relation = std::make_unique<sql::SchemaRelation>();
        relation->name = name;
        relation->table_function = true;
        for (const char* column : {"key", "value", "type", "atom", "id", "parent", "fullkey", "path"}) {
            relation->columns.push_back(column_named(column));
        }
        for (const char* column : {"json", "root"}) relation->columns.push_back(column_named(column, true));
        relations_[std::string("main.") + name] = std::move(relation);
    }
}

void EngineSchema::add_foreign_keys(Engine& engine, const std::string& child) {
    const std::string referring = ascii_lower(child);
    // Without columns of its own the parent is referred to by its primary key.
    for (const auto& row : engine.rows("SELECT f.\"table\", f.\"from\", ifnull(f.\"to\", p.name) "
                                       "FROM pragma_foreign_key_list(" +
                                       sql_text(child) +
                                       ") f LEFT JOIN pragma_table_info(f.\"table\") p ON f.\"to\" IS NULL "
                                       "AND p.pk > 0")) {
        const std::string parent = ascii_lower(row[0]);
        foreign_keys_.insert({parent, referring, ascii_lower(row[1])});
        foreign_keys_.insert({referring, parent, ascii_lower(row[2])});
    }
}

void EngineSchema::add_columns(Engine& engine, const std::string& database, sql::SchemaRelation& relation) {
    std::size_t keys = 0;
    std::optional<std::size_t> integer_key;
    for (const auto& row : engine.rows("SELECT name, type, hidden, pk FROM pragma_table_xinfo(" +
                                       sql_text(relation.name) + ", " + sql_text(database) + ")")) {
        sql::SchemaColumn column = column_named(row[0], row[2] == "1");
        column.declared_type = row[1];
        if (row[3] != "0") {
            ++keys;
            if (equal_ascii_case(row[1], "integer")) integer_key = relation.columns.size();
        }
        column.generated = row[2] == "2" || row[2] == "3";
        relation.columns.push_back(std::move(column));
    }
    // One key column of type INTEGER is the row id (a DESC key is not, and then reads ROWID: see TruthCheck).
    if (keys == 1 && relation.has_rowid) relation.rowid_column = integer_key;
}

/// SQLite knows one table per database under several names (build.c sqlite3FindTable).
void EngineSchema::add_schema_table(std::string_view database, std::string_view name) {
    auto relation = std::make_unique<sql::SchemaRelation>();
    relation->name = database == "main" ? "sqlite_master" : "sqlite_temp_master";
    for (const char* column : {"type", "name", "tbl_name", "rootpage", "sql"}) {
        relation->columns.push_back(column_named(column));
    }
    relations_[std::string(database) + "." + std::string(name)] = std::move(relation);
}

const sql::SchemaRelation* EngineSchema::find_relation(std::string_view qualifier,
                                                       std::string_view name) const {
    const std::string database = ascii_lower(qualifier);
    for (const char* each : {"temp", "main"}) {
        if (!database.empty() && database != each) continue;
        // Without a qualifier, sqlite_master is main's.
        if (database.empty() && each == std::string_view("temp") &&
            ascii_lower(name).starts_with("sqlite_") && !ascii_lower(name).starts_with("sqlite_temp_")) {
            continue;
        }
        const auto found = relations_.find(each + ("." + ascii_lower(name)));
        if (found != relations_.end()) return found->second.get();
    }
    return nullptr;
}

bool EngineSchema::function_allowed(std::string_view) const {
    return true;
}

}  // namespace majed::corpora
