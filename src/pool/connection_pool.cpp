// SPDX-License-Identifier: Apache-2.0
#include "pool/connection_pool.h"

#include "pool/coarse_clock.h"
#include "pool/parking_place.h"
#include "pool/pool_threads.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace majed::pool {
namespace {

Error inherited() {
    return Error{ErrorCode::unavailable, "the pool belongs to the process this one was forked from",
                 "start a pool in this process"};
}

}  // namespace

struct ConnectionPool::Parked : Waiter {
    ParkingPlace place;
};

/// Where a borrower stands.
struct ConnectionPool::Step {
    Borrowing borrowing;
    driver::Lendable* session = nullptr;
    std::optional<Error> error{};
};

// Borrowers -----------------------------------------------------------------------------------------------------------

Lease::~Lease() {
    if (session_ != nullptr) pool_->give_back(*this);
}

void Lease::report(const Error& error) noexcept {
    const bool moved_away = error.failure == FailureClass::read_only && pool_->options_.writes;
    if (error.failure == FailureClass::lost || moved_away) {
        spoiled_ = true;
        pool_->report_lost(slot_);
    } else if (error.failure == FailureClass::in_doubt || error.failure == FailureClass::refused_login) {
        spoiled_ = true;
    }
}

Result<Lease> ConnectionPool::acquire(Deadline deadline, std::string_view purpose,
                                      const boost::source_location& where) {
    if (is_inherited()) {
        abandon_all();
        return inherited();
    }
    const Deadline coarse = coarse_now();
    const Borrower borrower{purpose, where};
    bool measured = false;
    driver::Lendable* session = nullptr;
    SlotId slot = 0;
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        if (const auto lent = state_.try_borrow(borrower, coarse)) {
            slot = *lent;
            session = sessions_[slot].get();
            measured = state_.is_worth_measuring(coarse);
        }
        if (state_.stirred()) aftermath = settle(coarse);
    }
    perform(aftermath);
    if (session != nullptr) {
        return Lease(*this, *session, slot, measured ? SteadyClock::now() : Deadline{});
    }
    const Deadline now = SteadyClock::now();
    Parked me;
    me.borrower = borrower;
    me.since = now;
    me.deadline = std::min(deadline, now + options_.acquire_timeout);
    return acquire_slowly(me, now);
}

Result<Lease> ConnectionPool::acquire_slowly(Parked& me, Deadline now) {
    Step step;
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        step = conclude(state_.borrow(me, now), now);
        aftermath = settle(now);
    }
    perform(aftermath);
    while (true) {
        switch (step.borrowing.answer) {
            case Borrowing::Answer::lend:
                return Lease(*this, *step.session, step.borrowing.slot, SteadyClock::now());
            case Borrowing::Answer::refuse:
                return *std::move(step.error);
            case Borrowing::Answer::wait:
                step = wait(me);
                break;
            case Borrowing::Answer::validate:
                step = validate(me, step);
                break;
        }
    }
}

ConnectionPool::Step ConnectionPool::wait(Parked& me) {
    if (!me.place.wait_until(me.deadline)) {
        {
            const Lock lock(mutex_);
            if (state_.give_up(me)) {
                return {{Borrowing::Answer::refuse, 0, me.refusal},
                        nullptr,
                        error_of(me.refusal, SteadyClock::now())};
            }
        }
        // Resolved in the last moment: what was handed over is taken, never lost.
        me.place.wait();
    }
    const Deadline now = SteadyClock::now();
    Step step;
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        step = conclude(state_.collect(me, now), now);
        aftermath = settle(now);
    }
    perform(aftermath);
    return step;
}

ConnectionPool::Step ConnectionPool::validate(Parked& me, const Step& step) {
    const Deadline until = std::min(me.deadline, SteadyClock::now() + options_.validation_timeout);
    const PingOutcome outcome = outcome_of(step.session->ping(until));
    const Deadline now = SteadyClock::now();
    Step next;
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        next = conclude(state_.validated(me, step.borrowing.slot, outcome, now), now);
        aftermath = settle(now);
    }
    perform(aftermath);
    return next;
}

ConnectionPool::Step ConnectionPool::conclude(const Borrowing& borrowing, Deadline now) {
    switch (borrowing.answer) {
        case Borrowing::Answer::lend:
        case Borrowing::Answer::validate:
            return {borrowing, sessions_[borrowing.slot].get(), {}};
        case Borrowing::Answer::refuse:
            return {borrowing, nullptr, error_of(borrowing.refusal, now)};
        case Borrowing::Answer::wait:
            break;
    }
    return {borrowing, nullptr, {}};
}

Error ConnectionPool::error_of(Refusal refusal, Deadline now) const {
    Error error{ErrorCode::unavailable, "the pool has ended"};
    switch (refusal) {
        case Refusal::none:
        case Refusal::pool_ended:
            return error;
        case Refusal::queue_full:
            error = Error{ErrorCode::overloaded, "too many callers wait for a session of the source"};
            break;
        case Refusal::database_down:
            error = state_.open_cause();
            break;
        case Refusal::timed_out: {
            const PoolStats stats = state_.stats();
            error = Error{ErrorCode::pool_timeout,
                          "no session of the source became free in time: total " +
                              std::to_string(stats.total) + ", idle " + std::to_string(stats.idle) +
                              ", lent " + std::to_string(stats.lent) + ", waiting " +
                              std::to_string(stats.waiting) + ", opening " + std::to_string(stats.opening)};
            if (stats.last_failure != FailureClass::none) {
                error.message += "; the last opening failed: " + std::string(name_of(stats.last_failure));
            }
            break;
        }
    }
    error.retry_after = state_.retry_after(refusal, now);
    return error;
}

void ConnectionPool::give_back(const Lease& lease) noexcept {
    if (is_inherited()) return;
    std::optional<std::chrono::nanoseconds> measured;
    if (lease.began_ != Deadline{}) measured = SteadyClock::now() - lease.began_;
    driver::Lendable& session = *lease.session_;
    ReturnedAs condition = ReturnedAs::clean;
    PingOutcome outcome = PingOutcome::alive;
    if (lease.spoiled_ || !session.reusable()) {  // Whatever state it is in, it is not asked to clean up.
        condition = ReturnedAs::broken;
    } else {
        outcome = outcome_of(session.reset(coarse_now() + options_.reset_timeout));
        if (outcome != PingOutcome::alive || !session.reusable()) condition = ReturnedAs::invalid;
    }
    const Deadline now = coarse_now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        if (outcome == PingOutcome::lost) state_.report_lost(lease.slot_, now);
        state_.give_back(lease.slot_, condition, now, measured);
        if (state_.stirred()) aftermath = settle(now);
    }
    perform(aftermath);
}

void ConnectionPool::report_lost(SlotId slot) noexcept {
    if (is_inherited()) return;
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        state_.report_lost(slot, now);
        aftermath = settle(now);
    }
    perform(aftermath);
}

// What follows from a change ------------------------------------------------------------------------------------------

ConnectionPool::Aftermath ConnectionPool::settle(Deadline now) noexcept {
    Aftermath aftermath;
    aftermath.resolved = state_.take_resolved();
    if (state_.take_hurry() || state_.has_events()) {
        aftermath.wake_keeper = !hurried_;
        hurried_ = true;
    }
    const std::size_t ready = state_.jobs_ready(now);
    aftermath.wake_workers = std::min(ready, free_workers_);
    if (ready > free_workers_ && !stopping_) {
        aftermath.new_workers = std::min(ready - free_workers_, max_workers_ - workers_);
        workers_ += aftermath.new_workers;
        free_workers_ += aftermath.new_workers;
    }
    aftermath.may_be_empty = state_.ended();
    state_.settle();
    return aftermath;
}

void ConnectionPool::perform(const Aftermath& aftermath) noexcept {
    for (Waiter* waiter = aftermath.resolved; waiter != nullptr;) {
        Waiter* const next = waiter->next;  // Once woken it may be gone.
        static_cast<Parked*>(waiter)->place.wake();
        waiter = next;
    }
    if (aftermath.wake_workers == 1) {
        signals_->work.notify_one();
    } else if (aftermath.wake_workers > 1) {
        signals_->work.notify_all();
    }
    if (aftermath.new_workers > 0) add_workers(aftermath.new_workers);
    if (aftermath.wake_keeper) signals_->keeper_wakes.notify_one();
    if (aftermath.may_be_empty) signals_->may_be_empty.notify_all();
}

// Orders of the owner -------------------------------------------------------------------------------------------------

void ConnectionPool::renew() {
    if (is_inherited()) return;
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        state_.renew(now);
        aftermath = settle(now);
    }
    perform(aftermath);
}

void ConnectionPool::suspend() {
    if (is_inherited()) return;
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        state_.suspend();
        aftermath = settle(SteadyClock::now());
    }
    perform(aftermath);
}

void ConnectionPool::resume() {
    if (is_inherited()) return;
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        state_.resume(now);
        aftermath = settle(now);
    }
    perform(aftermath);
}

Result<void> ConnectionPool::resize(std::size_t min, std::size_t max) {
    if (is_inherited()) return inherited();
    PoolOptions wanted = options_;
    wanted.min = min;
    wanted.max = max;
    MAJED_TRY(check(wanted));
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        state_.resize(min, max, now);
        if (sessions_.size() < state_.slot_count()) sessions_.resize(state_.slot_count());
        aftermath = settle(now);
    }
    perform(aftermath);
    return {};
}

std::size_t ConnectionPool::drain(Deadline deadline) {
    if (is_inherited()) return 0;
    const Deadline now = SteadyClock::now();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        state_.end(now);
        aftermath = settle(now);
    }
    perform(aftermath);
    wait_until_empty(deadline);
    const std::size_t interrupted = interrupt_lent();
    wait_until_empty(SteadyClock::now() + options_.interrupt_grace);
    return interrupted;
}

void ConnectionPool::wait_until_empty(Deadline deadline) {
    const Lock lock(mutex_);
    while (state_.total() > 0) {
        const Deadline now = SteadyClock::now();
        if (now >= deadline) return;
        signals_->may_be_empty.wait_until(mutex_, std::min(deadline, now + std::chrono::hours(24)));
    }
}

std::size_t ConnectionPool::interrupt_lent() {
    std::vector<SlotId> slots;
    std::vector<driver::Lendable*> sessions;
    {
        const Lock lock(mutex_);
        slots = state_.pin_lent();
        for (const SlotId slot : slots) sessions.push_back(sessions_[slot].get());
    }
    // May take a round trip each; pinned, they are not closed under our hands.
    for (driver::Lendable* session : sessions) session->interrupt();
    Aftermath aftermath;
    {
        const Lock lock(mutex_);
        for (const SlotId slot : slots) state_.unpin(slot);
        aftermath = settle(SteadyClock::now());
    }
    perform(aftermath);
    return slots.size();
}

PoolStats ConnectionPool::stats() const {
    if (is_inherited()) return {};
    const Lock lock(mutex_);
    return state_.stats();
}

std::optional<std::string_view> ConnectionPool::audit() const {
    if (is_inherited()) return std::nullopt;
    const Lock lock(mutex_);
    return state_.audit();
}

}  // namespace majed::pool
