// SPDX-License-Identifier: Apache-2.0
// The life of a ConnectionPool, and its threads: workers open, ping and close; the keeper looks at the time.
#include "pool/connection_pool.h"
#include "pool/fork_watch.h"
#include "pool/pool_threads.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <system_error>
#include <thread>
#include <utility>

namespace majed::pool {
namespace {

/// Beside the openers: one that closes and one that pings, whatever the openings hang on.
constexpr std::size_t workers_beside_openers = 2;

constexpr std::size_t events_at_a_time = 256;

/// Whether an attempt at the start may be followed by another: the database is away, not unwilling.
bool may_pass(FailureClass failure) {
    return failure == FailureClass::lost || failure == FailureClass::exhausted ||
           failure == FailureClass::timeout || failure == FailureClass::contention;
}

std::uint64_t seed_of_this_moment(const void* place) {
    const auto ticks = static_cast<std::uint64_t>(SteadyClock::now().time_since_epoch().count());
    return ticks * 0x9E3779B97F4A7C15U ^ std::hash<const void*>{}(place);
}

}  // namespace

// Life ----------------------------------------------------------------------------------------------------------------

ConnectionPool::ConnectionPool(const PoolOptions& options, Open open, Observer observer)
    : options_(options),
      open_(std::move(open)),
      observer_(std::move(observer)),
      max_workers_(options.max_opening + workers_beside_openers),
      fork_generation_(fork_generation()),
      state_(options, seed_of_this_moment(this)),
      sessions_(options.max),
      signals_(std::make_unique<Signals>()) {}

Result<std::unique_ptr<ConnectionPool>> ConnectionPool::start(const PoolOptions& options, Open open,
                                                              Observer observer) {
    MAJED_TRY(check(options));
    std::unique_ptr<ConnectionPool> pool(new ConnectionPool(options, std::move(open), std::move(observer)));
    MAJED_TRY(pool->open_first());
    MAJED_TRY(pool->start_keeper());
    return pool;
}

Result<void> ConnectionPool::open_first() {
    if (options_.start == StartMode::background) return {};
    const Deadline until = SteadyClock::now() + options_.start_timeout;
    while (true) {
        std::optional<Task> task;
        {
            const Lock lock(mutex_);
            state_.probe();
            task = take_task(SteadyClock::now());
        }
        if (task) run(std::move(*task), Runner::other);
        Deadline retry_at;
        {
            const Lock lock(mutex_);
            const PoolStats stats = state_.stats();
            if (stats.counters.opened > 0) return {};
            const Error& cause = state_.open_cause();
            const bool hopeful = may_pass(cause.failure);
            if (options_.start == StartMode::try_once && hopeful) return {};
            if (!hopeful || SteadyClock::now() >= until) return cause;
            retry_at = SteadyClock::now() + state_.retry_after(Refusal::database_down, SteadyClock::now());
        }
        std::this_thread::sleep_until(std::min(retry_at, until));
    }
}

Result<void> ConnectionPool::start_keeper() {
    try {
        signals_->keeper = std::thread([this] { keep(); });
    } catch (const std::system_error&) {
        return Error{ErrorCode::unavailable, "the system has no thread left for the pool"};
    }
    return {};
}

ConnectionPool::~ConnectionPool() {
    if (is_inherited()) {
        abandon_all();
        // Its threads live in the parent, and in the copy somebody still sleeps: left as it is.
        static_cast<void>(signals_.release());
        return;
    }
    drain(SteadyClock::now());
    if (!signals_->keeper.joinable()) run_without_workers();
    wait_until_empty(Deadline::max());
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    signals_->work.notify_all();
    join_workers();
    {
        const Lock lock(mutex_);
        finished_ = true;
    }
    signals_->keeper_wakes.notify_all();
    if (signals_->keeper.joinable()) signals_->keeper.join();
    join_workers();
}

void ConnectionPool::join_workers() {
    // Whoever still ran, the keeper too, may have been about to start others: those end at once, but must be waited for.
    while (true) {
        std::vector<std::thread> workers;
        {
            const Lock lock(signals_->mutex);
            workers.swap(signals_->workers);
        }
        if (workers.empty()) return;
        for (std::thread& worker : workers) worker.join();
    }
}

bool ConnectionPool::is_inherited() const noexcept {
    return fork_generation() != fork_generation_;
}

void ConnectionPool::abandon_all() noexcept {
    // No lock: a thread of the parent may have held it when this process began, and none of them is here to let go.
    if (abandoned_.exchange(true)) return;
    for (const std::unique_ptr<driver::Lendable>& session : sessions_) {
        if (session != nullptr) session->abandon();
    }
}

// Workers -------------------------------------------------------------------------------------------------------------

void ConnectionPool::add_workers(std::size_t number) noexcept {
    const Lock lock(signals_->mutex);
    for (std::size_t added = 0; added < number; ++added) {
        try {
            signals_->workers.emplace_back([this] { work(); });
        } catch (const std::exception&) {
            // Those that exist do the work; without any, the keeper.
            const Lock state_lock(mutex_);
            workers_ -= number - added;
            free_workers_ -= number - added;
            hurried_ = true;
            signals_->keeper_wakes.notify_one();
            return;
        }
    }
}

void ConnectionPool::work() {
    while (auto task = next_task()) run(std::move(*task), Runner::worker);
}

std::optional<ConnectionPool::Task> ConnectionPool::next_task() {
    const Lock lock(mutex_);
    while (true) {
        if (auto task = take_task(SteadyClock::now())) {
            --free_workers_;
            return task;
        }
        if (stopping_) return std::nullopt;
        signals_->work.wait(mutex_);
    }
}

std::optional<ConnectionPool::Task> ConnectionPool::take_task(Deadline now) {
    const auto job = state_.take_job(now);
    if (!job) return std::nullopt;
    Task task{*job};
    if (job->kind == PoolJob::Kind::close) task.closing = std::move(sessions_[job->slot]);
    if (job->kind == PoolJob::Kind::ping) task.session = sessions_[job->slot].get();
    return task;
}

void ConnectionPool::run(Task task, Runner runner) {
    if (task.job.kind == PoolJob::Kind::open) {
        run_open(task.job.slot, runner);
        return;
    }
    PingOutcome outcome = PingOutcome::alive;
    if (task.job.kind == PoolJob::Kind::ping) {
        outcome = outcome_of(task.session->ping(SteadyClock::now() + options_.validation_timeout));
    } else {
        task.closing.reset();
    }
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        if (runner == Runner::worker) ++free_workers_;
        if (task.job.kind == PoolJob::Kind::ping) {
            state_.pinged(task.job.slot, outcome, now);
        } else {
            state_.closed(task.job.slot);
        }
        aftermath = settle(now);
    }
    perform(aftermath);
}

void ConnectionPool::run_open(SlotId slot, Runner runner) {
    Result<std::unique_ptr<driver::Lendable>> opened = Error{ErrorCode::internal, "opening a session failed"};
    try {
        opened = open_(SteadyClock::now() + options_.open_timeout);
    } catch (const std::exception&) {
        // A foreign library is out of memory: the place must be freed all the same.
    }
    if (opened && *opened == nullptr) opened = Error{ErrorCode::internal, "opening gave no session"};
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        if (runner == Runner::worker) ++free_workers_;
        if (opened) {
            sessions_[slot] = std::move(*opened);
            state_.opened(slot, now);
        } else {
            state_.open_failed(slot, opened.error(), now);
        }
        aftermath = settle(now);
    }
    perform(aftermath);
}

// The keeper ----------------------------------------------------------------------------------------------------------

void ConnectionPool::keep() {
    std::vector<PoolEvent> events;
    events.reserve(events_at_a_time);
    while (true) {
        Deadline due;
        Aftermath aftermath;
        bool finished = false;
        {
            const Lock lock(mutex_);
            const Deadline now = SteadyClock::now();
            hurried_ = false;
            finished = finished_;
            due = state_.housekeep(now);
            state_.take_events(events);
            aftermath = settle(now);
            hurried_ = false;
        }
        perform(aftermath);
        if (observer_) {
            for (const PoolEvent& event : events) observer_(event);
        }
        run_without_workers();
        if (finished) return;
        const Lock lock(mutex_);
        if (hurried_ || finished_) continue;
        signals_->keeper_wakes.wait_until(mutex_, std::min(due, SteadyClock::now() + std::chrono::hours(1)));
    }
}

void ConnectionPool::run_without_workers() {
    while (true) {
        std::optional<Task> task;
        {
            const Lock lock(mutex_);
            if (workers_ > 0) return;
            task = take_task(SteadyClock::now());
        }
        if (!task) return;
        run(std::move(*task), Runner::other);
    }
}

}  // namespace majed::pool
