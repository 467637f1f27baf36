// SPDX-License-Identifier: Apache-2.0
#include "source/attendant.h"

#include <utility>

namespace majed::source {

bool Attendant::begin_turn(Deadline deadline) {
    mutex_.lock();
    while (busy_) {
        if (free_.wait_until(mutex_, deadline) == std::cv_status::timeout && busy_) {
            mutex_.unlock();
            return false;
        }
    }
    busy_ = true;
    mutex_.unlock();
    return true;
}

void Attendant::end_turn() noexcept {
    std::unique_ptr<driver::Connection> lost;
    {
        const Lock lock(mutex_);
        busy_ = false;
        const bool closes = std::exchange(outdated_, false) || between_ == BetweenWorks::is_closed;
        if (connection_ != nullptr && (closes || !connection_->reusable())) {
            lost = std::move(connection_);
        }
    }
    free_.notify_one();
}

Result<void> Attendant::attend(Deadline deadline, const Work& work) {
    if (!begin_turn(deadline)) {
        return Error{ErrorCode::timeout, "the source is busy with work of its own"};
    }
    const Turn turn(*this);
    if (connection_ == nullptr) {
        MAJED_TRY_ASSIGN(auto opened, driver_.open(deadline));
        const Lock lock(mutex_);
        connection_ = std::move(opened);
    }
    return work(*connection_);
}

void Attendant::renew() noexcept {
    std::unique_ptr<driver::Connection> old;  // Says goodbye after the lock is let go.
    const Lock lock(mutex_);
    if (busy_) {
        outdated_ = true;
    } else {
        old = std::move(connection_);
    }
}

void Attendant::interrupt() noexcept {
    const Lock lock(mutex_);
    if (busy_ && connection_ != nullptr) {
        connection_->interrupt();
    }
}

}  // namespace majed::source
