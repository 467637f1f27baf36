/// The key file as the commands see it: its roots by id and time, never by key.
///
/// Why      A root says when it was made, and only here is asked what time it is.
/// Life     Functions of a path.
/// Threads  Any; what several processes do at once is crypto::KeyFile's.
/// Not here What derives from the roots.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/installation.h"
#include "core/result.h"

#include <string>
#include <vector>

namespace majed::app {

/// Makes the file; answers the id of its one root. Errors: as crypto::KeyFile::create.
[[nodiscard]] Result<std::string> generate_root_key(const std::string& path);
/// Answers the id of the new root. Errors: as crypto::KeyFile::rotate.
[[nodiscard]] Result<std::string> rotate_root_key(const std::string& path);
/// Newest first. Errors: as crypto::KeyFile::read.
[[nodiscard]] Result<std::vector<cli::RootKeyLine>> list_root_keys(const std::string& path);

}  // namespace majed::app
