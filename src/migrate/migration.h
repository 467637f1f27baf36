/// Migrations as their authors wrote them: a folder of files, or texts built into the program, read and checked whole.
///
/// Why      Every mistake in a folder is found before the first statement of the first file runs.
/// Life     Values.
/// Threads  Values.
/// Not here Which of them ran (ledger.h), which are to run (plan.h), running them (migrator.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/dialect.h"
#include "migrate/script.h"
#include "migrate/version.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

/// A file of a folder of migrations, by its name and its exact bytes.
struct MigrationText {
    std::string file;  ///< `001_create_users_table.sql`, without its folder.
    std::string bytes;
    /// Why its bytes could not be had (`is a folder`); read_migrations says it with the other mistakes.
    std::string refusal = {};
};

struct Migration {
    /// Absent for a repeatable one.
    std::optional<Version> version = {};
    /// What the ledger knows it by: the version's text, or `R__name`.
    std::string key = {};
    std::string description = {};  ///< `create_users_table`.
    std::string file = {};
    Script up = {};
    /// Absent: there is none, or it has no statement though `up` has some (a forgotten one must not count as undone).
    std::optional<Script> down = {};
    std::string down_file = {};  ///< Where `down` stands: `file`, or its `.down.sql`.
    std::string checksum =
        {};  ///< SHA-256 of the exact bytes of its file, 64 hex digits. A `.down.sql` is not part of it.
    std::string tokens_checksum = {};  ///< `t1:` and the tokens digest of `up`: `t1` names the algorithm.
    /// `-- majed:no-transaction` stands in its head, or a statement of `up` cannot run in a transaction: it runs
    /// statement by statement, its progress written down. On Oracle always.
    bool stepwise = false;
    /// `-- majed:foreign-keys off` (SQLite): keys are not enforced while it runs, and checked whole before it commits.
    bool foreign_keys_off = false;
    /// The same two of the way down: its directives stand in its own head.
    bool down_stepwise = false;
    bool down_foreign_keys_off = false;

    [[nodiscard]] bool repeatable() const noexcept { return !version; }
};

/// Names: `<version>_<description>.sql`, `<version>_<description>.down.sql` for its undoing, `R__<description>.sql` for a
/// repeatable one, which has no way down; other files are refused unless their name ends otherwise than `.sql`.
/// Within a file a line `-- majed:down` begins the part that undoes it, `-- majed:up` the part that does it, each once;
/// what stands before the first of them belongs to `up`. A line that only looks like one, inside a text, a comment, a body
/// or the rows of a COPY, is none. `-- majed:no-transaction` and `-- majed:foreign-keys off` stand before the first
/// statement of their part.
/// Texts are UTF-8; a BOM is dropped; an empty file is a migration that does nothing. Offsets and lines are those of the file.
/// Answer: versioned ones by version, then repeatable ones by name.
/// Errors: invalid_argument, every mistake on a line of its own: `FILE: line N: what`; two of one version; a down part
/// twice; transaction control inside a file; a directive that is not known.
[[nodiscard]] Result<std::vector<Migration>> read_migrations(Dialect dialect,
                                                             std::span<const MigrationText> texts);

/// Reads the files of `folder` (not of folders in it) that end in `.sql`, by name; hidden ones are left out, links to
/// files are followed, what is no regular file has a refusal.
/// Errors: not_found, unavailable, too_large (one file over 64 MiB, all over 512 MiB, more than 100000 of them).
[[nodiscard]] Result<std::vector<MigrationText>> read_folder(const std::string& folder);

/// What `majed migrate new` writes: the path of the new file. The version is one more than the greatest of the folder,
/// with as many digits (`003`); the first is `001`. `description` is folded to `[a-z0-9_]`. A folder that is not there is
/// made. Of several at once each gets a version of its own.
/// Errors: invalid_argument (nothing is left of the description, a name in the folder is no migration's, or the greatest
/// version has no successor), not_found (the folder around it), conflict (others were faster again and again), unavailable.
[[nodiscard]] Result<std::string> write_new_migration(const std::string& folder,
                                                      std::string_view description);

}  // namespace majed::migrate
