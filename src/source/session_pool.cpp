// SPDX-License-Identifier: Apache-2.0
#include "source/session_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace majed::source {

SessionPool::SessionPool(std::size_t max_sessions, Open open)
    : max_sessions_(std::max<std::size_t>(1, max_sessions)), open_(std::move(open)) {
    // give_back must not fail for want of memory.
    idle_.reserve(max_sessions_);
}

void SessionPool::install_guard(Guard guard) {
    std::vector<PooledSession> outdated;
    outdated.reserve(max_sessions_);
    const Lock lock(mutex_);
    guard_ = std::move(guard);
    for (PooledSession& session : idle_) {
        if (!is_current(session)) {
            outdated.push_back(std::move(session));
        }
    }
    std::erase_if(idle_, [](const PooledSession& session) { return session.session == nullptr; });
}

Result<PooledSession> SessionPool::take(Deadline deadline) {
    PooledSession place;
    PooledSession outdated;
    Guard guard;
    {
        const Lock lock(mutex_);
        if (guard_ == nullptr) {
            return Error{ErrorCode::internal, "the source has no guard yet"};
        }
        if (!waiting_.empty() || in_use_ >= max_sessions_) {
            MAJED_TRY_ASSIGN(place, wait_for_place(deadline));
        } else {
            ++in_use_;
            if (!idle_.empty()) {
                place = std::move(idle_.back());
                idle_.pop_back();
            }
        }
        if (place.session != nullptr && !is_current(place)) {
            outdated = std::exchange(place, {});
        }
        guard = guard_;
    }
    outdated.session.reset();
    return fill_place(std::move(place), guard);
}

Result<PooledSession> SessionPool::fill_place(PooledSession place, const Guard& guard) {
    if (place.session != nullptr) {
        return place;
    }
    auto opened = open_(guard);
    if (!opened) {
        const Lock lock(mutex_);
        release_place();
        return std::move(opened).error();
    }
    return PooledSession{std::move(*opened), guard->generation};
}

Result<PooledSession> SessionPool::wait_for_place(Deadline deadline) {
    Waiter waiter;
    const auto position = waiting_.insert(waiting_.end(), &waiter);
    while (!waiter.granted) {
        // A deadline at the end of time overflows inside some standard libraries.
        const Deadline until = std::min(deadline, SteadyClock::now() + std::chrono::hours(24));
        const bool late = waiter.served.wait_until(mutex_, until) == std::cv_status::timeout;
        if (late && !waiter.granted && SteadyClock::now() >= deadline) {
            waiting_.erase(position);
            return Error{.code = ErrorCode::pool_timeout,
                         .message = "no session of the source became free in time",
                         .retry_after = std::chrono::milliseconds(1000)};
        }
    }
    return std::move(waiter.session);
}

void SessionPool::give_back(PooledSession session) noexcept {
    PooledSession outdated;
    const Lock lock(mutex_);
    if (!session.session->reusable() || !is_current(session)) {
        outdated = std::move(session);
        release_place();
        return;
    }
    if (waiting_.empty()) {
        --in_use_;
        idle_.push_back(std::move(session));
        return;
    }
    Waiter* const first = waiting_.front();
    first->session = std::move(session);
    release_place();
}

void SessionPool::release_place() noexcept {
    if (waiting_.empty()) {
        --in_use_;
        return;
    }
    Waiter* const first = waiting_.front();
    waiting_.pop_front();
    first->granted = true;
    first->served.notify_one();
}

bool SessionPool::is_current(const PooledSession& session) const {
    return guard_ != nullptr && session.generation == guard_->generation;
}

PoolOccupancy SessionPool::occupancy() const {
    const Lock lock(mutex_);
    return {idle_.size(), in_use_, waiting_.size()};
}

}  // namespace majed::source
