/// An installation put together from its settings: each part is made when a command first asks for it.
///
/// Why      The only place where concrete types of all modules meet.
/// Life     Owns everything; parts are destroyed in the reverse order of their making.
/// Threads  One thread asks; the parts say for themselves who may use them.
/// Not here What the parts do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/housekeeping.h"
#include "app/settings.h"
#include "app/stop_bound.h"
#include "cli/installation.h"
#include "source/health_monitor.h"
#include "source/source_registry.h"
#include "telemetry/log.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::app {

class WiredInstallation final : public cli::Installation {
public:
    explicit WiredInstallation(Settings settings);
    WiredInstallation(const WiredInstallation&) = delete;
    WiredInstallation& operator=(const WiredInstallation&) = delete;
    ~WiredInstallation() override;

    [[nodiscard]] Result<store::PrimaryStore*> store() override;
    [[nodiscard]] Result<audit::AuditTrail*> audit() override;
    [[nodiscard]] Result<audit::RecordReader> audit_records() const override;
    [[nodiscard]] Result<audit::VerificationReport> verify_audit() const override;
    [[nodiscard]] Result<audit::PurgeReport> purge_audit(std::chrono::milliseconds older_than) override;
    [[nodiscard]] Result<audit::PurgeReport> plan_audit_purge(std::chrono::milliseconds older_than) override;
    [[nodiscard]] Result<source::SourceRegistry*> sources() override;
    [[nodiscard]] Result<gateway::Gateway*> gateway() override;
    [[nodiscard]] Result<cli::MigratedDatabase> migrated(const cli::MigrationChoice& choice) override;
    [[nodiscard]] Result<std::string> migration_folder(const cli::MigrationChoice& choice) override;
    [[nodiscard]] Result<format::HealthDocument> health() override;
    [[nodiscard]] const std::string& key_file() const override { return settings_.key_file; }
    [[nodiscard]] Result<std::vector<cli::RootKeyLine>> root_keys() const override;
    [[nodiscard]] Result<std::string> rotate_key() override;
    [[nodiscard]] Result<store::SealWalk*> seal_walk() override;
    [[nodiscard]] Result<bool> takes_stored_password(std::string_view source) const override;
    [[nodiscard]] const std::vector<cli::SettingLine>& settings() const override { return shown_; }
    [[nodiscard]] std::size_t rule_count() const override;
    [[nodiscard]] Result<std::string> native_script(const std::string& source) override;
    [[nodiscard]] Result<std::vector<std::string>> native_differences(const std::string& source) override;
    [[nodiscard]] Result<void> serve(const std::function<void(std::string_view)>& ready) override;

private:
    /// Of the heads of the audit's tree.
    [[nodiscard]] Result<crypto::SigningKey> signing_key() const;
    /// Gives the sources that have none in the file the passwords that are stored for them.
    [[nodiscard]] Result<void> take_stored_passwords();
    [[nodiscard]] Result<audit::PurgeOptions> purge_options(std::chrono::milliseconds older_than) const;
    /// The primary store as a source: what it is watched by.
    [[nodiscard]] Result<source::Source*> primary();
    [[nodiscard]] Result<std::unique_ptr<source::HealthMonitor>> monitor();
    // While serving.
    [[nodiscard]] format::HealthDocument health_of(const source::HealthMonitor& watchers) const;
    [[nodiscard]] std::string metrics() const;
    [[nodiscard]] std::string migrations() const;
    [[nodiscard]] Result<const SourceMigrations*> migrations_of(const cli::MigrationChoice& choice) const;
    [[nodiscard]] Result<void> bring_up_primary();
    void bound_the_stop();
    /// What the server does of itself.
    [[nodiscard]] std::unique_ptr<Housekeeping> housekeeping(store::PrimaryStore& store,
                                                             audit::AuditTrail& trail);
    /// What is older than `audit.retention`, if anything. Errors: of the settings and of audit::purge_records.
    [[nodiscard]] Result<void> purge_what_is_configured(store::PrimaryStore& store, audit::AuditTrail& trail,
                                                        const Stopping& stopping) const;
    [[nodiscard]] source::SourceObserver observer_of(const std::string& source);

    Settings settings_;
    bool has_stored_passwords_ = false;      ///< Taken already.
    std::unique_ptr<telemetry::Log> log_;    ///< While serving.
    std::unique_ptr<StopBound> stop_bound_;  ///< While serving; gone after whatever may hang.
    std::vector<cli::SettingLine> shown_;
    std::shared_ptr<store::StoreSeals> seals_;  ///< One for all who seal and open: it knows the key file.
    std::shared_ptr<audit::DetailSeal> detail_seal_;
    std::unique_ptr<store::PrimaryStore> store_;
    std::unique_ptr<store::SealWalk> seal_walk_;
    std::unique_ptr<audit::AuditTrail> audit_;
    std::unique_ptr<source::Source> primary_;
    std::unique_ptr<source::SourceRegistry> sources_;
    std::unique_ptr<gateway::Gateway> gateway_;
};

}  // namespace majed::app
