// SPDX-License-Identifier: Apache-2.0
#include "crypto/root_key.h"

#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace majed::crypto {
namespace root_key_test {

static_assert(!std::is_copy_constructible_v<RootKey>);

RootTime at(std::int64_t seconds) {
    return RootTime(std::chrono::seconds(seconds));
}

// 32 bytes of 0 and of 1.
const std::string zeros(43, 'A');
const std::string ones = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const std::string zeros_id = "3264afc4dcb15cb5";
const std::string ones_id = "7a2fdf4d32ca3a11";
const std::string two_roots =
    "majed-key-v2:2\n" + ones_id + " 1764327600 " + ones + "\n" + zeros_id + " unknown " + zeros + "\n";

std::string refusal(const std::string& text) {
    const auto read = parse_root_keys(text);
    if (read) return "read";
    EXPECT_EQ(read.error().code, ErrorCode::invalid_argument);
    return read.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST(RootKeys, are_written_newest_first_and_read_back) {
    const auto read = parse_root_keys(two_roots);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->front().label, (RootLabel{ones_id, at(1764327600)}));
    EXPECT_EQ(read->front().key.reveal(), std::string(32, '\1'));
    EXPECT_EQ(read->back().label, (RootLabel{zeros_id, std::nullopt}));
    EXPECT_EQ(read->back().key.reveal(), std::string(32, '\0'));
    EXPECT_EQ(format_root_keys(*read).reveal(), two_roots);
}

TEST(RootKeys, of_version_1_are_one_of_no_time_with_the_id_it_keeps) {
    for (const std::string& text : {"majed-key-v1:" + zeros, "majed-key-v1:" + zeros + "\n"}) {
        const auto read = parse_root_keys(text);
        ASSERT_TRUE(read);
        ASSERT_EQ(read->size(), 1U);
        EXPECT_EQ(read->front().label, (RootLabel{zeros_id, std::nullopt}));
        EXPECT_EQ(read->front().key.reveal(), std::string(32, '\0'));
    }
}

TEST(RootKeys, are_made_at_random_with_their_time_where_it_can_be_told) {
    const RootKey made = make_root_key(at(1000));
    EXPECT_EQ(made.key.reveal().size(), 32U);
    EXPECT_EQ(made.label.id.size(), 16U);
    EXPECT_EQ(made.label.made, at(1000));
    EXPECT_NE(make_root_key(at(1000)).label.id, made.label.id);
    EXPECT_EQ(make_root_key(at(0)).label.made, at(0));
    EXPECT_EQ(make_root_key(at(-1)).label.made, std::nullopt);
    EXPECT_EQ(make_root_key(at(253'402'300'799)).label.made, at(253'402'300'799));
    EXPECT_EQ(make_root_key(at(253'402'300'800)).label.made, std::nullopt);
}

TEST(RootKeys, are_as_many_as_a_ring_takes) {
    std::vector<RootKey> roots;
    for (std::size_t i = 0; i < KeyRing::max_keys; ++i) roots.push_back(make_root_key(at(253'402'300'799)));
    const Secret most = format_root_keys(roots);
    EXPECT_LT(most.reveal().size(), max_root_text);
    EXPECT_EQ(parse_root_keys(most.reveal())->size(), KeyRing::max_keys);
    roots.push_back(make_root_key(at(0)));
    EXPECT_EQ(refusal(std::string(format_root_keys(roots).reveal())),
              "does not say how many root keys it holds");
}

TEST(RootKeys, are_refused_wherever_their_text_is_cut_off) {
    for (std::size_t length = 0; length < two_roots.size(); ++length) {
        EXPECT_NE(refusal(two_roots.substr(0, length)), "read") << length;
    }
    // Without its last line the file would still name a root, and pseudonyms would be others.
    EXPECT_EQ(refusal(two_roots.substr(0, two_roots.rfind(zeros_id))), "is cut off");
}

TEST(RootKeys, are_refused_when_any_character_is_another) {
    for (std::size_t i = 0; i < two_roots.size(); ++i) {
        std::string changed = two_roots;
        changed[i] = changed[i] == 'B' ? 'C' : 'B';
        EXPECT_NE(refusal(changed), "read") << i;
    }
}

TEST(RootKeys, are_refused_twice) {
    EXPECT_EQ(refusal("majed-key-v2:2\n" + zeros_id + " 5 " + zeros + "\n" + zeros_id + " 6 " + zeros + "\n"),
              "holds a root key twice");
}

TEST(RootKeys, are_refused_under_an_id_that_is_not_their_own) {
    EXPECT_EQ(refusal(replaced(two_roots, ones_id, zeros_id)), "has a root key that does not fit its id");
}

TEST(RootKeys, have_one_spelling) {
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"v2:2", "v2:02"},
                                                          {"v2:2", "v2:+2"},
                                                          {"v2:2", "v2:0"},
                                                          {"v2:2", "v2:-1"},
                                                          {"v2:2", "v2:1"},
                                                          {"v2:2", "v2:3"},
                                                          {"v2:2", "v2:65"},
                                                          {" 1764", " 01764"},
                                                          {" 1764", "  1764"},
                                                          {" 1764", " -1764"},
                                                          {" 1764327600", " 253402300800"},
                                                          {"unknown", "Unknown"},
                                                          {"unknown", ""},
                                                          {ones + "\n", ones + "=\n"},
                                                          {ones + "\n", ones + "\r\n"},
                                                          {ones + "\n", ones + "\n\n"}}) {
        EXPECT_NE(refusal(replaced(two_roots, from, to)), "read") << to;
    }
    EXPECT_EQ(refusal(two_roots + "\n"), "goes on after its last root key");
    EXPECT_EQ(refusal("\n" + two_roots), "does not begin with majed-key-v1: or majed-key-v2:");
}

TEST(RootKeys, of_a_later_version_are_refused_by_name) {
    EXPECT_EQ(refusal("majed-key-v3:1\n"), "is of a version that this program does not know");
    EXPECT_EQ(refusal("majed-key-v20:1\n"), "is of a version that this program does not know");
}

}  // namespace root_key_test
}  // namespace majed::crypto
