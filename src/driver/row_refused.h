/// What a write is refused with when a row that it would leave breaks a rule, on every server.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"

namespace majed::driver {

[[nodiscard]] inline Error row_refused() {
    return Error{.code = ErrorCode::denied,
                 .message = "a row would be one that the policies do not let you write; nothing was written",
                 .failure = FailureClass::user_error};
}

}  // namespace majed::driver
