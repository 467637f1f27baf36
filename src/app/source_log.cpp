// SPDX-License-Identifier: Apache-2.0
#include "app/source_log.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace majed::app {

namespace {

using pool::BreakerStatus;
using pool::PoolEventKind;
using telemetry::LogLevel;

LogLevel level_of(BreakerStatus status) {
    switch (status) {
        case BreakerStatus::open:
        case BreakerStatus::forced_open:
        case BreakerStatus::login_refused:
            return LogLevel::error;
        case BreakerStatus::disabled:
            return LogLevel::warning;
        case BreakerStatus::closed:
        case BreakerStatus::half_open:
            return LogLevel::info;
    }
    return LogLevel::info;
}

LogLevel level_of(PoolEventKind kind) {
    switch (kind) {
        case PoolEventKind::open_failed:
        case PoolEventKind::leak_reported:
        case PoolEventKind::lost:
            return LogLevel::warning;
        case PoolEventKind::leak_returned:
        case PoolEventKind::suspended:
        case PoolEventKind::resumed:
        case PoolEventKind::resized:
            return LogLevel::info;
        case PoolEventKind::opened:
        case PoolEventKind::closed:
        case PoolEventKind::renewed:
        case PoolEventKind::draining:
            return LogLevel::debug;
    }
    return LogLevel::debug;
}

void write(telemetry::Log& log, const std::string& source, const pool::PoolEvent& event) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(event.span).count();
    const LogLevel level = level_of(event.kind);
    switch (event.kind) {
        case PoolEventKind::leak_reported:
        case PoolEventKind::leak_returned:
            log.write(level, "pool",
                      {{"source", std::string_view(source)},
                       {"event", name_of(event.kind)},
                       {"purpose", event.borrower.purpose},
                       {"file", event.borrower.file()},
                       {"line", static_cast<std::int64_t>(event.borrower.where.line())},
                       {"lent_ms", static_cast<std::int64_t>(milliseconds)}});
            return;
        case PoolEventKind::closed:
            log.write(level, "pool",
                      {{"source", std::string_view(source)},
                       {"event", name_of(event.kind)},
                       {"reason", name_of(event.reason)}});
            return;
        case PoolEventKind::opened:
        case PoolEventKind::open_failed:
        case PoolEventKind::renewed:
        case PoolEventKind::lost:
        case PoolEventKind::suspended:
        case PoolEventKind::resumed:
        case PoolEventKind::resized:
        case PoolEventKind::draining:
            log.write(level, "pool",
                      {{"source", std::string_view(source)},
                       {"event", name_of(event.kind)},
                       {"class", name_of(event.failure)}});
            return;
    }
}

}  // namespace

source::SourceObserver logging_observer(telemetry::Log& log, const std::string& source) {
    source::SourceObserver observer;
    observer.breaker = [&log, source](const pool::BreakerEvent& event) {
        if (event.kind == pool::BreakerEventKind::transition) {
            log.write(level_of(event.to), "breaker",
                      {{"source", std::string_view(source)},
                       {"from", name_of(event.from)},
                       {"to", name_of(event.to)},
                       {"reason", name_of(event.reason)},
                       {"class", name_of(event.cause)}});
        }
    };
    observer.protection = [&log, source](const source::ProtectionNotice& notice) {
        const bool says_something = notice.level != format::HealthLevel::pass;
        log.write(notice.level == format::HealthLevel::fail ? LogLevel::error
                  : says_something                          ? LogLevel::warning
                                                            : LogLevel::info,
                  "protection",
                  {{"source", std::string_view(source)},
                   {"exposed_tables", static_cast<std::int64_t>(notice.exposed_tables)},
                   {"text",
                    says_something ? std::string_view(notice.text) : std::string_view("as the rules say")}});
    };
    observer.pool = [&log, source](const pool::PoolEvent& event) { write(log, source, event); };
    return observer;
}

}  // namespace majed::app
