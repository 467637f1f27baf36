/// Logging in and out, one's own password, sessions and self; access tokens for clients.
///
/// Why      Everything that turns a secret into a shorter-lived proof is in one place, behind the throttle.
/// Life     Constants.
/// Threads  Any.
/// Not here Checking secrets and keeping sessions (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> session_routes();

}  // namespace majed::api
