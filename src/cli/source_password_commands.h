/// `majed source set-password` and `forget-password`.
///
/// Why      A password that is in the store, sealed, need not be in a file beside the configuration.
/// Life     Functions of their options.
/// Threads  One thread at a time.
/// Not here How it is stored (store/primary_store.h), who takes it (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "cli/terminal.h"
#include "core/result.h"

#include <string>

namespace majed::cli {

/// Errors: not_found (no such source), invalid_argument (it has no passwords), those of the store and of the audit.
[[nodiscard]] Result<void> set_source_password(Context& context, const std::string& source,
                                               const PasswordChoice& choice);
/// Also of a source that is not configured any more. Errors: not_found (none is stored), and as above.
[[nodiscard]] Result<void> forget_source_password(Context& context, const std::string& source);

}  // namespace majed::cli
