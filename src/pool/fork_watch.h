/// Whether this process is still the one in which something was made.
///
/// Why      A forked child has copies of the parent's connections: one word over them destroys the parent's session.
/// Life     One counter per process; it only grows.
/// Threads  Any; one relaxed load.
/// Not here What a pool does about it (connection_pool.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace majed::pool {

/// The number of forks between the process that first called this and the one that calls now. Asking the kernel for
/// the process id would cost as much as a whole acquire and release.
[[nodiscard]] std::uint64_t fork_generation() noexcept;

}  // namespace majed::pool
