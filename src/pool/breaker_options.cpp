// SPDX-License-Identifier: Apache-2.0
#include "pool/breaker_options.h"

#include <array>
#include <string>
#include <string_view>

namespace majed::pool {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds longest = 24h;
constexpr std::chrono::milliseconds longest_login_retry = 7 * 24h;

struct Rule {
    bool holds;
    std::string_view text;
};

/// Written so that a NaN is outside.
bool within(double value, double low, double high) {
    return value >= low && value <= high;
}

bool spans_time(std::chrono::milliseconds span) {
    return span >= 1ms && span <= longest;
}

}  // namespace

BreakerOptions sqlite_breaker_options() noexcept {
    BreakerOptions options;
    options.failure_threshold = 3;
    options.open_for = 30s;
    return options;
}

Result<void> check(const BreakerOptions& o) {
    const bool windowed = o.window != WindowKind::none;
    const bool by_calls = o.window == WindowKind::calls;
    const std::array rules{
        Rule{o.failure_threshold != 0 || windowed,
             "failure_threshold must be at least 1 where no window is set"},
        Rule{spans_time(o.open_for), "open_for must be between 1 ms and 24 h"},
        Rule{o.open_max >= o.open_for && o.open_max <= longest, "open_max must be between open_for and 24 h"},
        Rule{within(o.open_growth, 1.0, 10.0), "open_growth must be between 1 and 10"},
        Rule{within(o.jitter, 0.0, 1.0), "jitter must be between 0 and 1"},
        Rule{o.successes_to_close >= 1 && o.successes_to_close <= 1000,
             "successes_to_close must be between 1 and 1000"},
        Rule{o.half_open_permits >= 1 && o.half_open_permits <= 1000,
             "half_open_permits must be between 1 and 1000"},
        Rule{spans_time(o.half_open_max_age), "half_open_max_age must be between 1 ms and 24 h"},
        Rule{spans_time(o.login_retry), "login_retry must be between 1 ms and 24 h"},
        Rule{o.login_retry_max >= o.login_retry && o.login_retry_max <= longest_login_retry,
             "login_retry_max must be between login_retry and 168 h"},
        Rule{!by_calls || (o.window_calls >= 1 && o.window_calls <= 100000),
             "window_calls must be between 1 and 100000"},
        Rule{o.window != WindowKind::time || (o.window_span >= 1s && o.window_span <= 1h),
             "window_span must be between 1 s and 1 h"},
        Rule{!windowed || o.minimum_calls >= 1, "minimum_calls must be at least 1"},
        Rule{!by_calls || o.minimum_calls <= o.window_calls, "minimum_calls must not be above window_calls"},
        Rule{!windowed || (o.failure_rate > 0.0 && o.failure_rate <= 1.0),
             "failure_rate must be above 0 and at most 1"},
        Rule{!windowed || (o.slow_rate > 0.0 && o.slow_rate <= 1.0),
             "slow_rate must be above 0 and at most 1"},
        Rule{o.slow_call_duration >= 0ms && o.slow_call_duration <= longest,
             "slow_call_duration must be between 0 and 24 h"},
    };
    for (const Rule& rule : rules) {
        if (!rule.holds) {
            return Error{ErrorCode::invalid_argument, "breaker: " + std::string(rule.text)};
        }
    }
    return {};
}

}  // namespace majed::pool
