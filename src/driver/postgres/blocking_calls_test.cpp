// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/blocking_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <vector>

namespace majed::driver::postgres {

namespace {

class Call final : public BlockingCall {
public:
    explicit Call(std::function<void()> work) : work_(std::move(work)) {}

private:
    void run() noexcept override { work_(); }
    std::function<void()> work_;
};

std::shared_ptr<BlockingCall> call(std::function<void()> work) {
    return std::make_shared<Call>(std::move(work));
}

TEST(BlockingCalls, runs_every_call_once) {
    std::atomic<int> runs{0};
    std::vector<std::shared_ptr<BlockingCall>> made;
    BlockingCalls calls({.threads = 3, .waiting = 100});
    for (int i = 0; i < 50; ++i) {
        made.push_back(call([&] { ++runs; }));
        ASSERT_TRUE(calls.start(made.back()));
    }
    for (const auto& one : made) {
        EXPECT_TRUE(one->wait(Deadline::max()));
        EXPECT_TRUE(one->done());
    }
    EXPECT_EQ(runs, 50);
}

TEST(BlockingCalls, who_waits_need_not_wait_for_a_call_that_hangs) {
    auto released = std::make_shared<std::promise<void>>();
    const std::shared_future<void> open = released->get_future().share();
    std::promise<void> begun;
    const auto hanging = call([open, &begun] {
        begun.set_value();
        open.wait();
    });
    {
        BlockingCalls calls({.threads = 1, .waiting = 2});
        ASSERT_TRUE(calls.start(hanging));
        begun.get_future().wait();  // One that has not begun is dropped.
        EXPECT_FALSE(hanging->wait(SteadyClock::now()));
        EXPECT_FALSE(hanging->done());
    }  // Nor must the end of the driver.
    released->set_value();
    EXPECT_TRUE(hanging->wait(Deadline::max()));
    EXPECT_TRUE(hanging->done());
}

TEST(BlockingCalls, refuses_more_than_it_may_keep_waiting_and_drops_those_at_its_end) {
    auto released = std::make_shared<std::promise<void>>();
    const std::shared_future<void> open = released->get_future().share();
    auto begun = std::make_shared<std::promise<void>>();
    const auto hanging = call([open, begun] {
        begun->set_value();
        open.wait();
    });
    const auto waiting = call([] {});
    const auto withdrawn = call([] {});
    {
        BlockingCalls calls({.threads = 1, .waiting = 2});
        ASSERT_TRUE(calls.start(hanging));
        begun->get_future().wait();
        ASSERT_TRUE(calls.start(waiting));
        ASSERT_TRUE(calls.start(withdrawn));
        withdrawn->withdraw();
        EXPECT_TRUE(withdrawn->wait(SteadyClock::now()));
        EXPECT_FALSE(calls.start(call([] {})));
    }
    EXPECT_TRUE(waiting->wait(SteadyClock::now()));
    EXPECT_FALSE(waiting->done());
    EXPECT_FALSE(withdrawn->done());
    released->set_value();
    EXPECT_TRUE(hanging->wait(Deadline::max()));
}

}  // namespace

}  // namespace majed::driver::postgres
