// SPDX-License-Identifier: Apache-2.0
#include "app/settings.h"

#include "app/rules.h"
#include "config/units.h"

#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace majed::app {
namespace {

using config::DurationKey;
using config::IntegerKey;
using config::SizeKey;
using config::Table;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using config::gib;
using config::kib;
using config::mib;

std::size_t count(Table& table, std::string_view key, const IntegerKey& declared) {
    return static_cast<std::size_t>(table.integer(key, declared));
}

void read_server(Table server, Settings& settings) {
    auto& http = settings.server;
    http.listen = server.text("listen", {"127.0.0.1:8080", "Address and port; port 0 takes a free one"});
    http.allow_insecure_remote =
        server.flag("allow_insecure_remote", {false, "Listen beyond loopback although there is no TLS"});
    http.network_threads = count(server, "network_threads", {2, "Threads that read and write", 1, 64});
    http.workers = count(server, "workers", {8, "Calls answered at the same time", 1, 1024});
    http.max_waiting =
        count(server, "max_waiting", {256, "Calls waiting for a worker before 503", 0, 100000});
    http.max_connections =
        count(server, "max_connections", {1024, "Connections at the same time", 1, 100000});
    http.max_body = server.size("max_body", {mib, "Largest body of a request", kib, 64 * mib});
    http.idle_timeout =
        server.duration("idle_timeout", {seconds(60), "Between two requests", seconds(1), hours(1)});
    http.request_timeout =
        server.duration("request_timeout", {seconds(15), "For a request to arrive", seconds(1), hours(1)});
    http.write_timeout = server.duration(
        "write_timeout", {seconds(30), "For a piece of an answer to leave", seconds(1), hours(1)});
    http.stop_grace = server.duration(
        "stop_grace", {seconds(10), "For answers under way at the end", milliseconds(0), hours(1)});
    settings.store.session_lifetime = server.duration(
        "session_lifetime", {hours(12), "How long a login holds at most", seconds(1), hours(24 * 30)});
    settings.store.session_idle = server.duration(
        "session_idle", {hours(1), "How long a login holds unused", minutes(2), hours(24 * 30)});
    settings.store.token_lifetime = server.duration(
        "token_lifetime", {minutes(15), "How long a client's access token holds", seconds(1), hours(24)});
    const std::string metrics = server.text(
        "metrics",
        {"loopback", "Who may read /metrics without credentials", {"nobody", "loopback", "everybody"}});
    settings.metrics = metrics == "nobody"      ? api::MetricsAudience::nobody
                       : metrics == "everybody" ? api::MetricsAudience::everybody
                                                : api::MetricsAudience::loopback;
    settings.throttle.failures_per_user =
        count(server, "login_attempts",
              {5, "Failed logins of a user from an address before a pause, which then doubles", 1, 1000});
    settings.throttle.failures_per_account = 10 * settings.throttle.failures_per_user;
    settings.throttle.failures_per_address =
        count(server, "login_attempts_per_address",
              {30, "Failed logins from an address before a pause, which then doubles", 1, 100000});
}

void read_audit(Table audit, Settings& settings) {
    const std::string reads = audit.text(
        "reads",
        {"best_effort", "strict: a read waits until its intent is on disk", {"best_effort", "strict"}});
    settings.audit.reads = reads == "strict" ? audit::Assurance::strict : audit::Assurance::best_effort;
    const std::string statements = audit.text(
        "statements", {"normalised",
                       "sealed: besides, encrypted, each statement as it was sent, with its values",
                       {"normalised", "sealed"}});
    settings.audit.statements =
        statements == "sealed" ? audit::StatementText::sealed : audit::StatementText::normalised;
    settings.audit.max_queued =
        count(audit, "max_queued", {65536, "Records waiting for the disk", 1, 10000000});
    settings.audit.strict_wait = audit.duration(
        "max_wait", {std::chrono::seconds(10), "Longest wait for the disk of what must be recorded first",
                     std::chrono::milliseconds(100), std::chrono::minutes(10)});
    settings.audit.database_path = settings.primary_path;
    settings.audit.heads_path =
        path_in(audit, audit.text("heads_file", {"majed.heads", "Second place of the audit's signed heads"}));
    settings.audit.sign_every = audit.duration(
        "sign_every", {std::chrono::seconds(10), "Pause between signed heads while records come",
                       std::chrono::milliseconds(100), std::chrono::hours(1)});
}

void read_telemetry(Table telemetry, Settings& settings) {
    const std::string level = telemetry.text(
        "log_level", {"info", "Least important lines written", {"debug", "info", "warning", "error", "off"}});
    const std::string form = telemetry.text("log_format", {"logfmt", "Form of a line", {"logfmt", "json"}});
    settings.log.level = telemetry::log_level_from(level).value_or(telemetry::LogLevel::info);
    settings.log.format = telemetry::log_format_from(form).value_or(telemetry::LogFormat::logfmt);
}

}  // namespace

Result<Settings> read_settings(config::Document document) {
    Settings settings;
    read_server(document.table("server"), settings);
    Table primary = document.table("primary");
    settings.primary_path = sqlite_path(
        primary, "url", primary.text("url", {"sqlite:majed.db", "What the gateway itself remembers"}));
    Table keys = document.table("keys");
    settings.key_file =
        path_in(keys, keys.text("file", {"majed.key", "Root key of the installation, mode 0600"}));
    settings.sources = read_sources(document);
    settings.health = read_health(document);
    read_audit(document.table("audit"), settings);
    read_telemetry(document.table("telemetry"), settings);
    settings.sqlite_memory = document.table("process").size(
        "sqlite_memory", {gib, "Memory of all SQLite connections together", 64 * mib, 1024 * gib});
    Rules rules = read_rules(document);
    MAJED_TRY(document.finish());
    MAJED_TRY_ASSIGN(auto policies, policy::PolicySet::create(std::move(rules.rows), std::move(rules.masks),
                                                              std::move(rules.encrypted)));
    settings.policies = std::make_shared<const policy::PolicySet>(std::move(policies));
    settings.column_keys = std::make_shared<const gateway::ColumnKeys>(std::move(rules.keys));
    settings.shown = document.settings();
    return settings;
}

}  // namespace majed::app
