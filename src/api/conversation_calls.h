/// Conversations, for the users who have them.
///
/// Why      What somebody asked and was told is theirs: nobody else reads it here, whatever their role.
/// Life     Constants.
/// Threads  Any.
/// Not here Encryption, bounds and retention (store/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route.h"

#include <span>

namespace majed::api {

[[nodiscard]] std::span<const Route> conversation_routes();

}  // namespace majed::api
