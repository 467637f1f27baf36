// SPDX-License-Identifier: Apache-2.0
#include "pool/circuit_breaker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace majed::pool {
namespace circuit_breaker_test {

using namespace std::chrono_literals;

static_assert(!std::is_copy_constructible_v<CircuitBreaker::Permit>);
static_assert(std::is_nothrow_move_constructible_v<CircuitBreaker::Permit>);

struct Clock {
    std::atomic<std::int64_t> nanoseconds{3600'000'000'000};
    void pass(std::chrono::nanoseconds span) { nanoseconds += span.count(); }
    [[nodiscard]] SteadyClock::time_point now() const {
        return SteadyClock::time_point(std::chrono::nanoseconds(nanoseconds.load()));
    }
};

BreakerWiring wired_to(const Clock& clock) {
    return {.now = [&clock] { return clock.now(); }, .random = [] { return 0.0; }};
}

BreakerOptions quick_options() {
    BreakerOptions options;
    options.failure_threshold = 3;
    options.open_for = 10s;
    return options;
}

Error failure(FailureClass what) {
    return {.code = ErrorCode::unavailable, .message = "it is gone", .failure = what};
}

void fail(CircuitBreaker& breaker, FailureClass what = FailureClass::lost) {
    if (auto permit = breaker.admit()) {
        permit->failed(failure(what), 1ms);
    }
}

void open(CircuitBreaker& breaker) {
    while (breaker.state() == BreakerStatus::closed) {
        fail(breaker);
    }
}

std::string refusal_of(CircuitBreaker& breaker) {
    auto permit = breaker.admit();
    return permit ? "let through" : permit.error().message;
}

TEST(CircuitBreaker, refuses_options_that_make_no_sense) {
    BreakerOptions options;
    options.half_open_permits = 0;
    const auto made = CircuitBreaker::create(options);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
}

TEST(CircuitBreaker, works_with_the_steady_clock_and_chance_of_its_own) {
    const auto breaker = *CircuitBreaker::create(quick_options());
    open(*breaker);
    const auto refused = breaker->admit();
    ASSERT_FALSE(refused);
    EXPECT_GT(refused.error().retry_after, 9s);
    EXPECT_LE(refused.error().retry_after, 11s);
}

TEST(CircuitBreaker, turns_away_with_the_cause_and_the_time_to_come_back) {
    const Clock clock;
    const auto breaker = *CircuitBreaker::create(quick_options(), wired_to(clock));
    open(*breaker);
    const auto refused = breaker->admit();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().retry_after, 10s);
    EXPECT_EQ(refused.error().message, "the source is not asked for now: calls to it failed (lost)");
    EXPECT_EQ(refused.error().failure, FailureClass::none)
        << "a refusal of ours says nothing about the database";
}

TEST(CircuitBreaker, says_in_each_state_why_it_turns_away) {
    Clock clock;
    const auto breaker = *CircuitBreaker::create(quick_options(), wired_to(clock));
    open(*breaker);
    clock.pass(10s);
    auto probe = breaker->admit();
    ASSERT_TRUE(probe);
    EXPECT_TRUE(probe->is_probe());
    EXPECT_EQ(refusal_of(*breaker),
              "the source is being tried again by other calls; before, calls to it failed (lost)");
    probe->failed(failure(FailureClass::refused_login), 1ms);
    EXPECT_EQ(refusal_of(*breaker),
              "the database refuses the gateway's login; it is tried again later, one call at a time "
              "(refused_login)");
    breaker->force_open("maintenance at the plant");
    EXPECT_EQ(refusal_of(*breaker), "an operator has taken the source out of service");
    EXPECT_EQ(breaker->snapshot().operator_reason, "maintenance at the plant");
    breaker->disable("drill");
    EXPECT_EQ(refusal_of(*breaker), "let through");
    breaker->reset();
    EXPECT_EQ(breaker->snapshot().operator_reason, "");
    EXPECT_EQ(breaker->state(), BreakerStatus::closed);
}

TEST(CircuitBreaker, says_that_calls_were_slow_or_never_came_back) {
    Clock clock;
    BreakerOptions options = quick_options();
    options.window = WindowKind::calls;
    options.minimum_calls = 1;
    options.slow_call_duration = 1s;
    const auto breaker = *CircuitBreaker::create(options, wired_to(clock));
    breaker->admit()->succeeded(2s);
    EXPECT_EQ(refusal_of(*breaker), "the source is not asked for now: too many calls to it were slow");
    clock.pass(10s);
    auto stuck = breaker->admit();
    clock.pass(60s);
    EXPECT_EQ(refusal_of(*breaker), "the source is not asked for now: a trial call to it did not come back");
}

TEST(Permit, is_given_back_without_a_word_by_its_destructor) {
    Clock clock;
    const auto breaker = *CircuitBreaker::create(quick_options(), wired_to(clock));
    open(*breaker);
    clock.pass(10s);
    for (int i = 0; i < 100; ++i) {
        auto permit = breaker->admit();
        ASSERT_TRUE(permit) << i;
        EXPECT_EQ(breaker->snapshot().permits_out, 1U);
    }
    EXPECT_EQ(breaker->snapshot().permits_out, 0U);
    EXPECT_EQ(breaker->snapshot().counters.ignored, 100U);
    EXPECT_EQ(breaker->state(), BreakerStatus::half_open);
}

TEST(Permit, tells_its_end_once) {
    const Clock clock;
    const auto breaker = *CircuitBreaker::create(quick_options(), wired_to(clock));
    {
        auto permit = breaker->admit();
        ASSERT_TRUE(permit);
        permit->failed(failure(FailureClass::lost), 1ms);
        permit->failed(failure(FailureClass::lost), 1ms);
        permit->succeeded(1ms);
    }
    EXPECT_EQ(breaker->snapshot().failures_in_a_row, 1U);
    EXPECT_EQ(breaker->snapshot().counters.succeeded, 0U);
    EXPECT_EQ(breaker->snapshot().permits_out, 0U);
}

TEST(Permit, moves_with_its_duty) {
    const Clock clock;
    const auto breaker = *CircuitBreaker::create(quick_options(), wired_to(clock));
    std::optional<CircuitBreaker::Permit> kept;
    {
        auto permit = breaker->admit();
        ASSERT_TRUE(permit);
        kept.emplace(std::move(*permit));
    }
    EXPECT_EQ(breaker->snapshot().permits_out, 1U);
    auto other = breaker->admit();
    ASSERT_TRUE(other);
    *kept = std::move(*other);
    EXPECT_EQ(breaker->snapshot().permits_out, 1U) << "what was overwritten is given back";
    kept->succeeded(1ms);
    EXPECT_EQ(breaker->snapshot().permits_out, 0U);
    EXPECT_EQ(breaker->snapshot().counters.succeeded, 1U);
}

TEST(Permit, judges_read_only_by_what_the_target_is_for) {
    const Clock clock;
    BreakerOptions options = quick_options();
    options.failure_threshold = 1;
    const auto reads = *CircuitBreaker::create(options, wired_to(clock));
    options.target = TargetUse::writes;
    const auto writes = *CircuitBreaker::create(options, wired_to(clock));
    fail(*reads, FailureClass::read_only);
    fail(*writes, FailureClass::read_only);
    EXPECT_EQ(reads->state(), BreakerStatus::closed);
    EXPECT_EQ(writes->state(), BreakerStatus::open);
}

TEST(CircuitBreaker, tells_transitions_to_a_listener_that_may_ask_it_anything) {
    Clock clock;
    CircuitBreaker* asked = nullptr;
    std::vector<BreakerStatus> seen;
    BreakerWiring wiring = wired_to(clock);
    wiring.on_event = [&](const BreakerEvent& event) {
        if (asked != nullptr) {  // Deadlocks when the lock is held.
            EXPECT_EQ(asked->state(), asked->snapshot().status);
            EXPECT_EQ(asked->opening_allowed(),
                      event.to == BreakerStatus::closed || event.to == BreakerStatus::half_open);
        }
        seen.push_back(event.to);
    };
    const auto breaker = *CircuitBreaker::create(quick_options(), std::move(wiring));
    open(*breaker);
    asked = breaker.get();
    clock.pass(10s);
    breaker->reset();
    // The reset, then its event: two.
    EXPECT_EQ(seen, (std::vector{BreakerStatus::open, BreakerStatus::closed, BreakerStatus::closed}));
}

TEST(CircuitBreaker, keeps_the_order_of_events_that_a_listener_causes) {
    const Clock clock;
    CircuitBreaker* forced = nullptr;
    std::vector<std::pair<BreakerStatus, BreakerStatus>> seen;
    int depth = 0;
    BreakerWiring wiring = wired_to(clock);
    wiring.on_event = [&](const BreakerEvent& event) {
        ++depth;
        EXPECT_EQ(depth, 1) << "one at a time";
        if (event.to == BreakerStatus::open && forced != nullptr) {
            forced->force_open("opened by itself");
        }
        seen.emplace_back(event.from, event.to);
        --depth;
    };
    const auto breaker = *CircuitBreaker::create(quick_options(), std::move(wiring));
    forced = breaker.get();
    open(*breaker);
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], std::pair(BreakerStatus::closed, BreakerStatus::open));
    EXPECT_EQ(seen[1], std::pair(BreakerStatus::open, BreakerStatus::forced_open));
}

TEST(CircuitBreaker, tells_single_calls_only_when_asked_to) {
    const Clock clock;
    int told = 0;
    BreakerWiring wiring = wired_to(clock);
    wiring.on_event = [&](const BreakerEvent&) { ++told; };
    const auto quiet = *CircuitBreaker::create(quick_options(), wiring);
    quiet->admit()->succeeded(1ms);
    EXPECT_EQ(told, 0);
    wiring.detail = EventDetail::calls;
    const auto chatty = *CircuitBreaker::create(quick_options(), wiring);
    chatty->admit()->succeeded(1ms);
    EXPECT_EQ(told, 1);
}

TEST(CircuitBreaker, loses_single_calls_and_no_transition_when_its_listener_is_stuck) {
    const Clock clock;
    CircuitBreaker* breaker_itself = nullptr;
    std::size_t transitions = 0;
    bool flooded = false;
    BreakerWiring wiring = wired_to(clock);
    wiring.detail = EventDetail::calls;
    wiring.on_event = [&](const BreakerEvent& event) {
        transitions += event.kind == BreakerEventKind::transition ? 1 : 0;
        if (std::exchange(flooded, true)) {
            return;
        }
        for (int i = 0; i < 5000; ++i) {
            breaker_itself->admit()->succeeded(1ms);
        }
        breaker_itself->force_open("");
    };
    const auto breaker = *CircuitBreaker::create(quick_options(), std::move(wiring));
    breaker_itself = breaker.get();
    breaker->admit()->succeeded(1ms);
    EXPECT_EQ(transitions, 1U);
    EXPECT_GT(breaker->snapshot().events_lost, 4000U);
}

/// What many threads see must be one story: each event begins where the one before it ended.
TEST(CircuitBreaker, tells_one_story_when_many_threads_use_it) {
    Clock clock;
    std::vector<BreakerEvent> told;  // Written by one thread at a time: that is the promise under test.
    BreakerWiring wiring = wired_to(clock);
    wiring.on_event = [&](const BreakerEvent& event) { told.push_back(event); };
    BreakerOptions options = quick_options();
    options.half_open_permits = 2;
    const auto breaker = *CircuitBreaker::create(options, std::move(wiring));
    std::atomic<int> probes{0};
    std::atomic<int> most_probes{0};
    constexpr int threads = 4;
    std::latch together(threads);
    {
        std::vector<std::jthread> running;
        running.reserve(threads);
        for (int thread = 0; thread < threads; ++thread) {
            running.emplace_back([&, thread] {
                together.arrive_and_wait();
                for (int i = 0; i < 3000; ++i) {
                    auto permit = breaker->admit();
                    if (!permit) {
                        clock.pass(1s);
                        continue;
                    }
                    const bool probe = permit->is_probe();
                    if (probe) {
                        const int now = ++probes;
                        for (int most = most_probes;
                             now > most && !most_probes.compare_exchange_weak(most, now);) {
                        }
                    }
                    // Before the end is told: after it another may be let through.
                    probes -= probe ? 1 : 0;
                    if ((i + thread) % 7 < 3) {
                        permit->failed(failure(FailureClass::lost), 1ms);
                    } else if (i % 5 != 0) {
                        permit->succeeded(1ms);
                    }
                }
            });
        }
    }
    EXPECT_LE(most_probes, 2);
    BreakerStatus at = BreakerStatus::closed;
    for (const BreakerEvent& event : told) {
        ASSERT_EQ(event.from, at);
        at = event.to;
    }
    const BreakerSnapshot view = breaker->snapshot();
    EXPECT_EQ(at, view.status);
    EXPECT_EQ(told.size(), view.counters.transitions);
    EXPECT_GT(view.counters.opened, 3U);
    EXPECT_EQ(view.permits_out, 0U);
    EXPECT_EQ(view.counters.admitted,
              view.counters.succeeded + view.counters.failed + view.counters.ignored + view.counters.late);
}

}  // namespace circuit_breaker_test
}  // namespace majed::pool
