/// The report of a check of the trail as JSON.
///
/// Why      The command line and HTTP answer with the same members.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Checking (trail_verification.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/trail_verification.h"

#include <string>

namespace majed::audit {

/// One object, without line end.
[[nodiscard]] std::string report_json(const VerificationReport& report);

}  // namespace majed::audit
