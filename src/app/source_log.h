/// What happens to sources, as lines of the log.
///
/// Why      Modules tell events; only app/ knows that there is a log.
/// Life     The log outlives the observer.
/// Threads  The observer may be called from any thread.
/// Not here Which events there are (pool/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "source/source.h"
#include "telemetry/log.h"

#include <string>

namespace majed::app {

[[nodiscard]] source::SourceObserver logging_observer(telemetry::Log& log, const std::string& source);

}  // namespace majed::app
