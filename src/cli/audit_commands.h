/// `majed audit ...`: the record of what was asked, and whether it is as it was written.
///
/// Why      Evidence is worth what its check is worth: an operator makes it with one command.
/// Life     Called once per run of the program.
/// Threads  One.
/// Not here How it is checked (audit/trail_verification.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

namespace majed::cli {

/// Errors: conflict (something is not as it was written; said in the answer too), those of reading.
[[nodiscard]] Result<void> verify_audit(Context& context);

}  // namespace majed::cli
