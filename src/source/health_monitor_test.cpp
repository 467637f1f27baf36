// SPDX-License-Identifier: Apache-2.0
#include "source/health_monitor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

namespace majed::source {
namespace {

using namespace std::chrono_literals;

using Answer = Result<std::chrono::nanoseconds>;

WatchedSource watched(std::string name, std::function<Answer()> check) {
    WatchedSource source;
    source.name = std::move(name);
    source.options.interval = 24h;  // Nothing happens twice by itself.
    source.options.recheck = 24h;
    source.check = [check = std::move(check)](CheckKind, Deadline) { return check(); };
    return source;
}

ErrorCode refusal_of(std::vector<WatchedSource> sources) {
    auto made = HealthMonitor::create(std::move(sources));
    return made ? ErrorCode::internal : made.error().code;
}

TEST(HealthMonitor, refuses_sources_it_cannot_watch) {
    const auto fine = [] { return Answer(1ms); };
    EXPECT_EQ(refusal_of({watched("a", fine), watched("a", fine)}), ErrorCode::invalid_argument);
    WatchedSource blind;
    EXPECT_EQ(refusal_of({blind}), ErrorCode::invalid_argument);
    WatchedSource restless = watched("a", fine);
    restless.options.interval = 0ms;
    EXPECT_EQ(refusal_of({restless}), ErrorCode::invalid_argument);
    std::vector<WatchedSource> many;
    many.reserve(257);
    for (int i = 0; i < 257; ++i) {
        many.push_back(watched(std::to_string(i), fine));
    }
    EXPECT_EQ(refusal_of(many), ErrorCode::invalid_argument);
}

TEST(HealthMonitor, is_not_ready_before_required_sources_were_checked) {
    const auto monitor = *HealthMonitor::create({watched("a", [] { return Answer(1ms); })});
    EXPECT_FALSE(monitor->report().ready());
    EXPECT_EQ(monitor->report().level, HealthLevel::fail);
}

TEST(HealthMonitor, checks_each_source_on_a_thread_of_its_own) {
    // Each check ends only when the other has begun.
    std::latch both(2);
    std::latch done(2);
    const auto check = [&] {
        both.arrive_and_wait();
        done.count_down();
        return Answer(1ms);
    };
    WatchedSource absent;
    absent.name = "oracle";
    absent.requirement = Requirement::absent;
    const auto monitor = *HealthMonitor::create({watched("a", check), watched("b", check), absent});
    ASSERT_TRUE(monitor->start());
    ASSERT_TRUE(monitor->start()) << "again: nothing";
    done.wait();
    monitor->stop();
    const HealthReport report = monitor->report();
    EXPECT_TRUE(report.ready());
    EXPECT_EQ(report.level, HealthLevel::pass);
    ASSERT_EQ(report.sources.size(), 3U);
    EXPECT_EQ(report.sources[0].name, "a");
    EXPECT_EQ(report.sources[2].requirement, Requirement::absent);
}

TEST(HealthMonitor, looks_again_when_told_to) {
    std::counting_semaphore<> looked(0);
    std::atomic<int> looks{0};
    const auto monitor = *HealthMonitor::create({watched("a", [&] {
        ++looks;
        looked.release();
        return Answer(1ms);
    })});
    ASSERT_TRUE(monitor->start());
    for (int i = 0; i < 5; ++i) {
        looked.acquire();
        monitor->look_now();
    }
    looked.acquire();
    monitor->stop();
    EXPECT_EQ(looks, 6);
}

TEST(HealthMonitor, answers_from_memory_while_a_check_hangs_and_interrupts_it_to_stop) {
    std::binary_semaphore hanging(0);
    std::binary_semaphore let_go(0);
    WatchedSource source = watched("a", [&] {
        hanging.release();
        let_go.acquire();
        return Answer(Error{.code = ErrorCode::cancelled, .message = {}, .failure = FailureClass::cancelled});
    });
    source.interrupt = [&] { let_go.release(); };
    const auto monitor = *HealthMonitor::create({source});
    ASSERT_TRUE(monitor->start());
    hanging.acquire();
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(monitor->report().sources.at(0).liveness, Liveness::unknown);
    }
    monitor->stop();
    monitor->stop();
    EXPECT_EQ(monitor->start().error().code, ErrorCode::unsupported) << "what was interrupted stays so";
}

TEST(HealthMonitor, stops_a_long_wait_at_once) {
    std::latch looked(1);
    auto monitor = *HealthMonitor::create({watched("a", [&] {
        looked.count_down();
        return Answer(1ms);
    })});
    ASSERT_TRUE(monitor->start());
    looked.wait();
    monitor.reset();  // Waits for a day if it does not.
}

TEST(HealthMonitor, can_be_asked_by_many_while_it_looks) {
    const auto monitor = *HealthMonitor::create({watched("a", [] { return Answer(1ms); }), watched("b", [] {
                                                     return Answer(Error{ErrorCode::unavailable, "gone"});
                                                 })});
    ASSERT_TRUE(monitor->start());
    {
        std::vector<std::jthread> askers;
        askers.reserve(3);
        for (int i = 0; i < 3; ++i) {
            askers.emplace_back([&] {
                for (int n = 0; n < 300; ++n) {
                    monitor->look_now();
                    EXPECT_EQ(monitor->report().sources.size(), 2U);
                }
            });
        }
    }
    monitor->stop();
}

}  // namespace
}  // namespace majed::source
