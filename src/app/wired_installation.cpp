// SPDX-License-Identifier: Apache-2.0
#include "app/wired_installation.h"

#include "api/api.h"
#include "api/http_server.h"
#include "app/applied_by.h"
#include "app/audited_changes.h"
#include "app/drivers.h"
#include "app/health_clock.h"
#include "app/migrated_database.h"
#include "app/primary_upgrade_record.h"
#include "app/reseal_job.h"
#include "app/root_keys.h"
#include "app/source_log.h"
#include "app/stored_detail_seal.h"
#include "audit/trail_status.h"
#include "crypto/key_file.h"
#include "rewrite/native_server.h"
#include "source/health_document.h"
#include "source/source_metrics.h"
#include "store/store_seals.h"

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

namespace majed::app {

namespace {

/// Whom the audit names for what the program does of itself.
constexpr std::string_view housekeeper = "majed";

/// Which process it is whose records follow, or end. Nobody waits for it: an audit that cannot be written is no reason
/// not to serve what may be read without.
void record_serving(audit::AuditTrail& trail, std::string_view action, const std::string& address) {
    audit::AuditRecord record;
    record.username = housekeeper;
    record.action = action;
    record.resource = "server";
    record.resource_id = address;
    format::JsonWriter(record.details)
        .begin_object()
        .key("version")
        .text(MAJED_VERSION)
        .key("started_by")
        .text(applied_by())
        .key("pid")
        .integer(::getpid())
        .end_object();
    static_cast<void>(trail.append(std::move(record), audit::Assurance::best_effort));
}

source::HealthFrame health_frame() {
    return {.version = MAJED_VERSION, .release_id = MAJED_VERSION, .time_text = wall_time_of};
}

}  // namespace

WiredInstallation::WiredInstallation(Settings settings)
    : settings_(std::move(settings)),
      seals_(std::make_shared<store::StoreSeals>(settings_.key_file)),
      detail_seal_(std::make_shared<StoredDetailSeal>(settings_.primary_path, seals_)) {
    shown_.reserve(settings_.shown.size());
    for (const auto& setting : settings_.shown) {
        shown_.push_back({setting.path, setting.value, setting.origin, setting.text});
    }
}

WiredInstallation::~WiredInstallation() = default;

Result<store::PrimaryStore*> WiredInstallation::store() {
    if (store_ == nullptr) {
        store::StoreOptions options = settings_.store;
        options.journal = std::make_shared<AuditedChanges>([this] { return audit(); });
        options.seals = seals_;
        MAJED_TRY_ASSIGN(store_, store::PrimaryStore::open(settings_.primary_path, std::move(options)));
    }
    return store_.get();
}

Result<audit::AuditTrail*> WiredInstallation::audit() {
    if (audit_ == nullptr) {
        // The store checks that the file is a primary store at all.
        MAJED_TRY(store());
        audit::AuditOptions options = settings_.audit;
        MAJED_TRY_ASSIGN(auto key, signing_key());
        options.seal = detail_seal_;
        options.signing_key = std::make_shared<const crypto::SigningKey>(std::move(key));
        MAJED_TRY_ASSIGN(audit_, audit::AuditTrail::open(std::move(options)));
    }
    return audit_.get();
}

Result<crypto::SigningKey> WiredInstallation::signing_key() const {
    MAJED_TRY_ASSIGN(const auto root, crypto::KeyFile::read(settings_.key_file));
    return crypto::SigningKey::from_seed(root.derive_secret("audit.heads"));
}

Result<audit::RecordReader> WiredInstallation::audit_records() const {
    return audit::RecordReader::open(settings_.audit.database_path, detail_seal_);
}

Result<std::vector<cli::RootKeyLine>> WiredInstallation::root_keys() const {
    return list_root_keys(settings_.key_file);
}

Result<std::string> WiredInstallation::rotate_key() {
    return rotate_root_key(settings_.key_file);
}

Result<store::SealWalk*> WiredInstallation::seal_walk() {
    if (seal_walk_ == nullptr) {
        // The store checks that the file is one, and of this program.
        MAJED_TRY(store());
        MAJED_TRY_ASSIGN(seal_walk_, store::SealWalk::open(settings_.primary_path, seals_));
    }
    return seal_walk_.get();
}

Result<audit::VerificationReport> WiredInstallation::verify_audit() const {
    MAJED_TRY_ASSIGN(const auto key, signing_key());
    return audit::verify_trail(
        {settings_.audit.database_path, settings_.audit.heads_path, key.verifying_key()});
}

Result<bool> WiredInstallation::takes_stored_password(std::string_view source) const {
    for (const ConfiguredSource& configured : settings_.sources) {
        if (configured.options.name != source) continue;
        if (configured.is_server) return configured.stored_password;
        return Error{ErrorCode::invalid_argument,
                     "source " + std::string(source) + " is a SQLite file, which has no password"};
    }
    return Error{ErrorCode::not_found, "there is no source " + std::string(source)}.with_hint(
        "majed source list shows them");
}

Result<void> WiredInstallation::take_stored_passwords() {
    if (has_stored_passwords_) return {};
    for (ConfiguredSource& configured : settings_.sources) {
        if (!configured.stored_password) continue;
        MAJED_TRY_ASSIGN(store::PrimaryStore* const passwords, store());
        MAJED_TRY_ASSIGN(auto password, passwords->source_password(configured.options.name));
        // Without one it may be that the database asks for none.
        if (!password) continue;
        if (configured.migrations.stored_password) {
            configured.migrations.target.password = Secret(std::string(password->reveal()));
        }
        configured.target.password = std::move(*password);
    }
    has_stored_passwords_ = true;
    return {};
}

Result<audit::PurgeOptions> WiredInstallation::purge_options(std::chrono::milliseconds older_than) const {
    audit::PurgeOptions options{.database_path = settings_.audit.database_path, .older_than = older_than};
    MAJED_TRY_ASSIGN(auto key, signing_key());
    options.signing_key = std::make_shared<const crypto::SigningKey>(std::move(key));
    return options;
}

Result<audit::PurgeReport> WiredInstallation::purge_audit(std::chrono::milliseconds older_than) {
    MAJED_TRY_ASSIGN(const auto options, purge_options(older_than));
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, audit());
    return audit::purge_records(*trail, options, wall_time_now());
}

Result<audit::PurgeReport> WiredInstallation::plan_audit_purge(std::chrono::milliseconds older_than) {
    MAJED_TRY_ASSIGN(const auto options, purge_options(older_than));
    return audit::plan_purge(options, wall_time_now());
}

Result<source::SourceRegistry*> WiredInstallation::sources() {
    if (sources_ == nullptr) {
        MAJED_TRY(take_stored_passwords());
        auto registry = std::make_unique<source::SourceRegistry>();
        for (ConfiguredSource& configured : settings_.sources) {
            if (log_ == nullptr) {
                configured.options.pool.min = 0;  // One command needs one session, when it comes to it.
            }
            MAJED_TRY_ASSIGN(auto driver, make_driver(std::move(configured.target)));
            auto observer = observer_of(configured.options.name);
            MAJED_TRY_ASSIGN(auto source, source::Source::start(std::move(configured.options),
                                                                std::move(driver), std::move(observer)));
            MAJED_TRY(registry->add(std::move(source)));
        }
        sources_ = std::move(registry);
    }
    return sources_.get();
}

Result<gateway::Gateway*> WiredInstallation::gateway() {
    if (gateway_ == nullptr) {
        MAJED_TRY_ASSIGN(const auto key, crypto::KeyFile::read(settings_.key_file));
        MAJED_TRY_ASSIGN(source::SourceRegistry* const registry, sources());
        MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, audit());
        for (const auto& source : registry->sources()) {
            // Rules are checked against what can be read now; the rest when it can be. A server that is not there must
            // not keep the others waiting.
            if (source->governs()) {
                static_cast<void>(source->catalog(std::chrono::seconds(3)));
            }
        }
        const crypto::Digest pseudonyms = key.derive("mask.hash");
        auto made = std::make_unique<gateway::Gateway>(
            *registry, *trail, std::vector<std::uint8_t>(pseudonyms.begin(), pseudonyms.end()));
        MAJED_TRY(made->install_policies(settings_.policies, settings_.column_keys));
        gateway_ = std::move(made);
    }
    return gateway_.get();
}

Result<std::string> WiredInstallation::native_script(const std::string& source) {
    MAJED_TRY_ASSIGN(source::SourceRegistry* const registry, sources());
    MAJED_TRY_ASSIGN(source::Source* const found, registry->find(source));
    const std::string& name = found->options().name;
    if (found->engine() == "sqlite") {
        return Error{ErrorCode::invalid_argument,
                     "source " + name + " is a SQLite file, which has no row-level security"};
    }
    MAJED_TRY_ASSIGN(const auto catalog, found->catalog());
    return rewrite::server_script(*settings_.policies, name, *catalog);
}

Result<std::vector<std::string>> WiredInstallation::native_differences(const std::string& source) {
    MAJED_TRY_ASSIGN(source::SourceRegistry* const registry, sources());
    MAJED_TRY_ASSIGN(source::Source* const found, registry->find(source));
    if (found->engine() == "sqlite") {
        return Error{ErrorCode::unsupported, "a SQLite file holds no rules that could be compared"};
    }
    MAJED_TRY_ASSIGN(const auto catalog, found->refresh_catalog());
    return rewrite::server_differences(*settings_.policies, found->options().name, *catalog);
}

std::size_t WiredInstallation::rule_count() const {
    const policy::PolicySet& policies = *settings_.policies;
    return policies.row_policies().size() + policies.mask_policies().size() +
           policies.encrypted_columns().size();
}

source::SourceObserver WiredInstallation::observer_of(const std::string& source) {
    return log_ == nullptr ? source::SourceObserver{} : logging_observer(*log_, source);
}

Result<source::Source*> WiredInstallation::primary() {
    if (primary_ == nullptr) {
        driver::Target target;
        target.url = "sqlite:" + settings_.primary_path;
        target.access = driver::Access::read_write;
        source::SourceOptions options;
        options.name = cli::primary_database;
        options.location = target.url;
        options.required = true;
        options.access = target.access;
        options.breaker = pool::sqlite_breaker_options();
        options.breaker.target = pool::TargetUse::writes;
        MAJED_TRY_ASSIGN(auto driver, make_driver(std::move(target)));
        MAJED_TRY_ASSIGN(primary_, source::Source::start(std::move(options), std::move(driver),
                                                         observer_of(std::string(cli::primary_database))));
    }
    return primary_.get();
}

Result<std::unique_ptr<source::HealthMonitor>> WiredInstallation::monitor() {
    MAJED_TRY_ASSIGN(source::Source* const own, primary());
    MAJED_TRY_ASSIGN(source::SourceRegistry* const registry, sources());
    std::vector<source::WatchedSource> watched;
    watched.push_back(own->watched(settings_.health));
    for (const auto& source : registry->sources()) {
        watched.push_back(source->watched(settings_.health));
    }
    return source::HealthMonitor::create(std::move(watched));
}

format::HealthDocument WiredInstallation::health_of(const source::HealthMonitor& watchers) const {
    format::HealthDocument document = to_document(watchers.report(), health_frame());
    audit::add_health(document, audit_->stats(), document.timestamp);
    return document;
}

std::string WiredInstallation::metrics() const {
    std::vector<source::SourceCounts> counts;
    const auto count = [&counts](source::Source& source) {
        counts.push_back({source.options().name, source.pool_stats(), source.breaker().snapshot()});
    };
    count(*primary_);
    for (const auto& source : sources_->sources()) {
        count(*source);
    }
    return source::metrics_text(counts) + audit::metrics_text(audit_->stats());
}

Result<const SourceMigrations*> WiredInstallation::migrations_of(const cli::MigrationChoice& choice) const {
    for (const ConfiguredSource& configured : settings_.sources) {
        if (configured.migrations.source != choice.source) continue;
        if (!choice.folder.empty() || !configured.migrations.folder.empty()) return &configured.migrations;
        return Error{ErrorCode::invalid_argument, "source " + choice.source + " has no folder of migrations"}
            .with_hint("set dir in its [sources.migrations], or give --dir");
    }
    return Error{ErrorCode::not_found, "there is no source " + choice.source};
}

Result<std::string> WiredInstallation::migration_folder(const cli::MigrationChoice& choice) {
    if (!choice.folder.empty()) return choice.folder;
    if (choice.source.empty() || choice.source == cli::primary_database) {
        return Error{ErrorCode::invalid_argument,
                     "the migrations of the primary store are built into the program"}
            .with_hint("--source names the database the new one is for, --dir the folder");
    }
    MAJED_TRY_ASSIGN(const SourceMigrations* const found, migrations_of(choice));
    return found->folder;
}

Result<cli::MigratedDatabase> WiredInstallation::migrated(const cli::MigrationChoice& choice) {
    if (choice.source.empty() || choice.source == cli::primary_database) {
        if (!choice.folder.empty()) {
            return Error{ErrorCode::invalid_argument,
                         "the migrations of the primary store are built into the program"}
                .with_hint("--source names the database the folder is for");
        }
        return migrated_primary(settings_.audit, choice.lock_wait);
    }
    MAJED_TRY(take_stored_passwords());
    MAJED_TRY_ASSIGN(const SourceMigrations* const found, migrations_of(choice));
    return migrated_source(*found, choice.folder.empty() ? found->folder : choice.folder, choice.lock_wait);
}

std::string WiredInstallation::migrations() const {
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("items").begin_array();
    append_listing(json, cli::primary_database, migrated_primary(settings_.audit, {}));
    for (const ConfiguredSource& configured : settings_.sources) {
        const SourceMigrations& settings = configured.migrations;
        if (!settings.folder.empty()) {
            append_listing(json, settings.source, migrated_source(settings, settings.folder, {}));
        }
    }
    json.end_array().key("next").null().end_object();
    return out;
}

Result<format::HealthDocument> WiredInstallation::health() {
    // It looks at what protects the sources; without it the rest is well or not all the same.
    static_cast<void>(gateway());
    MAJED_TRY_ASSIGN(source::Source* const own, primary());
    MAJED_TRY_ASSIGN(source::SourceRegistry* const registry, sources());
    std::vector<source::SourceHealth> found;
    const auto look_at = [this, &found](source::Source& source) {
        source::HealthWatch watch(source.watched(settings_.health), SteadyClock::now);
        watch.look();
        found.push_back(watch.health());
    };
    look_at(*own);
    for (const auto& source : registry->sources()) {
        look_at(*source);
    }
    return to_document(source::report_of(std::move(found), SteadyClock::now()), health_frame());
}

void WiredInstallation::bound_the_stop() {
    constexpr std::chrono::seconds for_the_rest{5};
    StopBound::Steps steps;
    steps.grace = settings_.server.stop_grace;
    steps.rest = for_the_rest;
    steps.hurry = [this] {
        for (const auto& source : sources_->sources()) {
            source->drain(SteadyClock::now());
        }
    };
    steps.give_up = [this](StopProgress progress) {
        const bool answered = progress == StopProgress::answered;
        log_->warning("left behind what hangs", {{"answered", answered}});
        std::_Exit(answered ? EXIT_SUCCESS : EXIT_FAILURE);
    };
    stop_bound_ = std::make_unique<StopBound>(std::move(steps));
}

Result<void> WiredInstallation::purge_what_is_configured(store::PrimaryStore& store, audit::AuditTrail& trail,
                                                         const Stopping& stopping) const {
    MAJED_TRY_ASSIGN(const auto retention, store.configured(store::audit_retention));
    if (retention == std::chrono::milliseconds(0)) return {};
    MAJED_TRY_ASSIGN(auto options, purge_options(retention));
    options.username = housekeeper;
    options.stop = stopping;
    MAJED_TRY_ASSIGN(const auto purged, audit::purge_records(trail, options, wall_time_now()));
    if (purged.records > 0) {
        log_->info("audit purged", {{"records", static_cast<std::int64_t>(purged.records)},
                                    {"before", std::string_view(purged.before)}});
    }
    return {};
}

std::unique_ptr<Housekeeping> WiredInstallation::housekeeping(store::PrimaryStore& store,
                                                              audit::AuditTrail& trail) {
    telemetry::Log& log = *log_;
    std::vector<Job> jobs;
    const auto reseal = std::make_shared<ResealJob>(settings_.primary_path, seals_, log);
    jobs.push_back({"key.reseal", std::chrono::minutes(1),
                    [reseal](const Stopping& stopping) { return reseal->run(stopping); }});
    jobs.push_back({"audit.purge", std::chrono::hours(1), [this, &store, &trail](const Stopping& stopping) {
                        return purge_what_is_configured(store, trail, stopping);
                    }});
    jobs.push_back({"conversations.expire", std::chrono::hours(1),
                    [&store, &log](const Stopping& stopping) -> Result<void> {
                        MAJED_TRY_ASSIGN(const std::int64_t deleted, store.expire_conversations(stopping));
                        if (deleted > 0) log.info("conversations expired", {{"turns", deleted}});
                        return {};
                    }});
    return std::make_unique<Housekeeping>(std::move(jobs), [&log](const Job& job, const Error& error) {
        log.error("housekeeping failed", {{"job", std::string_view(job.name)},
                                          {"code", traits(error.code).name},
                                          {"error", std::string_view(error.message)}});
    });
}

Result<void> WiredInstallation::bring_up_primary() {
    LoggingRun observer(*log_);
    MAJED_TRY_ASSIGN(const PrimaryUpgrade upgrade,
                     upgrade_and_record(settings_.audit, MAJED_VERSION, observer));
    if (!upgrade.backup.empty()) {
        log_->info("backed up the primary store", {{"file", std::string_view(upgrade.backup)}});
    }
    const Error* const failure = upgrade.run.failure();
    return failure == nullptr ? Result<void>() : *failure;
}

Result<void> WiredInstallation::serve(const std::function<void(std::string_view)>& ready) {
    log_ = std::make_unique<telemetry::Log>(settings_.log);
    // Before anything else has the store open; the other commands refuse a store that waits for its migrations.
    MAJED_TRY(bring_up_primary());
    MAJED_TRY_ASSIGN(store::PrimaryStore* const users, store());
    MAJED_TRY_ASSIGN(audit::AuditTrail* const trail, audit());
    MAJED_TRY_ASSIGN(gateway::Gateway* const gate, gateway());
    telemetry::Log& log = *log_;
    MAJED_TRY_ASSIGN(const auto watchers, monitor());
    MAJED_TRY(watchers->start());
    api::ApiParts parts{.gateway = *gate,
                        .store = *users,
                        .audit = *trail,
                        .ready = [&watchers] { return watchers->report().ready(); },
                        .health = [this, &watchers] { return health_of(*watchers); },
                        .metrics = [this] { return metrics(); },
                        .migrations = [this] { return migrations(); },
                        .audit_records = [this] { return audit_records(); },
                        .verify_audit = [this] { return verify_audit(); },
                        .metrics_audience = settings_.metrics,
                        .session_lifetime = settings_.store.session_lifetime};
    api::Api calls(std::move(parts), settings_.throttle);
    bound_the_stop();
    settings_.server.on_stop = [this] { stop_bound_->begin(); };
    MAJED_TRY_ASSIGN(const auto server, api::HttpServer::listen(settings_.server, calls, log));
    const auto keeping = housekeeping(*users, *trail);
    MAJED_TRY(keeping->start());
    const std::string address = server->address();
    log.info("serving", {{"address", std::string_view(address)}});
    record_serving(*trail, "server.start", address);
    ready(address);
    server->run();
    record_serving(*trail, "server.stop", address);
    // First what must not be lost: from here on only what hangs can take time.
    trail->flush();
    stop_bound_->answered();
    keeping->stop();
    watchers->stop();
    std::size_t forced = 0;
    for (const auto& source : sources_->sources()) {
        forced += source->drain(SteadyClock::now());
    }
    const auto stats = trail->stats();
    log.info("stopped", {{"sessions_forced", static_cast<std::int64_t>(forced)},
                         {"audit_written", static_cast<std::int64_t>(stats.written)},
                         {"audit_dropped", static_cast<std::int64_t>(stats.dropped)}});
    return {};
}

}  // namespace majed::app
