/// How the trail is doing, for who watches the gateway: its part of the health document, and its metrics.
///
/// Why      Records that are lost, and heads that lie in one place only, are nobody's evidence; somebody must be told.
/// Life     Pure functions of what the trail counted.
/// Threads  Any.
/// Not here What is counted (audit_trail.h), who may see it (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "format/health_json.h"

#include <string>
#include <string_view>

namespace majed::audit {

/// Adds the component `audit`, and makes the whole as bad as it is: fail while commits fail, warn when records were lost
/// since the start, heads wait for the second file or commits are slow. `time` is the document's.
void add_health(format::HealthDocument& document, const AuditStats& stats, std::string_view time);

/// In the text format of Prometheus 0.0.4.
[[nodiscard]] std::string metrics_text(const AuditStats& stats);

}  // namespace majed::audit
