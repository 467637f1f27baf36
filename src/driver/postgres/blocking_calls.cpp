// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/blocking_calls.h"

#include <unistd.h>

#include <chrono>
#include <deque>
#include <system_error>
#include <thread>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// For threads that have nothing to do: they only have to wake up and leave.
constexpr std::chrono::milliseconds farewell{100};

}  // namespace

struct BlockingCalls::Shared {
    Mutex mutex;
    std::condition_variable_any work;
    std::condition_variable_any left;
    std::deque<std::shared_ptr<BlockingCall>> waiting MAJED_GUARDED_BY(mutex);
    std::size_t threads MAJED_GUARDED_BY(mutex) = 0;
    std::size_t idle MAJED_GUARDED_BY(mutex) = 0;
    bool closed MAJED_GUARDED_BY(mutex) = false;
};

bool BlockingCall::wait(Deadline deadline) {
    const Lock lock(mutex_);
    while (state_ == State::waiting || state_ == State::running) {
        if (deadline == Deadline::max()) {
            ended_.wait(mutex_);
        } else if (ended_.wait_until(mutex_, deadline) == std::cv_status::timeout) {
            return state_ == State::done || state_ == State::dropped;
        }
    }
    return true;
}

void BlockingCall::withdraw() {
    const Lock lock(mutex_);
    if (state_ == State::waiting) {
        state_ = State::dropped;
    }
}

bool BlockingCall::done() {
    const Lock lock(mutex_);
    return state_ == State::done;
}

bool BlockingCall::begin() {
    const Lock lock(mutex_);
    if (state_ != State::waiting) {
        return false;
    }
    state_ = State::running;
    return true;
}

void BlockingCall::end(State state) {
    const Lock lock(mutex_);
    if (state_ != State::dropped) {
        state_ = state;
    }
    ended_.notify_all();
}

BlockingCalls::BlockingCalls(Limits limits)
    : limits_(limits), shared_(std::make_shared<Shared>()), process_(::getpid()) {}

BlockingCalls::~BlockingCalls() {
    if (process_ != ::getpid()) {
        return;
    }
    const Lock lock(shared_->mutex);
    shared_->closed = true;
    for (const auto& call : shared_->waiting) {
        call->end(BlockingCall::State::dropped);
    }
    shared_->waiting.clear();
    shared_->work.notify_all();
    const Deadline patience = deadline_after(farewell);
    while (shared_->threads > 0 &&
           shared_->left.wait_until(shared_->mutex, patience) != std::cv_status::timeout) {
    }
}

bool BlockingCalls::start(const std::shared_ptr<BlockingCall>& call) {
    const Lock lock(shared_->mutex);
    // The oldest makes room when nobody waits for it any more.
    if (shared_->waiting.size() >= limits_.waiting && !shared_->waiting.empty() &&
        shared_->waiting.front().use_count() == 1) {
        shared_->waiting.pop_front();
    }
    if (shared_->waiting.size() >= limits_.waiting) {
        return false;
    }
    if (shared_->idle <= shared_->waiting.size() && shared_->threads < limits_.threads) {
        try {
            std::thread([shared = shared_] { serve(shared); }).detach();
            ++shared_->threads;
        } catch (const std::system_error&) {
            if (shared_->threads == 0) {
                return false;
            }
        }
    }
    shared_->waiting.push_back(call);
    shared_->work.notify_one();
    return true;
}

void BlockingCalls::serve(const std::shared_ptr<Shared>& shared) {
    shared->mutex.lock();
    while (!shared->closed) {
        if (shared->waiting.empty()) {
            ++shared->idle;
            shared->work.wait(shared->mutex);
            --shared->idle;
            continue;
        }
        std::shared_ptr<BlockingCall> call = std::move(shared->waiting.front());
        shared->waiting.pop_front();
        shared->mutex.unlock();
        if (call->begin()) {
            call->run();
            call->end(BlockingCall::State::done);
        }
        call.reset();
        shared->mutex.lock();
    }
    --shared->threads;
    shared->left.notify_all();
    shared->mutex.unlock();
}

}  // namespace majed::driver::postgres
