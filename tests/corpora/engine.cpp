// SPDX-License-Identifier: Apache-2.0
#include "corpora/engine.h"

#include "core/ascii.h"

#include <sqlite3.h>

#include <array>

namespace majed::corpora {
namespace {

struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using OwnedStatement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

int note_read(void* reads, int action, const char* first, const char* second, const char* database,
              const char*) {
    if (action == SQLITE_READ) {
        static_cast<std::set<EngineRead>*>(reads)->insert(
            {text_or_empty(database), text_or_empty(first), text_or_empty(second)});
    }
    return SQLITE_OK;
}

std::string cell(sqlite3_stmt* statement, int index) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, index));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
    return bytes == nullptr ? std::string() : std::string(bytes, size);
}

// Columns of an EXPLAIN row.
constexpr int opcode = 1;
constexpr int p2 = 3;
constexpr int p3 = 4;
constexpr int p5 = 6;
constexpr int p2_is_a_register = 0x10;  // OPFLAG_P2ISREG

}  // namespace

void Engine::Close::operator()(sqlite3* database) const noexcept {
    sqlite3_close(database);
}

Engine::Engine(const std::string& schema) {
    sqlite3* raw = nullptr;
    sqlite3_open(":memory:", &raw);
    database_.reset(raw);
    sqlite3_exec(raw, schema.c_str(), nullptr, nullptr, nullptr);
    // Their first use writes to the schema table; the statements that are judged shall not.
    sqlite3_exec(raw, "SELECT 1 FROM json_each('[]'), json_tree('[]')", nullptr, nullptr, nullptr);
    roots_[{"0", "1"}] = "main.sqlite_master";
    roots_[{"1", "1"}] = "temp.sqlite_temp_master";
    for (const auto& row :
         rows("SELECT 0, rootpage, 'main.' || tbl_name FROM main.sqlite_master WHERE rootpage > 0 "
              "UNION ALL SELECT 1, rootpage, 'temp.' || tbl_name FROM temp.sqlite_master "
              "WHERE rootpage > 0")) {
        roots_[{row[0], row[1]}] = ascii_lower(row[2]);
    }
}

Engine::~Engine() = default;

Compiled Engine::compile(std::string_view sql) {
    Compiled compiled;
    sqlite3_set_authorizer(database_.get(), note_read, &compiled.reads);
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int code =
        sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, &tail);
    const OwnedStatement statement(raw);
    sqlite3_set_authorizer(database_.get(), nullptr, nullptr);
    if (code != SQLITE_OK) {
        compiled.error = sqlite3_errmsg(database_.get());
        return compiled;
    }
    compiled.accepted = raw != nullptr;
    compiled.readonly = raw != nullptr && sqlite3_stmt_readonly(raw) != 0;
    const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
    sqlite3_stmt* next = nullptr;
    // Comments and white space compile to nothing.
    compiled.whole_text = sqlite3_prepare_v2(database_.get(), rest.data(), static_cast<int>(rest.size()),
                                             &next, nullptr) == SQLITE_OK &&
                          next == nullptr;
    sqlite3_finalize(next);
    return compiled;
}

std::set<std::string> Engine::opened(std::string_view sql) {
    std::set<std::string> tables;
    for (const auto& row : rows("EXPLAIN " + std::string(sql))) {
        const bool opens =
            row[opcode] == "OpenRead" || row[opcode] == "OpenWrite" || row[opcode] == "ReopenIdx";
        if (!opens || (std::stoi("0" + row[p5]) & p2_is_a_register) != 0) continue;
        const auto found = roots_.find({row[p3], row[p2]});
        tables.insert(found != roots_.end() ? found->second : "?");
    }
    return tables;
}

std::string Engine::program(std::string_view sql) {
    std::string text;
    for (const auto& row : rows("EXPLAIN " + std::string(sql))) {
        for (int i = opcode; i <= p5; ++i) text += row[static_cast<std::size_t>(i)] + " ";
        text += "\n";
    }
    return text;
}

std::vector<std::vector<std::string>> Engine::rows(std::string_view sql) {
    std::vector<std::vector<std::string>> all;
    sqlite3_stmt* raw = nullptr;
    const int code =
        sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
    const OwnedStatement statement(raw);
    if (code != SQLITE_OK) return all;
    const int columns = sqlite3_column_count(raw);
    while (sqlite3_step(raw) == SQLITE_ROW) {
        auto& row = all.emplace_back();
        for (int i = 0; i < columns; ++i) row.push_back(cell(raw, i));
    }
    return all;
}

}  // namespace majed::corpora
