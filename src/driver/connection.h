/// One connection for statements of the program itself: catalogue, health, migrations, identity. Never a user's text, but for
/// an administrator's about the schema, whose form is known (gateway/administration.h).
///
/// Why      One way to talk to SQLite, PostgreSQL and Oracle: what differs between them is behind this, and the same
///          suite (tests/contract) holds every driver to it.
/// Life     Made by a Driver. Closed by its destructor.
/// Threads  One thread at a time; `interrupt` from any.
/// Not here Users' statements (session.h), pooling (pool/).
///
/// Every error carries `failure`, `native_code` and, where the database has one, `native_state`. `message` holds no
/// text of the database, which may show rows. After a failure of class lost, in_doubt, or a timeout that the server did
/// not confirm, `reusable()` is false. No call outlasts its deadline by more than a quarter of a second.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/lendable.h"
#include "driver/result_column.h"
#include "driver/run.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::driver {

struct StatementDescription {
    std::vector<ResultColumn> columns;  ///< Empty when it answers no rows.
    std::size_t parameter_count = 0;
    std::vector<std::string>
        parameter_names;  ///< In order of position, without sign; empty names where it has none.
};

enum class TransactionMode { read_only, read_write };

/// Who stands behind the work, as the database shows and logs it. All text; empty fields are not set.
struct SessionIdentity {
    std::string client;  ///< PostgreSQL: setting `majed.client`. Oracle: CLIENT_IDENTIFIER.
    std::string module;  ///< PostgreSQL: part of application_name. Oracle: MODULE.
    std::string action;  ///< Likewise; Oracle: ACTION.
    /// For policies inside the database. PostgreSQL: `majed.<name>`. Oracle: CLIENT_INFO as JSON.
    std::vector<std::pair<std::string, std::string>> attributes;
};

struct BatchSummary {
    std::uint64_t rows_affected = 0;
};

class Connection : public Lendable {
public:
    /// Compiles one statement, keeps it in the statement cache, and says what it takes and gives. Parameters are written
    /// `?` or `:name` (SQLite), `$1` or `:name` (PostgreSQL), `:1` or `:name` (Oracle).
    /// Errors: invalid_argument (with `offset`), unavailable, timeout, cancelled.
    [[nodiscard]] virtual Result<StatementDescription> prepare(std::string_view sql, Deadline deadline) = 0;

    /// Runs one statement; hands its rows to `sink` in the order the database gives them. Ends at max_rows with
    /// `truncated`, and leaves nothing of the statement running.
    /// Outside a transaction INSERT, UPDATE and DELETE are done wholly or not at all, the sink's refusal included. Inside
    /// one, what would commit it without `commit` is refused, or `in_transaction` tells.
    /// Errors: invalid_argument (statement, parameters, values), conflict (constraint, lock, serialisation), timeout,
    /// cancelled, too_large (max_bytes), unsupported (write where only reading is possible), unavailable, in_doubt;
    /// and what the sink answers.
    [[nodiscard]] virtual Result<RunSummary> execute(std::string_view sql, const Parameters& parameters,
                                                     const RunLimits& limits, RowSink& sink) = 0;

    /// Runs a DML statement, and nothing else, once for each row of positional parameters, in as few round trips as the engine allows,
    /// all or nothing: outside a transaction it opens one of its own, inside one a savepoint. The message of an error says
    /// which row failed first, counted from 1, where the engine tells. Errors: as execute.
    [[nodiscard]] virtual Result<BatchSummary> execute_many(std::string_view sql,
                                                            std::span<const std::vector<Value>> rows,
                                                            Deadline deadline) = 0;

    /// Runs a `COPY ... FROM STDIN` and gives it `rows` as its data, in the format the statement says; the answer counts
    /// the rows. PostgreSQL only. Errors: as execute; invalid_argument (not such a COPY), unsupported (other engines).
    [[nodiscard]] virtual Result<BatchSummary> copy_rows(std::string_view sql, std::string_view rows,
                                                         Deadline deadline) {
        static_cast<void>(sql);
        static_cast<void>(rows);
        static_cast<void>(deadline);
        return Error{ErrorCode::unsupported, "COPY is a statement of PostgreSQL"};
    }

    /// Errors: invalid_argument (one is open already), unsupported (read_write on a read-only connection), conflict
    /// (the lock was not to be had), unavailable, timeout.
    [[nodiscard]] virtual Result<void> begin(TransactionMode mode, Deadline deadline) = 0;
    /// Errors: in_doubt (the reply was lost), conflict (deferred constraint, serialisation: it is rolled back),
    /// invalid_argument (none is open), unavailable, timeout.
    [[nodiscard]] virtual Result<void> commit(Deadline deadline) = 0;
    /// Harmless when none is open. Errors: unavailable, timeout.
    [[nodiscard]] virtual Result<void> rollback(Deadline deadline) = 0;
    [[nodiscard]] virtual bool in_transaction() const noexcept = 0;

    /// What the database itself said when the last call failed, in its own words; empty when it said nothing, or the
    /// driver keeps nothing. It may show names and values: only for the person who wrote the statement (migrations), never
    /// for a log, an audit record, or an error of a user's statement.
    [[nodiscard]] virtual std::string last_message() const { return {}; }

    /// Sets who the work is for; inside a transaction for that transaction (PostgreSQL: SET LOCAL), else until reset.
    /// Errors: unavailable, timeout, invalid_argument (a name the database cannot hold, or twice the same).
    [[nodiscard]] virtual Result<void> identify(const SessionIdentity& identity, Deadline deadline) = 0;
};

}  // namespace majed::driver
