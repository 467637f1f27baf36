/// One migration statement by statement, its progress written down, so that another run can go on where it ended.
///
/// Why      Some statements cannot be in a transaction, and Oracle commits each change of a schema: then half a migration can
///          stay, and the ledger must say which half.
/// Life     Free functions.
/// Threads  As the session, which holds the lock of the run.
/// Not here Migrations that are one transaction (transactional_run.h).
///
/// A statement that fits in a transaction is in one with its progress. One that does not is announced first
/// (`statement_begun`), committed, then run, then counted: when its end was not seen, a person decides whether it happened.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/ledger_row.h"
#include "migrate/migrator.h"
#include "migrate/run_session.h"
#include "migrate/script.h"
#include "migrate/statement_step.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace majed::migrate {

/// The row is that of an undoing which has not ended.
[[nodiscard]] bool is_undoing(const LedgerRow& row) noexcept;
/// Begun and not ended, in either direction.
[[nodiscard]] bool is_unfinished(const LedgerRow& row) noexcept;

/// Of the first `count` statements, in order; of an undoing it says so.
[[nodiscard]] std::string progress_digest(const Script& script, std::size_t count, Direction direction);

/// Errors: conflict: a statement that ran was changed since, or there are fewer than ran.
[[nodiscard]] Result<void> check_progress(const Job& job);

/// From the beginning, or, when `job.row` is unfinished, from where it ended. Leaves no transaction open.
/// Errors: of a statement, made whole; of the ledger; conflict as check_progress.
[[nodiscard]] Result<void> run_stepwise(RunSession& session, Job job, MigrationOutcome& outcome);

}  // namespace majed::migrate
