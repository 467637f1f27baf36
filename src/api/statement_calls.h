/// The statement a caller sends: run it, or say whether it would be.
///
/// Why      The call is thin: the gateway alone knows what happens to a statement.
/// Life     Constants.
/// Threads  Any.
/// Not here Policy, limits, audit (gateway/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> statement_routes();

}  // namespace majed::api
