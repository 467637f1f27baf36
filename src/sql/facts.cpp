// SPDX-License-Identifier: Apache-2.0
#include "sql/facts.h"

#include "core/ascii.h"
#include "sql/fact_walk.h"
#include "sql/resolution_pass.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace majed::sql {
namespace {

std::uint64_t folded_hash(std::string_view name) noexcept {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(ascii_lower(c))) * 1099511628211ULL;
    return hash;
}

std::size_t columns_offered(const FromItem& item) noexcept {
    std::size_t count = columns_of(item).count;
    for (const FromItem& inner : item.items) count += columns_offered(inner);
    return count;
}

/// Does any join of this list go by names?
bool joins_by_name(List<FromItem>& items) noexcept {
    return std::any_of(items.begin(), items.end(),
                       [](const FromItem& item) { return item.join.natural || !item.using_columns.empty(); });
}

/// The column of that name in an item or, of a group, in the first inside that has it.
std::pair<FromItem*, std::uint32_t> column_called(FromItem& item, std::string_view name) noexcept {
    if (item.kind == FromKind::group) {
        for (FromItem& inner : item.items) {
            if (const auto found = column_called(inner, name); found.first != nullptr) return found;
        }
        return {nullptr, 0};
    }
    const auto column = columns_of(item).find(name);
    return {column ? &item : nullptr, column.value_or(0)};
}

}  // namespace

void Facts::clear() {
    relations.clear();
    columns.clear();
    predicates.clear();
    joins.clear();
    calls.clear();
    results.clear();
    blocks = 0;
    complete = true;
}

void NameIndex::clear(std::size_t most) {
    std::size_t size = 16;
    while (size < 2 * most) size *= 2;
    slots_.assign(size, Slot{});
}

/// Linear probing; a table is never more than half full.
std::size_t NameIndex::slot_of(std::string_view name, std::uint64_t hash) const noexcept {
    std::size_t place = hash & (slots_.size() - 1);
    while (slots_[place].item != nullptr) {
        const Slot& slot = slots_[place];
        if (slot.hash == hash && same_name(columns_of(*slot.item).name(slot.column), name)) break;
        place = (place + 1) & (slots_.size() - 1);
    }
    return place;
}

bool NameIndex::add(FromItem& item, std::uint32_t column) {
    const std::string_view name = columns_of(item).name(column);
    const std::uint64_t hash = folded_hash(name);
    Slot& slot = slots_[slot_of(name, hash)];
    if (slot.item != nullptr) return false;
    slot = {hash, &item, column};
    return true;
}

std::pair<FromItem*, std::uint32_t> NameIndex::find(std::string_view name) const noexcept {
    const Slot& slot = slots_[slot_of(name, folded_hash(name))];
    return {slot.item, slot.column};
}

const Facts& FactCollector::collect(Select& select, std::string_view text) {
    facts_.clear();
    lineages_.clear();
    FactWalk(text, facts_, lineages_, names_).select(select);
    for (std::uint32_t i = 0; i < select.column_count; ++i)
        facts_.results.push_back({select.columns[i].name, lineages_.of_output(select, i)});
    facts_.complete = lineages_.complete();
    return facts_;
}

void FactWalk::select(Select& select) {
    lineages_.prepare(select);
    Select* const around = std::exchange(select_, &select);
    const std::uint32_t block_around = block_;
    if (select.with != nullptr) {
        for (Cte& cte : select.with->ctes) this->select(*cte.select);
    }
    for (Core& each : select.cores) {
        block_ = facts_.blocks++;
        core(each);
    }
    terms(select.order_by, ColumnRole::order);
    if (select.limit != nullptr) expr(*select.limit, ColumnRole::limit);
    if (select.offset != nullptr) expr(*select.offset, ColumnRole::limit);
    select_ = around;
    block_ = block_around;
}

void FactWalk::core(Core& core) {
    lineages_.prepare(core.from);
    from_list(core.from);
    results(core);
    if (core.where != nullptr) condition(*core.where, {Clause::where, true});
    for (Expr& each : core.group_by) term(each, ColumnRole::group);
    if (core.having != nullptr) condition(*core.having, {Clause::having, true});
    for (Window& each : core.windows) window(each);
}

void FactWalk::results(Core& core) {
    for (ValuesRow& row : core.rows) {
        for (Expr& cell : row.cells) expr(cell, ColumnRole::projection);
    }
    for (ResultColumn& column : core.columns) {
        if (column.kind == ResultKind::expression) {
            expr(*column.expr, ColumnRole::projection);
            continue;
        }
        for (std::uint32_t i = 0; i < column.expanded_count; ++i) {
            FromItem& item = *column.expanded[i].source;
            const auto place = static_cast<std::uint32_t>(column.expanded[i].column);
            facts_.columns.push_back({{&item, place, lineages_.of_item(item, place)},
                                      nullptr,
                                      column.span,
                                      ColumnRole::projection,
                                      false,
                                      block_});
        }
    }
}

void FactWalk::from_list(List<FromItem>& items) {
    for (FromItem& item : items) from_item(item);
    if (joins_by_name(items)) joined_by_name(items);
}

void FactWalk::from_item(FromItem& item) {
    if (item.relation != nullptr) facts_.relations.push_back({&item, block_});
    for (Expr& argument : item.args) expr(argument, ColumnRole::argument);
    if (item.select != nullptr) select(*item.select);
    from_list(item.items);
    if (item.on != nullptr) condition(*item.on, {Clause::on, true});
}

/// USING and NATURAL compare with the first column of that name to the left (select.c sqliteProcessJoin).
void FactWalk::joined_by_name(List<FromItem>& items) {
    std::size_t most = 0;
    for (const FromItem& item : items) most += columns_offered(item);
    names_.clear(most);
    for (FromItem& item : items) {
        using_pairs(item);
        if (item.join.natural) natural_pairs(item, item);
        add_names(item);
    }
}

void FactWalk::using_pairs(FromItem& item) {
    const std::size_t offered = columns_offered(item);
    for (const NameNode& node : item.using_columns) {
        if (!lineages_.charge(offered)) return;
        const auto [right, column] = column_called(item, node.name.value);
        if (right != nullptr) name_pair(node.name.value, *right, column, node.name.span, JoinSyntax::using_);
    }
}

void FactWalk::natural_pairs(FromItem& item, FromItem& part) {
    for (FromItem& inner : part.items) natural_pairs(item, inner);
    const ItemColumns columns = columns_of(part);
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        if (columns.in_star(i)) name_pair(columns.name(i), part, i, item.span, JoinSyntax::natural);
    }
}

void FactWalk::name_pair(std::string_view name, FromItem& right, std::uint32_t column, Span span,
                         JoinSyntax syntax) {
    const auto [left, left_column] = names_.find(name);
    if (left == nullptr) return;
    JoinFact fact;
    fact.left = {left, left_column, lineages_.of_item(*left, left_column)};
    fact.right = {&right, column, lineages_.of_item(right, column)};
    fact.span = span;
    fact.syntax = syntax;
    fact.conjunct = true;
    fact.block = block_;
    facts_.joins.push_back(fact);
    for (const ColumnPlace& place : {fact.left, fact.right})
        facts_.columns.push_back({place, nullptr, span, ColumnRole::join, false, block_});
}

void FactWalk::add_names(FromItem& item) {
    for (FromItem& inner : item.items) add_names(inner);
    const std::uint32_t count = columns_of(item).count;
    for (std::uint32_t i = 0; i < count; ++i) names_.add(item, i);
}

void FactWalk::window(Window& window) {
    for (Expr& part : window.partition_by) expr(part, ColumnRole::window);
    terms(window.order_by, ColumnRole::window);
    if (window.frame_start != nullptr) expr(*window.frame_start, ColumnRole::window);
    if (window.frame_end != nullptr) expr(*window.frame_end, ColumnRole::window);
}

void FactWalk::terms(List<OrderTerm>& terms, ColumnRole use) {
    for (OrderTerm& each : terms) term(*each.expr, use);
}

/// A number in ORDER BY and GROUP BY is the place of a result column. Of a GROUP BY in a later core of a compound it
/// is told as that of the whole compound: more than it reads, never less.
void FactWalk::term(Expr& expr, ColumnRole use) {
    const bool number =
        use != ColumnRole::window && expr.kind == ExprKind::literal && expr.op == Operator::integer;
    if (!number) return this->expr(expr, use);
    std::uint32_t wanted = 0;
    const std::string_view digits = expr.span.in(text_);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), wanted);
    if (parsed.ec != std::errc() || wanted == 0 || wanted > select_->column_count) return;
    const OutputColumn& output = select_->columns[wanted - 1];
    ColumnPlace place{output.source, 0, lineages_.of_output(*select_, wanted - 1)};
    if (place.item != nullptr)
        place.column = output.column < 0 ? row_id_column : static_cast<std::uint32_t>(output.column);
    facts_.columns.push_back({place, &expr, expr.span, use, false, block_});
}

void FactWalk::expr(Expr& expr, ColumnRole use, const Compared* compared) {
    if (expr.kind == ExprKind::column) return column(expr, use, compared, false);
    if (expr.kind == ExprKind::call) facts_.calls.push_back({&expr, block_});
    if (expr.select != nullptr) select(*expr.select);
    if (expr.from != nullptr) from_item(*expr.from);
    parts(expr, use, compared);
}

void FactWalk::parts(Expr& expr, ColumnRole use, const Compared* compared) {
    if (expr.left != nullptr) this->expr(*expr.left, use, compared);
    if (expr.right != nullptr) this->expr(*expr.right, use, compared);
    if (expr.extra != nullptr) this->expr(*expr.extra, use, compared);
    for (Expr& argument : expr.args) this->expr(argument, use, compared);
    if (expr.filter != nullptr) condition(*expr.filter, {Clause::filter, true});
    if (expr.over != nullptr) window(*expr.over);
}

void FactWalk::column(Expr& expr, ColumnRole use, const Compared* compared, bool direct) {
    const bool named = expr.binding == Binding::column || expr.binding == Binding::rowid ||
                       expr.binding == Binding::result_alias;
    if (!named) return;
    const ColumnPlace place = place_of(expr);
    facts_.columns.push_back({place, &expr, expr.span, use, is_outer(place), block_});
    if (compared != nullptr) predicate(place, *compared, direct);
}

void FactWalk::predicate(const ColumnPlace& place, const Compared& compared, bool direct) {
    PredicateFact fact;
    fact.place = place;
    fact.condition = compared.condition;
    fact.constant = compared.constant;
    fact.comparison = compared.comparison;
    fact.comparand = compared.comparand;
    fact.clause = compared.standing.clause;
    fact.negated = compared.negated;
    fact.conjunct = compared.standing.conjunct;
    fact.direct = direct && place.item != nullptr;
    fact.outer = is_outer(place);
    fact.block = block_;
    facts_.predicates.push_back(fact);
}

/// The column that an expression is, through the name of a result column; nullptr: it is none.
Expr* FactWalk::column_behind(Expr& expr) noexcept {
    Expr* each = &expr;
    while (each->kind == ExprKind::column && each->binding == Binding::result_alias) each = each->alias_of;
    const bool column = each->kind == ExprKind::column &&
                        (each->binding == Binding::column || each->binding == Binding::rowid);
    return column ? each : nullptr;
}

ColumnPlace FactWalk::place_of(Expr& expr) {
    const Lineage base = lineages_.of_value(expr);
    const Expr* const column = column_behind(expr);
    if (column == nullptr) return {nullptr, 0, base};
    const std::uint32_t place =
        column->column < 0 ? row_id_column : static_cast<std::uint32_t>(column->column);
    return {column->source, place, base};
}

/// What a query sees of the queries around it stands outside of its own text.
bool FactWalk::is_outer(const ColumnPlace& place) const noexcept {
    if (place.item == nullptr) return false;
    return place.item->span.begin < select_->span.begin || place.item->span.end > select_->span.end;
}

}  // namespace majed::sql
