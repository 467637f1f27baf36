// SPDX-License-Identifier: Apache-2.0
#include "source/health_document.h"

#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace majed::source {
namespace {

using Seconds = std::chrono::duration<double>;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// The spelling of the specification: HALF_OPEN.
std::string state_text(pool::BreakerStatus status) {
    std::string text(name_of(status));
    for (char& letter : text) {
        letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    }
    return text;
}

/// Whole numbers are written as such.
format::ObservedValue observed(double value) {
    constexpr double exact = 9007199254740992.0;  // 2^53
    if (std::trunc(value) == value && std::abs(value) < exact) {
        return static_cast<std::int64_t>(value);
    }
    return value;
}

class DocumentParts {
public:
    DocumentParts(format::HealthDocument& document, const HealthFrame& frame, SteadyClock::time_point at)
        : document_(document), frame_(frame), at_(at) {}

    void add(const SourceHealth& source) {
        document_.databases.push_back(database(source));
        if (source.requirement == Requirement::absent) {
            return;
        }
        add_answer(source);
        add_pool(source);
        if (source.breaker_view) {
            add_breaker(source, *source.breaker_view);
        }
        for (const HealthMeasure& measure : source.measures) {
            document_.checks.push_back({.component = source.name,
                                        .measurement = measure.name,
                                        .value = observed(measure.value),
                                        .unit = measure.unit,
                                        .status = measure.level,
                                        .time = time(source.checked_at),
                                        .output = measure.output});
        }
    }

private:
    [[nodiscard]] std::string time(std::optional<SteadyClock::time_point> point) const {
        return point && frame_.time_text ? frame_.time_text(*point) : std::string();
    }

    [[nodiscard]] format::DatabaseHealth database(const SourceHealth& source) const {
        if (source.requirement == Requirement::absent) {
            return {.name = source.name, .status = "absent"};
        }
        format::DatabaseHealth database{.name = source.name, .status = "unhealthy"};
        if (source.reachable) {
            database.status = "healthy";
        } else if (source.liveness == Liveness::unknown) {
            database.status = "unknown";
        }
        if (source.response_time) {
            database.response_time_ms = Milliseconds(*source.response_time).count();
        }
        if (source.checked_at) {
            database.connection_test =
                source.last_failure == FailureClass::none && source.liveness == Liveness::up ? "passed"
                                                                                             : "failed";
        }
        database.error =
            source.answer.level != HealthLevel::pass ? source.answer.output : source.breaker.output;
        database.timestamp = time(source.checked_at);
        return database;
    }

    void add_answer(const SourceHealth& source) {
        format::HealthCheck check{.component = source.name,
                                  .measurement = "responseTime",
                                  .status = source.answer.level,
                                  .time = time(source.checked_at),
                                  .output = source.answer.output};
        if (source.response_time) {
            check.value = Milliseconds(*source.response_time).count();
            check.unit = "ms";
        }
        document_.checks.push_back(std::move(check));
    }

    void add_pool(const SourceHealth& source) {
        const PoolUse& pool = source.pool_use;
        if (pool.max == 0) {
            return;
        }
        format::HealthCheck check{.component = source.name,
                                  .measurement = "connections",
                                  .value = static_cast<std::int64_t>(pool.in_use),
                                  .unit = "connections",
                                  .status = source.pool.level,
                                  .time = time(at_),
                                  .output = source.pool.output};
        document_.checks.push_back(check);
        check.measurement = "utilization";
        check.value = 100.0 * static_cast<double>(pool.in_use) / static_cast<double>(pool.max);
        check.unit = "percent";
        document_.checks.push_back(std::move(check));
    }

    void add_breaker(const SourceHealth& source, const pool::BreakerSnapshot& view) {
        document_.checks.push_back({.component = source.name,
                                    .measurement = "circuitBreaker",
                                    .value = std::string(name_of(view.status)),
                                    .status = source.breaker.level,
                                    .time = time(at_),
                                    .output = source.breaker.output});
        format::BreakerHealth breaker{.name = source.name,
                                      .state = state_text(view.status),
                                      .failure_count = view.failures_in_a_row,
                                      .success_count = view.half_open_successes,
                                      .last_failure_time = time(view.last_failure),
                                      .failure_threshold = view.failure_threshold,
                                      .timeout_seconds = Seconds(view.open_for).count()};
        if (view.retry_after) {
            breaker.retry_after_seconds = Seconds(*view.retry_after).count();
        }
        if (view.cause != FailureClass::none) {
            breaker.cause = name_of(view.cause);
        }
        if (view.reason != pool::TripReason::none) {
            breaker.reason =
                view.operator_reason.empty() ? std::string(name_of(view.reason)) : view.operator_reason;
        }
        document_.circuit_breakers.push_back(std::move(breaker));
    }

    format::HealthDocument& document_;
    const HealthFrame& frame_;
    SteadyClock::time_point at_;
};

}  // namespace

format::HealthDocument to_document(const HealthReport& report, const HealthFrame& frame) {
    format::HealthDocument document;
    document.status = report.level;
    document.version = frame.version;
    document.release_id = frame.release_id;
    if (frame.time_text) {
        document.timestamp = frame.time_text(report.at);
    }
    DocumentParts parts(document, frame, report.at);
    for (const SourceHealth& source : report.sources) {
        parts.add(source);
        if (source.level != HealthLevel::pass) {
            document.output += (document.output.empty() ? "" : ", ") + source.name;
        }
    }
    if (!document.output.empty()) {
        document.output = "not well: " + document.output;
    }
    return document;
}

}  // namespace majed::source
