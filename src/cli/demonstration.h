/// `majed demo`: three questions, asked by four principals, answered side by side.
///
/// Why      What the product is for, seen in one screen.
/// Life     One call.
/// Threads  One thread.
/// Not here The data, users and rules it shows (demo/, app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

namespace majed::cli {

/// Works on an installation made by `majed init --demo`. Errors: not_found (it was not), those of the gateway.
[[nodiscard]] Result<void> demonstrate(Context& context);

}  // namespace majed::cli
