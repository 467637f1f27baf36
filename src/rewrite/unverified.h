/// Why a statement that was made to keep to its rules is not run: what every verifier says.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

namespace majed::rewrite {

/// It is not what it should have become: a bug of ours.
[[nodiscard]] inline Error unverified() {
    return Error{ErrorCode::internal, "the guarded statement could not be verified and was not run"};
}

/// It grew past what is read again (sql/budget.h).
[[nodiscard]] inline Error too_large_with_rules() {
    return Error{ErrorCode::too_large,
                 "the statement is too large with the rules and masks of its tables in it"}
        .with_hint("Name tables that have rules fewer times, or ask in several statements.");
}

/// `found` by whoever read it again.
[[nodiscard]] inline Error unverified(const Error& found) {
    return found.code == ErrorCode::too_large ? too_large_with_rules() : unverified();
}

}  // namespace majed::rewrite
