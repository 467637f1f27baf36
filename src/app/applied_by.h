/// Who runs migrations, as the ledger remembers it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace majed::app {

/// User of the operating system and name of the machine: `ann@build7`; the user's number where it has no name.
[[nodiscard]] std::string applied_by();

}  // namespace majed::app
