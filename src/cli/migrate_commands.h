/// `majed migrate ...`: what an operator, or a pipeline, does with the schema of a database.
///
/// Why      Every change of a schema is seen, recorded and told in a form that a program can read too.
/// Life     Functions of their options.
/// Threads  One thread at a time.
/// Not here How migrations are run (migrate/), where they lie and with which login (installation.h, app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

#include <string>

namespace majed::cli {

struct MigrateOptions {
    MigrationChoice choice;
    std::string description;  ///< Of a new migration, or of a baseline.
    std::string to;           ///< Version; empty: as far as there is.
    std::string lock_wait;    ///< `30s`; empty: as configured.
    bool dry_run = false;
    bool allow_out_of_order = false;
    bool allow_drift = false;
    bool force = false;
    bool check = false;  ///< `status`: fails unless everything ran.
    bool accept_changes = false;
    bool forget_missing = false;
    bool accept_drift = false;
    std::string applied;      ///< Version whose statement in doubt did happen.
    std::string not_applied;  ///< Version whose statement in doubt did not happen.
};

[[nodiscard]] Result<void> new_migration(Context& context, const MigrateOptions& options);
/// Errors, with `check`: conflict when something is pending or in the way.
[[nodiscard]] Result<void> show_migrations(Context& context, const MigrateOptions& options);
/// Errors: that of the statement that failed; those of the run.
[[nodiscard]] Result<void> migrate_up(Context& context, const MigrateOptions& options);
[[nodiscard]] Result<void> migrate_down(Context& context, const MigrateOptions& options);
/// Errors: conflict when files, ledger and schema do not agree.
[[nodiscard]] Result<void> verify_migrations(Context& context, const MigrateOptions& options);
[[nodiscard]] Result<void> declare_baseline(Context& context, const MigrateOptions& options);
[[nodiscard]] Result<void> repair_migrations(Context& context, const MigrateOptions& options);

}  // namespace majed::cli
