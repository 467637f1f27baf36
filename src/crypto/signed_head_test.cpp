// SPDX-License-Identifier: Apache-2.0
#include "crypto/signed_head.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

namespace majed::crypto {
namespace signed_head_test {

using Milliseconds = std::chrono::milliseconds;

SigningKey key_of(char seed) {
    return *SigningKey::from_seed(Secret(std::string(32, seed)));
}

TreeHead sample_head() {
    return {.log_id = "audit.main-1",
            .tree = {.size = 4711, .root = leaf_hash(bytes_of("root"))},
            .time = decltype(TreeHead::time)(Milliseconds(1738367999123))};
}

SignedHead sample() {
    return *sign_head(sample_head(), key_of('k'));
}

std::string sample_line() {
    return *format_head(sample());
}

/// What a reader of a second file does: true when the line is a head that the key signed.
bool stands(std::string_view line, const VerifyingKey& key) {
    const auto parsed = parse_head(line);
    return parsed && verify_head(*parsed, key);
}

std::string line_of(std::initializer_list<std::string_view> fields) {
    std::string line;
    for (const std::string_view field : fields) line.append(line.empty() ? "" : " ").append(field);
    return line;
}

TEST(SignedHead, signs_exactly_these_bytes) {
    TreeHead head = sample_head();
    head.log_id = "ab";
    head.tree.root.fill(0xcc);
    head.time = decltype(TreeHead::time)(Milliseconds(0x0102));
    EXPECT_EQ(to_hex(*bytes_to_sign(head)), "00000012" + to_hex(bytes_of("majed-tree-head-v1")) +
                                                "000000026162"
                                                "000000080000000000001267"
                                                "00000020" +
                                                to_hex(Bytes(32, 0xcc)) + "000000080000000000000102");
}

TEST(SignedHead, is_one_line_of_text_that_reads_back) {
    const SignedHead made = sample();
    const std::string line = sample_line();
    EXPECT_EQ(line, "majed-tree-head-v1 audit.main-1 4711 " + to_base64url(made.head.tree.root) +
                        " 1738367999123 " + to_base64url(made.signature));
    const auto parsed = parse_head(line);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, made);
    EXPECT_TRUE(verify_head(*parsed, key_of('k').verifying_key()));
}

TEST(SignedHead, is_refused_under_any_other_key) {
    EXPECT_EQ(verify_head(sample(), key_of('x').verifying_key()).error().code, ErrorCode::denied);
}

TEST(SignedHead, is_refused_when_any_byte_of_its_line_is_any_other_byte) {
    const VerifyingKey key = key_of('k').verifying_key();
    const std::string line = sample_line();
    ASSERT_TRUE(stands(line, key));
    for (std::size_t at = 0; at < line.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = line;
            changed[at] = static_cast<char>(byte);
            if (changed == line) continue;
            ASSERT_FALSE(stands(changed, key)) << at << ' ' << byte;
        }
    }
}

TEST(SignedHead, is_refused_when_a_byte_of_its_line_is_missing_doubled_or_put_in) {
    const VerifyingKey key = key_of('k').verifying_key();
    const std::string line = sample_line();
    for (std::size_t at = 0; at <= line.size(); ++at) {
        EXPECT_FALSE(stands(line.substr(0, at) + (at == line.size() ? "=" : line.substr(at + 1)), key)) << at;
        EXPECT_EQ(stands(std::string_view(line).substr(0, at), key), at == line.size()) << at;
        for (const char extra : {' ', '\n', '\r', '\t', '\0', '0', 'A', '=', '-', line[at % line.size()]}) {
            std::string longer = line;
            longer.insert(at, 1, extra);
            EXPECT_FALSE(stands(longer, key)) << at << ' ' << static_cast<int>(extra);
        }
    }
}

TEST(SignedHead, has_one_text_whatever_was_changed_in_it) {
    const std::string line = sample_line();
    for (std::size_t at = 0; at < line.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string changed = line;
            changed[at] = static_cast<char>(byte);
            const auto parsed = parse_head(changed);
            ASSERT_EQ(parsed ? *format_head(*parsed) : changed, changed);
        }
    }
}

TEST(SignedHead, is_refused_when_any_member_is_another) {
    const VerifyingKey key = key_of('k').verifying_key();
    SignedHead changed = sample();
    changed.head.log_id = "audit.main-2";
    EXPECT_EQ(verify_head(changed, key).error().code, ErrorCode::denied);
    changed = sample();
    ++changed.head.tree.size;
    EXPECT_EQ(verify_head(changed, key).error().code, ErrorCode::denied);
    changed = sample();
    changed.head.time += Milliseconds(1);
    EXPECT_EQ(verify_head(changed, key).error().code, ErrorCode::denied);
    for (std::size_t bit = 0; bit < 256; ++bit) {
        changed = sample();
        changed.head.tree.root.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(verify_head(changed, key).error().code, ErrorCode::denied) << bit;
    }
    for (std::size_t bit = 0; bit < 512; ++bit) {
        changed = sample();
        changed.signature.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(verify_head(changed, key).error().code, ErrorCode::denied) << bit;
    }
}

TEST(SignedHead, takes_the_largest_and_the_smallest_values) {
    const SigningKey key = key_of('k');
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, max_tree_size}) {
        for (const std::int64_t time : {std::int64_t{0}, INT64_MAX}) {
            TreeHead head{.log_id = std::string(64, 'Z'),
                          .tree = {.size = size, .root = empty_root()},
                          .time = decltype(TreeHead::time)(Milliseconds(time))};
            const auto made = sign_head(head, key);
            ASSERT_TRUE(made);
            const auto line = format_head(*made);
            ASSERT_TRUE(line);
            EXPECT_TRUE(stands(*line, key.verifying_key())) << *line;
            EXPECT_EQ(parse_head(*line)->head, head);
        }
    }
}

TEST(SignedHead, is_not_made_of_members_it_cannot_have) {
    const auto refuses = [](const TreeHead& head) {
        const SignedHead unsigned_head{.head = head};
        const auto is_refusal = [](const auto& answer) {
            return !answer && answer.error().code == ErrorCode::invalid_argument;
        };
        return is_refusal(sign_head(head, key_of('k'))) && is_refusal(bytes_to_sign(head)) &&
               is_refusal(format_head(unsigned_head)) &&
               is_refusal(verify_head(unsigned_head, key_of('k').verifying_key()));
    };
    for (const std::string& id : {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a\n"),
                                  std::string("a\0b", 3), std::string("\xc3\xa4"), std::string("a/b")}) {
        TreeHead head = sample_head();
        head.log_id = id;
        EXPECT_TRUE(refuses(head)) << id;
    }
    TreeHead head = sample_head();
    head.tree.size = max_tree_size + 1;
    EXPECT_TRUE(refuses(head));
    head = sample_head();
    head.tree.size = 0;  // With a root that is not the root of nothing.
    EXPECT_TRUE(refuses(head));
    head = sample_head();
    head.time = decltype(TreeHead::time)(Milliseconds(-1));
    EXPECT_TRUE(refuses(head));
}

TEST(SignedHead, is_refused_when_its_line_is_written_otherwise) {
    const SignedHead made = sample();
    const std::string root = to_base64url(made.head.tree.root);
    const std::string signature = to_base64url(made.signature);
    const std::string tag = "majed-tree-head-v1";
    ASSERT_TRUE(parse_head(line_of({tag, "a", "1", root, "2", signature})));
    for (const char* number : {"", "01", "00", "+1", "-1", "1 ", "0x1", "1e3", "1.0", "18446744073709551616",
                               "99999999999999999999999", "9223372036854775809"}) {
        EXPECT_FALSE(parse_head(line_of({tag, "a", number, root, "2", signature}))) << number;
        EXPECT_FALSE(parse_head(line_of({tag, "a", "1", root, number, signature}))) << number;
    }
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", root, "9223372036854775808", signature})));
    EXPECT_FALSE(parse_head(line_of({"majed-tree-head-v2", "a", "1", root, "2", signature})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", root, "2"})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", root, "2", signature, ""})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", root + "=", "2", signature})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", root, "2", signature + "=="})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", to_hex(made.head.tree.root), "2", signature})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "1", signature, "2", root})));
    EXPECT_FALSE(parse_head(line_of({tag, "a", "0", root, "2", signature})));
    for (const std::string& line : {std::string(), std::string(" "), std::string("     "), tag,
                                    std::string(1000000, ' '), std::string(300, 'a'), std::string(5, '\0')}) {
        EXPECT_EQ(parse_head(line).error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace signed_head_test
}  // namespace majed::crypto
