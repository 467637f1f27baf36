/// Counts the blocks of memory that this program takes from the heap: those of the libraries beside us, too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace majed::bench {

/// Since the program began.
[[nodiscard]] std::size_t blocks_taken() noexcept;

}  // namespace majed::bench
