/// One plain SQLite connection for the program's own files: primary store, audit, tests, demo data.
///
/// Why      sqlite3.h is included in this folder only; others get values and Results.
/// Life     Move-only; closes the connection. A Statement must not outlive its Database.
/// Threads  One thread at a time.
/// Not here Statements of users: governed_session.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace majed::driver::sqlite {

enum class OpenMode { read_only, read_write, create };

struct CloseDatabase {
    void operator()(sqlite3* database) const noexcept;
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
};

/// A prepared statement with positional parameters.
class Statement {
public:
    /// Binds ?1, ?2, ... in order; clears what was bound before. Errors: invalid_argument, too_large.
    [[nodiscard]] Result<void> bind(std::span<const Value> values);
    /// True: a row is there. False: done. Errors: conflict (constraint), unavailable (busy, disk), internal.
    [[nodiscard]] Result<bool> step();
    /// Makes it ready to run again; bindings stay.
    void reset() noexcept;
    /// Cell of the current row; valid until the next step or reset.
    [[nodiscard]] ValueView column(int index) const;
    [[nodiscard]] std::int64_t integer(int index) const;
    [[nodiscard]] std::string text(int index) const;
    [[nodiscard]] int column_count() const;
    [[nodiscard]] std::string column_name(int index) const;

private:
    friend class Database;
    explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
};

class Database {
public:
    /// Errors: not_found (no such file, unless create), unavailable.
    [[nodiscard]] static Result<Database> open(
        const std::string& path, OpenMode mode,
        std::chrono::milliseconds busy_timeout = std::chrono::seconds(5));

    /// Runs every statement of `sql`. Errors: as Statement::step, invalid_argument (does not compile).
    [[nodiscard]] Result<void> execute(std::string_view sql);
    /// Errors: invalid_argument (does not compile, or more than one statement).
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    [[nodiscard]] std::int64_t last_insert_rowid() const noexcept;
    [[nodiscard]] std::int64_t changes() const noexcept;
    /// The path names another file by now, or none: what is written here nobody will find.
    [[nodiscard]] bool moved() const noexcept;
    /// Forgets the connection without closing it: see Lendable::abandon.
    void abandon() noexcept { static_cast<void>(database_.release()); }
    /// For this folder and for tests of this folder only.
    [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }

private:
    explicit Database(sqlite3* database) noexcept : database_(database) {}
    std::unique_ptr<sqlite3, CloseDatabase> database_;
};

}  // namespace majed::driver::sqlite
