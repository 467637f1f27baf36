/// The audit, for administrators: its records in pages, and whether they are as they were written.
///
/// Why      Evidence must be looked at from afar without a copy of the file.
/// Life     Constants.
/// Threads  Any.
/// Not here Reading and checking (audit/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> audit_routes();

}  // namespace majed::api
