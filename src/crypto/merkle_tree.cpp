// SPDX-License-Identifier: Apache-2.0
#include "crypto/merkle_tree.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

namespace majed::crypto {
namespace {

constexpr std::uint8_t leaf_prefix = 0;
constexpr std::uint8_t node_prefix = 1;
constexpr std::string_view frontier_tag = "majed-frontier-v1";
constexpr std::size_t size_bytes = 8;
constexpr std::size_t hash_bytes = std::tuple_size_v<Digest>;

Error refused_proof(const char* message) {
    return Error{.code = ErrorCode::invalid_argument, .message = message};
}

Error wrong_length() {
    return refused_proof("the Merkle proof has the wrong number of hashes");
}

Error other_roots() {
    return Error{.code = ErrorCode::conflict,
                 .message = "the newer Merkle tree does not begin with the older one"};
}

bool is_odd(std::uint64_t number) {
    return (number & 1U) != 0;
}

/// Where the tree of `size` leaves, at least 2, is split: the largest power of two below its size.
std::uint64_t split_of(std::uint64_t size) {
    return std::bit_floor(size - 1);
}

LeafHashSource source_of(std::span<const Digest> leaf_hashes) {
    return [leaf_hashes](std::uint64_t index) -> Result<Digest> {
        if (index >= leaf_hashes.size()) return refused_proof("there is no such leaf in the Merkle tree");
        return leaf_hashes[index];
    };
}

/// A leaf or a subtree on its way to the root: its place and the last place, both on the present level.
struct Climb {
    std::uint64_t place;
    std::uint64_t last;

    /// The next hash of the proof stands to the left of where we are.
    [[nodiscard]] bool joins_left() const { return is_odd(place) || place == last; }
    void rise() {
        place >>= 1U;
        last >>= 1U;
    }
    /// On to the parent; a last node without a sibling first rises to the level where it has one.
    void rise_after_join() {
        while (place == last && !is_odd(place) && place != 0) rise();
        rise();
    }
};

/// The root of the leaves [first, last) of a source, each read once.
Result<Digest> root_of_range(const LeafHashSource& leaves, std::uint64_t first, std::uint64_t last) {
    MerkleFrontier frontier;
    for (std::uint64_t index = first; index < last; ++index) {
        MAJED_TRY_ASSIGN(const Digest hash, leaves(index));
        MAJED_TRY(frontier.append(hash));
    }
    return frontier.root();
}

}  // namespace

Digest leaf_hash(BytesView leaf) {
    Digest digest{};
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &leaf_prefix, 1);
    crypto_hash_sha256_update(&state, leaf.data(), leaf.size());
    crypto_hash_sha256_final(&state, digest.data());
    return digest;
}

Digest node_hash(const Digest& left, const Digest& right) {
    std::array<std::uint8_t, 1 + 2 * hash_bytes> bytes{node_prefix};
    std::ranges::copy(left, bytes.begin() + 1);
    std::ranges::copy(right, bytes.begin() + 1 + hash_bytes);
    return sha256(bytes);
}

Digest empty_root() {
    return sha256({});
}

Digest root_of(std::span<const Digest> leaf_hashes) {
    // A span of hashes that fits into memory is far below the largest tree.
    return *root_of_range(source_of(leaf_hashes), 0, leaf_hashes.size());
}

Result<void> MerkleFrontier::append(const Digest& leaf_hash) {
    if (size_ >= max_tree_size) {
        return Error{.code = ErrorCode::too_large, .message = "the Merkle tree is full"};
    }
    Digest root = leaf_hash;
    for (std::uint64_t bits = size_; is_odd(bits); bits >>= 1U) {
        root = node_hash(roots_.back(), root);
        roots_.pop_back();
    }
    roots_.push_back(root);
    ++size_;
    return {};
}

Digest MerkleFrontier::root() const {
    if (roots_.empty()) return empty_root();
    Digest root = roots_.back();
    for (std::size_t left = roots_.size() - 1; left > 0; --left) root = node_hash(roots_[left - 1], root);
    return root;
}

Bytes MerkleFrontier::serialize() const {
    Bytes bytes(frontier_tag.begin(), frontier_tag.end());
    for (std::size_t left = size_bytes; left > 0; --left) {
        bytes.push_back(static_cast<std::uint8_t>(size_ >> (8 * (left - 1))));
    }
    for (const Digest& root : roots_) bytes.insert(bytes.end(), root.begin(), root.end());
    return bytes;
}

Result<MerkleFrontier> MerkleFrontier::restore(BytesView bytes) {
    const BytesView tag = bytes_of(frontier_tag);
    if (bytes.size() < tag.size() + size_bytes || !std::ranges::equal(bytes.first(tag.size()), tag)) {
        return refused_proof("this is no Merkle frontier of a known version");
    }
    MerkleFrontier frontier;
    for (const std::uint8_t byte : bytes.subspan(tag.size(), size_bytes)) {
        frontier.size_ = frontier.size_ << 8U | byte;
    }
    BytesView rest = bytes.subspan(tag.size() + size_bytes);
    const auto count = static_cast<std::size_t>(std::popcount(frontier.size_));
    if (frontier.size_ > max_tree_size || rest.size() != count * hash_bytes) {
        return refused_proof("the size of the Merkle frontier does not fit its hashes");
    }
    for (; !rest.empty(); rest = rest.subspan(hash_bytes)) {
        std::ranges::copy(rest.first(hash_bytes), frontier.roots_.emplace_back().begin());
    }
    return frontier;
}

Result<Proof> inclusion_proof(const LeafHashSource& leaves, std::uint64_t size, std::uint64_t index) {
    if (index >= size || size > max_tree_size)
        return refused_proof("there is no such leaf in the Merkle tree");
    Proof proof;
    std::uint64_t first = 0;
    std::uint64_t last = size;
    while (last - first > 1) {
        const std::uint64_t middle = first + split_of(last - first);
        const bool is_left = index < middle;
        MAJED_TRY_ASSIGN(const Digest sibling, is_left ? root_of_range(leaves, middle, last)
                                                       : root_of_range(leaves, first, middle));
        proof.push_back(sibling);
        (is_left ? last : first) = middle;
    }
    std::ranges::reverse(proof);  // Found from the root down, told from the leaf up.
    return proof;
}

Result<Proof> inclusion_proof(std::span<const Digest> leaf_hashes, std::uint64_t index) {
    return inclusion_proof(source_of(leaf_hashes), leaf_hashes.size(), index);
}

Result<Proof> consistency_proof(const LeafHashSource& leaves, std::uint64_t older, std::uint64_t newer) {
    if (older == 0 || older > newer || newer > max_tree_size) {
        return refused_proof("there is no consistency proof between Merkle trees of these sizes");
    }
    Proof proof;
    std::uint64_t first = 0;
    std::uint64_t last = newer;
    while (last != older) {
        const std::uint64_t middle = first + split_of(last - first);
        const bool ends_left = older <= middle;
        MAJED_TRY_ASSIGN(const Digest sibling, ends_left ? root_of_range(leaves, middle, last)
                                                         : root_of_range(leaves, first, middle));
        proof.push_back(sibling);
        (ends_left ? last : first) = middle;
    }
    if (first != 0) {  // Else the last subtree is the older tree, whose root the verifier has.
        MAJED_TRY_ASSIGN(const Digest shared, root_of_range(leaves, first, last));
        proof.push_back(shared);
    }
    std::ranges::reverse(proof);
    return proof;
}

Result<Proof> consistency_proof(std::span<const Digest> leaf_hashes, std::uint64_t older) {
    return consistency_proof(source_of(leaf_hashes), older, leaf_hashes.size());
}

Result<void> verify_inclusion(const TreeState& tree, std::uint64_t index, const Digest& leaf_hash,
                              std::span<const Digest> proof) {
    if (index >= tree.size || tree.size > max_tree_size) {
        return refused_proof("there is no such leaf in the Merkle tree");
    }
    Climb climb{.place = index, .last = tree.size - 1};
    Digest root = leaf_hash;
    for (const Digest& sibling : proof) {
        if (climb.last == 0) return wrong_length();
        root = climb.joins_left() ? node_hash(sibling, root) : node_hash(root, sibling);
        climb.rise_after_join();
    }
    if (climb.last != 0) return wrong_length();
    if (root != tree.root) {
        return Error{.code = ErrorCode::conflict, .message = "the Merkle tree does not hold this leaf there"};
    }
    return {};
}

Result<void> verify_consistency(const TreeState& older, const TreeState& newer,
                                std::span<const Digest> proof) {
    if (older.size == 0 || older.size > newer.size || newer.size > max_tree_size) {
        return refused_proof("Merkle trees of these sizes cannot be compared");
    }
    if (older.size == newer.size) {
        if (!proof.empty()) return wrong_length();
        if (older.root != newer.root) return other_roots();
        return {};
    }
    // The proof starts at the largest complete subtree that ends where the older tree does. When that is the older tree
    // itself, its root is not repeated.
    Digest start = older.root;
    if (!std::has_single_bit(older.size)) {
        if (proof.empty()) return wrong_length();
        start = proof.front();
        proof = proof.subspan(1);
    }
    Climb climb{.place = older.size - 1, .last = newer.size - 1};
    while (is_odd(climb.place)) climb.rise();
    Digest older_root = start;
    Digest newer_root = start;
    for (const Digest& sibling : proof) {
        if (climb.last == 0) return wrong_length();
        if (climb.joins_left()) {
            older_root = node_hash(sibling, older_root);
            newer_root = node_hash(sibling, newer_root);
        } else {
            newer_root = node_hash(newer_root, sibling);
        }
        climb.rise_after_join();
    }
    if (climb.last != 0) return wrong_length();
    if (older_root != older.root || newer_root != newer.root) return other_roots();
    return {};
}

}  // namespace majed::crypto
