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
#include "driver/write_grant.h"
#include "rewrite/enforcement.h"
#include "rewrite/inline_conditions.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <algorithm>
#include <cstddef>
#include <optional>
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
    std::vector<std::string> caller_binds = {};    ///< Oracle: the caller's, as the server names them.
    std::optional<driver::WriteGrant> write = {};  ///< Of a write: what it touches directly.
    // Which views a write must hold its rows against: those it changes or deletes, those it leaves.
    std::vector<std::string> reached = {};
    std::vector<std::string> left = {};
    std::size_t lookups = 0;  ///< References to guard views that the original did not have.
    InlineConditions conditions = {};

    void note_view(const std::string& view) {
        if (std::find(guard_views.begin(), guard_views.end(), view) == guard_views.end())
            guard_views.push_back(view);
    }
};

/// Rewrites `select`, resolved against a Profile of `enforcement`; `text` is what it was parsed from.
/// Errors: not_found (INDEXED BY an index that does not exist).
[[nodiscard]] Result<Rewritten> rewrite(sql::Select& select, std::string_view text,
                                        const sql::Resolution& resolution, const Enforcement& enforcement);

/// Rewrites `write` likewise, resolved against `profile` of `enforcement`.
/// Errors: denied (the action, or a column, is not the principal's to write; a masked column is written or written from),
/// unsupported (triggers, cascading foreign keys, what cannot be guarded), not_found (as above).
[[nodiscard]] Result<Rewritten> rewrite(sql::Write& write, std::string_view text,
                                        const sql::Resolution& resolution, const Enforcement& enforcement,
                                        const Profile& profile);

/// Parses and resolves the rewritten text against nothing but the guard views and requires as many protected
/// references as the original had, and the same encrypted columns in its answer. `parser` is for scratch.
/// Errors: internal: the rewriter made something it does not understand; the statement must not run.
[[nodiscard]] Result<void> verify(const Rewritten& rewritten, const sql::Resolution& original,
                                  const Enforcement& enforcement, sql::Parser& parser);

/// The same for a write: its only target is the table of its grant, it writes and reads no other columns of it than the
/// grant says, and it holds its rows against the views it must.
[[nodiscard]] Result<void> verify_write(const Rewritten& rewritten, const sql::Resolution& original,
                                        const Enforcement& enforcement, sql::Parser& parser);

/// Nothing but guard views and json tables, and the tables themselves as targets: what a rewritten statement may name.
class GuardedSchema final : public sql::Schema {
public:
    explicit GuardedSchema(const Enforcement& enforcement) : enforcement_(enforcement) {}
    [[nodiscard]] const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                                           std::string_view name) const override;
    [[nodiscard]] const sql::SchemaRelation* find_target(std::string_view qualifier,
                                                         std::string_view name) const override;
    [[nodiscard]] bool function_allowed(std::string_view name) const override;

private:
    const Enforcement& enforcement_;
};

}  // namespace majed::rewrite
