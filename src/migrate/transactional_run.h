/// One migration whole: its statements, the picture and the ledger's row in the transaction that is open.
///
/// Why      What is one transaction is there or not; no third state needs repair.
/// Life     Free functions.
/// Threads  As the session.
/// Not here Beginning and committing (up_run.h, down_run.h; a dry run rolls back), stepwise ones (stepwise_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/migrator.h"
#include "migrate/run_session.h"
#include "migrate/statement_step.h"

namespace majed::migrate {

/// In the open transaction; counts into `outcome`. Errors: of a statement, made whole; of the ledger.
[[nodiscard]] Result<void> run_whole(RunSession& session, const Job& job, MigrationOutcome& outcome);

/// Commits, or rolls back when `done` failed. Errors: `done`'s; in_doubt (with what to do); conflict (a constraint that
/// was put off).
[[nodiscard]] Result<void> end_transaction(RunSession& session, const Job& job, Result<void> done);

}  // namespace majed::migrate
