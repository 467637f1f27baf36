// SPDX-License-Identifier: Apache-2.0
#include "cli/migrate_commands.h"

#include "cli/migration_progress.h"
#include "config/units.h"
#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"
#include "migrate/report_json.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <utility>
#include <vector>

namespace majed::cli {
namespace {

using migrate::MigrationState;
using migrate::MigrationStatus;

Result<MigratedDatabase> chosen(Context& context, const MigrateOptions& options) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MigrationChoice choice = options.choice;
    if (!options.lock_wait.empty()) {
        choice.lock_wait = config::parse_duration(options.lock_wait);
        if (!choice.lock_wait)
            return Error{ErrorCode::invalid_argument, "--lock-wait is a duration such as 30s or 5m"};
    }
    return installation->migrated(choice);
}

Result<std::optional<migrate::Version>> version_of(const std::string& text) {
    if (text.empty()) return std::optional<migrate::Version>();
    MAJED_TRY_ASSIGN(auto version, migrate::Version::parse(text));
    return std::optional<migrate::Version>(std::move(version));
}

/// A report as one object, its members after `source`.
template <class Report>
void print_json(Context& context, const MigratedDatabase& database, const Report& report) {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("source").text(database.name);
    migrate::append_json(json, report);
    json.end_object();
    context.terminal.out << out << "\n";
}

bool is_settled(MigrationState state) {
    return state == MigrationState::applied || state == MigrationState::cosmetic ||
           state == MigrationState::baseline || state == MigrationState::below_baseline;
}

std::size_t count_of(const std::vector<MigrationStatus>& statuses, MigrationState state) {
    return static_cast<std::size_t>(
        std::count_if(statuses.begin(), statuses.end(),
                      [state](const MigrationStatus& status) { return status.state == state; }));
}

void print_statuses(Context& context, const std::vector<MigrationStatus>& statuses) {
    format::TextTable table({"VERSION", "DESCRIPTION", "STATE", "APPLIED_AT", "BY", "MS"});
    for (const MigrationStatus& status : statuses) {
        std::vector<format::TableCell> cells;
        for (const std::string& text :
             {status.key, status.description, std::string(name_of(status.state)),
              status.row ? status.row->applied_at : "", status.row ? status.row->applied_by : "",
              status.row ? std::to_string(status.row->duration.count()) : ""}) {
            cells.push_back({format::printable(text)});
        }
        table.add(std::move(cells));
    }
    std::string out;
    table.append_to(out);
    context.terminal.out << out;
}

/// What a dry run could not try, statement by statement, for a person to judge.
void print_untried(Context& context, const MigratedDatabase& database, const migrate::RunReport& report) {
    const auto& migrations = database.migrator->migrations();
    for (const migrate::MigrationOutcome& outcome : report.outcomes) {
        const auto found = std::find_if(migrations.begin(), migrations.end(),
                                        [&outcome](const auto& one) { return one.key == outcome.key; });
        if (outcome.executed || found == migrations.end()) continue;
        const bool up = outcome.direction == migrate::Direction::up;
        context.terminal.out << format::printable(outcome.file) << ": statement by statement, each stays\n";
        for (const auto& statement : up || !found->down ? found->up.statements : found->down->statements) {
            constexpr std::size_t shown = 100;
            const std::string line = statement.text.substr(0, std::min(statement.text.find('\n'), shown));
            context.terminal.out << "  line " << statement.line << ": " << format::printable(line) << "\n";
        }
    }
}

std::string details_of(const migrate::RunReport& report) {
    std::string details;
    format::JsonWriter json(details);
    json.begin_object();
    migrate::append_json(json, report);
    json.end_object();
    return details;
}

void print_run(Context& context, const MigratedDatabase& database, const migrate::RunReport& report) {
    if (context.output == Output::json) {
        print_json(context, database, report);
        return;
    }
    if (report.dry_run) print_untried(context, database, report);
    const std::size_t done = report.outcomes.size() - (report.failure() != nullptr ? 1 : 0);
    context.terminal.out << database.name << ": " << done << (done == 1 ? " migration" : " migrations")
                         << (report.dry_run ? " would run\n" : " ran\n");
}

/// Whether a run is recorded by us. A dry one is not at all.
enum class Recorded : std::uint8_t { here, elsewhere };

Recorded recorded_unless(bool dry_run) {
    return dry_run ? Recorded::elsewhere : Recorded::here;
}

/// `work` runs the migrations; its report is audited and printed.
Result<void> run(Context& context, const MigratedDatabase& database, std::string_view action,
                 Recorded recorded, const std::function<Result<migrate::RunReport>()>& work) {
    migrate::RunReport report;
    std::string details;
    const auto run_and_keep = [&]() -> Result<void> {
        MAJED_TRY_ASSIGN(report, work());
        details = details_of(report);
        return report.failure() == nullptr ? Result<void>() : *report.failure();
    };
    AdministrativeAct act{action, database.name, {}};
    act.details = &details;
    auto done = recorded == Recorded::elsewhere ? run_and_keep() : audited(context, act, run_and_keep);
    if (done || report.failure() != nullptr) print_run(context, database, report);
    return done;
}

void tell_backup(Context& context, const std::string& copy) {
    if (!copy.empty()) context.terminal.err << "backup: " << format::printable(copy) << "\n";
}

Result<void> back_up(Context& context, const MigratedDatabase& database) {
    if (!database.back_up) return {};
    MAJED_TRY_ASSIGN(const std::string copy, database.back_up());
    tell_backup(context, copy);
    return {};
}

/// Everything pending, with nothing allowed that is not by itself: what a start of the program does too.
bool is_plain(const migrate::UpOptions& up) {
    return !up.to && !up.dry_run && !up.allow_out_of_order && !up.allow_drift && !up.force;
}

/// The primary store. One that is older than the program has no audit that we may open: `bring_up` records for itself.
Result<void> bring_up(Context& context, const MigratedDatabase& database, migrate::RunObserver& observer) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    const auto trail = installation->audit();
    const bool is_older = !trail && trail.error().code == ErrorCode::conflict;
    const Recorded recorded = is_older ? Recorded::elsewhere : Recorded::here;
    return run(context, database, "migrate.up", recorded, [&]() -> Result<migrate::RunReport> {
        MAJED_TRY_ASSIGN(BackedUpRun done, database.bring_up(observer));
        tell_backup(context, done.backup);
        return std::move(done.run);
    });
}

}  // namespace

Result<void> new_migration(Context& context, const MigrateOptions& options) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(const std::string folder, installation->migration_folder(options.choice));
    MAJED_TRY_ASSIGN(const std::string file, migrate::write_new_migration(folder, options.description));
    if (context.output == Output::json) {
        std::string out;
        format::JsonWriter(out).begin_object().key("file").text(file).end_object();
        context.terminal.out << out << "\n";
    } else {
        context.terminal.out << "wrote " << format::printable(file) << "\n";
    }
    return {};
}

Result<void> show_migrations(Context& context, const MigrateOptions& options) {
    MAJED_TRY_ASSIGN(const auto database, chosen(context, options));
    MAJED_TRY_ASSIGN(const auto report, database.migrator->status());
    if (context.output == Output::json) {
        print_json(context, database, report);
    } else {
        print_statuses(context, report.statuses);
        context.terminal.out << database.name << ": "
                             << (report.current.empty() ? "no version" : "version " + report.current) << ", "
                             << count_of(report.statuses, MigrationState::pending) << " pending\n";
    }
    if (!options.check) return {};
    const auto open = std::find_if(report.statuses.begin(), report.statuses.end(),
                                   [](const auto& status) { return !is_settled(status.state); });
    if (open == report.statuses.end()) return {};
    return Error{ErrorCode::conflict, "migration " + open->key + " is " + std::string(name_of(open->state))};
}

Result<void> migrate_up(Context& context, const MigrateOptions& options) {
    migrate::UpOptions up;
    MAJED_TRY_ASSIGN(up.to, version_of(options.to));
    up.dry_run = options.dry_run;
    up.allow_out_of_order = options.allow_out_of_order;
    up.allow_drift = options.allow_drift;
    up.force = options.force;
    if (up.force && !up.to) {
        return Error{ErrorCode::invalid_argument, "--force runs one migration again: say which with --to"};
    }
    MAJED_TRY_ASSIGN(const auto database, chosen(context, options));
    MigrationProgress progress(context.terminal);
    if (database.bring_up && is_plain(up)) return bring_up(context, database, progress);
    return run(context, database, "migrate.up", recorded_unless(up.dry_run),
               [&]() -> Result<migrate::RunReport> {
                   if (!up.dry_run) MAJED_TRY(back_up(context, database));
                   return database.migrator->up(up, progress);
               });
}

Result<void> migrate_down(Context& context, const MigrateOptions& options) {
    migrate::DownOptions down;
    MAJED_TRY_ASSIGN(down.to, version_of(options.to));
    down.dry_run = options.dry_run;
    MAJED_TRY_ASSIGN(const auto database, chosen(context, options));
    MigrationProgress progress(context.terminal);
    return run(context, database, "migrate.down", recorded_unless(down.dry_run),
               [&]() -> Result<migrate::RunReport> {
                   if (!down.dry_run) MAJED_TRY(back_up(context, database));
                   return database.migrator->down(down, progress);
               });
}

Result<void> verify_migrations(Context& context, const MigrateOptions& options) {
    MAJED_TRY_ASSIGN(const auto database, chosen(context, options));
    MAJED_TRY_ASSIGN(const auto report, database.migrator->verify());
    std::vector<MigrationStatus> wrong;
    for (const MigrationStatus& status : report.statuses) {
        if (!is_settled(status.state) && status.state != MigrationState::pending) wrong.push_back(status);
    }
    const std::size_t cosmetic = count_of(report.statuses, MigrationState::cosmetic);
    if (context.output == Output::json) {
        print_json(context, database, report);
    } else {
        if (!wrong.empty()) print_statuses(context, wrong);
        if (cosmetic > 0) {
            context.terminal.out
                << "warning: " << cosmetic << (cosmetic == 1 ? " file differs" : " files differ")
                << " in comments or blanks from what ran; majed migrate repair takes that up\n";
        }
        context.terminal.out << migrate::readable(report.drift);
        if (!report.has_picture) context.terminal.out << "no run has left a picture of the schema yet\n";
    }
    if (wrong.empty() && report.drift.empty()) {
        if (context.output == Output::text)
            context.terminal.out << database.name << ": files, ledger and schema agree\n";
        return {};
    }
    std::string text = wrong.empty() ? "" : "files and ledger do not agree";
    if (!report.drift.empty()) {
        text += (text.empty() ? "" : ", and ") + std::string("the schema is not as the last run left it: ") +
                std::to_string(report.drift.size()) +
                (report.drift.size() == 1 ? " difference" : " differences");
    }
    return Error{ErrorCode::conflict, text}.with_hint("majed migrate repair, once you know why");
}

Result<void> declare_baseline(Context& context, const MigrateOptions& options) {
    MAJED_TRY_ASSIGN(const auto version, migrate::Version::parse(options.to));
    MAJED_TRY_ASSIGN(const auto database, chosen(context, options));
    const std::string description = options.description.empty() ? "baseline" : options.description;
    const AdministrativeAct act{"migrate.baseline", database.name, version.text()};
    MAJED_TRY(audited(context, act, [&] { return database.migrator->baseline(version, description); }));
    if (context.output == Output::json) {
        MAJED_TRY_ASSIGN(const auto report, database.migrator->status());
        print_json(context, database, report);
    } else {
        context.terminal.out << database.name << ": everything up to " << version.text()
                             << " counts as applied\n";
    }
    return {};
}

Result<void> repair_migrations(Context& context, const MigrateOptions& options) {
    migrate::RepairOptions repair;
    repair.accept_changes = options.accept_changes;
    repair.forget_missing = options.forget_missing;
    repair.accept_drift = options.accept_drift;
    if (!options.applied.empty() || !options.not_applied.empty()) {
        repair.key = options.applied.empty() ? options.not_applied : options.applied;
        repair.resolution =
            options.applied.empty() ? migrate::Resolution::not_applied : migrate::Resolution::applied;
    }
    MAJED_TRY_ASSIGN(const auto database, chosen(context, options));
    migrate::RepairReport report;
    const std::string key = repair.key.value_or("");
    std::string details;
    AdministrativeAct act{"migrate.repair", database.name, key};
    act.details = &details;
    MAJED_TRY(audited(context, act, [&]() -> Result<void> {
        MAJED_TRY_ASSIGN(report, database.migrator->repair(repair));
        format::JsonWriter(details).begin_object().key("done").texts(report.done).end_object();
        return {};
    }));
    if (context.output == Output::json) {
        print_json(context, database, report);
        return {};
    }
    for (const std::string& sentence : report.done)
        context.terminal.out << format::printable(sentence) << "\n";
    if (report.done.empty()) context.terminal.out << database.name << ": nothing to repair\n";
    return {};
}

}  // namespace majed::cli
