/// The driver for a source's URL.
///
/// Why      The only place that knows every make of database there is.
/// Life     Free functions.
/// Threads  Any.
/// Not here Which sources are configured (source_settings.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"

#include <memory>

namespace majed::app {

/// Opens nothing yet. Errors: invalid_argument (a URL the driver does not understand).
[[nodiscard]] Result<std::unique_ptr<driver::Driver>> make_driver(driver::Target target);

}  // namespace majed::app
