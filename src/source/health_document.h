/// A health report as the document that the doors answer.
///
/// Why      `GET /api/v1/health` and `majed health --json` must say the same.
/// Life     Pure functions.
/// Threads  Any.
/// Not here How it is written (format/health_json.h), who may see it (api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "format/health_json.h"
#include "source/health_state.h"

#include <functional>
#include <string>

namespace majed::source {

struct HealthFrame {
    std::string version;
    std::string release_id = {};
    /// The wall clock's text for a point of the steady clock: ISO 8601 in UTC.
    std::function<std::string(SteadyClock::time_point)> time_text = {};
};

[[nodiscard]] format::HealthDocument to_document(const HealthReport& report, const HealthFrame& frame);

}  // namespace majed::source
