/// A resolved statement, made to read guard views instead of tables: by splicing, byte for byte elsewhere.
///
/// Why      What the user wrote keeps its meaning; only what it reads changes.
/// Life     Free functions.
/// Threads  Pure.
/// Not here What the views show (enforcement.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "driver/authorized_statement.h"
#include "rewrite/enforcement.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// The text to send, and what the session must know to let it pass.
struct Rewritten {
    std::string sql;
    std::vector<std::string> guard_views;  ///< Every view it reads, each once.
    std::vector<std::string> local_names;  ///< Lower case: tables the statement defines itself, and aliases.
    bool uses_json_tables = false;
    // On a server:
    std::size_t caller_parameters = 0;                        ///< `$1` to this are the caller's.
    std::vector<driver::AttributeParameter> attributes = {};  ///< Those behind them, in order.
};

/// Rewrites `select`, resolved against a Profile of `enforcement`; `text` is what it was parsed from.
/// Errors: not_found (INDEXED BY an index that does not exist).
[[nodiscard]] Result<Rewritten> rewrite(sql::Select& select, std::string_view text,
                                        const sql::Resolution& resolution, const Enforcement& enforcement);

/// Parses and resolves the rewritten text against nothing but the guard views and requires as many protected
/// references as the original had, and the same encrypted columns in its answer. `parser` is for scratch.
/// Errors: internal: the rewriter made something it does not understand; the statement must not run.
[[nodiscard]] Result<void> verify(const Rewritten& rewritten, const sql::Resolution& original,
                                  const Enforcement& enforcement, sql::Parser& parser);

}  // namespace majed::rewrite
