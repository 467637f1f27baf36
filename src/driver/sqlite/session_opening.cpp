// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/session_opening.h"

#include "core/ascii.h"
#include "driver/sqlite/native_error.h"
#include "driver/sqlite/quoted_name.h"
#include "driver/sqlite/user_error.h"

#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace majed::driver::sqlite {

namespace {

constexpr int attached_position = 2;

/// What one value may grow to, whether stored or computed. Larger than any cell a person reads, small enough
/// that a few sorted rows of them do not fill the memory; a stored value beyond it cannot be read.
constexpr int largest_value = 4 * 1024 * 1024;

constexpr std::array<std::pair<int, int>, 11> limits{{
    {SQLITE_LIMIT_LENGTH, largest_value},
    {SQLITE_LIMIT_SQL_LENGTH, 1024 * 1024},
    {SQLITE_LIMIT_EXPR_DEPTH, 250},
    {SQLITE_LIMIT_COMPOUND_SELECT, 500},
    {SQLITE_LIMIT_FUNCTION_ARG, 100},
    {SQLITE_LIMIT_ATTACHED, 1},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_VDBE_OP, 250000},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
}};

constexpr std::array<std::pair<int, int>, 8> session_switches{{
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    // The plan must not depend on bound values: it serves every principal, and a plan made again because of a
    // value could not be told from one made again because the schema changed.
    {SQLITE_DBCONFIG_ENABLE_QPSG, 1},
}};

Error cannot_install(int native) {
    if ((native & 0xff) == SQLITE_BUSY) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "the source is locked",
                     .native_code = native,
                     .failure = failure_class_of(native)};
    }
    return Error{.code = ErrorCode::internal,
                 .message = "the guards of the source cannot be installed",
                 .native_code = native};
}

Result<void> run_own(sqlite3* database, const std::string& sql) {
    const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    return result == SQLITE_OK ? Result<void>() : cannot_install(result);
}

Result<void> attach(sqlite3* database, const std::string& path, const GuardSet& guard, Access access) {
    const std::string sql = "ATTACH ?1 AS " + quoted_name(guard.base_schema);
    const std::string uri = file_uri(path, access);
    sqlite3_stmt* compiled = nullptr;
    int result = sqlite3_prepare_v3(database, sql.c_str(), -1, 0, &compiled, nullptr);
    const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(compiled);
    if (result == SQLITE_OK) {
        result = sqlite3_bind_text64(compiled, 1, uri.data(), uri.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    if (result == SQLITE_OK) {
        result = sqlite3_step(compiled);
    }
    if (result != SQLITE_DONE) {
        return Error{.code = ErrorCode::unavailable,
                     .message = access == Access::read_only ? "the source cannot be opened for reading"
                                                            : "the source cannot be opened for writing",
                     .native_code = result,
                     .failure = failure_class_of(result)};
    }
    const char* attached = sqlite3_db_name(database, attached_position);
    if (attached == nullptr || attached != guard.base_schema) {
        return cannot_install(result);
    }
    const bool read_only = sqlite3_db_readonly(database, attached) == 1;
    if (access == Access::read_only) {
        return read_only ? Result<void>() : cannot_install(result);
    }
    // A file without leave to be written is opened for reading all the same.
    return read_only ? Error{.code = ErrorCode::unavailable,
                             .message = "the source cannot be opened for writing",
                             .failure = FailureClass::read_only}
                     : Result<void>();
}

Result<void> create_guard_views(sqlite3* database, const GuardSet& guard) {
    for (const GuardView& view : guard.views) {
        MAJED_TRY(run_own(database, "CREATE TEMP VIEW " + quoted_name(view.name) + " AS " + view.select));
    }
    return {};
}

Result<void> shadow_names(sqlite3* database, const GuardSet& guard) {
    const std::string unreadable = " AS SELECT * FROM " + quoted_name(shadow_target(guard));
    for (const std::string& name : guard.shadowed) {
        // SQLite keeps this prefix for itself: no view may have it. The authorizer and the program audit
        // refuse those tables.
        if (ascii_lower(name).starts_with("sqlite_")) {
            continue;
        }
        MAJED_TRY(run_own(database, "CREATE TEMP VIEW IF NOT EXISTS " + quoted_name(name) + unreadable));
    }
    return {};
}

/// The first use of a table-valued function writes to the schema's cache, which the authorizer would refuse.
Result<void> connect_json_tables(sqlite3* database) {
    return run_own(database, "SELECT 1 FROM json_each('[1]'); SELECT 1 FROM json_tree('[1]')");
}

/// What a write by another program would have met must hold here too.
Result<void> set_access(sqlite3* database, Access access) {
    if (access == Access::read_only) {
        return run_own(database, "PRAGMA query_only=1");
    }
    const int result = sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    return result == SQLITE_OK ? Result<void>() : cannot_install(result);
}

Result<void> set_switches(sqlite3* database) {
    for (const auto& [option, value] : session_switches) {
        if (const int result = sqlite3_db_config(database, option, value, nullptr); result != SQLITE_OK) {
            return cannot_install(result);
        }
    }
    // With it, `region = f()` in a filter would turn every other use of region into f(), the column that says whether
    // the filter passed among them: it would always say yes. SQLITE_PropagateConst in sqliteInt.h.
    constexpr unsigned propagate_constants = 0x8000;
    sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, database, propagate_constants);
    MAJED_TRY(run_own(database, "PRAGMA cell_size_check=1"));
    for (const auto& [limit, value] : limits) {
        sqlite3_limit(database, limit, value);
    }
    return {};
}

}  // namespace

std::string file_uri(std::string_view path, Access access) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    constexpr std::string_view hex_digits = "0123456789ABCDEF";
    // An empty authority, so that a path that begins with two slashes is not read as one.
    std::string uri = path.starts_with('/') ? "file://" : "file:";
    for (const char c : path) {
        if (plain.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            uri += '%';
            uri += hex_digits[byte >> 4U];
            uri += hex_digits[byte & 0xfU];
        }
    }
    return uri + (access == Access::read_only ? "?mode=ro" : "?mode=rw");
}

Result<ConnectionHandle> open_guarded(const std::string& path, GuardContext& context, RunControl& control,
                                      Access access) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return Error{ErrorCode::not_found, "the file of the source does not exist"};
    }
    if (!std::filesystem::is_regular_file(path, ignored)) {
        // Opening a pipe would wait for its other end for ever.
        return Error{ErrorCode::unavailable, "the source is no regular file"};
    }
    sqlite3* opened = nullptr;
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_URI |
                          SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int result = sqlite3_open_v2(":memory:", &opened, flags, nullptr);
    ConnectionHandle connection(opened);
    if (result != SQLITE_OK) {
        return Error{
            .code = error_code_of(result), .message = "cannot open a session", .native_code = result};
    }
    // First: a commit under way, or a log that is being folded, must not look like a source that is gone.
    control.install(opened);
    const GuardSet& guard = *context.guard;
    MAJED_TRY(run_own(opened, "PRAGMA temp_store=MEMORY"));
    MAJED_TRY(attach(opened, path, guard, access));
    MAJED_TRY(register_guard_functions(opened, context));
    MAJED_TRY(connect_json_tables(opened));
    MAJED_TRY(create_guard_views(opened, guard));
    MAJED_TRY(shadow_names(opened, guard));
    MAJED_TRY(set_switches(opened));
    MAJED_TRY(set_access(opened, access));
    return connection;
}

}  // namespace majed::driver::sqlite
