/// The tables that a query or a write names, found in its tree alone: WITH tables are not among them.
///
/// Why      Whether the parser saw every table can be judged before any name is resolved.
/// Life     A value, for one statement.
/// Threads  Pure.
/// Not here Which relations they are (sql/resolver.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::corpora {

class TableNames {
public:
    explicit TableNames(const sql::Dialect& dialect) : dialect_(dialect) {}

    void query(sql::Select& select) {
        const std::size_t outer = local_.size();
        with(select.with);
        for (sql::Core& core : select.cores) this->core(core);
        terms(select.order_by);
        expr(select.limit);
        expr(select.offset);
        local_.resize(outer);
    }

    /// The target is never a WITH table.
    void write(sql::Write& write) {
        const std::size_t outer = local_.size();
        with(write.with);
        if (write.target->select != nullptr) {  // Oracle: a query in its place.
            query(*write.target->select);
        } else {
            found.emplace(write.target->name.value);
        }
        list(write.parts);
        if (write.source != nullptr) query(*write.source);
        for (sql::ConflictClause& clause : write.conflicts) {
            terms(clause.targets);
            expr(clause.target_where);
            assignments(clause.assignments);
            expr(clause.where);
        }
        assignments(write.assignments);
        for (sql::FromItem& item : write.from) from_item(item);
        expr(write.where);
        for (sql::MergeBranch& branch : write.branches) {
            expr(branch.condition);
            list(branch.parts);
            list(branch.values);
            assignments(branch.assignments);
            expr(branch.delete_where);
        }
        for (sql::ResultColumn& column : write.returning) expr(column.expr);
        terms(write.order_by);
        expr(write.limit);
        expr(write.offset);
        local_.resize(outer);
    }

    /// As written, folded as the dialect folds, without schema.
    std::set<std::string> found;

private:
    void with(sql::With* with) {
        if (with == nullptr) return;
        // PostgreSQL shows a WITH table to those after it, with RECURSIVE to all; Oracle also to itself.
        const bool all = with->recursive || !dialect_.grammar.postgres;
        for (const sql::Cte& cte : with->ctes) {
            if (all) local_.push_back(cte.name.value);
        }
        for (sql::Cte& cte : with->ctes) {
            query(*cte.select);
            local_.push_back(cte.name.value);
        }
    }

    void assignments(sql::List<sql::Assignment>& assignments) {
        for (sql::Assignment& each : assignments) {
            list(each.parts);
            expr(each.value);
        }
    }

    void core(sql::Core& core) {
        if (core.nested != nullptr) query(*core.nested);
        for (sql::ResultColumn& column : core.columns) expr(column.expr);
        for (sql::ValuesRow& row : core.rows) list(row.cells);
        list(core.distinct_on);
        for (sql::FromItem& item : core.from) from_item(item);
        for (sql::Expr* clause : {core.where, core.start_with, core.connect_by, core.having}) expr(clause);
        list(core.group_by);
        for (sql::Window& each : core.windows) window(each);
    }

    void from_item(sql::FromItem& item) {
        if (item.kind == sql::FromKind::table) {
            const bool local = !item.schema.present() &&
                               std::find(local_.begin(), local_.end(), item.name.value) != local_.end();
            if (!local) found.emplace(item.name.value);
        }
        list(item.args);
        list(item.sample);
        list(item.partition_values);
        for (sql::FromItem& inner : item.items) from_item(inner);
        if (item.select != nullptr) query(*item.select);
        expr(item.on);
    }

    void expr(sql::Expr* expr) {
        if (expr == nullptr) return;
        for (sql::Expr* part : {expr->left, expr->right, expr->extra, expr->filter}) this->expr(part);
        list(expr->args);
        if (expr->select != nullptr) query(*expr->select);
        if (expr->from != nullptr) from_item(*expr->from);
        if (expr->order != nullptr) window(*expr->order);
        if (expr->over != nullptr) window(*expr->over);
    }

    void window(sql::Window& window) {
        list(window.partition_by);
        terms(window.order_by);
        expr(window.frame_start);
        expr(window.frame_end);
    }

    void terms(sql::List<sql::OrderTerm>& terms) {
        for (sql::OrderTerm& term : terms) expr(term.expr);
    }

    void list(sql::List<sql::Expr>& exprs) {
        for (sql::Expr& each : exprs) expr(&each);
    }

    const sql::Dialect& dialect_;
    std::vector<std::string_view> local_;  // WITH tables in scope
};

}  // namespace majed::corpora
