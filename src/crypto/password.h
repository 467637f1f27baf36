/// Argon2id password hashes as PHC strings, with a cap on how many are computed at once.
///
/// Why      A hash costs 19 MiB and 20 ms on purpose; without a cap, logins would be a way to exhaust memory.
/// Life     One per store; outlives its callers.
/// Threads  All methods may be called from any thread; they block for the hash.
/// Not here Rules for good passwords (store/), secrets of high entropy (digest.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace majed::crypto {

/// Defaults are the OWASP minimum for Argon2id.
struct PasswordOptions {
    std::size_t memory_kib = 19456;
    std::size_t passes = 2;
    std::size_t max_concurrent = 4;                                ///< 1..64.
    std::chrono::milliseconds max_wait = std::chrono::seconds(5);  ///< For one of the places.
};

struct PasswordCheck {
    bool matches = false;
    bool needs_rehash = false;  ///< It matches, but was hashed with other parameters than ours.
};

class PasswordHasher {
public:
    /// Hashes nothing. Errors: invalid_argument (parameters Argon2id does not take), internal.
    [[nodiscard]] static Result<std::unique_ptr<PasswordHasher>> create(const PasswordOptions& options = {});
    PasswordHasher(const PasswordHasher&) = delete;
    PasswordHasher& operator=(const PasswordHasher&) = delete;
    ~PasswordHasher();

    /// `$argon2id$v=19$m=...,t=...,p=1$salt$hash`. Errors: overloaded (no place in time), unavailable
    /// (memory).
    [[nodiscard]] Result<std::string> hash(const Secret& password);
    /// A text that is no PHC string matches nothing. Errors: as hash.
    [[nodiscard]] Result<PasswordCheck> verify(const Secret& password, std::string_view stored);
    /// Takes as long as `verify`, for names that do not exist. Errors: as hash.
    [[nodiscard]] Result<void> verify_nobody(const Secret& password);

private:
    struct Places;
    PasswordHasher(const PasswordOptions& options, std::unique_ptr<Places> places);
    PasswordOptions options_;
    std::unique_ptr<Places> places_;
    std::string nobody_;
};

}  // namespace majed::crypto
