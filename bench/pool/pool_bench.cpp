// SPDX-License-Identifier: Apache-2.0
// Acquire and release, with nothing done in between, beside a plain mutex over a vector in the same program. Threads
// and sessions as in the arguments; time is of one acquire and release as one thread sees it, CPU likewise.
// bench/pool/hikari/run.sh runs HikariCP over an equal stub. Goal: below HikariCP at 1, 2, 8 and 32 threads.
#include "core/mutex.h"
#include "driver/lendable.h"
#include "pool/connection_pool.h"

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <vector>

namespace majed::bench {
namespace {

class Stub final : public driver::Lendable {
public:
    Result<void> ping(Deadline) override { return {}; }
    Result<void> reset(Deadline) override { return {}; }
    void interrupt() noexcept override {}
    [[nodiscard]] bool reusable() const noexcept override { return true; }
    void abandon() noexcept override {}
};

/// What a pool without any promise costs.
class PlainPool {
public:
    explicit PlainPool(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) idle_.push_back(std::make_unique<Stub>());
    }
    std::unique_ptr<driver::Lendable> take() {
        const Lock lock(mutex_);
        while (idle_.empty()) returned_.wait(mutex_);
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
    }
    void give_back(std::unique_ptr<driver::Lendable> session) {
        {
            const Lock lock(mutex_);
            idle_.push_back(std::move(session));
        }
        returned_.notify_one();
    }

private:
    Mutex mutex_;
    std::condition_variable_any returned_;
    std::vector<std::unique_ptr<driver::Lendable>> idle_ MAJED_GUARDED_BY(mutex_);
};

std::unique_ptr<pool::ConnectionPool> full_pool(std::size_t size) {
    pool::PoolOptions options;
    options.min = size;
    options.max = size;
    options.max_opening = size;
    auto started = pool::ConnectionPool::start(
        options,
        [](Deadline) -> Result<std::unique_ptr<driver::Lendable>> { return std::make_unique<Stub>(); });
    if (!started) std::abort();
    while ((*started)->stats().idle < size) {
    }
    return std::move(*started);
}

std::unique_ptr<pool::ConnectionPool> connection_pool;
std::unique_ptr<PlainPool> plain_pool;

void acquire_and_release(benchmark::State& state) {
    for ([[maybe_unused]] auto turn : state) {
        auto lease = connection_pool->acquire(Deadline::max(), "bench");
        if (!lease) std::abort();
        benchmark::DoNotOptimize(&**lease);
    }
}

void plain_mutex_and_vector(benchmark::State& state) {
    for ([[maybe_unused]] auto turn : state) {
        auto session = plain_pool->take();
        benchmark::DoNotOptimize(session.get());
        plain_pool->give_back(std::move(session));
    }
}

void set_up_pool(const benchmark::State& state) {
    connection_pool = full_pool(static_cast<std::size_t>(state.range(0)));
}
void tear_down_pool(const benchmark::State&) {
    connection_pool.reset();
}
void set_up_plain(const benchmark::State& state) {
    plain_pool = std::make_unique<PlainPool>(static_cast<std::size_t>(state.range(0)));
}
void tear_down_plain(const benchmark::State&) {
    plain_pool.reset();
}

void shapes(benchmark::internal::Benchmark* bench, int sessions, int threads) {
    bench->Arg(sessions)->ArgName("sessions")->Threads(threads)->UseRealTime()->MeasureProcessCPUTime();
}

[[maybe_unused]] const bool registered = [] {
    constexpr int cases[][2] = {{16, 1}, {16, 2}, {16, 8}, {32, 8}, {32, 32}, {16, 32}};
    for (const auto& [sessions, threads] : cases) {
        auto* ours = benchmark::RegisterBenchmark("connection_pool", acquire_and_release);
        shapes(ours, sessions, threads);
        ours->Setup(set_up_pool)->Teardown(tear_down_pool);
        auto* plain = benchmark::RegisterBenchmark("plain_mutex_and_vector", plain_mutex_and_vector);
        shapes(plain, sessions, threads);
        plain->Setup(set_up_plain)->Teardown(tear_down_plain);
    }
    return true;
}();

}  // namespace
}  // namespace majed::bench
