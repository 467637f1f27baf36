// SPDX-License-Identifier: Apache-2.0
#include "app/primary_migration.h"

#include "app/applied_by.h"
#include "app/drivers.h"
#include "app/folder_lock.h"
#include "app/placed_file.h"
#include "driver/sqlite/backup.h"
#include "driver/sqlite/database.h"
#include "migrate/ledger_tables.h"
#include "store/primary_migrations.h"
#include "store/store_version.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace majed::app {
namespace {

namespace fs = std::filesystem;
using driver::sqlite::Database;
using driver::sqlite::OpenMode;

/// A store of before there were migrations says 1 of itself, and holds what 001 to 004 make, but for some indexes.
constexpr std::int64_t version_before_migrations = 1;
constexpr std::string_view adopted_version = "004";
/// Of another upgrade: with its backup it may take as long as copying the store does.
constexpr std::chrono::minutes longest_wait{10};
constexpr int most_backups = 10000;

struct Look {
    std::int64_t version = 0;
    bool has_ledger = false;
    bool has_all_tables = false;  ///< Those that 001 to 004 make.

    [[nodiscard]] bool is_current() const { return version == store::program_version(); }
    [[nodiscard]] bool is_adoptable() const {
        return version == version_before_migrations && !has_ledger && has_all_tables;
    }
};

Result<std::int64_t> count_tables(Database& connection, const std::string& names) {
    MAJED_TRY_ASSIGN(
        auto statement,
        connection.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN (" + names +
                           ")"));
    MAJED_TRY(statement.step());
    return statement.integer(0);
}

/// Errors: conflict (left by a newer program), unsupported (not a primary store), and those of the database.
Result<Look> look_at(const std::string& path) {
    // Who may write folds a log that was left behind into the file when it closes. This look changes nothing.
    std::error_code absent;
    const bool has_log = fs::exists(path + "-wal", absent);
    MAJED_TRY_ASSIGN(Database connection,
                     Database::open(path, has_log ? OpenMode::read_only : OpenMode::read_write));
    Look look;
    MAJED_TRY_ASSIGN(look.version, store::stored_version(connection, path));
    MAJED_TRY(store::refuse_newer(look.version));
    MAJED_TRY_ASSIGN(const auto ledgers,
                     count_tables(connection, "'" + std::string(migrate::ledger_table) + "'"));
    MAJED_TRY_ASSIGN(
        const auto tables,
        count_tables(connection, "'users', 'integration_clients', 'user_attributes', 'audit_log'"));
    look.has_ledger = ledgers == 1;
    look.has_all_tables = tables == 4;
    return look;
}

migrate::MigratorOptions signed_by(const std::string& program) {
    migrate::MigratorOptions options;
    options.applied_by = applied_by();
    options.tool_version = program;
    return options;
}

/// An index that an operator added is no reason not to start.
migrate::UpOptions all_that_is_pending() {
    migrate::UpOptions options;
    options.allow_drift = true;
    return options;
}

Error without_backup(Error error) {
    error.message =
        "the primary store cannot be backed up before it is migrated: " + std::move(error.message);
    if (error.hint.empty()) {
        error.hint = "nothing was changed; make room for a copy beside the store, writable for this user";
    }
    error.code = ErrorCode::unavailable;
    return error;
}

/// Beside the store, under the first of its names that is free.
Result<std::string> place_backup(const std::string& made, const std::string& name) {
    for (int count = 1; count <= most_backups; ++count) {
        const std::string free = count == 1 ? name : name + "-" + std::to_string(count);
        auto placed = place_file(made, free);
        if (placed) {
            return free;
        }
        if (placed.error().code != ErrorCode::conflict) {
            return std::move(placed).error();
        }
    }
    return Error{ErrorCode::unavailable, "too many backups are named " + name};
}

/// Under the lock of the folder.
Result<std::string> take_backup(const std::string& path, const std::string& before) {
    const std::string name = path + ".before-" + before;
    const std::string unfinished = name + ".partial";
    // Of a process that was killed: nobody else writes one, we hold the folder.
    remove_database(unfinished);
    auto copied = driver::sqlite::back_up(path, unfinished);
    if (!copied) {
        return without_backup(std::move(copied).error());
    }
    auto placed = place_backup(unfinished, name);
    if (!placed) {
        remove_database(unfinished);
        return without_backup(std::move(placed).error());
    }
    return placed;
}

Error disagreement(std::int64_t version) {
    return Error{.code = ErrorCode::conflict,
                 .message = "the store says that its schema is " + std::to_string(version) +
                            ", and its ledger of migrations says otherwise"}
        .with_hint(
            "majed migrate status shows the ledger; restore a backup if the store was changed by hand");
}

/// The key of what runs first, once `look` has been adopted where it must be.
/// Errors: conflict (the ledger does not fit).
Result<std::string> first_pending(migrate::Migrator& migrator, const Look& look) {
    if (look.is_adoptable()) {
        MAJED_TRY_ASSIGN(const auto last_there, migrate::Version::parse(adopted_version));
        const auto& all = migrator.migrations();
        const auto found = std::find_if(all.begin(), all.end(),
                                        [&](const auto& m) { return m.version && *m.version > last_there; });
        return found == all.end() ? disagreement(look.version) : Result<std::string>(found->key);
    }
    if (!look.has_ledger) {
        return disagreement(look.version);
    }
    MAJED_TRY_ASSIGN(const migrate::StatusReport report, migrator.status());
    MAJED_TRY(migrate::check_runnable(report.statuses, {}));
    const auto pending = migrate::to_apply(report.statuses, std::nullopt, {});
    return pending.empty() ? disagreement(look.version) : Result<std::string>(pending.front()->key);
}

/// A store whose version is this program's. Errors: conflict (a newer program left migrations in its ledger).
Result<void> refuse_future(const std::string& path, const std::string& program) {
    MAJED_TRY_ASSIGN(const PrimaryMigrator primary, primary_migrator(path, signed_by(program)));
    MAJED_TRY_ASSIGN(const migrate::StatusReport report, primary.migrator->status());
    for (const migrate::MigrationStatus& status : report.statuses) {
        if (status.state == migrate::MigrationState::future) {
            return Error{ErrorCode::conflict,
                         "this store was written by a newer majed: its ledger has migration " + status.key}
                .with_hint(
                    "upgrade the program, or restore the backup that was taken before the store's upgrade");
        }
    }
    return {};
}

/// Under the lock of the folder; `look` is of that time.
Result<PrimaryUpgrade> upgrade_alone(const std::string& path, const std::string& program, const Look& look,
                                     migrate::RunObserver& observer) {
    PrimaryUpgrade upgrade{.from = look.version, .to = look.version, .adopted = look.is_adoptable()};
    MAJED_TRY_ASSIGN(const PrimaryMigrator primary, primary_migrator(path, signed_by(program)));
    MAJED_TRY_ASSIGN(const std::string first, first_pending(*primary.migrator, look));
    MAJED_TRY_ASSIGN(upgrade.backup, take_backup(path, first));
    if (upgrade.adopted) {
        MAJED_TRY_ASSIGN(const auto version, migrate::Version::parse(adopted_version));
        MAJED_TRY(primary.migrator->baseline(version, "made before there were migrations"));
    }
    MAJED_TRY_ASSIGN(upgrade.run, primary.migrator->up(all_that_is_pending(), observer));
    // What a failed one stopped at is told by its report, not by this look.
    if (const auto after = look_at(path); after) {
        upgrade.to = after->version;
    }
    return upgrade;
}

/// SQLite keeps its journals beside the file itself, not beside a link to it; so do we the backup and the lock.
std::string followed(const std::string& path) {
    std::error_code absent;
    const fs::path real = fs::canonical(path, absent);
    return absent ? path : real.string();
}

migrate::LockWait patience(migrate::RunObserver& observer) {
    return {deadline_after(longest_wait), [&observer] { observer.waiting(); }};
}

/// An empty file of our own beside `path`, for its owner alone.
Result<std::string> make_file_beside(const std::string& path) {
    std::string made = path + ".new-XXXXXX";
    const int file = ::mkostemp(made.data(), O_CLOEXEC);
    if (file < 0) {
        return Error{.code = ErrorCode::unavailable,
                     .message = "cannot create " + path + ": " + std::strerror(errno),
                     .native_code = errno};
    }
    ::close(file);
    return made;
}

Result<void> make_tables(const std::string& path, const std::string& program) {
    MAJED_TRY_ASSIGN(const PrimaryMigrator primary, primary_migrator(path, signed_by(program)));
    migrate::RunObserver nobody;
    MAJED_TRY_ASSIGN(const migrate::RunReport report, primary.migrator->up({}, nobody));
    if (const Error* const failure = report.failure(); failure != nullptr) {
        return *failure;
    }
    std::error_code absent;
    if (fs::exists(path + "-wal", absent)) {
        return Error{ErrorCode::unavailable, "the new store could not be closed"};
    }
    return {};
}

}  // namespace

Result<std::vector<migrate::Migration>> primary_migrations() {
    std::vector<migrate::MigrationText> texts;
    for (const store::EmbeddedFile& built_in : store::primary_migrations()) {
        texts.push_back({std::string(built_in.file), std::string(built_in.bytes)});
    }
    auto read = migrate::read_migrations(migrate::Dialect::sqlite, texts);
    if (!read) {
        return Error{ErrorCode::internal,
                     "the migrations of the primary store are wrong: " + read.error().message};
    }
    return read;
}

Result<PrimaryMigrator> primary_migrator(const std::string& path, migrate::MigratorOptions options) {
    MAJED_TRY_ASSIGN(auto migrations, primary_migrations());
    driver::Target target;
    target.url = "sqlite:" + path;
    target.access = driver::Access::read_write;
    PrimaryMigrator primary;
    MAJED_TRY_ASSIGN(primary.driver, make_driver(std::move(target)));
    options.dialect = migrate::Dialect::sqlite;
    options.sqlite_file = path;
    primary.migrator =
        std::make_unique<migrate::Migrator>(std::move(migrations), *primary.driver, std::move(options));
    return primary;
}

Result<void> create_primary(const std::string& path, const std::string& program) {
    MAJED_TRY_ASSIGN(const std::string made, make_file_beside(path));
    auto done = make_tables(made, program);
    if (done) {
        done = place_file(made, path);
    }
    remove_database(made);
    return done;
}

Result<PrimaryUpgrade> upgrade_primary(const std::string& path, const std::string& program,
                                       migrate::RunObserver& observer) {
    const std::string real = followed(path);
    MAJED_TRY_ASSIGN(Look look, look_at(real));
    std::unique_ptr<FolderLock> alone;
    if (!look.is_current()) {
        MAJED_TRY_ASSIGN(alone, FolderLock::take(folder_of(real), patience(observer)));
        // Another may have done it meanwhile.
        MAJED_TRY_ASSIGN(look, look_at(real));
    }
    if (look.is_current()) {
        MAJED_TRY(refuse_future(real, program));
        return PrimaryUpgrade{.from = look.version, .to = look.version};
    }
    return upgrade_alone(real, program, look, observer);
}

Result<std::string> back_up_primary(const std::string& path, const std::string& before) {
    const std::string real = followed(path);
    migrate::RunObserver nobody;
    MAJED_TRY_ASSIGN(const auto alone, FolderLock::take(folder_of(real), patience(nobody)));
    return take_backup(real, before);
}

}  // namespace majed::app
