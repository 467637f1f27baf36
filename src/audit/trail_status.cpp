// SPDX-License-Identifier: Apache-2.0
#include "audit/trail_status.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace majed::audit {
namespace {

using format::HealthCheck;
using format::HealthLevel;

constexpr std::string_view component = "audit";

HealthCheck check_of(std::string_view measurement, std::uint64_t count, std::string_view unit) {
    return {.component = std::string(component),
            .measurement = std::string(measurement),
            .component_type = "component",
            .value = static_cast<std::int64_t>(count),
            .unit = std::string(unit)};
}

void judge(HealthCheck& check, bool bad, HealthLevel level, std::string_view why) {
    if (!bad) return;
    check.status = level;
    check.output = why;
}

void append_metric(std::string& out, std::string_view name, std::string_view type, std::uint64_t value) {
    out += "# TYPE ";
    out += name;
    out += ' ';
    out += type;
    out += '\n';
    out += name;
    out += ' ' + std::to_string(value) + '\n';
}

}  // namespace

void add_health(format::HealthDocument& document, const AuditStats& stats, std::string_view time) {
    HealthCheck commits = check_of("failedCommits", stats.failed_commits, "commits");
    judge(commits, stats.failing, HealthLevel::fail,
          "records cannot be written: what must be recorded first is refused");
    HealthCheck dropped = check_of("droppedRecords", stats.dropped, "records");
    judge(dropped, stats.dropped > 0, HealthLevel::warn, "records were lost since the start");
    HealthCheck heads = check_of("unfiledHeads", stats.unfiled_heads, "heads");
    judge(heads, stats.unfiled_heads > 0, HealthLevel::warn, "audit.heads_file cannot be written");
    HealthCheck slow = check_of("slowCommits", stats.slow_commits, "commits");
    judge(slow, stats.slow, HealthLevel::warn, "the disk is slow: what must be recorded first waits for it");
    HealthCheck sealing = check_of("unsealedDetails", stats.unsealed, "records");
    judge(sealing, stats.unsealed > 0, HealthLevel::warn,
          "sensitive details could not be encrypted, and were left out");
    HealthLevel level = HealthLevel::pass;
    for (HealthCheck* const check : {&commits, &dropped, &heads, &slow, &sealing}) {
        level = std::max(level, check->status);
        check->time = time;
        document.checks.push_back(std::move(*check));
    }
    if (level == HealthLevel::pass) return;
    document.status = std::max(document.status, level);
    document.output += document.output.empty() ? "not well: " : ", ";
    document.output += component;
}

std::string metrics_text(const AuditStats& stats) {
    std::string out;
    append_metric(out, "majed_audit_records_total", "counter", stats.written);
    append_metric(out, "majed_audit_dropped_total", "counter", stats.dropped);
    append_metric(out, "majed_audit_refused_total", "counter", stats.refused);
    append_metric(out, "majed_audit_late_total", "counter", stats.late);
    append_metric(out, "majed_audit_waiting", "gauge", stats.waiting);
    append_metric(out, "majed_audit_failed_commits_total", "counter", stats.failed_commits);
    append_metric(out, "majed_audit_slow_commits_total", "counter", stats.slow_commits);
    append_metric(out, "majed_audit_unfiled_heads", "gauge", stats.unfiled_heads);
    append_metric(out, "majed_audit_unsealed_total", "counter", stats.unsealed);
    return out;
}

}  // namespace majed::audit
