/// A file that was made under another name comes to its own name whole, or not at all.
///
/// Why      Whoever finds a file under its name may rely on it; a process that is killed leaves none that is half made.
/// Life     Free functions.
/// Threads  Any.
/// Not here Making the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>

namespace majed::app {

/// Renames `made` to `name`, in the same folder, and makes both file and name durable.
/// Errors: conflict (there is something of that name; `made` stays), unavailable.
[[nodiscard]] Result<void> place_file(const std::string& made, const std::string& name);

/// The folder `path` lies in; `.` for a name alone.
[[nodiscard]] std::string folder_of(const std::string& path);

/// Removes a SQLite database that nobody has open, with its journals. What is not there is no failure.
void remove_database(const std::string& path) noexcept;

}  // namespace majed::app
