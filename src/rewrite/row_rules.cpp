// SPDX-License-Identifier: Apache-2.0
#include "rewrite/row_rules.h"

#include <algorithm>

namespace majed::rewrite {

void RowRules::add_read(const WriteTarget& target) {
    if (target.reads_some_rows) add(target.rows_read.condition, target.read_filter, target.rows_read.facts);
}

void RowRules::add(const GappedText& condition, const std::string& predicate, const ConditionFacts& facts) {
    if (condition.text.empty()) return;
    if (std::find(predicates_.begin(), predicates_.end(), predicate) != predicates_.end()) return;
    predicates_.push_back(predicate);
    conditions_.push_back(&condition);
    facts_.asks |= facts.asks;
    facts_.columns.insert(facts_.columns.end(), facts.columns.begin(), facts.columns.end());
}

std::string RowRules::on(const std::string& row, InlineParameters& parameters) const {
    std::string all;
    for (const GappedText* condition : conditions_) {
        // The line break ends a comment the operator may have left at the end of the predicate.
        all += (all.empty() ? "(" : " AND (") + parameters.fill(*condition, row) + "\n)";
    }
    return conditions_.size() > 1 ? "(" + all + ")" : all;
}

driver::WriteGrant grant_of(const ResolvedWrite& resolved) {
    const sql::Write& write = resolved.write;
    driver::WriteGrant grant;
    grant.schema = resolved.target.facts->base.schema;
    grant.table = resolved.target.facts->base.name;
    grant.inserts = write.kind == sql::WriteKind::insert;
    grant.deletes = write.kind == sql::WriteKind::delete_;
    for (const sql::MergeBranch& branch : write.branches) {
        grant.inserts |= branch.action == sql::MergeAction::insert;
        grant.deletes |= branch.deletes();
    }
    for (const sql::ColumnWrite& each : resolved.resolution.written) {
        if (each.kind == sql::WriteKind::update && each.column)
            grant.updates.push_back(resolved.target.relation.columns[*each.column].name);
    }
    return grant;
}

}  // namespace majed::rewrite
