/// What a person needs beside a refusal: where in the text, and what is there instead.
///
/// Why      "There is no such table" is answered with the next question; check answers it at once.
/// Life     Pure functions.
/// Threads  Any.
/// Not here What is refused (sql/, policy/): nothing here knows more than the principal's own profile shows, so a
///          table that is denied and one that does not exist are explained alike.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "gateway/gateway.h"
#include "rewrite/enforcement.h"

#include <cstddef>
#include <string_view>

namespace majed::gateway {

/// The place of byte `offset`; columns count characters.
[[nodiscard]] TextPlace place_in(std::string_view sql, std::size_t offset);

/// `error`, of a statement `sql` that was decided for `profile`, with a hint where it has none: what may be run, or the
/// tables or columns the profile shows whose names are near.
[[nodiscard]] Error explained(Error error, std::string_view sql, std::string_view statement_class,
                              const rewrite::Profile& profile);

}  // namespace majed::gateway
