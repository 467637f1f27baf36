// SPDX-License-Identifier: Apache-2.0
#include "source/session_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace majed::source {
namespace {

class FakeSession final : public driver::Session {
public:
    FakeSession(int which, std::atomic<int>& open) : number(which), open_(open) { ++open_; }
    ~FakeSession() override { --open_; }
    Result<driver::RunSummary> run(const driver::AuthorizedStatement&, const driver::Parameters&,
                                   const Attributes&, const driver::RunLimits&, driver::RowSink&) override {
        return driver::RunSummary{};
    }
    Result<void> prepare(const driver::AuthorizedStatement&) override { return {}; }
    Result<void> ping(Deadline) override { return {}; }
    Result<void> reset(Deadline) override { return {}; }
    void abandon() noexcept override {}
    void interrupt() noexcept override {}
    [[nodiscard]] bool reusable() const noexcept override { return is_reusable; }

    int number;
    bool is_reusable = true;

private:
    std::atomic<int>& open_;
};

int number_of(const PooledSession& session) {
    return dynamic_cast<const FakeSession&>(*session.session).number;
}

SessionPool::Guard guard_of(std::uint64_t generation) {
    driver::GuardSet guard;
    guard.generation = generation;
    return std::make_shared<const driver::GuardSet>(guard);
}

class SessionPoolTest : public testing::Test {
protected:
    SessionPoolTest() { pool_.install_guard(guard_of(1)); }

    PooledSession take() {
        auto taken = pool_.take(Deadline::max());
        EXPECT_TRUE(taken);
        return std::move(*taken);
    }

    void wait_until_waiting(std::size_t count) const {
        while (pool_.occupancy().waiting != count) {
            std::this_thread::yield();
        }
    }

    std::atomic<int> open_{0};
    std::atomic<int> opened_{0};
    std::atomic<bool> fails_{false};
    SessionPool pool_{
        2, [this](const SessionPool::Guard&) -> Result<std::unique_ptr<driver::Session>> {
            const int number = ++opened_;
            if (fails_) {
                return Error{ErrorCode::unavailable, "down"};
            }
            return std::unique_ptr<driver::Session>(std::make_unique<FakeSession>(number, open_));
        }};
};

TEST_F(SessionPoolTest, opens_sessions_only_when_asked_for_them) {
    EXPECT_EQ(opened_, 0);
    auto first = take();
    EXPECT_EQ(opened_, 1);
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{0, 1, 0}));
    pool_.give_back(std::move(first));
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{1, 0, 0}));
}

TEST_F(SessionPoolTest, lends_the_session_that_came_back_last) {
    auto first = take();
    auto second = take();
    pool_.give_back(std::move(first));
    pool_.give_back(std::move(second));
    EXPECT_EQ(number_of(take()), 2);
    EXPECT_EQ(opened_, 2);
}

TEST_F(SessionPoolTest, says_pool_timeout_when_every_session_is_lent) {
    auto first = take();
    auto second = take();
    auto third = pool_.take(SteadyClock::now());
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, ErrorCode::pool_timeout);
    EXPECT_TRUE(third.error().retry_after.has_value());
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{0, 2, 0}));
}

TEST_F(SessionPoolTest, serves_waiters_in_the_order_they_came) {
    auto first = take();
    auto second = take();
    Mutex mutex;
    std::vector<int> order;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&, i] {
            auto mine = take();
            {
                const Lock lock(mutex);
                order.push_back(i);
            }
            pool_.give_back(std::move(mine));
        });
        wait_until_waiting(static_cast<std::size_t>(i + 1));
    }
    pool_.give_back(std::move(first));
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(opened_, 2);
    pool_.give_back(std::move(second));
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{2, 0, 0}));
}

TEST_F(SessionPoolTest, closes_a_session_in_doubt_and_lets_a_waiter_open_another) {
    auto first = take();
    auto second = take();
    int number = 0;
    std::thread waiter([&] {
        auto mine = take();
        number = number_of(mine);
        pool_.give_back(std::move(mine));
    });
    wait_until_waiting(1);
    dynamic_cast<FakeSession&>(*first.session).is_reusable = false;
    pool_.give_back(std::move(first));
    waiter.join();
    EXPECT_EQ(number, 3);
    EXPECT_EQ(open_, 2);
    pool_.give_back(std::move(second));
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{2, 0, 0}));
}

TEST_F(SessionPoolTest, closes_sessions_of_a_replaced_guard) {
    auto lent = take();
    pool_.give_back(take());
    pool_.install_guard(guard_of(2));
    EXPECT_EQ(open_, 1);
    pool_.give_back(std::move(lent));
    EXPECT_EQ(open_, 0);
    auto fresh = take();
    EXPECT_EQ(fresh.generation, 2U);
    pool_.give_back(std::move(fresh));
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{1, 0, 0}));
}

TEST_F(SessionPoolTest, gives_the_place_of_a_failed_opening_back) {
    fails_ = true;
    for (int i = 0; i < 5; ++i) {
        auto taken = pool_.take(Deadline::max());
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().code, ErrorCode::unavailable);
    }
    EXPECT_EQ(pool_.occupancy(), (PoolOccupancy{0, 0, 0}));
    fails_ = false;
    pool_.give_back(take());
}

TEST_F(SessionPoolTest, never_holds_more_sessions_than_its_maximum_under_contention) {
    std::atomic<int> most{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 200; ++round) {
                auto mine = take();
                most = std::max(most.load(), open_.load());
                dynamic_cast<FakeSession&>(*mine.session).is_reusable = (round + i) % 7 != 0;
                pool_.give_back(std::move(mine));
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    // A session in doubt is closed after its place was passed on, so two more may be closing.
    EXPECT_LE(most, 4);
    EXPECT_EQ(pool_.occupancy().in_use, 0U);
    EXPECT_EQ(pool_.occupancy().waiting, 0U);
    EXPECT_LE(pool_.occupancy().idle, 2U);
    EXPECT_EQ(static_cast<std::size_t>(open_), pool_.occupancy().idle);
}

TEST(SessionPoolWithoutGuard, lends_nothing) {
    SessionPool pool(1, [](const SessionPool::Guard&) -> Result<std::unique_ptr<driver::Session>> {
        return Error{ErrorCode::in_doubt, "never called"};
    });
    auto taken = pool.take(Deadline::max());
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::internal);
}

}  // namespace
}  // namespace majed::source
