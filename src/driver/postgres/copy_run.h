/// One `COPY ... FROM STDIN`: its data to the server, and an end that leaves the connection fit for the next statement.
///
/// Why      Loading a million rows must take one statement, and must stop in time like every other.
/// Life     Free functions; borrow all they are given. Within an operation of the wire.
/// Threads  The connection's.
/// Not here Rows of parameters (batch_run.h), what the data must look like (the server says).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/postgres/wire.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace majed::driver::postgres {

/// `COPY x FROM STDIN ...`, told by its words. Nothing else may be sent to be loaded: a file or a program of the server's
/// could be read, and a writing statement would have run before its answer shows what it was.
[[nodiscard]] bool takes_rows(std::string_view sql);

/// Sends `sql`, for which takes_rows() holds, and then `rows`. The rows that were loaded.
/// Errors: as execute; in_doubt only outside a transaction.
[[nodiscard]] Result<std::uint64_t> run_copy(Wire& wire, const std::string& sql, std::string_view rows);

}  // namespace majed::driver::postgres
