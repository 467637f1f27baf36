// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <gtest/gtest.h>

namespace majed::crypto {
namespace random_test {

TEST(RandomBytes, are_as_many_as_asked_for_and_never_the_same) {
    EXPECT_EQ(random_bytes(32).size(), 32U);
    EXPECT_NE(random_bytes(32), random_bytes(32));
    EXPECT_EQ(random_hex(8).size(), 16U);
    EXPECT_EQ(random_base64url(32).size(), 43U);
}

// Under the undefined-behaviour sanitizer: the library must not be handed the place of nothing.
TEST(RandomBytes, are_none_when_none_are_asked_for) {
    EXPECT_TRUE(random_bytes(0).empty());
    EXPECT_EQ(random_hex(0), "");
    EXPECT_EQ(random_base64url(0), "");
}

}  // namespace random_test
}  // namespace majed::crypto
