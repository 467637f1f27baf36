/// Makes the primary store, and brings one of an older program up to this one, by the migrations built in.
///
/// Why      A new program must not write to a store it does not know, and a store must be recoverable as it was before.
/// Life     Free functions over a file.
/// Threads  Any; any number of processes.
/// Not here The migrations (`migrations/primary`), running them (migrate/), what an upgrade is recorded as
///          (primary_upgrade_record.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"
#include "migrate/migration.h"
#include "migrate/migrator.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace majed::app {

/// What became of a store. `run` has no outcomes when nothing was pending.
struct PrimaryUpgrade {
    migrate::RunReport run = {};
    std::int64_t from = 0;    ///< Version of the store before.
    std::int64_t to = 0;      ///< And now: less than the program's when `run` failed.
    std::string backup = {};  ///< Path of the copy of the store as it was; empty: nothing was pending.
    bool adopted = false;     ///< It was made before there were migrations.
};

/// Those of `store::primary_migrations()`, checked. Errors: internal.
[[nodiscard]] Result<std::vector<migrate::Migration>> primary_migrations();

/// What migrates one store, with what it opens its connections with.
struct PrimaryMigrator {
    std::unique_ptr<driver::Driver> driver;
    std::unique_ptr<migrate::Migrator> migrator;
};

/// For looking at a store, and for what `upgrade_primary` does not do. `options` without dialect and file.
/// Errors: invalid_argument, internal.
[[nodiscard]] Result<PrimaryMigrator> primary_migrator(const std::string& path,
                                                       migrate::MigratorOptions options);

/// Makes a new store, for its owner alone. `program` is the version of the program, for the ledger.
/// Errors: conflict (there is a file of that name), unavailable.
[[nodiscard]] Result<void> create_primary(const std::string& path, const std::string& program);

/// Runs what is pending, after a backup beside the store: `majed.db.before-005`, or the first of `-2`, `-3`... that is free.
/// Several at once: one does it, the others wait for it and find nothing pending. Nothing pending: nothing is written or locked.
/// A migration that failed is in the report, and has changed nothing. An Error means that nothing was changed: not_found,
/// unsupported (not a primary store), conflict (left by a newer program; its ledger does not fit), unavailable (also: the
/// backup failed), timeout (another upgrade goes on for minutes).
[[nodiscard]] Result<PrimaryUpgrade> upgrade_primary(const std::string& path, const std::string& program,
                                                     migrate::RunObserver& observer);

/// Copies a store beside itself as it is now: `majed.db.before-down`, or the first of `-2`, `-3`... that is free. Answers the
/// path. Errors: unavailable (nothing is left behind), timeout.
[[nodiscard]] Result<std::string> back_up_primary(const std::string& path, const std::string& before);

}  // namespace majed::app
