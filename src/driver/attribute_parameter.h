/// An attribute of the principal that a statement takes as a parameter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace majed::driver {

/// Values of one attribute that a statement takes one by one.
inline constexpr std::size_t most_spelled_values = 16;

struct AttributeParameter {
    std::string name;
    bool list =
        false;  ///< All of its values, as an array of text; else its only value, NULL when it has several.
    /// Oracle: of a list, one value alone, from 1 to most_spelled_values; those there are none for repeat the last.
    std::size_t place = 0;
    friend bool operator==(const AttributeParameter&, const AttributeParameter&) = default;
};

}  // namespace majed::driver
