// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string_view>

namespace majed::pool {
namespace pool_options_test {

using namespace std::chrono_literals;

TEST(PoolOptions, what_is_there_by_default_is_within_bounds) {
    EXPECT_TRUE(check(PoolOptions{}));
}

TEST(PoolOptions, refuses_each_number_below_and_above_its_bounds_by_name) {
    for (const PoolCountKey& key : pool_count_keys) {
        PoolOptions options;
        options.min = 0;
        options.*key.member = key.max + 1;
        const auto above = check(options);
        ASSERT_FALSE(above) << key.key;
        EXPECT_NE(above.error().message.find("pool." + std::string(key.key)), std::string::npos);
        if (key.min == 0) continue;
        options.*key.member = key.min - 1;
        EXPECT_FALSE(check(options)) << key.key;
    }
}

TEST(PoolOptions, refuses_each_duration_out_of_bounds_and_lets_zero_switch_off_what_may_be_off) {
    for (const PoolDurationKey& key : pool_duration_keys) {
        PoolOptions options;
        options.max_lifetime = key.key == "keepalive" ? 0ms : options.max_lifetime;
        options.*key.member = key.max + 1ms;
        EXPECT_FALSE(check(options)) << key.key;
        options.*key.member = key.floor - 1ms;
        EXPECT_EQ(check(options).has_value(), key.floor == 1ms && key.min == 0ms) << key.key;
        options.*key.member = key.floor;
        options.keepalive = key.key == "max_lifetime" ? 0ms : options.keepalive;
        EXPECT_TRUE(check(options)) << key.key;
        options.*key.member = 0ms;
        EXPECT_EQ(check(options).has_value(), key.min == 0ms) << key.key;
    }
}

TEST(PoolOptions, refuses_what_contradicts_itself) {
    PoolOptions options;
    options.min = 11;
    EXPECT_FALSE(check(options));
    options = {};
    options.keepalive = options.max_lifetime;
    EXPECT_FALSE(check(options)) << "a keep-alive that never comes";
}

TEST(PoolOptions, every_key_has_a_name_of_its_own_and_a_text) {
    std::set<std::string_view> names;
    for (const PoolCountKey& key : pool_count_keys) {
        EXPECT_TRUE(names.insert(key.key).second) << key.key;
        EXPECT_FALSE(key.text.empty());
    }
    for (const PoolDurationKey& key : pool_duration_keys) {
        EXPECT_TRUE(names.insert(key.key).second) << key.key;
        EXPECT_FALSE(key.text.empty());
    }
}

}  // namespace pool_options_test
}  // namespace majed::pool
