// SPDX-License-Identifier: Apache-2.0
#include "rewrite/write_plan.h"

#include "core/ascii.h"
#include "rewrite/quoting.h"
#include "rewrite/write_rules.h"
#include "sql/walk.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace majed::rewrite {
namespace {

/// Views a row must be in, each once; two rules with one predicate are one.
class RowViews {
public:
    void add(const std::string& view, const std::string& predicate) {
        if (view.empty() || std::find(predicates_.begin(), predicates_.end(), predicate) != predicates_.end())
            return;
        predicates_.push_back(predicate);
        names_.push_back(view);
    }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] bool empty() const noexcept { return names_.empty(); }

private:
    std::vector<std::string> predicates_;
    std::vector<std::string> names_;
};

class WritePlanner : private PlanInTheMaking<WritePlan> {
public:
    WritePlanner(sql::Write& write, const sql::Resolution& resolution, const GuardPlan& guards,
                 const Enforcement& enforcement, const WriteTarget& target)
        : write_(write),
          resolution_(resolution),
          guards_(guards),
          enforcement_(enforcement),
          target_(target) {}

    Result<WritePlan> run() {
        MAJED_TRY(permit_write(write_, resolution_, target_));
        choose_views();
        MAJED_TRY(name_target());
        if (write_.kind == sql::WriteKind::insert) {
            name_columns();
            guard_conflicts();
        } else {
            guard_rows();
        }
        MAJED_TRY(show_rows());
        check_rows();
        grant();
        plan_.reached = reached_.names();
        plan_.left = left_.names();
        return std::move(plan_);
    }

private:
    void choose_views() {
        const bool reads = reads_target(write_, resolution_);
        const auto add_read = [&](RowViews& views) {
            if (reads && target_.reads_some_rows) views.add(target_.read_view, target_.read_filter);
        };
        const auto add_rule = [&](RowViews& views, policy::Action action) {
            const WriteRule& rule = target_.rule(action);
            views.add(rule.rows_view, rule.predicate);
        };
        const policy::Action action = action_of(write_.kind);
        const bool upserts = updates_on_conflict(write_);
        if (action != policy::Action::delete_) {
            add_rule(left_, action);
            if (upserts) add_rule(left_, policy::Action::update);
            add_read(left_);
        }
        if (action == policy::Action::insert && !upserts) return;
        add_rule(reached_, upserts ? policy::Action::update : action);
        add_read(reached_);
    }

    /// The row called `table` is among those of every one of `views`.
    std::string is_in(const RowViews& views, std::string_view table) {
        std::string condition;
        for (const std::string& view : views.names()) {
            condition += (condition.empty() ? "" : " AND ") + ("EXISTS (SELECT 1" + found_in(view, table));
            ++plan_.lookups;
        }
        return condition;
    }

    /// The rest of a query for the row with the key of the row called `table`.
    std::string found_in(const std::string& view, std::string_view table) {
        note(view);
        std::string text = " FROM " + quoted_name(view) + " WHERE ";
        const auto& key = target_.facts->key;
        for (std::size_t i = 0; i < key.size(); ++i) {
            text += (i == 0 ? "" : " AND ") +
                    quoted_name(WriteRules::key_name(enforcement_.secret_prefix(), i)) + " = " +
                    quoted_name(table) + "." + quoted_name(key[i]);
        }
        return text + ")";
    }

    void note(const std::string& view) {
        if (std::find(plan_.views.begin(), plan_.views.end(), view) == plan_.views.end())
            plan_.views.push_back(view);
    }

    Result<void> name_target() {
        const sql::FromItem& item = *write_.target;
        plan_.first.push_back({item.reference, quoted_name(enforcement_.base_schema()) + "." +
                                                   quoted_name(target_.facts->base.name)});
        // The table's own ON CONFLICT REPLACE would remove rows that nobody asked about.
        const bool default_violation =
            write_.on_violation == sql::OnViolation::unspecified && write_.kind != sql::WriteKind::delete_;
        constexpr std::uint32_t verb_length = 6;  // INSERT, UPDATE; REPLACE says what it does
        if (default_violation && !target_.may_replace())
            insert_first(write_.verb.begin + verb_length, " OR ABORT");
        if (item.index_span.empty()) return {};
        MAJED_TRY(check_index_hint(item, target_.relation));
        plan_.first.push_back({item.index_span, ""});
        return {};
    }

    /// Without a list the engine would count the columns that are hidden.
    void name_columns() {
        const bool all = target_.relation.columns.size() == target_.facts->base.columns.size();
        if (all || !write_.columns.empty() || write_.source == nullptr) return;
        std::string list;
        for (const sql::SchemaColumn& column : target_.relation.columns) {
            if (column.hidden || column.generated) continue;
            list += (list.empty() ? " (" : ", ") + quoted_name(column.name);
        }
        insert_first(write_.target->span.end, list + ")");
    }

    /// Where the row met is not one to be updated, the statement fails as on any other conflict. It stands before the
    /// statement's own condition and values, which are not computed then.
    void guard_conflicts() {
        if (reached_.empty()) return;
        for (const sql::ConflictClause& clause : write_.conflicts) {
            if (!clause.updates) continue;
            const std::string begin =
                "CASE WHEN " + is_in(reached_, write_.target->visible_name()) + " THEN (";
            const std::string failing = quoted_name(enforcement_.conflict_view());
            const std::string end = ") ELSE (SELECT " + failing + " FROM " + failing + ") END";
            note(enforcement_.conflict_view());
            ++plan_.lookups;
            if (clause.where == nullptr) {
                insert_last(clause.span.end, " WHERE " + begin + "1" + end);
                continue;
            }
            insert_first(clause.where->span.begin, begin);
            insert_last(clause.where->span.end, end);
        }
    }

    void guard_rows() {
        if (reached_.empty()) return;
        const std::string_view name = write_.target->visible_name();
        const sql::Expr* const where = write_.where;
        if (where == nullptr) {
            insert_last(end_of_body(), " WHERE " + is_in(reached_, name));
            return;
        }
        insert_first(where->span.begin, is_in(reached_, name) + " AND (");
        for (const sql::Expr* condition : guards_.target_conditions) {
            insert_first(condition->span.begin, "CASE WHEN " + is_in(reached_, name) + " THEN (");
            insert_last(condition->span.end, ") END");
        }
        insert_last(where->span.end, ")");
    }

    /// Where WHERE would stand.
    [[nodiscard]] std::uint32_t end_of_body() const {
        if (!write_.from_span.empty()) return write_.from_span.end;
        return write_.assignments.empty() ? write_.target->span.end : write_.assignments.last->span.end;
    }

    /// RETURNING answers with the row itself: without its hidden columns, and with the masked ones as they are read.
    Result<void> show_rows() {
        const bool plain = target_.relation.columns.size() == target_.facts->base.columns.size();
        for (sql::ResultColumn& column : write_.returning) {
            if (column.kind == sql::ResultKind::star) {
                if (plain && !shows_masked()) continue;
                MAJED_TRY(may_look_up(column.span.begin));
                plan_.first.push_back({column.span, all_columns()});
                continue;
            }
            MAJED_TRY(mask_columns(column));
        }
        return {};
    }

    [[nodiscard]] bool shows_masked() const {
        const auto& columns = target_.relation.columns;
        return std::any_of(columns.begin(), columns.end(),
                           [](const sql::SchemaColumn& column) { return column.masked; });
    }

    std::string all_columns() {
        std::string list;
        for (const sql::SchemaColumn& column : target_.relation.columns) {
            const std::string name = quoted_name(column.name);
            list +=
                (list.empty() ? "" : ", ") + (column.masked ? as_read(column.name) : name) + " AS " + name;
        }
        return list;
    }

    std::string as_read(const std::string& column) {
        ++plan_.lookups;
        return "(SELECT " + quoted_name(column) + found_in(target_.read_view, target_.relation.name);
    }

    /// A row that was deleted is in no view any more.
    [[nodiscard]] Result<void> may_look_up(std::size_t offset) const {
        if (!shows_masked() || write_.kind != sql::WriteKind::delete_) return {};
        return Error{ErrorCode::unsupported, "a deleted row's masked columns cannot be shown",
                     "Read them before, with SELECT."}
            .at(offset);
    }

    Result<void> mask_columns(sql::ResultColumn& column) {
        std::vector<const sql::Expr*> masked;
        std::vector<const sql::Expr*> below;  // inside queries, where our name for the row may mean another
        sql::walk_expressions(*column.expr, [&](sql::Expr& each) {
            if (each.select != nullptr) {
                sql::walk_expressions(*each.select, [&](sql::Expr& inner) {
                    if (is_masked(inner)) below.push_back(&inner);
                });
            }
            if (is_masked(each)) masked.push_back(&each);
        });
        if (!below.empty()) {
            return Error{ErrorCode::unsupported, "a masked column of the row cannot be used in a query here"}
                .at(below.front()->span.begin);
        }
        for (const sql::Expr* each : masked) {
            const bool deleted = write_.kind == sql::WriteKind::delete_;
            if (deleted || each->binding != sql::Binding::column) {
                MAJED_TRY(may_look_up(each->span.begin));
                return Error{ErrorCode::unsupported, "the row id is masked: it cannot be shown here"}.at(
                    each->span.begin);
            }
            const std::string& name = target_.relation.columns[static_cast<std::size_t>(each->column)].name;
            const std::uint32_t begin =
                each->table != nullptr ? each->table->span.begin : each->name.span.begin;
            plan_.first.push_back({{begin, each->name.span.end}, as_read(name)});
            if (each == column.expr && !column.alias.present())
                insert_last(each->span.end, " AS " + quoted_name(name));
        }
        return {};
    }

    [[nodiscard]] bool is_masked(const sql::Expr& expr) const {
        const bool own = expr.source == write_.returned && expr.column >= 0 &&
                         (expr.binding == sql::Binding::column || expr.binding == sql::Binding::rowid);
        return own && target_.relation.columns[static_cast<std::size_t>(expr.column)].masked;
    }

    /// Evaluated for each row right after it was changed, with what is stored then: defaults, row ids, affinities.
    void check_rows() {
        if (left_.empty()) return;
        const std::string verdict = is_in(left_, target_.relation.name);
        plan_.grant.reports_check = true;
        if (!write_.returning.empty()) {
            insert_last(write_.returning_span.end, ", " + verdict);
            return;
        }
        std::uint32_t at = write_.span.end;
        if (write_.kind == sql::WriteKind::update)
            at = write_.where != nullptr ? write_.where->span.end : end_of_body();
        insert_last(at, " RETURNING " + verdict);
    }

    void grant() {
        driver::WriteGrant& grant = plan_.grant;
        grant.table = target_.facts->base.name;
        grant.inserts = write_.kind == sql::WriteKind::insert;
        grant.deletes = write_.kind == sql::WriteKind::delete_;
        for (const sql::ColumnWrite& each : resolution_.written) {
            if (each.kind != sql::WriteKind::update) continue;
            grant.updates.push_back(target_.relation.columns[*each.column].name);
            if (target_.relation.rowid_column == *each.column) grant.updates.emplace_back("rowid");
        }
        for (const sql::ColumnUse& use : resolution_.columns) {
            const bool own = use.relation == &target_.relation && !use.relation->columns[use.column].masked;
            if (own) grant.reads.push_back(use.relation->columns[use.column].name);
        }
        const TableFacts& facts = *target_.facts;
        if (!plan_.views.empty()) grant.reads.insert(grant.reads.end(), facts.key.begin(), facts.key.end());
        grant.reads.insert(grant.reads.end(), facts.key_reads.begin(), facts.key_reads.end());
        grant.reads.emplace_back("rowid");
        grant.related = facts.related;
    }

    sql::Write& write_;
    const sql::Resolution& resolution_;
    const GuardPlan& guards_;
    const Enforcement& enforcement_;
    const WriteTarget& target_;
    RowViews reached_;
    RowViews left_;
};

}  // namespace

Result<WritePlan> plan_write(sql::Write& write, const sql::Resolution& resolution, const GuardPlan& guards,
                             const Enforcement& enforcement, const Profile& profile) {
    return WritePlanner(write, resolution, guards, enforcement, profile.target(*resolution.target->relation))
        .run();
}

Result<void> check_index_hint(const sql::FromItem& item, const sql::SchemaRelation& relation) {
    const auto& indexes = relation.indexes;
    const bool known = !item.index.present() ||
                       std::any_of(indexes.begin(), indexes.end(), [&item](const std::string& index) {
                           return equal_ascii_case(index, item.index.value);
                       });
    if (known) return {};
    return Error{ErrorCode::not_found, "there is no index " + std::string(item.index.value)}.at(
        item.index.span.begin);
}

}  // namespace majed::rewrite
