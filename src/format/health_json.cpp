// SPDX-License-Identifier: Apache-2.0
#include "format/health_json.h"

#include "format/json.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>

namespace majed::format {
namespace {

void optional_text(JsonWriter& json, std::string_view key, std::string_view value) {
    if (!value.empty()) {
        json.key(key).text(value);
    }
}

/// The colon parts component and measurement, so neither may hold one.
std::string key_of(const HealthCheck& check) {
    std::string key = check.component + '/' + check.measurement;
    std::replace(key.begin(), key.end(), ':', '.');
    key[check.component.size()] = ':';
    return key;
}

void append_value(JsonWriter& json, const ObservedValue& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        json.key("observedValue").integer(*whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
        json.key("observedValue").real(*real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        json.key("observedValue").text(*text);
    }
}

void append_check(JsonWriter& json, const HealthCheck& check) {
    json.begin_object();
    optional_text(json, "componentId", check.component);
    optional_text(json, "componentType", check.component_type);
    append_value(json, check.value);
    optional_text(json, "observedUnit", check.unit);
    json.key("status").text(name_of(check.status));
    optional_text(json, "time", check.time);
    if (check.status != HealthLevel::pass) {
        optional_text(json, "output", check.output);
    }
    json.end_object();
}

void append_checks(JsonWriter& json, const std::vector<HealthCheck>& checks) {
    std::map<std::string, std::vector<const HealthCheck*>> by_key;
    for (const HealthCheck& check : checks) {
        by_key[key_of(check)].push_back(&check);
    }
    json.key("checks").begin_object();
    for (const auto& [key, measured] : by_key) {
        json.key(key).begin_array();
        for (const HealthCheck* check : measured) {
            append_check(json, *check);
        }
        json.end_array();
    }
    json.end_object();
}

void append_database(JsonWriter& json, const DatabaseHealth& database) {
    json.key(database.name).begin_object();
    json.key("status").text(database.status);
    if (database.response_time_ms) {
        json.key("response_time_ms").real(*database.response_time_ms);
    }
    optional_text(json, "connection_test", database.connection_test);
    optional_text(json, "error", database.error);
    optional_text(json, "timestamp", database.timestamp);
    json.end_object();
}

void append_breaker(JsonWriter& json, const BreakerHealth& breaker) {
    json.key(breaker.name).begin_object();
    json.key("state").text(breaker.state);
    json.key("failure_count").unsigned_integer(breaker.failure_count);
    json.key("success_count").unsigned_integer(breaker.success_count);
    json.key("last_failure_time");
    if (breaker.last_failure_time.empty()) {
        json.null();
    } else {
        json.text(breaker.last_failure_time);
    }
    json.key("failure_threshold").unsigned_integer(breaker.failure_threshold);
    json.key("timeout_seconds").real(breaker.timeout_seconds);
    if (breaker.retry_after_seconds) {
        json.key("retry_after_seconds").real(*breaker.retry_after_seconds);
    }
    optional_text(json, "cause", breaker.cause);
    optional_text(json, "reason", breaker.reason);
    json.end_object();
}

}  // namespace

std::string_view name_of(HealthLevel level) noexcept {
    constexpr std::array<std::string_view, 3> names{"pass", "warn", "fail"};
    return names.at(static_cast<std::size_t>(level));
}

int http_status(HealthLevel level) noexcept {
    return level == HealthLevel::fail ? 503 : 200;
}

std::string health_json(const HealthDocument& document) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("status").text(name_of(document.status));
    optional_text(json, "version", document.version);
    optional_text(json, "releaseId", document.release_id);
    optional_text(json, "description", document.description);
    if (document.status != HealthLevel::pass) {
        optional_text(json, "output", document.output);
    }
    append_checks(json, document.checks);
    json.key("overall_status").text(document.status == HealthLevel::pass ? "healthy" : "degraded");
    optional_text(json, "timestamp", document.timestamp);
    json.key("databases").begin_object();
    for (const DatabaseHealth& database : document.databases) {
        append_database(json, database);
    }
    json.end_object();
    json.key("circuit_breakers").begin_object();
    for (const BreakerHealth& breaker : document.circuit_breakers) {
        append_breaker(json, breaker);
    }
    json.end_object();
    json.end_object();
    return out;
}

std::string minimal_health_json(HealthLevel status) {
    std::string out;
    JsonWriter(out).begin_object().key("status").text(name_of(status)).end_object();
    return out;
}

}  // namespace majed::format
