/// What is known about a principal beyond the role: `region = NORTH`, `regions = NORTH, EAST`.
///
/// Every attribute has one or more values. Absent is not the same as empty text: a rule that needs an
/// absent attribute shows no rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace majed {

using Attributes = std::map<std::string, std::vector<std::string>, std::less<>>;

}  // namespace majed
