/// The tables that a query names, found in its tree alone: WITH tables are not among them.
///
/// Why      Whether the parser saw every table can be judged before any name is resolved.
/// Life     A value, for one query.
/// Threads  Pure.
/// Not here Which relations they are (sql/resolver.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"
#include "sql/tree.h"

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
        if (select.with != nullptr) {
            // PostgreSQL shows a WITH table to those after it, with RECURSIVE to all; Oracle also to itself.
            const bool all = select.with->recursive || !dialect_.grammar.postgres;
            for (const sql::Cte& cte : select.with->ctes) {
                if (all) local_.push_back(cte.name.value);
            }
            for (sql::Cte& cte : select.with->ctes) {
                query(*cte.select);
                local_.push_back(cte.name.value);
            }
        }
        for (sql::Core& core : select.cores) this->core(core);
        terms(select.order_by);
        expr(select.limit);
        expr(select.offset);
        local_.resize(outer);
    }

    /// As written, folded as the dialect folds, without schema.
    std::set<std::string> found;

private:
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
