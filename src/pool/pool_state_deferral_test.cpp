// SPDX-License-Identifier: Apache-2.0
// An opener that is not allowed to ask, because a circuit breaker is open, says nothing about the database.
#include "pool/pool_state.h"

#include <gtest/gtest.h>

#include <chrono>

namespace majed::pool {
namespace pool_state_deferral_test {

using namespace std::chrono_literals;
using Answer = Borrowing::Answer;

const Error not_asked{ErrorCode::unavailable, "its breaker is open"};
const Error down{.code = ErrorCode::unavailable, .message = "down", .failure = FailureClass::lost};

class Deferral : public testing::Test {
protected:
    Deferral() : state_(options(), 7) {}

    static PoolOptions options() {
        PoolOptions options;
        options.min = 0;
        options.max = 2;
        options.down_after = 0ms;
        return options;
    }
    Borrowing borrow(Waiter& waiter) {
        waiter.borrower = {"test"};
        waiter.since = now_;
        waiter.deadline = now_ + 30s;
        return state_.borrow(waiter, now_);
    }
    /// Somebody asks, and the opening that follows ends with `error`; how they fare.
    Refusal borrow_and_fail(const Error& error) {
        Waiter waiter;
        if (const Borrowing answer = borrow(waiter); answer.answer != Answer::wait) {
            return answer.refusal;
        }
        const auto job = state_.take_job(now_);
        EXPECT_TRUE(job && job->kind == PoolJob::Kind::open);
        if (!job) {
            return Refusal::none;
        }
        state_.open_failed(job->slot, error, now_);
        EXPECT_EQ(state_.take_resolved(), &waiter);
        return state_.collect(waiter, now_).refusal;
    }

    SteadyClock::time_point now_{100h};
    PoolState state_;
};

TEST_F(Deferral, refuses_who_waits_with_the_cause_it_was_given) {
    EXPECT_EQ(borrow_and_fail(not_asked), Refusal::database_down);
    EXPECT_EQ(state_.open_cause(), not_asked);
    EXPECT_FALSE(state_.audit().has_value());
}

TEST_F(Deferral, counts_as_no_failed_opening_and_leaves_no_memory) {
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(borrow_and_fail(not_asked), Refusal::database_down);
    }
    EXPECT_EQ(state_.stats().counters.open_failures, 0U);
    // Who comes next, with leave to ask, is served at once.
    Waiter waiter;
    ASSERT_EQ(borrow(waiter).answer, Answer::wait);
    const auto job = state_.take_job(now_);
    ASSERT_TRUE(job);
    state_.opened(job->slot, now_);
    EXPECT_EQ(state_.take_resolved(), &waiter);
    EXPECT_EQ(state_.collect(waiter, now_).answer, Answer::lend);
}

TEST_F(Deferral, does_not_prolong_the_memory_of_a_real_failure) {
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(borrow_and_fail(down));
        now_ += 100ms;
    }
    // While the breaker is open nothing real happens, however often the pool is asked.
    for (int i = 0; i < 300; ++i) {
        static_cast<void>(borrow_and_fail(not_asked));
        now_ += 100ms;
    }
    Waiter waiter;
    EXPECT_EQ(borrow(waiter).answer, Answer::wait);
}

TEST_F(Deferral, keeps_filling_the_pool_from_asking_without_a_pause) {
    PoolOptions filled = options();
    filled.min = 2;
    PoolState state(filled, 7);
    std::size_t asked = 0;
    for (int millisecond = 0; millisecond < 1000; ++millisecond) {
        while (const auto job = state.take_job(now_)) {
            state.open_failed(job->slot, not_asked, now_);
            ++asked;
        }
        now_ += 1ms;
    }
    EXPECT_GE(asked, 4U);
    EXPECT_LE(asked, 10U);
}

}  // namespace pool_state_deferral_test
}  // namespace majed::pool
