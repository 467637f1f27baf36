// SPDX-License-Identifier: Apache-2.0
#include "app/source_settings.h"

#include "config/units.h"
#include "pool/breaker_options.h"
#include "pool/pool_options.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

namespace majed::app {

namespace {

using config::Table;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using config::gib;
using config::kib;
using config::mib;

constexpr std::string_view sqlite_scheme = "sqlite:";
constexpr std::array<std::string_view, 3> server_schemes{"postgresql://", "postgres://", "oracle://"};

constexpr std::size_t sqlite_sessions = 10;
constexpr std::size_t server_sessions = 20;

bool is_server(std::string_view url) {
    for (const std::string_view scheme : server_schemes) {
        if (url.starts_with(scheme) && url.size() > scheme.size()) {
            return true;
        }
    }
    return false;
}

/// What is in a URL is shown; what nobody may see has keys of its own. The value is not repeated.
void refuse_secrets(Table& table, std::string_view url) {
    const auto query = std::min(url.find('?'), url.size());
    bool found = url.substr(0, query).find('@') != std::string_view::npos;
    for (std::size_t at = query; at < url.size(); at = std::min(url.find('&', at), url.size())) {
        const std::string_view parameter = url.substr(++at);
        for (const std::string_view secret : {"user=", "password=", "sslpassword=", "passfile="}) {
            found = found || parameter.starts_with(secret);
        }
    }
    if (found) {
        table.mistake("url", "expected no user and no password in it; they are keys of their own");
    }
}

/// Answers whether a password was given, be it an empty one.
bool read_target(Table& table, driver::Target& target) {
    const std::string url =
        table.text("url", {{}, "sqlite:FILE, postgresql://host:port/database or oracle://host:port/service"});
    target.user = table.optional_text("user", "Login name at the database").value_or("");
    auto password = table.secret("password", "Password of the login");
    const bool has_password = password.has_value();
    if (password) {
        target.password = std::move(*password);
    }
    if (std::string_view(url).starts_with(sqlite_scheme)) {
        target.url = std::string(sqlite_scheme) + sqlite_path(table, "url", url);
        if (!target.user.empty()) {
            table.mistake("user", "expected none; SQLite has no users");
        }
        if (!target.password.empty()) {
            table.mistake("password", "expected none; SQLite has no passwords");
        }
        return has_password;
    }
    target.url = url;
    refuse_secrets(table, url);
    if (!url.empty() && !is_server(url)) {
        table.mistake("url", "expected sqlite:FILE, postgresql://host/database or oracle://host/service");
    }
    return has_password;
}

/// Checks of options say `pool.min: expected ...` or `breaker: open_max must be ...`.
void refuse_option(Table& table, std::string_view message) {
    const auto head = message.find(':');
    const auto dot = message.substr(0, head).find('.');
    if (dot != std::string_view::npos) {
        table.mistake(message.substr(dot + 1, head - dot - 1), message.substr(head + 2));
        return;
    }
    message.remove_prefix(head + 2);
    const auto key = message.substr(0, message.find(' '));
    table.mistake(key, message.substr(std::min(key.size() + 1, message.size())));
}

/// Names go into requests, logs, metrics and onto terminals.
void check_name(Table& table, std::string_view name) {
    constexpr std::size_t longest = 64;
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
    if (name == "primary") {
        table.mistake("name", "expected another one; \"primary\" is the gateway's own store");
    } else if (!table.has("name")) {
        return;  // Said already.
    } else if (name.empty() || name.size() > longest || name.front() == ' ' || name.back() == ' ' ||
               std::any_of(name.begin(), name.end(), is_control)) {
        table.mistake("name", "expected 1 to 64 bytes, no control characters, no blank at either end");
    }
}

void read_pool(Table table, pool::PoolOptions& options) {
    for (const pool::PoolCountKey& key : pool::pool_count_keys) {
        options.*key.member = static_cast<std::size_t>(
            table.integer(key.key, {static_cast<std::int64_t>(options.*key.member), key.text,
                                    static_cast<std::int64_t>(key.min), static_cast<std::int64_t>(key.max)}));
    }
    for (const pool::PoolDurationKey& key : pool::pool_duration_keys) {
        if (key.member == &pool::PoolOptions::start_timeout) {
            continue;  // A source never waits for its database when it starts.
        }
        options.*key.member = table.duration(key.key, {options.*key.member, key.text, key.min, key.max});
    }
    if (!table.has("min")) {
        options.min = std::min(options.min, options.max);  // `max = 1` alone must be enough to say.
    }
    if (const auto checked = pool::check(options); !checked) {
        refuse_option(table, checked.error().message);
    }
}

std::uint32_t number(Table& table, std::string_view key, const config::IntegerKey& declared) {
    return static_cast<std::uint32_t>(table.integer(key, declared));
}

double percent(Table& table, std::string_view key, double fallback, std::string_view text) {
    constexpr double whole = 100.0;
    const auto given = table.integer(key, {static_cast<std::int64_t>(fallback * whole), text, 1, 100});
    return static_cast<double>(given) / whole;
}

pool::WindowKind window_named(std::string_view name) {
    return name == "calls"  ? pool::WindowKind::calls
           : name == "time" ? pool::WindowKind::time
                            : pool::WindowKind::none;
}

void read_breaker(Table table, pool::BreakerOptions& options) {
    options.failure_threshold =
        number(table, "failure_threshold",
               {options.failure_threshold, "Failures in a row that open it; 0: this rule is off", 0, 100000});
    options.open_for = table.duration(
        "open_for", {options.open_for, "How long it stays open the first time", milliseconds(1), hours(24)});
    options.open_max =
        table.duration("open_max", {std::max(options.open_max, options.open_for),
                                    "How long it stays open at most", milliseconds(1), hours(24)});
    options.successes_to_close =
        number(table, "successes_to_close",
               {options.successes_to_close, "Successes in a row that close it from half-open", 1, 1000});
    options.half_open_permits = number(
        table, "half_open_permits", {options.half_open_permits, "Calls at a time while half-open", 1, 1000});
    options.half_open_max_age =
        table.duration("half_open_max_age", {options.half_open_max_age,
                                             "Half-open with a call that does not come back: opens again",
                                             milliseconds(1), hours(24)});
    options.login_retry = table.duration(
        "login_retry",
        {options.login_retry, "Pause after a refused login; grows", milliseconds(1), hours(24)});
    options.login_retry_max = table.duration(
        "login_retry_max",
        {options.login_retry_max, "Longest pause after refused logins", milliseconds(1), hours(24 * 7)});
    options.window = window_named(table.text(
        "window", {"none", "Failure rate over the last calls, or over time", {"none", "calls", "time"}}));
    options.window_calls =
        number(table, "window_calls", {options.window_calls, "Calls of a window of calls", 1, 100000});
    options.window_span = std::chrono::duration_cast<seconds>(table.duration(
        "window_span", {options.window_span, "Length of a window of time", seconds(1), hours(1)}));
    options.minimum_calls = number(
        table, "minimum_calls", {options.minimum_calls, "Fewer calls in the window say nothing", 1, 100000});
    options.failure_rate =
        percent(table, "failure_percent", options.failure_rate, "Share of failed calls that opens it");
    options.slow_rate =
        percent(table, "slow_percent", options.slow_rate, "Share of slow calls that opens it");
    options.slow_call_duration = table.duration(
        "slow_call",
        {options.slow_call_duration, "From here a call is slow; 0: none is", milliseconds(0), hours(24)});
    if (const auto checked = pool::check(options); !checked) {
        refuse_option(table, checked.error().message);
    }
}

source::BreakerMode mode_named(std::string_view name) {
    return name == "forced_open" ? source::BreakerMode::forced_open
           : name == "disabled"  ? source::BreakerMode::disabled
                                 : source::BreakerMode::automatic;
}

void read_limits(Table table, source::SourceLimits& limits) {
    limits.max_rows = static_cast<std::uint64_t>(
        table.integer("max_rows", {10000, "Rows of one answer", 1, 1000LL * 1000 * 1000}));
    limits.max_bytes = table.size("max_bytes", {64 * mib, "Bytes of one answer's cells", kib, 4 * gib});
    limits.statement_timeout = table.duration(
        "statement_timeout", {seconds(30), "Time of one statement", milliseconds(1), hours(24)});
}

Secret copy_of(const Secret& secret) {
    return Secret(std::string(secret.reveal()));
}

void read_migrations(Table table, const ConfiguredSource& configured, SourceMigrations& migrations) {
    const driver::Target& source = configured.target;
    if (const auto folder = table.optional_text("dir", "Folder of its migrations")) {
        migrations.folder = path_in(table, *folder);
    }
    migrations.target.url = source.url;
    migrations.target.access = driver::Access::read_write;
    migrations.target.application = "majed migrate";
    const auto user =
        table.optional_text("user", "Login that may change the schema; the source's own unless set");
    auto password = table.secret("password", "Password of that login");
    if (user && !is_server(source.url)) {
        table.mistake("user", "expected none; SQLite has no users");
    }
    if (password && !user) {
        table.mistake("password", "expected none without a user of its own");
    }
    migrations.target.user = user.value_or(source.user);
    migrations.stored_password = !user && configured.stored_password;
    migrations.target.password =
        user ? (password ? std::move(*password) : Secret()) : copy_of(source.password);
    migrations.lock_wait = table.duration(
        "lock_wait", {migrations.lock_wait, "For another run to end", milliseconds(1), hours(24)});
    migrations.statement_timeout = table.duration(
        "statement_timeout",
        {migrations.statement_timeout, "Time of one statement", milliseconds(1), hours(24 * 7)});
}

/// What a source takes beside queries and governed writes: whether `ddl` is in the list.
bool read_allow(Table& table, bool read_only) {
    const auto allowed = table.texts(
        "allow", {std::vector<std::string>(),
                  "ddl: changes of the schema, by administrators at the command line, one at a time"});
    for (const std::string& each : allowed) {
        if (each != "ddl") {
            table.mistake("allow", "expected \"ddl\" or nothing, found \"" + each + '"');
            return false;
        }
    }
    if (!allowed.empty() && read_only) {
        table.mistake("allow", "expected nothing, or read_only = false beside it");
        return false;
    }
    return !allowed.empty();
}

ConfiguredSource read_source(Table& table) {
    ConfiguredSource source;
    source::SourceOptions& options = source.options;
    options.name = table.text("name", {{}, "Its name in requests and rules"});
    check_name(table, options.name);
    const bool has_password = read_target(table, source.target);
    options.location = source.target.url;
    const bool server = is_server(source.target.url);
    source.is_server = server;
    source.stored_password = server && !source.target.user.empty() && !has_password;
    const bool read_only = table.flag("read_only", {true, "Statements may only read"});
    options.access = read_only ? driver::Access::read_only : driver::Access::read_write;
    source.target.access = options.access;
    const std::string enforcement =
        table.text("enforcement",
                   {"rewrite",
                    "rewrite: statements are rewritten; native: the database's own policies hold the rows",
                    {"rewrite", "native"}});
    options.enforcement =
        enforcement == "native" ? source::Enforcement::native : source::Enforcement::rewrite;
    if (enforcement == "native" && !server) {
        table.mistake("enforcement", "expected \"rewrite\"; \"native\" is for PostgreSQL and Oracle");
    }
    options.takes_ddl = read_allow(table, read_only);
    options.required = table.flag("required", {false, "Without it the gateway is not ready to answer"});
    options.pool.max = server ? server_sessions : sqlite_sessions;
    options.pool.writes = !read_only;
    read_pool(table.table("pool"), options.pool);
    options.breaker = server ? pool::BreakerOptions{} : pool::sqlite_breaker_options();
    options.breaker.target = read_only ? pool::TargetUse::reads : pool::TargetUse::writes;
    read_breaker(table.table("breaker"), options.breaker);
    options.breaker_mode = mode_named(table.table("breaker").text(
        "mode", {"automatic",
                 "forced_open: nothing passes, for maintenance; disabled: everything passes, uncounted",
                 {"automatic", "forced_open", "disabled"}}));
    read_limits(table.table("limits"), options.limits);
    source.migrations.source = options.name;
    read_migrations(table.table("migrations"), source, source.migrations);
    return source;
}

}  // namespace

source::HealthOptions read_health(config::Document& document) {
    source::HealthOptions options;
    Table table = document.table("health");
    options.interval =
        table.duration("interval", {options.interval, "Between two checks", milliseconds(50), hours(1)});
    options.recheck = table.duration(
        "recheck",
        {options.recheck, "Between two checks while something changes", milliseconds(10), hours(1)});
    options.timeout =
        table.duration("timeout", {options.timeout, "Of one check", milliseconds(10), minutes(1)});
    options.slow_after = table.duration(
        "slow_after",
        {options.slow_after, "An answer that took this long is a warning", milliseconds(1), hours(1)});
    options.failures_to_go_down =
        number(table, "failures_to_go_down",
               {options.failures_to_go_down, "Failed checks in a row until it is down", 1, 100});
    options.successes_to_come_up =
        number(table, "successes_to_come_up",
               {options.successes_to_come_up, "Good checks in a row until it is up again", 1, 100});
    if (const auto checked = source::check(options); !checked) {
        refuse_option(table, checked.error().message);
    }
    return options;
}

std::string path_in(const Table& table, const std::string& path) {
    const std::filesystem::path given(path);
    return given.is_absolute() ? path
                               : (std::filesystem::path(table.folder()) / given).lexically_normal().string();
}

std::string sqlite_path(Table& table, std::string_view key, const std::string& url) {
    if (!std::string_view(url).starts_with(sqlite_scheme) || url.size() == sqlite_scheme.size()) {
        if (!url.empty()) {
            table.mistake(key, "expected \"sqlite:FILE\"");
        }
        return {};
    }
    return path_in(table, url.substr(sqlite_scheme.size()));
}

std::vector<ConfiguredSource> read_sources(config::Document& document) {
    std::vector<ConfiguredSource> sources;
    std::set<std::string> names;
    for (Table& table : document.array_of_tables("sources")) {
        ConfiguredSource source = read_source(table);
        if (!names.insert(source.options.name).second) {
            table.mistake(
                "name", "expected a name of its own; there is a source " + source.options.name + " already");
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

}  // namespace majed::app
