/// What an upgrade of the primary store leaves in the log and in the audit.
///
/// Why      Who asks later why the tables changed finds it where everything else is found.
/// Life     Free functions; the observer outlives the run.
/// Threads  One.
/// Not here The upgrade (primary_migration.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/primary_migration.h"
#include "audit/audit_trail.h"
#include "telemetry/log.h"

namespace majed::app {

/// Says in the log what goes on.
class LoggingRun final : public migrate::RunObserver {
public:
    explicit LoggingRun(telemetry::Log& log) : log_(log) {}
    void waiting() override;
    void ended(const migrate::MigrationOutcome& outcome) override;

private:
    telemetry::Log& log_;
};

/// `migrate.up` of `primary`: versions, migrations and backup as JSON; a failure with its message.
[[nodiscard]] audit::AuditRecord record_of(const PrimaryUpgrade& upgrade);

/// Upgrades the store that `options` write to, and records it there; a migration that failed is recorded too, and has the
/// backup as hint. Nothing pending: nothing is written. Errors: those of upgrade_primary, and of the audit.
[[nodiscard]] Result<PrimaryUpgrade> upgrade_and_record(const audit::AuditOptions& options,
                                                        const std::string& program,
                                                        migrate::RunObserver& observer);

}  // namespace majed::app
