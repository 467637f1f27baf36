// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/catalog_reader.h"

#include "core/ascii.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace majed::driver::sqlite {

namespace {

/// Values of `hidden` in PRAGMA table_xinfo: 2 and 3 are generated columns, which are part of `*`.
constexpr std::int64_t hidden_in_virtual_table = 1;

constexpr std::int64_t generated_virtual = 2;
constexpr std::int64_t generated_stored = 3;

Result<void> run_with(Statement& statement, const std::string& name) {
    const std::array<Value, 1> values{name};
    return statement.bind(values);
}

bool reaches_file(const Error& error) {
    return error.code != ErrorCode::unavailable;
}

ObjectKind kind_of(std::string_view name, std::string_view type) {
    if (ascii_lower(name).starts_with("sqlite_")) {
        return ObjectKind::internal;
    }
    if (type == "view") {
        return ObjectKind::view;
    }
    if (type == "virtual") {
        return ObjectKind::virtual_table;
    }
    return type == "shadow" ? ObjectKind::shadow : ObjectKind::table;
}

Result<std::map<std::string, std::string>> read_view_texts(Database& database) {
    MAJED_TRY_ASSIGN(Statement statement,
                     database.prepare("SELECT name, sql FROM main.sqlite_schema WHERE type = 'view'"));
    std::map<std::string, std::string> texts;
    MAJED_TRY_ASSIGN(bool more, statement.step());
    while (more) {
        texts.emplace(statement.text(0), view_select(statement.text(1)));
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    return texts;
}

Result<std::vector<ObjectDescription>> read_names(Database& database) {
    MAJED_TRY_ASSIGN(Statement statement, database.prepare("SELECT name, type, wr FROM pragma_table_list"
                                                           " WHERE schema = 'main' ORDER BY name"));
    std::vector<ObjectDescription> objects;
    MAJED_TRY_ASSIGN(bool more, statement.step());
    while (more) {
        ObjectDescription object;
        object.name = statement.text(0);
        object.kind = kind_of(object.name, statement.text(1));
        object.without_rowid = statement.integer(2) != 0;
        objects.push_back(std::move(object));
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    return objects;
}

/// Reads the columns, and which of them form the primary key.
Result<std::vector<std::size_t>> read_columns(Statement& statement, ObjectDescription& object) {
    std::map<std::int64_t, std::size_t> key;  // by place in the key
    MAJED_TRY(run_with(statement, object.name));
    MAJED_TRY_ASSIGN(bool more, statement.step());
    while (more) {
        if (statement.integer(3) > 0) {
            key.emplace(statement.integer(3), object.columns.size());
        }
        const std::int64_t hidden = statement.integer(4);
        const bool computed = hidden == generated_virtual || hidden == generated_stored;
        object.columns.push_back({.name = statement.text(0),
                                  .declared_type = statement.text(1),
                                  .not_null = statement.integer(2) != 0,
                                  .hidden = hidden == hidden_in_virtual_table,
                                  .generation = computed ? Generation::stored : Generation::none});
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    UniqueKey primary;
    primary.primary = true;
    for (const auto& [place, column] : key) {
        primary.columns.push_back(object.columns[column].name);
    }
    if (!primary.columns.empty()) {
        object.facts.keys.push_back(std::move(primary));
    }
    std::vector<std::size_t> columns;
    columns.reserve(key.size());
    for (const auto& [place, column] : key) {
        columns.push_back(column);
    }
    return columns;
}

KeyAction key_action_from(std::string_view text) {
    if (text == "CASCADE") {
        return KeyAction::cascade;
    }
    if (text == "SET NULL") {
        return KeyAction::set_null;
    }
    if (text == "SET DEFAULT") {
        return KeyAction::set_default;
    }
    return text == "RESTRICT" ? KeyAction::restrict : KeyAction::no_action;
}

/// One row for each column of each key; a key that names no parent columns means the parent's primary key.
Result<void> read_foreign_keys(Statement& statement, ObjectDescription& object) {
    MAJED_TRY(run_with(statement, object.name));
    MAJED_TRY_ASSIGN(bool more, statement.step());
    std::int64_t last = -1;
    while (more) {
        auto& references = object.facts.references;
        if (references.empty() || statement.integer(0) != last) {
            last = statement.integer(0);
            ForeignKey& key = references.emplace_back();
            key.table.name = object.name;
            key.target.name = statement.text(1);
            key.on_update = key_action_from(statement.text(4));
            key.on_delete = key_action_from(statement.text(5));
        }
        references.back().columns.push_back(statement.text(2));
        if (!statement.text(3).empty()) {
            references.back().target_columns.push_back(statement.text(3));
        }
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    return {};
}

/// Names of triggers, by the folded name of their table.
Result<std::multimap<std::string, std::string>> read_triggers(Database& database) {
    MAJED_TRY_ASSIGN(
        Statement statement,
        database.prepare("SELECT tbl_name, name FROM main.sqlite_schema WHERE type = 'trigger'"));
    std::multimap<std::string, std::string> triggers;
    MAJED_TRY_ASSIGN(bool more, statement.step());
    while (more) {
        triggers.emplace(ascii_lower(statement.text(0)), statement.text(1));
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    return triggers;
}

/// What is asked about every object, compiled once.
struct ObjectQuestions {
    Statement columns;
    Statement indexes;
    Statement foreign_keys;
};

/// Reads the indexes; true when one of them carries the primary key.
Result<bool> read_indexes(Statement& statement, ObjectDescription& object) {
    bool key_is_index = false;
    MAJED_TRY(run_with(statement, object.name));
    MAJED_TRY_ASSIGN(bool more, statement.step());
    while (more) {
        object.indexes.push_back(statement.text(0));
        key_is_index = key_is_index || statement.text(1) == "pk";
        MAJED_TRY_ASSIGN(more, statement.step());
    }
    return key_is_index;
}

Result<void> complete(ObjectDescription& object, ObjectQuestions& ask) {
    const bool is_stored = object.kind != ObjectKind::view && object.kind != ObjectKind::virtual_table;
    const auto read = read_columns(ask.columns, object);
    if (!read) {
        ask.columns.reset();
        object.columns.clear();
        return !is_stored && reaches_file(read.error()) ? Result<void>() : read.error();
    }
    const std::vector<std::size_t>& key = *read;
    if (!is_stored) {
        return {};
    }
    MAJED_TRY_ASSIGN(const bool key_is_index, read_indexes(ask.indexes, object));
    MAJED_TRY(read_foreign_keys(ask.foreign_keys, object));
    // SQLite's own test for a column that is the row id: a key of one INTEGER column that needed no index.
    // `INTEGER PRIMARY KEY DESC` and `INT PRIMARY KEY` have one.
    if (key.size() == 1 && !key_is_index && !object.without_rowid &&
        equal_ascii_case(object.columns[key.front()].declared_type, "INTEGER")) {
        object.rowid_column = key.front();
    }
    return {};
}

Result<std::int64_t> read_version(Database& database) {
    MAJED_TRY_ASSIGN(Statement statement, database.prepare("PRAGMA main.schema_version"));
    MAJED_TRY_ASSIGN(const bool found, statement.step());
    return found ? Result<std::int64_t>(statement.integer(0))
                 : Error{ErrorCode::internal, "a database has no version of its schema"};
}

Result<SchemaDescription> read_all(Database& database) {
    // First: only a read of a table makes SQLite notice that the file's schema is newer than its own.
    MAJED_TRY_ASSIGN(auto view_texts, read_view_texts(database));
    SchemaDescription schema;
    MAJED_TRY_ASSIGN(schema.version, read_version(database));
    MAJED_TRY_ASSIGN(schema.objects, read_names(database));
    MAJED_TRY_ASSIGN(Statement columns, database.prepare("SELECT name, type, \"notnull\", pk, hidden"
                                                         " FROM pragma_table_xinfo(?1, 'main')"));
    MAJED_TRY_ASSIGN(Statement indexes,
                     database.prepare("SELECT name, origin FROM pragma_index_list(?1, 'main')"));
    MAJED_TRY_ASSIGN(Statement foreign_keys,
                     database.prepare("SELECT id, \"table\", \"from\", \"to\", on_update, on_delete"
                                      " FROM pragma_foreign_key_list(?1, 'main') ORDER BY id, seq"));
    MAJED_TRY_ASSIGN(const auto triggers, read_triggers(database));
    ObjectQuestions ask{std::move(columns), std::move(indexes), std::move(foreign_keys)};
    for (ObjectDescription& object : schema.objects) {
        MAJED_TRY(complete(object, ask));
        const auto [begin, end] = triggers.equal_range(ascii_lower(object.name));
        std::for_each(begin, end, [&](const auto& each) { object.facts.triggers.push_back(each.second); });
        if (const auto text = view_texts.find(object.name); text != view_texts.end()) {
            object.definition = text->second;
        }
    }
    return schema;
}

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t past(std::string_view text, std::size_t from, std::string_view end) {
    const std::size_t found = text.find(end, from);
    return found == std::string_view::npos ? text.size() : found + end.size();
}

/// End of the comment, quoted name, word or single character at `at`.
std::size_t token_end(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) == "--") {
        return past(text, at, "\n");
    }
    if (text.substr(at, 2) == "/*") {
        return past(text, at + 2, "*/");
    }
    if (text[at] == '[') {
        return past(text, at, "]");
    }
    if (text[at] == '"' || text[at] == '`' || text[at] == '\'') {
        return past(text, at + 1, text.substr(at, 1));
    }
    std::size_t end = at + 1;
    while (is_word(text[at]) && end < text.size() && is_word(text[end])) {
        ++end;
    }
    return end;
}

}  // namespace

std::string view_select(std::string_view create_view) {
    std::size_t at = 0;
    while (at < create_view.size()) {
        const std::size_t end = token_end(create_view, at);
        if (equal_ascii_case(create_view.substr(at, end - at), "as")) {
            const std::size_t begin = create_view.find_first_not_of(" \t\r\n\f", end);
            return begin == std::string_view::npos ? std::string() : std::string(create_view.substr(begin));
        }
        at = end;
    }
    return {};
}

Result<SchemaDescription> read_schema(Database& database) {
    MAJED_TRY(database.execute("BEGIN"));
    auto schema = read_all(database);
    const auto ended = database.execute("COMMIT");
    if (!schema || !ended) {
        const Error& cause = !schema ? schema.error() : ended.error();
        return Error{.code = ErrorCode::unavailable,
                     .message = "the schema cannot be read: " + cause.message,
                     .native_code = cause.native_code};
    }
    return schema;
}

}  // namespace majed::driver::sqlite
