/// Users, for administrators.
///
/// Why      What the command line can do with users, an administrator can do from afar.
/// Life     Constants.
/// Threads  Any.
/// Not here The rules of names, passwords and the last administrator (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> user_routes();

}  // namespace majed::api
