// SPDX-License-Identifier: Apache-2.0
// Writes of PostgreSQL and Oracle: the target, the columns written, and what each part of the statement may name
// (PostgreSQL 15 src/backend/parser/analyze.c, parse_merge.c, parse_target.c).
#include "sql/parser.h"
#include "sql/scope_pass.h"

#include <string>

namespace majed::sql {

bool ScopePass::write(Write& write) {
    Select& body = *arena_.make<Select>();
    body.span = write.span;
    write.body = &body;
    CteFrame frame{write.with, nullptr, nullptr, nullptr};
    const CteFrame* with = nullptr;
    if (write.with != nullptr) {
        with = &frame;
        for (Cte& cte : write.with->ctes) {
            resolution_.local_names.push_back(cte.name.value);
            if (!resolve_cte(cte, frame)) return false;
        }
    }
    if (!write_target(write)) return false;
    Core& around = *arena_.make<Core>();
    NameScope nothing{nullptr, &body, &around, with};
    if (!from_list(write.from, nothing, nullptr)) return false;
    around.from.append(write.target);
    write.target->next = write.from.first;
    NameScope scope{nullptr, &body, &around, with, &around.from};
    const bool inserts = write.kind == WriteKind::insert;
    if (!(inserts ? insert(write, scope) : change(write, scope))) return false;
    resolution_.existing.collided = !write.conflicts.empty();
    resolution_.existing.deleted = write.kind == WriteKind::delete_ || write.kind == WriteKind::merge;
    note_masked();
    if (!returning(write, scope)) return false;
    resolution_.unsafe |= write.body->unsafe;
    return true;
}

/// Always a relation of the schema: WITH tables are not seen here.
bool ScopePass::write_target(Write& write) {
    FromItem& item = *write.target;
    const FromItem* table = &item;
    if (item.kind == FromKind::subquery) table = table_of_target(item);
    if (table == nullptr) return false;
    const SchemaRelation* relation = schema_.find_target(table->schema.value, table->name.value);
    if (relation == nullptr || !relation->writable) {
        return fail(Error{ErrorCode::denied,
                          "there is no table " + std::string(table->name.value) + " that you may write to"}
                        .at(item.reference.begin));
    }
    item.relation = relation;
    target_ = &item;
    resolution_.target = &item;
    if (item.alias.present()) resolution_.local_names.push_back(item.alias.value);
    resolution_.filtered |= relation->filtered;
    write.body->filtered |= relation->filtered;
    ++write.body->relations;
    return true;
}

/// Oracle: the table of which the query that is written to shows columns, in their order, and some of the rows; nullptr: there
/// is an error.
const FromItem* ScopePass::table_of_target(FromItem& target) {
    const auto refuse = [&]() -> const FromItem* {
        fail(Error{ErrorCode::unsupported, "only a table with a name can be written to"}.at(
            target.reference.begin));
        return nullptr;
    };
    if (!schema_.target_queries_allowed()) return refuse();
    Select& select = *target.select;
    if (!query(select, nullptr, nullptr)) return nullptr;
    const Core& core = *select.cores.first;
    const FromItem* const table = core.from.first;
    const bool one_table = select.with == nullptr && select.cores.size == 1 && core.from.size == 1 &&
                           table->kind == FromKind::table && table->relation != nullptr;
    const bool its_rows = core.group_by.empty() && core.having == nullptr && !core.distinct &&
                          core.connect_by == nullptr && core.start_with == nullptr && !core.aggregate &&
                          select.order_by.empty() && select.limit == nullptr && select.offset == nullptr;
    if (!one_table || !its_rows) return refuse();
    std::int32_t last = -1;
    for (const ResultColumn& column : core.columns) {
        const Expr* const expr = column.expr;
        const bool plain = expr != nullptr && expr->binding == Binding::column && !column.alias.present();
        if (!plain || expr->source != table || expr->column <= last) return refuse();
        last = expr->column;
    }
    return table;
}

bool ScopePass::insert(Write& write, NameScope& scope) {
    NameScope nothing{nullptr, scope.select, nullptr, scope.with};
    std::size_t given = 0;
    if (write.source != nullptr) {
        if (!query(*write.source, nullptr, scope.with)) return false;
        absorb(*write.source, *write.body);
        given = write.source->column_count;
    }
    for (const NameNode& node : write.columns) {
        if (!written_column(node.name, WriteKind::insert)) return false;
    }
    for (Expr& part : write.parts) {
        if (!written_part(part, nothing)) return false;
    }
    if (write.columns.empty() && write.source != nullptr && !unlisted_columns(write, given)) return false;
    for (ConflictClause& clause : write.conflicts) {
        if (!conflict(write, clause, scope)) return false;
    }
    return true;
}

/// Without a list: as many of the first columns as there are values; those that are invisible (Oracle) do not count. How many
/// there are in all.
std::size_t ScopePass::note_first_columns(std::size_t given, Span span) {
    const auto& columns = target_->relation->columns;
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
        if (columns[i].hidden) continue;
        if (count++ < given) resolution_.written.push_back({target_->relation, i, WriteKind::insert, span});
    }
    return count;
}

bool ScopePass::unlisted_columns(const Write& write, std::size_t given) {
    const std::size_t count = note_first_columns(given, write.target->reference);
    if (given <= count || write.source->open) return true;
    return fail(Error{ErrorCode::invalid_argument,
                      std::to_string(given) + " values for " + std::to_string(count) + " columns"}
                    .at(write.source->span.begin));
}

bool ScopePass::conflict(Write& write, ConflictClause& clause, NameScope& scope) {
    NameScope target = scope;
    target.until = write.target->next;
    for (OrderTerm& term : clause.targets) {
        if (!expression(*term.expr, target)) return false;
    }
    if (clause.target_where != nullptr && !expression(*clause.target_where, target)) return false;
    if (!clause.updates) return true;
    // Its values are the statement's own; the server asks for the right to read their columns all the same.
    FromItem& excluded = *arena_.make<FromItem>();
    excluded.name = Name{"excluded", write.target->reference, Quote::none};
    if (dialect_.grammar.oracle) excluded.name.value = "EXCLUDED";
    excluded.reference = excluded.span = write.target->reference;
    excluded.relation = write.target->relation;
    write.excluded = &excluded;
    Core& both = *arena_.make<Core>();
    FromItem& existing = *arena_.make<FromItem>(*write.target);
    existing.next = nullptr;
    both.from.append(&existing);
    both.from.append(&excluded);
    NameScope updating{nullptr, scope.select, &both, scope.with, &both.from};
    if (!assignments(clause.assignments, updating)) return false;
    resolution_.existing.filtered_by_value |= clause.where != nullptr;
    return clause.where == nullptr || expression(*clause.where, updating);
}

/// UPDATE, DELETE and MERGE.
bool ScopePass::change(Write& write, NameScope& scope) {
    resolution_.existing.searched = true;
    if (write.where != nullptr) {
        resolution_.existing.filtered_by_value = true;
        if (!expression(*write.where, scope)) return false;
        write.body->unsafe |= write.where->unsafe;
    }
    if (!assignments(write.assignments, scope)) return false;
    for (MergeBranch& branch : write.branches) {
        if (!merge_branch(branch, scope)) return false;
    }
    return true;
}

/// A row that is not matched is one of the source alone.
bool ScopePass::merge_branch(MergeBranch& branch, NameScope& scope) {
    NameScope visible = scope;
    if (!branch.matched) visible.first = target_->next;
    const bool nothing = !branch.matched && target_->next == nullptr;
    if (nothing) visible.items = nullptr;
    for (Expr* const condition : {branch.condition, branch.delete_where}) {
        if (condition != nullptr && !expression(*condition, visible)) return false;
    }
    if (!assignments(branch.assignments, visible)) return false;
    for (const NameNode& node : branch.columns) {
        if (!written_column(node.name, WriteKind::insert)) return false;
    }
    for (Expr& part : branch.parts) {
        if (!written_part(part, visible)) return false;
    }
    if (branch.action == MergeAction::insert && branch.columns.empty())
        note_first_columns(branch.values.size, branch.span);
    return expressions(branch.values, visible);
}

bool ScopePass::assignments(List<Assignment>& list, NameScope& scope) {
    for (Assignment& each : list) {
        for (const NameNode& column : each.columns) {
            if (!written_column(column.name, WriteKind::update)) return false;
        }
        for (Expr& part : each.parts) {
            if (!written_part(part, scope)) return false;
        }
        if (!expression(*each.value, scope)) return false;
        scope.select->unsafe |= each.value->unsafe;
        resolution_.existing.computed_from = true;
    }
    return true;
}

/// a[x].b: the column is written, the indexes are read.
bool ScopePass::written_part(Expr& part, NameScope& scope) {
    for (Expr* each = &part; each != nullptr && each->kind != ExprKind::column; each = each->left) {
        for (Expr* const index : {each->right, each->extra}) {
            if (index != nullptr && !expression(*index, scope)) return false;
        }
    }
    return true;
}

bool ScopePass::written_column(const Name& name, WriteKind kind) {
    const SchemaRelation& relation = *target_->relation;
    FromItem plain;
    plain.relation = &relation;
    const auto column = find_column(plain, name.value);
    if (error_) return false;
    if (!column) {
        return fail(
            Error{ErrorCode::not_found, relation.name + " has no column " + std::string(name.value)}.at(
                name.span.begin));
    }
    resolution_.written.push_back({&relation, column, kind, name.span});
    return true;
}

bool ScopePass::returning(Write& write, NameScope& scope) {
    if (write.returning.empty()) return true;
    resolution_.existing.returned = true;
    write.returned = write.target;
    Core& shown = *arena_.make<Core>();
    shown.columns = write.returning;
    shown.from = scope.core->from;
    NameScope names = scope;
    names.core = &shown;
    if (!result_columns(shown, names)) return false;
    write.body->cores.append(&shown);
    return outputs(*write.body, nullptr);
}

/// What is read for what is written; not what RETURNING shows.
void ScopePass::note_masked() {
    for (const ColumnUse& use : resolution_.columns) {
        if (use.relation->columns[use.column].masked) resolution_.masked_reads.push_back(use);
    }
    for (const ColumnWrite& each : resolution_.written) {
        if (each.column && each.relation->columns[*each.column].masked)
            resolution_.masked_writes.push_back(each);
    }
}

}  // namespace majed::sql
