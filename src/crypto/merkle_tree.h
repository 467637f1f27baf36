/// The hash tree of RFC 6962 section 2.1 over SHA-256: roots, and proofs that a root holds a leaf or an older root.
///
/// Why      A log whose root is known to others cannot be changed behind their backs: every change shows in the root.
/// Life     Pure functions and values; a MerkleFrontier keeps O(log n) hashes, never the leaves.
/// Threads  Values: one thread at a time each.
/// Not here What a leaf holds and where hashes are kept (audit/), who vouches for a root (signed_head.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "crypto/digest.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace majed::crypto {

/// A tree holds at most 2^63 leaves.
inline constexpr std::uint64_t max_tree_size = std::uint64_t{1} << 63U;

/// SHA-256 of a 0 byte and the leaf's bytes. The bytes must be the whole record in a form with one reading.
[[nodiscard]] Digest leaf_hash(BytesView leaf);
/// SHA-256 of a 1 byte and both children: no leaf can pass for a node.
[[nodiscard]] Digest node_hash(const Digest& left, const Digest& right);
/// The root of the tree without leaves: SHA-256 of nothing.
[[nodiscard]] Digest empty_root();
/// The root over leaf hashes, which are all held in memory.
[[nodiscard]] Digest root_of(std::span<const Digest> leaf_hashes);

/// What a growing tree must remember: the roots of its complete subtrees, one per bit of its size.
class MerkleFrontier {
public:
    /// Errors: too_large (the tree holds 2^63 leaves); the tree is then as before.
    [[nodiscard]] Result<void> append(const Digest& leaf_hash);
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Of the leaves appended so far.
    [[nodiscard]] Digest root() const;

    /// `majed-frontier-v1`, the size as 8 bytes (most significant first), the subtrees' roots, largest first.
    [[nodiscard]] Bytes serialize() const;
    /// Takes exactly what `serialize` writes. That the hashes are the right ones it cannot know: compare `root` with a
    /// head somebody signed. Errors: invalid_argument.
    [[nodiscard]] static Result<MerkleFrontier> restore(BytesView bytes);

    friend bool operator==(const MerkleFrontier&, const MerkleFrontier&) = default;

private:
    std::uint64_t size_ = 0;
    std::vector<Digest> roots_;  ///< As many as size_ has bits set.
};

/// A tree as others know it. The root does not tell the size: take both from one signed head.
struct TreeState {
    std::uint64_t size = 0;
    Digest root{};
    friend bool operator==(const TreeState&, const TreeState&) = default;
};

using Proof = std::vector<Digest>;
/// Gives the hash of the leaf at an index, or the error that ends the making of a proof.
using LeafHashSource = std::function<Result<Digest>(std::uint64_t index)>;

/// That leaf `index` is in the tree of the first `size` leaves (RFC 6962 2.1.1). Reads every other leaf hash once, and
/// keeps O(log n) of them. Errors: invalid_argument (no such leaf, size above 2^63), those of `leaves`.
[[nodiscard]] Result<Proof> inclusion_proof(const LeafHashSource& leaves, std::uint64_t size,
                                            std::uint64_t index);
/// The same for the tree of all these leaves.
[[nodiscard]] Result<Proof> inclusion_proof(std::span<const Digest> leaf_hashes, std::uint64_t index);

/// That the tree of the first `newer` leaves begins with that of the first `older` (RFC 6962 2.1.2); empty when they
/// are the same. Errors: invalid_argument (0 leaves, older above newer, newer above 2^63), those of `leaves`.
[[nodiscard]] Result<Proof> consistency_proof(const LeafHashSource& leaves, std::uint64_t older,
                                              std::uint64_t newer);
/// The same for the tree of all these leaves.
[[nodiscard]] Result<Proof> consistency_proof(std::span<const Digest> leaf_hashes, std::uint64_t older);

/// RFC 9162 2.1.3.2. Errors: invalid_argument (a proof of that length proves nothing about that leaf, no such leaf),
/// conflict (the proof leads to another root).
[[nodiscard]] Result<void> verify_inclusion(const TreeState& tree, std::uint64_t index,
                                            const Digest& leaf_hash, std::span<const Digest> proof);

/// RFC 9162 2.1.4.2. An empty older tree is consistent with everything, which proves nothing: refused.
/// Errors: invalid_argument (sizes out of order, a proof of the wrong length), conflict (the proof leads to other roots:
/// the newer tree does not begin with the older).
[[nodiscard]] Result<void> verify_consistency(const TreeState& older, const TreeState& newer,
                                              std::span<const Digest> proof);

}  // namespace majed::crypto
