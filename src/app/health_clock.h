/// The wall clock, and points of the steady clock as it tells them, for people who read a health report.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"

#include <chrono>
#include <string>

namespace majed::app {

/// `2025-01-31T23:59:59.123Z`
[[nodiscard]] std::string wall_time_of(SteadyClock::time_point when);

/// What is judged by its date is judged by this.
[[nodiscard]] std::chrono::system_clock::time_point wall_time_now();

}  // namespace majed::app
