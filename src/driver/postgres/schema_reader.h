/// Reads from PostgreSQL's catalogue what the login may read.
///
/// Why      What a role cannot select, a policy need not know; and names alone can tell.
/// Life     A function.
/// Threads  As the connection.
/// Not here Types of results (native_type.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/connection.h"
#include "driver/schema_description.h"

namespace majed::driver::postgres {

/// Tables (plain, partitioned, foreign), views and materialized views outside the system's schemas, by schema and name, with
/// keys, triggers and owners, and who we are there: all of one moment, in a transaction of its own.
/// Errors: invalid_argument (a transaction is open), unavailable, timeout, cancelled.
[[nodiscard]] Result<SchemaDescription> read_schema(Connection& connection, Deadline deadline);

/// The version that `read_schema` gives. Errors: unavailable, timeout, cancelled.
[[nodiscard]] Result<std::int64_t> read_schema_version(Connection& connection, Deadline deadline);

}  // namespace majed::driver::postgres
