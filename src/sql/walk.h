/// Visits every expression of a tree, through subqueries, in the order of the text's nesting.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree.h"
#include "sql/write_tree.h"

namespace majed::sql {

template <class Visit>
void walk_expressions(Select& select, Visit&& visit);

/// Visits `expr`, then everything below it.
template <class Visit>
void walk_expressions(Expr& expr, Visit&& visit) {
    visit(expr);
    if (expr.left != nullptr) walk_expressions(*expr.left, visit);
    if (expr.right != nullptr) walk_expressions(*expr.right, visit);
    if (expr.extra != nullptr) walk_expressions(*expr.extra, visit);
    for (Expr& argument : expr.args) walk_expressions(argument, visit);
    if (expr.filter != nullptr) walk_expressions(*expr.filter, visit);
    if (expr.order != nullptr) {
        for (OrderTerm& term : expr.order->order_by) walk_expressions(*term.expr, visit);
    }
    if (expr.over != nullptr) {
        for (Expr& part : expr.over->partition_by) walk_expressions(part, visit);
        for (OrderTerm& term : expr.over->order_by) walk_expressions(*term.expr, visit);
    }
    if (expr.from != nullptr) {
        for (Expr& argument : expr.from->args) walk_expressions(argument, visit);
    }
    if (expr.select != nullptr) walk_expressions(*expr.select, visit);
}

template <class Visit>
void walk_from(List<FromItem>& items, Visit&& visit) {
    for (FromItem& item : items) {
        if (item.on != nullptr) walk_expressions(*item.on, visit);
        for (Expr& argument : item.args) walk_expressions(argument, visit);
        for (Expr& argument : item.sample) walk_expressions(argument, visit);
        for (Expr& value : item.partition_values) walk_expressions(value, visit);
        if (item.select != nullptr) walk_expressions(*item.select, visit);
        walk_from(item.items, visit);
    }
}

template <class Visit>
void walk_expressions(Select& select, Visit&& visit) {
    if (select.with != nullptr) {
        for (Cte& cte : select.with->ctes) walk_expressions(*cte.select, visit);
    }
    for (Core& core : select.cores) {
        for (ResultColumn& column : core.columns) {
            if (column.expr != nullptr) walk_expressions(*column.expr, visit);
        }
        walk_from(core.from, visit);
        if (core.nested != nullptr) walk_expressions(*core.nested, visit);
        for (Expr& expr : core.distinct_on) walk_expressions(expr, visit);
        if (core.where != nullptr) walk_expressions(*core.where, visit);
        if (core.start_with != nullptr) walk_expressions(*core.start_with, visit);
        if (core.connect_by != nullptr) walk_expressions(*core.connect_by, visit);
        for (Expr& expr : core.group_by) walk_expressions(expr, visit);
        if (core.having != nullptr) walk_expressions(*core.having, visit);
        for (Window& window : core.windows) {
            for (Expr& expr : window.partition_by) walk_expressions(expr, visit);
            for (OrderTerm& term : window.order_by) walk_expressions(*term.expr, visit);
        }
        for (ValuesRow& row : core.rows) {
            for (Expr& cell : row.cells) walk_expressions(cell, visit);
        }
    }
    for (OrderTerm& term : select.order_by) walk_expressions(*term.expr, visit);
    if (select.limit != nullptr) walk_expressions(*select.limit, visit);
    if (select.offset != nullptr) walk_expressions(*select.offset, visit);
}

template <class Visit>
void walk_expressions(List<Expr>& expressions, Visit&& visit) {
    for (Expr& each : expressions) walk_expressions(each, visit);
}

template <class Visit>
void walk_expressions(List<Assignment>& assignments, Visit&& visit) {
    for (Assignment& each : assignments) {
        walk_expressions(each.parts, visit);
        walk_expressions(*each.value, visit);
    }
}

template <class Visit>
void walk_expressions(MergeBranch& branch, Visit&& visit) {
    if (branch.condition != nullptr) walk_expressions(*branch.condition, visit);
    walk_expressions(branch.parts, visit);
    walk_expressions(branch.values, visit);
    walk_expressions(branch.assignments, visit);
    if (branch.delete_where != nullptr) walk_expressions(*branch.delete_where, visit);
}

template <class Visit>
void walk_expressions(Write& write, Visit&& visit) {
    if (write.with != nullptr) {
        for (Cte& cte : write.with->ctes) walk_expressions(*cte.select, visit);
    }
    walk_expressions(write.parts, visit);
    if (write.source != nullptr) walk_expressions(*write.source, visit);
    for (ConflictClause& clause : write.conflicts) {
        for (OrderTerm& term : clause.targets) walk_expressions(*term.expr, visit);
        if (clause.target_where != nullptr) walk_expressions(*clause.target_where, visit);
        walk_expressions(clause.assignments, visit);
        if (clause.where != nullptr) walk_expressions(*clause.where, visit);
    }
    walk_expressions(write.assignments, visit);
    walk_from(write.from, visit);
    if (write.where != nullptr) walk_expressions(*write.where, visit);
    for (MergeBranch& branch : write.branches) walk_expressions(branch, visit);
    for (ResultColumn& column : write.returning) {
        if (column.expr != nullptr) walk_expressions(*column.expr, visit);
    }
    for (OrderTerm& term : write.order_by) walk_expressions(*term.expr, visit);
    if (write.limit != nullptr) walk_expressions(*write.limit, visit);
    if (write.offset != nullptr) walk_expressions(*write.offset, visit);
}

}  // namespace majed::sql
