// SPDX-License-Identifier: Apache-2.0
#include "rewrite/write_rules.h"

#include "core/ascii.h"
#include "rewrite/enforcement.h"
#include "rewrite/quoting.h"

#include <algorithm>
#include <utility>

namespace majed::rewrite {
namespace {

constexpr std::array<policy::Action, 3> write_actions{policy::Action::insert, policy::Action::update,
                                                      policy::Action::delete_};

/// A name by which the row id can be read, whatever the columns are called; empty: there is none.
std::string free_row_id_name(const catalog::Relation& table) {
    for (const std::string_view name : {"rowid", "_rowid_", "oid"}) {
        const bool taken = std::any_of(
            table.columns.begin(), table.columns.end(),
            [name](const catalog::Column& column) { return equal_ascii_case(column.name, name); });
        if (!taken) return std::string(name);
    }
    return {};
}

std::vector<std::string> primary_key_of(const catalog::Relation& table) {
    for (const driver::UniqueKey& key : table.facts.keys) {
        if (key.primary) return key.columns;
    }
    return {};
}

std::vector<std::string> key_of(const catalog::Relation& table) {
    if (table.without_rowid) return primary_key_of(table);
    if (table.rowid_column) return {table.columns[*table.rowid_column].name};
    const std::string name = free_row_id_name(table);
    return name.empty() ? std::vector<std::string>() : std::vector<std::string>{name};
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

WriteRules::WriteRules(const SourceParts& parts) : parts_(parts) {
    for (const catalog::Relation& table : parts_.catalog.relations()) {
        if (parts_.bare.find_relation({}, table.name) == nullptr) continue;
        if (table.kind != catalog::RelationKind::table || json_table(table.name) != nullptr) continue;
        facts_.emplace(ascii_lower(table.name), std::make_unique<TableFacts>(facts_of(table)));
    }
}

TableFacts WriteRules::facts_of(const catalog::Relation& table) const {
    TableFacts facts;
    facts.base = *parts_.bare.find_relation({}, table.name);
    facts.base.rowid_withheld = false;
    facts.base.writable = true;
    for (std::size_t i = 0; i < table.columns.size() && i < facts.base.columns.size(); ++i) {
        facts.base.columns[i].generated = table.columns[i].generation != driver::Generation::none;
    }
    facts.key = key_of(table);
    facts.has_triggers = !table.facts.triggers.empty();
    add_foreign_keys(table, facts);
    return facts;
}

/// The engine looks up the parents of this table's rows, and the rows of other tables that refer to them.
void WriteRules::add_foreign_keys(const catalog::Relation& table, TableFacts& facts) const {
    for (const driver::ForeignKey& key : table.facts.references) {
        append(facts.key_reads, key.columns);
        const catalog::Relation* const parent = parts_.catalog.find(key.target.name);
        if (parent == nullptr) continue;
        driver::TableColumns read{parent->name, key.target_columns};
        if (read.columns.empty()) read.columns = primary_key_of(*parent);
        read.columns.emplace_back("rowid");
        facts.related.push_back(std::move(read));
    }
    for (const catalog::Relation& other : parts_.catalog.relations()) {
        for (const driver::ForeignKey& key : other.facts.references) {
            if (!equal_ascii_case(key.target.name, table.name)) continue;
            Referrer referrer{key.target_columns, key.on_delete, key.on_update};
            if (referrer.columns.empty()) referrer.columns = primary_key_of(table);
            append(facts.key_reads, referrer.columns);
            facts.referrers.push_back(std::move(referrer));
            driver::TableColumns read{other.name, key.columns};
            append(read.columns, primary_key_of(other));
            read.columns.emplace_back("rowid");
            facts.related.push_back(std::move(read));
        }
    }
}

const TableFacts* WriteRules::facts(std::string_view table) const {
    const auto found = facts_.find(ascii_lower(table));
    return found == facts_.end() ? nullptr : found->second.get();
}

std::string WriteRules::key_name(std::string_view prefix, std::size_t place) {
    return std::string(prefix) + "_key_" + std::to_string(place);
}

std::string WriteRules::keys(const TableFacts& facts) const {
    std::string list;
    for (std::size_t i = 0; i < facts.key.size(); ++i) {
        list += (i == 0 ? "" : ", ") + quoted_name(facts.key[i]) + " AS " +
                quoted_name(key_name(parts_.prefix, i));
    }
    return list;
}

sql::SchemaRelation WriteRules::view_relation(std::string name, const TableFacts& facts) const {
    sql::SchemaRelation relation;
    relation.name = std::move(name);
    relation.has_rowid = false;
    for (std::size_t i = 0; i < facts.key.size(); ++i) {
        relation.columns.emplace_back().name = key_name(parts_.prefix, i);
    }
    return relation;
}

std::string WriteRules::rows_view(const catalog::Relation& table, const CompiledPredicate& predicate,
                                  driver::GuardSet& guards) {
    const TableFacts& facts = *this->facts(table.name);
    // The line break ends a comment the operator may have left at the end of the predicate.
    const std::string select = "SELECT " + keys(facts) + " FROM " + quoted_name(parts_.names.base_schema) +
                               "." + quoted_name(table.name) + " WHERE (" + predicate.sql + "\n)";
    if (const auto known = made_.find(select); known != made_.end()) return known->second;
    std::string name = parts_.prefix + "_rows_" + std::to_string(made_.size());
    std::vector<std::string> reads{table.name};
    append(reads, predicate.tables);
    const bool json = !predicate.list_attributes.empty() || predicate.sql.find("json_") != std::string::npos;
    guards.views.push_back({name, select, table.name, std::move(reads), json});
    views_.emplace(name, view_relation(name, facts));
    made_.emplace(select, name);
    return name;
}

/// The rows a variant shows and its columns, found by their key.
std::string WriteRules::read_view(const Variant& variant, const TableFacts& facts, driver::GuardSet& guards) {
    const std::string select = "SELECT " + keys(facts) + ", " + variant.shown + variant.rows;
    if (const auto known = made_.find(select); known != made_.end()) return known->second;
    std::string name = parts_.prefix + "_rows_" + std::to_string(made_.size());
    guards.views.push_back({name, select, variant.relation.name, variant.reads, variant.reads_json});
    sql::SchemaRelation relation = view_relation(name, facts);
    relation.columns.insert(relation.columns.end(), variant.relation.columns.begin(),
                            variant.relation.columns.end());
    views_.emplace(name, std::move(relation));
    made_.emplace(select, name);
    return name;
}

Result<DraftRule> WriteRules::compile(policy::Action action, policy::Role role,
                                      const catalog::Relation& table, const policy::TableDecision& decision,
                                      driver::GuardSet& guards) {
    DraftRule draft = draft_rule(decision);
    const policy::Filter* const filter = decision.rows.filter();
    if (filter == nullptr) return draft;
    const sql::SchemaRelation& bare = *parts_.bare.find_relation({}, table.name);
    auto compiled = compile_predicate(filter->predicate, bare, parts_.bare, parts_.names);
    if (!compiled) {
        Error error = std::move(compiled).error();
        error.message = "policy for table " + table.name + ", role " + std::string(policy::to_string(role)) +
                        " and " + std::string(policy::to_string(action)) + ": " + error.message;
        return error;
    }
    draft.rule.predicate = filter->predicate;
    if (facts(table.name)->key.empty()) {
        draft.rule.refusal = "rows of table " + table.name + " cannot be told apart";
        return draft;
    }
    draft.rule.rows_view = rows_view(table, *compiled, guards);
    CompiledPredicate never;
    never.sql = "0";
    draft.empty_view = rows_view(table, never, guards);
    draft.scalar_attributes = compiled->scalar_attributes;
    draft.list_attributes = compiled->list_attributes;
    return draft;
}

Result<std::unique_ptr<TargetDraft>> WriteRules::draft(policy::Role role, const catalog::Relation& table,
                                                       const std::vector<const Variant*>& read,
                                                       driver::GuardSet& guards) {
    auto draft = std::make_unique<TargetDraft>();
    draft->facts = facts(table.name);
    if (draft->facts == nullptr) return std::unique_ptr<TargetDraft>();
    std::vector<std::string> columns;
    for (const catalog::Column& column : table.columns) columns.push_back(column.name);
    bool any = false;
    for (std::size_t i = 0; i < write_actions.size(); ++i) {
        const policy::TableDecision decision =
            parts_.policies.decide_write(write_actions.at(i), role, parts_.source, table.name, columns);
        MAJED_TRY_ASSIGN(draft->rules.at(i), compile(write_actions.at(i), role, table, decision, guards));
        any = any || draft->rules.at(i).rule.refusal.empty();
    }
    if (read.empty() && !any) return std::unique_ptr<TargetDraft>();
    draft->relation = written_relation(*draft->facts, draft->rules);
    if (!any || draft->facts->key.empty()) return draft;
    for (const Variant* variant : read) {
        draft->read_views.emplace(variant->relation.id, read_view(*variant, *draft->facts, guards));
    }
    return draft;
}

}  // namespace majed::rewrite
