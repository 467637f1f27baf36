/// Changes of the ledger that a person asks for: a baseline, and repairs.
///
/// Why      What the program cannot know (whether a statement happened, whether an edit was meant) a person says here, and
///          nowhere by editing tables.
/// Life     Free functions; each takes the lock of a run.
/// Threads  One.
/// Not here Running migrations (up_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/migrator.h"
#include "migrate/run_session.h"
#include "migrate/version.h"

#include <string>

namespace majed::migrate {

/// As Migrator::baseline and Migrator::repair.
[[nodiscard]] Result<void> run_baseline(const Surroundings& surroundings, const Version& version,
                                        const std::string& description);
/// Further errors: not_found (no row, or no file, for the key), conflict (there is nothing to settle).
[[nodiscard]] Result<RepairReport> run_repair(const Surroundings& surroundings, const RepairOptions& options);

}  // namespace majed::migrate
