/// One statement of a migration: run as its file has it, and what is said when it fails.
///
/// Why      Whoever wrote the migration needs file, line, the engine's code and its own words, in one message.
/// Life     Free functions.
/// Threads  As the session.
/// Not here The transaction around it (transactional_run.h, stepwise_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "core/result.h"
#include "migrate/migration.h"
#include "migrate/migrator.h"
#include "migrate/run_session.h"
#include "migrate/script.h"

#include <cstddef>
#include <string>
#include <vector>

namespace majed::migrate {

/// One migration in one direction.
struct Job {
    const Migration* migration = nullptr;
    Direction direction = Direction::up;
    /// What the ledger has of it, and its id; state and counts are set by the run.
    LedgerRow row = {};
    std::vector<LedgerRow> known = {};  ///< The ledger as it was when this was decided.

    [[nodiscard]] const Script& script() const noexcept {
        return direction == Direction::down && migration->down ? *migration->down : migration->up;
    }
    /// Where the statements stand.
    [[nodiscard]] const std::string& file() const noexcept;
    [[nodiscard]] bool stepwise() const noexcept;
    /// SQLite: keys are not enforced while it runs.
    [[nodiscard]] bool foreign_keys_off() const noexcept;
};

[[nodiscard]] MigrationOutcome outcome_of(const Job& job);
/// What the ledger gets of a migration that runs now, and has not got from an earlier run.
[[nodiscard]] LedgerRow row_of(const Migration& migration, const MigratorOptions& options, std::int64_t id);

/// Runs statement `number`, from 1, and tells the observer before. Errors: of the driver, the message made whole:
/// `FILE: line N: statement K of M failed: ...`; code, class and native state are the driver's.
[[nodiscard]] Result<void> run_statement(RunSession& session, const Job& job, std::size_t number);

/// `FILE: ` before what failed around its statements.
[[nodiscard]] Error in_file(const Job& job, Error error);
/// For the ledger: `code: message (state)`.
[[nodiscard]] std::string ledger_text(const Error& error);
/// `applied_by` and tool are those of now.
void sign(LedgerRow& row, const MigratorOptions& options);

}  // namespace majed::migrate
