// SPDX-License-Identifier: Apache-2.0
#include "migrate/migrator.h"

#include "migrate/repair_run.h"
#include "migrate/run_session.h"
#include "migrate/up_run.h"

#include <optional>
#include <utility>

namespace majed::migrate {

namespace {

/// Looks without a lock, in one transaction where the engine has a consistent one: nothing is written.
template <class Look>
auto reading(RunSession& session, const Look& look) -> decltype(look()) {
    driver::Connection& connection = session.connection();
    if (const auto begun = connection.begin(driver::TransactionMode::read_only, RunSession::own_deadline());
        !begun) {
        return begun.error();
    }
    auto seen = look();
    if (const auto ended = connection.rollback(RunSession::own_deadline()); !ended && seen) {
        return ended.error();
    }
    return seen;
}

std::string current_of(const std::vector<MigrationStatus>& statuses) {
    std::optional<Version> greatest;
    for (const MigrationStatus& status : statuses) {
        const bool counts = status.row && (status.row->state == LedgerState::applied ||
                                           status.row->state == LedgerState::baseline);
        auto version = counts ? Version::parse(status.row->version)
                              : Result<Version>(Error{ErrorCode::invalid_argument, ""});
        if (version && (!greatest || *greatest < *version)) {
            greatest = std::move(*version);
        }
    }
    return greatest ? greatest->text() : std::string();
}

}  // namespace

Migrator::Migrator(std::vector<Migration> migrations, driver::Driver& connections, MigratorOptions options)
    : migrations_(std::move(migrations)), connections_(connections), options_(std::move(options)) {}

Result<StatusReport> Migrator::status() {
    RunObserver nobody;
    const Surroundings surroundings{migrations_, connections_, options_, nobody};
    MAJED_TRY_ASSIGN(const auto session, RunSession::open(surroundings, Locking::none));
    MAJED_TRY_ASSIGN(KnownState known, reading(*session, [&] { return session->look(); }));
    StatusReport report;
    report.has_ledger = known.tables.rows;
    report.current = current_of(known.statuses);
    report.statuses = std::move(known.statuses);
    return report;
}

Result<VerifyReport> Migrator::verify() {
    RunObserver nobody;
    const Surroundings surroundings{migrations_, connections_, options_, nobody};
    MAJED_TRY_ASSIGN(const auto session, RunSession::open(surroundings, Locking::none));
    const auto look = [&]() -> Result<VerifyReport> {
        MAJED_TRY_ASSIGN(KnownState known, session->look());
        VerifyReport report;
        report.has_picture = known.tables.picture && !known.rows.empty();
        report.statuses = std::move(known.statuses);
        if (report.has_picture) {
            MAJED_TRY_ASSIGN(const SchemaPicture kept, session->ledger().picture(RunSession::own_deadline()));
            MAJED_TRY_ASSIGN(const SchemaPicture now, session->take_picture());
            report.drift = differences(kept, now);
        }
        return report;
    };
    return reading(*session, look);
}

Result<RunReport> Migrator::up(const UpOptions& options, RunObserver& observer) {
    return run_up({migrations_, connections_, options_, observer}, options);
}

Result<RunReport> Migrator::down(const DownOptions& options, RunObserver& observer) {
    return run_down({migrations_, connections_, options_, observer}, options);
}

Result<void> Migrator::baseline(const Version& version, const std::string& description) {
    RunObserver nobody;
    return run_baseline({migrations_, connections_, options_, nobody}, version, description);
}

Result<RepairReport> Migrator::repair(const RepairOptions& options) {
    RunObserver nobody;
    return run_repair({migrations_, connections_, options_, nobody}, options);
}

}  // namespace majed::migrate
