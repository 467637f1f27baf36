/// How many rows of a batch travel in one array.
///
/// Why      The arrays are as wide as their widest value: one long text must not multiply the memory of all.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Binding them (bound_parameters.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/value.h"

#include <cstddef>
#include <span>
#include <vector>

namespace majed::driver::oracle {

/// Rows from the front of `rows` that fit in 4 MiB, 1 at least; never so many that the number of a row in an error,
/// which ODPI-C 4.6 keeps in 16 bits, wraps.
[[nodiscard]] std::size_t rows_in_chunk(std::span<const std::vector<Value>> rows);

}  // namespace majed::driver::oracle
