// SPDX-License-Identifier: Apache-2.0
#include "app/migrated_database.h"

#include "app/applied_by.h"
#include "app/drivers.h"
#include "app/primary_upgrade_record.h"
#include "migrate/report_json.h"

#include <string_view>
#include <utility>

namespace majed::app {

Result<cli::MigratedDatabase> migrated_primary(const audit::AuditOptions& options,
                                               std::optional<std::chrono::milliseconds> lock_wait) {
    migrate::MigratorOptions signing;
    signing.applied_by = applied_by();
    signing.tool_version = MAJED_VERSION;
    signing.lock_wait = lock_wait.value_or(signing.lock_wait);
    MAJED_TRY_ASSIGN(PrimaryMigrator primary, primary_migrator(options.database_path, std::move(signing)));
    cli::MigratedDatabase database;
    database.name = cli::primary_database;
    database.driver = std::move(primary.driver);
    database.migrator = std::move(primary.migrator);
    database.back_up = [path = options.database_path] { return back_up_primary(path, "migrate"); };
    database.bring_up = [options](migrate::RunObserver& observer) -> Result<cli::BackedUpRun> {
        MAJED_TRY_ASSIGN(PrimaryUpgrade upgrade, upgrade_and_record(options, MAJED_VERSION, observer));
        return cli::BackedUpRun{std::move(upgrade.run), std::move(upgrade.backup)};
    };
    return database;
}

Result<cli::MigratedDatabase> migrated_source(const SourceMigrations& settings, const std::string& folder,
                                              std::optional<std::chrono::milliseconds> lock_wait) {
    cli::MigratedDatabase database;
    database.name = settings.source;
    driver::Target target;
    target.url = settings.target.url;
    target.user = settings.target.user;
    target.password = Secret(std::string(settings.target.password.reveal()));
    target.access = settings.target.access;
    target.application = settings.target.application;
    MAJED_TRY_ASSIGN(database.driver, make_driver(std::move(target)));
    migrate::MigratorOptions options;
    MAJED_TRY_ASSIGN(options.dialect, migrate::dialect_of(database.driver->name()));
    options.applied_by = applied_by();
    options.tool_version = MAJED_VERSION;
    options.lock_wait = lock_wait.value_or(settings.lock_wait);
    options.statement_timeout = settings.statement_timeout;
    if (options.dialect == migrate::Dialect::sqlite) {
        options.sqlite_file = settings.target.url.substr(std::string_view("sqlite:").size());
    }
    MAJED_TRY_ASSIGN(const auto texts, migrate::read_folder(folder));
    MAJED_TRY_ASSIGN(auto migrations, migrate::read_migrations(options.dialect, texts));
    database.migrator =
        std::make_unique<migrate::Migrator>(std::move(migrations), *database.driver, std::move(options));
    return database;
}

void append_listing(format::JsonWriter& json, std::string_view name,
                    const Result<cli::MigratedDatabase>& database) {
    json.begin_object().key("source").text(name);
    auto status = database ? database->migrator->status() : Result<migrate::StatusReport>(database.error());
    if (status) {
        migrate::append_json(json, *status);
    } else {
        json.key("error").begin_object();
        format::append_error_members(json, status.error());
        json.end_object();
    }
    json.end_object();
}

}  // namespace majed::app
