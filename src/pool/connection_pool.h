/// A bounded set of open sessions to one database, lent to one user at a time, in the order users came.
///
/// Why      Opening is slow, databases limit how many they accept, and a dead or dirty session must reach nobody.
/// Life     Outlives its leases: the destructor interrupts those still out and waits for them.
/// Threads  All methods may be called from any thread. A Lease belongs to one thread at a time.
/// Not here Decisions (pool_state.h), whether to try at all (circuit_breaker.h), what a session is (driver/lendable.h).
///
/// Borrowers never open or close: that is done by threads of the pool. They do check a session that has been idle, and
/// clean it up when they give it back, both without the lock.
///
/// After a fork the pool belongs to the parent. In the child every call of `acquire` answers `unavailable`, leases and
/// the destructor give nothing back and close nothing: sessions are abandoned without a word to the database. A child
/// that needs a database starts a pool of its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/mutex.h"
#include "core/result.h"
#include "driver/lendable.h"
#include "pool/borrower.h"
#include "pool/pool_options.h"
#include "pool/pool_state.h"
#include "pool/pool_stats.h"

#include <boost/assert/source_location.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::pool {

class ConnectionPool;

/// The sole right to use one session. Gives it back when destroyed: cleaned up, or closed if it is in doubt.
class [[nodiscard]] Lease {
public:
    Lease(Lease&& other) noexcept
        : pool_(other.pool_),
          session_(std::exchange(other.session_, nullptr)),
          slot_(other.slot_),
          spoiled_(other.spoiled_),
          began_(other.began_) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;  // Would hide a give-back: let the old lease end first.
    ~Lease();

    [[nodiscard]] driver::Lendable& operator*() const noexcept { return *session_; }
    [[nodiscard]] driver::Lendable* operator->() const noexcept { return session_; }
    /// As what the pool's Open opened.
    template <class Face>
    [[nodiscard]] Face& as() const noexcept {
        return static_cast<Face&>(*session_);
    }

    /// The session is closed when given back, and never lent again.
    void discard() noexcept { spoiled_ = true; }

    /// Tells the pool how a use failed. Of class lost, in_doubt or refused_login, and of read_only where the pool
    /// writes: this session is closed. Of lost, and of such a read_only: all as old as it too, idle ones at once.
    void report(const Error& error) noexcept;

private:
    friend class ConnectionPool;
    Lease(ConnectionPool& pool, driver::Lendable& session, SlotId slot, Deadline began) noexcept
        : pool_(&pool), session_(&session), slot_(slot), began_(began) {}

    ConnectionPool* pool_;
    driver::Lendable* session_;  ///< Null once moved from.
    SlotId slot_;
    bool spoiled_ = false;
    Deadline began_;  ///< The exact time when this use is measured, else zero.
};

class ConnectionPool {
public:
    /// Opens one session by the deadline. An error of class none says that the database was not asked (its breaker is
    /// open, its client library is not there): who waits is told, and no failure is remembered. Called by threads of the pool, several at a time; by the caller of `start`
    /// for the first. What it reads (the current guard) must be in place before `renew` is called.
    using Open = std::function<Result<std::unique_ptr<driver::Lendable>>(Deadline deadline)>;
    /// Called by one thread of the pool, in order, without its lock. Must not wait for the pool.
    using Observer = std::function<void(const PoolEvent& event)>;

    /// Errors: invalid_argument (options), unavailable (no thread to be had), and as opening by `options.start`.
    [[nodiscard]] static Result<std::unique_ptr<ConnectionPool>> start(const PoolOptions& options, Open open,
                                                                       Observer observer = {});
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;
    ~ConnectionPool();

    /// A session without a trace of its last user, by `deadline` or acquire_timeout, whichever is sooner; a deadline
    /// that has passed tries once. `purpose` is a literal: it and the caller's place are what a leak report names.
    /// Errors: pool_timeout (none became free), overloaded (the queue is full), unavailable (the pool ends; this is
    /// a forked child), and the failure of opening when the database is down and no session is lent.
    [[nodiscard]] Result<Lease> acquire(Deadline deadline, std::string_view purpose,
                                        const boost::source_location& where = BOOST_CURRENT_LOCATION);

    /// No session opened before this call is lent after it: idle ones are closed, lent ones when they come back,
    /// those being opened when they are open.
    void renew();
    /// Nothing is lent, opened or pinged until `resume`; callers wait, and their deadlines run. Lent ones go on.
    void suspend();
    void resume();
    /// Growing serves those who wait; what shrinking takes away is closed when idle or given back.
    /// Errors: invalid_argument (bounds as PoolOptions).
    [[nodiscard]] Result<void> resize(std::size_t min, std::size_t max);
    /// Ends the pool: refuses all from now on, waits until all sessions are back and closed, at `deadline` interrupts
    /// those still lent and gives them interrupt_grace. The number interrupted. May be called again.
    std::size_t drain(Deadline deadline);

    [[nodiscard]] PoolStats stats() const;
    /// Checks the books: the first thing wrong, or nothing.
    [[nodiscard]] std::optional<std::string_view> audit() const;

private:
    friend class Lease;
    struct Parked;
    struct Signals;
    struct Step;
    struct Task;
    struct Aftermath {
        Waiter* resolved = nullptr;
        std::size_t wake_workers = 0;
        std::size_t new_workers = 0;
        bool wake_keeper = false;
        bool may_be_empty = false;
    };
    enum class Runner { worker, other };

    ConnectionPool(const PoolOptions& options, Open open, Observer observer);

    // Borrowers
    [[nodiscard]] Result<Lease> acquire_slowly(Parked& me, Deadline now);
    [[nodiscard]] Step wait(Parked& me);
    [[nodiscard]] Step validate(Parked& me, const Step& step);
    [[nodiscard]] Step conclude(const Borrowing& borrowing, Deadline now) MAJED_REQUIRES(mutex_);
    [[nodiscard]] Error error_of(Refusal refusal, Deadline now) const MAJED_REQUIRES(mutex_);
    void give_back(const Lease& lease) noexcept;
    void report_lost(SlotId slot) noexcept;

    // What follows from a change of the state: found out under the lock, done without it.
    [[nodiscard]] Aftermath settle(Deadline now) noexcept MAJED_REQUIRES(mutex_);
    void perform(const Aftermath& aftermath) noexcept;
    void add_workers(std::size_t number) noexcept;
    void join_workers();

    // Threads of the pool
    [[nodiscard]] Result<void> open_first();
    [[nodiscard]] Result<void> start_keeper();
    void work();
    [[nodiscard]] std::optional<Task> next_task();
    [[nodiscard]] std::optional<Task> take_task(Deadline now) MAJED_REQUIRES(mutex_);
    void run(Task task, Runner runner);
    void run_open(SlotId slot, Runner runner);
    void keep();
    void run_without_workers();
    void wait_until_empty(Deadline deadline);
    std::size_t interrupt_lent();

    [[nodiscard]] bool is_inherited() const noexcept;
    void abandon_all() noexcept MAJED_THREAD_ATTRIBUTE(no_thread_safety_analysis);

    const PoolOptions options_;  ///< As given; min and max may have changed since.
    const Open open_;
    const Observer observer_;
    const std::size_t max_workers_;
    const std::uint64_t fork_generation_;
    std::atomic<bool> abandoned_{false};

    mutable Mutex mutex_;
    PoolState state_ MAJED_GUARDED_BY(mutex_);
    std::vector<std::unique_ptr<driver::Lendable>> sessions_ MAJED_GUARDED_BY(mutex_);  ///< By slot.
    std::size_t workers_ MAJED_GUARDED_BY(mutex_) = 0;
    std::size_t free_workers_ MAJED_GUARDED_BY(mutex_) = 0;  ///< Waiting for a job, or about to.
    bool hurried_ MAJED_GUARDED_BY(mutex_) = false;          ///< The keeper is to look again.
    bool stopping_ MAJED_GUARDED_BY(mutex_) = false;
    bool finished_ MAJED_GUARDED_BY(mutex_) = false;
    std::unique_ptr<Signals> signals_;
};

}  // namespace majed::pool
