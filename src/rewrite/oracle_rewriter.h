/// A resolved statement for Oracle, made to read queries in parentheses instead of tables: by splicing.
///
/// Why      Only references to tables with a rule change; a statement without one is sent as it was written.
/// Life     Free functions.
/// Threads  Pure.
/// Not here What the queries show (inline_compiler.cpp), where they need a barrier (barrier_plan.h), the target of a write
///          (oracle_write_plan.h), PostgreSQL
///          (inline_rewriter.h), which checks the result of both (verify_inline).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// Binds that one statement can have.
inline constexpr std::size_t most_oracle_binds = 65'535;

/// What the tokens of a statement tell that its tree does not.
struct OracleMarks {
    /// As the server names them, in the order in which they first stand there: `NAME`, `1`.
    std::vector<std::string> binds;
    std::optional<std::uint32_t> hint;   ///< The first comment that is an instruction to the optimizer.
    std::vector<sql::Span> terminators;  ///< Semicolons, which are no part of a statement there (ORA-00933).
};

/// Of the text that `parser` read last.
[[nodiscard]] OracleMarks oracle_marks(const sql::Parser& parser);

/// As rewrite_inline. Errors: denied (FOR UPDATE), unsupported (of a table with a rule: SAMPLE, ONLY, PARTITION FOR what
/// is no literal; hints beside one), invalid_argument (a bind called like ours), too_large.
[[nodiscard]] Result<Rewritten> rewrite_oracle(sql::Select& select, std::string_view text,
                                               const sql::Resolution& resolution,
                                               const Enforcement& enforcement, const OracleMarks& marks);

/// The same of a write, which `parser` read last. Errors: also as plan_oracle_write.
[[nodiscard]] Result<Rewritten> rewrite_oracle(sql::Write& write, const sql::Parser& parser,
                                               const sql::Resolution& resolution,
                                               const Enforcement& enforcement, const Profile& profile);

/// Are the binds of the text that `parser` read last those of `rewritten`, the caller's and ours?
[[nodiscard]] bool oracle_binds_fit(const sql::Parser& parser, const Rewritten& rewritten,
                                    std::string_view bind_prefix);

}  // namespace majed::rewrite
