/// The rows of a short query of our own, collected; and statements that only change rows.
///
/// Why      The ledger is small and read whole; a sink for each query would hide what is asked.
/// Life     Free functions; answers own their cells.
/// Threads  As the connection.
/// Not here Statements of migrations (statement_step.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "core/value.h"
#include "driver/connection.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::migrate {

using Named = std::vector<std::pair<std::string, Value>>;
using Row = std::vector<Value>;

/// Parameters are written `:name` for every engine. Errors: of the driver.
[[nodiscard]] Result<std::vector<Row>> fetch(driver::Connection& connection, std::string_view sql,
                                             Named parameters, Deadline deadline);

/// How many rows it changed. Errors: of the driver.
[[nodiscard]] Result<std::uint64_t> change(driver::Connection& connection, std::string_view sql,
                                           Named parameters, Deadline deadline);

/// Empty for NULL and what is no text.
[[nodiscard]] std::string text_of(const Value& value);
/// Also of a boolean and of digits; 0 for everything else.
[[nodiscard]] std::int64_t integer_of(const Value& value);

}  // namespace majed::migrate
