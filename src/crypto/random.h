/// Unpredictable bytes from the operating system's generator.
///
/// Why      Keys, nonces and names that nobody may guess come from here only.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Request ids (telemetry/), which need to be unique, not secret.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/encoding.h"

#include <cstddef>
#include <string>

namespace majed::crypto {

/// Stops the process when there is no generator. Of 0 there are none.
[[nodiscard]] Bytes random_bytes(std::size_t count);
/// `count` random bytes as 2*count hexadecimal digits.
[[nodiscard]] std::string random_hex(std::size_t count);
/// `count` random bytes as base64url.
[[nodiscard]] std::string random_base64url(std::size_t count);

}  // namespace majed::crypto
