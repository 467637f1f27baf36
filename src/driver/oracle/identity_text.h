/// A SessionIdentity as Oracle can hold it.
///
/// Why      CLIENT_IDENTIFIER and CLIENT_INFO hold 64 bytes, MODULE 48, ACTION 32: who is cut short may become someone else.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Setting them (oracle_connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/connection.h"

#include <string>

namespace majed::driver::oracle {

struct IdentityText {
    std::string client;
    std::string module;  ///< Cut at a character when too long: it is only shown.
    std::string action;  ///< Likewise.
    std::string info;    ///< The attributes as one JSON object; empty when there are none.
};

/// Errors: invalid_argument (client or attributes are too long, or hold control characters).
[[nodiscard]] Result<IdentityText> text_of(const SessionIdentity& identity);

}  // namespace majed::driver::oracle
