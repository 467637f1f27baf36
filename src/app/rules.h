/// `[[policies]]` and `[[masks]]` of the configuration, as policy/ wants them.
///
/// Why      Rules are read with their place in the file, so that every later complaint can name it.
/// Life     Values.
/// Threads  Values.
/// Not here What rules mean (policy/), whether tables and columns exist (gateway/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.h"
#include "policy/policy_set.h"

#include <vector>

namespace majed::app {

struct Rules {
    std::vector<policy::RowPolicy> rows;
    std::vector<policy::MaskPolicy> masks;
};

/// Mistakes are recorded in the document.
[[nodiscard]] Rules read_rules(config::Document& document);

}  // namespace majed::app
