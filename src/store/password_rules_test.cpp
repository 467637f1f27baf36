// SPDX-License-Identifier: Apache-2.0
#include "store/password_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::store {
namespace {

std::string refusal(const std::string& password, const std::string& username = "nora") {
    const auto checked = check_password(Secret(password), username);
    if (checked) return "";
    EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
    return checked.error().message;
}

TEST(PasswordRules, count_characters_and_not_bytes) {
    EXPECT_EQ(refusal("words at sea"), "");
    EXPECT_EQ(refusal("words at se"), "a password must have at least 12 characters");
    EXPECT_EQ(refusal("бегемот пои"), "a password must have at least 12 characters");
    EXPECT_EQ(refusal("бегемот поит"), "");
    EXPECT_EQ(refusal("a few words " + std::string(1012, 'x')), "");
    EXPECT_EQ(refusal("a few words " + std::string(1013, 'x')), "a password must have at most 1024 bytes");
}

TEST(PasswordRules, refuse_what_everybody_tries_first) {
    for (const char* common :
         {"password1234", "Password1234", "PASSWORD12345!", "123password456", "qwertyuiop12",
          "Welcome2026!!!", "Administrator", "letmein!!!!!!!", "correcthorsebatterystaple", "1q2w3e4r5t6y",
          "abcdefghijklm", "0123456789012", "zyxwvutsrqpon", "Oracle_2026_!!", "majed-2026-2026"}) {
        EXPECT_EQ(refusal(common), "a password must not be one that everybody tries first") << common;
    }
}

TEST(PasswordRules, refuse_a_few_characters_over_and_over_and_the_own_name) {
    EXPECT_EQ(refusal("aaaaaaaaaaaa"), "a password must not be a few characters over and over");
    EXPECT_EQ(refusal("abababababab"), "a password must not be a few characters over and over");
    EXPECT_EQ(refusal("nora-1234567"), "a password must not be the user's own name");
    EXPECT_EQ(refusal("nora-1234567", "sam"), "");
}

TEST(PasswordRules, take_words_that_have_nothing_to_do_with_each_other) {
    for (const char* good :
         {"gravel teapot ninety", "my cat knows 7 tricks", "password of nora", "x9#Kqv2!mLp0"}) {
        EXPECT_EQ(refusal(good), "") << good;
    }
}

}  // namespace
}  // namespace majed::store
