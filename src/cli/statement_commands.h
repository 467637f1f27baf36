/// `majed query` and `majed check`.
///
/// Why      The gateway as a person or a script meets it first.
/// Life     Functions of their options.
/// Threads  One thread at a time.
/// Not here Rows as text (format/), errors as text (problem_text.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.h"
#include "core/result.h"
#include "format/rows_writer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace majed::cli {

struct StatementOptions {
    std::string principal;  ///< A user, or a client by name or id.
    std::string source;
    std::string sql;  ///< `-`: standard input.
    std::vector<std::string> positional = {};
    std::vector<std::string> named = {};  ///< `name=value`.
    format::RowsFormat format = format::RowsFormat::table;
    std::uint64_t max_rows = 0;  ///< 0: the source's limit.
};

/// Reads standard input when the SQL is `-`; otherwise changes nothing. Errors: too_large.
[[nodiscard]] Result<void> complete_sql(Context& context, StatementOptions& options);

/// Errors: those of the store and the gateway.
[[nodiscard]] Result<void> query(Context& context, const StatementOptions& options);
/// An answer that the statement is not allowed is an error too: the first problem.
[[nodiscard]] Result<void> check(Context& context, const StatementOptions& options);

}  // namespace majed::cli
