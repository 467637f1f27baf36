// SPDX-License-Identifier: Apache-2.0
#include "pool/connection_pool.h"

#include "core/mutex.h"
#include "pool/pool_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace majed::pool {
namespace connection_pool_test {

using namespace std::chrono_literals;
using driver::FakeCall;
using driver::FakeDatabase;

static_assert(!std::is_copy_constructible_v<Lease> && !std::is_move_assignable_v<Lease>,
              "a session can be given back once only");

/// Keeps what an observer is told.
class Witness {
public:
    ConnectionPool::Observer observer() {
        return [this](const PoolEvent& event) {
            const Lock lock(mutex_);
            seen_.push_back(event);
        };
    }
    [[nodiscard]] std::size_t count(PoolEventKind kind) const {
        const Lock lock(mutex_);
        std::size_t number = 0;
        for (const PoolEvent& event : seen_) number += event.kind == kind ? 1U : 0U;
        return number;
    }

private:
    mutable Mutex mutex_;
    std::vector<PoolEvent> seen_ MAJED_GUARDED_BY(mutex_);
};

TEST(ConnectionPool, opens_min_at_start_without_a_borrow) {
    FakeDatabase database;
    const auto pool = started(database, sized(3, 5));
    EXPECT_TRUE(comes_true([&] { return pool->stats().idle == 3; }));
    EXPECT_EQ(database.calls(FakeCall::open), 3U);
}

TEST(ConnectionPool, lends_the_same_session_again_without_a_trace_of_the_last_user) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 4));
    for (int user = 0; user < 3; ++user) {
        auto lease = pool->acquire(patient(), "test");
        ASSERT_TRUE(lease);
        EXPECT_EQ(fake(*lease).trace, "");
        fake(*lease).trace = "user " + std::to_string(user);
    }
    EXPECT_EQ(database.calls(FakeCall::open), 1U);
    EXPECT_EQ(database.calls(FakeCall::reset), 3U);
}

TEST(ConnectionPool, interleaved_users_of_one_session_never_see_each_other) {
    FakeDatabase database;
    const auto pool = started(database, sized(1, 1));
    std::atomic<int> traces{0};
    std::vector<std::thread> users;
    for (int user = 0; user < 4; ++user) {
        users.emplace_back([&] {
            for (int turn = 0; turn < 200; ++turn) {
                auto lease = pool->acquire(patient(), "test");
                ASSERT_TRUE(lease);
                if (!fake(*lease).trace.empty()) ++traces;
                fake(*lease).trace = "mine";
            }
        });
    }
    for (std::thread& user : users) user.join();
    EXPECT_EQ(traces, 0);
    EXPECT_EQ(database.misuses(), 0U);
}

TEST(ConnectionPool, says_pool_timeout_with_its_numbers_when_every_session_is_lent) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    const auto holder = pool->acquire(patient(), "test");
    const auto late = pool->acquire(at_once(), "test");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::pool_timeout);
    EXPECT_EQ(late.error().message,
              "no session of the source became free in time: total 1, idle 0, lent 1, waiting 0, opening 0");
    EXPECT_EQ(late.error().failure, FailureClass::none) << "our own saturation is no failure of the database";
    EXPECT_TRUE(late.error().retry_after);
}

TEST(ConnectionPool, names_the_last_failure_of_opening_in_a_timeout) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 2));
    const auto holder = pool->acquire(patient(), "test");
    database.fail_all(FakeCall::open, FailureClass::exhausted);
    std::thread waiter([&] {
        const auto late = pool->acquire(SteadyClock::now() + 100ms, "test");
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().code, ErrorCode::pool_timeout);
        EXPECT_NE(late.error().message.find("the last opening failed: exhausted"), std::string::npos);
    });
    waiter.join();
}

TEST(ConnectionPool, hands_a_returned_session_to_the_caller_who_waits) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    auto holder = std::make_optional(pool->acquire(patient(), "test"));
    std::thread waiter([&] { EXPECT_TRUE(pool->acquire(patient(), "test")); });
    EXPECT_TRUE(comes_true([&] { return pool->stats().waiting == 1; }));
    holder.reset();
    waiter.join();
    EXPECT_EQ(database.calls(FakeCall::open), 1U);
    EXPECT_EQ(pool->stats().counters.waited, 2U) << "the first for an opening, the second for a return";
}

TEST(ConnectionPool, serves_threads_in_the_order_they_came) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    auto holder = std::make_optional(pool->acquire(patient(), "test"));
    std::vector<int> order;  // Guarded by the only session.
    std::vector<std::thread> waiters;
    for (int number = 0; number < 8; ++number) {
        waiters.emplace_back([&, number] {
            const auto lease = pool->acquire(patient(), "test");
            ASSERT_TRUE(lease);
            order.push_back(number);
        });
        const auto before = static_cast<std::size_t>(number);
        ASSERT_TRUE(comes_true([&] { return pool->stats().waiting == before + 1; }));
    }
    holder.reset();
    for (std::thread& waiter : waiters) waiter.join();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(ConnectionPool, refuses_at_once_when_the_queue_is_full) {
    FakeDatabase database;
    PoolOptions options = sized(0, 1);
    options.max_waiting = 1;
    const auto pool = started(database, options);
    auto holder = std::make_optional(pool->acquire(patient(), "test"));
    std::thread waiter([&] { EXPECT_TRUE(pool->acquire(patient(), "test")); });
    ASSERT_TRUE(comes_true([&] { return pool->stats().waiting == 1; }));
    const auto refused = pool->acquire(patient(), "test");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::overloaded);
    EXPECT_TRUE(refused.error().retry_after);
    holder.reset();
    waiter.join();
}

TEST(ConnectionPool, does_not_hold_its_lock_while_it_checks_or_cleans_a_session) {
    FakeDatabase database;
    PoolOptions options = sized(0, 2);
    options.alive_bypass = 0ms;
    const auto pool = started(database, options);
    { const auto first = pool->acquire(patient(), "test"); }
    database.hold(FakeCall::ping);
    const std::uint64_t pings = database.calls(FakeCall::ping);
    std::thread checking([&] { EXPECT_TRUE(pool->acquire(patient(), "test")); });
    database.wait_for_calls(FakeCall::ping, pings + 1);
    EXPECT_EQ(pool->stats().lent, 1U) << "the pool answers meanwhile";
    database.hold(FakeCall::reset);
    database.release(FakeCall::ping);
    database.wait_for_calls(FakeCall::reset, 2);
    EXPECT_EQ(pool->stats().lent, 1U);
    database.release(FakeCall::reset);
    checking.join();
}

TEST(ConnectionPool, a_hanging_opening_takes_one_place_and_no_more) {
    // SQLAlchemy test_hanging_connect_within_overflow: others are served while one connect hangs.
    FakeDatabase database;
    PoolOptions options = sized(0, 2);
    options.max_opening = 1;
    const auto pool = started(database, options);
    auto lease = std::make_optional(pool->acquire(patient(), "test"));
    database.hold(FakeCall::open);
    std::thread waiter([&] { EXPECT_TRUE(pool->acquire(patient(), "test")); });
    database.wait_for_calls(FakeCall::open, 2);
    lease.reset();
    waiter.join();
    EXPECT_EQ(pool->stats().opening, 1U);
    EXPECT_TRUE(pool->acquire(patient(), "test"));
    database.release(FakeCall::open);
    EXPECT_TRUE(comes_true([&] { return pool->stats().idle == 2; })) << "the surplus one goes to the pool";
}

TEST(ConnectionPool, a_session_that_hangs_while_it_is_closed_holds_up_no_borrower) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 2));
    database.hold(FakeCall::close);
    {
        auto lease = pool->acquire(patient(), "test");
        ASSERT_TRUE(lease);
        lease->discard();
    }
    database.wait_for_calls(FakeCall::close, 1);
    EXPECT_TRUE(pool->acquire(patient(), "test"));
    EXPECT_EQ(pool->stats().closing, 1U) << "it still counts as one of max";
    database.release(FakeCall::close);
}

// Poison --------------------------------------------------------------------------------------------------------------

TEST(ConnectionPool, lends_no_session_again_that_failed_in_doubt) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    const auto use = [&](auto&& spoil) {
        auto lease = pool->acquire(patient(), "test");
        ASSERT_TRUE(lease);
        spoil(*lease);
    };
    use([](Lease& lease) { lease.discard(); });
    use([](Lease& lease) { fake(lease).broken = true; });
    use([](Lease& lease) { lease.report(driver::fake_failure(FailureClass::lost)); });
    use([](Lease& lease) { lease.report(driver::fake_failure(FailureClass::in_doubt)); });
    use([](Lease& lease) { lease.report(driver::fake_failure(FailureClass::refused_login)); });
    use([](Lease&) {});
    EXPECT_EQ(database.calls(FakeCall::open), 6U);
    EXPECT_EQ(pool->stats().counters.closed_for(CloseReason::broken), 5U);
    EXPECT_EQ(database.calls(FakeCall::reset), 1U) << "a session in doubt is not asked to clean up";
}

TEST(ConnectionPool, keeps_a_session_whose_statement_was_wrong_slow_cancelled_or_in_the_way) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    for (const FailureClass failure :
         {FailureClass::none, FailureClass::user_error, FailureClass::timeout, FailureClass::cancelled,
          FailureClass::contention, FailureClass::exhausted, FailureClass::read_only}) {
        auto lease = pool->acquire(patient(), "test");
        ASSERT_TRUE(lease);
        lease->report(driver::fake_failure(failure));
    }
    EXPECT_EQ(database.calls(FakeCall::open), 1U);
}

TEST(ConnectionPool, a_pool_that_writes_leaves_a_primary_that_has_become_read_only) {
    FakeDatabase database;
    PoolOptions options = sized(2, 2);
    options.writes = true;
    const auto pool = started(database, options);
    ASSERT_TRUE(comes_to_rest(*pool));
    pool->acquire(patient(), "test")->report(driver::fake_failure(FailureClass::read_only));
    ASSERT_TRUE(comes_to_rest(*pool));
    EXPECT_EQ(database.calls(FakeCall::open), 4U) << "both were replaced";
}

TEST(ConnectionPool, a_lost_session_takes_all_as_old_as_it_with_it) {
    FakeDatabase database;
    const auto pool = started(database, sized(3, 3));
    ASSERT_TRUE(comes_to_rest(*pool));
    {
        auto lease = pool->acquire(patient(), "test");
        lease->report(driver::fake_failure(FailureClass::lost));
        EXPECT_TRUE(comes_true([&] { return pool->stats().counters.closed_for(CloseReason::invalid) == 2; }))
            << "idle ones at once, before the lease ends";
    }
    ASSERT_TRUE(comes_to_rest(*pool));
    EXPECT_EQ(database.calls(FakeCall::open), 6U);
}

TEST(ConnectionPool, finds_the_next_living_session_within_one_acquire) {
    // bb8 test_retry, SQLAlchemy pre-ping: a dead idle session is the pool's business, not the borrower's.
    FakeDatabase database;
    PoolOptions options = sized(1, 1);
    options.alive_bypass = 0ms;
    const auto pool = started(database, options);
    ASSERT_TRUE(comes_to_rest(*pool));
    database.fail_nth(FakeCall::ping, 1);
    const auto lease = pool->acquire(patient(), "test");
    ASSERT_TRUE(lease);
    EXPECT_EQ(fake(*lease).number, 2U);
    EXPECT_EQ(pool->stats().counters.closed_for(CloseReason::invalid), 1U);
}

// Orders --------------------------------------------------------------------------------------------------------------

TEST(ConnectionPool, lends_no_session_opened_before_a_renewal_not_even_one_handed_over) {
    FakeDatabase database;
    const auto pool = started(database, sized(1, 4));
    std::atomic<std::uint64_t> guard{1};
    std::atomic<int> stale{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> users;
    for (int user = 0; user < 6; ++user) {
        users.emplace_back([&] {
            while (!stop) {
                const std::uint64_t required = guard;
                const auto lease = pool->acquire(patient(), "test");
                ASSERT_TRUE(lease);
                if (fake(*lease).number < required) ++stale;
            }
        });
    }
    for (int turn = 0; turn < 50; ++turn) {
        const std::uint64_t opened = database.calls(FakeCall::open);
        pool->renew();
        guard = opened + 1;  // What is lent from now on began after `renew` was called.
        ASSERT_TRUE(comes_true([&] { return database.calls(FakeCall::open) > opened; }));
    }
    stop = true;
    for (std::thread& user : users) user.join();
    EXPECT_EQ(stale, 0);
    EXPECT_EQ(pool->audit().value_or(""), "");
}

TEST(ConnectionPool, a_suspended_pool_lends_nothing_until_it_is_resumed) {
    FakeDatabase database;
    const auto pool = started(database, sized(1, 1));
    ASSERT_TRUE(comes_to_rest(*pool));
    pool->suspend();
    EXPECT_EQ(pool->acquire(at_once(), "test").error().code, ErrorCode::pool_timeout);
    std::thread waiter([&] { EXPECT_TRUE(pool->acquire(patient(), "test")); });
    ASSERT_TRUE(comes_true([&] { return pool->stats().waiting == 1; }));
    pool->resume();
    waiter.join();
}

TEST(ConnectionPool, grows_for_those_who_wait_and_shrinks_to_what_is_left) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    auto first = std::make_optional(pool->acquire(patient(), "test"));
    std::optional<Result<Lease>> second;
    std::thread waiter([&] { second.emplace(pool->acquire(patient(), "test")); });
    ASSERT_TRUE(comes_true([&] { return pool->stats().waiting == 1; }));
    EXPECT_TRUE(pool->resize(0, 40));
    waiter.join();
    ASSERT_TRUE(*second);
    EXPECT_TRUE(pool->resize(0, 1));
    first.reset();
    second.reset();
    EXPECT_TRUE(comes_true([&] { return pool->stats().total == 1; }));
    EXPECT_EQ(pool->resize(3, 2).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(pool->audit().value_or(""), "");
}

TEST(ConnectionPool, tells_its_observer_outside_the_lock) {
    FakeDatabase database;
    std::atomic<ConnectionPool*> pool{nullptr};
    std::atomic<std::size_t> told{0};
    const auto owner = started(database, sized(1, 2), [&](const PoolEvent&) {
        while (pool == nullptr) std::this_thread::yield();
        static_cast<void>(pool.load()->stats());  // Deadlocks if the lock is held.
        ++told;
    });
    pool = owner.get();
    ASSERT_TRUE(comes_to_rest(*owner));
    owner->renew();
    EXPECT_TRUE(comes_true([&] { return told >= 4; })) << "opened, renewed, closed, opened";
}

TEST(ConnectionPool, reports_where_a_session_that_stays_away_was_borrowed) {
    FakeDatabase database;
    Witness witness;
    PoolOptions options = sized(0, 1);
    options.leak_threshold =
        2s;  // Its least; the rule itself is tested without a clock in pool_state_orders_test.
    const auto pool = started(database, options, witness.observer());
    { const auto lease = pool->acquire(patient(), "test"); }
    EXPECT_TRUE(comes_true([&] { return witness.count(PoolEventKind::opened) == 1; }));
    EXPECT_EQ(witness.count(PoolEventKind::leak_reported), 0U);
}

// The end -------------------------------------------------------------------------------------------------------------

TEST(ConnectionPool, an_acquire_after_the_end_is_refused_at_once_and_the_end_may_come_twice) {
    FakeDatabase database;
    const auto pool = started(database, sized(2, 2));
    EXPECT_EQ(pool->drain(patient()), 0U);
    EXPECT_EQ(database.alive(), 0U);
    const auto late = pool->acquire(patient(), "test");
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::unavailable);
    EXPECT_EQ(pool->drain(patient()), 0U);
}

TEST(ConnectionPool, the_end_wakes_those_who_wait_and_waits_for_those_who_work) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 1));
    auto holder = std::make_optional(pool->acquire(patient(), "test"));
    std::thread waiter([&] {
        const auto refused = pool->acquire(patient(), "test");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    });
    ASSERT_TRUE(comes_true([&] { return pool->stats().waiting == 1; }));
    std::thread ending([&] { EXPECT_EQ(pool->drain(patient()), 0U) << "nobody had to be interrupted"; });
    waiter.join();
    holder.reset();
    ending.join();
    EXPECT_EQ(database.alive(), 0U);
    EXPECT_EQ(database.interrupts(), 0U);
}

TEST(ConnectionPool, the_end_interrupts_those_who_work_on_past_its_deadline_and_counts_them) {
    FakeDatabase database;
    const auto pool = started(database, sized(0, 3));
    std::latch working(2);
    std::vector<std::thread> users;
    for (int user = 0; user < 2; ++user) {
        users.emplace_back([&] {
            const auto lease = pool->acquire(patient(), "test");
            ASSERT_TRUE(lease);
            working.count_down();
            fake(*lease).run_until_interrupted();
        });
    }
    working.wait();
    EXPECT_EQ(pool->drain(SteadyClock::now()), 2U);
    for (std::thread& user : users) user.join();
    EXPECT_EQ(pool->drain(patient()), 0U);
    EXPECT_EQ(database.alive(), 0U);
}

TEST(ConnectionPool, its_destructor_waits_for_leases_and_openings_under_way) {
    FakeDatabase database;
    auto pool = started(database, sized(0, 2));
    auto lease = std::make_optional(pool->acquire(patient(), "test"));
    database.hold(FakeCall::open);
    std::thread waiter([&] { EXPECT_FALSE(pool->acquire(patient(), "test")); });
    database.wait_for_calls(FakeCall::open, 2);
    std::thread ending([&] { pool->drain(patient()); });
    waiter.join();
    lease.reset();
    database.release(FakeCall::open);
    ending.join();
    pool.reset();
    EXPECT_EQ(database.alive(), 0U);
}

TEST(ConnectionPool, its_destructor_waits_for_threads_that_were_only_just_asked_for) {
    FakeDatabase database;
    for (int turn = 0; turn < 400; ++turn) {
        // Closings and openings ask for threads, from several threads at a time, while the end comes.
        auto pool = started(database, sized(6, 8));
        EXPECT_TRUE(pool->acquire(patient(), "test"));
        pool->renew();
        pool.reset();
    }
    EXPECT_EQ(database.alive(), 0U);
}

TEST(ConnectionPool, the_end_races_borrowers_and_loses_nobody) {
    for (int turn = 0; turn < 40; ++turn) {
        FakeDatabase database;
        const auto pool = started(database, sized(1, 3));
        std::latch ready(5);
        std::vector<std::thread> users;
        for (int user = 0; user < 4; ++user) {
            users.emplace_back([&] {
                ready.arrive_and_wait();
                while (true) {
                    const auto lease = pool->acquire(patient(), "test");
                    if (!lease) {
                        EXPECT_EQ(lease.error().code, ErrorCode::unavailable);
                        return;
                    }
                }
            });
        }
        ready.arrive_and_wait();
        EXPECT_LE(pool->drain(patient()), 3U);
        for (std::thread& user : users) user.join();
        EXPECT_EQ(database.alive(), 0U);
        EXPECT_EQ(pool->stats().total, 0U);
    }
}

}  // namespace connection_pool_test
}  // namespace majed::pool
