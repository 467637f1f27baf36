/// GROUP BY a primary key, of tables that are read through a query in parentheses.
///
/// Why      A server that knows the key lets the other columns stand ungrouped beside it; of a query in parentheses it
///          knows no key, and refuses. Grouped by as well, they change no group: one key has one value of each.
/// Life     Computed per statement.
/// Threads  Pure.
/// Not here Which tables are read so (inline_rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/resolver.h"
#include "sql/tree.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace majed::rewrite {

/// Text that goes before a byte of the statement.
struct GroupAddition {
    std::uint32_t offset = 0;
    std::string text;
};

[[nodiscard]] std::vector<GroupAddition> beside_grouped_keys(
    const sql::Resolution& resolution, const std::function<bool(const sql::FromItem&)>& is_inlined);

}  // namespace majed::rewrite
