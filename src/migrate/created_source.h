/// Oracle: what was created with compilation errors is a failure, though the server calls it a success.
///
/// Why      A procedure that does not compile answers ORA-24344, a warning: the next statement that needs it fails far away.
/// Life     Free functions.
/// Threads  As the connection.
/// Not here Running statements (statement_step.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/connection.h"
#include "migrate/dialect.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace majed::migrate {

/// Where the first word of a statement is, behind blanks and comments.
[[nodiscard]] std::size_t first_word_at(Dialect dialect, std::string_view text) noexcept;

/// A procedure, function, package, type, trigger, or a body of one, as USER_ERRORS names it.
struct CreatedSource {
    std::string type;  ///< `PACKAGE BODY`
    std::string name;  ///< Folded as Oracle folds it.
};

/// Absent when `text` creates none of these.
[[nodiscard]] std::optional<CreatedSource> created_source(std::string_view text);

/// Asks for its errors when `text` creates one. Errors: invalid_argument (with line and words of the first), the driver's.
[[nodiscard]] Result<void> check_created_source(driver::Connection& connection, std::string_view text,
                                                Deadline deadline);

}  // namespace majed::migrate
