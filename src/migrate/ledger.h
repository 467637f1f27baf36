/// The tables in which a database remembers its migrations: `schema_migrations`, and the picture of the last run.
///
/// Why      One place knows how the ledger is spelled on each engine; everything else sees rows.
/// Life     Over a connection that outlives it. Holds nothing of the tables.
/// Threads  As the connection.
/// Not here When what is written, and in which transaction (transactional_run.h, stepwise_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/connection.h"
#include "migrate/dialect.h"
#include "migrate/ledger_row.h"
#include "migrate/picture.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

/// Which of the tables are there.
struct LedgerTables {
    bool rows = false;
    bool picture = false;
};

class Ledger {
public:
    /// `schema` is where the tables lie: PostgreSQL's; SQLite's `main`; empty for Oracle: where the session is.
    Ledger(Dialect dialect, driver::Connection& connection, std::string_view schema);

    /// Errors: conflict (a table `schema_migrations` of another tool), and those of the driver.
    [[nodiscard]] Result<LedgerTables> tables(Deadline deadline);
    /// Makes those that are not there. On Oracle this commits.
    [[nodiscard]] Result<void> create(const LedgerTables& present, Deadline deadline);

    /// By id. Errors: of the driver; conflict (a row says what no version of this program writes).
    [[nodiscard]] Result<std::vector<LedgerRow>> rows(Deadline deadline);

    /// Writes all of the row of its version, `applied_at` by the clock of the database. Errors: of the driver; conflict
    /// (a trigger or rule of the database kept it from being written).
    [[nodiscard]] Result<void> write(const LedgerRow& row, Deadline deadline);
    /// Of a row that is there: state, statements applied and begun, digest, error. `applied_at` stays.
    /// Errors: conflict (the row is gone), and those of the driver.
    [[nodiscard]] Result<void> write_progress(const LedgerRow& row, Deadline deadline);
    /// Of a row that is there: both checksums and the digest.
    [[nodiscard]] Result<void> write_checksums(const LedgerRow& row, Deadline deadline);
    [[nodiscard]] Result<void> forget(const std::string& version, Deadline deadline);

    /// As the last run left it.
    [[nodiscard]] Result<SchemaPicture> picture(Deadline deadline);
    /// Writes what differs from the one that is kept.
    [[nodiscard]] Result<void> keep(const SchemaPicture& picture, Deadline deadline);

private:
    [[nodiscard]] Result<std::vector<std::string>> columns(std::string_view table, Deadline deadline);
    [[nodiscard]] Result<void> confirm(const LedgerRow& row, Deadline deadline);
    [[nodiscard]] Result<void> update(std::string_view assignments, const LedgerRow& row, Deadline deadline);
    [[nodiscard]] Result<void> delete_objects(std::span<const SchemaDifference> changed, Deadline deadline);
    [[nodiscard]] Result<void> insert_objects(std::span<const SchemaDifference> changed, Deadline deadline);
    [[nodiscard]] std::string mark(std::size_t position) const;

    Dialect dialect_;
    driver::Connection& connection_;
    std::string schema_;
    std::string rows_table_;
    std::string objects_table_;
};

/// `2026-11-23T14:00:00.123Z` from what the engines give: an offset, a `Z`, or neither, which is UTC. What is not
/// understood is answered as it is.
[[nodiscard]] std::string utc_text(std::string_view timestamp);

}  // namespace majed::migrate
