/// The rules about writing to one source, compiled: for each role and table a draft from which targets are made.
///
/// Why      Views of keys are installed with all other guards; which of them holds depends on the attributes present.
/// Life     Of the compilation of an Enforcement, which takes the drafts and the facts over.
/// Threads  One thread.
/// Not here Reading (enforcement.cpp), one principal's target (write_target.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/attributes.h"
#include "core/result.h"
#include "driver/guard.h"
#include "policy/policy_set.h"
#include "rewrite/policy_sql.h"
#include "rewrite/write_target.h"

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

/// A rule whose rows may depend on attributes.
struct DraftRule {
    WriteRule rule;
    std::vector<std::string> scalar_attributes;
    std::vector<std::string> list_attributes;
    std::string empty_view;  ///< Instead of rows_view, for those who lack an attribute.
};

struct TargetDraft {
    const TableFacts* facts = nullptr;
    sql::SchemaRelation relation;  ///< For who may not read the table; else that of the variant read.
    std::array<DraftRule, 3> rules;
    std::unordered_map<std::size_t, std::string> read_views;  ///< By variant.
};

/// What a target is made of beside its draft.
struct SourceParts {
    const policy::PolicySet& policies;
    std::string_view source;
    const catalog::Snapshot& catalog;
    const sql::Schema& bare;  ///< The source, nothing hidden.
    const PolicyNames& names;
    std::string prefix;  ///< Of every unguessable name.
};

using FactsByTable = std::unordered_map<std::string, std::unique_ptr<TableFacts>>;  // by folded name

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

    /// `read`: the variant through which this principal reads; nullptr: it does not.
    [[nodiscard]] static std::unique_ptr<WriteTarget> target(const TargetDraft& draft, const Variant* read,
                                                             const Attributes& attributes);

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

/// Has the attribute exactly one value, or any?
[[nodiscard]] bool has_exactly_one(const Attributes& attributes, const std::string& name);
[[nodiscard]] bool has_any(const Attributes& attributes, const std::string& name);

}  // namespace majed::rewrite
