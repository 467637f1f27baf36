// SPDX-License-Identifier: Apache-2.0
#include "rewrite/write_draft.h"

#include "rewrite/enforcement.h"

#include <algorithm>

namespace majed::rewrite {
namespace {

bool is_complete(const DraftRule& rule, const Attributes& attributes) {
    return std::all_of(rule.scalar_attributes.begin(), rule.scalar_attributes.end(),
                       [&](const std::string& name) { return has_exactly_one(attributes, name); }) &&
           std::all_of(rule.list_attributes.begin(), rule.list_attributes.end(),
                       [&](const std::string& name) { return has_any(attributes, name); });
}

const sql::SchemaColumn* column_called(const std::string& name, const sql::SchemaRelation& relation) {
    const auto& columns = relation.columns;
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&name](const sql::SchemaColumn& each) { return each.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

void take_reading(WriteTarget& target, const TargetDraft& draft, const Variant& read) {
    if (const auto view = draft.read_views.find(read.relation.id); view != draft.read_views.end())
        target.read_view = view->second;
    if (const auto rows = draft.rows_read.find(read.relation.id); rows != draft.rows_read.end())
        target.rows_read = rows->second;
    target.read_filter = read.predicate;
    target.reads_some_rows = read.relation.filtered;
    target.shows_everything = !read.relation.filtered &&
                              read.relation.columns.size() == draft.facts->base.columns.size() &&
                              std::none_of(read.relation.columns.begin(), read.relation.columns.end(),
                                           [](const sql::SchemaColumn& column) { return column.masked; });
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

DraftRule draft_rule(const policy::TableDecision& decision) {
    DraftRule draft;
    if (const policy::Deny* denied = decision.rows.denied()) {
        draft.rule.refusal = denied->reason;
        return draft;
    }
    for (const policy::ColumnDecision& column : decision.columns) {
        if (column.state == policy::ColumnState::shown) draft.rule.columns.push_back(column.column);
    }
    return draft;
}

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

std::unique_ptr<WriteTarget> target_of(const TargetDraft& draft, const Variant* read,
                                       const Attributes& attributes) {
    auto target = std::make_unique<WriteTarget>();
    target->facts = draft.facts;
    target->readable = read != nullptr;
    target->relation = read != nullptr ? read->relation : draft.relation;
    target->relation.writable = true;
    if (read != nullptr) take_reading(*target, draft, *read);
    for (std::size_t i = 0; i < target->rules.size(); ++i) {
        const DraftRule& from = draft.rules.at(i);
        WriteRule& rule = target->rules.at(i);
        rule = from.rule;
        if (!is_complete(from, attributes)) {
            rule.rows_view = from.empty_view;
            rule.condition = {draft.no_rows, {}};
            rule.facts = {};
            rule.other_tables.clear();
        }
        // What the statement computes must not run on rows that any of them hides.
        target->relation.filtered |= rule.filters();
    }
    for (sql::SchemaColumn& column : target->relation.columns) {
        const sql::SchemaColumn* const base = column_called(column.name, draft.facts->base);
        column.generated = base != nullptr && base->generated;
    }
    return target;
}

}  // namespace majed::rewrite
