// SPDX-License-Identifier: Apache-2.0
#include "api/login_throttle.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace majed::api {
namespace {

using namespace std::chrono_literals;

class Throttle : public testing::Test {
protected:
    /// How long an attempt has to wait; nothing: it was let through.
    std::chrono::milliseconds pause(const std::string& name, const std::string& address = "10.0.0.1") {
        const auto admitted = throttle_.admit(name, address);
        if (admitted) return 0ms;
        EXPECT_EQ(admitted.error().code, ErrorCode::rate_limited);
        return *admitted.error().retry_after;
    }

    SteadyClock::time_point time_{};
    LoginThrottle throttle_{ThrottleOptions{.failures_per_user = 2,
                                            .failures_per_account = 6,
                                            .failures_per_address = 4,
                                            .first_pause = 1s,
                                            .longest_pause = 60s,
                                            .max_entries = 40},
                            [this] { return time_; }};
};

TEST_F(Throttle, doubles_the_pause_with_every_failure_and_unlocks_by_itself) {
    EXPECT_EQ(pause("nora"), 0ms);
    EXPECT_EQ(pause("nora"), 0ms);
    EXPECT_EQ(pause("nora"), 1s);
    time_ += 400ms;
    EXPECT_EQ(pause("nora"), 600ms) << "asking too early costs nothing";
    time_ += 600ms;
    for (const auto expected : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        EXPECT_EQ(pause("nora"), 0ms);
        EXPECT_EQ(pause("nora"), expected);
        time_ += expected;
    }
}

TEST_F(Throttle, lets_other_users_and_other_addresses_through) {
    pause("nora");
    pause("nora");
    EXPECT_EQ(pause("nora", "10.0.0.2"), 0ms);
    EXPECT_EQ(pause("sam"), 0ms);
    EXPECT_EQ(pause("nora"), 1s);
}

TEST_F(Throttle, slows_an_address_that_tries_many_names) {
    for (const auto* name : {"a", "b", "c", "d"}) EXPECT_EQ(pause(name), 0ms);
    EXPECT_EQ(pause("e"), 1s);
    EXPECT_EQ(pause("e", "10.0.0.2"), 0ms);
}

TEST_F(Throttle, slows_guesses_of_one_account_from_many_addresses) {
    for (int i = 0; i < 6; ++i) EXPECT_EQ(pause("nora", "10.0.1." + std::to_string(i)), 0ms);
    EXPECT_EQ(pause("nora", "10.0.1.9"), 1s);
    EXPECT_EQ(pause("sam", "10.0.1.9"), 0ms);
}

TEST_F(Throttle, forgives_after_a_good_login) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(pause("nora"), 0ms);
        throttle_.forgive("nora", "10.0.0.1");
    }
}

TEST_F(Throttle, begins_anew_when_nobody_tried_for_long) {
    pause("nora");
    pause("nora");
    time_ += 1s + 60s;
    EXPECT_EQ(pause("nora"), 0ms);
    EXPECT_EQ(pause("nora"), 0ms);
    EXPECT_EQ(pause("nora"), 1s) << "as at the first time";
}

TEST_F(Throttle, keeps_a_bounded_table) {
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(pause("user " + std::to_string(i), "10.0.0." + std::to_string(i)), 0ms);
    }
}

}  // namespace
}  // namespace majed::api
