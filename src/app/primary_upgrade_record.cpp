// SPDX-License-Identifier: Apache-2.0
#include "app/primary_upgrade_record.h"

#include "format/json.h"
#include "telemetry/request_id.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace majed::app {
namespace {

std::string details_of(const PrimaryUpgrade& upgrade) {
    std::vector<std::string> applied;
    for (const auto& outcome : upgrade.run.outcomes) {
        if (!outcome.failure) {
            applied.push_back(outcome.key);
        }
    }
    std::string text;
    format::JsonWriter json(text);
    json.begin_object().key("from").integer(upgrade.from).key("to").integer(upgrade.to);
    json.key("migrations").texts(applied);
    json.key("backup").text(std::filesystem::path(upgrade.backup).filename().string());
    json.key("adopted").boolean(upgrade.adopted).end_object();
    return text;
}

}  // namespace

void LoggingRun::waiting() {
    log_.info("waiting for another upgrade of the primary store");
}

void LoggingRun::ended(const migrate::MigrationOutcome& outcome) {
    const auto milliseconds = static_cast<std::int64_t>(outcome.duration.count());
    if (outcome.failure) {
        log_.error("migration of the primary store failed",
                   {{"migration", std::string_view(outcome.file)},
                    {"error", std::string_view(outcome.failure->message)}});
        return;
    }
    log_.info("migrated the primary store",
              {{"migration", std::string_view(outcome.file)}, {"milliseconds", milliseconds}});
}

audit::AuditRecord record_of(const PrimaryUpgrade& upgrade) {
    audit::AuditRecord record;
    record.phase = audit::Phase::event;
    record.event_id = telemetry::make_request_id();
    record.request_id = record.event_id;
    // Who holds the files is not one of our users: the ledger has the name the operating system knows.
    record.username = "local";
    record.action = "migrate.up";
    record.resource = "primary";
    record.resource_id = std::to_string(upgrade.to);
    record.details = details_of(upgrade);
    if (const Error* const failure = upgrade.run.failure(); failure != nullptr) {
        record.fail(*failure);
    }
    return record;
}

Result<PrimaryUpgrade> upgrade_and_record(const audit::AuditOptions& options, const std::string& program,
                                          migrate::RunObserver& observer) {
    MAJED_TRY_ASSIGN(PrimaryUpgrade upgrade, upgrade_primary(options.database_path, program, observer));
    if (upgrade.backup.empty()) {
        return upgrade;
    }
    // A trail of its own: the one of the installation may not open before the store is of this program.
    auto trail = audit::AuditTrail::open(options);
    auto recorded = trail ? (*trail)->append(record_of(upgrade), audit::Assurance::strict)
                          : Result<void>(std::move(trail).error());
    if (upgrade.run.failure() != nullptr) {
        upgrade.run.outcomes.back().failure->hint =
            "what failed was taken back; the store as it was before is " + upgrade.backup;
        return upgrade;
    }
    MAJED_TRY(recorded);
    return upgrade;
}

}  // namespace majed::app
