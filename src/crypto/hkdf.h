/// HKDF-SHA-256 (RFC 5869): keys that tell nothing about each other from one secret.
///
/// Why      One root to guard, as many keys as there are purposes.
/// Life     Pure functions.
/// Threads  Any.
/// Not here Passwords (password.h): the secret must be of high entropy. What `info` says (purpose_keys.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/encoding.h"

#include <cstddef>

namespace majed::crypto {

/// 255 blocks of SHA-256.
inline constexpr std::size_t max_hkdf_size = std::size_t{255} * 32;
inline constexpr std::size_t max_hkdf_info = 1024;

/// What a derived key is for.
struct HkdfContext {
    BytesView salt = {};  ///< Need not be secret; none is 32 zero bytes.
    BytesView info = {};  ///< Another info, an unrelated key. At most max_hkdf_info.
};

/// `size` bytes. Errors: invalid_argument (no secret, a size of 0 or above max_hkdf_size, a long info); internal.
[[nodiscard]] Result<Secret> hkdf_sha256(BytesView secret, const HkdfContext& context, std::size_t size);

}  // namespace majed::crypto
