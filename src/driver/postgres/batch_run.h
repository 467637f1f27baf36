/// One statement for many rows of parameters, all or nothing, through libpq's pipeline.
///
/// Why      A round trip per row is what makes loading slow; a batch that half succeeds is what makes it wrong.
/// Life     On the stack of `execute_many`; borrows all it is given.
/// Threads  The connection's.
/// Not here Commit and rollback of the whole (postgres_connection.cpp), preparing (statement_cache.h).
///
/// Rows go out in chunks bounded by count and bytes, each answered before the next is sent. The chunks lie in one
/// transaction, so a failure in any undoes them all.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/postgres/prepared_statement.h"
#include "driver/postgres/wire.h"

#include <cstdint>
#include <span>
#include <vector>

namespace majed::driver::postgres {

using BatchRows = std::span<const std::vector<Value>>;

/// Sends `opening` (BEGIN, SAVEPOINT x) with the first chunk, then the rows. The rows affected.
/// Errors: as execute; the message says which row, counted from 1. The caller undoes what `opening` began.
[[nodiscard]] Result<std::uint64_t> run_batch(Wire& wire, const PreparedStatement& statement, BatchRows rows,
                                              const char* opening);

}  // namespace majed::driver::postgres
