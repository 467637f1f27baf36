/// A leased place to run authorized statements, whatever the make of the database.
///
/// Why      The only door to a source's rows: it takes an AuthorizedStatement, which only gateway/ can make.
/// Life     Made by source/, one per physical connection; discarded after a failure that leaves doubt.
/// Threads  One thread at a time; `interrupt` alone may be called from another.
/// Not here Pooling (pool/), deciding (policy/), rewriting (rewrite/), statements of our own (connection.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/attributes.h"
#include "core/result.h"
#include "driver/authorized_statement.h"
#include "driver/lendable.h"
#include "driver/run.h"

namespace majed::driver {

class Session : public Lendable {
public:
    /// Runs one statement under `identity` and streams its rows. PostgreSQL announces the columns first, as it names and
    /// types them; on SQLite each cell has a type of its own. A write is done wholly, before this returns without an
    /// error, or not at all; more rows than the limits let it answer are an error, and so is what the sink answers.
    /// Errors: for a write, denied (a row that may not be so) and conflict of class user_error (a constraint of the
    /// table); for all, invalid_argument (parameters, or the engine refuses the statement), denied (an engine-side
    /// lock refused what policy let through), timeout, cancelled, too_large, conflict (the schema changed:
    /// the source must refresh and the caller may retry), unavailable, internal.
    [[nodiscard]] virtual Result<RunSummary> run(const AuthorizedStatement& statement,
                                                 const Parameters& parameters, const Attributes& identity,
                                                 const RunLimits& limits, RowSink& sink) = 0;

    /// Prepares without running: what `check` needs to say that the engine accepts it. Errors: as run.
    [[nodiscard]] virtual Result<void> prepare(const AuthorizedStatement& statement) = 0;
};

}  // namespace majed::driver
