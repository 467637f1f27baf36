/// What a new password must be: long, and not what everybody tries first.
///
/// Why      A slow hash does not help a password that is in every list (NIST SP 800-63B, 5.1.1.2).
/// Life     Pure functions.
/// Threads  Any.
/// Not here Hashing (crypto/password.h), slowing down guesses (api/login_throttle.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"

#include <cstddef>
#include <string_view>

namespace majed::store {

inline constexpr std::size_t min_password_characters = 12;
inline constexpr std::size_t max_password_bytes = 1024;

/// Errors: invalid_argument: shorter than 12 characters of UTF-8, longer than 1024 bytes, one of the most common, made of
/// few different characters, a run of the keyboard or the alphabet, or around the user's own name.
[[nodiscard]] Result<void> check_password(const Secret& password, std::string_view username);

}  // namespace majed::store
