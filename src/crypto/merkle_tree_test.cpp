// SPDX-License-Identifier: Apache-2.0
#include "crypto/merkle_tree.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace majed::crypto {
namespace merkle_tree_test {

/// Sanitizers watch the code, which half of the sizes reach as all of them do.
#if defined(MAJED_SANITIZED)
constexpr std::uint64_t most_proven = 35;
#else
constexpr std::uint64_t most_proven = 70;
#endif

Digest leaf(std::uint64_t index) {
    return leaf_hash(bytes_of("record " + std::to_string(index)));
}

std::vector<Digest> leaves(std::uint64_t count) {
    std::vector<Digest> hashes;
    for (std::uint64_t i = 0; i < count; ++i) hashes.push_back(leaf(i));
    return hashes;
}

std::uint64_t split(std::uint64_t size) {
    std::uint64_t half = 1;
    while (half * 2 < size) half *= 2;
    return half;
}

/// RFC 6962 section 2.1, word for word.
Digest naive_root(std::span<const Digest> hashes) {
    if (hashes.empty()) return sha256({});
    if (hashes.size() == 1) return hashes[0];
    const std::size_t half = split(hashes.size());
    return node_hash(naive_root(hashes.first(half)), naive_root(hashes.subspan(half)));
}

/// RFC 6962 section 2.1.1, word for word.
Proof naive_inclusion(std::span<const Digest> hashes, std::size_t index) {
    if (hashes.size() <= 1) return {};
    const std::size_t half = split(hashes.size());
    const bool is_left = index < half;
    Proof path = is_left ? naive_inclusion(hashes.first(half), index)
                         : naive_inclusion(hashes.subspan(half), index - half);
    path.push_back(naive_root(is_left ? hashes.subspan(half) : hashes.first(half)));
    return path;
}

/// RFC 6962 section 2.1.2, word for word.
Proof naive_consistency(std::span<const Digest> hashes, std::size_t older, bool whole) {
    if (older == hashes.size()) return whole ? Proof{} : Proof{naive_root(hashes)};
    const std::size_t half = split(hashes.size());
    const bool ends_left = older <= half;
    Proof path = ends_left ? naive_consistency(hashes.first(half), older, whole)
                           : naive_consistency(hashes.subspan(half), older - half, false);
    path.push_back(naive_root(ends_left ? hashes.subspan(half) : hashes.first(half)));
    return path;
}

/// The turns from a leaf to the root: all that a verifier of inclusion makes of an index and a size.
std::string turns(std::uint64_t index, std::uint64_t size) {
    if (size <= 1) return "";
    const std::uint64_t half = split(size);
    return index < half ? turns(index, half) + 'l' : turns(index - half, size - half) + 'r';
}

/// The turns from the end of an older tree to the root of the newer: all that a verifier of consistency makes of sizes.
std::string turns_between(std::uint64_t older, std::uint64_t newer, bool whole = true) {
    if (older == newer) return whole ? "W" : "P";
    const std::uint64_t half = split(newer);
    return older <= half ? turns_between(older, half, whole) + 'l'
                         : turns_between(older - half, newer - half, false) + 'r';
}

/// All trees over the same leaves, up to the largest that every proof is tried on.
struct Trees {
    std::vector<Digest> hashes = leaves(most_proven + 1);
    std::vector<TreeState> states;
    Trees() {
        for (std::size_t size = 0; size <= hashes.size(); ++size) {
            states.push_back({.size = size, .root = naive_root(first(size))});
        }
    }
    [[nodiscard]] std::span<const Digest> first(std::size_t size) const {
        return std::span(hashes).first(size);
    }
};

/// Whether the verifier refuses the proof with each of its bits flipped. Of trees of more than 16 leaves it is every
/// 32nd bit, beginning at another one in every tree and place, so that the suite stays short.
template <class Verify>
bool refuses_each_flipped_bit(const Proof& proof, std::size_t size, const Verify& verify) {
    const std::size_t step = size <= 16 ? 1 : 32;
    for (std::size_t element = 0; element < proof.size(); ++element) {
        for (std::size_t bit = (size * 5 + element * 11) % step; bit < 256; bit += step) {
            Proof changed = proof;
            changed[element].at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
            if (verify(changed)) return false;
        }
    }
    return true;
}

/// Every proof with one element dropped, doubled, swapped with the next, or a foreign one put in.
std::vector<Proof> proofs_of_wrong_elements(const Proof& proof, const Digest& root) {
    std::vector<Proof> wrong;
    for (std::size_t i = 0; i <= proof.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        for (const Digest& foreign : {Digest{}, root, i < proof.size() ? proof[i] : empty_root()}) {
            wrong.push_back(proof);
            wrong.back().insert(wrong.back().begin() + at, foreign);
        }
        if (i == proof.size()) break;
        wrong.push_back(proof);
        wrong.back().erase(wrong.back().begin() + at);
        wrong.push_back(proof);
        wrong.back().resize(i);
        if (i + 1 == proof.size()) continue;
        wrong.push_back(proof);
        std::swap(wrong.back()[i], wrong.back()[i + 1]);
    }
    return wrong;
}

TEST(MerkleTree, has_the_known_hashes_of_rfc_6962) {
    EXPECT_EQ(to_hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(leaf_hash({})), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(to_hex(leaf_hash(bytes_of("L123456"))),
              "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
}

TEST(MerkleTree, joins_two_children_as_rfc_6962_does) {
    // The published vector has children of 4 bytes; a node of ours takes hashes only.
    EXPECT_EQ(to_hex(sha256(bytes_of("\x01N123N456"))),
              "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
    const Digest left = leaf(1);
    const Digest right = leaf(2);
    Bytes joined{1};
    joined.insert(joined.end(), left.begin(), left.end());
    joined.insert(joined.end(), right.begin(), right.end());
    EXPECT_EQ(node_hash(left, right), sha256(joined));
    EXPECT_NE(node_hash(left, right), node_hash(right, left));
}

TEST(MerkleTree, has_a_root_over_many_leaves_that_is_the_recursive_one) {
    const auto hashes = leaves(300);
    for (std::size_t size = 0; size <= hashes.size(); ++size) {
        EXPECT_EQ(root_of(std::span(hashes).first(size)), naive_root(std::span(hashes).first(size))) << size;
    }
}

TEST(MerkleTree, makes_the_inclusion_proofs_of_rfc_6962) {
    const Trees trees;
    for (std::uint64_t size = 1; size <= most_proven; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const auto proof = inclusion_proof(trees.first(size), index);
            ASSERT_TRUE(proof);
            ASSERT_EQ(*proof, naive_inclusion(trees.first(size), index)) << index << " of " << size;
            ASSERT_TRUE(verify_inclusion(trees.states[size], index, trees.hashes[index], *proof));
        }
    }
}

TEST(MerkleTree, makes_the_consistency_proofs_of_rfc_6962) {
    const Trees trees;
    for (std::uint64_t newer = 1; newer <= most_proven; ++newer) {
        for (std::uint64_t older = 1; older <= newer; ++older) {
            const auto proof = consistency_proof(trees.first(newer), older);
            ASSERT_TRUE(proof);
            ASSERT_EQ(*proof, naive_consistency(trees.first(newer), older, true)) << older << ' ' << newer;
            ASSERT_TRUE(verify_consistency(trees.states[older], trees.states[newer], *proof));
        }
    }
}

TEST(MerkleTree, refuses_an_inclusion_proof_with_any_bit_flipped) {
    const Trees trees;
    for (std::uint64_t size = 1; size <= most_proven; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const TreeState& tree = trees.states[size];
            const Proof proof = naive_inclusion(trees.first(size), index);
            ASSERT_TRUE(refuses_each_flipped_bit(
                proof, size,
                [&](const Proof& changed) {
                    return verify_inclusion(tree, index, trees.hashes[index], changed).has_value();
                }))
                << index << " of " << size;
        }
    }
}

TEST(MerkleTree, refuses_a_consistency_proof_with_any_bit_flipped) {
    const Trees trees;
    for (std::uint64_t newer = 1; newer <= most_proven; ++newer) {
        for (std::uint64_t older = 1; older <= newer; ++older) {
            const Proof proof = naive_consistency(trees.first(newer), older, true);
            ASSERT_TRUE(refuses_each_flipped_bit(
                proof, newer,
                [&](const Proof& changed) {
                    return verify_consistency(trees.states[older], trees.states[newer], changed).has_value();
                }))
                << older << ' ' << newer;
        }
    }
}

TEST(MerkleTree, refuses_an_inclusion_proof_with_an_element_dropped_added_or_swapped) {
    const Trees trees;
    for (std::uint64_t size = 1; size <= most_proven; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const TreeState& tree = trees.states[size];
            const Proof proof = naive_inclusion(trees.first(size), index);
            for (const Proof& wrong : proofs_of_wrong_elements(proof, tree.root)) {
                const auto refused = verify_inclusion(tree, index, trees.hashes[index], wrong);
                ASSERT_FALSE(refused) << index << " of " << size;
                ASSERT_EQ(refused.error().code,
                          wrong.size() == proof.size() ? ErrorCode::conflict : ErrorCode::invalid_argument);
            }
        }
    }
}

TEST(MerkleTree, refuses_a_consistency_proof_with_an_element_dropped_added_or_swapped) {
    const Trees trees;
    for (std::uint64_t newer = 1; newer <= most_proven; ++newer) {
        for (std::uint64_t older = 1; older <= newer; ++older) {
            const Proof proof = naive_consistency(trees.first(newer), older, true);
            for (const Proof& wrong : proofs_of_wrong_elements(proof, trees.states[newer].root)) {
                const auto refused = verify_consistency(trees.states[older], trees.states[newer], wrong);
                ASSERT_FALSE(refused) << older << ' ' << newer;
                ASSERT_EQ(refused.error().code,
                          wrong.size() == proof.size() ? ErrorCode::conflict : ErrorCode::invalid_argument);
            }
        }
    }
}

TEST(MerkleTree, refuses_an_inclusion_proof_for_any_other_leaf_or_index) {
    const Trees trees;
    for (std::uint64_t size = 1; size <= most_proven; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const Proof proof = naive_inclusion(trees.first(size), index);
            for (std::uint64_t other = 0; other <= size; ++other) {
                if (other == index) continue;
                ASSERT_FALSE(verify_inclusion(trees.states[size], other, trees.hashes[index], proof));
                ASSERT_FALSE(verify_inclusion(trees.states[size], index, trees.hashes[other], proof));
            }
        }
    }
}

// A root does not tell how many leaves are under it. A proof stands for another size than its own only where the way
// from leaf to root has the same turns there: that is why a head is signed over its size too.
TEST(MerkleTree, takes_an_inclusion_proof_for_another_size_only_where_the_way_to_the_root_is_the_same) {
    const Trees trees;
    for (std::uint64_t size = 1; size <= most_proven; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const Proof proof = naive_inclusion(trees.first(size), index);
            for (std::uint64_t claimed = 0; claimed <= most_proven + 1; ++claimed) {
                const TreeState tree{.size = claimed, .root = trees.states[size].root};
                const bool taken = verify_inclusion(tree, index, trees.hashes[index], proof).has_value();
                const bool same = index < claimed && turns(index, claimed) == turns(index, size);
                ASSERT_EQ(taken, same) << index << " of " << size << " as " << claimed;
                // With the root of that size it never stands.
                ASSERT_TRUE(claimed == size ||
                            !verify_inclusion(trees.states[claimed], index, trees.hashes[index], proof));
            }
        }
    }
}

TEST(MerkleTree, takes_a_consistency_proof_for_another_size_only_where_the_way_to_the_root_is_the_same) {
    const Trees trees;
    for (std::uint64_t newer = 1; newer <= most_proven; ++newer) {
        for (std::uint64_t older = 1; older <= newer; ++older) {
            const Proof proof = naive_consistency(trees.first(newer), older, true);
            for (std::uint64_t claimed = 0; claimed <= most_proven + 1; ++claimed) {
                const TreeState newer_as{.size = claimed, .root = trees.states[newer].root};
                const bool newer_taken = verify_consistency(trees.states[older], newer_as, proof).has_value();
                const bool newer_same =
                    older <= claimed && turns_between(older, claimed) == turns_between(older, newer);
                ASSERT_EQ(newer_taken, newer_same) << older << ' ' << newer << " as " << claimed;
                const TreeState older_as{.size = claimed, .root = trees.states[older].root};
                const bool older_taken = verify_consistency(older_as, trees.states[newer], proof).has_value();
                const bool older_same = claimed != 0 && claimed <= newer &&
                                        turns_between(claimed, newer) == turns_between(older, newer);
                ASSERT_EQ(older_taken, older_same) << older << " as " << claimed << ' ' << newer;
            }
        }
    }
}

TEST(MerkleTree, refuses_a_consistency_proof_between_other_roots) {
    const Trees trees;
    for (std::uint64_t newer = 2; newer <= most_proven; ++newer) {
        for (std::uint64_t older = 1; older < newer; ++older) {
            const Proof proof = naive_consistency(trees.first(newer), older, true);
            TreeState changed = trees.states[older];
            changed.root[older % 32] ^= 1U;
            ASSERT_FALSE(verify_consistency(changed, trees.states[newer], proof));
            changed = trees.states[newer];
            changed.root[newer % 32] ^= 0x80U;
            ASSERT_FALSE(verify_consistency(trees.states[older], changed, proof));
        }
    }
}

TEST(MerkleTree, refuses_a_history_in_which_any_old_leaf_was_changed) {
    const auto before = leaves(13);
    const TreeState older{.size = before.size(), .root = root_of(before)};
    for (std::size_t changed = 0; changed < before.size(); ++changed) {
        auto after = leaves(21);
        after[changed] = leaf(1000);
        const TreeState newer{.size = after.size(), .root = root_of(after)};
        const auto proof = consistency_proof(after, older.size);
        ASSERT_TRUE(proof);
        EXPECT_EQ(verify_consistency(older, newer, *proof).error().code, ErrorCode::conflict) << changed;
    }
}

TEST(MerkleTree, refuses_proofs_about_trees_without_leaves_or_past_the_largest) {
    const Digest root = empty_root();
    const TreeState none{.size = 0, .root = root};
    const TreeState one{.size = 1, .root = root};
    const TreeState past{.size = max_tree_size + 1, .root = root};
    EXPECT_EQ(verify_inclusion(none, 0, root, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(verify_inclusion(one, UINT64_MAX, root, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(verify_inclusion(past, 0, root, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(verify_consistency(none, none, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(verify_consistency(none, one, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(verify_consistency(one, none, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(verify_consistency(one, past, {}).error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(verify_consistency(one, one, {}));
}

TEST(MerkleTree, refuses_proofs_of_every_length_at_the_largest_size_without_reading_past_them) {
    const TreeState largest{.size = max_tree_size, .root = leaf(0)};
    for (std::size_t length = 0; length <= 200; ++length) {
        const Proof proof(length, leaf(length));
        const ErrorCode code = length == 63 ? ErrorCode::conflict : ErrorCode::invalid_argument;
        EXPECT_EQ(verify_inclusion(largest, max_tree_size - 1, leaf(1), proof).error().code, code);
        EXPECT_EQ(verify_inclusion(largest, 0, leaf(1), proof).error().code, code);
        const TreeState older{.size = 1, .root = leaf(2)};
        EXPECT_EQ(verify_consistency(older, largest, proof).error().code, code);
        const TreeState all_but_one{.size = max_tree_size - 1, .root = leaf(2)};
        EXPECT_EQ(verify_consistency(all_but_one, largest, proof).error().code,
                  length == 64 ? ErrorCode::conflict : ErrorCode::invalid_argument);
    }
}

TEST(MerkleTree, makes_no_proof_about_what_is_not_there) {
    const auto hashes = leaves(5);
    EXPECT_EQ(inclusion_proof(hashes, 5).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(inclusion_proof(std::span<const Digest>(), 0).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(consistency_proof(hashes, 0).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(consistency_proof(hashes, 6).error().code, ErrorCode::invalid_argument);
    const LeafHashSource none = [](std::uint64_t) -> Result<Digest> { return Digest{}; };
    EXPECT_EQ(inclusion_proof(none, max_tree_size + 1, 0).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(consistency_proof(none, 1, max_tree_size + 1).error().code, ErrorCode::invalid_argument);
}

TEST(MerkleTree, reads_every_leaf_of_a_source_at_most_once_and_passes_its_error_on) {
    std::vector<int> reads(70);
    const LeafHashSource counting = [&](std::uint64_t index) -> Result<Digest> {
        ++reads.at(index);
        return leaf(index);
    };
    ASSERT_EQ(*inclusion_proof(counting, 70, 33), *inclusion_proof(leaves(70), 33));
    for (std::size_t i = 0; i < reads.size(); ++i) EXPECT_EQ(reads[i], i == 33 ? 0 : 1) << i;
    for (std::uint64_t broken = 0; broken < 70; ++broken) {
        const LeafHashSource failing = [&](std::uint64_t index) -> Result<Digest> {
            if (index == broken) return Error{.code = ErrorCode::unavailable, .message = "no row"};
            return leaf(index);
        };
        EXPECT_EQ(inclusion_proof(failing, 70, 33).has_value(), broken == 33);
        EXPECT_EQ(consistency_proof(failing, 33, 70).error().code, ErrorCode::unavailable);
    }
}

TEST(MerkleFrontier, has_the_root_of_the_recursive_definition_at_every_size) {
    const auto hashes = leaves(300);
    MerkleFrontier frontier;
    for (std::size_t size = 0;; ++size) {
        ASSERT_EQ(frontier.size(), size);
        ASSERT_EQ(frontier.root(), naive_root(std::span(hashes).first(size))) << size;
        if (size == hashes.size()) break;
        ASSERT_TRUE(frontier.append(hashes[size]));
    }
}

TEST(MerkleFrontier, goes_on_from_its_stored_form_as_if_nothing_had_happened) {
    const auto hashes = leaves(300);
    MerkleFrontier frontier;
    for (std::size_t size = 0; size < hashes.size(); ++size) {
        auto again = MerkleFrontier::restore(frontier.serialize());
        ASSERT_TRUE(again) << size;
        ASSERT_EQ(*again, frontier);
        frontier = std::move(*again);
        ASSERT_TRUE(frontier.append(hashes[size]));
    }
    EXPECT_EQ(frontier.root(), naive_root(hashes));
}

TEST(MerkleFrontier, stores_one_hash_for_each_bit_of_its_size) {
    MerkleFrontier frontier;
    for (const Digest& hash : leaves(5)) ASSERT_TRUE(frontier.append(hash));
    const Bytes stored = frontier.serialize();
    const auto hashes = leaves(5);
    EXPECT_EQ(to_hex(stored), to_hex(bytes_of("majed-frontier-v1")) + "0000000000000005" +
                                  to_hex(naive_root(std::span(hashes).first(4))) + to_hex(hashes[4]));
}

TEST(MerkleFrontier, refuses_stored_forms_that_it_does_not_write) {
    MerkleFrontier frontier;
    for (const Digest& hash : leaves(11)) ASSERT_TRUE(frontier.append(hash));
    const Bytes good = frontier.serialize();
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_EQ(MerkleFrontier::restore(BytesView(good).first(length)).error().code,
                  ErrorCode::invalid_argument);
    }
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(MerkleFrontier::restore(longer));
    for (std::size_t at = 0; at < 17; ++at) {
        Bytes other_tag = good;
        other_tag[at] ^= 1U;
        EXPECT_FALSE(MerkleFrontier::restore(other_tag)) << at;
    }
    Bytes other_size = good;
    other_size[24] = 15;  // Four bits, three hashes.
    EXPECT_FALSE(MerkleFrontier::restore(other_size));
}

/// A stored frontier of any size, with made-up hashes: nobody can append that many leaves.
Bytes stored_frontier(std::uint64_t size, std::size_t hashes) {
    Bytes bytes = MerkleFrontier().serialize();
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(size >> (8 * i));
    }
    for (std::size_t i = 0; i < hashes; ++i) {
        const Digest hash = leaf(i);
        bytes.insert(bytes.end(), hash.begin(), hash.end());
    }
    return bytes;
}

TEST(MerkleFrontier, grows_to_two_to_the_63_leaves_and_no_further) {
    auto frontier = MerkleFrontier::restore(stored_frontier(max_tree_size - 1, 63));
    ASSERT_TRUE(frontier);
    ASSERT_TRUE(frontier->append(leaf(63)));
    EXPECT_EQ(frontier->size(), max_tree_size);
    Digest root = leaf(63);
    for (std::uint64_t i = 63; i > 0; --i) root = node_hash(leaf(i - 1), root);
    EXPECT_EQ(frontier->root(), root);
    EXPECT_EQ(frontier->serialize().size(), 17U + 8U + 32U);
    EXPECT_EQ(frontier->append(leaf(64)).error().code, ErrorCode::too_large);
    EXPECT_EQ(frontier->root(), root);
    EXPECT_EQ(frontier->size(), max_tree_size);
    EXPECT_TRUE(MerkleFrontier::restore(stored_frontier(max_tree_size, 1)));
    EXPECT_FALSE(MerkleFrontier::restore(stored_frontier(max_tree_size + 1, 2)));
    EXPECT_FALSE(MerkleFrontier::restore(stored_frontier(UINT64_MAX, 64)));
}

}  // namespace merkle_tree_test
}  // namespace majed::crypto
