/// A ring of Fernet keys for each purpose, from one root secret or several.
///
/// Why      A ciphertext that is moved to another table or column must not open there, and Fernet itself cannot tell.
/// Life     Move-only; owns its roots and wipes them. One that was moved from refuses everything.
/// Threads  All methods are const and may be called from any thread.
/// Not here Where the roots come from (key_file.h); telling the rows of one column apart (see fernet.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/key_ring.h"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::crypto {

/// What a key is for, from the general to the special: {"store", "conversations", "message"}. Every part counts:
/// {"ab", "c"}, {"a", "bc"} and {"abc"} are three purposes.
using Purpose = std::vector<std::string_view>;

class PurposeKeys {
public:
    static constexpr std::size_t min_root_size = 32;
    /// Of all parts together, each counted with four bytes more.
    static constexpr std::size_t max_purpose_size = 960;

    /// The first root encrypts, the others are of former times. Each is of high entropy, never a password.
    /// Errors: invalid_argument (none, more than KeyRing::max_keys, one shorter than min_root_size, one twice).
    [[nodiscard]] static Result<PurposeKeys> from_roots(std::vector<Secret> roots);
    /// The only one so far, e.g. KeyFile::derive_secret. Errors: as from_roots.
    [[nodiscard]] static Result<PurposeKeys> from_root(Secret root);

    PurposeKeys(PurposeKeys&&) noexcept = default;
    PurposeKeys& operator=(PurposeKeys&&) noexcept = default;
    PurposeKeys(const PurposeKeys&) = delete;
    PurposeKeys& operator=(const PurposeKeys&) = delete;
    ~PurposeKeys() = default;

    /// A key from each root, in their order; to be kept by whoever uses it often. The same roots and
    /// purpose make the same ring for ever.
    /// Errors: invalid_argument (no part, an empty part, longer than max_purpose_size); internal.
    [[nodiscard]] Result<KeyRing> ring_for(const Purpose& purpose) const;

private:
    explicit PurposeKeys(std::vector<Secret> roots) noexcept : roots_(std::move(roots)) {}
    std::vector<Secret> roots_;
};

}  // namespace majed::crypto
