// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>

namespace majed::crypto {

Bytes random_bytes(std::size_t count) {
    // Idempotent and thread safe. Without a generator nothing this program protects is safe: stop.
    if (sodium_init() < 0) {
        std::fputs("no source of random bytes\n", stderr);
        std::abort();
    }
    Bytes bytes(count);
    // None have no place, which the library may not be given.
    if (count > 0) randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_hex(std::size_t count) {
    return to_hex(random_bytes(count));
}

std::string random_base64url(std::size_t count) {
    return to_base64url(random_bytes(count));
}

}  // namespace majed::crypto
