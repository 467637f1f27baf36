/// Is a write for Oracle, parsed and resolved again, held to the conditions that its rewriting meant?
///
/// Why      What was put into the text is looked for in the tree that a server would read, not in the plan that made it.
/// Life     Free functions.
/// Threads  Pure.
/// Not here What it reads, writes and binds (inline_rewriter.h), which conditions (oracle_write_plan.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rewrite/rewriter.h"
#include "sql/write_tree.h"

namespace majed::rewrite {

/// `write` is resolved, and was read from `rewritten.sql`. Its target must be the query that the conditions tell of, or the
/// table where there are none; whatever may fail of its rows, and every query about them, must stand behind them.
[[nodiscard]] bool oracle_write_holds(sql::Write& write, const Rewritten& rewritten);

}  // namespace majed::rewrite
