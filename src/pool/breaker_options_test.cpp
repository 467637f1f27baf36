// SPDX-License-Identifier: Apache-2.0
#include "pool/breaker_options.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace majed::pool {
namespace breaker_options_test {

using namespace std::chrono_literals;

TEST(BreakerOptions, are_those_of_the_specification_by_default) {
    const BreakerOptions others;
    EXPECT_EQ(others.failure_threshold, 5U);
    EXPECT_EQ(others.open_for, 60s);
    const BreakerOptions sqlite = sqlite_breaker_options();
    EXPECT_EQ(sqlite.failure_threshold, 3U);
    EXPECT_EQ(sqlite.open_for, 30s);
    EXPECT_EQ(sqlite.successes_to_close, 2U);
    EXPECT_TRUE(check(others));
    EXPECT_TRUE(check(sqlite));
}

TEST(BreakerOptions, that_make_no_sense_are_refused_by_name) {
    struct Row {
        std::string named;
        std::function<void(BreakerOptions&)> spoil;
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<Row> rows{
        {"failure_threshold", [](auto& o) { o.failure_threshold = 0; }},
        {"open_for", [](auto& o) { o.open_for = 0ms; }},
        {"open_max", [](auto& o) { o.open_max = 59s; }},
        {"open_max", [](auto& o) { o.open_max = 25h; }},
        {"open_growth", [](auto& o) { o.open_growth = 0.5; }},
        {"open_growth", [nan](auto& o) { o.open_growth = nan; }},
        {"jitter", [](auto& o) { o.jitter = -0.1; }},
        {"successes_to_close", [](auto& o) { o.successes_to_close = 0; }},
        {"half_open_permits", [](auto& o) { o.half_open_permits = 0; }},
        {"half_open_max_age", [](auto& o) { o.half_open_max_age = 0ms; }},
        {"login_retry ", [](auto& o) { o.login_retry = 0ms; }},
        {"login_retry_max", [](auto& o) { o.login_retry_max = 1s; }},
        {"login_retry_max", [](auto& o) { o.login_retry_max = 169h; }},
        {"window_calls", [](auto& o) { o.window = WindowKind::calls, o.window_calls = 100001; }},
        {"window_span", [](auto& o) { o.window = WindowKind::time, o.window_span = 0s; }},
        {"minimum_calls", [](auto& o) { o.window = WindowKind::time, o.minimum_calls = 0; }},
        {"minimum_calls", [](auto& o) { o.window = WindowKind::calls, o.minimum_calls = 101; }},
        {"failure_rate", [](auto& o) { o.window = WindowKind::calls, o.failure_rate = 0.0; }},
        {"slow_rate", [](auto& o) { o.window = WindowKind::calls, o.slow_rate = 1.5; }},
        {"slow_call_duration", [](auto& o) { o.slow_call_duration = -1ms; }},
    };
    for (const Row& row : rows) {
        BreakerOptions options;
        row.spoil(options);
        const auto checked = check(options);
        ASSERT_FALSE(checked) << row.named;
        EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
        EXPECT_TRUE(checked.error().message.starts_with("breaker: " + row.named)) << checked.error().message;
    }
}

TEST(BreakerOptions, may_leave_failures_in_a_row_to_a_window) {
    BreakerOptions options;
    options.failure_threshold = 0;
    options.window = WindowKind::time;
    EXPECT_TRUE(check(options));
}

}  // namespace breaker_options_test
}  // namespace majed::pool
