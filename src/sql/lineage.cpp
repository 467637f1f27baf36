// SPDX-License-Identifier: Apache-2.0
#include "sql/lineage.h"

#include "sql/resolution_pass.h"

#include <algorithm>
#include <functional>

namespace majed::sql {
namespace {

/// Sets are unions, and unions of unions can grow with a power of the text; real statements need some hundred steps.
constexpr std::size_t most_lineage_steps = 2'000'000;

bool before_in_set(const ColumnUse& a, const ColumnUse& b) noexcept {
    return a.relation != b.relation ? std::less<>{}(a.relation, b.relation) : a.column < b.column;
}

bool is_open_column(const ColumnUse& use) noexcept {
    return use.relation == nullptr;
}

Select* query_behind(const FromItem& item) noexcept {
    return item.cte != nullptr ? item.cte->select : item.select;
}

}  // namespace

void LineageTable::clear() noexcept {
    selects_.clear();
    outputs_.clear();
    origins_.clear();
    scratch_.clear();
    pieces_.clear();
    functions_.clear();
    spent_ = 0;
    complete_ = true;
}

bool LineageTable::charge(std::size_t steps) noexcept {
    spent_ += steps;
    complete_ &= spent_ <= most_lineage_steps;
    return complete_;
}

void LineageTable::prepare(List<FromItem>& items) {
    for (FromItem& item : items) {
        if (Select* const query = query_behind(item)) prepare(*query);
        prepare(item.items);
    }
}

Lineage LineageTable::of_output(Select& select, std::uint32_t column) {
    return settled(output(select, column));
}

Lineage LineageTable::of_item(FromItem& item, std::uint32_t column) {
    return settled(item_column(item, column));
}

Lineage LineageTable::of_value(Expr& expr) {
    return settled(value(expr));
}

/// The tree may have been looked at before: a number counts only when the entry agrees.
std::uint32_t LineageTable::entry_of(Select& select) {
    if (select.facts < selects_.size() && selects_[select.facts].select == &select) return select.facts;
    const auto entry = static_cast<std::uint32_t>(selects_.size());
    const auto first = static_cast<std::uint32_t>(outputs_.size());
    select.facts = entry;
    selects_.push_back({&select, first, false, false});
    outputs_.resize(outputs_.size() + select.column_count);
    if (select.with != nullptr) {
        for (Cte& cte : select.with->ctes) prepare(*cte.select);
    }
    compute(select, first);
    if (selects_[entry].recursive) close(first, select.column_count);
    selects_[entry].done = true;
    return entry;
}

void LineageTable::compute(Select& select, std::uint32_t first) {
    const std::size_t base = pieces_.size();
    std::size_t rows = 0;
    for (Core& core : select.cores) rows += add_core(core, select.column_count);
    for (std::uint32_t i = 0; i < select.column_count; ++i)
        outputs_[first + i] = merged(base, rows, select.column_count, i);
    pieces_.resize(base);
}

/// One row of sets for a SELECT, one for each row of VALUES; returns how many.
std::size_t LineageTable::add_core(Core& core, std::uint32_t count) {
    prepare(core.from);
    for (ValuesRow& row : core.rows) {
        const std::size_t row_end = pieces_.size() + count;
        for (Expr& cell : row.cells) {
            const Lineage set = value(cell);
            pieces_.push_back(set);
        }
        pieces_.resize(row_end);
    }
    if (core.is_values) return core.rows.size;
    const std::size_t end = pieces_.size() + count;
    for (ResultColumn& column : core.columns) {
        if (column.kind == ResultKind::expression) {
            const Lineage set = value(*column.expr);
            pieces_.push_back(set);
            continue;
        }
        for (std::uint32_t i = 0; i < column.expanded_count; ++i) {
            const OutputColumn& output = column.expanded[i];
            const Lineage set = item_column(*output.source, static_cast<std::uint32_t>(output.column));
            pieces_.push_back(set);
        }
    }
    pieces_.resize(end);
    return 1;
}

/// What any of the rows puts into a column.
Lineage LineageTable::merged(std::size_t base, std::size_t rows, std::uint32_t count, std::uint32_t column) {
    const std::size_t start = scratch_.size();
    std::size_t filled = 0;
    Lineage only;
    for (std::size_t row = 0; row < rows; ++row) {
        const Lineage set = pieces_[base + row * count + column];
        if (set.empty()) continue;
        if (++filled == 1) {
            only = set;
            continue;
        }
        if (filled == 2) add(only);
        add(set);
    }
    return filled < 2 ? only : keep(start);
}

/// A recursive query's columns may feed each other: each gets what any column it is made of has.
void LineageTable::close(std::uint32_t first, std::uint32_t count) {
    const std::size_t base = pieces_.size();
    marks_.assign(count, 0);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::size_t start = scratch_.size();
        marks_[i] = i + 1;
        queue_.assign(1, i);
        while (!queue_.empty()) {
            const Lineage set = outputs_[first + queue_.back()];
            queue_.pop_back();
            if (!charge(set.count)) break;
            for (const ColumnUse& use : columns(set)) {
                const bool own = is_open_column(use) && use.column >= first && use.column - first < count;
                if (!own) {
                    scratch_.push_back(use);
                } else if (marks_[use.column - first] != i + 1) {
                    marks_[use.column - first] = i + 1;
                    queue_.push_back(use.column - first);
                }
            }
        }
        const Lineage set = keep(start);
        pieces_.push_back(set);
    }
    std::copy(pieces_.begin() + static_cast<std::ptrdiff_t>(base), pieces_.end(),
              outputs_.begin() + static_cast<std::ptrdiff_t>(first));
    pieces_.resize(base);
}

Lineage LineageTable::output(Select& select, std::uint32_t column) {
    if (column >= select.column_count) return {};
    Entry& entry = selects_[entry_of(select)];
    const std::uint32_t place = entry.first + column;
    if (entry.done) return outputs_[place];
    entry.recursive = true;
    const std::size_t start = scratch_.size();
    scratch_.push_back({nullptr, place});
    return keep(start);
}

Lineage LineageTable::item_column(FromItem& item, std::uint32_t column) {
    if (item.relation == nullptr) {
        Select* const query = query_behind(item);
        return query == nullptr ? Lineage{} : output(*query, column);
    }
    const std::size_t start = scratch_.size();
    scratch_.push_back({item.relation, column});
    // What a table function gives was in its arguments, which may name the function's own columns.
    if (std::find(functions_.begin(), functions_.end(), &item) == functions_.end()) {
        functions_.push_back(&item);
        for (Expr& argument : item.args) gather(argument);
        functions_.pop_back();
    }
    return keep(start);
}

/// Of a column expression.
Lineage LineageTable::named(Expr& expr) {
    switch (expr.binding) {
        case Binding::column:
        case Binding::rowid:
            return item_column(*expr.source,
                               expr.column < 0 ? row_id_column : static_cast<std::uint32_t>(expr.column));
        case Binding::result_alias:
            return value(*expr.alias_of);
        case Binding::unresolved:
        case Binding::string:
        case Binding::boolean:
        case Binding::opaque:
            break;
        case Binding::whole_row:
            return whole_row(*expr.source);
    }
    return {};
}

Lineage LineageTable::whole_row(FromItem& item) {
    const std::size_t start = scratch_.size();
    for (std::uint32_t i = 0; i < columns_of(item).count; ++i) add(item_column(item, i));
    return keep(start);
}

Lineage LineageTable::value(Expr& expr) {
    if (expr.kind == ExprKind::column) return named(expr);
    const std::size_t start = scratch_.size();
    gather(expr);
    return keep(start);
}

void LineageTable::gather(Expr& expr) {
    if (!charge(1)) return;
    if (expr.kind == ExprKind::column) return add(named(expr));
    // EXISTS says that there is a row, and nothing of what is in it.
    if (expr.kind == ExprKind::exists) return;
    gather_query(expr);
    if (expr.left != nullptr) gather(*expr.left);
    if (expr.right != nullptr) gather(*expr.right);
    if (expr.extra != nullptr) gather(*expr.extra);
    for (Expr& argument : expr.args) gather(argument);
    if (expr.filter != nullptr) gather(*expr.filter);
    if (expr.over != nullptr) gather_window(*expr.over);
}

void LineageTable::gather_query(Expr& expr) {
    if (expr.select != nullptr) {
        for (std::uint32_t i = 0; i < expr.select->column_count; ++i) add(output(*expr.select, i));
    }
    if (expr.from == nullptr || expr.from->relation == nullptr) return;
    for (std::uint32_t i = 0; i < expr.from->relation->columns.size(); ++i) {
        if (!expr.from->relation->columns[i].hidden) add(item_column(*expr.from, i));
    }
}

void LineageTable::gather_window(Window& window) {
    for (Expr& part : window.partition_by) gather(part);
    for (OrderTerm& term : window.order_by) gather(*term.expr);
}

void LineageTable::add(Lineage set) {
    if (!charge(set.count)) return;
    for (std::uint32_t i = 0; i < set.count; ++i) scratch_.push_back(origins_[set.first + i]);
}

/// Makes a set of what the stack holds above `base`.
Lineage LineageTable::keep(std::size_t base) {
    const auto begin = scratch_.begin() + static_cast<std::ptrdiff_t>(base);
    std::sort(begin, scratch_.end(), before_in_set);
    scratch_.erase(std::unique(begin, scratch_.end()), scratch_.end());
    const Lineage set{static_cast<std::uint32_t>(origins_.size()),
                      static_cast<std::uint32_t>(scratch_.size() - base)};
    origins_.insert(origins_.end(), scratch_.begin() + static_cast<std::ptrdiff_t>(base), scratch_.end());
    scratch_.resize(base);
    return set;
}

/// Inside a recursive query its own columns were not known yet; now they are.
Lineage LineageTable::settled(Lineage set) {
    for (;;) {
        const auto all = columns(set);
        if (std::none_of(all.begin(), all.end(), is_open_column)) return set;
        const std::size_t start = scratch_.size();
        const bool allowed = charge(set.count);
        for (std::uint32_t i = 0; i < set.count; ++i) {
            const ColumnUse use = origins_[set.first + i];
            if (!is_open_column(use)) {
                scratch_.push_back(use);
            } else if (allowed) {
                add(outputs_[use.column]);
            }
        }
        set = keep(start);
    }
}

}  // namespace majed::sql
