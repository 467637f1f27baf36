/// The bind parameters of one prepared statement, and giving them values.
///
/// Why      Every parameter must be given and nothing else: a forgotten one would silently be NULL.
/// Life     Read once when a statement is prepared.
/// Threads  As the statement.
/// Not here Conversion of values: native_value.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/session.h"

#include <string>
#include <vector>

struct sqlite3_stmt;

namespace majed::driver::sqlite {

class StatementParameters {
public:
    explicit StatementParameters(sqlite3_stmt* statement);

    /// Borrows the values: they must outlive the run. Positional values go, in order, to the parameters
    /// without a name. Errors: invalid_argument (missing or left over, named), too_large.
    [[nodiscard]] Result<void> bind(sqlite3_stmt* statement, const Parameters& given) const;

private:
    [[nodiscard]] Result<void> refuse_left_over(const Parameters& given) const;

    std::vector<std::string> spelling_;  ///< By index from 1: `:name` as written; empty when positional.
    std::size_t positional_ = 0;
};

}  // namespace majed::driver::sqlite
