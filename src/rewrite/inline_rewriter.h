/// A resolved statement for a server, made to read queries in parentheses instead of tables: by splicing.
///
/// Why      Only references to tables with a rule change; a statement without one is sent as it was written.
/// Life     Free functions.
/// Threads  Pure.
/// Not here What the queries show (inline_compiler.cpp), SQLite (rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <cstddef>
#include <string_view>

namespace majed::rewrite {

/// Parameters that one statement can have: what Int16 of the protocol's Bind message counts.
inline constexpr std::size_t most_parameters = 32'767;

/// As rewrite(), of a statement with the caller's parameters `$1` to `$<caller_parameters>`.
/// Errors: denied (FOR UPDATE), unsupported (TABLESAMPLE, ONLY on a table with a rule), too_large.
[[nodiscard]] Result<Rewritten> rewrite_inline(sql::Select& select, std::string_view text,
                                               const sql::Resolution& resolution,
                                               const Enforcement& enforcement, std::size_t caller_parameters);

/// The same of a write, which `parser` read last. Errors: also those of rewrite() of a write.
[[nodiscard]] Result<Rewritten> rewrite_inline(sql::Write& write, const sql::Parser& parser,
                                               const sql::Resolution& resolution,
                                               const Enforcement& enforcement, const Profile& profile);

/// As verify(): every table of the result is read by an inlined view or has no rule, and each as often as it should be.
[[nodiscard]] Result<void> verify_inline(const Rewritten& rewritten, const sql::Resolution& original,
                                         const Enforcement& enforcement, const sql::Schema& profile,
                                         sql::Parser& parser);

/// As verify_write(): it reads what it should, writes the columns of its one target that it did before, and holds the
/// conditions that the rules put into it.
[[nodiscard]] Result<void> verify_inline_write(const Rewritten& rewritten, const sql::Resolution& original,
                                               const Enforcement& enforcement, const sql::Schema& profile,
                                               sql::Parser& parser);

/// The highest `$n` of the tokens that `parser` read last.
[[nodiscard]] std::size_t highest_parameter(const sql::Parser& parser);

}  // namespace majed::rewrite
