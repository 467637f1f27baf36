/// A number of single precision as people wrote it: 0.1, and not the double nearest to its 24 bits, 0.10000000149011612.
///
/// Why      Cells hold doubles, which are shown by their shortest digits; both servers show single precision by its own.
/// Life     Free function.
/// Threads  Pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace majed::driver {

/// The double that has the fewest digits of all that become `number` again; NaN and infinities stay what they are.
[[nodiscard]] inline double widened(float number) noexcept {
    if (!std::isfinite(number)) return number;
    constexpr std::size_t longest = 24;
    std::array<char, longest> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    double wide = 0;
    std::from_chars(digits.data(), written.ptr, wide);
    return wide;
}

}  // namespace majed::driver
