// SPDX-License-Identifier: Apache-2.0
// What PoolState makes of its owner's orders, and of every event in every place.
#include "pool/pool_state.h"

#include "driver/fake_lendable.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace majed::pool {
namespace pool_state_orders_test {

using namespace std::chrono_literals;
using driver::fake_failure;
using Answer = Borrowing::Answer;
using Kind = PoolJob::Kind;

PoolOptions sized(std::size_t min, std::size_t max) {
    PoolOptions options;
    options.min = min;
    options.max = max;
    options.max_opening = max;
    return options;
}

const PoolState::Time noon = PoolState::Time{} + 12h;

void run_jobs(PoolState& state, PoolState::Time now) {
    while (const auto job = state.take_job(now)) {
        if (job->kind == Kind::open) state.opened(job->slot, now);
        if (job->kind == Kind::close) state.closed(job->slot);
        if (job->kind == Kind::ping) state.pinged(job->slot, PingOutcome::alive, now);
    }
}

Borrowing borrow(PoolState& state, Waiter& waiter, PoolState::Time now) {
    waiter.borrower = {"test"};
    waiter.since = now;
    waiter.deadline = now + 1h;
    return state.borrow(waiter, now);
}

std::vector<PoolEvent> events_of(PoolState& state) {
    std::vector<PoolEvent> events;
    state.take_events(events);
    return events;
}

// State x event -------------------------------------------------------------------------------------------------------

enum class Event {
    open_ok,
    open_fails,
    give_back_clean,
    give_back_broken,
    give_back_invalid,
    report_lost,
    ping_alive,
    ping_dead,
    ping_lost,
    close_done,
    renew,
    suspend,
    end,
    shrink,
    lifetime_over
};

struct Row {
    const char* name;
    Place from;
    std::vector<Event> events;
    Place to;              ///< When nobody waits,
    Place to_with_waiter;  ///< and when somebody does.
};

/// A pool of at most one session (two before `shrink`), that session in the place wanted.
class OneSession {
public:
    explicit OneSession(Place from) : state(options(), 3) {
        if (from == Place::vacant) return;
        slot = state.take_job(now)->slot;
        if (from == Place::opening) return;
        state.opened(slot, now);
        if (from == Place::idle) return;
        if (from == Place::pinging) {
            now += 70s;
            static_cast<void>(state.housekeep(now));
            EXPECT_EQ(state.take_job(now)->kind, Kind::ping);
            return;
        }
        EXPECT_TRUE(state.try_borrow({"test"}, now));
        if (from == Place::closing) {
            state.give_back(slot, ReturnedAs::broken, now);
            EXPECT_EQ(state.take_job(now)->kind, Kind::close);
        }
    }

    void apply(Event event) {
        switch (event) {
            case Event::open_ok:
                return state.opened(slot, now);
            case Event::open_fails:
                return state.open_failed(slot, fake_failure(FailureClass::lost), now);
            case Event::give_back_clean:
                return state.give_back(slot, ReturnedAs::clean, now);
            case Event::give_back_broken:
                return state.give_back(slot, ReturnedAs::broken, now);
            case Event::give_back_invalid:
                return state.give_back(slot, ReturnedAs::invalid, now);
            case Event::report_lost:
                return state.report_lost(slot, now);
            case Event::ping_alive:
                return state.pinged(slot, PingOutcome::alive, now);
            case Event::ping_dead:
                return state.pinged(slot, PingOutcome::dead, now);
            case Event::ping_lost:
                return state.pinged(slot, PingOutcome::lost, now);
            case Event::close_done:
                return state.closed(slot);
            case Event::renew:
                return state.renew(now);
            case Event::suspend:
                return state.suspend();
            case Event::end:
                return state.end(now);
            case Event::shrink:
                return state.resize(0, 1, now);
            case Event::lifetime_over:
                now += 2h;
                static_cast<void>(state.housekeep(now));
                return;
        }
    }

    [[nodiscard]] Place place() const {
        const PoolStats stats = state.stats();
        if (stats.idle > 0) return Place::idle;
        if (stats.lent > 0) return Place::lent;
        if (stats.opening > 0) return Place::opening;
        if (stats.pinging > 0) return Place::pinging;
        return stats.closing > 0 ? Place::closing : Place::vacant;
    }

    static PoolOptions options() {
        PoolOptions options = sized(1, 1);
        options.keepalive = 60s;
        options.idle_timeout = 0ms;
        options.max_lifetime = 1h;
        return options;
    }

    PoolState::Time now = noon;
    PoolState state;
    SlotId slot = 0;
};

const std::vector<Row>& rows() {
    using E = Event;
    using P = Place;
    static const std::vector<Row> all{
        {"opened", P::opening, {E::open_ok}, P::idle, P::lent},
        {"opening failed", P::opening, {E::open_fails}, P::vacant, P::vacant},
        {"opened after renew", P::opening, {E::renew, E::open_ok}, P::closing, P::closing},
        {"opened while suspended", P::opening, {E::suspend, E::open_ok}, P::idle, P::idle},
        {"opened after the end", P::opening, {E::end, E::open_ok}, P::closing, P::closing},
        {"opening failed after the end", P::opening, {E::end, E::open_fails}, P::vacant, P::vacant},
        {"idle, renewed", P::idle, {E::renew}, P::closing, P::lent},
        {"idle, suspended", P::idle, {E::suspend}, P::idle, P::lent},
        {"idle at the end", P::idle, {E::end}, P::closing, P::lent},
        {"idle, too old", P::idle, {E::lifetime_over}, P::closing, P::lent},
        {"returned clean", P::lent, {E::give_back_clean}, P::idle, P::lent},
        {"returned broken", P::lent, {E::give_back_broken}, P::closing, P::closing},
        {"returned invalid", P::lent, {E::give_back_invalid}, P::closing, P::closing},
        {"lost in use", P::lent, {E::report_lost}, P::lent, P::lent},
        {"lost, then returned clean", P::lent, {E::report_lost, E::give_back_clean}, P::closing, P::closing},
        {"lent, renewed", P::lent, {E::renew}, P::lent, P::lent},
        {"lent, renewed, returned", P::lent, {E::renew, E::give_back_clean}, P::closing, P::closing},
        {"lent, too old", P::lent, {E::lifetime_over}, P::lent, P::lent},
        {"lent, too old, returned", P::lent, {E::lifetime_over, E::give_back_clean}, P::closing, P::closing},
        {"lent at the end", P::lent, {E::end}, P::lent, P::lent},
        {"lent, end, returned", P::lent, {E::end, E::give_back_clean}, P::closing, P::closing},
        {"returned while suspended", P::lent, {E::suspend, E::give_back_clean}, P::idle, P::idle},
        {"kept alive", P::pinging, {E::ping_alive}, P::idle, P::lent},
        {"found dead", P::pinging, {E::ping_dead}, P::closing, P::closing},
        {"found lost", P::pinging, {E::ping_lost}, P::closing, P::closing},
        {"kept alive after renew", P::pinging, {E::renew, E::ping_alive}, P::closing, P::closing},
        {"kept alive while suspended", P::pinging, {E::suspend, E::ping_alive}, P::idle, P::idle},
        {"kept alive after the end", P::pinging, {E::end, E::ping_alive}, P::closing, P::closing},
        {"kept alive, too old", P::pinging, {E::lifetime_over, E::ping_alive}, P::closing, P::closing},
        {"closed", P::closing, {E::close_done}, P::vacant, P::vacant},
        {"closing, renewed", P::closing, {E::renew}, P::closing, P::closing},
        {"closing, lifetime over", P::closing, {E::lifetime_over}, P::closing, P::closing},
        {"closed after the end", P::closing, {E::end, E::close_done}, P::vacant, P::vacant},
    };
    return all;
}

TEST(PoolStateTable, every_event_moves_a_session_where_it_belongs) {
    for (const Row& row : rows()) {
        for (const bool somebody_waits : {false, true}) {
            OneSession one(row.from);
            Waiter waiter;
            if (somebody_waits) borrow(one.state, waiter, one.now);
            for (const Event event : row.events) {
                one.apply(event);
                EXPECT_EQ(one.state.audit().value_or(""), "") << row.name;
            }
            EXPECT_EQ(one.place(), somebody_waits ? row.to_with_waiter : row.to)
                << row.name << (somebody_waits ? ", somebody waits" : "");
        }
    }
}

// Orders --------------------------------------------------------------------------------------------------------------

TEST(PoolStateOrders, a_suspended_pool_lends_opens_and_pings_nothing_and_serves_in_order_when_resumed) {
    PoolState state(sized(2, 4), 1);
    run_jobs(state, noon);
    state.suspend();
    std::array<Waiter, 3> waiters;
    for (Waiter& waiter : waiters) EXPECT_EQ(borrow(state, waiter, noon).answer, Answer::wait);
    static_cast<void>(state.housekeep(noon + 10min));
    EXPECT_EQ(state.jobs_ready(noon + 10min), 0U);
    state.resume(noon);
    EXPECT_EQ(waiters[0].state, WaitState::granted);
    EXPECT_EQ(waiters[1].state, WaitState::granted);
    EXPECT_EQ(waiters[2].state, WaitState::queued);
    run_jobs(state, noon);
    EXPECT_EQ(waiters[2].state, WaitState::granted);
}

TEST(PoolStateOrders, a_waiter_of_a_suspended_pool_may_give_up) {
    PoolState state(sized(1, 1), 1);
    run_jobs(state, noon);
    state.suspend();
    Waiter waiter;
    borrow(state, waiter, noon);
    EXPECT_TRUE(state.give_up(waiter));
    EXPECT_EQ(waiter.refusal, Refusal::timed_out);
}

TEST(PoolStateOrders, growing_serves_those_who_wait) {
    PoolState state(sized(0, 1), 1);
    std::array<Waiter, 3> waiters;
    for (Waiter& waiter : waiters) borrow(state, waiter, noon);
    run_jobs(state, noon);
    EXPECT_EQ(state.stats().lent, 1U);
    state.resize(0, 3, noon);
    run_jobs(state, noon);
    EXPECT_EQ(state.stats().lent, 3U);
    EXPECT_EQ(state.audit().value_or(""), "");
}

TEST(PoolStateOrders, shrinking_closes_idle_sessions_now_and_lent_ones_when_they_come_back) {
    PoolState state(sized(4, 4), 1);
    run_jobs(state, noon);
    const auto one = state.try_borrow({"test"}, noon);
    const auto two = state.try_borrow({"test"}, noon);
    state.resize(1, 1, noon);
    run_jobs(state, noon);
    EXPECT_EQ(state.stats().total, 2U);
    state.give_back(*one, ReturnedAs::clean, noon);
    run_jobs(state, noon);
    EXPECT_EQ(state.stats().total, 1U);
    state.give_back(*two, ReturnedAs::clean, noon);
    run_jobs(state, noon);
    EXPECT_EQ(state.stats().total, 1U);
    EXPECT_EQ(state.stats().idle, 1U);
    EXPECT_EQ(state.stats().counters.closed_for(CloseReason::shrunk), 3U);
    EXPECT_EQ(state.audit().value_or(""), "");
}

TEST(PoolStateOrders, an_ended_pool_refuses_those_who_wait_and_those_who_come) {
    PoolState state(sized(1, 1), 1);
    run_jobs(state, noon);
    const auto slot = state.try_borrow({"test"}, noon);
    Waiter waiting;
    borrow(state, waiting, noon);
    state.end(noon);
    EXPECT_EQ(state.collect(waiting, noon).refusal, Refusal::pool_ended);
    Waiter late;
    EXPECT_EQ(borrow(state, late, noon).refusal, Refusal::pool_ended);
    EXPECT_EQ(state.stats().counters.cancelled, 2U);
    state.give_back(*slot, ReturnedAs::clean, noon);
    run_jobs(state, noon);
    EXPECT_EQ(state.total(), 0U);
    state.end(noon);
    EXPECT_EQ(state.jobs_ready(noon), 0U) << "the end comes once";
}

TEST(PoolStateOrders, a_session_granted_before_the_end_and_not_collected_is_closed) {
    PoolState state(sized(1, 1), 1);
    run_jobs(state, noon);
    const auto slot = state.try_borrow({"test"}, noon);
    Waiter waiter;
    borrow(state, waiter, noon);
    state.give_back(*slot, ReturnedAs::clean, noon);
    state.end(noon);
    EXPECT_EQ(state.collect(waiter, noon).refusal, Refusal::pool_ended);
    run_jobs(state, noon);
    EXPECT_EQ(state.total(), 0U);
}

TEST(PoolStateOrders, a_pinned_session_is_not_closed_before_it_is_let_go) {
    PoolState state(sized(1, 1), 1);
    run_jobs(state, noon);
    const auto slot = state.try_borrow({"test"}, noon);
    state.end(noon);
    EXPECT_EQ(state.pin_lent(), std::vector<SlotId>{*slot});
    EXPECT_TRUE(state.pin_lent().empty()) << "nobody is interrupted twice";
    state.give_back(*slot, ReturnedAs::clean, noon);
    EXPECT_FALSE(state.take_job(noon));
    state.unpin(*slot);
    EXPECT_TRUE(state.take_job(noon));
}

TEST(PoolStateOrders, reports_a_leak_with_its_borrower_and_its_end) {
    PoolOptions options = sized(1, 1);
    options.leak_threshold = 2s;
    PoolState state(options, 1);
    run_jobs(state, noon);
    events_of(state);
    const auto slot = state.try_borrow({"catalogue", BOOST_CURRENT_LOCATION}, noon);
    EXPECT_LE(state.housekeep(noon + 1s), noon + 3s);
    EXPECT_EQ(state.stats().leaked, 0U);
    static_cast<void>(state.housekeep(noon + 2s));
    static_cast<void>(state.housekeep(noon + 9s));
    auto events = events_of(state);
    ASSERT_EQ(events.size(), 1U) << "once";
    EXPECT_EQ(events[0].kind, PoolEventKind::leak_reported);
    EXPECT_EQ(events[0].borrower.purpose, "catalogue");
    EXPECT_EQ(events[0].borrower.file(), "pool_state_orders_test.cpp");
    EXPECT_EQ(events[0].span, 2s);
    EXPECT_EQ(state.stats().leaked, 1U);
    state.give_back(*slot, ReturnedAs::clean, noon + 10s);
    events = events_of(state);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].kind, PoolEventKind::leak_returned);
    EXPECT_EQ(events[0].span, 10s);
    EXPECT_EQ(state.stats().leaked, 0U);
    EXPECT_EQ(state.stats().counters.leaks, 1U);
}

TEST(PoolStateOrders, drops_events_beyond_its_bound_and_counts_them) {
    PoolState state(sized(0, 1), 1);
    for (int turn = 0; turn < 300; ++turn) state.renew(noon);
    EXPECT_EQ(events_of(state).size(), 256U);
    EXPECT_EQ(state.stats().counters.events_dropped, 44U);
}

TEST(PoolStateOrders, short_uses_between_two_measured_ones_are_counted_by_the_next) {
    PoolState state(sized(1, 1), 1);
    run_jobs(state, noon);
    EXPECT_TRUE(state.is_worth_measuring(noon));
    EXPECT_FALSE(state.is_worth_measuring(noon + 1ms));
    for (int turn = 0; turn < 9; ++turn) {
        const auto slot = state.try_borrow({"test"}, noon);
        state.give_back(*slot, ReturnedAs::clean, noon);
    }
    const auto slot = state.try_borrow({"test"}, noon);
    state.give_back(*slot, ReturnedAs::clean, noon, 3us);
    const auto other = state.try_borrow({"test"}, noon);
    state.give_back(*other, ReturnedAs::clean, noon + 20ms);
    EXPECT_EQ(state.stats().use_time.count(), 11U);
    EXPECT_EQ(state.stats().use_time.sum(), 30us + 20ms);
}

TEST(PoolStateOrders, says_when_to_come_back_by_how_long_sessions_are_used) {
    PoolState state(sized(1, 1), 1);
    run_jobs(state, noon);
    EXPECT_EQ(state.retry_after(Refusal::queue_full, noon), 100ms);
    const auto slot = state.try_borrow({"test"}, noon);
    state.give_back(*slot, ReturnedAs::clean, noon + 4s);
    EXPECT_EQ(state.retry_after(Refusal::queue_full, noon), 4s);
}

}  // namespace pool_state_orders_test
}  // namespace majed::pool
