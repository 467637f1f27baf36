// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/database.h"

#include "driver/sqlite/native_error.h"
#include "driver/sqlite/native_value.h"
#include "driver/sqlite/statement_text.h"

#include <sqlite3.h>

#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

namespace majed::driver::sqlite {

namespace {

constexpr std::string_view in_memory = ":memory:";

int open_flags(OpenMode mode) {
    // One thread at a time per connection is this class's rule, so SQLite need not lock for us.
    constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (mode) {
        case OpenMode::read_only:
            return always | SQLITE_OPEN_READONLY;
        case OpenMode::read_write:
            return always | SQLITE_OPEN_READWRITE;
        case OpenMode::create:
            return always | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    }
    return always | SQLITE_OPEN_READONLY;
}

Error compile_error(sqlite3* database, int native) {
    Error error = own_error(database, native, "the statement does not compile");
    if ((native & 0xff) == SQLITE_ERROR) {
        error.code = ErrorCode::invalid_argument;
    }
    return error;
}

}  // namespace

void CloseDatabase::operator()(sqlite3* database) const noexcept {
    sqlite3_close_v2(database);
}

void FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Result<void> Statement::bind(std::span<const Value> values) {
    sqlite3_stmt* statement = statement_.get();
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
    if (values.size() != wanted) {
        return Error{ErrorCode::invalid_argument, "the statement has " + std::to_string(wanted) +
                                                      " parameters, " + std::to_string(values.size()) +
                                                      " were given"};
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const int result = bind_value(statement, static_cast<int>(i + 1), values[i], BoundBytes::copied);
        if (result != SQLITE_OK) {
            return own_error(sqlite3_db_handle(statement), result, "cannot bind a parameter");
        }
    }
    return {};
}

Result<bool> Statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW) {
        return true;
    }
    if (result == SQLITE_DONE) {
        sqlite3_reset(statement_.get());
        return false;
    }
    Error error = own_error(sqlite3_db_handle(statement_.get()), result, "the statement failed");
    sqlite3_reset(statement_.get());
    return error;
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_.get());
}

ValueView Statement::column(int index) const {
    return column_view(statement_.get(), index);
}

std::int64_t Statement::integer(int index) const {
    return sqlite3_column_int64(statement_.get(), index);
}

std::string Statement::text(int index) const {
    const unsigned char* bytes = sqlite3_column_text(statement_.get(), index);
    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), index));
    return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), length);
}

int Statement::column_count() const {
    return sqlite3_column_count(statement_.get());
}

std::string Statement::column_name(int index) const {
    const char* name = sqlite3_column_name(statement_.get(), index);
    return name == nullptr ? std::string() : std::string(name);
}

Result<Database> Database::open(const std::string& path, OpenMode mode,
                                std::chrono::milliseconds busy_timeout) {
    std::error_code ignored;
    if (mode != OpenMode::create && path != in_memory && !std::filesystem::exists(path, ignored)) {
        return Error{ErrorCode::not_found, "no such database file: " + path};
    }
    // Opening a pipe would wait for its other end for ever.
    if (path != in_memory && std::filesystem::exists(path, ignored) &&
        !std::filesystem::is_regular_file(path, ignored)) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "no regular file: " + path,
                     .native_code = SQLITE_CANTOPEN};
    }
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(path.c_str(), &opened, open_flags(mode), nullptr);
    Database database(opened);
    if (result != SQLITE_OK) {
        return own_error(opened, result, "cannot open " + path);
    }
    const auto longest = std::chrono::milliseconds(std::numeric_limits<int>::max());
    sqlite3_busy_timeout(opened, static_cast<int>(std::min(busy_timeout, longest).count()));
    // Opening is lazy; only reading the schema tells whether this is a database that can be read.
    const int probe = sqlite3_exec(opened, "PRAGMA schema_version", nullptr, nullptr, nullptr);
    if (probe != SQLITE_OK) {
        return own_error(opened, probe, "cannot open " + path);
    }
    return database;
}

Result<void> Database::execute(std::string_view sql) {
    const char* text = sql.data();
    const char* const end = text + sql.size();
    while (text < end) {
        sqlite3_stmt* compiled = nullptr;
        const char* tail = nullptr;
        const auto length = static_cast<int>(end - text);
        const int result = sqlite3_prepare_v3(database_.get(), text, length, 0, &compiled, &tail);
        Statement statement(compiled);
        if (result != SQLITE_OK) {
            return compile_error(database_.get(), result);
        }
        if (tail <= text) {
            return Error{ErrorCode::invalid_argument, "the statement holds a NUL character"};
        }
        text = tail;
        bool more = compiled != nullptr;
        while (more) {
            MAJED_TRY_ASSIGN(more, statement.step());
        }
    }
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* compiled = nullptr;
    const char* tail = nullptr;
    const int result =
        sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()), 0, &compiled, &tail);
    Statement statement(compiled);
    if (result != SQLITE_OK) {
        return compile_error(database_.get(), result);
    }
    if (compiled == nullptr) {
        return Error{ErrorCode::invalid_argument, "there is no statement in the text"};
    }
    if (!holds_no_statement(database_.get(), tail, sql.data() + sql.size())) {
        return Error{ErrorCode::invalid_argument, "there is more than one statement in the text"};
    }
    return statement;
}

std::int64_t Database::last_insert_rowid() const noexcept {
    return sqlite3_last_insert_rowid(database_.get());
}

bool Database::moved() const noexcept {
    return has_moved(database_.get(), "main");
}

std::int64_t Database::changes() const noexcept {
    return sqlite3_changes64(database_.get());
}

}  // namespace majed::driver::sqlite
