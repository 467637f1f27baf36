// SPDX-License-Identifier: Apache-2.0
#include "splitting/sqlite_engine.h"

#include "migrate/script.h"

#include <sqlite3.h>

#include <memory>

namespace majed::splitting {
namespace {

struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

bool has_statement(std::string_view text) {
    const auto script = migrate::split_script(migrate::Dialect::sqlite, text);
    return !script || !script->statements.empty();
}

}  // namespace

EngineCuts cut_by_sqlite(std::string_view script) {
    EngineCuts cuts;
    sqlite3* opened = nullptr;
    const int failed = sqlite3_open(":memory:", &opened);
    const std::unique_ptr<sqlite3, Close> database(opened);
    if (failed != SQLITE_OK) {
        cuts.refusal = "cannot open";
        return cuts;
    }
    for (std::size_t at = 0; at < script.size();) {
        sqlite3_stmt* made = nullptr;
        const char* tail = nullptr;
        const int status = sqlite3_prepare_v3(opened, script.data() + at,
                                              static_cast<int>(script.size() - at), 0, &made, &tail);
        const std::unique_ptr<sqlite3_stmt, Close> statement(made);
        if (status != SQLITE_OK) {
            cuts.refusal = sqlite3_errmsg(opened);
            return cuts;
        }
        const auto next = static_cast<std::size_t>(tail - script.data());
        if (statement) {
            cuts.pieces.push_back({at, next});
            while (sqlite3_step(made) == SQLITE_ROW) {
            }
        }
        at = next;
    }
    return cuts;
}

std::string compare_with_sqlite(std::string_view script, const EngineCuts& engine) {
    const auto ours = migrate::split_script(migrate::Dialect::sqlite, script);
    if (!ours) {
        return engine.refusal.empty() ? "we refuse: " + ours.error().message : "";
    }
    if (ours->statements.size() < engine.pieces.size() ||
        (engine.refusal.empty() && ours->statements.size() != engine.pieces.size())) {
        return "we cut " + std::to_string(ours->statements.size()) + ", the engine " +
               std::to_string(engine.pieces.size());
    }
    for (std::size_t i = 0; i < engine.pieces.size(); ++i) {
        const migrate::ScriptStatement& statement = ours->statements[i];
        const auto alone = migrate::split_script(migrate::Dialect::sqlite, statement.text);
        if (!alone || alone->statements.size() != 1) {
            return "statement " + std::to_string(i) + " is not one: " + statement.text;
        }
        const std::size_t end = statement.offset + statement.text.size() - alone->statements[0].offset;
        const Piece piece = engine.pieces[i];
        if (statement.offset < piece.begin || end > piece.end ||
            has_statement(script.substr(piece.begin, statement.offset - piece.begin)) ||
            has_statement(script.substr(end, piece.end - end))) {
            return "statement " + std::to_string(i) + " is ours " + statement.text + "\nthe engine's " +
                   std::string(script.substr(piece.begin, piece.end - piece.begin));
        }
    }
    return {};
}

}  // namespace majed::splitting
