/// What goes into the running of one statement and what comes out, whatever the make of the database.
///
/// Why      Rows are handed on as views of the driver's own buffers: no copy per cell, no answer kept whole.
/// Life     Values; a RowSink's views die when its call returns.
/// Threads  Values; a sink is called by the thread that runs the statement.
/// Not here Who may run what (session.h, connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "core/value.h"
#include "driver/result_column.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace majed::driver {

/// Values for the statement's bind parameters.
struct Parameters {
    std::vector<Value> positional;                     ///< `?`, `?NNN`, `$N`, in order from 1.
    std::vector<std::pair<std::string, Value>> named;  ///< Without the `:`, `@` or `$`.
};

struct RunLimits {
    Deadline deadline = Deadline::max();
    std::uint64_t max_rows = UINT64_MAX;
    std::uint64_t max_bytes = UINT64_MAX;  ///< Of cell payload handed to the sink.
};

/// Receives rows as they come. The views die when the call returns.
class RowSink {
public:
    RowSink() = default;
    RowSink(const RowSink&) = delete;
    RowSink& operator=(const RowSink&) = delete;
    virtual ~RowSink() = default;
    /// Called once before the first row by `Connection`, and by a governed `Session` of a server; one of SQLite leaves it
    /// to its caller, who knows which column shows what. An error stops the statement and is returned as it is.
    [[nodiscard]] virtual Result<void> begin(std::span<const ResultColumn> columns) {
        static_cast<void>(columns);
        return {};
    }
    /// An error stops the statement and is returned from `run` as it is.
    [[nodiscard]] virtual Result<void> row(std::span<const ValueView> cells) = 0;
};

struct RunSummary {
    std::uint64_t rows = 0;
    bool truncated = false;           ///< Proven: one row more than was handed out did exist.
    std::uint64_t rows_affected = 0;  ///< By INSERT, UPDATE, DELETE, MERGE; 0 for others.
};

}  // namespace majed::driver
