/// The configuration that is stored, for administrators.
///
/// Why      What can be set while the program runs is looked at and changed from afar, with who did what.
/// Life     Constants.
/// Threads  Any.
/// Not here Keys, bounds and history (store/); `majed.toml` (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> configuration_routes();

}  // namespace majed::api
