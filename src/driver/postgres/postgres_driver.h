/// Opens connections to one PostgreSQL database.
///
/// Why      The face that app/ chooses for `postgresql://`.
/// Life     One per source; outlives its connections. Its destructor never waits for the network.
/// Threads  Any.
/// Not here The URL (login_plan.h), logging in (login.h), a connection (postgres_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/driver.h"

#include <memory>

namespace majed::driver::postgres {

/// `postgresql://host:port/database?parameters`; the README says which. Nothing is connected yet.
/// Errors: invalid_argument (URL, parameters, environment).
[[nodiscard]] Result<std::unique_ptr<driver::Driver>> open_driver(Target target);

}  // namespace majed::driver::postgres
