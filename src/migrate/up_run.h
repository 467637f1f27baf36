/// One `up`: what is pending, in order, each decided again under the lock.
///
/// Why      Another process may have run what was pending when we looked; only the ledger inside the transaction knows.
/// Life     One call of the migrator.
/// Threads  One.
/// Not here How one migration runs (transactional_run.h, stepwise_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/migrator.h"
#include "migrate/run_session.h"

namespace majed::migrate {

/// As Migrator::up and Migrator::down.
[[nodiscard]] Result<RunReport> run_up(const Surroundings& surroundings, const UpOptions& options);
[[nodiscard]] Result<RunReport> run_down(const Surroundings& surroundings, const DownOptions& options);

/// A run may begin here: no objects without a ledger, and no drift since the last run. With a migration half done drift
/// cannot be told. Errors: conflict.
enum class Drift { refused, allowed };
[[nodiscard]] Result<void> check_start(RunSession& session, const KnownState& known, Drift drift);

/// Ends a report: what failed around a migration belongs to it, or, when nothing ran, is the answer.
[[nodiscard]] Result<RunReport> conclude(RunReport report, const Result<void>& done, const Migration* at,
                                         Direction direction);

}  // namespace majed::migrate
