/// A SQLite connection for the program's own statements: a reader that cannot write, or the one writer of a file.
///
/// Why      SQLite behind the face that PostgreSQL and Oracle have; tests/contract holds all three to it.
/// Life     Made by SqliteDriver; closes the file in its destructor.
/// Threads  One thread at a time; `interrupt` from any.
/// Not here That there is one writer only: the writer gate of source/. Users' statements: governed_session.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/lru_cache.h"
#include "driver/connection.h"
#include "driver/driver.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/run_control.h"
#include "driver/sqlite/statement_parameters.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace majed::driver::sqlite {

class SqliteConnection final : public driver::Connection {
public:
    /// A reader is opened read-only and stays so. A writer sets WAL. Neither makes a file.
    /// Both are defensive and do not trust the schema. Errors: not_found, unavailable, timeout.
    [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path,
                                                                        Access access,
                                                                        std::size_t cached_statements,
                                                                        Deadline deadline);

    [[nodiscard]] Result<StatementDescription> prepare(std::string_view sql, Deadline deadline) override;
    [[nodiscard]] Result<RunSummary> execute(std::string_view sql, const Parameters& parameters,
                                             const RunLimits& limits, RowSink& sink) override;
    [[nodiscard]] Result<BatchSummary> execute_many(std::string_view sql,
                                                    std::span<const std::vector<Value>> rows,
                                                    Deadline deadline) override;
    /// A read_write transaction takes the write lock at once (BEGIN IMMEDIATE): a reader that becomes a writer
    /// half way fails however long it waits.
    [[nodiscard]] Result<void> begin(TransactionMode mode, Deadline deadline) override;
    [[nodiscard]] Result<void> commit(Deadline deadline) override;
    [[nodiscard]] Result<void> rollback(Deadline deadline) override;
    [[nodiscard]] bool in_transaction() const noexcept override;
    /// SQLite has nobody to tell: kept for `identity()` only.
    [[nodiscard]] Result<void> identify(const SessionIdentity& identity, Deadline deadline) override;
    [[nodiscard]] std::string last_message() const override { return last_message_; }

    [[nodiscard]] Result<void> ping(Deadline deadline) override;
    [[nodiscard]] Result<void> reset(Deadline deadline) override;
    void interrupt() noexcept override { control_.cancel(); }
    [[nodiscard]] bool reusable() const noexcept override { return condition_ == Condition::sound; }
    void abandon() noexcept override;

    [[nodiscard]] const SessionIdentity& identity() const noexcept { return identity_; }
    /// For this folder: the catalogue is read with it.
    [[nodiscard]] Database& database() noexcept { return database_; }
    /// Work that follows runs until `deadline`; for callers of `database()`.
    void begin_work(Deadline deadline) noexcept { control_.begin(deadline); }

private:
    enum class Condition {
        sound,
        tainted,  ///< Something of this user lasts: not to be lent again.
        lost,     ///< The file cannot be trusted: nothing runs any more.
    };
    struct Prepared {
        std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
        StatementParameters parameters;
        bool lasts =
            false;  ///< A PRAGMA, ATTACH or temporary object: the connection is not lent again after it.
        bool changes_rows = false;  ///< INSERT, UPDATE or DELETE, and nothing else.
    };
    /// What the authorizer was told while a statement was compiled.
    struct Noted {
        bool lasting = false;
        bool rows = false;
        bool schema = false;
    };
    static int note(void* noted, int action, const char* name, const char* value, const char*, const char*);

    SqliteConnection(Database database, Access access, std::size_t cached_statements);
    [[nodiscard]] Result<void> configure();
    [[nodiscard]] Result<Prepared*> prepared(std::string_view sql);
    [[nodiscard]] Result<Prepared> compile(std::string_view sql);
    [[nodiscard]] Result<RunSummary> stream(sqlite3_stmt* statement, const RunLimits& limits, RowSink& sink);
    [[nodiscard]] Result<void> announce(sqlite3_stmt* statement, RowSink& sink);
    [[nodiscard]] Result<void> hand_out(sqlite3_stmt* statement, std::uint64_t& bytes_left, RowSink& sink);
    [[nodiscard]] Result<void> run_rows(Prepared& statement, std::span<const std::vector<Value>> rows);
    /// Opens a piece of work; refuses it on a lost connection.
    [[nodiscard]] Result<void> start(Deadline deadline);
    [[nodiscard]] Result<void> run_own(const char* sql);
    [[nodiscard]] Error failure(int native, std::string_view doing);

    RunControl control_;
    Database database_;  ///< After the control it calls while it works.
    Access access_;
    LruCache<std::string, Prepared> cache_;
    std::vector<ValueView> cells_;
    SessionIdentity identity_;
    std::string last_message_;
    Noted noted_;
    bool queries_only_ = false;  ///< Set for the length of a read-only transaction of a writer.
    Condition condition_ = Condition::sound;
};

}  // namespace majed::driver::sqlite
