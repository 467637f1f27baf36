// SPDX-License-Identifier: Apache-2.0
#include "app/reseal_job.h"

#include <cstdint>
#include <string_view>
#include <utility>

namespace majed::app {

ResealJob::ResealJob(std::string store_path, std::shared_ptr<store::StoreSeals> seals, telemetry::Log& log)
    : store_path_(std::move(store_path)), seals_(std::move(seals)), log_(log) {}

Result<void> ResealJob::run(const Stopping& stopping) {
    MAJED_TRY_ASSIGN(const auto walk, store::SealWalk::open(store_path_, seals_));
    MAJED_TRY_ASSIGN(const bool pending, walk->is_pending());
    if (!pending) return {};
    if (!incomplete_.empty()) {
        MAJED_TRY_ASSIGN(const std::string newest, seals_->newest_root());
        if (newest == incomplete_) return {};
    }
    const store::ResealWatch watch = [&stopping](const store::ResealProgress&) {
        return stopping() ? store::WalkOn::no : store::WalkOn::yes;
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

}  // namespace majed::app
