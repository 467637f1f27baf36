/// Overwrites bytes in a way that the compiler may not leave out.
///
/// Why      A secret that passed through a plain buffer must not stay in freed memory.
/// Life     Pure functions.
/// Threads  Any; the caller owns the bytes.
/// Not here Owners that wipe themselves (core/secret.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace majed::crypto {

void wipe(std::span<std::uint8_t> bytes) noexcept;

}  // namespace majed::crypto
