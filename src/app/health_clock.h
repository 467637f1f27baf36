/// Points of the steady clock as the wall clock tells them, for people who read a health report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"

#include <string>

namespace majed::app {

/// `2025-01-31T23:59:59.123Z`
[[nodiscard]] std::string wall_time_of(SteadyClock::time_point when);

}  // namespace majed::app
