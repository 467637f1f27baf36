// SPDX-License-Identifier: Apache-2.0
#include "core/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>
#include <utility>

namespace majed {
namespace {

template <class T>
concept Streamable = requires(std::ostringstream& out, const T& value) {
    out << value;
};
template <class T, class Other>
concept Comparable = requires(const T& a, const Other& b) {
    a == b;
};
template <class T, class Other>
concept Distinguishable = requires(const T& a, const Other& b) {
    a != b;
};

TEST(Secret, cannot_be_copied_printed_compared_or_turned_into_text) {
    static_assert(!std::is_copy_constructible_v<Secret>);
    static_assert(!std::is_copy_assignable_v<Secret>);
    static_assert(!Streamable<Secret>);
    static_assert(!Comparable<Secret, Secret> && !Distinguishable<Secret, Secret>);
    static_assert(!Comparable<Secret, std::string> && !Comparable<std::string, Secret>);
    static_assert(!Comparable<Secret, std::string_view> && !Comparable<std::string_view, Secret>);
    static_assert(!Comparable<Secret, const char*> && !Distinguishable<const char*, Secret>);
    static_assert(!std::is_convertible_v<Secret, std::string>);
    static_assert(!std::is_convertible_v<std::string, Secret>);
}

TEST(Secret, reveals_what_it_was_made_from) {
    EXPECT_EQ(Secret("hunter22").reveal(), "hunter22");
    EXPECT_TRUE(Secret().empty());
    EXPECT_FALSE(Secret("x").empty());
}

TEST(Secret, leaves_nothing_behind_when_moved_short_or_long) {
    for (const std::size_t length : {1U, 8U, 15U, 16U, 200U}) {
        const std::string text(length, 's');
        Secret from(text);
        const char* const place = from.reveal().data();
        Secret to(std::move(from));
        EXPECT_EQ(to.reveal(), text);
        EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the fact tested.
        // Short text stood inside the object itself, which is still there to look at; long text moved along.
        if (to.reveal().data() == place) continue;
        for (std::size_t i = 0; i < length; ++i) EXPECT_EQ(place[i], '\0') << length << " at " << i;
    }
}

TEST(Secret, takes_the_place_of_another) {
    Secret secret("first");
    secret = Secret("a second one, longer than the first");
    EXPECT_EQ(secret.reveal(), "a second one, longer than the first");
    Secret& same = secret;
    secret = std::move(same);
    EXPECT_EQ(secret.reveal(), "a second one, longer than the first");
}

}  // namespace
}  // namespace majed
