/// Opens a native connection: looks hosts up, tries their addresses in turn, proves who we are.
///
/// Why      libpq's own way blocks on name service and knows no deadline.
/// Life     A function; `lookups` outlives it.
/// Threads  Any.
/// Not here The settings (login_plan.h); what is done with the connection (wire.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "core/secret.h"
#include "driver/postgres/blocking_calls.h"
#include "driver/postgres/login_plan.h"
#include "driver/postgres/native_handle.h"

namespace majed::driver::postgres {

/// A connection in non-blocking mode. A refused login ends the search: the same words elsewhere could lock the account.
/// Errors: unavailable (lost, refused_login, exhausted), not_found (no such database), timeout (class lost).
[[nodiscard]] Result<NativeConnection> log_in(const LoginPlan& plan, const Secret& password,
                                              BlockingCalls& lookups, Deadline deadline);

}  // namespace majed::driver::postgres
