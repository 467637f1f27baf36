/// The state of the gateway and its sources as `application/health+json` (draft-inadarei-api-health-check-06).
///
/// Why      Monitors read this shape without being told about us; the members `databases` and `circuit_breakers` are what
///          our own users know.
/// Life     Values and pure functions.
/// Threads  Any.
/// Not here What is healthy (source/); clocks: every time is a text, ISO 8601 in UTC, made by the caller.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace majed::format {

/// Ordered: the worst of several is the greatest.
enum class HealthLevel : std::uint8_t { pass, warn, fail };

[[nodiscard]] std::string_view name_of(HealthLevel level) noexcept;
/// 200 for pass and warn, 503 for fail, as the draft demands.
[[nodiscard]] int http_status(HealthLevel level) noexcept;

inline constexpr std::string_view health_media_type = "application/health+json";

using ObservedValue = std::variant<std::monostate, std::int64_t, double, std::string>;

/// One measurement of one component. Empty texts are left out.
struct HealthCheck {
    std::string component;    ///< `sales`
    std::string measurement;  ///< `responseTime`
    std::string component_type = "datastore";
    ObservedValue value = {};
    std::string unit = {};
    HealthLevel status = HealthLevel::pass;
    std::string time = {};
    std::string output = {};  ///< Why; never written for pass.
};

struct DatabaseHealth {
    std::string name;
    std::string status;  ///< healthy, unhealthy, unknown, absent
    std::optional<double> response_time_ms = {};
    std::string connection_test = {};  ///< passed, failed
    std::string error = {};
    std::string timestamp = {};
};

struct BreakerHealth {
    std::string name;
    std::string state;  ///< CLOSED, OPEN, HALF_OPEN, FORCED_OPEN, DISABLED, LOGIN_REFUSED
    std::uint64_t failure_count = 0;
    std::uint64_t success_count = 0;
    std::string last_failure_time = {};  ///< Empty: null.
    std::uint64_t failure_threshold = 0;
    double timeout_seconds = 0;
    std::optional<double> retry_after_seconds = {};
    std::string cause = {};
    std::string reason = {};
};

struct HealthDocument {
    HealthLevel status = HealthLevel::fail;
    std::string version = {};
    std::string release_id = {};
    std::string description = {};
    std::string output = {};
    std::string timestamp = {};
    std::vector<HealthCheck> checks = {};
    std::vector<DatabaseHealth> databases = {};
    std::vector<BreakerHealth> circuit_breakers = {};
};

/// Everything, for callers who may know host names, versions and errors.
[[nodiscard]] std::string health_json(const HealthDocument& document);

/// The status and nothing else, for everybody.
[[nodiscard]] std::string minimal_health_json(HealthLevel status);

}  // namespace majed::format
