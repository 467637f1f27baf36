// SPDX-License-Identifier: Apache-2.0
// The part of PoolState that nobody waits for: opening, checking, closing, and the orders of the owner.
#include "pool/pool_state.h"

#include <algorithm>
#include <utility>

namespace majed::pool {

// Work of nobody's thread ---------------------------------------------------------------------------------------------

std::size_t PoolState::openings_wanted(Time now) const noexcept {
    if (ended_ || suspended_ || total_ >= options_.max) return 0;
    const std::size_t ready = count(Place::idle) + count(Place::pinging);
    const std::size_t missing = options_.min > ready ? options_.min - ready : 0;
    const std::size_t demand = waiting_.size() + (probe_ ? 1U : 0U) + missing;
    std::size_t limit = options_.max_opening;
    if (backoff_.failing()) limit = now >= backoff_.retry_at() ? 1 : 0;
    if (now < deferred_until_) limit = 0;
    const std::size_t wanted = std::min(demand, limit);
    const std::size_t opening = count(Place::opening);
    return wanted > opening ? std::min(wanted - opening, options_.max - total_) : 0;
}

std::size_t PoolState::jobs_ready(Time now) const noexcept {
    const auto closings =
        std::count_if(to_close_.begin(), to_close_.end(), [this](SlotId id) { return !slots_[id].pinned; });
    return static_cast<std::size_t>(closings) + openings_wanted(now) + (to_ping_ ? 1U : 0U);
}

std::optional<PoolJob> PoolState::take_job(Time now) noexcept {
    const auto closing =
        std::find_if(to_close_.begin(), to_close_.end(), [this](SlotId id) { return !slots_[id].pinned; });
    if (closing != to_close_.end()) {
        const SlotId id = *closing;
        to_close_.erase(closing);
        return PoolJob{PoolJob::Kind::close, id};
    }
    if (openings_wanted(now) > 0) {
        const SlotId id = vacant_.back();
        vacant_.pop_back();
        move(id, Place::opening);
        ++total_;
        slots_[id].since = now;
        slots_[id].epoch = epoch_;
        probe_ = false;
        return PoolJob{PoolJob::Kind::open, id};
    }
    if (to_ping_) return PoolJob{PoolJob::Kind::ping, *std::exchange(to_ping_, std::nullopt)};
    return std::nullopt;
}

void PoolState::opened(SlotId id, Time now) noexcept {
    Slot& slot = slots_[id];
    backoff_.succeeded();
    deferral_.reset();
    probe_ = false;
    ++counters_.opened;
    open_time_.record(now - slot.since);
    note({PoolEventKind::opened, {}, FailureClass::none, {}, now - slot.since});
    slot.used_at = now;
    slot.expires_at = after(now, options_.max_lifetime, 0.975, 1.0);
    slot.keepalive_at = after(now, options_.keepalive, 0.9, 1.1);
    offer(id, now);
}

void PoolState::open_failed(SlotId id, const Error& cause, Time now) {
    const Time began = slots_[id].since;
    if (cause.failure == FailureClass::none) {
        // The opener was not allowed to ask (its circuit breaker is open): that says nothing about the database, and
        // must not be remembered as its failure. Who waits cannot be served; a newcomer who has leave asks at once.
        deferral_ = cause;
        deferred_until_ = now + deferral;
        vacate(id);
        hurry_ = true;
        if (lent() == 0) refuse_all(Refusal::database_down);
        return;
    }
    deferral_.reset();
    backoff_.failed(began, now, cause, options_);
    ++counters_.open_failures;
    note({PoolEventKind::open_failed, {}, cause.failure, {}, now - began});
    vacate(id);
    hurry_ = true;
    // With a session lent somebody may yet bring one back; with none the next attempt is all there is to wait for.
    const bool hopeless =
        cause.failure == FailureClass::refused_login || backoff_.failing_for(options_.down_after, now);
    if (hopeless && lent() == 0) refuse_all(Refusal::database_down);
}

void PoolState::pinged(SlotId id, PingOutcome outcome, Time now) noexcept {
    ++counters_.keepalives;
    hurry_ = true;
    stirred_ = true;
    Slot& slot = slots_[id];
    if (outcome != PingOutcome::alive) {
        if (outcome == PingOutcome::lost) report_lost(id, now);
        close(id, CloseReason::invalid, now);
        return;
    }
    slot.used_at = now;
    slot.keepalive_at = after(now, options_.keepalive, 0.9, 1.1);
    if (!is_usable(slot, now) || (!waiting_.empty() && !suspended_)) {
        offer(id, now);
        return;
    }
    // Not used, only asked: it has been idle all the while, and keeps its place among the idle ones.
    move(id, Place::idle);
    const auto place =
        std::upper_bound(idle_.begin(), idle_.end(), slot.since,
                         [this](Time since, SlotId other) { return since < slots_[other].since; });
    idle_.insert(place, id);
}

void PoolState::closed(SlotId id) noexcept {
    vacate(id);
}

PoolState::Time PoolState::housekeep(Time now) noexcept {
    stirred_ = true;
    if (ended_) return Time::max();
    expire_idle(now);
    begin_keepalive(now);
    report_leaks(now);
    return next_due(now);
}

void PoolState::expire_idle(Time now) noexcept {
    const auto expired = [&](SlotId id) { return now >= slots_[id].expires_at; };
    for (const SlotId id : idle_) {
        if (expired(id)) close(id, CloseReason::max_lifetime, now);
    }
    std::erase_if(idle_, [&](SlotId id) { return slots_[id].place != Place::idle; });
    // Whoever has been idle longest stands in front.
    std::size_t surplus = 0;
    while (options_.idle_timeout.count() > 0 && idle_.size() - surplus > options_.min &&
           now - slots_[idle_[surplus]].since >= options_.idle_timeout) {
        close(idle_[surplus], CloseReason::idle, now);
        ++surplus;
    }
    idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(surplus));
}

void PoolState::begin_keepalive(Time now) noexcept {
    if (count(Place::pinging) > 0 || suspended_) return;
    const auto due =
        std::find_if(idle_.begin(), idle_.end(), [&](SlotId id) { return now >= slots_[id].keepalive_at; });
    if (due == idle_.end()) return;
    const SlotId id = *due;
    idle_.erase(due);
    move(id, Place::pinging);
    to_ping_ = id;
}

void PoolState::report_leaks(Time now) noexcept {
    if (options_.leak_threshold.count() == 0) return;
    for (Slot& slot : slots_) {
        if (slot.place != Place::lent || slot.leak_reported) continue;
        if (now - slot.since < options_.leak_threshold) continue;
        slot.leak_reported = true;
        ++leaked_;
        ++counters_.leaks;
        note({PoolEventKind::leak_reported, {}, FailureClass::none, slot.borrower, now - slot.since});
    }
}

/// The earliest of what is due; what begins after this call is due a whole interval later.
PoolState::Time PoolState::next_due(Time now) const noexcept {
    Time due = now + shortest_interval();
    const auto sooner = [&](Time time) {
        if (time > now) due = std::min(due, time);
    };
    if (backoff_.failing()) sooner(backoff_.retry_at());
    sooner(deferred_until_);
    for (const Slot& slot : slots_) {
        if (slot.place == Place::idle) {
            sooner(slot.expires_at);
            sooner(slot.keepalive_at);
            if (options_.idle_timeout.count() > 0) sooner(slot.since + options_.idle_timeout);
        } else if (slot.place == Place::lent && options_.leak_threshold.count() > 0) {
            sooner(slot.since + options_.leak_threshold);
        }
    }
    return due;
}

std::chrono::nanoseconds PoolState::shortest_interval() const noexcept {
    std::chrono::milliseconds shortest = std::chrono::hours(1);
    for (const auto interval :
         {options_.idle_timeout, options_.max_lifetime, options_.keepalive, options_.leak_threshold}) {
        if (interval.count() > 0) shortest = std::min(shortest, interval);
    }
    return std::chrono::nanoseconds(shortest) * 9 /
           10;  // Jitter may make an interval shorter than its option.
}

PoolState::Time PoolState::after(Time from, std::chrono::milliseconds span, double low,
                                 double high) noexcept {
    if (span.count() == 0) return Time::max();
    random_ ^= random_ << 13U;
    random_ ^= random_ >> 7U;
    random_ ^= random_ << 17U;
    const double chance = static_cast<double>(random_ >> 11U) / 9007199254740992.0;  // 2^53
    const double share = low + (high - low) * chance;
    const auto nanoseconds = static_cast<double>(std::chrono::nanoseconds(span).count()) * share;
    return from + std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
}

// Orders of the owner -------------------------------------------------------------------------------------------------

void PoolState::outdate_all(CloseReason reason, Time now) noexcept {
    ++epoch_;
    epoch_reason_ = reason;
    close_all_idle(reason, now);
}

void PoolState::renew(Time now) noexcept {
    note({PoolEventKind::renewed, CloseReason::renewed});
    outdate_all(CloseReason::renewed, now);
}

void PoolState::suspend() noexcept {
    if (std::exchange(suspended_, true)) return;
    note({PoolEventKind::suspended});
}

void PoolState::resume(Time now) noexcept {
    if (!std::exchange(suspended_, false)) return;
    note({PoolEventKind::resumed});
    hurry_ = true;
    serve_waiters(now);
}

void PoolState::resize(std::size_t min, std::size_t max, Time now) {
    if (max > slots_.size()) {
        // Each list can hold every slot, so that nothing below allocates on the way of a borrower.
        slots_.reserve(max);
        for (std::vector<SlotId>* list : {&vacant_, &idle_, &to_close_}) list->reserve(max);
        while (slots_.size() < max) {
            vacant_.push_back(static_cast<SlotId>(slots_.size()));
            slots_.emplace_back();
            ++counts_[static_cast<std::size_t>(Place::vacant)];
        }
    }
    options_.min = min;
    options_.max = max;
    ceiling_ = std::max(max, total_);
    hurry_ = true;
    note({PoolEventKind::resized});
    std::size_t surplus = 0;
    while (is_over_max() && surplus < idle_.size()) close(idle_[surplus++], CloseReason::shrunk, now);
    idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(surplus));
}

void PoolState::end(Time now) noexcept {
    if (std::exchange(ended_, true)) return;
    note({PoolEventKind::draining});
    refuse_all(Refusal::pool_ended);
    close_all_idle(CloseReason::shutdown, now);
    if (to_ping_) close(*std::exchange(to_ping_, std::nullopt), CloseReason::shutdown, now);
}

std::vector<SlotId> PoolState::pin_lent() {
    std::vector<SlotId> pinned;
    for (SlotId id = 0; id < slots_.size(); ++id) {
        Slot& slot = slots_[id];
        if (slot.place != Place::lent || slot.interrupted) continue;
        slot.pinned = true;
        slot.interrupted = true;
        pinned.push_back(id);
    }
    return pinned;
}

void PoolState::unpin(SlotId id) noexcept {
    slots_[id].pinned = false;
    stirred_ = true;
}

std::optional<std::string_view> PoolState::audit() const {
    std::array<std::size_t, 6> found{};
    std::size_t leaked = 0;
    for (const Slot& slot : slots_) {
        ++found[static_cast<std::size_t>(slot.place)];
        if (slot.leak_reported) ++leaked;
        if (slot.leak_reported && slot.place != Place::lent)
            return "a leak is reported of a session not lent";
    }
    if (found != counts_) return "the counts by place differ from the places";
    if (slots_.size() - found[static_cast<std::size_t>(Place::vacant)] != total_) return "the total is wrong";
    if (total_ > ceiling_) return "more sessions than max";
    if (count(Place::opening) > options_.max_opening) return "more openings than max_opening";
    if (count(Place::pinging) > 1) return "two sessions under keep-alive";
    if (leaked != leaked_) return "the count of leaks is wrong";
    return audit_lists();
}

std::optional<std::string_view> PoolState::audit_lists() const {
    const auto all_in = [&](const std::vector<SlotId>& list, Place place) {
        return std::all_of(list.begin(), list.end(), [&](SlotId id) { return slots_[id].place == place; });
    };
    if (!all_in(vacant_, Place::vacant) || vacant_.size() != count(Place::vacant)) {
        return "the list of vacant slots is wrong";
    }
    if (!all_in(idle_, Place::idle) || idle_.size() != count(Place::idle)) {
        return "the list of idle sessions is wrong";
    }
    if (!all_in(to_close_, Place::closing) || to_close_.size() > count(Place::closing)) {
        return "the list of sessions to close is wrong";
    }
    if (!std::is_sorted(idle_.begin(), idle_.end(),
                        [&](SlotId a, SlotId b) { return slots_[a].since < slots_[b].since; })) {
        return "idle sessions are not in the order they became idle";
    }
    if (!idle_.empty() && !waiting_.empty() && !suspended_) return "somebody waits beside an idle session";
    if (ended_ && (!idle_.empty() || !waiting_.empty())) return "the pool has ended, but not for everybody";
    for (const SlotId id : idle_) {
        if (slots_[id].epoch != epoch_) return "an idle session is older than the last renewal";
    }
    return std::nullopt;
}

}  // namespace majed::pool
