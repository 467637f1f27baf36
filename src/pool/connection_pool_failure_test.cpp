// SPDX-License-Identifier: Apache-2.0
// A pool whose database fails: in each call in turn, by chance, at the start, in a forked child.
#include "pool/connection_pool.h"

#include "pool/fork_watch.h"
#include "pool/pool_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace majed::pool {
namespace connection_pool_failure_test {

using namespace std::chrono_literals;
using driver::FakeCall;
using driver::FakeDatabase;

/// So many threads hold a session each at the same moment.
void expect_places_for(ConnectionPool& pool, std::size_t number) {
    std::vector<std::thread> users;
    std::latch all_hold(static_cast<std::ptrdiff_t>(number));
    for (std::size_t user = 0; user < number; ++user) {
        users.emplace_back([&] {
            const auto lease = pool.acquire(patient(), "test");
            EXPECT_TRUE(lease);
            all_hold.arrive_and_wait();
        });
    }
    for (std::thread& user : users) user.join();
}

/// Opening fails by chance too, and the pool then pauses: each borrower tries until it is served.
void borrow_and_return(ConnectionPool& pool, std::size_t times) {
    constexpr std::size_t threads = 4;
    std::vector<std::thread> users;
    for (std::size_t user = 0; user < threads; ++user) {
        users.emplace_back([&] {
            for (std::size_t turn = 0; turn < times / threads; ++turn) {
                while (true) {
                    auto lease = pool.acquire(patient(), "test");
                    if (lease && turn % 250 == 0) lease->discard();  // So that there is something to open.
                    if (lease) break;
                    ASSERT_EQ(lease.error().failure, FailureClass::contention) << lease.error().message;
                    std::this_thread::yield();
                }
            }
        });
    }
    for (std::thread& user : users) user.join();
}

void survives_failures_of(FakeCall call) {
    FakeDatabase database;
    PoolOptions options = sized(2, 4);
    options.alive_bypass = 0ms;
    const auto pool = started(database, options);
    database.fail_some(call, 0.3, FailureClass::contention);
    borrow_and_return(*pool, 10'000);
    database.fail_none(call);
    ASSERT_TRUE(comes_to_rest(*pool));
    PoolStats stats = pool->stats();
    EXPECT_EQ(stats.idle, stats.total);
    EXPECT_LE(stats.total, stats.max);
    EXPECT_EQ(database.alive(), stats.total) << "no session is forgotten";
    EXPECT_LE(database.most_alive(), stats.max);
    EXPECT_EQ(database.misuses(), 0U);
    EXPECT_EQ(pool->audit().value_or(""), "");
    expect_places_for(*pool, stats.max);
    stats = pool->stats();
    const PoolCounters& c = stats.counters;
    EXPECT_EQ(c.requests, c.direct + c.waited + c.timed_out + c.rejected + c.failed + c.cancelled);
    EXPECT_EQ(c.opened + c.open_failures, database.calls(FakeCall::open));
}

TEST(ConnectionPoolFailure, loses_no_place_when_three_of_ten_pings_fail) {
    survives_failures_of(FakeCall::ping);
}
TEST(ConnectionPoolFailure, loses_no_place_when_three_of_ten_resets_fail) {
    survives_failures_of(FakeCall::reset);
}
TEST(ConnectionPoolFailure, loses_no_place_when_three_of_ten_closings_fail) {
    survives_failures_of(FakeCall::close);
}

TEST(ConnectionPoolFailure, loses_no_place_when_three_of_ten_openings_fail) {
    survives_failures_of(FakeCall::open);
}

/// The 1st, 2nd, 3rd ... call of each kind fails: no place may be lost, and nothing of it may last.
TEST(ConnectionPoolFailure, loses_no_place_whichever_single_call_fails) {
    for (const FakeCall call : {FakeCall::open, FakeCall::ping, FakeCall::reset, FakeCall::close}) {
        for (std::uint64_t nth = 1; nth <= 5; ++nth) {
            FakeDatabase database;
            database.fail_nth(call, nth);
            PoolOptions options = sized(0, 2);
            options.alive_bypass = 0ms;
            const auto pool = started(database, options);
            for (int round = 0; round < 4; ++round) {
                const auto one = pool->acquire(patient(), "test");
                auto two = pool->acquire(patient(), "test");
                if (two && round % 2 == 0) two->discard();
            }
            ASSERT_TRUE(comes_to_rest(*pool));
            expect_places_for(*pool, 2);
            EXPECT_EQ(pool->audit().value_or(""), "") << "call " << nth;
            EXPECT_LE(database.most_alive(), 2U);
        }
    }
}

TEST(ConnectionPoolFailure, a_null_session_is_a_failed_opening) {
    PoolOptions options = sized(0, 1);
    auto pool = ConnectionPool::start(options, [](Deadline) -> Result<std::unique_ptr<driver::Lendable>> {
        return std::unique_ptr<driver::Lendable>();
    });
    ASSERT_TRUE(pool);
    const auto lease = (*pool)->acquire(SteadyClock::now() + 50ms, "test");
    ASSERT_FALSE(lease);
    EXPECT_EQ(lease.error().code, ErrorCode::internal);
}

TEST(ConnectionPoolFailure, tells_the_cause_at_once_when_the_database_is_down) {
    FakeDatabase database;
    database.fail_all(FakeCall::open, FailureClass::lost);
    const auto pool = started(database, sized(1, 2));
    ASSERT_TRUE(comes_true([&] { return pool->stats().counters.open_failures > 0; }));
    const auto refused = pool->acquire(patient(), "test");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().failure, FailureClass::lost);
    EXPECT_TRUE(refused.error().retry_after);
}

TEST(ConnectionPoolFailure, recovers_by_itself_when_the_database_is_back) {
    // HikariCP #1663, #1148, #1736: a pool that never comes back.
    FakeDatabase database;
    const auto pool = started(database, sized(2, 4));
    ASSERT_TRUE(comes_to_rest(*pool));
    database.fail_all(FakeCall::open, FailureClass::lost);
    pool->acquire(patient(), "test")->report(driver::fake_failure(FailureClass::lost));
    ASSERT_TRUE(
        comes_true([&] { return pool->stats().counters.open_failures > 0 && pool->stats().total == 0; }));
    database.fail_none(FakeCall::open);
    EXPECT_TRUE(comes_to_rest(*pool)) << "without a borrow";
    expect_places_for(*pool, 4);
}

TEST(ConnectionPoolFailure, a_refused_login_is_not_repeated_for_each_caller) {
    FakeDatabase database;
    database.fail_all(FakeCall::open, FailureClass::refused_login);
    const auto pool = started(database, sized(1, 4));
    for (int caller = 0; caller < 200; ++caller) EXPECT_FALSE(pool->acquire(patient(), "test"));
    EXPECT_LE(database.calls(FakeCall::open), 2U);
}

// Start ---------------------------------------------------------------------------------------------------------------

TEST(ConnectionPoolStart, tried_once_fails_for_refused_credentials_and_not_for_an_unreachable_database) {
    PoolOptions options = sized(1, 2);
    options.start = StartMode::try_once;
    FakeDatabase refusing;
    refusing.fail_all(FakeCall::open, FailureClass::refused_login);
    EXPECT_EQ(ConnectionPool::start(options, opener(refusing)).error().failure, FailureClass::refused_login);
    FakeDatabase unreachable;
    unreachable.fail_all(FakeCall::open, FailureClass::lost);
    EXPECT_TRUE(ConnectionPool::start(options, opener(unreachable)));
    FakeDatabase healthy;
    const auto pool = ConnectionPool::start(options, opener(healthy));
    ASSERT_TRUE(pool);
    EXPECT_GE((*pool)->stats().total, 1U) << "the session it tried with stays";
}

TEST(ConnectionPoolStart, required_tries_again_and_fails_with_the_cause_in_the_end) {
    PoolOptions options = sized(0, 1);
    options.start = StartMode::require;
    options.start_timeout = 150ms;
    FakeDatabase database;
    database.fail_all(FakeCall::open, FailureClass::lost);
    EXPECT_EQ(ConnectionPool::start(options, opener(database)).error().failure, FailureClass::lost);
    EXPECT_GE(database.calls(FakeCall::open), 2U);
    FakeDatabase late;
    late.fail_nth(FakeCall::open, 1);
    EXPECT_TRUE(ConnectionPool::start(options, opener(late)));
}

TEST(ConnectionPoolStart, refuses_options_out_of_bounds) {
    FakeDatabase database;
    EXPECT_EQ(ConnectionPool::start(sized(3, 2), opener(database)).error().code, ErrorCode::invalid_argument);
}

// Fork ----------------------------------------------------------------------------------------------------------------

/// Runs `child` in a forked process; 0 when it answered true.
template <class Child>
int in_a_child(Child&& child) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(child() ? 0 : 1);
    int status = -1;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ConnectionPoolFork, a_child_says_nothing_over_its_parents_sessions) {
    FakeDatabase database;
    auto pool = started(database, sized(3, 3));
    ASSERT_TRUE(comes_to_rest(*pool));
    auto lease = std::make_optional(pool->acquire(patient(), "test"));
    const int status = in_a_child([&] {
        const auto refused = pool->acquire(patient(), "test");
        if (refused || refused.error().code != ErrorCode::unavailable) return false;
        lease.reset();  // Gives nothing back,
        pool.reset();   // and closes nothing.
        return database.calls(FakeCall::reset) == 0 && database.calls(FakeCall::close) == 0 &&
               database.abandoned() == 3;
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(database.abandoned(), 0U) << "the parent's are as they were";
    lease.reset();
    EXPECT_TRUE(pool->acquire(patient(), "test"));
    EXPECT_EQ(database.calls(FakeCall::open), 3U);
}

TEST(ConnectionPoolFork, a_child_may_start_a_pool_of_its_own) {
#if defined(MAJED_SANITIZED_THREADS)
    GTEST_SKIP() << "the thread sanitizer ends a forked child that starts threads";
#endif
    FakeDatabase database;
    const auto pool = started(database, sized(1, 1));
    ASSERT_TRUE(comes_to_rest(*pool));
    EXPECT_EQ(in_a_child([] {
                  FakeDatabase own;
                  auto mine = ConnectionPool::start(sized(0, 1), opener(own));
                  return mine && (*mine)->acquire(patient(), "test").has_value();
              }),
              0);
}

TEST(ConnectionPoolFork, knows_a_child_from_its_parent) {
    const std::uint64_t here = fork_generation();
    EXPECT_EQ(in_a_child([&] { return fork_generation() == here + 1; }), 0);
    EXPECT_EQ(fork_generation(), here);
}

}  // namespace connection_pool_failure_test
}  // namespace majed::pool
