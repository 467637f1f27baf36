/// A signed tree head: what one log held at one time, vouched for with Ed25519, as one line of text.
///
/// Why      A root in the log's own file proves nothing about that file; a signed one kept elsewhere does.
/// Life     Values.
/// Threads  Pure functions.
/// Not here Trees and proofs (merkle_tree.h), keys (signing_key.h), when heads are made and where kept (audit/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "crypto/merkle_tree.h"
#include "crypto/signing_key.h"

#include <chrono>
#include <string>
#include <string_view>

namespace majed::crypto {

struct TreeHead {
    std::string log_id;  ///< 1..64 of `A-Z a-z 0-9 . _ -`.
    TreeState tree;      ///< At most 2^63 leaves; without leaves, the root of nothing.
    std::chrono::sys_time<std::chrono::milliseconds> time{};  ///< Not before 1970.
    friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

struct SignedHead {
    TreeHead head;
    Signature signature{};
    friend bool operator==(const SignedHead&, const SignedHead&) = default;
};

/// The bytes that are signed: `majed-tree-head-v1`, log id, size, root, milliseconds since 1970; each after its length
/// as 4 bytes, numbers as 8 bytes, most significant first. No two heads have the same bytes.
/// Errors: invalid_argument (a member is not what its comment says).
[[nodiscard]] Result<Bytes> bytes_to_sign(const TreeHead& head);

/// Errors: as bytes_to_sign.
[[nodiscard]] Result<SignedHead> sign_head(TreeHead head, const SigningKey& key);

/// Errors: denied (the key did not sign this head), those of bytes_to_sign.
[[nodiscard]] Result<void> verify_head(const SignedHead& signed_head, const VerifyingKey& key);

/// `majed-tree-head-v1 <log id> <size> <root> <milliseconds> <signature>`, one space between, no line end; root and
/// signature in base64url. Errors: as bytes_to_sign.
[[nodiscard]] Result<std::string> format_head(const SignedHead& signed_head);

/// Takes exactly what `format_head` writes: one text for one head. Proves nothing until verify_head.
/// Errors: invalid_argument.
[[nodiscard]] Result<SignedHead> parse_head(std::string_view line);

}  // namespace majed::crypto
