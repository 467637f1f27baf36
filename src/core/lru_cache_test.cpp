// SPDX-License-Identifier: Apache-2.0
#include "core/lru_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace majed {
namespace {

TEST(LruCache, pushes_out_what_was_used_least_recently) {
    LruCache<std::string, int> cache(2);
    cache.put("a", 1);
    cache.put("b", 2);
    ASSERT_NE(cache.find("a"), nullptr);
    cache.put("c", 3);
    EXPECT_EQ(cache.find("b"), nullptr);
    EXPECT_EQ(*cache.find("a"), 1);
    EXPECT_EQ(*cache.find("c"), 3);
    EXPECT_EQ(cache.size(), 2U);
}

TEST(LruCache, replaces_the_value_of_a_known_key) {
    LruCache<std::string, std::unique_ptr<int>> cache(2);
    cache.put("a", std::make_unique<int>(1));
    cache.put("a", std::make_unique<int>(2));
    EXPECT_EQ(**cache.find("a"), 2);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(LruCache, keeps_the_newest_even_without_room) {
    LruCache<int, int> cache(0);
    cache.put(1, 10);
    EXPECT_EQ(*cache.find(1), 10);
    cache.put(2, 20);
    EXPECT_EQ(cache.find(1), nullptr);
    EXPECT_EQ(*cache.find(2), 20);
}

TEST(LruCache, says_which_value_the_next_put_pushes_out) {
    LruCache<int, int> cache(2);
    cache.put(1, 10);
    EXPECT_EQ(cache.next_out(), nullptr);
    cache.put(2, 20);
    ASSERT_NE(cache.next_out(), nullptr);
    EXPECT_EQ(*cache.next_out(), 10);
}

TEST(LruCache, forgets_what_is_erased_and_visits_the_rest_in_order_of_use) {
    LruCache<int, int> cache(3);
    cache.put(1, 10);
    cache.put(2, 20);
    cache.put(3, 30);
    cache.erase(2);
    cache.erase(99);
    std::vector<int> seen;
    cache.for_each([&](int value) { seen.push_back(value); });
    EXPECT_EQ(seen, (std::vector<int>{30, 10}));
    cache.clear();
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_EQ(cache.find(1), nullptr);
}

}  // namespace
}  // namespace majed
