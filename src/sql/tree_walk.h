/// Calls a visitor for every node of a tree, parents before children: what tests of spans need.
///
/// Why      "Every node's span is exact" is one property over all kinds of nodes.
/// Life     A function template; the visitor may overload `expr`, `select`, `from_item` and `result`.
/// Threads  Pure.
/// Not here Passes of the program itself: each walks as its own rules demand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree.h"
#include "sql/write_tree.h"

namespace majed::sql {

template <class Visitor>
class TreeWalk {
public:
    explicit TreeWalk(Visitor& visitor) : visitor_(visitor) {}

    void select(Select* select) {
        if (select == nullptr) return;
        visitor_.select(*select);
        if (select->with != nullptr) {
            for (Cte& cte : select->with->ctes) this->select(cte.select);
        }
        for (Core& core : select->cores) this->core(core);
        order(select->order_by);
        expr(select->limit);
        expr(select->offset);
    }

    void write(Write& write) {
        if (write.with != nullptr) {
            for (Cte& cte : write.with->ctes) select(cte.select);
        }
        from_item(*write.target);
        list(write.parts);
        select(write.source);
        for (ConflictClause& clause : write.conflicts) {
            order(clause.targets);
            expr(clause.target_where);
            assignments(clause.assignments);
            expr(clause.where);
        }
        assignments(write.assignments);
        for (FromItem& item : write.from) from_item(item);
        expr(write.where);
        for (MergeBranch& branch : write.branches) {
            expr(branch.condition);
            list(branch.parts);
            list(branch.values);
            assignments(branch.assignments);
            expr(branch.delete_where);
        }
        for (ResultColumn& column : write.returning) result(column);
        order(write.order_by);
        expr(write.limit);
        expr(write.offset);
    }

    void expr(Expr* expr) {
        if (expr == nullptr) return;
        visitor_.expr(*expr);
        this->expr(expr->left);
        this->expr(expr->right);
        this->expr(expr->extra);
        list(expr->args);
        select(expr->select);
        if (expr->from != nullptr) from_item(*expr->from);
        this->expr(expr->filter);
        if (expr->order != nullptr) window(*expr->order);
        if (expr->over != nullptr) window(*expr->over);
    }

private:
    void core(Core& core) {
        for (ResultColumn& column : core.columns) result(column);
        select(core.nested);
        list(core.distinct_on);
        for (ValuesRow& row : core.rows) list(row.cells);
        for (FromItem& item : core.from) from_item(item);
        expr(core.where);
        expr(core.start_with);
        expr(core.connect_by);
        list(core.group_by);
        expr(core.having);
        for (Window& each : core.windows) window(each);
    }

    void result(ResultColumn& column) {
        visitor_.result(column);
        expr(column.expr);
    }

    void assignments(List<Assignment>& assignments) {
        for (Assignment& each : assignments) {
            list(each.parts);
            expr(each.value);
        }
    }

    void from_item(FromItem& item) {
        visitor_.from_item(item);
        list(item.args);
        list(item.sample);
        list(item.partition_values);
        select(item.select);
        for (FromItem& inner : item.items) from_item(inner);
        expr(item.on);
    }

    void window(Window& window) {
        list(window.partition_by);
        order(window.order_by);
        expr(window.frame_start);
        expr(window.frame_end);
    }

    void order(List<OrderTerm>& terms) {
        for (OrderTerm& term : terms) expr(term.expr);
    }

    void list(List<Expr>& exprs) {
        for (Expr& each : exprs) expr(&each);
    }

    Visitor& visitor_;
};

}  // namespace majed::sql
