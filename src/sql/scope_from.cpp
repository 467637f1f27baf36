// SPDX-License-Identifier: Apache-2.0
// FROM: what each item is, which columns it offers, which of them joins compare, who sees whom.
#include "sql/parser.h"
#include "sql/scope_pass.h"

#include <algorithm>
#include <string>

namespace majed::sql {
namespace {

bool has_name(const List<NameNode>& names, std::string_view wanted) noexcept {
    return std::any_of(names.begin(), names.end(),
                       [wanted](const NameNode& node) { return node.name.value == wanted; });
}

bool has_column(const OutputColumns& columns, std::string_view wanted) noexcept {
    return std::any_of(columns.begin(), columns.end(),
                       [wanted](const OutputColumn& column) { return column.name == wanted; });
}

/// Puts a joined item's columns behind those to its left; what USING or NATURAL joins comes first, once.
void join(OutputColumns& left, OutputColumns& right, const FromItem& item, SpareColumns& spare) {
    const auto merged = [&](const OutputColumn& column) {
        return has_name(item.using_columns, column.name) ||
               (item.join.natural && has_column(left, column.name) && has_column(right, column.name));
    };
    right.erase(std::remove_if(right.begin(), right.end(), merged), right.end());
    if (!item.join.natural && item.using_columns.empty()) {
        left.insert(left.end(), right.begin(), right.end());
        return;
    }
    SpareColumns::Lent lent_all(spare);
    OutputColumns& all = *lent_all;
    for (const NameNode& node : item.using_columns) {
        const auto found = std::find_if(left.begin(), left.end(), [&node](const OutputColumn& column) {
            return column.name == node.name.value;
        });
        if (found != left.end()) all.push_back(*found);
    }
    const std::size_t named = all.size();
    std::copy_if(left.begin(), left.end(), std::back_inserter(all), [&](const OutputColumn& column) {
        return named == 0 || !has_name(item.using_columns, column.name);
    });
    all.insert(all.end(), right.begin(), right.end());
    left.swap(all);
}

/// json_each and the like have more than the one column that an alias names; only the engine knows their names.
bool makes_one_column(const FromItem& item) noexcept {
    return item.defines_columns || (!item.column_aliases.empty() && item.args.size == 1);
}

}  // namespace

/// `around` offers nothing of this query; `lateral` is what stands before a group, for LATERAL items inside it.
bool ScopePass::from_list(List<FromItem>& items, NameScope& around, NameScope* lateral) {
    FromItem* tree = items.first;  // what a join's condition may name begins here
    for (FromItem& item : items) {
        if (item.join.comma) tree = &item;
        NameScope before = around;
        before.outer = lateral != nullptr ? lateral : around.outer;
        before.items = &items;
        before.until = &item;
        if (!from_item(item, around, before)) return false;
        rename_columns(item);
        join_columns(item, items, tree);
        if (error_) return false;
        around.select->unsafe |= item.join.unsafe;
        if (item.on == nullptr) continue;
        NameScope joined = around;
        joined.items = &items;
        joined.first = tree;
        joined.until = item.next;
        if (!expression(*item.on, joined)) return false;
        around.select->unsafe |= item.on->unsafe;
    }
    return true;
}

bool ScopePass::from_item(FromItem& item, NameScope& around, NameScope& before) {
    if (item.alias.present()) resolution_.local_names.push_back(item.alias.value);
    NameScope nothing = around;
    if (!expressions(item.sample, nothing) || !expressions(item.partition_values, nothing)) return false;
    switch (item.kind) {
        case FromKind::table:
            return table_item(item, around);
        case FromKind::subquery:
            return derived_item(item, around, before);
        case FromKind::function:
            return function_item(item, before);
        case FromKind::group:
            return from_list(item.items, around, &before);
        case FromKind::table_function:
            break;
    }
    return fail(Error{ErrorCode::unsupported, "this is not understood in FROM"}.at(item.span.begin));
}

/// A query in FROM sees its siblings to the left only with LATERAL.
bool ScopePass::derived_item(FromItem& item, NameScope& around, NameScope& before) {
    item.select->derived = true;
    NameScope* const outer = item.lateral || item.join.apply ? &before : around.outer;
    if (!query(*item.select, outer, around.with)) return false;
    absorb(*item.select, *around.select);
    return true;
}

/// Functions see what stands before them without LATERAL.
bool ScopePass::function_item(FromItem& item, NameScope& before) {
    if (!expressions(item.args, before)) return false;
    before.select->unsafe = true;
    // A function counts as two: a subquery over it is never the one cheap scan that may go unguarded.
    before.select->relations += 2;
    FromShape* shape = arena_.make<FromShape>();
    const bool named = item.column_aliases.empty() && item.visible_name().size() > 0;
    const std::size_t count = item.column_aliases.size + (named ? 1 : 0) + (item.with_ordinality ? 1 : 0);
    shape->columns = arena_.make_array<OutputColumn>(count);
    if (named) shape->columns[shape->count++].name = item.visible_name();
    for (const NameNode& node : item.column_aliases) shape->columns[shape->count++].name = node.name.value;
    if (item.with_ordinality && !has_name(item.column_aliases, "ordinality"))
        shape->columns[shape->count++].name = "ordinality";
    for (std::uint32_t i = 0; i < shape->count; ++i) {
        shape->columns[i].unsafe = true;
        for (const Expr& argument : item.args) shape->columns[i].masked |= argument.masked;
    }
    shape->open = !makes_one_column(item);
    item.shape = shape;
    return true;
}

/// AS a (x, y): the first columns under other names.
void ScopePass::rename_columns(FromItem& item) {
    if (item.column_aliases.empty() || item.kind == FromKind::function) return;
    SpareColumns::Lent lent_columns(spare_);
    OutputColumns& columns = *lent_columns;
    bool open = false;
    item_columns(item, columns, open);
    std::size_t i = 0;
    for (const NameNode& node : item.column_aliases) {
        if (i == columns.size()) {
            if (!open) {
                fail(Error{ErrorCode::invalid_argument,
                           "there are " + std::to_string(columns.size()) + " columns to name"}
                         .at(node.name.span.begin));
                return;
            }
            columns.emplace_back();
        }
        columns[i++].name = node.name.value;
    }
    FromShape* shape = arena_.make<FromShape>();
    shape->columns = arena_.make_array<OutputColumn>(columns.size());
    shape->count = static_cast<std::uint32_t>(columns.size());
    shape->open = open;
    std::copy(columns.begin(), columns.end(), shape->columns);
    item.shape = shape;
}

bool ScopePass::table_item(FromItem& item, NameScope& scope) {
    if (!item.schema.present()) {
        const auto [cte, frame] = find_cte(item.name.value, scope.with);
        if (cte != nullptr) return cte_item(item, *cte, *frame, scope);
    }
    const SchemaRelation* relation = schema_.find_relation(item.schema.value, item.name.value);
    if (relation == nullptr) {
        return fail(Error{ErrorCode::denied,
                          "there is no table " + std::string(item.name.value) + " that you may read"}
                        .at(item.reference.begin));
    }
    item.relation = relation;
    resolution_.relations.push_back(&item);
    resolution_.filtered |= relation->filtered;
    scope.select->filtered |= relation->filtered;
    ++scope.select->relations;
    // A mask may compute something that fails.
    return true;
}

/// PostgreSQL shows a WITH table to those after it, with RECURSIVE to all; Oracle also to itself.
std::pair<Cte*, const CteFrame*> ScopePass::find_cte(std::string_view name, const CteFrame* with) const {
    for (const CteFrame* frame = with; frame != nullptr; frame = frame->outer) {
        if (frame->with == nullptr) continue;
        for (Cte& cte : frame->with->ctes) {
            if (&cte == frame->until) break;
            if (cte.name.value == name) return {&cte, frame};
        }
    }
    return {nullptr, nullptr};
}

bool ScopePass::cte_item(FromItem& item, Cte& cte, const CteFrame& frame, NameScope& scope) {
    item.cte = &cte;
    if (cte.state == Cte::State::active) {
        // Inside its own definition: the recursive table, once its first core is known.
        const bool known = cte.select->columns != nullptr && cte.select->cores.size > 1;
        if (!known) {
            return fail(
                Error{ErrorCode::invalid_argument, "circular reference: " + std::string(cte.name.value)}.at(
                    item.reference.begin));
        }
        item.recursive_reference = true;
        cte.recursive = true;
        scope.select->unsafe = true;  // a recursion may run for long
        return true;
    }
    if (!resolve_cte(cte, frame)) return false;
    absorb(*cte.select, *scope.select);
    scope.select->unsafe |= cte.recursive;
    if (cte.select->correlated) scope.select->correlated = true;
    return true;
}

bool ScopePass::resolve_cte(Cte& cte, const CteFrame& frame) {
    if (cte.state != Cte::State::waiting) return true;
    cte.state = Cte::State::active;
    cte.select->derived = true;
    CteFrame seen = frame;
    if (!frame.with->recursive) seen.until = dialect_.scopes.recursive_by_itself ? cte.next : &cte;
    if (!query(*cte.select, frame.scope, &seen, &cte)) return false;
    cte.state = Cte::State::done;
    cte.filtered = cte.select->filtered;
    return true;
}

/// Columns compared by USING and NATURAL are read on both sides, though no expression names them.
void ScopePass::join_columns(FromItem& item, List<FromItem>& items, FromItem* tree) {
    if (!item.join.natural && item.using_columns.empty()) return;
    for (const NameNode& node : item.using_columns) use_named(node.name.value, items, tree, item.next);
    SpareColumns::Lent lent_right(spare_);
    OutputColumns& right = *lent_right;
    SpareColumns::Lent lent_left(spare_);
    OutputColumns& left = *lent_left;
    bool open = false;
    item_columns(item, right, open);
    for (FromItem* each = tree; each != &item; each = each->next) item_columns(*each, left, open);
    for (const OutputColumn& column : right) {
        if (!item.join.natural && !has_name(item.using_columns, column.name)) continue;
        if (item.join.natural && has_column(left, column.name))
            use_named(column.name, items, tree, item.next);
        item.join.unsafe |= std::any_of(left.begin(), left.end(), [&](const OutputColumn& other) {
            return other.name == column.name && unsafe_equality(column, other);
        });
    }
    item.join.unsafe |= open;
}

void ScopePass::use_named(std::string_view name, List<FromItem>& items, const FromItem* first,
                          const FromItem* until) {
    bool seen = first == nullptr;
    for (FromItem& item : items) {
        seen |= &item == first;
        if (!seen) continue;
        if (&item == until) return;
        if (item.kind == FromKind::group && item.shape == nullptr) {
            use_named(name, item.items, nullptr, nullptr);
        } else if (const auto found = find_column(item, name)) {
            use(item, *found);
        }
    }
}

/// The columns of SELECT *: each list of joined items with what joins it first (transformFromClauseItem).
void ScopePass::all_columns(List<FromItem>& items, OutputColumns& into, bool& open) {
    SpareColumns::Lent lent_tree(spare_);
    OutputColumns& tree = *lent_tree;
    for (FromItem& item : items) {
        SpareColumns::Lent lent_columns(spare_);
        OutputColumns& columns = *lent_columns;
        item_columns(item, columns, open);
        if (item.join.comma) {
            into.insert(into.end(), tree.begin(), tree.end());
            tree.clear();
        }
        join(tree, columns, item, spare_);
    }
    into.insert(into.end(), tree.begin(), tree.end());
}

void ScopePass::item_columns(FromItem& item, OutputColumns& into, bool& open) {
    open |= is_open(item);
    if (item.kind == FromKind::group && item.shape == nullptr) return all_columns(item.items, into, open);
    const ItemColumns columns = columns_of(item);
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        if (!columns.in_star(i)) continue;
        OutputColumn output;
        if (columns.relation != nullptr) {
            const SchemaColumn& column = columns.relation->columns[i];
            output.declared_type = column.declared_type;
            output.masked = column.masked;
            output.unsafe = column.unsafe;
        } else {
            output.declared_type = columns.outputs[i].declared_type;
            output.masked = columns.outputs[i].masked;
            output.unsafe = columns.outputs[i].unsafe;
        }
        output.name = columns.name(i);
        output.source = &item;
        output.column = static_cast<std::int32_t>(i);
        into.push_back(output);
    }
}

bool ScopePass::is_open(const FromItem& item) const noexcept {
    if (item.shape != nullptr) return item.shape->open;
    const Select* select = item.cte != nullptr ? item.cte->select : item.select;
    return select != nullptr && select->open;
}

}  // namespace majed::sql
