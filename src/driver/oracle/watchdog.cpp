// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/watchdog.h"

#include <algorithm>
#include <system_error>

namespace majed::driver::oracle {

Result<std::unique_ptr<Watchdog>> Watchdog::start() {
    std::unique_ptr<Watchdog> made(new Watchdog());
    try {
        made->thread_ = std::thread([watchdog = made.get()] { watchdog->run(); });
    } catch (const std::system_error&) {
        return Error{ErrorCode::overloaded, "no thread is to be had for the watchdog of an Oracle source"};
    }
    return made;
}

Watchdog::~Watchdog() {
    static_cast<void>(stop(Deadline::max()));
}

bool Watchdog::stop(Deadline until) {
    {
        const Lock lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
        while (breaking_ != nullptr) {
            if (idle_.wait_until(mutex_, until) == std::cv_status::timeout && breaking_ != nullptr) {
                return false;
            }
        }
    }
    if (thread_.joinable()) {
        thread_.join();
    }
    return true;
}

void Watchdog::add(Breakable& call) {
    const Lock lock(mutex_);
    calls_.push_back(&call);
}

bool Watchdog::remove(Breakable& call, Deadline until) {
    const Lock lock(mutex_);
    while (breaking_ == &call) {
        if (idle_.wait_until(mutex_, until) == std::cv_status::timeout && breaking_ == &call) {
            return false;
        }
    }
    calls_.erase(std::remove(calls_.begin(), calls_.end(), &call), calls_.end());
    return true;
}

void Watchdog::arm(Breakable& call, Deadline due) noexcept {
    set_due(call, due);
    // Most calls end before the thread would look: only one that is due earlier wakes it.
    if (due.time_since_epoch().count() < looks_at_.load()) {
        const Lock lock(mutex_);
        look_again_ = true;
        wake_.notify_one();
    }
}

Breakable* Watchdog::next_due(Deadline now, Deadline& wake) {
    for (Breakable* const call : calls_) {
        const Deadline due{Deadline::duration(call->due_.load())};
        if (due <= now) {
            return call;
        }
        wake = std::min(wake, due);
    }
    return nullptr;
}

void Watchdog::run() {
    for (;;) {
        Breakable* call = nullptr;
        {
            const Lock lock(mutex_);
            while (!stopping_) {
                // Whoever arms from here on is heard, whatever was seen before.
                looks_at_.store(Deadline::max().time_since_epoch().count());
                look_again_ = false;
                Deadline wake = Deadline::max();
                call = next_due(SteadyClock::now(), wake);
                if (call != nullptr) {
                    break;
                }
                looks_at_.store(wake.time_since_epoch().count());
                if (!look_again_) {
                    wake_.wait_until(mutex_, wake);
                }
            }
            if (call == nullptr) {
                return;
            }
            disarm(*call);
            breaking_ = call;
        }
        call->break_off();
        const Lock lock(mutex_);
        breaking_ = nullptr;
        idle_.notify_all();
    }
}

}  // namespace majed::driver::oracle
