// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_write_rules.h"

#include "rewrite/enforcement.h"
#include "rewrite/inline_words.h"

#include <algorithm>
#include <array>
#include <set>

namespace majed::rewrite {
namespace {

constexpr std::array<policy::Action, 3> actions_of_writes{policy::Action::insert, policy::Action::update,
                                                          policy::Action::delete_};

bool holds_rows(const catalog::Relation& table) {
    return table.kind == catalog::RelationKind::table ||
           table.kind == catalog::RelationKind::partitioned_table;
}

/// The table, and what rows of it lie in besides: its partitions, and what inherits from it.
std::vector<const catalog::Relation*> with_descendants(const catalog::Relation& table,
                                                       const catalog::Snapshot& catalog) {
    std::vector<const catalog::Relation*> all{&table};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const catalog::Relation& each : catalog.relations()) {
            const auto& parents = each.facts.parents;
            const driver::QualifiedName parent{all[i]->schema, all[i]->name};
            const bool child = std::find(parents.begin(), parents.end(), parent) != parents.end();
            if (child && std::find(all.begin(), all.end(), &each) == all.end()) all.push_back(&each);
        }
    }
    return all;
}

/// Relations in which rows of a table lie may do what is not known of them: a server of their own, or triggers that our
/// login cannot see.
bool drag_unknown(const std::vector<const catalog::Relation*>& all) {
    return std::any_of(all.begin(), all.end(), [](const catalog::Relation* each) {
        return !holds_rows(*each) || each->facts.hidden_children || !each->facts.triggers.empty() ||
               !each->facts.rules.empty();
    });
}

}  // namespace

InlineWriteRules::InlineWriteRules(const policy::PolicySet& policies, std::string_view source,
                                   const catalog::Snapshot& catalog, const Enforcement& base,
                                   InlineNames names)
    : policies_(policies), source_(source), catalog_(catalog), base_(base), names_(names) {
    names_.row_is_gap = true;
}

const TableFacts& InlineWriteRules::facts_of(const catalog::Relation& table) {
    std::unique_ptr<TableFacts>& facts = facts_[key_on_server(table.schema, table.name)];
    if (facts != nullptr) return *facts;
    facts = std::make_unique<TableFacts>();
    facts->base = *base_.base_relation(table.schema, table.name);
    facts->base.writable = true;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        facts->base.columns[i].generated = table.columns[i].generation == driver::Generation::stored ||
                                           table.columns[i].generation == driver::Generation::computed;
    const auto all = with_descendants(table, catalog_);
    facts->has_triggers = drag_unknown(all);
    const driver::ServerFacts* const server = catalog_.server();
    facts->unseen = server->make == driver::ServerMake::oracle && !server->sees_consequences;
    for (const catalog::Relation* each : all) {
        for (const driver::ForeignKey& key : each->facts.referenced_by)
            facts->referrers.push_back({key.target_columns, key.on_delete, key.on_update});
    }
    return *facts;
}

Error InlineWriteRules::told(const GovernedTable& table, policy::Role role, Error error) const {
    error.message = "policy for table " + table.named + " and role " + std::string(policy::to_string(role)) +
                    ": " + error.message;
    return error;
}

/// Of Oracle's policies, what a write reads of its own table is asked by none: its rules stand in the statement as well.
bool InlineWriteRules::server_holds_writes() const {
    return base_.enforcer() == Enforcer::server && names_.dialect.id == sql::DialectId::postgres;
}

Result<DraftRule> InlineWriteRules::compile(policy::Action action, policy::Role role,
                                            const GovernedTable& table) {
    const catalog::Relation& relation = *table.relation;
    const policy::TableDecision decision = write_decision_of(policies_, action, role, source_, table);
    DraftRule draft = draft_rule(decision);
    const policy::Filter* const filter = decision.rows.filter();
    if (filter == nullptr) return draft;
    auto compiled =
        compile_inline(filter->predicate, *base_.base_relation(relation.schema, relation.name), names_);
    if (!compiled) {
        Error error = std::move(compiled).error();
        error.message = "for " + std::string(policy::to_string(action)) + ": " + error.message;
        return told(table, role, std::move(error));
    }
    draft.rule.predicate = filter->predicate;
    if (server_holds_writes()) return draft;
    draft.rule.condition = std::move(compiled->sql);
    draft.rule.facts = std::move(compiled->facts);
    draft.rule.other_tables = std::move(compiled->tables);
    draft.scalar_attributes = std::move(compiled->scalar_attributes);
    draft.list_attributes = std::move(compiled->list_attributes);
    return draft;
}

Result<RowsRead> InlineWriteRules::rows_read(policy::Role role, const GovernedTable& table) {
    RowsRead read;
    const sql::SchemaRelation& base = *base_.base_relation(table.relation->schema, table.relation->name);
    const policy::TableDecision decision = decision_of(policies_, role, source_, table);
    for (std::size_t i = 0; i < decision.columns.size(); ++i) {
        const policy::ColumnDecision& column = decision.columns[i];
        if (column.state == policy::ColumnState::hidden) continue;
        GappedText& shown = read.shown.emplace_back();
        if (column.state != policy::ColumnState::masked) continue;
        auto mask = compile_inline_mask(column.mask, base.columns[i], base, names_);
        if (!mask) return told(table, role, std::move(mask).error());
        shown = std::move(mask->sql);
    }
    const policy::Filter* const filter = decision.rows.filter();
    if (filter == nullptr || server_holds_writes()) return read;
    auto compiled = compile_inline(filter->predicate, base, names_);
    if (!compiled) return told(table, role, std::move(compiled).error());
    read.condition = std::move(compiled->sql);
    read.facts = std::move(compiled->facts);
    read.other_tables = std::move(compiled->tables);
    return read;
}

Result<std::unique_ptr<TargetDraft>> InlineWriteRules::draft(policy::Role role, const GovernedTable& table,
                                                             const Variant* read,
                                                             const Variant* without_rows) {
    std::unique_ptr<TargetDraft> none;
    if (!holds_rows(*table.relation)) return none;
    auto draft = std::make_unique<TargetDraft>();
    draft->facts = &facts_of(*table.relation);
    draft->no_rows = inline_words_of(names_.dialect.id).no_rows();
    bool any = false;
    for (std::size_t i = 0; i < actions_of_writes.size(); ++i) {
        MAJED_TRY_ASSIGN(draft->rules.at(i), compile(actions_of_writes.at(i), role, table));
        any = any || draft->rules.at(i).rule.refusal.empty();
    }
    if (read == nullptr && !any) return none;
    draft->relation = written_relation(*draft->facts, draft->rules);
    draft->relation.filtered = false;
    if (read == nullptr) return draft;
    MAJED_TRY_ASSIGN(RowsRead rows, rows_read(role, table));
    if (without_rows != nullptr) {
        RowsRead none_of_them{{draft->no_rows, {}}, {}, {}, rows.shown};
        draft->rows_read.emplace(without_rows->relation.id, std::move(none_of_them));
    }
    draft->rows_read.emplace(read->relation.id, std::move(rows));
    return draft;
}

}  // namespace majed::rewrite
