/// GROUP BY a primary key, of tables that are read through a query in parentheses.
///
/// Why      A server that knows the key lets the other columns stand ungrouped beside it; of a query in parentheses it
///          knows no key, and refuses. Grouped by as well, they change no group: one key has one value of each.
/// Life     Of one rewriting.
/// Threads  Pure.
/// Not here Which tables are read so (inline_rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rewrite/enforcement.h"
#include "rewrite/splice.h"
#include "sql/resolver.h"

namespace majed::rewrite {

/// Adds to each GROUP BY what stands beside a whole key of it.
void group_beside_keys(const sql::Resolution& resolution, const Enforcement& enforcement, Splicer& splicer);

}  // namespace majed::rewrite
