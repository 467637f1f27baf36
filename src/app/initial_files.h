/// Writes a new installation: configuration, key, primary store, and on demand the demonstration.
///
/// Why      A stranger starts with one command and with files that explain themselves.
/// Life     Functions of a folder.
/// Threads  Any, on different folders.
/// Not here The text of the files (initial_texts.h), the business data (demo/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/installation.h"
#include "core/result.h"

#include <string>

namespace majed::app {

/// Writes all of it or nothing. Errors: conflict (a file is there already), unavailable.
[[nodiscard]] Result<cli::InitReport> write_initial_files(const std::string& folder,
                                                          cli::InitialContent content);

}  // namespace majed::app
