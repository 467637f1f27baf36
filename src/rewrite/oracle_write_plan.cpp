// SPDX-License-Identifier: Apache-2.0
#include "rewrite/oracle_write_plan.h"

#include "rewrite/quoting.h"
#include "sql/walk.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace majed::rewrite {
namespace {

/// Does a query stand anywhere in it?
bool holds_query(sql::Expr& expr) {
    bool found = false;
    sql::walk_expressions(expr, [&found](const sql::Expr& each) { found |= each.select != nullptr; });
    return found;
}

/// What a statement has to say about rows of its target; a query that stands beside it in USING is one of its own.
template <class Visit>
void walk_target_expressions(sql::Write& write, Visit&& visit) {
    if (write.kind != sql::WriteKind::merge) return sql::walk_expressions(write, visit);
    sql::walk_expressions(*write.where, visit);
    for (sql::MergeBranch& branch : write.branches) sql::walk_expressions(branch, visit);
}

const sql::Expr* row_number_in(sql::Write& write) {
    const sql::Expr* found = nullptr;
    walk_target_expressions(write, [&found](const sql::Expr& each) {
        const bool number = each.binding == sql::Binding::opaque && each.name.value == "ROWNUM";
        if (number && found == nullptr) found = &each;
    });
    return found;
}

bool is_among(const sql::FromItem* source, const sql::List<sql::FromItem>& items) {
    return std::any_of(items.begin(), items.end(), [source](const sql::FromItem& item) {
        return &item == source || is_among(source, item.items);
    });
}

class OracleWritePlanner : private PlanInTheMaking<InlineWritePlan> {
public:
    OracleWritePlanner(const ResolvedWrite& resolved, const OracleText& text, const Enforcement& enforcement,
                       InlineParameters& parameters)
        : resolved_(resolved),
          write_(resolved.write),
          resolution_(resolved.resolution),
          target_(resolved.target),
          text_(text),
          enforcement_(enforcement),
          parameters_(parameters),
          row_(quoted_name(resolved.write.target->visible_name())) {}

    Result<InlineWritePlan> run() {
        MAJED_TRY(permit_write(write_, resolution_, target_));
        MAJED_TRY(permit_kind());
        MAJED_TRY(permit_computed());
        MAJED_TRY(permit_names());
        plan_.grant = grant_of(resolved_);
        const RowRules rules = rules_of_row();
        if (!rules.empty()) {
            MAJED_TRY(permit_guarded());
            MAJED_TRY(permit_matching());
            MAJED_TRY(put_query(rules));
            MAJED_TRY(guard(rules));
        } else if (goes_by_synonym(*write_.target, target_)) {
            MAJED_TRY(put_table());
        }
        MAJED_TRY(name_columns(!rules.empty()));
        return std::move(plan_);
    }

private:
    [[nodiscard]] Error not_offered(std::string what, std::size_t offset, std::string hint = {}) const {
        return Error{ErrorCode::unsupported, std::move(what), std::move(hint)}.at(offset);
    }
    [[nodiscard]] Error not_beside_rules(const std::string& what, std::size_t offset,
                                         std::string hint = {}) const {
        return not_offered(
            what + " in a write to " + target_.relation.name + ", whose rows you may write in part", offset,
            std::move(hint));
    }

    [[nodiscard]] bool merges() const { return write_.kind == sql::WriteKind::merge; }

    /// What is done to rows here.
    [[nodiscard]] std::vector<policy::Action> actions() const {
        std::vector<policy::Action> all;
        if (plan_.grant.inserts) all.push_back(policy::Action::insert);
        if (!plan_.grant.updates.empty()) all.push_back(policy::Action::update);
        if (plan_.grant.deletes) all.push_back(policy::Action::delete_);
        return all;
    }

    [[nodiscard]] RowRules rules_of_row() const {
        RowRules rules;
        for (const policy::Action action : actions()) rules.add(target_.rule(action));
        if (reads_target(write_, resolution_)) rules.add_read(target_);
        return rules;
    }

    [[nodiscard]] Result<void> permit_kind() const {
        if (!merges() && !write_.from.empty()) {
            return not_offered("tables beside the target are not offered on Oracle", write_.from_span.begin,
                               "Take queries in SET and WHERE.");
        }
        return {};
    }

    [[nodiscard]] Result<void> permit_computed() const {
        for (const sql::ColumnWrite& each : resolution_.written) {
            const sql::SchemaColumn& column = target_.relation.columns[each.column.value_or(0)];
            if (!each.column || !column.generated) continue;
            return Error{ErrorCode::invalid_argument,
                         column.name + " is computed by the database: it cannot be written"}
                .at(each.span.begin);
        }
        return {};
    }

    /// A function without parentheses that is called like a column which is left out: Oracle would read the column.
    [[nodiscard]] Result<void> permit_names() const {
        const sql::Expr* captured = nullptr;
        sql::walk_expressions(write_, [&](const sql::Expr& each) {
            const bool bare = each.binding == sql::Binding::opaque && each.kind == sql::ExprKind::column &&
                              each.table == nullptr;
            if (bare && is_column(each.name.value) && captured == nullptr) captured = &each;
        });
        if (captured != nullptr) return not_seen(*captured, "");
        return merges() ? permit_source_names() : Result<void>();
    }

    /// A column of USING's that is named alone, and is called like one of the target that is left out.
    [[nodiscard]] Result<void> permit_source_names() const {
        const sql::Expr* captured = nullptr;
        walk_target_expressions(write_, [&](const sql::Expr& each) {
            const bool bare = each.kind == sql::ExprKind::column && each.table == nullptr &&
                              is_among(each.source, write_.from);
            if (bare && is_column(each.name.value) && captured == nullptr) captured = &each;
        });
        if (captured == nullptr) return {};
        return not_seen(*captured, "Write the name of what USING names before it.");
    }

    [[nodiscard]] Error not_seen(const sql::Expr& captured, std::string hint) const {
        return not_offered(std::string(captured.name.value) + " could be a column of " +
                               target_.relation.name + " that you do not see",
                           captured.span.begin, std::move(hint));
    }

    [[nodiscard]] bool is_column(std::string_view name) const {
        const auto& columns = target_.facts->base.columns;
        return std::any_of(columns.begin(), columns.end(),
                           [name](const sql::SchemaColumn& each) { return each.name == name; });
    }

    /// What a query in the target's place does not take, or would change the meaning of.
    [[nodiscard]] Result<void> permit_guarded() const {
        const sql::FromItem& item = *write_.target;
        if (text_.marks.hint) {
            return not_beside_rules("hints are not possible", *text_.marks.hint,
                                    "Leave out the comments that begin with +.");
        }
        if (item.only || !item.partition.empty()) {
            return not_beside_rules(item.only ? "ONLY is not possible" : "PARTITION is not possible",
                                    item.reference.begin);
        }
        const bool of_rows = write_.kind != sql::WriteKind::insert;
        if (const sql::Expr* number = of_rows ? row_number_in(write_) : nullptr) {
            return not_beside_rules("ROWNUM is not possible", number->span.begin,
                                    "Take a query that tells which rows.");
        }
        if (merges()) MAJED_TRY(permit_values());
        return permit_qualifiers();
    }

    /// MERGE takes no DEFAULT for a column of a view.
    [[nodiscard]] Result<void> permit_values() const {
        const sql::Expr* found = nullptr;
        walk_target_expressions(write_, [&found](const sql::Expr& each) {
            if (each.kind == sql::ExprKind::default_value && found == nullptr) found = &each;
        });
        if (found == nullptr) return {};
        return not_beside_rules("DEFAULT is not possible", found->span.begin,
                                "Of INSERT, leave the column out.");
    }

    /// Where the rules differ, a row that one of them hides would count as not matched, and be inserted once more.
    [[nodiscard]] Result<void> permit_matching() const {
        if (!merges() || !plan_.grant.inserts) return {};
        RowRules read;
        read.add_read(target_);
        const std::vector<policy::Action> all = actions();
        const bool alike = std::all_of(all.begin(), all.end(), [&](policy::Action action) {
            RowRules rules;
            rules.add(target_.rule(action));
            return rules.same_as(read);
        });
        if (alike) return {};
        return not_offered("a MERGE that inserts needs one rule about the rows of " + target_.relation.name +
                               " for all that it does: yours about reading and writing them differ",
                           write_.target->reference.begin, "Write an UPDATE and an INSERT.");
    }

    /// A query in parentheses has no schema, nor has an alias.
    [[nodiscard]] Result<void> permit_qualifiers() const {
        MAJED_TRY(permit_qualifiers(write_.columns, write_.assignments));
        for (const sql::MergeBranch& branch : write_.branches)
            MAJED_TRY(permit_qualifiers(branch.columns, branch.assignments));
        return {};
    }

    [[nodiscard]] Result<void> permit_qualifiers(const sql::List<sql::NameNode>& columns,
                                                 const sql::List<sql::Assignment>& assignments) const {
        for (const sql::NameNode& column : columns) MAJED_TRY(permit_qualifier(column.name));
        for (const sql::Assignment& each : assignments) {
            for (const sql::NameNode& column : each.columns) MAJED_TRY(permit_qualifier(column.name));
        }
        return {};
    }

    [[nodiscard]] Result<void> permit_qualifier(const sql::Name& column) const {
        const auto& tokens = text_.parser.tokens();
        const auto at = std::find_if(tokens.begin(), tokens.end(), [&](const sql::Token& token) {
            return token.span().begin == column.span.begin;
        });
        const auto before = at - tokens.begin();
        const bool with_schema =
            before >= 4 && (at - 1)->kind == sql::TokenKind::dot && (at - 3)->kind == sql::TokenKind::dot;
        if (!with_schema) return {};
        return not_offered("a column that is written is named without its schema here", column.span.begin,
                           "Write " + std::string(column.value) + " alone.");
    }

    /// The table, where a synonym of it was named.
    Result<void> put_table() {
        MAJED_TRY(permit_qualifiers());
        const sql::FromItem& item = *write_.target;
        const sql::SchemaRelation& base = target_.facts->base;
        plan_.first.push_back({item.reference, quoted_name(base.schema) + "." + quoted_name(base.name)});
        if (!item.alias.present()) insert_first(item.span.end, " " + row_);
        return {};
    }

    /// The rules, where the table was named.
    Result<void> put_query(const RowRules& rules) {
        const sql::FromItem& item = *write_.target;
        const sql::SchemaRelation& base = target_.facts->base;
        const std::string row = quoted_name(enforcement_.inline_alias());
        InlineConditions& conditions = plan_.conditions;
        conditions.reached = rules.on(row, parameters_);
        MAJED_TRY_ASSIGN(conditions.checked, is_checked(rules));
        std::string query;
        for (const sql::SchemaColumn& column : base.columns) {
            if (is_shown(column.name, rules))
                query += (query.empty() ? "(SELECT " : ", ") + quoted_name(column.name);
        }
        query += " FROM " + quoted_name(base.schema) + "." + quoted_name(base.name) + " " + row + " WHERE " +
                 conditions.reached;
        query += conditions.checked ? " WITH CHECK OPTION)" : ")";
        if (!item.alias.present()) query += " " + row_;
        plan_.first.push_back({item.reference, std::move(query)});
        return {};
    }

    /// What the statement may name, and the rules do.
    [[nodiscard]] bool is_shown(const std::string& name, const RowRules& rules) const {
        const auto& visible = target_.relation.columns;
        return std::any_of(visible.begin(), visible.end(),
                           [&name](const auto& each) { return each.name == name; }) ||
               std::find(rules.columns().begin(), rules.columns().end(), name) != rules.columns().end();
    }

    /// Oracle guarantees nothing of a check with a query in it. An UPDATE needs none where the rules read no column that it
    /// changes: of the row nothing is then other than it was.
    [[nodiscard]] Result<bool> is_checked(const RowRules& rules) const {
        const bool inserts = plan_.grant.inserts;
        if (!inserts && plan_.grant.updates.empty()) return false;
        if (!rules.asks()) return true;
        if (!inserts && !may_move_rows(rules)) return false;
        return not_offered("Oracle cannot be held to the rule about rows of " + target_.relation.name +
                               " here: it looks into other tables",
                           write_.target->reference.begin,
                           !inserts ? "Change columns alone that the rule does not read."
                                    : "A rule about the table's own columns can be held to.");
    }

    [[nodiscard]] bool may_move_rows(const RowRules& rules) const {
        const auto& base = target_.facts->base.columns;
        return std::any_of(rules.columns().begin(), rules.columns().end(), [&](const std::string& name) {
            const auto column = std::find_if(base.begin(), base.end(),
                                             [&name](const auto& each) { return each.name == name; });
            if (column == base.end() || column->generated) return true;  // Of which columns is not known.
            const auto& written = plan_.grant.updates;
            return std::find(written.begin(), written.end(), name) != written.end();
        });
    }

    /// Of what may fail, and of queries, which Oracle may turn into joins.
    Result<void> guard(const RowRules& rules) {
        if (write_.kind == sql::WriteKind::insert) return {};
        if (merges()) return guard_merge(rules);
        if (write_.where != nullptr && (text_.may_fail || must_guard(*write_.where)))
            guard_condition(*write_.where, rules);
        return guard_values(write_.assignments, rules);
    }

    /// Of ON, and of the branch that has rows of the target; they are joined with those of USING before anything else is asked.
    Result<void> guard_merge(const RowRules& rules) {
        if (must_guard(*write_.where)) {
            MAJED_TRY(permit_columns_in_on(rules));
            insert_first(write_.where->span.begin, "(");
            guard_condition(*write_.where, rules);
            insert_last(write_.where->span.end, ")");
        }
        for (const sql::MergeBranch& branch : write_.branches) {
            if (!branch.matched) continue;
            for (sql::Expr* const condition : {branch.condition, branch.delete_where}) {
                if (condition != nullptr && must_guard(*condition)) guard_condition(*condition, rules);
            }
            MAJED_TRY(guard_values(branch.assignments, rules));
        }
        return {};
    }

    /// Oracle updates no column that stands in ON (ORA-38104), where the rule's will.
    [[nodiscard]] Result<void> permit_columns_in_on(const RowRules& rules) const {
        const auto& in_on = rules.columns();
        for (const sql::ColumnWrite& each : resolution_.written) {
            if (each.kind != sql::WriteKind::update || !each.column) continue;
            const std::string& name = target_.relation.columns[*each.column].name;
            if (std::find(in_on.begin(), in_on.end(), name) == in_on.end()) continue;
            return not_beside_rules(
                name + " cannot be set beside an ON that may fail or holds a query", each.span.begin,
                "Compare columns of tables alone in ON, or write an UPDATE and an INSERT.");
        }
        return {};
    }

    void guard_condition(const sql::Expr& condition, const RowRules& rules) {
        insert_first(condition.span.begin, "CASE WHEN " + named(rules) + " THEN CASE WHEN (");
        insert_last(condition.span.end, ") THEN 1 END END = 1");
    }

    Result<void> guard_values(const sql::List<sql::Assignment>& assignments, const RowRules& rules) {
        for (const sql::Assignment& each : assignments) {
            if (each.has_parens) {  // No CASE can stand before a query that gives several values.
                return not_beside_rules("several columns cannot be set at once", each.span.begin,
                                        "Set them one by one.");
            }
            if (!must_guard(*each.value)) continue;
            insert_first(each.value->span.begin, "CASE WHEN " + named(rules) + " THEN (");
            insert_last(each.value->span.end, ") END");
        }
        return {};
    }

    /// Made once it is asked for: no value is bound for what stands nowhere.
    const std::string& named(const RowRules& rules) {
        std::string& condition = plan_.conditions.named;
        if (condition.empty()) condition = rules.on(row_, parameters_);
        return condition;
    }

    [[nodiscard]] static bool must_guard(sql::Expr& expr) { return expr.unsafe || holds_query(expr); }

    /// Without a list Oracle would count the columns that are left out for this principal; of the query, those that a star
    /// leaves out.
    Result<void> name_columns(bool guarded) {
        const auto in_star = [](const auto& columns) {
            return std::count_if(columns.begin(), columns.end(),
                                 [](const auto& each) { return !each.hidden; });
        };
        const auto visible = in_star(target_.relation.columns);
        const bool as_it_is = !guarded && visible == in_star(target_.facts->base.columns);
        const auto given = values_without_list();
        if (as_it_is || !given) return {};
        if (write_.source != nullptr && write_.source->open) {
            return not_offered("how many columns the query has is not known", write_.source->span.begin,
                               "Name the columns that are written.");
        }
        if (given->count != static_cast<std::size_t>(visible)) {
            return Error{ErrorCode::invalid_argument,
                         std::to_string(given->count) + " values for " + std::to_string(visible) + " columns"}
                .at(given->begin);
        }
        std::string list;
        for (const sql::SchemaColumn& column : target_.relation.columns) {
            if (!column.hidden) list += (list.empty() ? " (" : ", ") + quoted_name(column.name);
        }
        insert_first(given->list_place, list + ")");
        return {};
    }

    struct UnlistedValues {
        std::size_t count = 0;
        std::uint32_t begin = 0;
        std::uint32_t list_place = 0;  ///< Where the list would stand.
    };

    [[nodiscard]] std::optional<UnlistedValues> values_without_list() const {
        if (write_.kind == sql::WriteKind::insert && write_.columns.empty() && write_.source != nullptr)
            return UnlistedValues{write_.source->column_count, write_.source->span.begin,
                                  write_.target->span.end};
        for (const sql::MergeBranch& branch : write_.branches) {
            if (branch.action != sql::MergeAction::insert || !branch.columns.empty()) continue;
            return UnlistedValues{branch.values.size, branch.values.first->span.begin,
                                  behind_insert(branch.head.end)};
        }
        return std::nullopt;
    }

    /// The end of the first INSERT behind `from`.
    [[nodiscard]] std::uint32_t behind_insert(std::uint32_t from) const {
        const auto& tokens = text_.parser.tokens();
        const auto found = std::find_if(tokens.begin(), tokens.end(), [from](const sql::Token& token) {
            return token.offset >= from && token.keyword == sql::Keyword::insert;
        });
        return found->span().end;
    }

    const ResolvedWrite& resolved_;
    sql::Write& write_;
    const sql::Resolution& resolution_;
    const WriteTarget& target_;
    const OracleText& text_;
    const Enforcement& enforcement_;
    InlineParameters& parameters_;
    const std::string row_;  ///< The name that the statement has for the target.
};

}  // namespace

bool goes_by_synonym(const sql::FromItem& item, const WriteTarget& target) {
    const sql::SchemaRelation& base = target.facts->base;
    return item.name.value != base.name || (item.schema.present() && item.schema.value != base.schema);
}

Result<InlineWritePlan> plan_oracle_write(const ResolvedWrite& resolved, const OracleText& text,
                                          const Enforcement& enforcement, InlineParameters& parameters) {
    return OracleWritePlanner(resolved, text, enforcement, parameters).run();
}

}  // namespace majed::rewrite
