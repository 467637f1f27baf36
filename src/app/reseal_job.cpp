// SPDX-License-Identifier: Apache-2.0
#include "app/reseal_job.h"

#include "core/deadline.h"

#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

namespace majed::app {

ResealJob::ResealJob(std::string store_path, std::shared_ptr<store::StoreSeals> seals, telemetry::Log& log)
    : store_path_(std::move(store_path)), seals_(std::move(seals)), log_(log) {}

void ResealJob::run() {
    if (stopped_) return;
    const auto looked = look();
    const std::string complaint = looked ? std::string() : looked.error().message;
    if (!complaint.empty() && complaint != complaint_) {
        log_.warning("sealed texts could not be looked at", {{"error", std::string_view(complaint)}});
    }
    complaint_ = complaint;
}

Result<void> ResealJob::look() {
    MAJED_TRY_ASSIGN(const auto walk, store::SealWalk::open(store_path_, seals_));
    MAJED_TRY_ASSIGN(const bool pending, walk->is_pending());
    if (!pending) return {};
    if (!incomplete_.empty()) {
        MAJED_TRY_ASSIGN(const std::string newest, seals_->newest_root());
        if (newest == incomplete_) return {};
    }
    const store::ResealWatch watch = [this](const store::ResealProgress&) {
        return stopped_ ? store::WalkOn::no : store::WalkOn::yes;
    };
    MAJED_TRY_ASSIGN(const auto report, walk->reseal(watch));
    if (report.resealed > 0) {
        log_.info("resealed stored texts", {{"root", std::string_view(report.root)},
                                            {"resealed", static_cast<std::int64_t>(report.resealed)},
                                            {"complete", report.complete}});
    }
    if (report.unopened > 0) {
        incomplete_ = report.root;
        log_.error("stored texts do not open; they were left as they are",
                   {{"root", std::string_view(report.root)},
                    {"texts", static_cast<std::int64_t>(report.unopened)},
                    {"first", std::string_view(report.unopened_places.front())}});
    }
    return {};
}

ResealThread::ResealThread(ResealJob& job) : job_(job) {
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
        // What is left to do then waits for `majed key reseal`, or for the next start.
    }
}

ResealThread::~ResealThread() {
    job_.stop();
    {
        const Lock lock(mutex_);
        ended_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ResealThread::work() {
    for (;;) {
        job_.run();
        const Deadline next = deadline_after(ResealJob::every);
        const Lock lock(mutex_);
        while (!ended_ && changed_.wait_until(mutex_, next) != std::cv_status::timeout) {
        }
        if (ended_) return;
    }
}

}  // namespace majed::app
