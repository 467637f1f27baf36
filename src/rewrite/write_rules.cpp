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

bool is_complete(const DraftRule& rule, const Attributes& attributes) {
    return std::all_of(rule.scalar_attributes.begin(), rule.scalar_attributes.end(),
                       [&](const std::string& name) { return has_exactly_one(attributes, name); }) &&
           std::all_of(rule.list_attributes.begin(), rule.list_attributes.end(),
                       [&](const std::string& name) { return has_any(attributes, name); });
}

/// For who may write to a table that they may not read: the columns some action may write, as if there were no others.
sql::SchemaRelation written_relation(const TableFacts& facts, const std::array<DraftRule, 3>& rules) {
    sql::SchemaRelation relation = facts.base;
    relation.rowid_withheld = true;
    relation.columns.clear();
    relation.rowid_column.reset();
    for (std::size_t i = 0; i < facts.base.columns.size(); ++i) {
        const sql::SchemaColumn& column = facts.base.columns[i];
        const bool written = std::any_of(rules.begin(), rules.end(), [&column](const DraftRule& draft) {
            const auto& names = draft.rule.columns;
            return std::find(names.begin(), names.end(), column.name) != names.end();
        });
        if (!written) continue;
        if (facts.base.rowid_column == i) relation.rowid_column = relation.columns.size();
        relation.columns.push_back(column);
    }
    return relation;
}

}  // namespace

bool has_exactly_one(const Attributes& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    return found != attributes.end() && found->second.size() == 1;
}

bool has_any(const Attributes& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    return found != attributes.end() && !found->second.empty();
}

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
    DraftRule draft;
    if (const policy::Deny* denied = decision.rows.denied()) {
        draft.rule.refusal = denied->reason;
        return draft;
    }
    for (const policy::ColumnDecision& column : decision.columns) {
        if (column.state == policy::ColumnState::shown) draft.rule.columns.push_back(column.column);
    }
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

std::unique_ptr<WriteTarget> WriteRules::target(const TargetDraft& draft, const Variant* read,
                                                const Attributes& attributes) {
    auto target = std::make_unique<WriteTarget>();
    target->facts = draft.facts;
    target->readable = read != nullptr;
    target->relation = read != nullptr ? read->relation : draft.relation;
    target->relation.writable = true;
    if (read != nullptr) {
        const auto view = draft.read_views.find(read->relation.id);
        if (view != draft.read_views.end()) target->read_view = view->second;
        target->read_filter = read->predicate;
        target->reads_some_rows = read->relation.filtered;
        target->shows_everything =
            !read->relation.filtered && read->relation.columns.size() == draft.facts->base.columns.size() &&
            std::none_of(read->relation.columns.begin(), read->relation.columns.end(),
                         [](const sql::SchemaColumn& column) { return column.masked; });
    }
    for (std::size_t i = 0; i < target->rules.size(); ++i) {
        const DraftRule& from = draft.rules.at(i);
        WriteRule& rule = target->rules.at(i);
        rule = from.rule;
        if (!is_complete(from, attributes)) rule.rows_view = from.empty_view;
        // What the statement computes must not run on rows that any of them hides.
        target->relation.filtered |= !rule.rows_view.empty();
    }
    for (sql::SchemaColumn& column : target->relation.columns) {
        const auto& columns = draft.facts->base.columns;
        const auto base =
            std::find_if(columns.begin(), columns.end(),
                         [&column](const sql::SchemaColumn& each) { return each.name == column.name; });
        column.generated = base != columns.end() && base->generated;
    }
    return target;
}

}  // namespace majed::rewrite
