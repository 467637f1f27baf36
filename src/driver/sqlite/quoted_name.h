/// Names inside the SQL this folder writes itself.
///
/// Why      A name of a source may hold any character, quotes too.
/// Life     Free function.
/// Threads  Pure.
/// Not here Values: they are bound.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace majed::driver::sqlite {

/// `a"b` becomes `"a""b"`.
[[nodiscard]] inline std::string quoted_name(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        quoted.append(c == '"' ? 2 : 1, c);
    }
    return quoted + '"';
}

}  // namespace majed::driver::sqlite
