/// The names of an identity's attributes, held to one rule by every driver.
///
/// Why      A policy inside the database reads one value for a name: of two, one would be lost without a word.
/// Life     A free function.
/// Threads  Pure.
/// Not here What a name may be made of (each driver).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ascii.h"
#include "core/result.h"
#include "driver/connection.h"

#include <algorithm>

namespace majed::driver {

/// Errors: invalid_argument (two attributes have one name; case does not matter).
[[nodiscard]] inline Result<void> names_are_distinct(const SessionIdentity& identity) {
    const auto& attributes = identity.attributes;
    for (auto entry = attributes.begin(); entry != attributes.end(); ++entry) {
        if (std::any_of(attributes.begin(), entry,
                        [&](const auto& other) { return equal_ascii_case(other.first, entry->first); })) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = "an identity has two attributes of one name",
                         .failure = FailureClass::user_error};
        }
    }
    return {};
}

}  // namespace majed::driver
