// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_state.h"

#include "driver/fake_lendable.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace majed::pool {
namespace pool_state_test {

using namespace std::chrono_literals;
using driver::fake_failure;
using Answer = Borrowing::Answer;
using Kind = PoolJob::Kind;

/// A pool state, the hour, and the borrowers of a test.
class Bench {
public:
    explicit Bench(PoolOptions options) : state(options, 7) {}

    Borrowing borrow(Waiter& waiter, std::chrono::milliseconds patience = 30s) {
        waiter.borrower = {"test"};
        waiter.since = now;
        waiter.deadline = now + patience;
        return state.borrow(waiter, now);
    }
    /// A session, by whichever way it is to be had at once.
    SlotId take() {
        Waiter waiter;
        Borrowing borrowing = borrow(waiter);
        if (borrowing.answer == Answer::validate) {
            borrowing = state.validated(waiter, borrowing.slot, PingOutcome::alive, now);
        }
        EXPECT_EQ(borrowing.answer, Answer::lend);
        return borrowing.slot;
    }
    void give_back(SlotId slot) { state.give_back(slot, ReturnedAs::clean, now); }

    std::vector<PoolJob> jobs() {
        std::vector<PoolJob> taken;
        while (const auto job = state.take_job(now)) taken.push_back(*job);
        return taken;
    }
    /// Opens whatever is wanted; closes what is to be closed.
    void run_jobs() {
        while (const auto job = state.take_job(now)) {
            if (job->kind == Kind::open) state.opened(job->slot, now);
            if (job->kind == Kind::close) state.closed(job->slot);
            if (job->kind == Kind::ping) state.pinged(job->slot, PingOutcome::alive, now);
        }
    }
    void fail_one_opening(FailureClass failure = FailureClass::lost) {
        const auto job = state.take_job(now);
        ASSERT_TRUE(job);
        ASSERT_EQ(job->kind, Kind::open);
        state.open_failed(job->slot, fake_failure(failure), now);
    }
    std::size_t resolved() {
        std::size_t number = 0;
        for (const Waiter* w = state.take_resolved(); w != nullptr; w = w->next) ++number;
        return number;
    }
    std::vector<PoolEvent> events() {
        std::vector<PoolEvent> taken;
        state.take_events(taken);
        return taken;
    }
    void expect_sound() { EXPECT_EQ(state.audit().value_or(""), ""); }

    PoolState state;
    PoolState::Time now = PoolState::Time{} + 1h;
};

PoolOptions sized(std::size_t min, std::size_t max) {
    PoolOptions options;
    options.min = min;
    options.max = max;
    options.max_opening = max;
    return options;
}

TEST(PoolState, opens_min_without_a_borrow) {
    Bench bench(sized(3, 8));
    const auto jobs = bench.jobs();
    ASSERT_EQ(jobs.size(), 3U);
    for (const PoolJob& job : jobs) bench.state.opened(job.slot, bench.now);
    EXPECT_EQ(bench.state.stats().idle, 3U);
    EXPECT_TRUE(bench.jobs().empty());
}

TEST(PoolState, keeps_min_idle_beside_the_lent_ones_as_far_as_max_allows) {
    // HikariCP testConnectionIdleFill: 7 borrowed of min 5, max 10.
    Bench bench(sized(5, 10));
    bench.run_jobs();
    for (int i = 0; i < 7; ++i) {
        bench.take();
        bench.run_jobs();
    }
    EXPECT_EQ(bench.state.stats().total, 10U);
    EXPECT_EQ(bench.state.stats().idle, 3U);
}

TEST(PoolState, refills_at_once_when_sessions_break) {
    Bench bench(sized(2, 4));
    bench.run_jobs();
    const SlotId slot = bench.take();
    bench.state.give_back(slot, ReturnedAs::broken, bench.now);
    EXPECT_TRUE(bench.state.stirred());
    bench.run_jobs();
    EXPECT_EQ(bench.state.stats().idle, 2U);
    EXPECT_EQ(bench.state.stats().counters.closed_for(CloseReason::broken), 1U);
}

TEST(PoolState, opens_for_those_who_wait_no_more_than_max_opening_nor_than_there_are) {
    PoolOptions options = sized(0, 10);
    options.max_opening = 3;
    Bench bench(options);
    std::array<Waiter, 5> waiters;
    EXPECT_EQ(bench.borrow(waiters[0]).answer, Answer::wait);
    EXPECT_EQ(bench.jobs().size(), 1U);
    for (std::size_t i = 1; i < 5; ++i) EXPECT_EQ(bench.borrow(waiters[i]).answer, Answer::wait);
    EXPECT_EQ(bench.jobs().size(), 2U);
    EXPECT_EQ(bench.state.stats().opening, 3U);
}

TEST(PoolState, serves_waiters_in_the_order_they_came) {
    Bench bench(sized(0, 1));
    Waiter opener;
    bench.borrow(opener);
    bench.run_jobs();
    const SlotId slot = bench.state.collect(opener, bench.now).slot;
    std::array<Waiter, 3> waiters;
    for (Waiter& waiter : waiters) EXPECT_EQ(bench.borrow(waiter).answer, Answer::wait);
    for (Waiter& waiter : waiters) {
        bench.give_back(slot);
        ASSERT_EQ(waiter.state, WaitState::granted);
        EXPECT_EQ(bench.state.collect(waiter, bench.now).answer, Answer::lend);
    }
}

TEST(PoolState, lets_nobody_overtake) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    const SlotId slot = bench.take();
    Waiter first;
    bench.borrow(first);
    bench.give_back(slot);  // Handed to `first`, who has not woken yet.
    EXPECT_FALSE(bench.state.try_borrow({"newcomer"}, bench.now));
    Waiter newcomer;
    EXPECT_EQ(bench.borrow(newcomer).answer, Answer::wait);
    EXPECT_EQ(bench.state.collect(first, bench.now).answer, Answer::lend);
}

TEST(PoolState, takes_whichever_comes_first_opening_or_return) {
    Bench bench(sized(1, 2));
    bench.run_jobs();
    const SlotId lent = bench.take();
    Waiter waiter;
    EXPECT_EQ(bench.borrow(waiter).answer, Answer::wait);
    const auto job = bench.state.take_job(bench.now);
    ASSERT_TRUE(job);
    bench.give_back(lent);
    EXPECT_EQ(bench.state.collect(waiter, bench.now).slot, lent);
    bench.state.opened(job->slot, bench.now);
    EXPECT_EQ(bench.state.stats().idle, 1U) << "the surplus one goes to the pool";
}

TEST(PoolState, a_waiter_that_gave_up_swallows_no_session) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    const SlotId slot = bench.take();
    Waiter gone;
    Waiter next;
    bench.borrow(gone, 1s);
    bench.borrow(next);
    EXPECT_TRUE(bench.state.give_up(gone));
    bench.give_back(slot);
    EXPECT_EQ(gone.state, WaitState::apart);
    EXPECT_EQ(next.state, WaitState::granted);
    EXPECT_FALSE(bench.state.give_up(next)) << "too late: it has one";
    EXPECT_EQ(bench.state.collect(next, bench.now).answer, Answer::lend);
    EXPECT_EQ(bench.state.stats().counters.timed_out, 1U);
}

TEST(PoolState, refuses_past_the_bound_of_the_queue) {
    PoolOptions options = sized(1, 1);
    options.max_waiting = 2;
    Bench bench(options);
    bench.run_jobs();
    bench.take();
    std::array<Waiter, 3> waiters;
    EXPECT_EQ(bench.borrow(waiters[0]).answer, Answer::wait);
    EXPECT_EQ(bench.borrow(waiters[1]).answer, Answer::wait);
    EXPECT_EQ(bench.borrow(waiters[2]).refusal, Refusal::queue_full);
    EXPECT_EQ(bench.state.stats().counters.rejected, 1U);
    EXPECT_EQ(bench.state.stats().max_waiting_seen, 2U);
}

TEST(PoolState, waiting_for_an_opening_is_not_queueing) {
    PoolOptions options = sized(0, 2);
    options.max_waiting = 0;
    Bench bench(options);
    std::array<Waiter, 3> waiters;
    EXPECT_EQ(bench.borrow(waiters[0]).answer, Answer::wait);
    EXPECT_EQ(bench.borrow(waiters[1]).answer, Answer::wait);
    EXPECT_EQ(bench.borrow(waiters[2]).refusal, Refusal::queue_full);
}

TEST(PoolState, a_passed_deadline_tries_once_and_queues_nowhere) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    Waiter lucky;
    EXPECT_EQ(bench.borrow(lucky, 0ms).answer, Answer::lend);
    Waiter late;
    EXPECT_EQ(bench.borrow(late, 0ms).refusal, Refusal::timed_out);
    EXPECT_EQ(bench.state.stats().waiting, 0U);
}

TEST(PoolState, those_who_only_try_get_a_session_opened_in_the_end) {
    Bench bench(sized(0, 1));
    Waiter first;
    EXPECT_EQ(bench.borrow(first, 0ms).refusal, Refusal::timed_out);
    bench.run_jobs();
    Waiter second;
    EXPECT_EQ(bench.borrow(second, 0ms).answer, Answer::lend);
}

// Validation ----------------------------------------------------------------------------------------------------------

TEST(PoolState, skips_the_check_of_a_session_used_just_now) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    bench.now += 499ms;
    const auto slot = bench.state.try_borrow({"test"}, bench.now);
    ASSERT_TRUE(slot);
    bench.give_back(*slot);
    bench.now += 500ms;
    EXPECT_FALSE(bench.state.try_borrow({"test"}, bench.now));
    Waiter waiter;
    EXPECT_EQ(bench.borrow(waiter).answer, Answer::validate);
}

TEST(PoolState, a_dead_session_is_replaced_and_its_borrower_keeps_its_turn) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    bench.now += 1s;
    Waiter first;
    const Borrowing borrowing = bench.borrow(first);
    Waiter second;
    EXPECT_EQ(bench.borrow(second).answer, Answer::wait);
    EXPECT_EQ(bench.state.validated(first, borrowing.slot, PingOutcome::dead, bench.now).answer,
              Answer::wait);
    bench.run_jobs();
    EXPECT_EQ(first.state, WaitState::granted);
    EXPECT_EQ(second.state, WaitState::queued);
    EXPECT_EQ(bench.state.stats().counters.closed_for(CloseReason::invalid), 1U);
}

TEST(PoolState, goes_on_to_the_next_idle_session_when_one_is_dead) {
    Bench bench(sized(2, 2));
    bench.run_jobs();
    bench.now += 1s;
    Waiter waiter;
    const Borrowing one = bench.borrow(waiter);
    const Borrowing two = bench.state.validated(waiter, one.slot, PingOutcome::dead, bench.now);
    EXPECT_EQ(two.answer, Answer::validate);
    EXPECT_NE(two.slot, one.slot);
    EXPECT_EQ(bench.state.validated(waiter, two.slot, PingOutcome::alive, bench.now).answer, Answer::lend);
    EXPECT_EQ(bench.state.stats().counters.direct, 1U);
}

TEST(PoolState, checks_each_time_once_when_there_is_no_bypass) {
    PoolOptions options = sized(1, 1);
    options.alive_bypass = 0ms;
    Bench bench(options);
    bench.run_jobs();
    Waiter waiter;
    const Borrowing borrowing = bench.borrow(waiter);
    ASSERT_EQ(borrowing.answer, Answer::validate);
    EXPECT_EQ(bench.state.validated(waiter, borrowing.slot, PingOutcome::alive, bench.now).answer,
              Answer::lend);
}

// Age -----------------------------------------------------------------------------------------------------------------

TEST(PoolState, closes_an_old_session_but_never_one_in_use) {
    PoolOptions options = sized(0, 2);
    options.max_lifetime = 30s;
    options.idle_timeout = 0ms;
    Bench bench(options);
    Waiter waiter;
    bench.borrow(waiter);
    bench.run_jobs();
    const SlotId slot = bench.state.collect(waiter, bench.now).slot;
    bench.now += 31s;
    static_cast<void>(bench.state.housekeep(bench.now));
    EXPECT_EQ(bench.state.stats().lent, 1U);
    bench.give_back(slot);
    EXPECT_EQ(bench.state.stats().counters.closed_for(CloseReason::max_lifetime), 1U);
}

TEST(PoolState, spreads_the_end_of_sessions_opened_together) {
    PoolOptions options = sized(100, 100);
    options.max_lifetime = 1000s;
    options.idle_timeout = 0ms;
    options.keepalive = 0ms;
    Bench bench(options);
    bench.run_jobs();
    bench.now += 974s;
    static_cast<void>(bench.state.housekeep(bench.now));
    EXPECT_EQ(bench.state.stats().idle, 100U) << "none ends more than 2.5 % early";
    bench.now += 13s;
    static_cast<void>(bench.state.housekeep(bench.now));
    const std::size_t halfway = bench.state.stats().idle;
    EXPECT_GT(halfway, 20U);
    EXPECT_LT(halfway, 80U);
    bench.now += 13s;
    static_cast<void>(bench.state.housekeep(bench.now));
    EXPECT_EQ(bench.state.stats().idle, 0U) << "none lives longer";
}

TEST(PoolState, closes_idle_sessions_above_min_the_longest_idle_first) {
    PoolOptions options = sized(1, 3);
    options.idle_timeout = 60s;
    options.keepalive = 0ms;
    Bench bench(options);
    bench.run_jobs();
    std::array<SlotId, 3> slots{};
    for (SlotId& slot : slots) {
        slot = bench.take();
        bench.run_jobs();
    }
    for (const SlotId slot : slots) {
        bench.give_back(slot);
        bench.now += 1s;
    }
    bench.now += 58s;  // The first has been idle for 61 s, the second for 60 s, the third for 59 s.
    static_cast<void>(bench.state.housekeep(bench.now));
    EXPECT_EQ(bench.state.stats().idle, 1U);
    EXPECT_EQ(bench.take(), slots[2]);
    bench.give_back(slots[2]);
    bench.run_jobs();
    bench.now += 10min;
    static_cast<void>(bench.state.housekeep(bench.now));
    EXPECT_EQ(bench.state.stats().idle, 1U) << "min stays";
}

TEST(PoolState, says_when_it_must_be_called_again) {
    PoolOptions options = sized(2, 2);
    options.keepalive = 100s;
    Bench bench(options);
    bench.run_jobs();
    const auto due = bench.state.housekeep(bench.now);
    EXPECT_GE(due, bench.now + 89s);
    EXPECT_LE(due, bench.now + 110s);
    bench.now += 111s;
    const auto next = bench.state.housekeep(bench.now);
    EXPECT_GT(next, bench.now) << "what is due has been done";
    EXPECT_EQ(bench.state.stats().pinging, 1U);
}

TEST(PoolState, pings_idle_sessions_one_at_a_time_and_lends_none_of_them_meanwhile) {
    PoolOptions options = sized(2, 2);
    options.keepalive = 100s;
    options.idle_timeout = 0ms;
    Bench bench(options);
    bench.run_jobs();
    bench.now += 111s;
    static_cast<void>(bench.state.housekeep(bench.now));
    const auto jobs = bench.jobs();
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].kind, Kind::ping);
    EXPECT_NE(bench.take(), jobs[0].slot);
    Waiter waiter;
    EXPECT_EQ(bench.borrow(waiter).answer, Answer::wait);
    bench.state.pinged(jobs[0].slot, PingOutcome::alive, bench.now);
    EXPECT_EQ(waiter.state, WaitState::granted);
    EXPECT_TRUE(bench.state.take_hurry()) << "the other one is due too";
}

TEST(PoolState, a_keepalive_does_not_make_a_session_young) {
    PoolOptions options = sized(1, 2);
    options.keepalive = 40s;
    options.idle_timeout = 60s;
    Bench bench(options);
    bench.run_jobs();
    const SlotId one = bench.take();
    bench.run_jobs();
    bench.give_back(one);
    bench.now += 45s;
    for (int turn = 0; turn < 2; ++turn) {
        static_cast<void>(bench.state.housekeep(bench.now));
        bench.run_jobs();
    }
    EXPECT_EQ(bench.state.stats().counters.keepalives, 2U);
    bench.expect_sound();
    bench.now += 15s;
    static_cast<void>(bench.state.housekeep(bench.now));
    EXPECT_EQ(bench.state.stats().counters.closed_for(CloseReason::idle), 1U);
}

// Renewal and loss ----------------------------------------------------------------------------------------------------

TEST(PoolState, lends_nothing_opened_before_a_renewal) {
    Bench bench(sized(2, 4));
    bench.run_jobs();
    const SlotId lent = bench.take();
    const auto in_flight = bench.state.take_job(bench.now);  // Refills min.
    ASSERT_TRUE(in_flight);
    bench.state.renew(bench.now);
    EXPECT_EQ(bench.state.stats().idle, 0U) << "idle ones at once";
    bench.give_back(lent);
    EXPECT_EQ(bench.state.stats().idle, 0U) << "lent ones when they come back";
    bench.state.opened(in_flight->slot, bench.now);
    EXPECT_EQ(bench.state.stats().idle, 0U) << "those being opened when they are open";
    EXPECT_EQ(bench.state.stats().counters.closed_for(CloseReason::renewed), 3U);
    bench.run_jobs();
    EXPECT_EQ(bench.state.stats().idle, 2U);
}

TEST(PoolState, a_session_granted_before_a_renewal_and_not_collected_is_not_lent) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    const SlotId slot = bench.take();
    Waiter waiter;
    bench.borrow(waiter);
    bench.give_back(slot);
    bench.state.renew(bench.now);
    EXPECT_EQ(bench.state.collect(waiter, bench.now).answer, Answer::wait);
    bench.run_jobs();
    EXPECT_EQ(bench.state.collect(waiter, bench.now).answer, Answer::lend);
}

TEST(PoolState, a_session_renewed_while_its_borrower_checks_it_is_not_lent) {
    Bench bench(sized(1, 1));
    bench.run_jobs();
    bench.now += 1s;
    Waiter waiter;
    const Borrowing borrowing = bench.borrow(waiter);
    bench.state.renew(bench.now);
    EXPECT_EQ(bench.state.validated(waiter, borrowing.slot, PingOutcome::alive, bench.now).answer,
              Answer::wait);
}

TEST(PoolState, a_lost_session_invalidates_all_as_old_as_it_and_none_younger) {
    Bench bench(sized(3, 3));
    bench.run_jobs();
    const SlotId one = bench.take();
    const SlotId two = bench.take();
    bench.state.report_lost(one, bench.now);
    EXPECT_EQ(bench.state.stats().idle, 0U);
    bench.state.give_back(one, ReturnedAs::broken, bench.now);
    bench.run_jobs();
    const std::size_t young = bench.state.stats().idle;
    EXPECT_EQ(young, 2U);
    bench.state.report_lost(two, bench.now);  // It died of the same.
    EXPECT_EQ(bench.state.stats().idle, young);
}

// Failure of opening --------------------------------------------------------------------------------------------------

TEST(PoolState, tells_newcomers_the_cause_at_once_when_the_database_is_down_and_nothing_is_lent) {
    Bench bench(sized(0, 2));
    Waiter first;
    EXPECT_EQ(bench.borrow(first).answer, Answer::wait);
    bench.fail_one_opening();
    EXPECT_EQ(first.state, WaitState::queued) << "it may recover in time";
    Waiter newcomer;
    EXPECT_EQ(bench.borrow(newcomer).refusal, Refusal::database_down);
    EXPECT_EQ(bench.state.open_cause().failure, FailureClass::lost);
    EXPECT_GT(bench.state.retry_after(Refusal::database_down, bench.now), 0ms);
    EXPECT_LE(bench.state.retry_after(Refusal::database_down, bench.now), 100ms);
}

TEST(PoolState, waits_when_a_session_is_lent_although_opening_fails) {
    Bench bench(sized(1, 2));
    bench.run_jobs();
    const SlotId slot = bench.take();
    bench.fail_one_opening();
    Waiter waiter;
    EXPECT_EQ(bench.borrow(waiter).answer, Answer::wait);
    bench.give_back(slot);
    EXPECT_EQ(bench.state.collect(waiter, bench.now).answer, Answer::lend);
}

TEST(PoolState, tries_one_opening_at_a_time_with_growing_pauses_while_they_fail) {
    Bench bench(sized(0, 8));
    std::array<Waiter, 4> waiters;
    for (Waiter& waiter : waiters) bench.borrow(waiter, 1h);
    std::vector<std::chrono::milliseconds> pauses;
    EXPECT_EQ(bench.state.jobs_ready(bench.now), 4U);
    bench.fail_one_opening();
    for (int attempt = 0; attempt < 5; ++attempt) {
        std::chrono::milliseconds pause{0};
        while (bench.state.jobs_ready(bench.now) == 0) {
            bench.now += 10ms;
            pause += 10ms;
        }
        EXPECT_EQ(bench.state.jobs_ready(bench.now), 1U);
        pauses.push_back(pause);
        bench.fail_one_opening();
    }
    EXPECT_EQ(pauses, (std::vector<std::chrono::milliseconds>{100ms, 200ms, 400ms, 800ms, 1600ms}));
    EXPECT_LE(bench.state.housekeep(bench.now), bench.now + 3200ms) << "it asks to be called for the next";
}

TEST(PoolState, tells_those_who_wait_once_openings_have_failed_for_long) {
    Bench bench(sized(0, 1));
    Waiter waiter;
    bench.borrow(waiter, 1h);
    const auto begun = bench.now;
    while (waiter.state == WaitState::queued) {
        if (bench.state.jobs_ready(bench.now) > 0) bench.fail_one_opening();
        bench.now += 10ms;
    }
    EXPECT_EQ(bench.resolved(), 1U);
    EXPECT_EQ(bench.state.collect(waiter, bench.now).refusal, Refusal::database_down);
    EXPECT_GE(bench.now - begun, 3s);
    EXPECT_LE(bench.now - begun, 4s);
}

TEST(PoolState, a_refused_login_is_told_at_once_and_hardly_ever_repeated) {
    PoolOptions options = sized(0, 4);
    Bench bench(options);
    Waiter waiter;
    bench.borrow(waiter, 1h);
    bench.fail_one_opening(FailureClass::refused_login);
    EXPECT_EQ(bench.state.collect(waiter, bench.now).refusal, Refusal::database_down);
    static_cast<void>(bench.resolved());
    std::size_t attempts = 0;
    for (const auto end = bench.now + 1h; bench.now < end; bench.now += 1s) {
        Waiter newcomer;
        if (bench.borrow(newcomer, 0ms).answer == Answer::lend) FAIL();
        if (bench.state.jobs_ready(bench.now) > 0) {
            bench.fail_one_opening(FailureClass::refused_login);
            ++attempts;
        }
    }
    EXPECT_GE(attempts, 10U);
    EXPECT_LE(attempts, 20U) << "5, 10, 20 ... 300 s apart";
}

TEST(PoolState, a_refused_newcomer_makes_the_pool_try_again_in_its_time) {
    Bench bench(sized(0, 1));
    Waiter first;
    bench.borrow(first, 1h);
    bench.fail_one_opening();
    EXPECT_TRUE(bench.state.give_up(first));
    Waiter second;
    EXPECT_EQ(bench.borrow(second).refusal, Refusal::database_down);
    EXPECT_EQ(bench.state.jobs_ready(bench.now), 0U);
    bench.now += 100ms;
    EXPECT_EQ(bench.state.jobs_ready(bench.now), 1U);
    bench.run_jobs();
    Waiter third;
    EXPECT_EQ(bench.borrow(third).answer, Answer::lend);
}

TEST(PoolState, openings_that_fail_side_by_side_count_as_one_failure) {
    Bench bench(sized(0, 4));
    std::array<Waiter, 4> waiters;
    for (Waiter& waiter : waiters) bench.borrow(waiter);
    const auto jobs = bench.jobs();
    ASSERT_EQ(jobs.size(), 4U);
    bench.now += 5ms;
    for (const PoolJob& job : jobs)
        bench.state.open_failed(job.slot, fake_failure(FailureClass::lost), bench.now);
    bench.now += 100ms;
    EXPECT_EQ(bench.state.jobs_ready(bench.now), 1U) << "the pause has not doubled";
}

TEST(PoolState, a_waiter_whose_deadline_passes_while_the_database_is_down_learns_the_cause) {
    Bench bench(sized(0, 1));
    Waiter waiter;
    bench.borrow(waiter, 1s);
    bench.fail_one_opening();
    EXPECT_TRUE(bench.state.give_up(waiter));
    EXPECT_EQ(waiter.refusal, Refusal::database_down);
    EXPECT_EQ(bench.state.stats().counters.timed_out, 1U);
}

}  // namespace pool_state_test
}  // namespace majed::pool
