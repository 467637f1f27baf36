// SPDX-License-Identifier: Apache-2.0
#include "sql/resolver.h"

#include "core/ascii.h"
#include "sql/parser.h"
#include "sql/resolution_pass.h"
#include "sql/scope_pass.h"

#include <algorithm>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace majed::sql {

namespace {

/// LIMIT 'x' raises an error, but only when a row asks for it.
bool may_fail_as_limit(const Expr* expr) noexcept {
    constexpr std::uint32_t digits_that_fit = 18;
    return expr != nullptr && (expr->kind != ExprKind::literal || expr->op != Operator::integer ||
                               expr->span.end - expr->span.begin > digits_that_fit);
}

/// Which encrypted column each column of the answer is.
void note_encryptions(const Select& select, Resolution& resolution) {
    const std::span<const OutputColumn> columns(select.columns, select.column_count);
    const auto encrypted = [](const OutputColumn& column) { return column.encryption != 0; };
    if (std::none_of(columns.begin(), columns.end(), encrypted)) return;
    resolution.encryptions.reserve(columns.size());
    for (const OutputColumn& column : columns) resolution.encryptions.push_back(column.encryption);
}

/// Most queries have few columns, and no name twice.
bool are_few_and_unlike(std::span<const OutputColumn> columns) noexcept {
    constexpr std::size_t few = 32;
    if (columns.size() > few) return false;
    for (std::size_t i = 1; i < columns.size(); ++i) {
        const auto alike = [&](const OutputColumn& before) {
            return same_name(before.name, columns[i].name);
        };
        const auto end = columns.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(columns.begin(), end, alike)) return false;
    }
    return true;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && equal_ascii_case(a, b);
}

std::optional<std::uint32_t> ItemColumns::find(std::string_view wanted) const noexcept {
    for (std::uint32_t i = 0; i < count; ++i) {
        if (same_name(name(i), wanted)) return i;
    }
    return std::nullopt;
}

ItemColumns columns_of(const FromItem& item) noexcept {
    if (item.shape != nullptr) return {item.relation, item.shape->columns, item.shape->count};
    if (item.relation != nullptr) {
        return {item.relation, nullptr, static_cast<std::uint32_t>(item.relation->columns.size())};
    }
    const Select* select = item.cte != nullptr ? item.cte->select : item.select;
    if (select == nullptr) return {};
    return {nullptr, select->columns, select->column_count};
}

Resolution::Resolution(std::pmr::memory_resource* memory)
    : relations(memory),
      columns(memory),
      quoted_strings(memory),
      rowids(memory),
      qualified(memory),
      qualified_rows(memory),
      qualified_stars(memory),
      unnamed(memory),
      local_names(memory),
      functions(memory),
      table_cores(memory),
      grouped(memory),
      whole_rows(memory),
      written(memory),
      masked_reads(memory),
      masked_writes(memory) {}

void Resolution::clear() {
    relations.clear();
    columns.clear();
    quoted_strings.clear();
    rowids.clear();
    qualified.clear();
    qualified_rows.clear();
    qualified_stars.clear();
    unnamed.clear();
    local_names.clear();
    functions.clear();
    encryptions.clear();
    cheap_scans = 0;
    table_cores.clear();
    grouped.clear();
    whole_rows.clear();
    locks = false;
    filtered = false;
    unsafe = false;
    arena = nullptr;
    target = nullptr;
    written.clear();
    existing = {};
    masked_reads.clear();
    masked_writes.clear();
}

/// What is inside a query is inside the query around it.
void ResolutionPass::absorb(const Select& inner, Select& outer) const {
    outer.filtered |= inner.filtered;
    outer.unsafe |= inner.unsafe;
    outer.relations += inner.relations;
    outer.weight += inner.weight;
}

bool ResolutionPass::select(Select& select, Scope* outer, const WithFrame* with, Cte* owner) {
    WithFrame frame{select.with, with, outer};
    const WithFrame* in_force = with;
    if (select.with != nullptr) {
        in_force = &frame;
        for (const Cte& cte : select.with->ctes) resolution_.local_names.push_back(cte.name.value);
    }
    for (Core& each : select.cores) {
        ++select.weight;
        if (!core(each, select, outer, in_force) || !weight_allowed(select)) return false;
        // A recursive query sees the columns of its first core.
        if (&each == select.cores.first && !outputs(select, owner)) return false;
    }
    if (select.with != nullptr) {
        // The engine does not look at a table nobody uses; policy does.
        for (Cte& cte : select.with->ctes) {
            if (!resolve_cte(cte, frame)) return false;
        }
    }
    if (!outputs_allowed(select) || !order_by(select, outer, in_force)) return false;
    Scope limit_scope{nullptr, &select, nullptr, in_force};
    if (select.limit != nullptr && !expression(*select.limit, limit_scope)) return false;
    if (select.offset != nullptr && !expression(*select.offset, limit_scope)) return false;
    select.unsafe |= may_fail_as_limit(select.limit) || may_fail_as_limit(select.offset);
    resolution_.unsafe |= select.unsafe;
    return true;
}

/// A WITH table used twice is compiled twice; a chain of them doubles at every step.
bool ResolutionPass::weight_allowed(const Select& select) {
    if (select.weight <= resolution_.budget.expanded_cores) return true;
    return fail(
        Error{ErrorCode::too_large, "the statement grows too large when its WITH tables are expanded"}.at(
            select.span.begin));
}

bool ResolutionPass::core(Core& core, Select& select, Scope* outer, const WithFrame* with) {
    Scope scope{outer, &select, &core, with};
    for (ValuesRow& row : core.rows) {
        if (!expressions(row.cells, scope)) return false;
    }
    return from_list(core.from, scope) && core_expressions(core, scope);
}

/// Stars over stars grow without end in a short text; the engine stops at the same number.
bool ResolutionPass::columns_allowed(std::size_t count, Span at) {
    if (count <= limits::columns) return true;
    return fail(
        Error{ErrorCode::too_large, "an answer of more than " + std::to_string(limits::columns) + " columns"}
            .at(at.begin));
}

bool ResolutionPass::core_expressions(Core& core, Scope& scope) {
    std::size_t count = 0;
    for (ResultColumn& column : core.columns) {
        if (column.kind == ResultKind::expression) {
            if (!handed_through(*column.expr, scope)) return false;
            scope.select->unsafe |= column.expr->unsafe;
            if (!column.alias.present()) resolution_.unnamed.push_back(&column);
        } else if (!expand(column, core, *scope.select)) {
            return false;
        }
        count += column.kind == ResultKind::expression ? 1 : column.expanded_count;
        if (!columns_allowed(count, column.span)) return false;
    }
    scope.aliases_visible = true;
    if (core.having != nullptr && !expression(*core.having, scope)) return false;
    if (core.where != nullptr && !expression(*core.where, scope)) return false;
    if (!join_conditions(core.from, scope) || !expressions(core.group_by, scope)) return false;
    for (const Expr& term : core.group_by) {
        if (!term_allowed(term, core)) return false;
    }
    for (Window& each : core.windows) {
        if (!window(each, scope)) return false;
    }
    core.aggregate |= !core.group_by.empty();
    const bool unsafe_clause =
        (core.where != nullptr && core.where->unsafe) || (core.having != nullptr && core.having->unsafe);
    scope.select->unsafe |= unsafe_clause;
    return true;
}

/// Writes down what a star stands for; all of it is read.
bool ResolutionPass::expand(ResultColumn& column, Core& core, Select& select) {
    SpareColumns::Lent lent_expanded(spare_);
    OutputColumns& expanded = *lent_expanded;
    const Name* table = column.kind == ResultKind::table_star ? &column.table : nullptr;
    if (!star(core.from, table, column.span, expanded) || !columns_allowed(expanded.size(), column.span))
        return false;
    for (const OutputColumn& each : expanded) {
        select.unsafe |= each.unsafe;
        use(*each.source, static_cast<std::uint32_t>(each.column));
    }
    column.expanded = arena_.make_array<OutputColumn>(expanded.size());
    column.expanded_count = static_cast<std::uint32_t>(expanded.size());
    std::copy(expanded.begin(), expanded.end(), column.expanded);
    return true;
}

bool ResolutionPass::expressions(List<Expr>& list, Scope& scope) {
    for (Expr& expr : list) {
        if (!expression(expr, scope)) return false;
        scope.select->unsafe |= expr.unsafe;
    }
    return true;
}

bool ResolutionPass::window(Window& window, Scope& scope) {
    for (OrderTerm& term : window.order_by) {
        if (!expression(*term.expr, scope)) return false;
        scope.select->unsafe |= term.expr->unsafe;
    }
    // A frame bound is computed row by row and fails when it is negative or no number.
    scope.select->unsafe |= window.frame_start != nullptr || window.frame_end != nullptr;
    if (window.frame_start != nullptr && !expression(*window.frame_start, scope)) return false;
    if (window.frame_end != nullptr && !expression(*window.frame_end, scope)) return false;
    return expressions(window.partition_by, scope);
}

bool ResolutionPass::order_by(Select& select, Scope* outer, const WithFrame* with) {
    for (OrderTerm& term : select.order_by) {
        if (!order_allowed(*term.expr, select)) return false;
        if (select.cores.size > 1) {
            if (!compound_order_term(term, select, outer, with)) return false;
            continue;
        }
        Scope scope{outer, &select, select.cores.first, with, true};
        if (!order_expression(*term.expr, scope)) return false;
        select.unsafe |= term.expr->unsafe;
    }
    return true;
}

/// A bare name in ORDER BY is a result column first (resolve.c resolveAsName), then a column.
bool ResolutionPass::order_expression(Expr& expr, Scope& scope) {
    if (expr.kind == ExprKind::column && expr.table == nullptr && alias_in(expr, scope))
        return expr.encryption == 0 || refuse_encrypted(expr);
    return expression(expr, scope);
}

/// ORDER BY of a compound: a result column of any of its cores, by name or by the same expression.
bool ResolutionPass::compound_order_term(OrderTerm& term, Select& select, Scope* outer,
                                         const WithFrame* with) {
    if (term.expr->kind == ExprKind::literal) return true;
    std::optional<Error> first;
    for (Core& core : select.cores) {
        Scope scope{outer, &select, &core, with, true};
        if (order_expression(*term.expr, scope)) {
            if (term.expr->binding != Binding::string) return true;
            continue;  // perhaps a later core has such a column
        }
        if (encrypted_use_) return false;
        if (!first) first = std::move(error_);
        error_.reset();
    }
    if (term.expr->binding == Binding::string || !first) return true;
    return fail(std::move(*first));
}

bool ResolutionPass::outputs(Select& select, Cte* owner) {
    SpareColumns::Lent lent_columns(spare_);
    OutputColumns& columns = *lent_columns;
    Core& first = *select.cores.first;
    if (first.is_values) {
        std::uint32_t number = 0;
        for (Expr& cell : first.rows.first->cells) {
            OutputColumn column;
            column.name = arena_.copy("column" + std::to_string(++number));
            column.expr = &cell;
            column.masked = cell.masked;
            columns.push_back(column);
        }
    }
    for (const ResultColumn& column : first.columns) {
        if (column.kind == ResultKind::expression) {
            columns.push_back(output_of_expression(column, select.derived));
        } else {
            columns.insert(columns.end(), column.expanded, column.expanded + column.expanded_count);
        }
    }
    if (owner != nullptr && !owner->column_names.empty()) {
        if (owner->column_names.size != columns.size()) {
            return fail(
                Error{ErrorCode::invalid_argument, "table " + std::string(owner->name.value) + " has " +
                                                       std::to_string(columns.size()) + " values for " +
                                                       std::to_string(owner->column_names.size) + " columns"}
                    .at(owner->name.span.begin));
        }
        std::size_t i = 0;
        for (const NameNode& node : owner->column_names) columns[i++].name = node.name.value;
    }
    if (select.derived) make_names_unique(columns);
    select.columns = arena_.make_array<OutputColumn>(columns.size());
    select.column_count = static_cast<std::uint32_t>(columns.size());
    std::copy(columns.begin(), columns.end(), select.columns);
    return true;
}

/// Names as sqlite3ColumnsFromExprList gives them: the alias, the column's own name, or the text as written.
OutputColumn ResolutionPass::output_of_expression(const ResultColumn& column, bool derived) const {
    OutputColumn output;
    output.expr = column.expr;
    output.masked = column.expr->masked;
    output.unsafe = column.expr->unsafe;
    output.encryption = column.expr->encryption;
    const Expr* plain = column.expr;
    // Only for a query others read from does SQLite look through COLLATE.
    while (derived && plain->kind == ExprKind::collate) plain = plain->left;
    if (plain->binding == Binding::rowid && plain->column < 0) {
        output.name = "rowid";
    } else if (plain->binding == Binding::column || plain->binding == Binding::rowid) {
        const ItemColumns source = columns_of(*plain->source);
        const auto index = static_cast<std::uint32_t>(plain->column);
        // The columns of a query in FROM are named before its names are resolved: as they were written.
        const bool as_written = derived && plain->binding == Binding::column;
        output.name = as_written ? plain->name.value : source.name(index);
        output.source = plain->source;
        output.column = plain->column;
        output.declared_type = source.relation != nullptr
                                   ? std::string_view(source.relation->columns[index].declared_type)
                                   : source.outputs[index].declared_type;
    } else {
        output.name = column.expr->span.in(text_);
    }
    if (column.alias.present()) output.name = column.alias.value;
    return output;
}

/// The columns of `*` or `table.*`, as select.c selectExpander makes them.
bool ResolutionPass::star(List<FromItem>& items, const Name* table, Span at, OutputColumns& into) {
    const std::size_t before = into.size();
    bool found = false;
    for (FromItem& item : items) {
        const bool transparent = item.kind == FromKind::group && !item.alias.present();
        if (table != nullptr && transparent) {
            const std::size_t count = into.size();
            if (!star(item.items, table, {}, into)) return false;
            found |= into.size() != count;
            continue;
        }
        if (table != nullptr && !same_name(item.visible_name(), table->value)) continue;
        found = true;
        star_item(item, items, table == nullptr, into);
    }
    if (error_) return false;
    if (found || (at.empty() && into.size() == before)) return true;
    if (table != nullptr) {
        return fail(
            Error{ErrorCode::not_found, "no such table in FROM: " + std::string(table->value)}.at(at.begin));
    }
    return fail(Error{ErrorCode::parse_error, "* needs a FROM clause"}.at(at.begin));
}

void ResolutionPass::star_item(FromItem& item, List<FromItem>& siblings, bool merge, OutputColumns& into) {
    const std::size_t start = into.size();
    if (item.kind == FromKind::group) {
        for (FromItem& inner : item.items) star_item(inner, item.items, true, into);
    } else {
        const ItemColumns columns = columns_of(item);
        for (std::uint32_t i = 0; i < columns.count; ++i) {
            if (!columns.in_star(i)) continue;
            OutputColumn output;
            output.name = columns.name(i);
            output.source = &item;
            output.column = static_cast<std::int32_t>(i);
            if (columns.relation != nullptr) {
                const SchemaColumn& column = columns.relation->columns[i];
                output.declared_type = column.declared_type;
                output.masked = column.masked;
                output.unsafe = column.unsafe;
                output.encryption = column.encryption;
            } else {
                output.declared_type = columns.outputs[i].declared_type;
                output.masked = columns.outputs[i].masked;
                output.unsafe = columns.outputs[i].unsafe;
                output.encryption = columns.outputs[i].encryption;
            }
            into.push_back(output);
        }
    }
    if (!merge) return;
    // A column joined by USING or NATURAL appears once, from the left.
    const auto merged = [&](const OutputColumn& output) {
        for (const NameNode& name : item.using_columns) {
            if (same_name(name.name.value, output.name)) return true;
        }
        return item.join.natural && natural_merges(output.name, item, siblings);
    };
    into.erase(std::remove_if(into.begin() + static_cast<std::ptrdiff_t>(start), into.end(), merged),
               into.end());
}

/// `id`, `id:1`, `id:2`, ... (select.c sqlite3ColumnsFromExprList).
void ResolutionPass::make_names_unique(OutputColumns& columns) {
    if (are_few_and_unlike(columns)) return;
    std::unordered_set<std::string> taken;
    taken.reserve(columns.size());
    std::unordered_map<std::string, std::uint32_t> last_number;  // of a stem, folded
    for (OutputColumn& column : columns) {
        if (taken.insert(ascii_lower(column.name)).second) continue;
        std::string_view stem = column.name;
        std::size_t digits = stem.size();
        while (digits > 1 && stem[digits - 1] >= '0' && stem[digits - 1] <= '9') --digits;
        if (digits > 0 && digits < stem.size() && stem[digits - 1] == ':') stem = stem.substr(0, digits - 1);
        std::uint32_t& number = last_number[ascii_lower(stem)];
        std::string candidate;
        do {
            candidate = std::string(stem) + ":" + std::to_string(++number);
        } while (!taken.insert(ascii_lower(candidate)).second);
        column.name = arena_.copy(candidate);
    }
}

Result<void> resolve(Select& select, std::string_view text, const Schema& schema, Arena& arena,
                     Resolution& resolution) {
    resolution.clear();
    resolution.arena = &arena;
    ResolutionPass pass(text, schema, arena, resolution);
    if (!pass.select(select, nullptr, nullptr)) return pass.take_error();
    note_encryptions(select, resolution);
    return {};
}

Result<void> resolve(Select& select, Parser& parser, const Schema& schema, Resolution& resolution) {
    if (parser.dialect().id == DialectId::sqlite)
        return resolve(select, parser.text(), schema, parser.arena(), resolution);
    resolution.clear();
    resolution.arena = &parser.arena();
    ScopePass pass(parser.text(), schema, parser.arena(), resolution, parser.dialect());
    if (!pass.query(select, nullptr, nullptr)) return pass.take_error();
    return {};
}

Result<void> resolve(Write& write, std::string_view text, const Schema& schema, Arena& arena,
                     Resolution& resolution) {
    resolution.clear();
    resolution.arena = &arena;
    if (write.dialect != DialectId::sqlite) {
        ScopePass pass(text, schema, arena, resolution, dialect_of(write.dialect));
        if (!pass.write(write)) return pass.take_error();
        return {};
    }
    ResolutionPass pass(text, schema, arena, resolution);
    if (!pass.write(write)) return pass.take_error();
    note_encryptions(*write.body, resolution);
    return {};
}

Result<void> resolve_over(Expr& expr, const SchemaRelation& relation, Parser& parser, const Schema& schema,
                          Resolution& resolution) {
    resolution.clear();
    Arena& arena = parser.arena();
    resolution.arena = &arena;
    FromItem* item = arena.make<FromItem>();
    item->relation = &relation;
    item->name = Name{relation.name, Span{0, 1}, Quote::none};
    Core* core = arena.make<Core>();
    core->from.append(item);
    Select* select = arena.make<Select>();
    select->cores.append(core);
    if (parser.dialect().id != DialectId::sqlite) {
        NameScope names{nullptr, select, core, nullptr, &core->from};
        ScopePass pass(parser.text(), schema, arena, resolution, parser.dialect());
        if (!pass.expression(expr, names)) return pass.take_error();
        return {};
    }
    Scope scope{nullptr, select, core, nullptr};
    ResolutionPass pass(parser.text(), schema, arena, resolution);
    if (!pass.expression(expr, scope)) return pass.take_error();
    return {};
}

}  // namespace majed::sql
