/// Commands about the rules where a database holds them itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

#include <string>

namespace majed::cli {

/// Prints the SQL. Errors: as Installation::native_script.
[[nodiscard]] Result<void> export_policies(Context& context, const std::string& source);

/// Prints what differs, a line each. Errors: as Installation::native_differences; internal, without a message, when something does.
[[nodiscard]] Result<void> verify_policies(Context& context, const std::string& source);

}  // namespace majed::cli
