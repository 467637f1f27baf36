// SPDX-License-Identifier: Apache-2.0
#include "crypto/wipe.h"

#include <sodium.h>

namespace majed::crypto {

void wipe(std::span<std::uint8_t> bytes) noexcept {
    if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace majed::crypto
