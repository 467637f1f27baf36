// SPDX-License-Identifier: Apache-2.0
#include "crypto/merkle_tree.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace majed::crypto {
namespace {

using simdjson::dom::element;

/// What the published files hold: as many cases, and as many of them valid.
constexpr std::size_t cases_in_file = 98;
constexpr std::size_t valid_in_file = 6;

std::string path_of(std::string_view name) {
    return MAJED_PROJECT_ROOT "/../shared/corpora/vectors/" + std::string(name);
}

/// base64 with padding, as the files have it; our own text is base64url without.
std::optional<Bytes> decode(std::string_view text) {
    std::string ours(text.substr(0, text.find('=')));
    std::ranges::replace(ours, '+', '-');
    std::ranges::replace(ours, '/', '_');
    return from_base64url(ours);
}

/// A case may hold hashes of a length that no SHA-256 has, which our types cannot. Filled up or cut to 32 bytes, equal
/// ones stay equal and wrong ones stay wrong: the verifier must judge those cases too.
Digest digest_from(element value) {
    std::string_view text;
    EXPECT_EQ(value.get(text), simdjson::SUCCESS);
    const auto bytes = decode(text);
    EXPECT_TRUE(bytes) << text;
    Digest digest{};
    if (bytes) std::copy_n(bytes->begin(), std::min(bytes->size(), digest.size()), digest.begin());
    return digest;
}

/// Two hashes that are not there would be two equal ones: whoever reads them refuses that, as their type does.
bool is_empty(element value) {
    std::string_view text;
    return value.get(text) == simdjson::SUCCESS && text.empty();
}

std::uint64_t number_from(element object, const char* key) {
    std::uint64_t number = 0;
    EXPECT_EQ(object[key].get(number), simdjson::SUCCESS) << key;
    return number;
}

Proof proof_from(element object) {
    Proof proof;
    simdjson::dom::array hashes;
    if (object["proof"].get(hashes) != simdjson::SUCCESS) return proof;  // null: an empty proof.
    for (const element hash : hashes) proof.push_back(digest_from(hash));
    return proof;
}

TreeState state_from(element object, const char* size, const char* root) {
    return {.size = number_from(object, size), .root = digest_from(object[root].value())};
}

/// Holds every case of a file against `verify`, and counts them so that none was lost on the way.
template <class Verify>
void expect_verdicts(const std::string& path, const Verify& verify) {
    simdjson::dom::parser parser;
    simdjson::dom::array cases;
    ASSERT_EQ(parser.load(path).get(cases), simdjson::SUCCESS);
    std::size_t tried = 0;
    std::size_t valid = 0;
    for (const element one : cases) {
        bool must_fail = false;
        std::string_view name;
        ASSERT_EQ(one["wantErr"].get(must_fail), simdjson::SUCCESS);
        ASSERT_EQ(one["name"].get(name), simdjson::SUCCESS);
        EXPECT_EQ(verify(one).has_value(), !must_fail) << name;
        ++tried;
        if (!must_fail) ++valid;
    }
    EXPECT_EQ(tried, cases_in_file);
    EXPECT_EQ(valid, valid_in_file);
}

TEST(MerkleVectors, of_inclusion_are_judged_as_published) {
    const std::string path = path_of("merkle_inclusion.json");
    if (!std::ifstream(path)) GTEST_SKIP() << "there is no " << path;
    expect_verdicts(path, [](element one) -> Result<void> {
        if (is_empty(one["root"].value()) && is_empty(one["leafHash"].value())) {
            return Error{.code = ErrorCode::invalid_argument, .message = "no hash at all"};
        }
        return verify_inclusion(state_from(one, "treeSize", "root"), number_from(one, "leafIdx"),
                                digest_from(one["leafHash"].value()), proof_from(one));
    });
}

TEST(MerkleVectors, of_consistency_are_judged_as_published) {
    const std::string path = path_of("merkle_consistency.json");
    if (!std::ifstream(path)) GTEST_SKIP() << "there is no " << path;
    expect_verdicts(path, [](element one) {
        return verify_consistency(state_from(one, "size1", "root1"), state_from(one, "size2", "root2"),
                                  proof_from(one));
    });
}

}  // namespace
}  // namespace majed::crypto
