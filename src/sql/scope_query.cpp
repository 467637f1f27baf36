// SPDX-License-Identifier: Apache-2.0
// Queries: the order in which their clauses are looked at, what each may name, the columns they offer.
#include "sql/parser.h"
#include "sql/scope_pass.h"

#include <algorithm>
#include <span>
#include <string>

namespace majed::sql {
namespace {

/// A number that a row is not asked for: it cannot fail.
bool is_plain_limit(const Expr& expr) noexcept {
    constexpr std::uint32_t digits_that_fit = 18;
    return expr.kind == ExprKind::literal && expr.op == Operator::integer &&
           expr.span.end - expr.span.begin <= digits_that_fit;
}

bool is_unqualified(const Expr& expr) noexcept {
    return expr.kind == ExprKind::column && expr.table == nullptr;
}

}  // namespace

bool ScopePass::refuse_too_large(std::string_view what, Span at) {
    return fail(Error{ErrorCode::too_large, std::string(what)}.at(at.begin));
}

void ScopePass::absorb(const Select& inner, Select& outer) const {
    outer.filtered |= inner.filtered;
    outer.unsafe |= inner.unsafe;
    outer.relations += inner.relations;
    outer.weight += inner.weight;
}

bool ScopePass::query(Select& select, NameScope* outer, const CteFrame* with, Cte* owner) {
    CteFrame frame{select.with, with, outer, nullptr};
    const CteFrame* in_force = with;
    if (select.with != nullptr) {
        in_force = &frame;
        for (Cte& cte : select.with->ctes) {
            resolution_.local_names.push_back(cte.name.value);
            if (!resolve_cte(cte, frame)) return false;
        }
    }
    for (Core& each : select.cores) {
        ++select.weight;
        if (!core(each, select, outer, in_force)) return false;
        if (select.weight > resolution_.budget.expanded_cores)
            return refuse_too_large("the statement grows too large when its WITH tables are expanded",
                                    select.span);
        // A recursive query sees the columns of its first core.
        if (&each == select.cores.first && !outputs(select, owner)) return false;
        if (&each != select.cores.first) mix_columns(select, each);
    }
    if (!tail(select, outer, in_force)) return false;
    resolution_.locks |= select.locks;
    resolution_.unsafe |= select.unsafe;
    return true;
}

bool ScopePass::core(Core& core, Select& select, NameScope* outer, const CteFrame* with) {
    if (core.nested != nullptr) {
        core.nested->derived = true;
        if (!query(*core.nested, outer, with)) return false;
        absorb(*core.nested, select);
        select.correlated |= core.nested->correlated;
        return true;
    }
    NameScope scope{outer, &select, &core, with, &core.from};
    for (ValuesRow& row : core.rows) {
        if (!expressions(row.cells, scope)) return false;
    }
    if (core.is_table) resolution_.table_cores.push_back(&core);
    NameScope around{outer, &select, &core, with};
    return from_list(core.from, around, nullptr) && result_columns(core, scope) && clauses(core, scope);
}

bool ScopePass::expressions(List<Expr>& list, NameScope& scope) {
    for (Expr& expr : list) {
        if (!expression(expr, scope)) return false;
        scope.select->unsafe |= expr.unsafe;
    }
    return true;
}

bool ScopePass::result_columns(Core& core, NameScope& scope) {
    std::size_t count = 0;
    for (ResultColumn& column : core.columns) {
        if (column.kind == ResultKind::expression) {
            if (!expression(*column.expr, scope)) return false;
            scope.select->unsafe |= column.expr->unsafe;
            if (!column.alias.present()) resolution_.unnamed.push_back(&column);
        } else if (!expand(column, scope)) {
            return false;
        }
        count += column.kind == ResultKind::expression ? 1 : column.expanded_count;
        if (count > limits::columns)
            return refuse_too_large("an answer of more than " + std::to_string(limits::columns) + " columns",
                                    column.span);
    }
    return true;
}

bool ScopePass::clauses(Core& core, NameScope& scope) {
    for (Expr* const clause : {core.where, core.start_with, core.connect_by, core.having}) {
        if (clause == nullptr) continue;
        if (!expression(*clause, scope)) return false;
        scope.select->unsafe |= clause->unsafe;
    }
    for (Expr& term : core.group_by) {
        if (!group_term(term, scope)) return false;
        scope.select->unsafe |= term.unsafe;
    }
    for (Expr& term : core.distinct_on) {
        if (!output_term(term, scope)) return false;
        scope.select->unsafe |= term.unsafe;
    }
    for (Window& each : core.windows) {
        if (!window(each, scope)) return false;
    }
    core.aggregate |= !core.group_by.empty();
    if (!core.group_by.empty()) resolution_.grouped.push_back({&core, scope.select, text_});
    // A hierarchy may be deep and have loops.
    scope.select->unsafe |= core.connect_by != nullptr;
    return true;
}

/// Writes down what a star stands for; all of it is read. `t.*` may also be an item of a query around this one.
bool ScopePass::expand(ResultColumn& column, NameScope& scope) {
    SpareColumns::Lent lent_columns(spare_);
    OutputColumns& columns = *lent_columns;
    bool open = false;
    if (column.kind == ResultKind::star) {
        if (scope.items->empty())
            return fail(Error{ErrorCode::parse_error, "* needs a FROM clause"}.at(column.span.begin));
        all_columns(*scope.items, columns, open);
    } else {
        NameScope* level = nullptr;
        const Name* schema = column.schema.present() ? &column.schema : nullptr;
        FromItem* item = item_called(column.table, schema, scope, level);
        if (item == nullptr) {
            return fail(
                Error{ErrorCode::not_found, "no such table in FROM: " + std::string(column.table.value)}.at(
                    column.span.begin));
        }
        correlate(scope, *level);
        if (level != &scope) resolution_.whole_rows.push_back(item);
        if (schema != nullptr) resolution_.qualified_stars.push_back(&column);
        item_columns(*item, columns, open);
    }
    scope.select->open |= open;
    if (columns.size() > limits::columns)
        return refuse_too_large("an answer of more than " + std::to_string(limits::columns) + " columns",
                                column.span);
    for (const OutputColumn& each : columns) {
        scope.select->unsafe |= each.unsafe;
        use(*each.source, static_cast<std::uint32_t>(each.column));
    }
    column.expanded = arena_.make_array<OutputColumn>(columns.size());
    column.expanded_count = static_cast<std::uint32_t>(columns.size());
    std::copy(columns.begin(), columns.end(), column.expanded);
    return !error_;
}

/// A term of ORDER BY or DISTINCT ON: a bare name is a result column first (findTargetlistEntrySQL92).
bool ScopePass::output_term(Expr& expr, NameScope& scope) {
    if (is_unqualified(expr) && alias_in(expr, *scope.core)) return true;
    NameScope with_aliases = scope;
    with_aliases.aliases = dialect_.scopes.aliases_in_order;
    return expression(expr, with_aliases);
}

/// A term of GROUP BY: a bare name is a column of this very FROM first, then a result column, then whatever it may be.
bool ScopePass::group_term(Expr& expr, NameScope& scope) {
    if (expr.kind == ExprKind::grouping || (expr.kind == ExprKind::row && expr.name.value.empty())) {
        for (Expr& element : expr.args) {
            if (!group_term(element, scope)) return false;
            expr.unsafe |= element.unsafe;
            expr.masked |= element.masked;
        }
        return true;
    }
    if (!is_unqualified(expr)) return expression(expr, scope);
    NameScope here = scope;
    here.outer = nullptr;
    bool found = false;
    if (!column_in(expr, here, found)) return false;
    return found || alias_in(expr, *scope.core) || expression(expr, scope);
}

bool ScopePass::tail(Select& select, NameScope* outer, const CteFrame* with) {
    if (!order_by(select, outer, with)) return false;
    NameScope nothing{outer, &select, nullptr, with};
    for (Expr* const count : {select.limit, select.offset}) {
        if (count == nullptr) continue;
        if (!expression(*count, nothing)) return false;
        select.unsafe |= !is_plain_limit(*count);
    }
    return true;
}

bool ScopePass::order_by(Select& select, NameScope* outer, const CteFrame* with) {
    Core& first = *select.cores.first;
    for (OrderTerm& term : select.order_by) {
        const bool place = term.expr->kind == ExprKind::literal && term.expr->op == Operator::integer;
        if (place) continue;
        const bool compound = select.cores.size > 1 || first.nested != nullptr;
        NameScope scope{outer, &select, &first, with, compound ? nullptr : &first.from};
        if (!compound) {
            if (!output_term(*term.expr, scope)) return false;
            select.unsafe |= term.expr->unsafe;
            continue;
        }
        // Only names of the result; what else the engine refuses.
        Expr& expr = *term.expr;
        const std::span<const OutputColumn> columns(select.columns, select.column_count);
        const auto named = std::find_if(columns.begin(), columns.end(), [&](const OutputColumn& column) {
            return is_unqualified(expr) && column.name == expr.name.value;
        });
        if (named == columns.end()) {
            if (!expression(expr, scope)) return false;
            continue;
        }
        expr.binding = Binding::opaque;
        expr.masked |= named->masked;
        expr.unsafe |= named->unsafe;
    }
    return true;
}

bool ScopePass::window(Window& window, NameScope& scope) {
    for (OrderTerm& term : window.order_by) {
        if (!expression(*term.expr, scope)) return false;
        scope.select->unsafe |= term.expr->unsafe;
    }
    // A frame bound is computed row by row and fails when it is negative or no number.
    for (Expr* const bound : {window.frame_start, window.frame_end}) {
        scope.select->unsafe |= bound != nullptr;
        if (bound != nullptr && !expression(*bound, scope)) return false;
    }
    return expressions(window.partition_by, scope);
}

OutputColumn ScopePass::output_of(Expr& expr, const Name& alias) const {
    OutputColumn output;
    output.expr = &expr;
    output.masked = expr.masked;
    output.unsafe = expr.unsafe;
    output.name = alias.present() ? alias.value : result_name(expr, text_, dialect_);
    if (expr.binding != Binding::column) return output;
    output.source = expr.source;
    output.column = expr.column;
    const ItemColumns columns = columns_of(*expr.source);
    const auto index = static_cast<std::uint32_t>(expr.column);
    output.declared_type = columns.relation != nullptr
                               ? std::string_view(columns.relation->columns[index].declared_type)
                               : columns.outputs[index].declared_type;
    return output;
}

bool ScopePass::outputs(Select& select, const Cte* owner) {
    SpareColumns::Lent lent_columns(spare_);
    OutputColumns& columns = *lent_columns;
    Core& first = *select.cores.first;
    if (first.nested != nullptr) {
        columns.assign(first.nested->columns, first.nested->columns + first.nested->column_count);
        select.open |= first.nested->open;
    }
    if (first.is_values) {
        std::uint32_t number = 0;
        for (Expr& cell : first.rows.first->cells) {
            columns.push_back(output_of(cell, {}));
            columns.back().name = arena_.copy("column" + std::to_string(++number));
        }
    }
    for (const ResultColumn& column : first.columns) {
        if (column.kind == ResultKind::expression) {
            columns.push_back(output_of(*column.expr, column.alias));
        } else {
            columns.insert(columns.end(), column.expanded, column.expanded + column.expanded_count);
        }
    }
    if (owner != nullptr && !name_columns(columns, select, *owner)) return false;
    select.columns = arena_.make_array<OutputColumn>(columns.size());
    select.column_count = static_cast<std::uint32_t>(columns.size());
    std::copy(columns.begin(), columns.end(), select.columns);
    return true;
}

/// UNION and the like make one type of a column's types, by a conversion that may fail on some row.
void ScopePass::mix_columns(Select& select, const Core& core) const {
    std::uint32_t place = 0;
    const auto mix = [&](std::string_view type, bool constant) {
        if (place == select.column_count) return;
        OutputColumn& column = select.columns[place++];
        if (constant || (!type.empty() && type == column.declared_type)) return;
        column.declared_type = {};
        column.unsafe = true;
    };
    if (core.nested != nullptr) {
        const Select& inner = *core.nested;
        for (std::uint32_t i = 0; i < inner.column_count; ++i) mix(inner.columns[i].declared_type, false);
    }
    for (const ResultColumn& column : core.columns) {
        if (column.kind == ResultKind::expression) {
            mix(output_of(*column.expr, column.alias).declared_type,
                column.expr->kind == ExprKind::literal || column.expr->kind == ExprKind::bind);
            continue;
        }
        for (std::uint32_t i = 0; i < column.expanded_count; ++i)
            mix(column.expanded[i].declared_type, false);
    }
}

/// Fewer names than columns are well: the rest keep theirs.
bool ScopePass::name_columns(OutputColumns& columns, const Select& select, const Cte& owner) {
    if (owner.column_names.size > columns.size() && !select.open) {
        return fail(Error{ErrorCode::invalid_argument, "table " + std::string(owner.name.value) + " has " +
                                                           std::to_string(columns.size()) + " values for " +
                                                           std::to_string(owner.column_names.size) +
                                                           " columns"}
                        .at(owner.name.span.begin));
    }
    std::size_t i = 0;
    for (const NameNode& node : owner.column_names) {
        if (i == columns.size()) columns.emplace_back();
        columns[i++].name = node.name.value;
    }
    for (const NameNode& node : owner.added_columns) columns.emplace_back().name = node.name.value;
    return true;
}

}  // namespace majed::sql
