/// How the gateway is: live, ready, healthy, counted, migrated.
///
/// Why      What a monitor asks for is answered from memory, whatever state the sources are in.
/// Life     Constants.
/// Threads  Any.
/// Not here Measuring any of it (source/, app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> operation_routes();

}  // namespace majed::api
