// SPDX-License-Identifier: Apache-2.0
#include "api/login_throttle.h"

#include <gtest/gtest.h>

namespace majed::api {
namespace {

class Throttle : public testing::Test {
protected:
    SteadyClock::time_point time_{};
    LoginThrottle throttle_{ThrottleOptions{2, 4, std::chrono::seconds(60), 6}, [this] { return time_; }};
};

TEST_F(Throttle, refuses_a_user_after_too_many_attempts_and_says_when_to_return) {
    EXPECT_TRUE(throttle_.admit("nora", "10.0.0.1"));
    time_ += std::chrono::seconds(20);
    EXPECT_TRUE(throttle_.admit("nora", "10.0.0.1"));
    const auto third = throttle_.admit("nora", "10.0.0.1");
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, ErrorCode::rate_limited);
    EXPECT_EQ(third.error().retry_after, std::chrono::milliseconds(40000));
}

TEST_F(Throttle, lets_other_users_and_other_addresses_through) {
    (void)throttle_.admit("nora", "10.0.0.1");
    (void)throttle_.admit("nora", "10.0.0.1");
    EXPECT_TRUE(throttle_.admit("nora", "10.0.0.2"));
    EXPECT_TRUE(throttle_.admit("sam", "10.0.0.1"));
}

TEST_F(Throttle, refuses_an_address_that_tries_many_names) {
    for (const auto* name : {"a", "b", "c", "d"}) {
        EXPECT_TRUE(throttle_.admit(name, "10.0.0.1"));
    }
    EXPECT_FALSE(throttle_.admit("e", "10.0.0.1"));
}

TEST_F(Throttle, forgives_after_a_good_login) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(throttle_.admit("nora", "10.0.0.1"));
        throttle_.forgive("nora", "10.0.0.1");
    }
}

TEST_F(Throttle, starts_again_when_the_window_is_over) {
    (void)throttle_.admit("nora", "10.0.0.1");
    (void)throttle_.admit("nora", "10.0.0.1");
    time_ += std::chrono::seconds(60);
    EXPECT_TRUE(throttle_.admit("nora", "10.0.0.1"));
}

TEST_F(Throttle, keeps_a_bounded_table) {
    for (int i = 0; i < 1000; ++i) {
        const std::string address = "10.0.0." + std::to_string(i);
        EXPECT_TRUE(throttle_.admit("nora", address));
    }
}

}  // namespace
}  // namespace majed::api
