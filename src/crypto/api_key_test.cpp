// SPDX-License-Identifier: Apache-2.0
#include "crypto/api_key.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace majed::crypto {
namespace api_key_test {

TEST(ApiKey, has_the_documented_form) {
    for (int i = 0; i < 50; ++i) {
        const NewApiKey made = make_api_key();
        const std::string key(made.key.reveal());
        EXPECT_TRUE(std::regex_match(key, std::regex("mv_[0-9a-f]{12}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}")))
            << key;
        EXPECT_EQ(api_key_id(key), made.id);
    }
}

TEST(ApiKey, is_never_the_same_twice) {
    std::set<std::string> keys;
    for (int i = 0; i < 100; ++i) keys.emplace(make_api_key().key.reveal());
    EXPECT_EQ(keys.size(), 100U);
}

TEST(ApiKey, is_refused_when_any_one_character_changed) {
    const std::string key(make_api_key().key.reveal());
    for (std::size_t i = 0; i < key.size(); ++i) {
        std::string changed = key;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        EXPECT_FALSE(api_key_id(changed)) << i;
    }
}

TEST(ApiKey, is_refused_when_it_is_longer_shorter_or_something_else) {
    const std::string key(make_api_key().key.reveal());
    EXPECT_FALSE(api_key_id(key + "0"));
    EXPECT_FALSE(api_key_id(key.substr(0, key.size() - 1)));
    EXPECT_FALSE(api_key_id(""));
    EXPECT_FALSE(api_key_id(std::string(key.size(), '\0')));
}

TEST(ApiKey, matches_its_own_digest_only) {
    const NewApiKey made = make_api_key();
    const NewApiKey other = make_api_key();
    EXPECT_EQ(made.digest.size(), 7U + 64U);
    EXPECT_EQ(made.digest.find(made.key.reveal()), std::string::npos);
    EXPECT_TRUE(secret_matches(made.key.reveal(), made.digest));
    EXPECT_FALSE(secret_matches(other.key.reveal(), made.digest));
    EXPECT_FALSE(secret_matches(made.key.reveal(), ""));
}

}  // namespace api_key_test
}  // namespace majed::crypto
