/// A syntax tree as one line of text, and a walk over all its nodes: how tests look at what the parser made.
///
/// Why      `(or a (and b c))` in a test says at once which operator binds more tightly.
/// Life     Free functions.
/// Threads  Pure.
/// Not here SQL text: the rewriter splices the caller's own bytes, nothing is ever printed back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace majed::sql {

/// Writes trees that were parsed from `text`.
class TreeText {
public:
    explicit TreeText(std::string_view text) : text_(text) {}

    [[nodiscard]] std::string of(const Expr* expr) const {
        if (expr == nullptr) return "-";
        switch (expr->kind) {
            case ExprKind::literal:
            case ExprKind::bind:
                return leaf(*expr);
            case ExprKind::column:
                return column(*expr);
            case ExprKind::unary:
                return form(operator_text(*expr), {of(expr->left)});
            case ExprKind::binary:
                return form(operator_text(*expr), {of(expr->left), of(expr->right)});
            case ExprKind::like:
                return like(*expr);
            case ExprKind::between:
                return form(negated(*expr, "between"), {of(expr->left), of(expr->right), of(expr->extra)});
            case ExprKind::in_list:
                return form(negated(*expr, "in"), {of(expr->left), list(expr->args)});
            case ExprKind::in_select:
                return form(negated(*expr, "in"), {of(expr->left), of(*expr->select)});
            case ExprKind::in_table:
                return form(negated(*expr, "in"), {of(expr->left), of(*expr->from)});
            case ExprKind::is_null:
                return form(expr->negated ? "notnull" : "isnull", {of(expr->left)});
            case ExprKind::collate:
                return form("collate", {of(expr->left), std::string(expr->name.value)});
            case ExprKind::cast:
                return form("cast", {of(expr->left), std::string(expr->name.value)});
            case ExprKind::case_when:
                return form("case", {of(expr->left), list(expr->args), of(expr->extra)});
            case ExprKind::call:
                return call(*expr);
            case ExprKind::exists:
                return form("exists", {of(*expr->select)});
            case ExprKind::subquery:
                return of(*expr->select);
            case ExprKind::row:
                return form("row", {list(expr->args)});
            case ExprKind::field:
                return of(expr->left) + "." + (expr->star_argument ? "*" : std::string(expr->name.value));
            case ExprKind::subscript:
                return form(expr->star_argument ? "slice" : "element",
                            {of(expr->left), of(expr->right), of(expr->extra)});
            case ExprKind::array:
                return form("array", {expr->select != nullptr ? of(*expr->select) : list(expr->args)});
            case ExprKind::quantified:
                return form(std::string(expr->name.value) + (expr->negated ? " all" : " any"),
                            {of(expr->left), expr->select != nullptr ? of(*expr->select) : list(expr->args)});
            case ExprKind::is_test:
                return form((expr->negated ? "is not " : "is ") + std::string(expr->name.value),
                            {of(expr->left)});
            case ExprKind::grouping:
                return form(expr->name.value, {list(expr->args)});
            case ExprKind::default_value:
                return "default";
            case ExprKind::attribute:
                return ":user." + std::string(expr->name.value);
        }
        return "?";
    }

    [[nodiscard]] std::string of(const Select& select) const;
    [[nodiscard]] std::string of(const FromItem& item) const;
    [[nodiscard]] std::string of(const ResultColumn& column) const;

protected:
    template <class Items>
    [[nodiscard]] std::string joined(const Items& items, std::string_view open,
                                     std::string_view close) const {
        return joined_by(items, open, close, [&](const auto& item) { return of(item); });
    }

    template <class Items, class Text>
    [[nodiscard]] static std::string joined_by(const Items& items, std::string_view open,
                                               std::string_view close, Text text_of) {
        std::string out(open);
        for (const auto& item : items) {
            if (out.size() > open.size()) out += ", ";
            out += text_of(item);
        }
        return out.append(close);
    }

    [[nodiscard]] static std::string form(std::string_view head, std::initializer_list<std::string> parts) {
        std::string out = "(";
        out += head;
        for (const std::string& part : parts) out.append(1, ' ').append(part);
        return out + ")";
    }

    [[nodiscard]] std::string list(const List<Expr>& exprs) const {
        std::string out = "[";
        for (const Expr& expr : exprs) {
            if (out.size() > 1) out += ' ';
            out += of(&expr);
        }
        return out + "]";
    }

    [[nodiscard]] static std::string names(const List<NameNode>& nodes) {
        std::string out = "(";
        for (const NameNode& node : nodes) {
            if (out.size() > 1) out += ' ';
            out += node.name.value;
        }
        return out + ")";
    }

    [[nodiscard]] std::string order(const List<OrderTerm>& terms) const {
        std::string out = "[";
        for (const OrderTerm& term : terms) {
            if (out.size() > 1) out += ' ';
            out += of(term.expr);
            if (term.nulls == NullsOrder::first) out += ":nulls_first";
            if (term.nulls == NullsOrder::last) out += ":nulls_last";
        }
        return out + "]";
    }

    [[nodiscard]] std::string leaf(const Expr& expr) const {
        std::string_view written = expr.span.in(text_);
        if (expr.parenthesized) {
            written.remove_prefix(written.find_first_not_of("( \t\r\n\f"));
            written = written.substr(0, written.find_last_not_of(") \t\r\n\f") + 1);
        }
        return std::string(written);
    }

    [[nodiscard]] static std::string column(const Expr& expr) {
        std::string out;
        if (expr.schema != nullptr) out += std::string(expr.schema->value) + ".";
        if (expr.table != nullptr) out += std::string(expr.table->value) + ".";
        return out + std::string(expr.name.value);
    }

    [[nodiscard]] std::string like(const Expr& expr) const {
        std::string out =
            "(" + negated(expr, operator_name(expr.op)) + " " + of(expr.left) + " " + of(expr.right);
        if (expr.extra != nullptr) out += " escape " + of(expr.extra);
        return out + ")";
    }

    [[nodiscard]] std::string call(const Expr& expr) const {
        std::string out = "(" + std::string(expr.name.value);
        out += expr.star_argument ? "[*]" : (expr.distinct ? " distinct " : "") + list(expr.args);
        if (expr.select != nullptr) out += of(*expr.select);
        if (expr.order != nullptr) out += " order " + order(expr.order->order_by);
        if (expr.filter != nullptr) out += " filter " + of(expr.filter);
        if (expr.over != nullptr) out += " over " + window(*expr.over);
        return out + ")";
    }

    [[nodiscard]] std::string window(const Window& window) const {
        if (window.reference_only) return std::string(window.name.value);
        std::string out = "(";
        if (window.base.present()) out += std::string(window.base.value);
        if (!window.partition_by.empty()) out += " partition " + list(window.partition_by);
        if (!window.order_by.empty()) out += " order " + order(window.order_by);
        if (window.frame_start != nullptr) out += " from " + of(window.frame_start);
        if (window.frame_end != nullptr) out += " to " + of(window.frame_end);
        return out + ")";
    }

    [[nodiscard]] std::string with(const With& with) const;
    [[nodiscard]] std::string of(const Core& core) const;
    [[nodiscard]] std::string item_source(const FromItem& item) const;
    [[nodiscard]] static std::string negated(const Expr& expr, std::string_view name) {
        return (expr.negated ? "not_" : "") + std::string(name);
    }

    [[nodiscard]] static std::string_view compound_name(CompoundOperator op) {
        constexpr std::array<std::string_view, 5> all{"", " union ", " union_all ", " intersect ",
                                                      " except "};
        return all.at(static_cast<std::size_t>(op));
    }

    [[nodiscard]] static std::string_view operator_text(const Expr& expr) {
        return expr.op == Operator::custom ? expr.name.value : operator_name(expr.op);
    }

    [[nodiscard]] static std::string_view operator_name(Operator op) {
        constexpr auto all = std::to_array<std::string_view>({"none",     "null",
                                                              "integer",  "real",
                                                              "string",   "blob",
                                                              "boolean",  "clock",
                                                              "neg",      "pos",
                                                              "bitnot",   "not",
                                                              "or",       "and",
                                                              "=",        "<>",
                                                              "is",       "is_not",
                                                              "<",        "<=",
                                                              ">",        ">=",
                                                              "&",        "|",
                                                              "<<",       ">>",
                                                              "+",        "-",
                                                              "*",        "/",
                                                              "%",        "||",
                                                              "->",       "->>",
                                                              "like",     "glob",
                                                              "regexp",   "match",
                                                              "ilike",    "similar",
                                                              "^",        "at_time_zone",
                                                              "overlaps", "operator",
                                                              "prior",    "connect_by_root"});
        return all.at(static_cast<std::size_t>(op));
    }

    std::string_view text_;
};

}  // namespace majed::sql

#include "sql/tree_text_query.h"
