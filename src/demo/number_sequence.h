/// A reproducible sequence of numbers: the same seed gives the same demo data with every compiler.
///
/// Why      The standard library's distributions differ between implementations; integer arithmetic does not.
/// Life     A value.
/// Threads  One thread at a time.
/// Not here Anything secret: crypto/random.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace majed::demo {

class NumberSequence {
public:
    explicit NumberSequence(std::uint64_t seed) noexcept : state_(seed) {}

    /// SplitMix64.
    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    /// 0 .. count-1; `count` is small, so the bias of the remainder does not matter.
    std::size_t below(std::size_t count) noexcept { return static_cast<std::size_t>(next() % count); }
    /// first .. last.
    std::int64_t between(std::int64_t first, std::int64_t last) noexcept {
        return first + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(last - first + 1));
    }
    /// True in `percent` of 100 calls.
    bool chance(unsigned percent) noexcept { return next() % 100 < percent; }
    /// Spread like prices and sales are (a few large, many small): `middle` times six factors of 0.60
    /// to 1.65.
    std::int64_t skewed(std::int64_t middle) noexcept {
        for (int i = 0; i < 6; ++i) {
            middle = middle * between(60, 165) / 105;
        }
        return middle;
    }

private:
    std::uint64_t state_;
};

}  // namespace majed::demo
