// SPDX-License-Identifier: Apache-2.0
#include "source/health_watch.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace majed::source {
namespace {

using namespace std::chrono_literals;
using pool::BreakerStatus;
using pool::CircuitBreaker;

const Error unanswered{
    .code = ErrorCode::unavailable, .message = "it is gone", .failure = FailureClass::lost};

/// A database that answers or not, behind a breaker, under one clock.
struct Ward {
    Ward() {
        pool::BreakerOptions options;
        options.failure_threshold = 3;
        options.open_for = 30s;
        breaker =
            *CircuitBreaker::create(options, {.now = [this] { return now; }, .random = [] { return 0.0; }});
    }

    std::unique_ptr<HealthWatch> watch(Requirement requirement = Requirement::required) {
        WatchedSource source;
        source.name = "sales";
        source.make = "sqlite";
        source.requirement = requirement;
        source.check = [this](CheckKind kind, Deadline) -> Result<std::chrono::nanoseconds> {
            asked.push_back(kind);
            now += 5ms;
            if (!answers) {
                return unanswered;
            }
            return std::chrono::nanoseconds(5ms);
        };
        source.pool = [this] { return use; };
        source.measures = [this] {
            ++measured;
            return std::vector<HealthMeasure>{{"walSize", 4096, "bytes"}};
        };
        source.breaker = breaker.get();
        return std::make_unique<HealthWatch>(std::move(source), [this] { return now; });
    }

    SteadyClock::time_point now{1000h};
    bool answers = true;
    PoolUse use;
    int measured = 0;
    std::vector<CheckKind> asked;
    std::unique_ptr<CircuitBreaker> breaker;
};

TEST(HealthWatch, remembers_the_answer_and_asks_nobody_to_tell_it) {
    Ward ward;
    const auto watch = ward.watch();
    EXPECT_EQ(watch->health().answer.output, "not checked yet");
    watch->look();
    for (int i = 0; i < 100; ++i) {
        const SourceHealth health = watch->health();
        EXPECT_EQ(health.level, HealthLevel::pass);
        EXPECT_EQ(health.name, "sales");
        EXPECT_EQ(health.make, "sqlite");
        EXPECT_EQ(health.response_time, 5ms);
        EXPECT_EQ(health.measures.at(0).name, "walSize");
    }
    EXPECT_EQ(ward.asked.size(), 1U);
    EXPECT_EQ(ward.measured, 1);
}

TEST(HealthWatch, opens_the_breaker_by_its_failures_and_asks_no_more) {
    Ward ward;
    const auto watch = ward.watch();
    watch->look();
    ward.answers = false;
    for (int i = 0; i < 10; ++i) {
        watch->look();
    }
    EXPECT_EQ(ward.breaker->state(), BreakerStatus::open);
    EXPECT_EQ(ward.asked.size(), 4U);
    EXPECT_EQ(watch->health().level, HealthLevel::fail);
    EXPECT_EQ(watch->health().breaker_view->status, BreakerStatus::open);
    EXPECT_EQ(watch->health().last_failure, FailureClass::lost);
}

TEST(HealthWatch, brings_the_source_back_through_half_open_by_new_connections) {
    Ward ward;
    const auto watch = ward.watch();
    ward.answers = false;
    for (int i = 0; i < 3; ++i) {
        watch->look();
    }
    ASSERT_EQ(ward.breaker->state(), BreakerStatus::open);
    ward.answers = true;
    ward.now += 30s;
    ward.asked.clear();
    watch->look();
    EXPECT_EQ(ward.breaker->state(), BreakerStatus::half_open);
    EXPECT_EQ(watch->health().level, HealthLevel::fail) << "one answer is not enough to come up";
    watch->look();
    EXPECT_EQ(ward.breaker->state(), BreakerStatus::closed);
    EXPECT_EQ(watch->health().level, HealthLevel::pass);
    watch->look();
    EXPECT_EQ(ward.asked, (std::vector{CheckKind::probe, CheckKind::probe, CheckKind::routine}));
}

TEST(HealthWatch, does_not_hide_failing_statements_behind_its_own_pings) {
    Ward ward;
    const auto watch = ward.watch();
    for (int i = 0; i < 3; ++i) {
        ward.breaker->admit()->failed(unanswered, 1ms);
        watch->look();
    }
    EXPECT_EQ(ward.breaker->state(), BreakerStatus::open);
}

TEST(HealthWatch, does_not_add_up_lost_answers_with_good_ones_between) {
    Ward ward;
    const auto watch = ward.watch();
    for (int day = 0; day < 10; ++day) {
        ward.answers = false;
        watch->look();
        ward.answers = true;
        watch->look();
        ward.now += 24h;
    }
    EXPECT_EQ(ward.breaker->state(), BreakerStatus::closed);
    EXPECT_EQ(ward.breaker->snapshot().failures_in_a_row, 0U);
}

TEST(HealthWatch, looks_sooner_while_something_changes) {
    Ward ward;
    const auto watch = ward.watch();
    EXPECT_EQ(watch->next_look(), 1s) << "nothing is known yet";
    watch->look();
    EXPECT_EQ(watch->next_look(), 10s);
    ward.answers = false;
    watch->look();
    EXPECT_EQ(watch->next_look(), 1s);
}

TEST(HealthWatch, is_there_when_the_breaker_has_waited) {
    Ward ward;
    const auto watch = ward.watch();
    ward.answers = false;
    for (int i = 0; i < 3; ++i) {
        watch->look();
    }
    EXPECT_EQ(watch->next_look(), 10s) << "the breaker waits for 30";
    ward.now += 26s;
    EXPECT_EQ(watch->next_look(), 4s);
    ward.now += 4s;
    EXPECT_EQ(watch->next_look(), 1s);
    ward.answers = true;
    watch->look();
    EXPECT_EQ(watch->next_look(), 1s) << "half open: one more to go";
    watch->look();
    EXPECT_EQ(watch->next_look(), 10s);
}

TEST(HealthWatch, sees_the_pool_as_it_is_now) {
    Ward ward;
    const auto watch = ward.watch();
    watch->look();
    ward.use = {.in_use = 4, .waiting = 2, .max = 4};
    EXPECT_EQ(watch->health().level, HealthLevel::warn);
    EXPECT_EQ(watch->health().pool_use.waiting, 2U);
    ward.use = {.idle = 4, .max = 4};
    EXPECT_EQ(watch->health().level, HealthLevel::pass);
}

TEST(HealthWatch, leaves_an_absent_source_alone) {
    Ward ward;
    const auto watch = ward.watch(Requirement::absent);
    watch->look();
    EXPECT_TRUE(ward.asked.empty());
    EXPECT_EQ(ward.measured, 0);
    EXPECT_EQ(watch->health().level, HealthLevel::pass);
}

TEST(HealthWatch, does_without_breaker_pool_and_measures) {
    bool interrupted = false;
    WatchedSource source;
    source.check = [](CheckKind, Deadline) -> Result<std::chrono::nanoseconds> { return 1ms; };
    HealthWatch bare(source, [] { return SteadyClock::time_point(1h); });
    bare.look();
    bare.interrupt();
    EXPECT_EQ(bare.health().level, HealthLevel::pass);
    source.interrupt = [&] { interrupted = true; };
    HealthWatch(source, [] { return SteadyClock::time_point(1h); }).interrupt();
    EXPECT_TRUE(interrupted);
}

}  // namespace
}  // namespace majed::source
