/// A copy of a database file that other connections may be reading and writing meanwhile.
///
/// Why      Copying the bytes of a file in use gives a torn copy, and loses what still lies in its write-ahead log.
/// Life     A free function.
/// Threads  Any; the source may be open elsewhere, in this process too.
/// Not here When one is taken, and what it is called.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>

namespace majed::driver::sqlite {

/// Copies `source` as it is at one moment into `target`, which is made here, for its owner alone; when this returns well it is
/// on disk and has passed SQLite's own check. On failure nothing is left of it.
/// Errors: conflict (`target` exists), not_found (no source), unavailable (disk, lock; the copy does not check).
[[nodiscard]] Result<void> back_up(const std::string& source, const std::string& target);

}  // namespace majed::driver::sqlite
