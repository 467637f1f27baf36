/// The second place of the audit's signed heads: a file, one head a line, only ever appended to.
///
/// Why      Who can change the database can put an old copy of it back; a head that lies elsewhere remembers more.
/// Life     Free functions and a value; nothing is held open.
/// Threads  Lines of several processes do not mix.
/// Not here What a head is (crypto/signed_head.h), when one is made (tree_writer.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"

#include <string>
#include <vector>

namespace majed::audit {

/// On disk when it returns. The file is made, for its owner alone, when it is not there.
/// Errors: unavailable (not a regular file, disk full, no rights).
[[nodiscard]] Result<void> append_lines(const std::string& path, const std::vector<std::string>& lines);

/// Without line ends, a last line that a loss of power tore among them; none when there is no such file.
/// Errors: unavailable, too_large (a line of more than 1 KiB, which no head has).
[[nodiscard]] Result<std::vector<std::string>> read_lines(const std::string& path);

}  // namespace majed::audit
