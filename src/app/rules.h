/// `[[policies]]`, `[[masks]]` and `[[encrypted]]` of the configuration, as policy/ and gateway/ want them.
///
/// Why      Rules are read with their place in the file, so that every later complaint can name it.
/// Life     Values; keys are wiped with them.
/// Threads  Values.
/// Not here What rules mean (policy/), whether tables and columns exist (gateway/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/document.h"
#include "crypto/key_ring.h"
#include "policy/policy_set.h"

#include <vector>

namespace majed::app {

struct Rules {
    std::vector<policy::RowPolicy> rows;
    std::vector<policy::MaskPolicy> masks;
    std::vector<policy::EncryptedColumn> encrypted;
    std::vector<crypto::KeyRing> keys;  ///< Of `encrypted`, one each, when the document has no mistakes.
};

/// Mistakes are recorded in the document.
[[nodiscard]] Rules read_rules(config::Document& document);

}  // namespace majed::app
