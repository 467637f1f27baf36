// SPDX-License-Identifier: Apache-2.0
#include "crypto/purpose_keys.h"

#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

namespace majed::crypto {
namespace purpose_keys_test {

static_assert(!std::is_default_constructible_v<PurposeKeys>);
static_assert(!std::is_copy_constructible_v<PurposeKeys>);

const Error one_error{.code = ErrorCode::invalid_argument, .message = "the token cannot be decrypted"};

std::vector<Secret> roots(std::string_view letters) {
    std::vector<Secret> made;
    for (const char letter : letters) made.emplace_back(std::string(32, letter));
    return made;
}

PurposeKeys keys(std::string_view letters) {
    return PurposeKeys::from_roots(roots(letters)).value();
}

KeyRing ring(std::string_view letters, const Purpose& purpose) {
    return keys(letters).ring_for(purpose).value();
}

std::string token(const KeyRing& ring) {
    return ring.encrypt(bytes_of("hello"), FernetTime(FernetTime::duration(1))).value();
}

TEST(PurposeKeys, make_the_same_key_for_the_same_purpose) {
    const Purpose purpose{"store", "conversations", "message"};
    EXPECT_EQ(ring("r", purpose).decrypt(token(ring("r", purpose)))->reveal(), "hello");
}

TEST(PurposeKeys, refuse_the_ciphertext_of_another_table_or_column) {
    const std::vector<Purpose> purposes{{"store", "conversations", "message"},
                                        {"store", "conversations", "title"},
                                        {"store", "users", "message"},
                                        {"audit", "conversations", "message"},
                                        {"store", "conversations"},
                                        {"store", "conversations", "message", "1"}};
    const PurposeKeys of_root = keys("r");
    for (const Purpose& made : purposes) {
        const std::string ciphertext = token(of_root.ring_for(made).value());
        for (const Purpose& read : purposes) {
            const auto opened = of_root.ring_for(read)->decrypt(ciphertext);
            ASSERT_EQ(opened.has_value(), made == read);
            if (!opened) {
                EXPECT_EQ(opened.error(), one_error);
            }
        }
    }
}

TEST(PurposeKeys, count_where_a_part_ends) {
    using std::string_view_literals::operator""sv;
    const std::vector<Purpose> purposes{
        {"abc"},         {"ab", "c"},  {"a", "bc"},  {"a", "b", "c"},          {"c", "ab"},
        {"a\0bc"sv},     {"a.b", "c"}, {"a", "b.c"}, {"ab\0\0\0\1c"sv},        {"a\0\0\0\1b"sv, "c"},
        {"a", "b\0c"sv}, {"ABC"},      {"abc "},     {"a", "\0\0\0\1b"sv, "c"}};
    std::set<std::string> ids;
    for (const Purpose& purpose : purposes) ids.insert(ring("r", purpose).ids().front());
    EXPECT_EQ(ids.size(), purposes.size());
}

TEST(PurposeKeys, are_the_hkdf_of_the_root_for_ever) {
    // HKDF-SHA-256 of 32 times `r`, no salt, info = each part after its length in four bytes, the label first.
    const std::string label = "majed-fernet-purpose-v1";
    std::string info;
    for (const std::string& part :
         {label, std::string("store"), std::string("conversations"), std::string("message")}) {
        info.append(3, '\0').append(1, static_cast<char>(part.size())).append(part);
    }
    info.push_back('\1');
    const Digest extracted = hmac_sha256(Bytes(32), Bytes(32, 'r'));
    const Digest derived = hmac_sha256(extracted, bytes_of(info));
    const Fernet expected = Fernet::from_bytes(Secret(std::string(derived.begin(), derived.end()))).value();
    EXPECT_EQ(ring("r", {"store", "conversations", "message"}).ids(), std::vector{expected.id()});
    EXPECT_EQ(expected.id(), "1011d054fd6bc5e9");
}

TEST(PurposeKeys, read_what_former_roots_encrypted_and_rotate_it) {
    const Purpose purpose{"store", "conversations", "message"};
    const std::string stored = token(ring("a", purpose));
    const KeyRing both = ring("ba", purpose);
    EXPECT_TRUE(both.needs_rotation(stored).value());
    const std::string rotated = both.rotate(stored).value();
    EXPECT_EQ(ring("b", purpose).decrypt(rotated)->reveal(), "hello");
    EXPECT_EQ(ring("b", purpose).decrypt(stored).error(), one_error);
}

TEST(PurposeKeys, differ_from_root_to_root) {
    EXPECT_NE(ring("a", {"x"}).ids(), ring("b", {"x"}).ids());
    const auto alone = PurposeKeys::from_root(Secret(std::string(32, 'a')));
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->ring_for({"x"})->ids(), ring("a", {"x"}).ids());
    const auto longer = PurposeKeys::from_root(Secret(std::string(33, 'a')));
    EXPECT_NE(longer->ring_for({"x"})->ids(), ring("a", {"x"}).ids());
}

TEST(PurposeKeys, refuse_roots_that_are_none_short_or_twice_there) {
    EXPECT_EQ(PurposeKeys::from_roots({}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(PurposeKeys::from_root(Secret(std::string(31, 'a'))).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(PurposeKeys::from_root(Secret()).error().code, ErrorCode::invalid_argument);
    for (const std::string_view letters : {"aa", "aba", "abb"}) {
        const auto made = PurposeKeys::from_roots(roots(letters));
        ASSERT_FALSE(made) << letters;
        EXPECT_EQ(made.error().message, "a root secret stands twice");
    }
    EXPECT_EQ(PurposeKeys::from_roots(roots(std::string(65, 'a'))).error().code, ErrorCode::invalid_argument);
}

TEST(PurposeKeys, refuse_a_purpose_that_says_nothing_or_too_much) {
    const PurposeKeys of_root = keys("r");
    for (const Purpose& purpose : {Purpose{}, Purpose{""}, Purpose{"store", ""}, Purpose{"", "store"}}) {
        EXPECT_EQ(of_root.ring_for(purpose).error().code, ErrorCode::invalid_argument);
    }
    const std::string most(PurposeKeys::max_purpose_size - 4, 'x');
    const std::string more = most + "x";
    EXPECT_TRUE(of_root.ring_for({most}));
    EXPECT_EQ(of_root.ring_for({more}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(of_root.ring_for({most, "x"}).error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(of_root.ring_for(Purpose(192, "x")));
    EXPECT_EQ(of_root.ring_for(Purpose(193, "x")).error().code, ErrorCode::invalid_argument);
}

TEST(PurposeKeys, refuse_everything_after_they_were_moved) {
    PurposeKeys moved = keys("r");
    const PurposeKeys taken = std::move(moved);
    EXPECT_TRUE(taken.ring_for({"x"}));
    EXPECT_EQ(moved.ring_for({"x"}).error().code, ErrorCode::internal);
}

}  // namespace purpose_keys_test
}  // namespace majed::crypto
