/// The rules about writing to a server's tables, compiled: for each role and table a draft from which targets are made.
///
/// Why      A write on a server holds its rules as conditions on the very row that it changes: there are no views there to
///          ask.
/// Life     Of the compilation of an Enforcement, which takes the facts over.
/// Threads  One thread.
/// Not here Where the conditions are put (inline_write_plan.h), rules of SQLite's tables (write_rules.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "policy/policy_set.h"
#include "rewrite/governed_tables.h"
#include "rewrite/inline_policy.h"
#include "rewrite/write_draft.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace majed::rewrite {

class Enforcement;

class InlineWriteRules {
public:
    /// `base` has every relation of `catalog`; `names` are those of inlined rules.
    InlineWriteRules(const policy::PolicySet& policies, std::string_view source,
                     const catalog::Snapshot& catalog, const Enforcement& base, InlineNames names);

    /// Compiles what `role` may write to `table`; `read` is the variant it reads it through, nullptr when it may not,
    /// `without_rows` the one for those who lack an attribute, nullptr when none is needed.
    /// nullptr: nothing, and it may not be read either; or no table that can be written to here.
    /// Errors: invalid_argument, naming the rule's origin.
    [[nodiscard]] Result<std::unique_ptr<TargetDraft>> draft(policy::Role role, const GovernedTable& table,
                                                             const Variant* read,
                                                             const Variant* without_rows);

    /// By key_on_server.
    [[nodiscard]] FactsByTable take_facts() && { return std::move(facts_); }

private:
    const TableFacts& facts_of(const catalog::Relation& table);
    [[nodiscard]] bool server_holds_writes() const;
    [[nodiscard]] Result<DraftRule> compile(policy::Action action, policy::Role role,
                                            const GovernedTable& table);
    [[nodiscard]] Result<RowsRead> rows_read(policy::Role role, const GovernedTable& table);
    [[nodiscard]] Error told(const GovernedTable& table, policy::Role role, Error error) const;

    const policy::PolicySet& policies_;
    std::string_view source_;
    const catalog::Snapshot& catalog_;
    const Enforcement& base_;
    InlineNames names_;
    FactsByTable facts_;
};

}  // namespace majed::rewrite
