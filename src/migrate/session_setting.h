/// Statements that leave nothing behind but a setting of their session.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "migrate/dialect.h"

#include <string_view>

namespace majed::migrate {

/// `SET search_path = app`, `PRAGMA foreign_keys = off`, `ALTER SESSION SET ...`: a run that goes on where another ended
/// repeats them, for its session is a new one.
[[nodiscard]] bool sets_session_only(Dialect dialect, std::string_view text);

}  // namespace majed::migrate
