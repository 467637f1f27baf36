/// Integration clients and their credentials, for administrators.
///
/// Why      A credential is shown once, in the answer that makes it.
/// Life     Constants.
/// Threads  Any.
/// Not here Making and checking them (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> client_routes();

}  // namespace majed::api
