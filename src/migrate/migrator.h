/// Runs migrations on one database, alone: locked, recorded, and whole or not at all where the engine can.
///
/// Why      Two deployments start at once, a process is killed in the middle, a file was edited after it ran: each must end
///          with every migration applied exactly once, or with a clear refusal.
/// Life     Over migrations and a driver that outlive it; opens its own connections for each call.
/// Threads  One thread at a time; any number of processes.
/// Not here What the operator sees (cli/), the audit of a run (cli/, app/), the backup of the primary store (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "core/result.h"
#include "driver/driver.h"
#include "migrate/dialect.h"
#include "migrate/migration.h"
#include "migrate/picture.h"
#include "migrate/plan.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace majed::migrate {

struct MigratorOptions {
    Dialect dialect = Dialect::sqlite;
    std::string applied_by = {};                           ///< For the ledger: `ann@build7`.
    std::string tool_version = {};                         ///< For the ledger.
    std::chrono::milliseconds lock_wait{60000};            ///< For another run to end.
    std::chrono::milliseconds statement_timeout{3600000};  ///< Of one statement.
    /// SQLite: the database's file; beside it `FILE-migrating` is there, and locked, while migrations run.
    std::string sqlite_file = {};
};

enum class Direction : std::uint8_t { up, down };

/// One migration of a run.
struct MigrationOutcome {
    std::string key = {};
    std::string description = {};
    std::string file = {};
    Direction direction = Direction::up;
    std::size_t statements_total = 0;
    std::size_t statements_applied = 0;  ///< Of this run and, when resumed, those before.
    std::size_t resumed_at = 0;          ///< Statement it went on from, from 1; 0: from the beginning.
    bool stepwise = false;
    bool executed = true;  ///< False in a dry run where the engine cannot take it back: planned only.
    std::chrono::milliseconds duration{0};
    std::optional<Error> failure = {};  ///< Its message names file, line and statement.
};

struct RunReport {
    std::vector<MigrationOutcome>
        outcomes;  ///< In order; the last may carry a failure; what would follow is not there.
    bool dry_run = false;
    std::string schema_hash = {};  ///< At the end; empty in a dry run.

    [[nodiscard]] const Error* failure() const noexcept {
        return outcomes.empty() || !outcomes.back().failure ? nullptr : &*outcomes.back().failure;
    }
};

struct StatusReport {
    bool has_ledger = false;
    std::vector<MigrationStatus> statuses;  ///< Refer to the migrator's migrations.
    std::string current = {};               ///< Greatest version applied or declared; empty: none.
};

struct VerifyReport {
    std::vector<MigrationStatus> statuses;
    std::vector<SchemaDifference> drift;  ///< From the schema as it was after the last run.
    bool has_picture = false;             ///< False: no run has left one; drift cannot be told.
};

struct UpOptions {
    std::optional<Version> to = {};
    bool dry_run = false;
    bool allow_out_of_order = false;
    bool allow_drift = false;
    /// With `to`: runs that migration again though the ledger has it (the specification's `force`).
    bool force = false;
};

struct DownOptions {
    std::optional<Version> to = {};  ///< Everything above it; `0`: all. Absent: the last alone.
    bool dry_run = false;
};

/// Told while a run goes on, by its thread. Each may be left as it is.
class RunObserver {
public:
    RunObserver() = default;
    RunObserver(const RunObserver&) = delete;
    RunObserver& operator=(const RunObserver&) = delete;
    virtual ~RunObserver() = default;
    virtual void waiting() {}  ///< Once: another run holds the lock.
    virtual void began(const Migration& migration, Direction direction) {
        static_cast<void>(migration), static_cast<void>(direction);
    }
    /// Before statement `number` of `total`, from 1.
    virtual void statement(std::size_t number, std::size_t total) {
        static_cast<void>(number), static_cast<void>(total);
    }
    virtual void ended(const MigrationOutcome& outcome) { static_cast<void>(outcome); }
};

/// How a person settles a stepwise migration that is in doubt or failed.
enum class Resolution : std::uint8_t {
    applied,      ///< The doubtful statement did happen.
    not_applied,  ///< It did not: `up` runs it.
};

struct RepairOptions {
    /// Absent: takes up the bytes of files that differ cosmetically and, with `accept_changes`, in their tokens; forgets
    /// rows of files that are gone with `forget_missing`; takes a new picture of the schema with `accept_drift`.
    std::optional<std::string> key = {};
    Resolution resolution = Resolution::not_applied;  ///< With `key`.
    bool accept_changes = false;
    bool forget_missing = false;
    bool accept_drift = false;
};

struct RepairReport {
    std::vector<std::string> done;  ///< A sentence each; empty: nothing was to be repaired.
};

class Migrator {
public:
    /// `connections` opens with read and write access.
    Migrator(std::vector<Migration> migrations, driver::Driver& connections, MigratorOptions options);

    /// Reads only; a database without a ledger gets none.
    [[nodiscard]] Result<StatusReport> status();
    [[nodiscard]] Result<VerifyReport> verify();

    /// A failing statement is in the report; an Error means that nothing ran: conflict (see check_runnable; the schema drifted; a
    /// database with objects and without ledger), unavailable, timeout (the lock), not_found (`to` is no version here).
    [[nodiscard]] Result<RunReport> up(const UpOptions& options, RunObserver& observer);
    [[nodiscard]] Result<RunReport> down(const DownOptions& options, RunObserver& observer);

    /// Declares `version`, and everything below it, to be there. Errors: conflict (something is recorded already).
    [[nodiscard]] Result<void> baseline(const Version& version, const std::string& description);
    [[nodiscard]] Result<RepairReport> repair(const RepairOptions& options);

    [[nodiscard]] const std::vector<Migration>& migrations() const noexcept { return migrations_; }

private:
    std::vector<Migration> migrations_;
    driver::Driver& connections_;
    MigratorOptions options_;
};

}  // namespace majed::migrate
