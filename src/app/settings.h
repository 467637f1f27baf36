/// Everything an operator can set, read from majed.toml, the environment and flags into the options of the modules.
///
/// Why      Modules know their options, config/ knows files; this is the only place that knows the keys' names.
/// Life     A value.
/// Threads  A value.
/// Not here The mechanism of files and overrides (config/document.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/api.h"
#include "api/http_server.h"
#include "app/source_settings.h"
#include "audit/audit_trail.h"
#include "config/document.h"
#include "core/result.h"
#include "gateway/gateway.h"
#include "policy/policy_set.h"
#include "telemetry/log.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace majed::app {

struct Settings {
    api::HttpServerOptions server;
    api::ThrottleOptions throttle;
    api::MetricsAudience metrics = api::MetricsAudience::loopback;
    store::StoreOptions store;  ///< Its journal is the installation's.
    std::string primary_path;
    std::string key_file;
    std::vector<ConfiguredSource> sources;
    source::HealthOptions health;
    std::shared_ptr<const policy::PolicySet> policies;
    std::shared_ptr<const gateway::ColumnKeys> column_keys;  ///< Of the policies' encrypted columns.
    audit::AuditOptions audit;
    telemetry::LogOptions log;
    std::uint64_t sqlite_memory = 0;     ///< Of all connections of the process together.
    std::vector<config::Setting> shown;  ///< Every key that was asked for, secrets redacted.
};

/// Errors: not_found (no such file), invalid_argument (every mistake, a line each: file, line, key, what was
/// expected).
[[nodiscard]] Result<Settings> read_settings(config::Document document);

}  // namespace majed::app
