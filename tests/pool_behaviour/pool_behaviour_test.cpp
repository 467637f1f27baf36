// SPDX-License-Identifier: Apache-2.0
// How long a pool lets its callers wait. Bounds are what the pinned tests of other pools ask for, with room for a
// loaded machine where the point allows; the rules themselves are tested without a clock in src/pool.
#include "driver/fake_lendable.h"
#include "pool/connection_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace majed::pool {
namespace {

using namespace std::chrono_literals;
using driver::FakeCall;
using driver::FakeDatabase;
using std::chrono::milliseconds;

/// A sanitizer makes everything several times slower; times of ours are then only roughly what they are.
#if defined(MAJED_SANITIZED)
constexpr milliseconds slack = 400ms;
#else
constexpr milliseconds slack = 50ms;
#endif

PoolOptions sized(std::size_t min, std::size_t max) {
    PoolOptions options;
    options.min = min;
    options.max = max;
    options.start = StartMode::background;
    return options;
}

std::unique_ptr<ConnectionPool> started(FakeDatabase& database, const PoolOptions& options,
                                        ConnectionPool::Observer observer = {}) {
    auto pool = ConnectionPool::start(
        options, [&database](Deadline) { return database.open(); }, std::move(observer));
    EXPECT_TRUE(pool);
    return std::move(*pool);
}

template <class Condition>
bool within(milliseconds span, Condition&& condition) {
    const Deadline end = SteadyClock::now() + span;
    while (!condition()) {
        if (SteadyClock::now() > end) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

/// What happens once a time has passed, on a thread of its own.
template <class Deed>
std::thread after(milliseconds span, Deed deed) {
    return std::thread([span, deed = std::move(deed)]() mutable {
        std::this_thread::sleep_for(span);
        deed();
    });
}

TEST(PoolBehaviour, the_first_borrow_of_an_empty_pool_takes_less_than_two_openings) {
    FakeDatabase database;
    database.delay(FakeCall::open, 50ms);
    const auto pool = started(database, sized(0, 10));
    const Deadline begun = SteadyClock::now();
    EXPECT_TRUE(pool->acquire(begun + 5s, "test"));
    EXPECT_LT(SteadyClock::now() - begun, 100ms);
}

TEST(PoolBehaviour, fifty_threads_on_five_idle_sessions_end_with_eight_at_most) {
    // HikariCP, "Welcome to the jungle": connect 150 ms, query 2 ms.
    FakeDatabase database;
    PoolOptions options = sized(5, 50);
    const auto pool = started(database, options);
    ASSERT_TRUE(within(5s, [&] { return pool->stats().idle == 5; }));
    database.delay(FakeCall::open, 150ms);
    std::latch ready(51);
    std::vector<std::thread> users;
    for (int user = 0; user < 50; ++user) {
        users.emplace_back([&] {
            ready.arrive_and_wait();
            const auto lease = pool->acquire(SteadyClock::now() + 10s, "test");
            ASSERT_TRUE(lease);
            std::this_thread::sleep_for(2ms);
        });
    }
    ready.arrive_and_wait();
    const Deadline begun = SteadyClock::now();
    for (std::thread& user : users) user.join();
    const auto elapsed = SteadyClock::now() - begun;
    ASSERT_TRUE(within(5s, [&] { return pool->stats().opening == 0; }));
    EXPECT_LE(pool->stats().total, 8U);
    EXPECT_LT(elapsed, 150ms + slack)
        << "50 x 2 ms over 5 sessions are 20 ms; nobody had to wait for an opening";
}

TEST(PoolBehaviour, a_timeout_is_never_early_and_hardly_late) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    const auto holder = pool->acquire(SteadyClock::now() + 5s, "test");
    for (const milliseconds patience : {1ms, 30ms, 250ms}) {
        const Deadline deadline = SteadyClock::now() + patience;
        const auto late = pool->acquire(deadline, "test");
        const auto lateness = SteadyClock::now() - deadline;
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().code, ErrorCode::pool_timeout);
        EXPECT_GE(lateness, 0ms);
        EXPECT_LE(lateness, slack);
    }
}

TEST(PoolBehaviour, waits_no_longer_than_acquire_timeout_whatever_the_caller_allows) {
    FakeDatabase database;
    PoolOptions options = sized(0, 1);
    options.acquire_timeout = 100ms;
    const auto pool = started(database, options);
    const auto holder = pool->acquire(Deadline::max(), "test");
    const Deadline begun = SteadyClock::now();
    EXPECT_FALSE(pool->acquire(Deadline::max(), "test"));
    EXPECT_GE(SteadyClock::now() - begun, 100ms);
    EXPECT_LE(SteadyClock::now() - begun, 100ms + slack);
}

TEST(PoolBehaviour, a_database_that_recovers_in_time_serves_those_who_wait) {
    // HikariCP testConnectionRetries2: refused at first, back after 300 ms, timeout 2 800 ms.
    FakeDatabase database;
    database.fail_all(FakeCall::open, FailureClass::lost);
    const auto pool = started(database, sized(0, 1));
    const Deadline begun = SteadyClock::now();
    std::thread recovery = after(300ms, [&] { database.fail_none(FakeCall::open); });
    EXPECT_TRUE(pool->acquire(begun + 2800ms, "test"));
    const auto elapsed = SteadyClock::now() - begun;
    EXPECT_GT(elapsed, 250ms);
    EXPECT_LT(elapsed, 1500ms) << "not only just before the deadline";
    recovery.join();
}

TEST(PoolBehaviour, a_session_returned_late_is_handed_over_at_once) {
    // HikariCP testConnectionRetries3: returned after 800 ms, handed over within 700 to 950.
    FakeDatabase database;
    const auto pool = started(database, sized(0, 2));
    const Deadline begun = SteadyClock::now();
    auto one = std::make_optional(pool->acquire(begun + 5s, "test"));
    const auto two = pool->acquire(begun + 5s, "test");
    std::thread returning = after(800ms, [&] { one.reset(); });
    EXPECT_TRUE(pool->acquire(begun + 2800ms, "test"));
    const auto elapsed = SteadyClock::now() - begun;
    EXPECT_GE(elapsed, 700ms);
    EXPECT_LT(elapsed, 900ms + slack);
    returning.join();
}

TEST(PoolBehaviour, a_session_returned_while_openings_fail_is_handed_over) {
    // HikariCP testConnectionRetries5.
    FakeDatabase database;
    const auto pool = started(database, sized(0, 2));
    const Deadline begun = SteadyClock::now();
    auto one = std::make_optional(pool->acquire(begun + 5s, "test"));
    database.fail_all(FakeCall::open, FailureClass::lost);
    std::thread returning = after(250ms, [&] { one.reset(); });
    EXPECT_TRUE(pool->acquire(begun + 1s, "test"));
    EXPECT_GE(SteadyClock::now() - begun, 250ms);
    EXPECT_LT(SteadyClock::now() - begun, 1s);
    returning.join();
}

TEST(PoolBehaviour, a_waiter_that_gives_up_takes_nothing_from_the_next) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    for (int turn = 0; turn < 30; ++turn) {
        auto holder = std::make_optional(pool->acquire(SteadyClock::now() + 5s, "test"));
        ASSERT_TRUE(*holder);
        // The first gives up at about the moment of the return; the second must be served either way.
        std::thread first([&] { static_cast<void>(pool->acquire(SteadyClock::now() + 5ms, "test")); });
        std::thread second([&] { EXPECT_TRUE(pool->acquire(SteadyClock::now() + 5s, "test")); });
        std::this_thread::sleep_for(5ms);
        holder.reset();
        first.join();
        second.join();
    }
    EXPECT_EQ(database.calls(FakeCall::open), 1U);
    EXPECT_EQ(pool->audit().value_or(""), "");
}

TEST(PoolBehaviour, a_full_queue_and_a_dead_database_are_told_in_no_time) {
    FakeDatabase database;
    PoolOptions options = sized(0, 1);
    options.max_waiting = 0;
    const auto pool = started(database, options);
    auto holder = std::make_optional(pool->acquire(SteadyClock::now() + 5s, "test"));
    const auto median_of_refusals = [&](ErrorCode expected) {
        std::vector<std::chrono::nanoseconds> spans;
        for (int turn = 0; turn < 101; ++turn) {
            const Deadline begun = SteadyClock::now();
            const auto refused = pool->acquire(begun + 5s, "test");
            spans.push_back(SteadyClock::now() - begun);
            EXPECT_FALSE(refused);
            EXPECT_EQ(refused.error().code, expected);
        }
        std::nth_element(spans.begin(), spans.begin() + 50, spans.end());
        return spans[50];
    };
    EXPECT_LT(median_of_refusals(ErrorCode::overloaded), 5ms);
    database.fail_all(FakeCall::open, FailureClass::lost);
    (*holder)->report(driver::fake_failure(FailureClass::lost));
    holder.reset();
    static_cast<void>(pool->acquire(SteadyClock::now() + 50ms, "test"));
    EXPECT_LT(median_of_refusals(ErrorCode::unavailable), 5ms);
}

TEST(PoolBehaviour, killed_sessions_are_back_to_min_within_an_opening_and_without_a_borrow) {
    FakeDatabase database;
    database.delay(FakeCall::open, 20ms);
    PoolOptions options = sized(4, 8);
    options.max_opening = 4;
    const auto pool = started(database, options);
    ASSERT_TRUE(within(20ms + slack, [&] { return pool->stats().idle == 4; }))
        << "min within the time of an opening";
    pool->renew();
    EXPECT_TRUE(within(20ms + slack, [&] { return pool->stats().idle == 4; }));
    EXPECT_EQ(database.calls(FakeCall::open), 8U);
}

TEST(PoolBehaviour, a_leak_is_reported_with_where_it_was_borrowed_and_taken_back_when_it_returns) {
    FakeDatabase database;
    std::atomic<int> reported{0};
    std::atomic<int> returned{0};
    std::atomic<bool> named{false};
    PoolOptions options = sized(0, 1);
    options.leak_threshold = 2s;
    const auto pool = started(database, options, [&](const PoolEvent& event) {
        if (event.kind == PoolEventKind::leak_returned) ++returned;
        if (event.kind != PoolEventKind::leak_reported) return;
        named = event.borrower.purpose == "long report" && event.borrower.file() == "pool_behaviour_test.cpp";
        ++reported;
    });
    {
        const auto lease = pool->acquire(SteadyClock::now() + 5s, "long report");
        ASSERT_TRUE(lease);
        ASSERT_TRUE(within(2s + 10 * slack, [&] { return reported == 1; }));
        EXPECT_EQ(pool->stats().leaked, 1U);
    }
    EXPECT_TRUE(within(10 * slack, [&] { return returned == 1; }));
    EXPECT_TRUE(named);
    EXPECT_EQ(pool->stats().leaked, 0U);
}

TEST(PoolBehaviour, the_end_keeps_to_its_deadline_although_an_opening_hangs) {
    FakeDatabase database;
    database.hold(FakeCall::open);
    PoolOptions options = sized(1, 1);
    options.interrupt_grace = 50ms;
    const auto pool = started(database, options);
    database.wait_for_calls(FakeCall::open, 1);
    const Deadline begun = SteadyClock::now();
    EXPECT_EQ(pool->drain(begun + 100ms), 0U);
    EXPECT_LT(SteadyClock::now() - begun, 150ms + slack);
    database.release(FakeCall::open);
}

}  // namespace
}  // namespace majed::pool
