/// What tests of a whole pool share: a pool over a scripted database, and patience that is never slept through.
///
/// Why      Every test of a pool needs the same few lines before its own.
/// Life     The database outlives the pool.
/// Threads  As ConnectionPool.
/// Not here The database (driver/fake_lendable.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/fake_lendable.h"
#include "pool/connection_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace majed::pool {

/// A guard against a hang; no test that passes waits for it.
[[nodiscard]] inline Deadline patient() {
    return SteadyClock::now() + std::chrono::minutes(2);
}
/// Tries once.
[[nodiscard]] inline Deadline at_once() {
    return Deadline::min();
}

[[nodiscard]] inline PoolOptions sized(std::size_t min, std::size_t max) {
    PoolOptions options;
    options.min = min;
    options.max = max;
    options.acquire_timeout = std::chrono::minutes(2);
    options.start = StartMode::background;
    return options;
}

[[nodiscard]] inline ConnectionPool::Open opener(driver::FakeDatabase& database) {
    return [&database](Deadline) { return database.open(); };
}

[[nodiscard]] inline std::unique_ptr<ConnectionPool> started(driver::FakeDatabase& database,
                                                             const PoolOptions& options,
                                                             ConnectionPool::Observer observer = {}) {
    auto pool = ConnectionPool::start(options, opener(database), std::move(observer));
    EXPECT_TRUE(pool) << pool.error().message;
    return std::move(*pool);
}

/// Waits for what threads of the pool bring about; each look gives them the processor.
template <class Condition>
[[nodiscard]] bool comes_true(Condition&& condition) {
    const Deadline end = patient();
    while (!condition()) {
        if (SteadyClock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

/// All sessions idle, nobody waiting, nothing under way.
[[nodiscard]] inline bool comes_to_rest(ConnectionPool& pool) {
    return comes_true([&] {
        const PoolStats stats = pool.stats();
        return stats.idle == stats.total && stats.waiting == 0 && stats.idle >= stats.min;
    });
}

[[nodiscard]] inline driver::FakeLendable& fake(const Lease& lease) {
    return lease.as<driver::FakeLendable>();
}

}  // namespace majed::pool
