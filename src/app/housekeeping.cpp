// SPDX-License-Identifier: Apache-2.0
#include "app/housekeeping.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace majed::app {

Housekeeping::Housekeeping(std::vector<Job> jobs, Failed failed) : failed_(std::move(failed)) {
    planned_.reserve(jobs.size());
    for (Job& job : jobs) planned_.push_back({std::move(job)});
}

Housekeeping::~Housekeeping() {
    stop();
}

Result<void> Housekeeping::start() {
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
        return Error{ErrorCode::overloaded, "no thread is to be had for housekeeping"};
    }
    return {};
}

void Housekeeping::stop() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Deadline Housekeeping::run_due(const std::function<Deadline()>& now) {
    const Stopping stopping = [this] { return stopping_.load(); };
    Deadline next = Deadline::max();
    for (Planned& planned : planned_) {
        if (!stopping() && planned.due <= now()) {
            const auto done = planned.job.run(stopping);
            const std::string failure = done ? std::string() : done.error().message;
            if (!failure.empty() && failure != planned.failure) failed_(planned.job, done.error());
            planned.failure = failure;
            planned.due = now() + planned.job.every;
        }
        next = std::min(next, planned.due);
    }
    return next;
}

void Housekeeping::work() {
    while (!stopping_) {
        const Deadline next = run_due(SteadyClock::now);
        const Lock lock(mutex_);
        while (!stopping_ && SteadyClock::now() < next) {
            stopped_.wait_until(mutex_, next);
        }
    }
}

}  // namespace majed::app
