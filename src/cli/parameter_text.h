/// Bind parameters as they are typed on the command line.
///
/// Why      `42` is meant as a number, `0042` and `4 2` as text: one rule, in one place.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Binding them (driver/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"

#include <string>
#include <string_view>
#include <utility>

namespace majed::cli {

/// An integer or a real when `text` is written like one and reads back the same size of thing; else text.
[[nodiscard]] Value value_of(std::string_view text);

/// `name=value`. Errors: invalid_argument (no name, no `=`).
[[nodiscard]] Result<std::pair<std::string, Value>> named_value_of(std::string_view text);

}  // namespace majed::cli
