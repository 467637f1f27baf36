/// A cap on the memory of all SQLite connections of this process together.
///
/// Why      Limits of a statement bound one value and one answer; a hundred sorting at once need a bound too.
/// Life     Set once, at the start of the process.
/// Threads  Any.
/// Not here Limits of one statement (governed_session.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace majed::driver::sqlite {

/// Past it SQLite fails the statement that wants more.
void limit_process_memory(std::uint64_t bytes) noexcept;

}  // namespace majed::driver::sqlite
