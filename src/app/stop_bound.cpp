// SPDX-License-Identifier: Apache-2.0
#include "app/stop_bound.h"

#include <system_error>
#include <utility>

namespace majed::app {

StopBound::StopBound(Steps steps) : steps_(std::move(steps)) {
    try {
        thread_ = std::thread([this] { watch(); });
    } catch (const std::system_error&) {
        // The end then takes as long as what hangs.
    }
}

StopBound::~StopBound() {
    {
        const Lock lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void StopBound::begin() {
    {
        const Lock lock(mutex_);
        if (!begun_) {
            begun_ = SteadyClock::now();
        }
    }
    changed_.notify_all();
}

void StopBound::answered() {
    const Lock lock(mutex_);
    answered_ = SteadyClock::now();
    if (!begun_) {
        begun_ = answered_;
    }
    changed_.notify_all();
    while (hurrying_) {
        changed_.wait(mutex_);
    }
    answered_ = SteadyClock::now();
}

bool StopBound::time_over(Deadline then) {
    const bool was_answered = answered_.has_value();
    while (!ended_ && answered_.has_value() == was_answered) {
        if (changed_.wait_until(mutex_, then) == std::cv_status::timeout) {
            return !ended_ && answered_.has_value() == was_answered;
        }
    }
    return false;
}

void StopBound::watch() {
    mutex_.lock();
    while (!ended_ && !begun_) {
        changed_.wait(mutex_);
    }
    if (!ended_ && !answered_ && time_over(*begun_ + steps_.grace)) {
        hurrying_ = true;
        mutex_.unlock();
        steps_.hurry();
        mutex_.lock();
        hurrying_ = false;
        changed_.notify_all();
    }
    while (!ended_) {
        const bool done = answered_.has_value();
        if (time_over(SteadyClock::now() + steps_.rest)) {
            mutex_.unlock();
            steps_.give_up(done ? StopProgress::answered : StopProgress::answering);
            return;
        }
    }
    mutex_.unlock();
}

}  // namespace majed::app
