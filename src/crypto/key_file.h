/// The installation's root keys in a file only its owner can read: `majed.key`.
///
/// Why      Everything keyed (masks by hash, signatures, encryption) derives from keys outside any database.
/// Life     Move-only; the keys are wiped from memory with their owner. What is read is what the file held then.
/// Threads  All methods are const and may be called from any thread. Files: any number of processes at once.
/// Not here The text of the file (root_key.h); keys for one purpose (purpose_keys.h), what they encrypt (key_ring.h).
///
/// A file holds one root or several, newest first, and its oldest root is there for ever: `derive` and `derive_secret`
/// take that one alone, because pseudonyms and signatures that changed with a rotation would be worth nothing.
/// Encryption takes all: `purpose_keys` encrypts under the newest root and decrypts under each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"
#include "crypto/digest.h"
#include "crypto/purpose_keys.h"
#include "crypto/root_key.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::crypto {

class KeyFile {
public:
    /// Makes a new file, mode 0600, with one random root. Errors: conflict (it exists), not_found (its folder does not),
    /// unavailable.
    [[nodiscard]] static Result<KeyFile> create(const std::string& path, RootTime now);
    /// Errors: not_found, denied (readable by group or others), invalid_argument (not a key file of a known
    /// version, or not a whole one), unavailable.
    [[nodiscard]] static Result<KeyFile> read(const std::string& path);

    /// How long the two below wait for others who change the file.
    static constexpr std::chrono::milliseconds lock_patience{10'000};

    // Both change the file whole or not at all, also when the process is killed or others change it at the same time,
    // whom they wait for; the new file has version 2, mode 0600 and the owner of the old one. They answer what it holds
    // then. Errors of both: those of read; denied (the owner cannot be kept); unavailable (also: others have it locked).

    /// Puts a new random root before the others. Errors: too_large (it holds KeyRing::max_keys).
    [[nodiscard]] static Result<KeyFile> rotate(const std::string& path, RootTime now,
                                                std::chrono::milliseconds patience = lock_patience);
    /// Takes a root out, and with it what is still encrypted under it. Errors: not_found (no root has this id);
    /// conflict (it is the newest, which encrypts, or the oldest, which pseudonyms and signatures derive from).
    [[nodiscard]] static Result<KeyFile> retire(const std::string& path, std::string_view id,
                                                std::chrono::milliseconds patience = lock_patience);
    /// Whether `retire` would take it out of a file that holds what this one did. Errors: as its own.
    [[nodiscard]] Result<void> may_retire(std::string_view id) const;

    KeyFile(KeyFile&&) noexcept = default;
    KeyFile& operator=(KeyFile&&) noexcept = default;
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;
    ~KeyFile() = default;

    /// A key for one purpose from the oldest root, e.g. `mask.hash`: the same before and after every rotation. Other
    /// purposes' keys tell nothing about it. Of a file that was moved from, a key that nobody can know.
    [[nodiscard]] Digest derive(std::string_view purpose) const;
    /// The same as a secret of 32 bytes: the seed of a signing key.
    [[nodiscard]] Secret derive_secret(std::string_view purpose) const;

    /// Keys for encryption, over all roots. Errors: as PurposeKeys::from_roots.
    [[nodiscard]] Result<PurposeKeys> purpose_keys() const;

    /// In the order of the roots: the first encrypts, the last is what `derive` takes. Empty only after a move.
    [[nodiscard]] std::vector<RootLabel> roots() const;

private:
    explicit KeyFile(std::vector<RootKey> roots) noexcept : roots_(std::move(roots)) {}
    std::vector<RootKey> roots_;
};

}  // namespace majed::crypto
