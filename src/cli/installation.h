/// What the commands need of the program around them: files written by `majed init`, opened when first asked for.
///
/// Why      The command line may not know how things are put together; app/ implements this.
/// Life     An Installation is opened for one command.
/// Threads  One thread at a time.
/// Not here Reading the configuration and wiring (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "audit/record_purge.h"
#include "audit/record_reader.h"
#include "audit/trail_verification.h"
#include "core/result.h"
#include "core/secret.h"
#include "driver/driver.h"
#include "format/health_json.h"
#include "gateway/gateway.h"
#include "migrate/migrator.h"
#include "source/source_registry.h"
#include "store/primary_store.h"
#include "store/seal_walk.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::cli {

/// Which installation, and what the command line sets over its file.
struct InstallationChoice {
    std::string configuration = "majed.toml";
    std::map<std::string, std::string, std::less<>> flags = {};  ///< `server.listen` -> text.
};

/// One configuration key as it is in force; secrets are `***`.
struct SettingLine {
    std::string key;
    std::string value;
    std::string origin;
    std::string text;
};

/// The name of the gateway's own store among the databases; no source may have it.
inline constexpr std::string_view primary_database = "primary";

/// The database whose migrations are meant.
struct MigrationChoice {
    std::string source = {};  ///< Empty or `primary`: the primary store.
    std::string folder =
        {};  ///< Instead of the configured one; not for the primary store, whose are built in.
    std::optional<std::chrono::milliseconds> lock_wait = {};  ///< Instead of the configured one.
};

/// A run, and the copy that was taken before it; empty: nothing was pending.
struct BackedUpRun {
    migrate::RunReport run = {};
    std::string backup = {};
};

/// A database and what migrates it.
struct MigratedDatabase {
    std::string name = {};                        ///< Of the source; `primary`.
    std::unique_ptr<driver::Driver> driver = {};  ///< What the migrator opens its connections with.
    std::unique_ptr<migrate::Migrator> migrator = {};
    // The primary store's; absent for others, whose backups are their operators' business.
    /// Copies it before its schema changes and answers where to.
    std::function<Result<std::string>()> back_up = {};
    /// Everything pending after a copy, from the oldest store there is. Recorded in the audit when anything ran, which
    /// nobody else can do before the store is of this program.
    std::function<Result<BackedUpRun>(migrate::RunObserver&)> bring_up = {};
};

/// A root of the key file, without its key.
struct RootKeyLine {
    std::string id;
    std::string created;    ///< `2026-11-28T10:52:12Z`; empty: not known.
    bool encrypts = false;  ///< What is encrypted from now on; the others only decrypt.
    bool derives = false;   ///< Pseudonyms of masks and the audit's signatures come from it.
};

class Installation {
public:
    Installation() = default;
    Installation(const Installation&) = delete;
    Installation& operator=(const Installation&) = delete;
    virtual ~Installation() = default;

    // Each is made at the first call. Errors: those of the part that cannot be opened.
    [[nodiscard]] virtual Result<store::PrimaryStore*> store() = 0;
    [[nodiscard]] virtual Result<audit::AuditTrail*> audit() = 0;
    /// Opens the records of the audit to read them, anew at each call. Errors: as audit::RecordReader::open.
    [[nodiscard]] virtual Result<audit::RecordReader> audit_records() const = 0;
    /// Reads all of it, whether or not it can be written. Errors: as audit::verify_trail and the key file.
    [[nodiscard]] virtual Result<audit::VerificationReport> verify_audit() const = 0;
    /// What is older leaves the audit, on behalf of who holds the files. Errors: as audit::purge_records.
    [[nodiscard]] virtual Result<audit::PurgeReport> purge_audit(std::chrono::milliseconds older_than) = 0;
    /// What that would take. Errors: likewise.
    [[nodiscard]] virtual Result<audit::PurgeReport> plan_audit_purge(
        std::chrono::milliseconds older_than) = 0;
    [[nodiscard]] virtual Result<source::SourceRegistry*> sources() = 0;
    /// With the policies of the file taken up.
    [[nodiscard]] virtual Result<gateway::Gateway*> gateway() = 0;

    /// Errors: not_found (no such source or folder), invalid_argument (no folder is set; mistakes in its files).
    [[nodiscard]] virtual Result<MigratedDatabase> migrated(const MigrationChoice& choice) = 0;
    /// Where migrations of the chosen source are written. Errors: not_found, invalid_argument (none is set).
    [[nodiscard]] virtual Result<std::string> migration_folder(const MigrationChoice& choice) = 0;

    /// Asks the primary store and every source once, now.
    [[nodiscard]] virtual Result<format::HealthDocument> health() = 0;

    [[nodiscard]] virtual const std::string& key_file() const = 0;
    /// Newest first. Errors: those of the key file.
    [[nodiscard]] virtual Result<std::vector<RootKeyLine>> root_keys() const = 0;
    /// Whether what is stored as the password of a source is used: its configuration names a user and no password.
    /// Errors: not_found (no such source), invalid_argument (it is of a make that has no passwords).
    [[nodiscard]] virtual Result<bool> takes_stored_password(std::string_view source) const = 0;

    /// Adds a root; answers its id. Errors: those of the key file.
    [[nodiscard]] virtual Result<std::string> rotate_key() = 0;
    /// Through what the store holds sealed; made at the first call. Errors: as `store`.
    [[nodiscard]] virtual Result<store::SealWalk*> seal_walk() = 0;

    [[nodiscard]] virtual const std::vector<SettingLine>& settings() const = 0;
    /// How many `[[policies]]` and `[[masks]]` the file has.
    [[nodiscard]] virtual std::size_t rule_count() const = 0;
    /// SQL for the owner of a source's tables, or of Oracle's policies, that makes its server hold the rules itself.
    /// Errors: invalid_argument (SQLite; rules that the server cannot hold), unavailable.
    [[nodiscard]] virtual Result<std::string> native_script(const std::string& source) = 0;
    /// What its server does not hold as that SQL says; empty: nothing. Errors: likewise; unsupported (SQLite).
    [[nodiscard]] virtual Result<std::vector<std::string>> native_differences(const std::string& source) = 0;
    /// Serves HTTP until the process is told to stop; `ready` gets the address when it listens.
    [[nodiscard]] virtual Result<void> serve(const std::function<void(std::string_view)>& ready) = 0;
};

enum class InitialContent { empty, demo };

struct InitReport {
    std::vector<std::string> files;  ///< Written, in order.
    std::string logins;              ///< Whom it let in, with passwords that are shown this once.
};

class Program {
public:
    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    virtual ~Program() = default;

    /// Reads and checks the configuration. Errors: not_found, invalid_argument (every mistake, a line each).
    [[nodiscard]] virtual Result<std::unique_ptr<Installation>> open(const InstallationChoice& choice) = 0;
    /// Errors: conflict (a file is there already; nothing is written), unavailable.
    [[nodiscard]] virtual Result<InitReport> initialise(const std::string& folder,
                                                        InitialContent content) = 0;
    /// Makes a key file, also where there is no installation yet; answers the id of its root.
    /// Errors: conflict (a file is there already), not_found (its folder is not), unavailable.
    [[nodiscard]] virtual Result<std::string> generate_key(const std::string& file) = 0;
    [[nodiscard]] virtual std::string_view version() const = 0;
};

}  // namespace majed::cli
