// SPDX-License-Identifier: Apache-2.0
// What the breaker costs a call that is let through, and how quickly it turns one away (required: below a microsecond).
#include "pool/circuit_breaker.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>

namespace {

using namespace std::chrono_literals;
using majed::pool::BreakerOptions;
using majed::pool::CircuitBreaker;
using majed::pool::WindowKind;

std::unique_ptr<CircuitBreaker> plain_breaker() {
    return *CircuitBreaker::create(BreakerOptions{});
}

std::unique_ptr<CircuitBreaker> windowed_breaker() {
    BreakerOptions options;
    options.window = WindowKind::time;
    options.slow_call_duration = 1s;
    return *CircuitBreaker::create(options);
}

std::unique_ptr<CircuitBreaker> open_breaker() {
    auto breaker = plain_breaker();
    const majed::Error gone{
        .code = majed::ErrorCode::unavailable, .message = "gone", .failure = majed::FailureClass::lost};
    while (auto permit = breaker->admit()) {
        permit->failed(gone, 1ms);
    }
    return breaker;
}

void admit_and_succeed(benchmark::State& state, CircuitBreaker& breaker) {
    for ([[maybe_unused]] const auto turn : state) {
        auto permit = breaker.admit();
        permit->succeeded(1ms);
    }
}

void closed(benchmark::State& state) {
    static const auto breaker = plain_breaker();
    admit_and_succeed(state, *breaker);
}
BENCHMARK(closed)->Threads(1)->Threads(8)->Threads(32)->UseRealTime();

void closed_with_a_time_window(benchmark::State& state) {
    static const auto breaker = windowed_breaker();
    admit_and_succeed(state, *breaker);
}
BENCHMARK(closed_with_a_time_window)->Threads(1)->Threads(8)->UseRealTime();

void open_turns_away(benchmark::State& state) {
    static const auto breaker = open_breaker();
    for ([[maybe_unused]] const auto turn : state) {
        auto refused = breaker->admit();
        benchmark::DoNotOptimize(refused);
    }
}
BENCHMARK(open_turns_away)->Threads(1)->Threads(8)->Threads(32)->UseRealTime();

}  // namespace
