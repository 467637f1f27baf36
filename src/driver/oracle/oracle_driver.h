/// Opens connections to Oracle through ODPI-C.
///
/// Why      One face for app/ to choose by the URL's scheme.
/// Life     One per source; outlives its connections.
/// Threads  As driver::Driver.
/// Not here What users may run (gateway/), how it is run for them (governed_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"

#include <memory>

namespace majed::driver::oracle {

/// `target.url` is `oracle://host:port/service?...` (connect_target.h). Succeeds where the client library is missing:
/// then `open` says what to install, until it is there. Errors: invalid_argument, overloaded (no thread).
[[nodiscard]] Result<std::unique_ptr<driver::Driver>> open_driver(driver::Target target);

}  // namespace majed::driver::oracle
