// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/program_audit.h"

#include "core/ascii.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/native_error.h"
#include "driver/sqlite/quoted_name.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace majed::driver::sqlite {

namespace {

using OwnedStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Position of the attached source among the databases of a session; main is 0 and temp is 1.
constexpr int base_position = 2;
/// SQLite's OPFLAG_P2ISREG: the root page comes from a register, so the program does not show it.
constexpr int root_in_register = 0x10;

/// Opcodes no statement of a user has a use for.
constexpr std::array<std::string_view, 25> never_for_users{
    "CreateBtree",  "Destroy",     "SetCookie",  "ParseSchema", "DropTable",  "DropIndex",   "DropTrigger",
    "LoadAnalysis", "IntegrityCk", "SqlExec",    "Vacuum",      "IncrVacuum", "JournalMode", "Checkpoint",
    "AutoCommit",   "Savepoint",   "VCreate",    "VDestroy",    "VBegin",     "VUpdate",     "VRename",
    "MaxPgcnt",     "Pagecount",   "ResetCount", "TableLock"};
/// Opcodes no read has a use for. A write's "Program" is what the engine makes of a foreign key; its steps are listed, and
/// looked at, like all others. sqlite3_stmt_readonly refuses most of them before.
constexpr std::array<std::string_view, 4> only_in_a_write{"OpenWrite", "Clear", "Program", "FkCounter"};

struct Instruction {
    std::string_view opcode;
    int p1;
    int p2;
    int p3;
    int p5;
};

Error refused() {
    return Error{ErrorCode::denied, "the compiled statement reaches for something no policy opened"};
}

/// A change of the schema under a reading says nothing about the database, and can be met by reading again.
Error reading_failure(int native) {
    if ((native & 0xff) == SQLITE_SCHEMA) {
        return Error{.code = ErrorCode::conflict,
                     .message = "the schema of the source changed",
                     .native_code = native};
    }
    return Error{
        .code = error_code_of(native) == ErrorCode::internal ? ErrorCode::unavailable : error_code_of(native),
        .message = "the schema of the source cannot be read",
        .native_code = native,
        .failure = failure_class_of(native)};
}

Result<OwnedStatement> prepare_own(sqlite3* database, const std::string& sql) {
    sqlite3_stmt* compiled = nullptr;
    const int result = sqlite3_prepare_v3(database, sql.c_str(), -1, 0, &compiled, nullptr);
    OwnedStatement statement(compiled);
    if (result != SQLITE_OK) {
        return reading_failure(result);
    }
    return statement;
}

std::string_view text_at(sqlite3_stmt* statement, int column) {
    const unsigned char* text = sqlite3_column_text(statement, column);
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

Result<RootPages> read_pages_in_transaction(sqlite3* database, const std::string& schema) {
    RootPages roots;
    MAJED_TRY_ASSIGN(roots.schema_version, read_schema_version(database, schema));
    MAJED_TRY_ASSIGN(const OwnedStatement statement,
                     prepare_own(database, "SELECT rootpage, tbl_name FROM " + quoted_name(schema) +
                                               ".sqlite_schema WHERE rootpage > 0"));
    int result = SQLITE_ROW;
    while ((result = sqlite3_step(statement.get())) == SQLITE_ROW) {
        roots.table_of_root.emplace(sqlite3_column_int64(statement.get(), 0),
                                    ascii_lower(text_at(statement.get(), 1)));
    }
    if (result != SQLITE_DONE) {
        return reading_failure(result);
    }
    return roots;
}

Instruction instruction_at(sqlite3_stmt* listing) {
    return {text_at(listing, 1), sqlite3_column_int(listing, 2), sqlite3_column_int(listing, 3),
            sqlite3_column_int(listing, 4), sqlite3_column_int(listing, 6)};
}

Result<void> check_open(const Instruction& step, const RootPages& roots, const StatementScope& scope) {
    if (step.p3 != base_position || (step.p5 & root_in_register) != 0) {
        return refused();
    }
    const auto owner = roots.table_of_root.find(step.p2);
    if (owner == roots.table_of_root.end()) {
        return refused();
    }
    return scope.views_read(owner->second) || scope.write_reads(owner->second) ? Result<void>() : refused();
}

/// A b-tree that is opened to be changed (P2 its root, P3 its database) or emptied (P1 and P2).
Result<void> check_change(std::int64_t root, int database, const Instruction& step, const RootPages& roots,
                          const StatementScope& scope) {
    const IndexedGrant* const grant = scope.grant();
    const bool plain = database == base_position && (step.p5 & root_in_register) == 0;
    const auto owner = roots.table_of_root.find(root);
    if (grant == nullptr || !plain || owner == roots.table_of_root.end()) {
        return refused();
    }
    const bool counts_rows = grant->inserts && owner->second == sequence_table;
    return owner->second == grant->table || counts_rows ? Result<void>() : refused();
}

Result<void> check_transaction(const Instruction& step, const RootPages& roots, const StatementScope& scope) {
    const bool to_write = step.p2 != 0;
    if (to_write && (scope.grant() == nullptr || step.p1 != base_position)) {
        return refused();
    }
    // Root pages mean nothing under another version of the schema. SQLite compares as a 32-bit number.
    if (step.p1 == base_position && step.p3 != static_cast<int>(roots.schema_version)) {
        return Error{ErrorCode::conflict, "the schema of the source changed"};
    }
    return {};
}

Result<void> check(const Instruction& step, const RootPages& roots, const StatementScope& scope) {
    const bool writes = scope.grant() != nullptr;
    if (step.opcode == "OpenRead" || step.opcode == "ReopenIdx") {
        return check_open(step, roots, scope);
    }
    if (writes && step.opcode == "OpenWrite") {
        return check_change(step.p2, step.p3, step, roots, scope);
    }
    if (writes && step.opcode == "Clear") {
        const bool deletes = scope.grant()->deletes;
        return deletes ? check_change(step.p1, step.p2, step, roots, scope) : refused();
    }
    if (step.opcode == "Transaction") {
        return check_transaction(step, roots, scope);
    }
    if (step.opcode == "VOpen") {
        return scope.user_reads_json() || scope.views_read_json() ? Result<void>() : refused();
    }
    const auto among = [&step](const auto& opcodes) {
        return std::find(opcodes.begin(), opcodes.end(), step.opcode) != opcodes.end();
    };
    return among(never_for_users) || (!writes && among(only_in_a_write)) ? refused() : Result<void>();
}

}  // namespace

Result<std::int64_t> read_schema_version(sqlite3* database, const std::string& schema) {
    MAJED_TRY_ASSIGN(const OwnedStatement statement,
                     prepare_own(database, "PRAGMA " + quoted_name(schema) + ".schema_version"));
    if (const int result = sqlite3_step(statement.get()); result != SQLITE_ROW) {
        return reading_failure(result);
    }
    return std::int64_t{sqlite3_column_int(statement.get(), 0)};
}

Result<RootPages> read_root_pages(sqlite3* database, const std::string& schema) {
    // One read transaction, which keeps seeing one state of the file: version and pages belong together.
    if (const int began = sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr); began != SQLITE_OK) {
        return reading_failure(began);
    }
    auto roots = read_pages_in_transaction(database, schema);
    const int ended = sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    if (roots && ended != SQLITE_OK) {
        return reading_failure(ended);
    }
    return roots;
}

Result<void> audit_program(sqlite3* database, const std::string& sql, const RootPages& roots,
                           const StatementScope& scope) {
    sqlite3_stmt* compiled = nullptr;
    const std::string explain = "EXPLAIN " + sql;
    const int prepared =
        sqlite3_prepare_v3(database, explain.data(), static_cast<int>(explain.size()), 0, &compiled, nullptr);
    const OwnedStatement listing(compiled);
    if (prepared != SQLITE_OK || sqlite3_stmt_isexplain(listing.get()) != 1) {
        return refused();
    }
    int result = SQLITE_ROW;
    while ((result = sqlite3_step(listing.get())) == SQLITE_ROW) {
        MAJED_TRY(check(instruction_at(listing.get()), roots, scope));
    }
    return result == SQLITE_DONE ? Result<void>() : refused();
}

}  // namespace majed::driver::sqlite
