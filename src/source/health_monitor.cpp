// SPDX-License-Identifier: Apache-2.0
#include "source/health_monitor.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace majed::source {
namespace {

/// A thread each.
constexpr std::size_t most_sources = 256;

Error refused(const WatchedSource& source, const std::string& what) {
    return {ErrorCode::invalid_argument, "health of source '" + source.name + "': " + what};
}

}  // namespace

HealthMonitor::HealthMonitor(std::vector<std::unique_ptr<HealthWatch>> watches, HealthWatch::Now now)
    : watches_(std::move(watches)), now_(std::move(now)) {}

HealthMonitor::~HealthMonitor() {
    stop();
}

Result<std::unique_ptr<HealthMonitor>> HealthMonitor::create(std::vector<WatchedSource> sources,
                                                             HealthWatch::Now now) {
    if (!now) {
        now = [] { return SteadyClock::now(); };
    }
    if (sources.size() > most_sources) {
        return Error{ErrorCode::invalid_argument, "health: too many sources to watch"};
    }
    std::set<std::string> names;
    std::vector<std::unique_ptr<HealthWatch>> watches;
    for (WatchedSource& source : sources) {
        if (!names.insert(source.name).second) {
            return refused(source, "the name is taken");
        }
        if (!source.check && source.requirement != Requirement::absent) {
            return refused(source, "there is no way to check it");
        }
        if (auto checked = check(source.options); !checked) {
            return refused(source, checked.error().message);
        }
        watches.push_back(std::make_unique<HealthWatch>(std::move(source), now));
    }
    return std::unique_ptr<HealthMonitor>(new HealthMonitor(std::move(watches), std::move(now)));
}

Result<void> HealthMonitor::start() {
    const Lock lock(starting_);
    if (stopped_) {
        return Error{ErrorCode::unsupported, "the watch over the sources has ended"};
    }
    if (!threads_.empty()) {
        return {};
    }
    threads_.reserve(watches_.size());
    for (const auto& source : watches_) {
        if (source->requirement() == Requirement::absent) {
            continue;
        }
        try {
            threads_.emplace_back(
                [this, watched = source.get()](const std::stop_token& stop) { watch(stop, *watched); });
        } catch (const std::system_error&) {
            threads_.clear();  // Stops and joins those that run.
            return Error{ErrorCode::overloaded, "no thread is to be had to watch the sources"};
        }
    }
    return {};
}

void HealthMonitor::stop() {
    const Lock lock(starting_);
    if (std::exchange(stopped_, true)) {
        return;
    }
    for (std::jthread& thread : threads_) {
        thread.request_stop();
    }
    for (const auto& source : watches_) {
        source->interrupt();
    }
    threads_.clear();
}

void HealthMonitor::look_now() {
    {
        const Lock lock(mutex_);
        ++wakes_;
    }
    woken_.notify_all();
}

void HealthMonitor::watch(const std::stop_token& stop, HealthWatch& source) {
    std::uint64_t seen = 0;
    while (!stop.stop_requested()) {
        {
            // Read before the look: a wake during it asks for another.
            const Lock lock(mutex_);
            seen = wakes_;
        }
        source.look();
        const auto until = SteadyClock::now() + source.next_look();
        const Lock lock(mutex_);
        woken_.wait_until(mutex_, stop, until, [&]() MAJED_REQUIRES(mutex_) { return wakes_ != seen; });
    }
}

HealthReport HealthMonitor::report() const {
    std::vector<SourceHealth> sources;
    sources.reserve(watches_.size());
    for (const auto& source : watches_) {
        sources.push_back(source->health());
    }
    return report_of(std::move(sources), now_());
}

}  // namespace majed::source
