/// `majed init`, `serve`, `source ...`, `config ...` and `version`.
///
/// Why      What an operator does with an installation as a whole.
/// Life     Functions of their options.
/// Threads  One thread at a time.
/// Not here How an installation is made and opened (installation.h, app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"

#include <string>

namespace majed::cli {

[[nodiscard]] Result<void> initialise(Context& context, const std::string& folder, InitialContent content);
[[nodiscard]] Result<void> serve(Context& context);

[[nodiscard]] Result<void> list_sources(Context& context);
/// Empty: every source. Errors: unavailable when one does not answer.
[[nodiscard]] Result<void> ping_sources(Context& context, const std::string& source);
[[nodiscard]] Result<void> list_tables(Context& context, const std::string& source);
[[nodiscard]] Result<void> describe_table(Context& context, const std::string& source,
                                          const std::string& table);

/// Asks every source once. Errors: unavailable when a required one is down.
[[nodiscard]] Result<void> show_health(Context& context);

/// Also checks the policies against the catalogues of the sources.
[[nodiscard]] Result<void> check_configuration(Context& context);
[[nodiscard]] Result<void> show_configuration(Context& context);
void print_version(Context& context);

}  // namespace majed::cli
