/// What the threads of a pool sleep on, and what they are given to do.
///
/// Why      Only the two sources of ConnectionPool need to know them.
/// Life     Apart from the pool, because a forked child must not destroy what threads of its parent sleep on.
/// Threads  As said at each.
/// Not here Which work there is (pool_state.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/mutex.h"
#include "driver/lendable.h"
#include "pool/connection_pool.h"
#include "pool/pool_state.h"

#include <condition_variable>
#include <memory>
#include <thread>
#include <vector>

namespace majed::pool {

struct ConnectionPool::Signals {
    std::condition_variable_any work;
    std::condition_variable_any keeper_wakes;
    std::condition_variable_any may_be_empty;
    Mutex mutex;
    std::vector<std::thread> workers MAJED_GUARDED_BY(mutex);
    std::thread keeper;
};

struct ConnectionPool::Task {
    PoolJob job;
    driver::Lendable* session = nullptr;             ///< To ping.
    std::unique_ptr<driver::Lendable> closing = {};  ///< To close.
};

}  // namespace majed::pool
