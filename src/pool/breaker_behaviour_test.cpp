// SPDX-License-Identifier: Apache-2.0
// What users of other breakers rely on: the behaviours that the suites of resilience4j, gobreaker and Polly pin, and what
// their users complained of, said for this one.
#include "pool/breaker_fixture.h"
#include "pool/breaker_state.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace majed::pool {
namespace breaker_behaviour_test {

using namespace std::chrono_literals;

BreakerOptions rate_options() {
    BreakerOptions options = plain_options();
    options.failure_threshold = 0;
    options.window = WindowKind::calls;
    options.window_calls = 5;
    options.minimum_calls = 5;
    options.failure_rate = 0.5;
    options.slow_rate = 0.5;
    options.slow_call_duration = 4s;
    options.open_for = 5s;
    return options;
}

// --- failures in a row

TEST(Breaker, is_closed_and_has_counted_nothing_at_first) {
    const BreakerMachine machine;
    const BreakerSnapshot view = machine.snapshot();
    EXPECT_EQ(view.status, BreakerStatus::closed);
    EXPECT_EQ(view.cause, FailureClass::none);
    EXPECT_FALSE(view.last_failure);
    EXPECT_FALSE(view.retry_after);
    EXPECT_EQ(view.counters.admitted, 0U);
}

TEST(Breaker, opens_at_the_threshold_and_not_before) {
    BreakerMachine machine;
    for (int i = 0; i < 4; ++i) {
        machine.fail();
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    machine.fail(FailureClass::exhausted);
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().reason, TripReason::failures_in_a_row);
    EXPECT_EQ(machine.snapshot().cause, FailureClass::exhausted);
    EXPECT_EQ(machine.snapshot().failures_in_a_row, 5U);
}

TEST(Breaker, counts_failures_in_a_row_only) {
    BreakerMachine machine;
    for (int i = 0; i < 100; ++i) {
        machine.fail();
        machine.fail();
        machine.fail();
        machine.fail();
        machine.succeed();
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    EXPECT_EQ(machine.snapshot().counters.failed, 400U);
    EXPECT_EQ(machine.snapshot().failures_in_a_row, 0U);
}

TEST(Breaker, never_opens_for_errors_that_say_nothing_about_the_database) {
    BreakerMachine machine;
    for (const FailureClass failure :
         {FailureClass::user_error, FailureClass::contention, FailureClass::cancelled, FailureClass::none,
          FailureClass::timeout, FailureClass::read_only}) {
        for (int i = 0; i < 1000; ++i) {
            EXPECT_TRUE(machine.fail(failure));
        }
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    EXPECT_EQ(machine.snapshot().counters.ignored, 6000U);
    EXPECT_EQ(machine.snapshot().counters.failed, 0U);
}

TEST(Breaker, does_not_let_ignored_calls_interrupt_a_row_of_failures) {
    BreakerMachine machine;
    for (int i = 0; i < 5; ++i) {
        machine.fail(FailureClass::user_error);
        machine.fail(FailureClass::lost);
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
}

// --- open

TEST(Breaker, lets_no_attempt_through_while_open_and_says_when_to_come_back) {
    BreakerMachine machine;
    machine.open();
    machine.pass(20s);
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(machine.admit());
        EXPECT_EQ(machine.last.retry_after, 40s);
    }
    EXPECT_EQ(machine.snapshot().counters.rejected, 100U);
    EXPECT_EQ(machine.snapshot().retry_after, 40s);
}

TEST(Breaker, is_half_open_when_the_wait_is_over_to_the_nanosecond) {
    BreakerMachine machine;
    machine.open();
    machine.pass(60s - 1ns);
    EXPECT_FALSE(machine.admit());
    EXPECT_EQ(machine.last.retry_after, 1ms) << "rounded up, never 0";
    machine.pass(1ns);
    EXPECT_TRUE(machine.admit());
    EXPECT_TRUE(machine.last.probe);
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
}

TEST(Breaker, stays_open_by_itself_until_somebody_asks) {
    BreakerMachine machine;
    machine.open();
    machine.pass(24h);
    EXPECT_EQ(machine.snapshot().status, BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().retry_after, 0ms);
    EXPECT_FALSE(machine.state.opening_allowed(machine.now)) << "work in the background is no probe";
}

TEST(Breaker, waits_longer_each_time_up_to_a_cap_until_it_really_closes) {
    BreakerOptions options = plain_options();
    options.open_max = 300s;
    options.successes_to_close = 2;
    BreakerMachine machine(options);
    machine.open();
    for (const auto wait : {60s, 120s, 240s, 300s, 300s}) {
        EXPECT_EQ(machine.snapshot().retry_after, wait);
        machine.pass(wait);
        machine.succeed();  // One success is no close.
        machine.fail();
        EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    }
    machine.pass(300s);
    machine.succeed();
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    machine.open();
    EXPECT_EQ(machine.snapshot().retry_after, 60s);
}

TEST(Breaker, adds_chance_to_the_wait_and_never_takes_away) {
    BreakerOptions options;
    options.jitter = 0.2;
    BreakerMachine least(options, 0.0);
    BreakerMachine most(options, 1.0);
    BreakerMachine broken(options, -7.0);
    least.open();
    most.open();
    broken.open();
    EXPECT_EQ(least.snapshot().retry_after, 60s);
    EXPECT_EQ(most.snapshot().retry_after, 72s);
    EXPECT_EQ(broken.snapshot().retry_after, 60s);
}

TEST(Breaker, survives_the_end_of_time) {
    BreakerMachine machine;
    machine.now = SteadyClock::time_point::max() - 10s;
    machine.open();
    EXPECT_EQ(machine.snapshot().retry_after, 10s);
    EXPECT_FALSE(machine.admit());
    machine.now = SteadyClock::time_point::max();
    EXPECT_TRUE(machine.admit());
}

TEST(Breaker, grows_its_wait_without_overflow_however_often_it_reopens) {
    BreakerMachine machine;
    machine.open();
    for (int i = 0; i < 5000; ++i) {
        machine.pass(machine.snapshot().retry_after.value_or(0ms));
        ASSERT_TRUE(machine.fail());
        ASSERT_LE(machine.snapshot().retry_after, 600s);
    }
}

// --- half open

TEST(Breaker, closes_after_enough_successes) {
    BreakerMachine machine;
    machine.half_open();
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
    EXPECT_EQ(machine.snapshot().half_open_successes, 1U);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    EXPECT_EQ(machine.snapshot().cause, FailureClass::none);
    EXPECT_EQ(machine.snapshot().openings, 0U);
}

TEST(Breaker, goes_closed_half_open_open_half_open_closed) {
    BreakerMachine machine;
    machine.half_open();
    machine.fail();
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().reason, TripReason::probe_failed);
    EXPECT_FALSE(machine.admit());
    machine.pass(120s);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    EXPECT_EQ(machine.transitions(), 5U);
}

TEST(Breaker, reopens_at_the_first_failure_even_after_successes) {
    BreakerOptions options = plain_options();
    options.successes_to_close = 10;
    BreakerMachine machine(options);
    machine.half_open();
    for (int i = 0; i < 9; ++i) {
        machine.succeed();
    }
    machine.fail();
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
}

TEST(Breaker, lets_exactly_its_permits_out_while_half_open) {
    BreakerOptions options = plain_options();
    options.half_open_permits = 4;
    BreakerMachine machine(options);
    machine.half_open();
    std::vector<std::uint64_t> out;
    for (int i = 0; i < 4; ++i) {
        out.push_back(machine.admit().value_or(0));
        EXPECT_NE(out.back(), 0U);
    }
    EXPECT_FALSE(machine.admit());
    EXPECT_FALSE(machine.admit());
    EXPECT_GT(machine.last.retry_after, 0ms);
    machine.record(out[0], {});
    EXPECT_TRUE(machine.admit());
    EXPECT_FALSE(machine.admit());
}

TEST(Breaker, lets_exactly_one_through_when_many_come_at_the_moment_of_transition) {
    BreakerMachine machine;
    machine.open();
    machine.pass(60s);
    int through = 0;
    for (int i = 0; i < 100; ++i) {
        through += machine.admit() ? 1 : 0;
    }
    EXPECT_EQ(through, 1);
}

TEST(Breaker, gives_back_the_permit_of_an_ignored_call_and_counts_it_neither_way) {
    BreakerMachine machine;
    machine.half_open();
    machine.succeed();
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(machine.fail(FailureClass::user_error));
        EXPECT_TRUE(machine.fail(FailureClass::cancelled));
        EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
        EXPECT_EQ(machine.snapshot().half_open_successes, 1U);
    }
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

TEST(Breaker, is_not_stuck_half_open_when_a_call_never_comes_back) {
    BreakerMachine machine;
    machine.half_open();
    const auto lost = machine.admit();
    ASSERT_TRUE(lost);
    machine.pass(60s - 1ns);
    EXPECT_FALSE(machine.admit());
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
    machine.pass(1ns);
    EXPECT_FALSE(machine.admit());
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().reason, TripReason::probe_lost);
    machine.record(*lost, success_after(60s));
    EXPECT_EQ(machine.state.status(), BreakerStatus::open) << "its result came too late";
    machine.pass(120s);
    machine.succeed();
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

TEST(Breaker, drops_a_half_open_result_that_is_too_old_whoever_brings_it) {
    BreakerMachine machine;
    machine.half_open();
    const auto slow = machine.admit();
    ASSERT_TRUE(slow);
    machine.pass(61s);
    machine.record(*slow, success_after(61s));
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().counters.late, 1U);
}

TEST(Breaker, does_not_reopen_for_want_of_calls) {
    BreakerMachine machine;
    machine.half_open();
    machine.succeed();
    machine.pass(10h);
    EXPECT_TRUE(machine.succeed());
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

TEST(Breaker, takes_a_slow_success_for_a_failure_while_half_open) {
    BreakerMachine machine(rate_options());
    machine.open();
    machine.pass(5s);
    machine.call(success_after(4s));
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
}

TEST(Breaker, does_not_reopen_for_a_heavy_query_where_slowness_is_not_measured) {
    BreakerMachine machine;
    machine.half_open();
    machine.call(success_after(10s));
    machine.call(end_of(FailureClass::timeout, 30s));
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

// --- generations

TEST(Breaker, drops_results_of_earlier_generations) {
    BreakerMachine machine;
    const auto first = machine.admit();
    const auto second = machine.admit();
    const auto third = machine.admit();
    machine.open();
    machine.record(first.value_or(0), success_after());
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    machine.pass(60s);
    const auto probe = machine.admit();
    ASSERT_TRUE(probe);
    machine.record(second.value_or(0), end_of(FailureClass::lost));
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open) << "the failure is from before";
    EXPECT_FALSE(machine.admit()) << "a late result gives no permit back";
    machine.record(*probe, success_after());
    machine.succeed();
    ASSERT_EQ(machine.state.status(), BreakerStatus::closed);
    machine.record(third.value_or(0), end_of(FailureClass::lost));
    EXPECT_EQ(machine.snapshot().failures_in_a_row, 0U);
    EXPECT_EQ(machine.snapshot().counters.late, 3U);
}

// --- rates

TEST(Breaker, opens_when_the_failure_rate_reaches_its_threshold_exactly) {
    BreakerOptions options = rate_options();
    options.window_calls = 4;
    options.minimum_calls = 4;
    BreakerMachine machine(options);
    machine.fail();
    machine.fail();
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed) << "too few calls to judge";
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().reason, TripReason::failure_rate);
    EXPECT_EQ(machine.snapshot().cause, FailureClass::lost);
    EXPECT_EQ(machine.told_of(BreakerEventKind::failure_rate_exceeded), 1U);
}

TEST(Breaker, opens_when_the_slow_call_rate_reaches_its_threshold) {
    BreakerMachine machine(rate_options());
    machine.call(success_after(5s));
    machine.call(success_after(5s));
    machine.call(success_after(100ms));
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    machine.fail(FailureClass::timeout);
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
    EXPECT_EQ(machine.snapshot().reason, TripReason::slow_rate);
    EXPECT_EQ(machine.told_of(BreakerEventKind::slow_rate_exceeded), 1U);
    EXPECT_EQ(machine.snapshot().counters.slow, 3U);
}

TEST(Breaker, does_not_judge_rates_on_ignored_calls) {
    BreakerMachine machine(rate_options());
    machine.fail();
    machine.fail();
    for (int i = 0; i < 100; ++i) {
        machine.fail(FailureClass::user_error);
        machine.call(end_of(FailureClass::contention, 10s));
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
    EXPECT_EQ(machine.snapshot().window, (WindowCounts{2, 2, 0}));
}

TEST(Breaker, forgets_old_calls_of_a_time_window) {
    BreakerOptions options = rate_options();
    options.window = WindowKind::time;
    options.window_span = 10s;
    BreakerMachine machine(options);
    for (int i = 0; i < 50; ++i) {
        machine.fail();
        machine.pass(3s);
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed) << "never five within ten seconds";
    for (int i = 0; i < 3; ++i) {
        machine.fail();
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::open);
}

TEST(Breaker, begins_with_an_empty_window_after_a_close) {
    BreakerMachine machine(rate_options());
    machine.open();
    machine.pass(5s);
    machine.succeed();
    machine.succeed();
    ASSERT_EQ(machine.state.status(), BreakerStatus::closed);
    EXPECT_EQ(machine.snapshot().window, WindowCounts{});
}

// --- refused logins

TEST(Breaker, asks_no_more_after_one_refused_login) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    EXPECT_EQ(machine.state.status(), BreakerStatus::login_refused);
    EXPECT_FALSE(machine.admit());
    EXPECT_EQ(machine.last.retry_after, 60s);
    EXPECT_EQ(machine.snapshot().reason, TripReason::refused_login);
}

TEST(Breaker, tries_a_refused_login_once_per_interval_that_grows) {
    BreakerOptions options = plain_options();
    options.login_retry = 60s;
    options.login_retry_max = 10min;
    BreakerMachine machine(options);
    machine.fail(FailureClass::refused_login);
    int logins = 0;
    const auto end = machine.now + 60min;
    while (machine.now < end) {
        logins += machine.fail(FailureClass::refused_login) ? 1 : 0;
        machine.pass(1s);
    }
    // After 1, 3, 7, 15, then every 10 minutes.
    EXPECT_EQ(logins, 8);
    EXPECT_EQ(machine.state.status(), BreakerStatus::login_refused);
    EXPECT_EQ(machine.transitions(), 1U);
}

TEST(Breaker, sends_one_login_at_a_time) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    const auto probe = machine.admit();
    ASSERT_TRUE(probe);
    EXPECT_TRUE(machine.last.probe);
    EXPECT_FALSE(machine.admit());
    EXPECT_TRUE(machine.state.opening_allowed(machine.now));
}

TEST(Breaker, does_not_hammer_when_callers_give_up_during_the_login) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    machine.fail(FailureClass::cancelled);
    EXPECT_FALSE(machine.admit()) << "it may have been refused unseen";
    EXPECT_EQ(machine.last.retry_after, 60s);
}

TEST(Breaker, closes_after_a_login_was_taken_by_way_of_half_open) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::half_open);
    EXPECT_EQ(machine.snapshot().half_open_successes, 1U);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

TEST(Breaker, closes_at_once_after_a_login_where_one_success_is_enough) {
    BreakerOptions options = plain_options();
    options.successes_to_close = 1;
    BreakerMachine machine(options);
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    machine.succeed();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

TEST(Breaker, forgets_refusals_when_it_really_closed) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    machine.fail(FailureClass::refused_login);
    machine.pass(120s);
    machine.succeed();
    machine.succeed();
    ASSERT_EQ(machine.state.status(), BreakerStatus::closed);
    machine.fail(FailureClass::refused_login);
    EXPECT_EQ(machine.snapshot().retry_after, 60s);
}

TEST(Breaker, remembers_refusals_across_an_outage) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    machine.fail(FailureClass::lost);
    ASSERT_EQ(machine.state.status(), BreakerStatus::open);
    machine.pass(60s);
    machine.fail(FailureClass::refused_login);
    ASSERT_EQ(machine.state.status(), BreakerStatus::login_refused);
    EXPECT_EQ(machine.snapshot().retry_after, 120s) << "the second refusal waits longer than the first";
}

TEST(Breaker, tries_the_login_again_when_a_probe_does_not_come_back) {
    BreakerMachine machine;
    machine.fail(FailureClass::refused_login);
    machine.pass(60s);
    ASSERT_TRUE(machine.admit());
    machine.pass(60s);
    EXPECT_FALSE(machine.admit());
    EXPECT_EQ(machine.last.retry_after, 120s);
    machine.pass(120s);
    EXPECT_TRUE(machine.admit());
}

// --- operators

TEST(Breaker, forced_open_stays_so_whatever_the_time) {
    BreakerMachine machine;
    machine.keep(machine.state.force_open(machine.now));
    machine.pass(1000h);
    EXPECT_FALSE(machine.admit());
    EXPECT_EQ(machine.last.retry_after, 60s);
    machine.keep(machine.state.reset(machine.now));
    EXPECT_TRUE(machine.succeed());
}

TEST(Breaker, disabled_lets_everything_through_and_counts_nothing) {
    BreakerMachine machine;
    machine.keep(machine.state.disable(machine.now));
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(machine.fail());
        EXPECT_TRUE(machine.fail(FailureClass::refused_login));
    }
    EXPECT_EQ(machine.state.status(), BreakerStatus::disabled);
    EXPECT_EQ(machine.snapshot().counters.failed, 0U);
    EXPECT_EQ(machine.told_of(BreakerEventKind::failed), 0U);
}

TEST(Breaker, says_nothing_when_an_operator_repeats_himself) {
    BreakerMachine machine;
    machine.keep(machine.state.force_open(machine.now));
    machine.keep(machine.state.force_open(machine.now));
    EXPECT_EQ(machine.transitions(), 1U);
}

TEST(Breaker, forgets_everything_at_a_reset) {
    BreakerMachine machine;
    machine.open();
    machine.pass(60s);
    machine.fail();
    machine.keep(machine.state.reset(machine.now));
    const BreakerSnapshot view = machine.snapshot();
    EXPECT_EQ(view.status, BreakerStatus::closed);
    EXPECT_EQ(view.failures_in_a_row, 0U);
    EXPECT_EQ(view.openings, 0U);
    EXPECT_FALSE(view.last_failure);
    EXPECT_EQ(machine.told_of(BreakerEventKind::reset), 1U);
    machine.fail();
    EXPECT_EQ(machine.state.status(), BreakerStatus::closed);
}

TEST(Breaker, at_a_reset_of_a_closed_one_drops_what_is_under_way) {
    BreakerMachine machine;
    const auto before = machine.admit();
    machine.keep(machine.state.reset(machine.now));
    machine.record(before.value_or(0), end_of(FailureClass::lost));
    EXPECT_EQ(machine.snapshot().failures_in_a_row, 0U);
    EXPECT_EQ(machine.transitions(), 0U);
}

TEST(Breaker, tells_every_kind_of_event) {
    BreakerMachine machine;
    const auto late = machine.admit();
    machine.succeed();
    machine.fail(FailureClass::user_error);
    machine.open();
    machine.admit();
    machine.record(late.value_or(0), success_after());
    EXPECT_EQ(machine.told_of(BreakerEventKind::succeeded), 1U);
    EXPECT_EQ(machine.told_of(BreakerEventKind::ignored), 1U);
    EXPECT_EQ(machine.told_of(BreakerEventKind::failed), 5U);
    EXPECT_EQ(machine.told_of(BreakerEventKind::rejected), 1U);
    EXPECT_EQ(machine.told_of(BreakerEventKind::late), 1U);
    EXPECT_EQ(machine.transitions(), 1U);
}

}  // namespace breaker_behaviour_test
}  // namespace majed::pool
