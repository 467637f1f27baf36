// SPDX-License-Identifier: Apache-2.0
#include "sql/fact_walk.h"

#include <algorithm>
#include <optional>

namespace majed::sql {
namespace {

/// COLLATE says how to compare, not what.
Expr& without_collation(Expr& expr) noexcept {
    Expr* each = &expr;
    while (each->kind == ExprKind::collate) each = each->left;
    return *each;
}

std::optional<Comparison> comparison_of(Operator op) noexcept {
    if (op == Operator::equal) return Comparison::equal;
    if (op == Operator::not_equal) return Comparison::not_equal;
    if (op == Operator::less) return Comparison::less;
    if (op == Operator::less_equal) return Comparison::less_equal;
    if (op == Operator::greater) return Comparison::greater;
    if (op == Operator::greater_equal) return Comparison::greater_equal;
    if (op == Operator::is || op == Operator::is_not) return Comparison::is;
    return std::nullopt;
}

/// As it reads with its sides exchanged.
Comparison mirrored(Comparison comparison) noexcept {
    if (comparison == Comparison::less) return Comparison::greater;
    if (comparison == Comparison::less_equal) return Comparison::greater_equal;
    if (comparison == Comparison::greater) return Comparison::less;
    if (comparison == Comparison::greater_equal) return Comparison::less_equal;
    return comparison;
}

Comparison pattern_comparison(Operator op) noexcept {
    if (op == Operator::glob) return Comparison::glob;
    if (op == Operator::regexp) return Comparison::regexp;
    return op == Operator::match ? Comparison::match : Comparison::like;
}

Comparand comparand_of(const Expr& expr) noexcept {
    const Expr* each = &expr;
    while (each->kind == ExprKind::collate ||
           (each->kind == ExprKind::unary && (each->op == Operator::negate || each->op == Operator::plus)))
        each = each->left;
    if (each->kind == ExprKind::literal) return Comparand::literal;
    if (each->kind == ExprKind::bind || each->kind == ExprKind::attribute) return Comparand::parameter;
    if (each->kind == ExprKind::subquery) return Comparand::query;
    const bool word = each->kind == ExprKind::column &&
                      (each->binding == Binding::string || each->binding == Binding::boolean);
    return word ? Comparand::literal : Comparand::expression;
}

bool is_constant(Comparand comparand) noexcept {
    return comparand == Comparand::literal || comparand == Comparand::parameter;
}

bool is_null_literal(const Expr& expr) noexcept {
    return expr.kind == ExprKind::literal && expr.op == Operator::null;
}

}  // namespace

/// Conditions are taken apart at AND; below anything else a comparison need not hold.
void FactWalk::condition(Expr& expr, Standing standing) {
    const bool both = expr.kind == ExprKind::binary && expr.op == Operator::and_;
    if (both || (expr.kind == ExprKind::binary && expr.op == Operator::or_)) {
        standing.conjunct &= both;
        condition(*expr.left, standing);
        condition(*expr.right, standing);
        return;
    }
    if (expr.kind == ExprKind::unary && expr.op == Operator::logical_not)
        return condition(*expr.left, {standing.clause, false});
    if (expr.kind == ExprKind::binary) {
        if (const auto found = comparison_of(expr.op))
            return comparison(expr, *found, expr.negated || expr.op == Operator::is_not, standing);
    }
    Compared compared{&expr, Comparison::truth, Comparand::nothing, {}, expr.negated, standing};
    if (expr.kind == ExprKind::column) return side(expr, compared);
    const bool found = expr.kind == ExprKind::like || expr.kind == ExprKind::between ||
                       expr.kind == ExprKind::in_list || expr.kind == ExprKind::in_select ||
                       expr.kind == ExprKind::in_table || expr.kind == ExprKind::is_null;
    return found ? one_sided(expr, compared) : this->expr(expr, ColumnRole::predicate);
}

void FactWalk::comparison(Expr& expr, Comparison comparison, bool negated, Standing standing) {
    Expr& left = without_collation(*expr.left);
    Expr& right = without_collation(*expr.right);
    Compared compared{&expr, comparison, Comparand::expression, {}, negated, standing};
    if (comparison == Comparison::is && is_null_literal(right)) {
        compared.comparison = Comparison::is_null;
        compared.comparand = Comparand::nothing;
        return side(left, compared);
    }
    const bool rows =
        left.kind == ExprKind::row && right.kind == ExprKind::row && left.args.size == right.args.size;
    if (!rows || comparison != Comparison::equal) return pair(left, right, compared);
    Expr* other = right.args.first;
    for (Expr& each : left.args) {  // (a, b) = (1, 2)
        pair(without_collation(each), without_collation(*other), compared);
        other = other->next;
    }
}

void FactWalk::pair(Expr& left, Expr& right, Compared compared) {
    if (join(left, right, compared)) return;
    const auto one = [this, compared](Expr& each, Expr& other, Comparison comparison) {
        Compared here = compared;
        here.comparison = comparison;
        const bool columns = column_behind(each) != nullptr && column_behind(other) != nullptr;
        here.comparand = columns ? Comparand::column : comparand_of(other);
        if (is_constant(here.comparand)) here.constant = other.span;
        side(each, here);
    };
    one(left, right, compared.comparison);
    one(right, left, mirrored(compared.comparison));
}

/// Columns of two FROM items, compared.
bool FactWalk::join(Expr& left, Expr& right, const Compared& compared) {
    if (column_behind(left) == nullptr || column_behind(right) == nullptr) return false;
    JoinFact fact;
    fact.left = place_of(left);
    fact.right = place_of(right);
    if (fact.left.item == fact.right.item) return false;
    fact.condition = compared.condition;
    fact.span = compared.condition->span;
    fact.comparison = compared.comparison;
    fact.negated = compared.negated;
    fact.conjunct = compared.standing.conjunct;
    fact.outer = is_outer(fact.left) || is_outer(fact.right);
    fact.block = block_;
    facts_.joins.push_back(fact);
    facts_.columns.push_back({fact.left, &left, left.span, ColumnRole::join, is_outer(fact.left), block_});
    facts_.columns.push_back(
        {fact.right, &right, right.span, ColumnRole::join, is_outer(fact.right), block_});
    return true;
}

/// What LIKE, BETWEEN, IN and IS NULL compare their left side with.
void FactWalk::describe(const Expr& expr, Compared& compared) {
    compared.comparand = Comparand::expression;
    if (expr.kind == ExprKind::like) {
        compared.comparison = pattern_comparison(expr.op);
        compared.comparand = comparand_of(*expr.right);
        if (is_constant(compared.comparand)) compared.constant = expr.right->span;
    } else if (expr.kind == ExprKind::between) {
        compared.comparison = Comparison::between;
        const Comparand low = comparand_of(*expr.right);
        const Comparand high = comparand_of(*expr.extra);
        if (!is_constant(low) || !is_constant(high)) return;
        compared.comparand = std::max(low, high);
        compared.constant = {expr.right->span.begin, expr.extra->span.end};
    } else if (expr.kind == ExprKind::in_list) {
        compared.comparison = Comparison::in;
        const bool constant = std::all_of(expr.args.begin(), expr.args.end(),
                                          [](const Expr& each) { return is_constant(comparand_of(each)); });
        if (!constant) return;
        compared.comparand = Comparand::list;
        if (!expr.args.empty()) compared.constant = {expr.args.first->span.begin, expr.args.last->span.end};
    } else if (expr.kind == ExprKind::is_null) {
        compared.comparison = Comparison::is_null;
        compared.comparand = Comparand::nothing;
    } else {
        compared.comparison = Comparison::in;
        compared.comparand = Comparand::query;
    }
}

void FactWalk::one_sided(Expr& expr, Compared compared) {
    describe(expr, compared);
    side(without_collation(*expr.left), compared);
    // The other side: whatever columns it has are compared too, but computed.
    compared.comparand = Comparand::expression;
    compared.constant = {};
    if (expr.right != nullptr) this->expr(*expr.right, ColumnRole::predicate, &compared);
    if (expr.extra != nullptr) this->expr(*expr.extra, ColumnRole::predicate, &compared);
    for (Expr& argument : expr.args) this->expr(argument, ColumnRole::predicate, &compared);
    if (expr.select != nullptr) select(*expr.select);
    if (expr.from != nullptr) from_item(*expr.from);
}

void FactWalk::side(Expr& expr, const Compared& compared) {
    if (expr.kind == ExprKind::column) return column(expr, ColumnRole::predicate, &compared, true);
    this->expr(expr, ColumnRole::predicate, &compared);
}

}  // namespace majed::sql
