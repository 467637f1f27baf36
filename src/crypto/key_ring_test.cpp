// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace majed::crypto {
namespace key_ring_test {

static_assert(!std::is_default_constructible_v<KeyRing>);
static_assert(!std::is_copy_constructible_v<KeyRing>);

const Error one_error{.code = ErrorCode::invalid_argument, .message = "the token cannot be decrypted"};

FernetTime at(std::uint64_t count) {
    return FernetTime(FernetTime::duration(count));
}

/// The same key for the same letter.
Fernet key(char letter) {
    return Fernet::from_bytes(Secret(std::string(32, letter))).value();
}

std::vector<Fernet> keys(std::string_view letters) {
    std::vector<Fernet> made;
    for (const char letter : letters) made.push_back(key(letter));
    return made;
}

KeyRing ring(std::string_view letters) {
    return KeyRing::create(keys(letters)).value();
}

std::string token_of(char letter, std::string_view plaintext = "hello", std::uint64_t time = 1000) {
    return key(letter).encrypt(bytes_of(plaintext), at(time)).value();
}

TEST(KeyRing, encrypts_with_its_first_key) {
    const auto token = ring("ab").encrypt(bytes_of("hello"), at(1000));
    ASSERT_TRUE(token);
    EXPECT_EQ(key('a').decrypt(*token)->reveal(), "hello");
    EXPECT_FALSE(key('b').decrypt(*token));
}

TEST(KeyRing, decrypts_with_every_key) {
    const KeyRing abc = ring("abc");
    for (const char letter : {'a', 'b', 'c'}) {
        const auto opened = abc.decrypt(token_of(letter));
        ASSERT_TRUE(opened) << letter;
        EXPECT_EQ(opened->reveal(), "hello");
        EXPECT_EQ(abc.timestamp_of(token_of(letter)).value(), at(1000));
        EXPECT_EQ(abc.key_id_of(token_of(letter)).value(), key(letter).id());
    }
}

TEST(KeyRing, refuses_a_token_of_no_key_of_its_own_with_the_one_error_of_a_key) {
    const KeyRing abc = ring("abc");
    for (const std::string& token : {token_of('d'), std::string(), std::string("x"), token_of('a') + "\n"}) {
        EXPECT_EQ(abc.decrypt(token).error(), one_error);
        EXPECT_EQ(abc.decrypt_within(token, std::chrono::seconds(60), at(1000)).error(), one_error);
        EXPECT_EQ(abc.timestamp_of(token).error(), one_error);
        EXPECT_EQ(abc.key_id_of(token).error(), one_error);
        EXPECT_EQ(abc.needs_rotation(token).error(), one_error);
        EXPECT_EQ(abc.rotate(token).error(), one_error);
    }
}

TEST(KeyRing, holds_to_the_age_whichever_key_made_the_token) {
    const KeyRing ab = ring("ab");
    for (const char letter : {'a', 'b'}) {
        const std::string token = token_of(letter);
        EXPECT_TRUE(ab.decrypt_within(token, std::chrono::seconds(60), at(1060)));
        EXPECT_EQ(ab.decrypt_within(token, std::chrono::seconds(60), at(1061)).error(), one_error);
        EXPECT_EQ(ab.decrypt_within(token, std::chrono::seconds(60), at(939)).error(), one_error);
    }
}

TEST(KeyRing, is_never_empty) {
    EXPECT_EQ(KeyRing::create({}).error().code, ErrorCode::invalid_argument);
}

TEST(KeyRing, holds_no_key_twice_and_says_which_without_showing_it) {
    for (const std::string_view letters : {"aa", "aba", "abb"}) {
        const auto made = KeyRing::create(keys(letters));
        ASSERT_FALSE(made) << letters;
        EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(made.error().message, "the key " + key(letters.back()).id() + " is in the ring twice");
        EXPECT_EQ(made.error().message.find(key(letters.back()).text().reveal()), std::string::npos);
    }
}

TEST(KeyRing, holds_at_most_64_keys) {
    std::string letters;
    for (int i = 0; i < 64; ++i) letters.push_back(static_cast<char>('0' + i));
    EXPECT_TRUE(KeyRing::create(keys(letters)));
    EXPECT_EQ(KeyRing::create(keys(letters + "!")).error().code, ErrorCode::invalid_argument);
}

TEST(KeyRing, rotates_to_its_first_key_and_keeps_the_time) {
    const KeyRing ab = ring("ab");
    for (const std::uint64_t time : {std::uint64_t{0}, std::uint64_t{1000}, ~std::uint64_t{0}}) {
        const auto rotated = ab.rotate(token_of('b', "hello", time));
        ASSERT_TRUE(rotated);
        EXPECT_EQ(key('a').decrypt(*rotated)->reveal(), "hello");
        EXPECT_EQ(key('a').timestamp_of(*rotated).value(), at(time));
    }
}

TEST(KeyRing, rotates_every_length_of_bytes) {
    const KeyRing ab = ring("ab");
    for (std::size_t length = 0; length <= 64; ++length) {
        const std::string plaintext(length, '\0');
        EXPECT_EQ(ab.decrypt(ab.rotate(token_of('b', plaintext)).value())->reveal(), plaintext);
    }
}

TEST(KeyRing, knows_which_tokens_need_no_rotation) {
    const KeyRing ab = ring("ab");
    EXPECT_FALSE(ab.needs_rotation(token_of('a')).value());
    EXPECT_TRUE(ab.needs_rotation(token_of('b')).value());
    EXPECT_FALSE(ab.needs_rotation(ab.rotate(token_of('b')).value()).value());
}

TEST(KeyRing, carries_tokens_over_when_a_key_comes_and_one_goes) {
    const std::string stored = ring("a").encrypt(bytes_of("hello"), at(1)).value();
    const std::string rotated = ring("ba").rotate(stored).value();
    const KeyRing last = ring("b");
    EXPECT_EQ(last.decrypt(stored).error(), one_error);
    EXPECT_EQ(last.decrypt(rotated)->reveal(), "hello");
}

TEST(KeyRing, lists_the_ids_of_its_keys_in_order) {
    EXPECT_EQ(ring("abc").ids(), (std::vector<std::string>{key('a').id(), key('b').id(), key('c').id()}));
    EXPECT_EQ(ring("ba").ids(), (std::vector<std::string>{key('b').id(), key('a').id()}));
}

TEST(KeyRing, refuses_everything_after_it_was_moved) {
    KeyRing moved = ring("a");
    const KeyRing taken = std::move(moved);
    EXPECT_TRUE(taken.decrypt(token_of('a')));
    EXPECT_EQ(moved.encrypt(bytes_of("x"), at(1)).error().code, ErrorCode::internal);
    EXPECT_EQ(moved.decrypt(token_of('a')).error().code, ErrorCode::internal);
    EXPECT_EQ(moved.rotate(token_of('a')).error().code, ErrorCode::internal);
    EXPECT_EQ(moved.needs_rotation(token_of('a')).error().code, ErrorCode::internal);
}

}  // namespace key_ring_test
}  // namespace majed::crypto
