// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_write_plan.h"

#include "rewrite/quoting.h"
#include "rewrite/row_rules.h"
#include "sql/walk.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace majed::rewrite {
namespace {

class InlineWritePlanner : private PlanInTheMaking<InlineWritePlan> {
public:
    InlineWritePlanner(const ResolvedWrite& resolved, const GuardPlan& guards, const Enforcement& enforcement,
                       InlineParameters& parameters)
        : write_(resolved.write),
          resolution_(resolved.resolution),
          guards_(guards),
          enforcement_(enforcement),
          target_(resolved.target),
          parameters_(parameters),
          row_(quoted_name(resolved.write.target->visible_name())) {}

    Result<InlineWritePlan> run() {
        MAJED_TRY(permit_write(write_, resolution_, target_));
        MAJED_TRY(permit_rows());
        if (write_.kind == sql::WriteKind::insert) {
            MAJED_TRY(name_columns());
            guard_conflicts();
        } else {
            guard_rows();
        }
        if (write_.kind == sql::WriteKind::merge) {
            MAJED_TRY(permit_lists());
            guard_branches();
            check_merged();
        } else {
            MAJED_TRY(show_rows());
            check_rows();
        }
        name_what_is_written();
        return std::move(plan_);
    }

private:
    [[nodiscard]] bool reads() const { return reads_target(write_, resolution_); }

    void add_read(RowRules& rules) const {
        if (reads()) rules.add_read(target_);
    }
    void add_rule(RowRules& rules, policy::Action action) const { rules.add(target_.rule(action)); }

    /// Every column of the table is one that the principal sees as it is stored.
    [[nodiscard]] bool is_plain() const {
        const auto& columns = target_.relation.columns;
        return columns.size() == target_.facts->base.columns.size() &&
               std::none_of(columns.begin(), columns.end(), [](const auto& each) { return each.masked; });
    }

    /// A row as a value has every column of the table.
    [[nodiscard]] Result<void> permit_rows() const {
        if (is_plain()) return {};
        const auto& rows = resolution_.whole_rows;
        const auto found = std::find_if(rows.begin(), rows.end(), [this](const sql::FromItem* item) {
            return item->relation == &target_.relation;
        });
        if (found == rows.end()) return {};
        return Error{ErrorCode::unsupported,
                     "a row of " + target_.relation.name + " cannot be used as a whole: you see it in part",
                     "Name its columns."}
            .at(write_.target->reference.begin);
    }

    /// Without a list the server would count the columns that are hidden.
    Result<void> name_columns() {
        const bool all = target_.relation.columns.size() == target_.facts->base.columns.size();
        if (all || !write_.columns.empty() || write_.source == nullptr) return {};
        if (write_.source->open) {
            return Error{ErrorCode::unsupported, "how many columns the query has is not known",
                         "Name the columns that are written."}
                .at(write_.source->span.begin);
        }
        std::string list;
        for (std::uint32_t i = 0; i < write_.source->column_count; ++i)
            list += (i == 0 ? " (" : ", ") + quoted_name(target_.relation.columns[i].name);
        insert_first(write_.target->span.end, list + ")");
        return {};
    }

    /// As name_columns, of the branches of a MERGE.
    [[nodiscard]] Result<void> permit_lists() const {
        if (target_.relation.columns.size() == target_.facts->base.columns.size()) return {};
        for (const sql::MergeBranch& branch : write_.branches) {
            if (branch.values.empty() || !branch.columns.empty()) continue;
            return Error{
                ErrorCode::unsupported,
                "INSERT of a MERGE must name its columns: you see " + target_.relation.name + " in part",
                "Name the columns behind INSERT."}
                .at(branch.values.first->span.begin);
        }
        return {};
    }

    /// Fails, and the session knows why: no row is changed that may not be, and none is passed over. It names a column, lest
    /// the server compute it beforehand.
    [[nodiscard]] std::string failing() const {
        const std::string column = row_ + "." + quoted_name(target_.facts->base.columns.front().name);
        return "CAST(pg_catalog.concat(" + quoted_string(enforcement_.conflict_view()) +
               ", pg_catalog.left(CAST(" + column + " AS text), 0)) AS boolean)";
    }

    /// Stands before the statement's own condition and values, which are not computed where it fails. The row that was to be
    /// put there must be one that could: so the server's own row-level security has it.
    void guard_conflicts() {
        if (!updates_on_conflict(write_)) return;
        RowRules existing;
        add_rule(existing, policy::Action::update);
        add_read(existing);
        RowRules proposed;
        add_rule(proposed, policy::Action::insert);
        if (existing.empty() && proposed.empty()) return;
        std::string& met = plan_.conditions.met;
        if (!existing.empty()) met = existing.on(row_, parameters_);
        if (!proposed.empty())
            met += (met.empty() ? "" : " AND ") + proposed.on(quoted_name("excluded"), parameters_);
        met = "(" + met + ")";
        for (const sql::ConflictClause& clause : write_.conflicts) {
            if (!clause.updates) continue;
            const std::string begin = "CASE WHEN " + met + " THEN (";
            const std::string end = ") ELSE " + failing() + " END";
            if (clause.where == nullptr) {
                insert_last(clause.span.end, " WHERE " + begin + "true" + end);
                continue;
            }
            insert_first(clause.where->span.begin, begin);
            insert_last(clause.where->span.end, end);
        }
    }

    /// Of a MERGE: rows that may not be read do not match.
    void guard_rows() {
        RowRules rules;
        if (write_.kind != sql::WriteKind::merge) add_rule(rules, action_of(write_.kind));
        add_read(rules);
        if (rules.empty()) return;
        const std::string& reached = plan_.conditions.reached = rules.on(row_, parameters_);
        const sql::Expr* const where = write_.where;
        if (where == nullptr) return insert_last(end_of_body(), " WHERE " + reached);
        insert_first(where->span.begin, reached + " AND (");
        for (const sql::Expr* condition : guards_.target_conditions) {
            insert_first(condition->span.begin, "CASE WHEN " + reached + " THEN (");
            insert_last(condition->span.end, ") END");
        }
        insert_last(where->span.end, ")");
    }

    /// Where WHERE would stand.
    [[nodiscard]] std::uint32_t end_of_body() const {
        if (!write_.from_span.empty()) return write_.from_span.end;
        return write_.assignments.empty() ? write_.target->span.end : write_.assignments.last->span.end;
    }

    /// A row that matched and may not be changed makes the statement fail, once its branch has chosen it.
    void guard_branches() {
        // What no branch would test takes no parameters: the server could not tell their types.
        if (has_branch(sql::MergeAction::update))
            plan_.conditions.updated = of_matched(policy::Action::update);
        if (has_branch(sql::MergeAction::delete_))
            plan_.conditions.deleted = of_matched(policy::Action::delete_);
        for (const sql::MergeBranch& branch : write_.branches) {
            const bool updates = branch.action == sql::MergeAction::update;
            if (!updates && branch.action != sql::MergeAction::delete_) continue;
            const std::string& test = updates ? plan_.conditions.updated : plan_.conditions.deleted;
            if (test.empty()) continue;
            if (branch.condition == nullptr) {
                insert_last(branch.head.end, " AND " + test);
                continue;
            }
            insert_first(branch.condition->span.begin, "CASE WHEN (");
            insert_last(branch.condition->span.end, ") THEN " + test + " ELSE false END");
        }
    }

    [[nodiscard]] bool has_branch(sql::MergeAction action) const {
        return std::any_of(write_.branches.begin(), write_.branches.end(),
                           [action](const sql::MergeBranch& branch) { return branch.action == action; });
    }

    std::string of_matched(policy::Action action) {
        RowRules rules;
        if (target_.reads_some_rows) rules.assume(target_.read_filter);
        add_rule(rules, action);
        if (rules.empty()) return {};
        return "CASE WHEN " + rules.on(row_, parameters_) + " THEN true ELSE " + failing() + " END";
    }

    /// A MERGE has no RETURNING in PostgreSQL 15: rows of this transaction are looked for. Which branch wrote a row is not
    /// known then; it must be one that every branch could leave.
    void check_merged() {
        RowRules rules;
        for (const sql::MergeBranch& branch : write_.branches) {
            if (branch.action == sql::MergeAction::insert) add_rule(rules, policy::Action::insert);
            if (branch.action == sql::MergeAction::update) add_rule(rules, policy::Action::update);
        }
        add_read(rules);
        if (rules.empty()) return;
        const sql::SchemaRelation& base = target_.facts->base;
        const std::string row = quoted_name(enforcement_.inline_alias());
        InlineParameters parameters(0);
        const std::string condition = rules.on(row, parameters);
        plan_.grant.check = "SELECT 1 FROM " + quoted_name(base.schema) + "." + quoted_name(base.name) +
                            " AS " + row + " WHERE " + row +
                            ".xmin = CAST(pg_catalog.pg_current_xact_id() AS pg_catalog.xid) AND " +
                            condition + " IS NOT TRUE LIMIT 1";
        plan_.grant.check_attributes = std::move(parameters).take();
    }

    /// RETURNING answers with the row itself: without its hidden columns, and with the masked ones as they are read.
    Result<void> show_rows() {
        if (is_plain()) return {};
        for (sql::ResultColumn& column : write_.returning) {
            if (column.kind == sql::ResultKind::expression) {
                MAJED_TRY(mask_columns(column));
                continue;
            }
            const bool own = column.kind == sql::ResultKind::table_star && column.expanded_count > 0 &&
                             column.expanded[0].source == write_.target;
            if (column.kind == sql::ResultKind::table_star && !own) continue;
            if (!own && !write_.from.empty()) {
                return Error{ErrorCode::unsupported,
                             "RETURNING * is not possible here: you see " + target_.relation.name +
                                 " in part, and other tables stand beside it",
                             "Name the columns."}
                    .at(column.span.begin);
            }
            plan_.first.push_back({column.span, all_columns()});
        }
        return {};
    }

    std::string all_columns() {
        std::string list;
        for (std::size_t i = 0; i < target_.relation.columns.size(); ++i) {
            const std::string name = quoted_name(target_.relation.columns[i].name);
            list += (i == 0 ? "" : ", ") + as_read(i) + " AS " + name;
        }
        return list;
    }

    std::string as_read(std::size_t column) {
        if (!target_.relation.columns[column].masked)
            return row_ + "." + quoted_name(target_.relation.columns[column].name);
        return parameters_.fill(target_.rows_read.shown[column], row_);
    }

    Result<void> mask_columns(sql::ResultColumn& column) {
        std::vector<const sql::Expr*> masked;
        const sql::Expr* below = nullptr;  // inside a query, where our name for the row may mean another
        sql::walk_expressions(*column.expr, [&](sql::Expr& each) {
            if (each.select != nullptr) {
                sql::walk_expressions(*each.select, [&](sql::Expr& inner) {
                    if (is_masked(inner)) below = &inner;
                });
            }
            if (is_masked(each)) masked.push_back(&each);
        });
        if (below != nullptr) {
            return Error{ErrorCode::unsupported, "a masked column of the row cannot be used in a query here"}
                .at(below->span.begin);
        }
        for (const sql::Expr* each : masked) {
            const auto place = static_cast<std::size_t>(each->column);
            const std::uint32_t begin = each->schema != nullptr  ? each->schema->span.begin
                                        : each->table != nullptr ? each->table->span.begin
                                                                 : each->name.span.begin;
            plan_.first.push_back({{begin, each->name.span.end}, as_read(place)});
            if (each == column.expr && !column.alias.present())
                insert_last(each->span.end, " AS " + quoted_name(target_.relation.columns[place].name));
        }
        return {};
    }

    [[nodiscard]] bool is_masked(const sql::Expr& expr) const {
        return expr.source == write_.target && expr.column >= 0 && expr.binding == sql::Binding::column &&
               target_.relation.columns[static_cast<std::size_t>(expr.column)].masked;
    }

    /// Evaluated for each row right after it was changed, with what is stored then: defaults, generated columns.
    void check_rows() {
        RowRules rules;
        const policy::Action action = action_of(write_.kind);
        if (action == policy::Action::delete_) return;
        add_rule(rules, action);
        if (updates_on_conflict(write_)) add_rule(rules, policy::Action::update);
        add_read(rules);
        if (rules.empty()) return;
        plan_.conditions.left = rules.on(row_, parameters_);
        plan_.grant.reports_check = true;
        insert_last(write_.span.end,
                    (write_.returning.empty() ? " RETURNING " : ", ") + plan_.conditions.left);
    }

    void name_what_is_written() {
        driver::WriteGrant grant = grant_of({write_, resolution_, target_});
        grant.check = std::move(plan_.grant.check);
        grant.check_attributes = std::move(plan_.grant.check_attributes);
        grant.reports_check = plan_.grant.reports_check;
        plan_.grant = std::move(grant);
    }

    sql::Write& write_;
    const sql::Resolution& resolution_;
    const GuardPlan& guards_;
    const Enforcement& enforcement_;
    const WriteTarget& target_;
    InlineParameters& parameters_;
    const std::string row_;
};

}  // namespace

Result<InlineWritePlan> plan_inline_write(const ResolvedWrite& resolved, const GuardPlan& guards,
                                          const Enforcement& enforcement, InlineParameters& parameters) {
    return InlineWritePlanner(resolved, guards, enforcement, parameters).run();
}

}  // namespace majed::rewrite
