/// Files against ledger: the state of every migration, and what stands in the way of the next run. Pure.
///
/// Why      What is to run is decided in one place without a database, so that every combination can be tested.
/// Life     Values.
/// Threads  Values.
/// Not here Reading either side (migration.h, ledger.h); acting on it (migrator.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/ledger_row.h"
#include "migrate/migration.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

enum class MigrationState : std::uint8_t {
    pending,  ///< Will run at the next `up`. Also one that was undone.
    applied,  ///< Ran; file and ledger agree.
    cosmetic,  ///< Ran; the file's bytes differ, its tokens do not. A warning; `repair` takes the new bytes up.
    changed,       ///< Ran; the tokens of the file differ. Blocks.
    outdated,      ///< A repeatable one whose tokens differ from those that ran: will run again.
    out_of_order,  ///< Pending below one that ran. Blocks unless allowed.
    missing,  ///< In the ledger; its file is gone. Blocks, unless nothing remains to be done: see `blocks`.
    failed,   ///< Stepwise, a statement failed: `up` goes on there (`down` when its undoing failed).
    interrupted,  ///< Stepwise, its process died between two statements: `up` goes on there.
    in_doubt,  ///< Stepwise, its process died while a statement ran that may or may not have happened. Blocks; a person resolves it.
    future,    ///< Ran; above every file here: the ledger was written by a newer program or folder. Blocks.
    baseline,  ///< The row of a baseline.
    below_baseline  ///< A file at or below the baseline: never runs.
};

/// `pending`, `out_of_order`, ...: as in JSON.
[[nodiscard]] std::string_view name_of(MigrationState state) noexcept;

struct MigrationStatus {
    MigrationState state = MigrationState::pending;
    std::string key = {};  ///< Migration::key or LedgerRow::version.
    std::string description = {};
    const Migration* migration = nullptr;  ///< Absent: no file.
    std::optional<LedgerRow> row = {};     ///< Absent: never ran.
};

/// All of both sides: versioned by version, then repeatable by name. `migrations` must outlive the answer.
[[nodiscard]] std::vector<MigrationStatus> compare(std::span<const Migration> migrations,
                                                   std::span<const LedgerRow> ledger);

struct Allowances {
    bool out_of_order = false;
};

/// It stands in the way of a run: changed, missing, in doubt, future, out of order unless allowed, or its undoing has not
/// ended. A missing one does not when it was undone, or is a repeatable one that ran whole: taken away on purpose.
[[nodiscard]] bool blocks(const MigrationStatus& status, const Allowances& allowances);

/// The ledger says that taking it back began and has not ended: `down` goes on there, `up` must not.
[[nodiscard]] bool is_being_undone(const MigrationStatus& status) noexcept;

/// What makes a run impossible: conflict, naming each migration with its state and, as hint, the way out.
[[nodiscard]] Result<void> check_runnable(std::span<const MigrationStatus> statuses,
                                          const Allowances& allowances);

/// What `up` would run, in order: pending (and allowed out of order, failed, interrupted) up to and with `to`, then, when
/// `to` is absent or nothing versioned is left above it, outdated and pending repeatable ones. Failed and interrupted ones
/// go on behind what ran of them; a pending or outdated one begins at its first statement, whatever its row says.
[[nodiscard]] std::vector<const MigrationStatus*> to_apply(std::span<const MigrationStatus> statuses,
                                                           const std::optional<Version>& to,
                                                           const Allowances& allowances);

/// What `down` would take back, greatest version first, since that is how they depend on each other whatever the order
/// in which they ran: everything applied above `to`; without `to` the greatest alone.
/// Errors: unsupported (one of them has no way down; names it), conflict (one is changed, failed, in doubt, missing or lies at or below a baseline),
/// not_found (`to` is no version that is applied, nor `0`).
[[nodiscard]] Result<std::vector<const MigrationStatus*>> to_undo(std::span<const MigrationStatus> statuses,
                                                                  const std::optional<Version>& to);

}  // namespace majed::migrate
