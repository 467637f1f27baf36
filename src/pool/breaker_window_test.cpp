// SPDX-License-Identifier: Apache-2.0
#include "pool/breaker_window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace majed::pool {
namespace breaker_window_test {

using namespace std::chrono_literals;
using TimePoint = SteadyClock::time_point;

constexpr TimePoint start{1000h};
constexpr WindowCall good{};
constexpr WindowCall bad{true, false};
constexpr WindowCall slow{false, true};

BreakerWindow of_calls(std::uint32_t calls) {
    BreakerOptions options;
    options.window = WindowKind::calls;
    options.window_calls = calls;
    return {options, start};
}

BreakerWindow of_seconds(std::chrono::seconds span) {
    BreakerOptions options;
    options.window = WindowKind::time;
    options.window_span = span;
    return {options, start};
}

TEST(BreakerWindow, of_no_kind_counts_nothing) {
    BreakerWindow window(BreakerOptions{}, start);
    window.record(bad, start);
    EXPECT_EQ(window.counts(start), WindowCounts{});
}

TEST(BreakerWindow, of_calls_forgets_the_oldest_call_first) {
    BreakerWindow window = of_calls(3);
    window.record(bad, start);
    window.record(slow, start);
    window.record(good, start);
    EXPECT_EQ(window.counts(start), (WindowCounts{3, 1, 1}));
    window.record(good, start);
    EXPECT_EQ(window.counts(start), (WindowCounts{3, 0, 1}));
    window.record({true, true}, start);
    EXPECT_EQ(window.counts(start), (WindowCounts{3, 1, 1}));
}

TEST(BreakerWindow, of_calls_does_not_care_about_time) {
    BreakerWindow window = of_calls(3);
    window.record(bad, start);
    EXPECT_EQ(window.counts(start + 1000h), (WindowCounts{1, 1, 0}));
}

TEST(BreakerWindow, of_seconds_forgets_by_whole_seconds) {
    BreakerWindow window = of_seconds(5s);
    window.record(bad, start + 900ms);
    window.record(good, start + 1s);
    EXPECT_EQ(window.counts(start + 4999ms), (WindowCounts{2, 1, 0}));
    EXPECT_EQ(window.counts(start + 5s), (WindowCounts{1, 0, 0}));
    EXPECT_EQ(window.counts(start + 6s), WindowCounts{});
}

TEST(BreakerWindow, of_seconds_is_empty_after_a_long_silence) {
    BreakerWindow window = of_seconds(5s);
    window.record(bad, start);
    window.record(bad, start + 4s);
    window.record(good, start + 1000h);
    EXPECT_EQ(window.counts(start + 1000h), (WindowCounts{1, 0, 0}));
}

TEST(BreakerWindow, of_seconds_takes_a_clock_read_a_little_earlier) {
    BreakerWindow window = of_seconds(5s);
    window.record(good, start + 3s);
    window.record(bad, start + 2s);
    window.record(bad, start - 1s);
    EXPECT_EQ(window.counts(start + 3s), (WindowCounts{3, 2, 0}));
}

TEST(BreakerWindow, is_empty_once_cleared) {
    BreakerWindow window = of_seconds(5s);
    window.record(bad, start + 3s);
    window.clear(start + 4s);
    EXPECT_EQ(window.counts(start + 4s), WindowCounts{});
    window.record(slow, start + 4s);
    EXPECT_EQ(window.counts(start + 4s), (WindowCounts{1, 0, 1}));
}

/// The same by keeping every call.
struct Remembered {
    std::uint64_t second;
    WindowCall call;
};

WindowCounts counted(const std::deque<Remembered>& calls) {
    WindowCounts counts;
    for (const Remembered& one : calls) {
        ++counts.calls;
        counts.failures += one.call.failed ? 1 : 0;
        counts.slow += one.call.slow ? 1 : 0;
    }
    return counts;
}

TEST(BreakerWindow, agrees_with_a_list_of_every_call) {
    std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same calls every time
    BreakerWindow seconds = of_seconds(10s);
    BreakerWindow calls = of_calls(17);
    std::deque<Remembered> in_seconds;
    std::deque<Remembered> in_calls;
    auto now = start;
    for (int step = 0; step < 20000; ++step) {
        now += std::chrono::milliseconds(random() % 10 == 0 ? random() % 15000 : random() % 400);
        const auto second = static_cast<std::uint64_t>((now - start) / 1s);
        const Remembered one{second, {random() % 3 == 0, random() % 4 == 0}};
        seconds.record(one.call, now);
        calls.record(one.call, now);
        in_seconds.push_back(one);
        in_calls.push_back(one);
        while (in_seconds.front().second + 10 <= second) {
            in_seconds.pop_front();
        }
        if (in_calls.size() > 17) {
            in_calls.pop_front();
        }
        ASSERT_EQ(seconds.counts(now), counted(in_seconds)) << step;
        ASSERT_EQ(calls.counts(now), counted(in_calls)) << step;
    }
}

}  // namespace breaker_window_test
}  // namespace majed::pool
