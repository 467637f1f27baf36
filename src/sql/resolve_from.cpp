// SPDX-License-Identifier: Apache-2.0
#include "sql/parser.h"
#include "sql/resolution_pass.h"

#include <string>
#include <utility>

namespace majed::sql {

bool ResolutionPass::from_list(List<FromItem>& items, Scope& scope) {
    for (FromItem& item : items) {
        if (!from_item(item, scope)) return false;
    }
    for (FromItem& item : items) join_columns(item, items);
    return !error_;
}

bool ResolutionPass::from_item(FromItem& item, Scope& scope) {
    if (item.alias.present()) resolution_.local_names.push_back(item.alias.value);
    switch (item.kind) {
        case FromKind::table:
        case FromKind::table_function:
            return table_item(item, scope);
        case FromKind::subquery:
            item.select->derived = true;
            // A query in FROM does not see its siblings, only the queries around them all.
            if (!select(*item.select, scope.outer, scope.with)) return false;
            absorb(*item.select, *scope.select);
            if (item.select->correlated) scope.select->correlated = true;
            return true;
        case FromKind::function:
            return fail(Error{ErrorCode::unsupported, "functions in FROM are not understood"}.at(
                item.reference.begin));
        case FromKind::group:
            break;
    }
    if (item.items.size == 1 && item.alias.present() && item.items.first->kind != FromKind::group) {
        // (t) AS x is t AS x (parse.y seltablist).
        item.items.first->alias = item.alias;
    }
    if (!from_list(item.items, scope)) return false;
    if (item.items.size > 1) {
        // The engine makes SELECT * of the group.
        SpareColumns::Lent lent_all(spare_);
        OutputColumns& all = *lent_all;
        for (FromItem& inner : item.items) star_item(inner, item.items, false, all);
        for (const OutputColumn& each : all) use(*each.source, static_cast<std::uint32_t>(each.column));
    }
    return true;
}

bool ResolutionPass::table_item(FromItem& item, Scope& scope) {
    if (item.kind == FromKind::table && !item.schema.present()) {
        const auto [cte, frame] = find_cte(item.name.value, scope.with);
        if (cte != nullptr) return cte_item(item, *cte, *frame, scope);
    }
    const SchemaRelation* relation = schema_.find_relation(item.schema.value, item.name.value);
    if (relation == nullptr) {
        return fail(Error{ErrorCode::denied,
                          "there is no table " + std::string(item.name.value) + " that you may read"}
                        .at(item.reference.begin));
    }
    if (item.kind == FromKind::table_function && !relation->table_function) {
        return fail(
            Error{ErrorCode::denied, std::string(item.name.value) + " is not a table function you may call"}
                .at(item.reference.begin));
    }
    item.relation = relation;
    resolution_.relations.push_back(&item);
    resolution_.filtered |= relation->filtered;
    scope.select->filtered |= relation->filtered;
    // A table function counts as two: a subquery over it is never the one cheap scan that may go unguarded.
    scope.select->relations += relation->table_function ? 2 : 1;
    scope.select->unsafe |= relation->table_function;
    return true;
}

std::pair<Cte*, const WithFrame*> ResolutionPass::find_cte(std::string_view name,
                                                           const WithFrame* with) const {
    for (const WithFrame* frame = with; frame != nullptr; frame = frame->outer) {
        if (frame->with == nullptr) continue;
        for (Cte& cte : frame->with->ctes) {
            if (same_name(cte.name.value, name)) return {&cte, frame};
        }
    }
    return {nullptr, nullptr};
}

bool ResolutionPass::cte_item(FromItem& item, Cte& cte, const WithFrame& frame, Scope& scope) {
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
    if (cte.select->correlated) {
        for (Scope* each = &scope; each != nullptr; each = each->outer) each->select->correlated = true;
    }
    return true;
}

bool ResolutionPass::resolve_cte(Cte& cte, const WithFrame& frame) {
    if (cte.state == Cte::State::done) return true;
    if (cte.state == Cte::State::active) return true;
    cte.state = Cte::State::active;
    cte.select->derived = true;
    if (!select(*cte.select, frame.scope, &frame, &cte)) return false;
    cte.state = Cte::State::done;
    cte.filtered = cte.select->filtered;
    return true;
}

bool ResolutionPass::join_conditions(List<FromItem>& items, Scope& scope) {
    for (FromItem& item : items) {
        if (item.on != nullptr) {
            if (!expression(*item.on, scope)) return false;
            scope.select->unsafe |= item.on->unsafe;
        }
        if (!expressions(item.args, scope)) return false;
        if (item.kind == FromKind::group && !join_conditions(item.items, scope)) return false;
    }
    return true;
}

/// As ItemColumns::find, within the statement's budget; past it nothing is found and the statement is refused.
std::optional<std::uint32_t> ResolutionPass::find_column(const FromItem& item, std::string_view name) {
    const ItemColumns columns = columns_of(item);
    comparisons_ += columns.count;
    if (comparisons_ <= limits::name_comparisons) return columns.find(name);
    fail(Error{ErrorCode::too_large, "the statement joins too many columns"}.at(item.span.begin));
    return std::nullopt;
}

/// Columns compared by USING and NATURAL are read, though no expression names them.
void ResolutionPass::join_columns(FromItem& item, List<FromItem>& items) {
    for (const NameNode& node : item.using_columns) use_everywhere(node.name.value, items, item.next);
    if (!item.join.natural) return;
    if (item.kind == FromKind::group) {
        // Whatever the group offers may be compared: all of it counts as read.
        SpareColumns::Lent lent_all(spare_);
        OutputColumns& all = *lent_all;
        star_item(item, items, false, all);
        for (const OutputColumn& output : all) use_everywhere(output.name, items, item.next);
        return;
    }
    const ItemColumns columns = columns_of(item);
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        if (columns.in_star(i) && natural_merges(columns.name(i), item, items)) {
            use_everywhere(columns.name(i), items, item.next);
        }
    }
}

void ResolutionPass::use_everywhere(std::string_view column, List<FromItem>& items, const FromItem* until) {
    for (FromItem& item : items) {
        if (&item == until) return;
        if (item.kind == FromKind::group) {
            use_everywhere(column, item.items, nullptr);
            continue;
        }
        const auto found = find_column(item, column);
        if (!found) continue;
        if (columns_of(item).encryption(*found) != 0) {
            refuse_encrypted(column, item.span);
            return;
        }
        use(item, *found);
    }
}

/// Does NATURAL join `item` on `column` with something to its left?
bool ResolutionPass::natural_merges(std::string_view column, const FromItem& item, List<FromItem>& items) {
    for (FromItem& left : items) {
        if (&left == &item) return false;
        if (left.kind == FromKind::group) {
            if (natural_merges(column, item, left.items)) return true;
            continue;
        }
        if (find_column(left, column)) return true;
    }
    return false;
}

}  // namespace majed::sql
