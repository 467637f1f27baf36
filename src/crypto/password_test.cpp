// SPDX-License-Identifier: Apache-2.0
#include "crypto/password.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <future>
#include <vector>

namespace majed::crypto {
namespace password_test {

constexpr PasswordOptions cheap{.memory_kib = 64, .passes = 1};

std::unique_ptr<PasswordHasher> hasher(const PasswordOptions& options = cheap) {
    auto made = PasswordHasher::create(options);
    return made ? std::move(*made) : nullptr;
}

TEST(PasswordHasher, uses_argon2id_with_the_owasp_minimum_unless_told_otherwise) {
    const auto text = hasher(PasswordOptions{})->hash(Secret("correct horse"));
    ASSERT_TRUE(text);
    EXPECT_EQ(text->rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0U) << *text;
}

TEST(PasswordHasher, matches_the_password_it_hashed_and_no_other) {
    const auto made = hasher();
    const auto text = made->hash(Secret("correct horse"));
    ASSERT_TRUE(text);
    EXPECT_TRUE(made->verify(Secret("correct horse"), *text)->matches);
    EXPECT_FALSE(made->verify(Secret("correct horsf"), *text)->matches);
    EXPECT_FALSE(made->verify(Secret(""), *text)->matches);
}

TEST(PasswordHasher, salts_so_that_equal_passwords_differ) {
    const auto made = hasher();
    EXPECT_NE(*made->hash(Secret("same")), *made->hash(Secret("same")));
}

TEST(PasswordHasher, asks_for_a_new_hash_when_its_parameters_changed) {
    const auto text = hasher()->hash(Secret("correct horse"));
    ASSERT_TRUE(text);
    EXPECT_FALSE(hasher()->verify(Secret("correct horse"), *text)->needs_rehash);
    const auto stronger = hasher({.memory_kib = 128, .passes = 2});
    const auto check = stronger->verify(Secret("correct horse"), *text);
    EXPECT_TRUE(check->matches);
    EXPECT_TRUE(check->needs_rehash);
    EXPECT_FALSE(stronger->verify(Secret("wrong"), *text)->needs_rehash);
}

TEST(PasswordHasher, matches_nothing_against_text_that_is_no_hash) {
    const auto made = hasher();
    EXPECT_FALSE(made->verify(Secret(""), "")->matches);
    EXPECT_FALSE(made->verify(Secret("x"), "$argon2id$v=19$broken")->matches);
    EXPECT_FALSE(made->verify(Secret("x"), std::string(5000, '$'))->matches);
}

TEST(PasswordHasher, refuses_parameters_argon2id_does_not_take) {
    EXPECT_EQ(PasswordHasher::create({.memory_kib = 1, .passes = 1}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(PasswordHasher::create({.memory_kib = 64, .passes = 0}).error().code,
              ErrorCode::invalid_argument);
    EXPECT_EQ(PasswordHasher::create({.memory_kib = 64, .passes = 1, .max_concurrent = 0}).error().code,
              ErrorCode::invalid_argument);
}

/// What a call costs this thread, the least of some times: what else the machine does comes on top.
template <typename Call>
double processor_seconds(const Call& call) {
    double least = 1e9;
    for (int i = 0; i < 5; ++i) {
        timespec before{};
        timespec after{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
        call();
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
        least = std::min(least, static_cast<double>(after.tv_sec - before.tv_sec) +
                                    static_cast<double>(after.tv_nsec - before.tv_nsec) / 1e9);
    }
    return least;
}

TEST(PasswordHasher, takes_as_long_for_nobody_as_for_somebody) {
    const auto made = hasher(PasswordOptions{});
    const auto text = made->hash(Secret("correct horse"));
    ASSERT_TRUE(text);
    const double somebody =
        processor_seconds([&] { EXPECT_FALSE(made->verify(Secret("x"), *text)->matches); });
    const double nobody = processor_seconds([&] { EXPECT_TRUE(made->verify_nobody(Secret("x"))); });
    EXPECT_GT(nobody, somebody / 2);
    EXPECT_LT(nobody, somebody * 2);
}

TEST(PasswordHasher, says_overloaded_when_every_place_stays_taken) {
    // Eight callers for one place, none of whom may wait: some are refused, none is answered wrongly.
    const auto made = hasher(
        {.memory_kib = 32768, .passes = 2, .max_concurrent = 1, .max_wait = std::chrono::milliseconds(0)});
    std::vector<std::future<Result<std::string>>> callers;
    for (int i = 0; i < 8; ++i) {
        callers.push_back(
            std::async(std::launch::async, [&] { return made->hash(Secret("correct horse")); }));
    }
    int refused = 0;
    for (auto& caller : callers) {
        const auto answer = caller.get();
        if (answer) continue;
        EXPECT_EQ(answer.error().code, ErrorCode::overloaded);
        ++refused;
    }
    EXPECT_LT(refused, 8);
    EXPECT_TRUE(made->hash(Secret("the place came back")));
}

}  // namespace password_test
}  // namespace majed::crypto
