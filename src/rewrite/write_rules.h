/// The rules about writing to a SQLite source, compiled: for each role and table a draft from which targets are made.
///
/// Why      Views of keys are installed with all other guards; which of them holds depends on the attributes present.
/// Life     Of the compilation of an Enforcement, which takes the drafts and the facts over.
/// Threads  One thread.
/// Not here Reading (enforcement.cpp), drafts and what becomes of them (write_draft.h), rules of a server's tables
///          (inline_write_rules.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"
#include "driver/guard.h"
#include "policy/policy_set.h"
#include "rewrite/policy_sql.h"
#include "rewrite/write_draft.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace majed::rewrite {

struct Variant;

/// What a target is made of beside its draft.
struct SourceParts {
    const policy::PolicySet& policies;
    std::string_view source;
    const catalog::Snapshot& catalog;
    const sql::Schema& bare;  ///< The source, nothing hidden.
    const PolicyNames& names;
    std::string prefix;  ///< Of every unguessable name.
};

class WriteRules {
public:
    /// Facts of every ordinary table `bare` knows.
    explicit WriteRules(const SourceParts& parts);

    /// Compiles what `role` may write to `table`; `read` are the variants it may read it through, none when it may not.
    /// Adds views to `guards`. nullptr: no rule speaks of the table for this role.
    /// Errors: invalid_argument, naming the rule's origin.
    [[nodiscard]] Result<std::unique_ptr<TargetDraft>> draft(policy::Role role,
                                                             const catalog::Relation& table,
                                                             const std::vector<const Variant*>& read,
                                                             driver::GuardSet& guards);

    [[nodiscard]] FactsByTable take_facts() && { return std::move(facts_); }
    /// Columns of the views made here, by the view's name.
    [[nodiscard]] const std::unordered_map<std::string, sql::SchemaRelation>& views() const { return views_; }
    [[nodiscard]] static std::string key_name(std::string_view prefix, std::size_t place);

private:
    [[nodiscard]] const TableFacts* facts(std::string_view table) const;
    [[nodiscard]] TableFacts facts_of(const catalog::Relation& table) const;
    void add_foreign_keys(const catalog::Relation& table, TableFacts& facts) const;
    [[nodiscard]] Result<DraftRule> compile(policy::Action action, policy::Role role,
                                            const catalog::Relation& table,
                                            const policy::TableDecision& decision, driver::GuardSet& guards);
    std::string rows_view(const catalog::Relation& table, const CompiledPredicate& predicate,
                          driver::GuardSet& guards);
    std::string read_view(const Variant& variant, const TableFacts& facts, driver::GuardSet& guards);
    [[nodiscard]] std::string keys(const TableFacts& facts) const;
    [[nodiscard]] sql::SchemaRelation view_relation(std::string name, const TableFacts& facts) const;

    SourceParts parts_;
    FactsByTable facts_;
    std::unordered_map<std::string, sql::SchemaRelation> views_;
    std::map<std::string, std::string> made_;  // what a view selects -> its name
};

}  // namespace majed::rewrite
