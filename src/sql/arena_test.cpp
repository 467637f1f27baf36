// SPDX-License-Identifier: Apache-2.0
#include "sql/arena.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <vector>

namespace majed::sql {
namespace arena_test {

constexpr std::size_t some = 100'000;  // More than one chunk.

std::vector<const int*> numbers(Arena& arena, std::size_t count) {
    std::vector<const int*> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back(arena.make<int>(static_cast<int>(i)));
    return made;
}

TEST(Arena, hands_out_what_stays) {
    Arena arena;
    const std::vector<const int*> made = numbers(arena, some);
    for (std::size_t i = 0; i < some; ++i) ASSERT_EQ(*made[i], static_cast<int>(i));
    EXPECT_EQ(arena.copy("text"), "text");
    EXPECT_EQ(arena.copy(""), "");
}

TEST(Arena, begins_again_in_the_memory_it_had) {
    Arena arena;
    constexpr std::size_t few = 30'000;
    const std::vector<const int*> before = numbers(arena, few);
    arena.clear();
    EXPECT_EQ(numbers(arena, few), before);
}

TEST(Arena, passes_by_kept_memory_that_is_too_small) {
    Arena arena;
    EXPECT_FALSE(numbers(arena, some).empty());
    arena.clear();
    const int* const first = arena.make<int>(1);
    std::byte* const large = arena.make_array<std::byte>(some);
    const std::vector<const int*> made = numbers(arena, some);
    for (std::size_t i = 0; i < some; ++i) large[i] = std::byte{0xff};
    EXPECT_EQ(*first, 1);
    for (std::size_t i = 0; i < some; ++i) ASSERT_EQ(*made[i], static_cast<int>(i));
}

TEST(Arena, aligns) {
    Arena arena;
    for (int i = 0; i < 100; ++i) {
        EXPECT_NE(arena.make<char>('a'), nullptr);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.make<double>(1.0)) % alignof(double), 0U);
    }
}

TEST(Arena, lends_its_memory_to_containers) {
    Arena arena;
    std::pmr::vector<int> all(&arena);
    for (int i = 0; i < 10'000; ++i) all.push_back(i);
    const std::vector<const int*> made = numbers(arena, 1000);
    EXPECT_EQ(all.back(), 9999);
    EXPECT_EQ(*made.front(), 0);
}

}  // namespace arena_test
}  // namespace majed::sql
