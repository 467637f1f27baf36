// SPDX-License-Identifier: Apache-2.0
#include "app/stop_bound.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>

namespace majed::app {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

struct Stop {
    StopBound::Steps steps(milliseconds grace, milliseconds rest) {
        return {grace, rest, [this] { hurried.set_value(); },
                [this](StopProgress progress) { given_up.set_value(progress); }};
    }
    std::promise<void> hurried;
    std::promise<StopProgress> given_up;
};

TEST(StopBound, does_nothing_before_the_order_and_nothing_when_the_end_was_in_time) {
    Stop stop;
    { const StopBound bound(stop.steps(milliseconds(0), milliseconds(0))); }
    {
        StopBound bound(stop.steps(hours(1), hours(1)));
        bound.begin();
        bound.begin();
        bound.answered();
    }
    SUCCEED();
}

TEST(StopBound, hurries_when_the_grace_is_over_and_gives_up_when_that_did_not_help) {
    Stop stop;
    StopBound bound(stop.steps(milliseconds(1), milliseconds(1)));
    bound.begin();
    stop.hurried.get_future().wait();
    EXPECT_EQ(stop.given_up.get_future().get(), StopProgress::answering);
}

TEST(StopBound, lets_what_was_hurried_be_answered) {
    Stop stop;
    StopBound bound(stop.steps(milliseconds(1), hours(1)));
    bound.begin();
    stop.hurried.get_future().wait();
    bound.answered();
}

TEST(StopBound, gives_up_what_is_left_after_the_answers) {
    Stop stop;
    StopBound bound(stop.steps(hours(1), milliseconds(1)));
    bound.begin();
    bound.answered();
    EXPECT_EQ(stop.given_up.get_future().get(), StopProgress::answered);
}

TEST(StopBound, does_not_hurry_what_is_answered) {
    auto stop = std::make_unique<Stop>();
    std::optional<StopBound> bound(std::in_place, stop->steps(milliseconds(1), hours(1)));
    bound->answered();
    bound->begin();
    bound.reset();
    EXPECT_EQ(stop->hurried.get_future().wait_for(milliseconds(0)), std::future_status::timeout);
}

}  // namespace
}  // namespace majed::app
