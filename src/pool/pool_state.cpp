// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_state.h"

#include <algorithm>
#include <utility>

namespace majed::pool {
namespace {

/// More than an observer that is called now and then can need; beyond it events are dropped and counted.
constexpr std::size_t max_events = 256;

/// Two ticks of the coarse clock: below it cannot tell how long a use took.
constexpr std::chrono::milliseconds short_use{8};

}  // namespace

PingOutcome outcome_of(const Result<void>& answer) noexcept {
    if (answer) return PingOutcome::alive;
    return answer.error().failure == FailureClass::lost ? PingOutcome::lost : PingOutcome::dead;
}

PoolState::PoolState(const PoolOptions& options, std::uint64_t seed) : options_(options), random_(seed | 1U) {
    events_.reserve(max_events);
    resize(options.min, options.max, Time{});
    events_.clear();
}

// Borrowing -----------------------------------------------------------------------------------------------------------

std::optional<SlotId> PoolState::try_borrow(const Borrower& borrower, Time now) noexcept {
    if (idle_.empty() || suspended_ || ended_ || !waiting_.empty()) return std::nullopt;
    const SlotId id = idle_.back();
    const Slot& slot = slots_[id];
    if (!is_usable(slot, now) || needs_check(slot, now)) return std::nullopt;
    idle_.pop_back();
    lend(id, borrower, now);
    ++counters_.requests;
    ++counters_.direct;
    if (idle_.size() < options_.min && total_ < options_.max) stirred_ = true;
    return id;
}

Borrowing PoolState::borrow(Waiter& waiter, Time now) {
    ++counters_.requests;
    return seek(waiter, Turn::newcomer, now);
}

Borrowing PoolState::seek(Waiter& waiter, Turn turn, Time now) noexcept {
    if (ended_) return refuse(Refusal::pool_ended);
    // A newcomer never overtakes: while somebody waits it stands behind them.
    const bool may_take = !suspended_ && (turn == Turn::once_served || waiting_.empty());
    while (may_take && !idle_.empty()) {
        const SlotId id = idle_.back();
        idle_.pop_back();
        if (!is_usable(slots_[id], now)) {
            close(id, reason_against(slots_[id], now), now);
            continue;
        }
        lend(id, waiter.borrower, now);
        if (idle_.size() < options_.min) stirred_ = true;
        return accept(waiter, id, Proof::by_age, now);
    }
    return queue_or_refuse(waiter, turn, now);
}

Borrowing PoolState::queue_or_refuse(Waiter& waiter, Turn turn, Time now) noexcept {
    stirred_ = true;
    deferred_until_ = {};  // Who comes has leave of whoever withheld it from the background.
    if (!suspended_ && lent() == 0 && backoff_.just_failed(now)) {
        probe_ = true;
        return refuse(Refusal::database_down);
    }
    if (now >= waiter.deadline) {
        if (total_ == 0) probe_ = true;  // Or those who only ever try would never find a session.
        return refuse(Refusal::timed_out);
    }
    // Who waits for a session that can still be opened, or is idle in a suspended pool, is not one too many.
    const std::size_t lendable = options_.max > lent() ? options_.max - lent() : 0;
    if (turn == Turn::newcomer && waiting_.size() >= options_.max_waiting + lendable) {
        return refuse(Refusal::queue_full);
    }
    waiter.state = WaitState::queued;
    waiter.refusal = Refusal::none;
    waiter.has_waited = true;
    if (turn == Turn::newcomer) {
        waiting_.push_back(waiter);
    } else {
        waiting_.push_front(waiter);
    }
    max_waiting_seen_ = std::max(max_waiting_seen_, waiting_.size());
    return {Borrowing::Answer::wait, 0, Refusal::none};
}

Borrowing PoolState::collect(Waiter& waiter, Time now) {
    const WaitState state = std::exchange(waiter.state, WaitState::apart);
    if (state == WaitState::granted) return accept(waiter, waiter.slot, Proof::by_age, now);
    return {Borrowing::Answer::refuse, 0, waiter.refusal};
}

/// Between grant and collection much can happen: `renew`, the end, a long sleep.
Borrowing PoolState::accept(Waiter& waiter, SlotId id, Proof proof, Time now) noexcept {
    Slot& slot = slots_[id];
    if (!is_usable(slot, now)) {
        close(id, reason_against(slot, now), now);
        return seek(waiter, Turn::once_served, now);
    }
    if (proof == Proof::by_age && needs_check(slot, now)) {
        ++counters_.validations;
        return {Borrowing::Answer::validate, id, Refusal::none};
    }
    end_leak(slot, now);
    slot.since = now;
    if (waiter.has_waited) {
        ++counters_.waited;
        wait_time_.record(now - waiter.since);
    } else {
        ++counters_.direct;
    }
    return {Borrowing::Answer::lend, id, Refusal::none};
}

bool PoolState::give_up(Waiter& waiter) noexcept {
    if (waiter.state != WaitState::queued) return false;
    waiting_.remove(waiter);
    waiter.state = WaitState::apart;
    const bool down = backoff_.failing() && lent() == 0 && !suspended_;
    waiter.refusal = down ? Refusal::database_down : Refusal::timed_out;
    count_refusal(Refusal::timed_out);
    return true;
}

Borrowing PoolState::validated(Waiter& waiter, SlotId slot, PingOutcome outcome, Time now) {
    if (outcome == PingOutcome::alive) {
        slots_[slot].used_at = now;
        return accept(waiter, slot, Proof::by_ping, now);
    }
    if (outcome == PingOutcome::lost) report_lost(slot, now);
    close(slot, CloseReason::invalid, now);
    return seek(waiter, Turn::once_served, now);
}

bool PoolState::is_worth_measuring(Time now) noexcept {
    if (now < measured_at_ + short_use) return false;
    measured_at_ = now;
    return true;
}

void PoolState::give_back(SlotId id, ReturnedAs condition, Time now,
                          std::optional<std::chrono::nanoseconds> measured) noexcept {
    Slot& slot = slots_[id];
    if (measured) {
        use_time_.record(*measured, std::exchange(unmeasured_, 0) + 1);
    } else if (now - slot.since >= short_use) {
        use_time_.record(now - slot.since);
    } else {
        ++unmeasured_;
    }
    end_leak(slot, now);
    if (condition != ReturnedAs::clean) {
        close(id, condition == ReturnedAs::broken ? CloseReason::broken : CloseReason::invalid, now);
        return;
    }
    slot.used_at = now;
    offer(id, now);
}

void PoolState::report_lost(SlotId id, Time now) noexcept {
    // One that belongs to an older time says nothing about those opened since.
    if (slots_[id].epoch != epoch_ || ended_) return;
    note({PoolEventKind::lost, CloseReason::invalid, FailureClass::lost});
    outdate_all(CloseReason::invalid, now);
}

void PoolState::end_leak(Slot& slot, Time now) noexcept {
    if (!std::exchange(slot.leak_reported, false)) return;
    --leaked_;
    note({PoolEventKind::leak_returned, {}, FailureClass::none, slot.borrower, now - slot.since});
}

CloseReason PoolState::reason_against(const Slot& slot, Time now) const noexcept {
    if (ended_) return CloseReason::shutdown;
    if (slot.epoch != epoch_) return epoch_reason_;
    return now >= slot.expires_at ? CloseReason::max_lifetime : CloseReason::shrunk;
}

/// A session that nobody holds: to the first who waits, else among the idle ones; or away with it.
void PoolState::offer(SlotId id, Time now) noexcept {
    if (!is_usable(slots_[id], now)) {
        close(id, reason_against(slots_[id], now), now);
    } else if (!waiting_.empty() && !suspended_) {
        grant_first(id, now);
    } else {
        // Callers read the clock before they hold the lock: it may seem to step back.
        slots_[id].since = idle_.empty() ? now : std::max(now, slots_[idle_.back()].since);
        move(id, Place::idle);
        idle_.push_back(id);
    }
}

void PoolState::lend(SlotId id, const Borrower& borrower, Time now) noexcept {
    move(id, Place::lent);
    Slot& slot = slots_[id];
    slot.since = now;
    slot.borrower = borrower;
}

void PoolState::grant_first(SlotId id, Time now) noexcept {
    Waiter& waiter = *waiting_.front();
    waiting_.remove(waiter);
    lend(id, waiter.borrower, now);
    waiter.slot = id;
    waiter.state = WaitState::granted;
    resolve(waiter);
}

void PoolState::serve_waiters(Time now) noexcept {
    while (!suspended_ && !waiting_.empty() && !idle_.empty()) {
        const SlotId id = idle_.back();
        idle_.pop_back();
        offer(id, now);
    }
}

void PoolState::resolve(Waiter& waiter) noexcept {
    waiter.next = resolved_;
    resolved_ = &waiter;
    stirred_ = true;
}

void PoolState::refuse_all(Refusal refusal) noexcept {
    while (!waiting_.empty()) {
        Waiter& waiter = *waiting_.front();
        waiting_.remove(waiter);
        waiter.state = WaitState::refused;
        waiter.refusal = refusal;
        count_refusal(refusal);
        resolve(waiter);
    }
}

Borrowing PoolState::refuse(Refusal refusal) noexcept {
    count_refusal(refusal);
    return {Borrowing::Answer::refuse, 0, refusal};
}

void PoolState::count_refusal(Refusal refusal) noexcept {
    switch (refusal) {
        case Refusal::none:
            break;
        case Refusal::timed_out:
            ++counters_.timed_out;
            break;
        case Refusal::queue_full:
            ++counters_.rejected;
            break;
        case Refusal::database_down:
            ++counters_.failed;
            break;
        case Refusal::pool_ended:
            ++counters_.cancelled;
            break;
    }
}

Waiter* PoolState::take_resolved() noexcept {
    return std::exchange(resolved_, nullptr);
}

bool PoolState::take_hurry() noexcept {
    return std::exchange(hurry_, false);
}

void PoolState::take_events(std::vector<PoolEvent>& into) {
    into.assign(events_.begin(), events_.end());
    events_.clear();
}

void PoolState::note(const PoolEvent& event) noexcept {
    stirred_ = true;
    if (events_.size() < max_events) {
        events_.push_back(event);
    } else {
        ++counters_.events_dropped;
    }
}

// Places --------------------------------------------------------------------------------------------------------------

void PoolState::close(SlotId id, CloseReason reason, Time now) noexcept {
    end_leak(slots_[id], now);
    move(id, Place::closing);
    slots_[id].since = now;
    to_close_.push_back(id);
    ++counters_.closed[static_cast<std::size_t>(reason)];
    note({PoolEventKind::closed, reason, FailureClass::none});
}

void PoolState::close_all_idle(CloseReason reason, Time now) noexcept {
    for (const SlotId id : idle_) close(id, reason, now);
    idle_.clear();
}

/// The one place where a place in the pool becomes free.
void PoolState::vacate(SlotId id) noexcept {
    move(id, Place::vacant);
    slots_[id] = Slot{};
    vacant_.push_back(id);
    --total_;
    ceiling_ = std::max(options_.max, std::min(ceiling_, total_));
    stirred_ = true;
}

std::chrono::milliseconds PoolState::retry_after(Refusal refusal, Time now) const noexcept {
    using std::chrono::milliseconds;
    if (refusal == Refusal::database_down) {
        const auto rest = std::chrono::ceil<milliseconds>(backoff_.retry_at() - now);
        return std::max(milliseconds(1), rest);
    }
    // Until the queue has gone by: by Little's law, with the use times seen so far.
    const double mean = static_cast<double>(use_time_.mean().count()) / 1e6;
    const double rounds = static_cast<double>(waiting_.size() + 1) / static_cast<double>(options_.max);
    return milliseconds(static_cast<std::int64_t>(std::clamp(mean * rounds, 100.0, 30'000.0)));
}

PoolStats PoolState::stats() const {
    PoolStats stats;
    stats.counters = counters_;
    stats.wait_time = wait_time_;
    stats.open_time = open_time_;
    stats.use_time = use_time_;
    stats.idle = count(Place::idle);
    stats.lent = count(Place::lent);
    stats.opening = count(Place::opening);
    stats.pinging = count(Place::pinging);
    stats.closing = count(Place::closing);
    stats.total = total_;
    stats.waiting = waiting_.size();
    stats.max_waiting_seen = max_waiting_seen_;
    stats.leaked = leaked_;
    stats.min = options_.min;
    stats.max = options_.max;
    stats.suspended = suspended_;
    stats.draining = ended_;
    if (backoff_.failing()) stats.last_failure = backoff_.cause().failure;
    return stats;
}

}  // namespace majed::pool
