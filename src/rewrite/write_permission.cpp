// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "rewrite/write_plan.h"
#include "sql/walk.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace majed::rewrite {
namespace {

using driver::KeyAction;

Error denied(std::string message, std::size_t offset) {
    return Error{ErrorCode::denied, std::move(message)}.at(offset);
}

Error not_offered(std::string message, std::size_t offset) {
    return Error{ErrorCode::unsupported, std::move(message)}.at(offset);
}

bool changes_others(KeyAction action) {
    return action != KeyAction::no_action && action != KeyAction::restrict;
}

bool replaces(const sql::Write& write) {
    return write.on_violation == sql::OnViolation::replace;
}

Result<void> permit_action(const sql::Write& write, const WriteTarget& target, policy::Action action) {
    const WriteRule& rule = target.rule(action);
    if (rule.refusal.empty()) return {};
    return denied(rule.refusal, write.target->reference.begin);
}

/// Each branch of a MERGE does something of its own.
Result<void> permit_branches(const sql::Write& write, const WriteTarget& target) {
    for (const sql::MergeBranch& branch : write.branches) {
        switch (branch.action) {
            case sql::MergeAction::nothing:
                break;
            case sql::MergeAction::insert:
                MAJED_TRY(permit_action(write, target, policy::Action::insert));
                break;
            case sql::MergeAction::update:
                MAJED_TRY(permit_action(write, target, policy::Action::update));
                break;
            case sql::MergeAction::delete_:
                break;
        }
        if (branch.deletes()) MAJED_TRY(permit_action(write, target, policy::Action::delete_));
    }
    return {};
}

Result<void> permit_columns(const sql::Resolution& resolution, const WriteTarget& target) {
    for (const sql::ColumnWrite& each : resolution.written) {
        if (!each.column) return not_offered("the row id cannot be written", each.span.begin);
        const std::string& name = target.relation.columns[*each.column].name;
        const WriteRule& rule = target.rule(action_of(each.kind));
        if (std::find(rule.columns.begin(), rule.columns.end(), name) != rule.columns.end()) continue;
        const bool masked = target.relation.columns[*each.column].masked;
        const std::string_view why = masked ? " is masked for you: it cannot be written"
                                            : " is not among the columns that your rules let you write";
        return denied(name + std::string(why), each.span.begin);
    }
    return {};
}

Result<void> permit_reads(const sql::Write& write, const sql::Resolution& resolution,
                          const WriteTarget& target) {
    if (!target.readable && reads_target(write, resolution)) {
        return denied("the statement reads " + target.relation.name + ", which no rule lets you read",
                      write.target->reference.begin);
    }
    if (!resolution.masked_reads.empty()) {
        const sql::ColumnUse& use = resolution.masked_reads.front();
        return denied(use.relation->name + "." + use.relation->columns[use.column].name +
                          " is masked for you: a write cannot depend on it",
                      write.verb.begin);
    }
    return {};
}

/// Values whose number nobody knows before they come could be for columns that are not among those.
Result<void> permit_unlisted(const sql::Write& write, const WriteTarget& target) {
    if (write.source == nullptr || !write.columns.empty() || !write.source->open) return {};
    const auto& may = target.rule(policy::Action::insert).columns;
    const auto& all = target.facts->base.columns;
    const bool every = std::all_of(all.begin(), all.end(), [&may](const sql::SchemaColumn& column) {
        return std::find(may.begin(), may.end(), column.name) != may.end();
    });
    if (every) return {};
    return Error{ErrorCode::unsupported, "how many columns the query has is not known",
                 "Name the columns that are written."}
        .at(write.source->span.begin);
}

/// Rows of other tables would change, which the engine does not show to anybody here.
Result<void> permit_consequences(const sql::Write& write, const sql::Resolution& resolution,
                                 const WriteTarget& target) {
    const std::size_t place = write.target->reference.begin;
    if (target.facts->unseen) {
        return Error{
            ErrorCode::unsupported,
            "what a write to " + target.relation.name + " would do to other tables cannot be seen",
            "The user of the source must be able to read the views that show it: the guide says which."}
            .at(place);
    }
    if (target.facts->has_triggers) {
        return not_offered(
            "table " + target.relation.name + " has triggers: what they would do is not governed", place);
    }
    const bool deletes = write.kind == sql::WriteKind::delete_ || replaces(write) ||
                         std::any_of(write.branches.begin(), write.branches.end(),
                                     [](const sql::MergeBranch& branch) { return branch.deletes(); });
    const auto writes_key = [&](const std::string& key) {
        return std::any_of(resolution.written.begin(), resolution.written.end(),
                           [&](const sql::ColumnWrite& each) {
                               return each.kind == sql::WriteKind::update && each.column &&
                                      equal_ascii_case(target.relation.columns[*each.column].name, key);
                           });
    };
    for (const Referrer& referrer : target.facts->referrers) {
        const bool key_changes = std::any_of(referrer.columns.begin(), referrer.columns.end(), writes_key);
        const bool cascades = (deletes && changes_others(referrer.on_delete)) ||
                              ((key_changes || replaces(write)) && changes_others(referrer.on_update));
        if (!cascades) continue;
        return not_offered("rows of other tables would change with those of " + target.relation.name +
                               " by a foreign key: that is not governed",
                           place);
    }
    return {};
}

Result<void> permit_replacing(const sql::Write& write, const WriteTarget& target) {
    if (!replaces(write) || target.may_replace()) return {};
    return denied(
        "OR REPLACE could remove a row of " + target.relation.name + " that you may not see or delete",
        write.verb.begin);
}

const sql::FromItem* item_called(std::string_view name, const sql::List<sql::FromItem>& items) {
    for (const sql::FromItem& item : items) {
        if (equal_ascii_case(item.visible_name(), name)) return &item;
        if (const sql::FromItem* inner = item_called(name, item.items)) return inner;
    }
    return nullptr;
}

/// Names with which the rules' own conditions would mean another table.
Result<void> permit_names(const sql::Write& write, const WriteTarget& target) {
    if (!target.relation.filtered) return {};
    const std::string_view name = write.target->visible_name();
    if (!write.conflicts.empty() && equal_ascii_case(name, "excluded")) {
        return not_offered("the target cannot be called excluded here", write.target->reference.begin);
    }
    if (const sql::FromItem* const item = item_called(name, write.from)) {
        return Error{ErrorCode::unsupported, "two tables of the statement are called " + std::string(name),
                     "Give one of them an alias."}
            .at(item->span.begin);
    }
    return {};
}

/// What a table function in FROM computes of the target, it may compute of a row that is not to be reached.
Result<void> permit_functions(sql::Write& write, const WriteTarget& target) {
    if (!target.relation.filtered) return {};
    bool of_target = false;
    sql::walk_from(write.from, [&](const sql::Expr& expr) { of_target |= expr.source == write.target; });
    if (!of_target) return {};
    return not_offered("a table function in FROM cannot be given columns of the table that is updated",
                       write.from_span.begin);
}

}  // namespace

policy::Action action_of(sql::WriteKind kind) {
    switch (kind) {
        case sql::WriteKind::insert:
            return policy::Action::insert;
        case sql::WriteKind::delete_:
            return policy::Action::delete_;
        case sql::WriteKind::update:
        case sql::WriteKind::merge:
            break;
    }
    return policy::Action::update;
}

bool updates_on_conflict(const sql::Write& write) {
    return std::any_of(write.conflicts.begin(), write.conflicts.end(),
                       [](const sql::ConflictClause& clause) { return clause.updates; });
}

bool reads_target(const sql::Write& write, const sql::Resolution& resolution) {
    const sql::SchemaRelation* const target = resolution.target->relation;
    // The columns a conflict is looked for by are the statement's own values.
    const bool named = std::any_of(resolution.columns.begin(), resolution.columns.end(),
                                   [target](const sql::ColumnUse& use) { return use.relation == target; });
    return named || resolution.existing.read() || !write.returning.empty();
}

Result<void> permit_write(sql::Write& write, const sql::Resolution& resolution, const WriteTarget& target) {
    if (write.kind == sql::WriteKind::merge) {
        MAJED_TRY(permit_branches(write, target));
    } else {
        MAJED_TRY(permit_action(write, target, action_of(write.kind)));
    }
    if (updates_on_conflict(write)) MAJED_TRY(permit_action(write, target, policy::Action::update));
    MAJED_TRY(permit_columns(resolution, target));
    MAJED_TRY(permit_unlisted(write, target));
    MAJED_TRY(permit_reads(write, resolution, target));
    MAJED_TRY(permit_replacing(write, target));
    MAJED_TRY(permit_consequences(write, resolution, target));
    MAJED_TRY(permit_functions(write, target));
    return permit_names(write, target);
}

}  // namespace majed::rewrite
