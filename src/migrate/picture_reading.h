/// What the pictures of all engines are read with; one function per engine.
///
/// Why      take_picture is one question; the catalogues it asks have nothing in common.
/// Life     Free functions; cells are views that die with the call.
/// Threads  As the connection.
/// Not here What a picture is (picture.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "core/value.h"
#include "driver/connection.h"
#include "migrate/picture.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

using Cells = std::span<const ValueView>;

/// Empty for NULL; digits of a whole number.
[[nodiscard]] std::string cell_text(const ValueView& cell);

/// A table of the ledger, whatever the case of its name.
[[nodiscard]] bool is_ledger_name(std::string_view name);

/// Hands each row to `take`. Errors: of the driver; too_large (no schema is that big).
[[nodiscard]] Result<void> for_each_row(driver::Connection& connection, std::string_view sql,
                                        std::vector<Value> positional, Deadline deadline,
                                        std::function<void(Cells)> take);

/// Runs `read` in a transaction that only reads: the one that is open, or one of its own.
/// Errors: of `read`, of the driver.
[[nodiscard]] Result<SchemaPicture> in_transaction(driver::Connection& connection, Deadline deadline,
                                                   const std::function<Result<SchemaPicture>()>& read);

// In any order; `take_picture` sorts. Errors: of the driver; conflict (the schema does not hold still).
[[nodiscard]] Result<SchemaPicture> picture_of_sqlite(driver::Connection& connection, Deadline deadline);
[[nodiscard]] Result<SchemaPicture> picture_of_postgresql(driver::Connection& connection, Deadline deadline);
[[nodiscard]] Result<SchemaPicture> picture_of_oracle(driver::Connection& connection, Deadline deadline);

}  // namespace majed::migrate
