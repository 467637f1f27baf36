/// An attribute of the principal that a statement takes as a parameter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace majed::driver {

struct AttributeParameter {
    std::string name;
    bool list =
        false;  ///< All of its values, as an array of text; else its only value, NULL when it has several.
    friend bool operator==(const AttributeParameter&, const AttributeParameter&) = default;
};

}  // namespace majed::driver
