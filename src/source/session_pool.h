/// Lends sessions: never more than a number, the freshest first, to waiters in the order they came.
///
/// Why      A session with warm caches is the quickest one; a waiter that came first must not starve.
/// Life     Outlives its leases. A session given back is closed when it is in doubt or its guard replaced.
/// Threads  All methods may be called from any thread.
/// Not here Opening: a function given at construction, called without the lock held.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"
#include "driver/guard.h"
#include "driver/session.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace majed::source {

struct PooledSession {
    std::unique_ptr<driver::Session> session;
    std::uint64_t generation = 0;
};

struct PoolOccupancy {
    std::size_t idle = 0;
    std::size_t in_use = 0;  ///< Lent, or being opened for somebody.
    std::size_t waiting = 0;
    friend bool operator==(const PoolOccupancy&, const PoolOccupancy&) = default;
};

class SessionPool {
public:
    using Guard = std::shared_ptr<const driver::GuardSet>;
    using Open = std::function<Result<std::unique_ptr<driver::Session>>(const Guard& guard)>;

    SessionPool(std::size_t max_sessions, Open open);
    SessionPool(const SessionPool&) = delete;
    SessionPool& operator=(const SessionPool&) = delete;
    ~SessionPool() = default;

    /// Idle sessions of other generations are closed now, lent ones when they come back.
    void install_guard(Guard guard);

    /// A session under the installed guard. Errors: pool_timeout, internal (no guard installed), as opening.
    [[nodiscard]] Result<PooledSession> take(Deadline deadline);
    void give_back(PooledSession session) noexcept;

    [[nodiscard]] PoolOccupancy occupancy() const;

private:
    /// Somebody in the queue. Lives on the stack of the waiting thread.
    struct Waiter {
        std::condition_variable_any served;
        bool granted = false;     ///< A place in the pool is theirs,
        PooledSession session{};  ///< with a session in it, or empty.
    };

    [[nodiscard]] Result<PooledSession> wait_for_place(Deadline deadline) MAJED_REQUIRES(mutex_);
    /// Passes a place on to the first waiter, or frees it.
    void release_place() noexcept MAJED_REQUIRES(mutex_);
    [[nodiscard]] Result<PooledSession> fill_place(PooledSession place, const Guard& guard);
    [[nodiscard]] bool is_current(const PooledSession& session) const MAJED_REQUIRES(mutex_);

    const std::size_t max_sessions_;
    const Open open_;
    mutable Mutex mutex_;
    Guard guard_ MAJED_GUARDED_BY(mutex_);
    std::vector<PooledSession> idle_ MAJED_GUARDED_BY(mutex_);  ///< Last in, first out.
    std::size_t in_use_ MAJED_GUARDED_BY(mutex_) = 0;
    std::list<Waiter*> waiting_ MAJED_GUARDED_BY(mutex_);  ///< First in, first out.
};

}  // namespace majed::source
