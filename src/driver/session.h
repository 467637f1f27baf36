/// A leased place to run authorized statements, whatever the make of the database.
///
/// Why      The only door to a source's rows: it takes an AuthorizedStatement, which only gateway/ can make.
/// Life     Made by source/, one per physical connection; discarded after a failure that leaves doubt.
/// Threads  One thread at a time; `interrupt` alone may be called from another.
/// Not here Pooling (source/, pool/), deciding (policy/), rewriting (rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/deadline.h"
#include "core/result.h"
#include "core/value.h"
#include "driver/authorized_statement.h"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace majed::driver {

/// Values for the statement's bind parameters.
struct Parameters {
    std::vector<Value> positional;                     ///< `?`, `?NNN`, in order from 1.
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
    /// An error stops the statement and is returned from `run` as it is.
    [[nodiscard]] virtual Result<void> row(std::span<const ValueView> cells) = 0;
};

struct RunSummary {
    std::uint64_t rows = 0;
    bool truncated = false;  ///< Proven: one row more than was handed out did exist.
};

class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    /// Runs one statement under `identity` and streams its rows.
    /// Errors: invalid_argument (parameters, or the engine refuses the statement), denied (an engine-side
    /// lock refused what policy let through), timeout, cancelled, too_large, conflict (the schema changed:
    /// the source must refresh and the caller may retry), unavailable, internal.
    [[nodiscard]] virtual Result<RunSummary> run(const AuthorizedStatement& statement,
                                                 const Parameters& parameters, const Attributes& identity,
                                                 const RunLimits& limits, RowSink& sink) = 0;

    /// Prepares without running: what `check` needs to say that the engine accepts it. Errors: as run.
    [[nodiscard]] virtual Result<void> prepare(const AuthorizedStatement& statement) = 0;

    /// Makes a running statement end with `cancelled` soon. Any thread.
    virtual void interrupt() noexcept = 0;

    /// False after an error that leaves the connection in doubt: close it, do not lend it again.
    [[nodiscard]] virtual bool reusable() const noexcept = 0;
};

}  // namespace majed::driver
