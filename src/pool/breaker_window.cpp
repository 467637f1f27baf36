// SPDX-License-Identifier: Apache-2.0
#include "pool/breaker_window.h"

#include <algorithm>
#include <chrono>

namespace majed::pool {
namespace {

std::size_t slots_for(const BreakerOptions& options) {
    switch (options.window) {
        case WindowKind::calls:
            return options.window_calls;
        case WindowKind::time:
            return static_cast<std::size_t>(options.window_span.count());
        case WindowKind::none:
            break;
    }
    return 0;
}

WindowCounts sum(const WindowCounts& a, const WindowCounts& b) {
    return {a.calls + b.calls, a.failures + b.failures, a.slow + b.slow};
}

WindowCounts difference(const WindowCounts& a, const WindowCounts& b) {
    return {a.calls - b.calls, a.failures - b.failures, a.slow - b.slow};
}

}  // namespace

BreakerWindow::BreakerWindow(const BreakerOptions& options, TimePoint now)
    : kind_(options.window), start_(now), slots_(slots_for(options)) {}

void BreakerWindow::clear(TimePoint now) {
    std::fill(slots_.begin(), slots_.end(), WindowCounts{});
    start_ = now;
    head_ = 0;
    total_ = {};
}

std::uint64_t BreakerWindow::second_of(TimePoint now) const {
    // Threads read the clock before they take turns: a time before the start is the start.
    const auto since = std::max(now - start_, TimePoint::duration::zero());
    return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(since).count());
}

void BreakerWindow::forget_until(std::uint64_t second) {
    const std::uint64_t steps = std::min<std::uint64_t>(second - head_, slots_.size());
    for (std::uint64_t step = 1; step <= steps; ++step) {
        WindowCounts& oldest = slots_[(head_ + step) % slots_.size()];
        total_ = difference(total_, oldest);
        oldest = {};
    }
    head_ = second;
}

void BreakerWindow::record_in_ring(const WindowCounts& one) {
    WindowCounts& slot = slots_[head_ % slots_.size()];
    total_ = sum(difference(total_, slot), one);
    slot = one;
    ++head_;
}

void BreakerWindow::record_in_seconds(const WindowCounts& one, TimePoint now) {
    const std::uint64_t second = second_of(now);
    if (second > head_) {
        forget_until(second);
    }
    WindowCounts& slot = slots_[head_ % slots_.size()];
    slot = sum(slot, one);
    total_ = sum(total_, one);
}

void BreakerWindow::record(WindowCall call, TimePoint now) {
    const WindowCounts one{1, call.failed ? 1U : 0U, call.slow ? 1U : 0U};
    switch (kind_) {
        case WindowKind::calls:
            record_in_ring(one);
            return;
        case WindowKind::time:
            record_in_seconds(one, now);
            return;
        case WindowKind::none:
            return;
    }
}

WindowCounts BreakerWindow::counts(TimePoint now) const {
    if (kind_ != WindowKind::time) {
        return total_;
    }
    const std::uint64_t second = second_of(now);
    if (second <= head_) {
        return total_;
    }
    const std::uint64_t gone = std::min<std::uint64_t>(second - head_, slots_.size());
    WindowCounts left = total_;
    for (std::uint64_t step = 1; step <= gone; ++step) {
        left = difference(left, slots_[(head_ + step) % slots_.size()]);
    }
    return left;
}

}  // namespace majed::pool
