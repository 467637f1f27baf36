/// Reads what exists in an Oracle database, as its user may see it.
///
/// Why      One pass over each dictionary view, sorted alike and merged: no query per table.
/// Life     Free functions.
/// Threads  As the connection.
/// Not here Look-up by name (catalog/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/connection.h"
#include "driver/schema_description.h"
#include "driver/write_grant.h"

#include <cstdint>
#include <optional>

namespace majed::driver::oracle {

/// Tables, views and materialised views of all owners that Oracle does not maintain itself. Errors: unavailable, timeout.
[[nodiscard]] Result<SchemaDescription> read_catalog(Connection& connection, Deadline deadline);

/// The version that read_catalog would give now. Errors: likewise.
[[nodiscard]] Result<std::optional<std::int64_t>> read_catalog_version(Connection& connection,
                                                                       Deadline deadline);

/// Has the table of `grant` triggers, or, where rows go, foreign keys that reach on? Asked in the transaction of a write, behind it.
[[nodiscard]] Result<bool> drags_others(Connection& connection, const WriteGrant& grant, Deadline deadline);

}  // namespace majed::driver::oracle
