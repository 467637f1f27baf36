// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/call_thread.h"

#include <system_error>
#include <utility>

namespace majed::driver::oracle {

Result<std::unique_ptr<CallThread>> CallThread::start() {
    std::unique_ptr<CallThread> made(new CallThread());
    try {
        made->thread_ = std::thread([thread = made.get()] { thread->run(); });
    } catch (const std::system_error&) {
        return Error{ErrorCode::overloaded, "no thread is to be had for a connection to Oracle"};
    }
    return made;
}

CallThread::~CallThread() {
    if (thread_.joinable()) {
        {
            const Lock lock(mutex_);
            ending_ = true;
            to_thread_.notify_one();
        }
        thread_.join();
    }
}

void CallThread::submit(Work work) {
    const Lock lock(mutex_);
    work_ = std::move(work);
    has_work_ = true;
    nudged_ = false;
    to_thread_.notify_one();
}

CallThread::Waited CallThread::wait(Deadline until) {
    const Lock lock(mutex_);
    while (has_work_ && !nudged_) {
        if (to_caller_.wait_until(mutex_, until) == std::cv_status::timeout) {
            break;
        }
    }
    if (!has_work_) {
        return Waited::finished;
    }
    return std::exchange(nudged_, false) ? Waited::nudged : Waited::timed_out;
}

void CallThread::nudge() noexcept {
    const Lock lock(mutex_);
    nudged_ = true;
    to_caller_.notify_one();
}

void CallThread::finish_with(Work last) {
    const Lock lock(mutex_);
    last_ = std::move(last);
    ending_ = true;
    to_thread_.notify_one();
}

bool CallThread::has_ended() {
    const Lock lock(mutex_);
    return ended_;
}

void CallThread::run() {
    for (;;) {
        Work work;
        bool is_last = false;
        {
            const Lock lock(mutex_);
            while (!has_work_ && !ending_) {
                to_thread_.wait(mutex_);
            }
            is_last = !has_work_;
            work = std::exchange(has_work_ ? work_ : last_, nullptr);
        }
        if (work) {
            work();
        }
        work = nullptr;
        const Lock lock(mutex_);
        has_work_ = false;
        ended_ = is_last;
        to_caller_.notify_one();
        if (is_last) {
            return;
        }
    }
}

}  // namespace majed::driver::oracle
