/// The spelling of a placeholder.
///
/// Why      OCI answers names in capitals; a caller looks for the name that it wrote.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Which placeholders there are: OCI says that.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::driver::oracle {

/// `name` as `sql` spells it behind its colon first; empty for a number, which is a position and no name.
[[nodiscard]] std::string spelled_bind_name(std::string_view sql, std::string_view name);

}  // namespace majed::driver::oracle
