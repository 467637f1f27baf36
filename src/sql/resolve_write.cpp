// SPDX-License-Identifier: Apache-2.0
//
// Writes, as SQLite 3.40.1 resolves them: src/insert.c, update.c, delete.c, upsert.c, and codeReturningTrigger of trigger.c.
#include "sql/parser.h"
#include "sql/resolution_pass.h"

#include <string>
#include <utility>
#include <vector>

namespace majed::sql {
namespace {

/// How many columns of a relation a row of INSERT without a list has.
std::size_t implicit_columns(const SchemaRelation& relation) {
    std::size_t count = 0;
    for (const SchemaColumn& column : relation.columns) count += column.hidden || column.generated ? 0 : 1;
    return count;
}

/// As a row: how many values is this one?
std::size_t values_in(const Expr& expr) {
    if (expr.kind == ExprKind::row) return expr.args.size;
    return expr.kind == ExprKind::subquery ? expr.select->column_count : 1;
}

bool tells_of_collisions(const Write& write) {
    return !write.conflicts.empty() || write.on_violation == OnViolation::ignore ||
           write.on_violation == OnViolation::replace;
}

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace

bool ResolutionPass::write(Write& write) {
    Select& body = *arena_.make<Select>();
    body.span = write.span;
    write.body = &body;
    WithFrame frame{write.with, nullptr, nullptr};
    const WithFrame* with = nullptr;
    if (write.with != nullptr) {
        with = &frame;
        for (const Cte& cte : write.with->ctes) resolution_.local_names.push_back(cte.name.value);
    }
    if (!write_target(write, body)) return false;
    const bool inserts = write.kind == WriteKind::insert;
    if (!(inserts ? insert(write, with) : change(write, with))) return false;
    const std::size_t shown_from = resolution_.columns.size();
    if (!returning(write, with)) return false;
    const std::size_t shown_until = resolution_.columns.size();
    if (write.with != nullptr) {
        // The engine does not look at a table nobody uses; policy does.
        for (Cte& cte : write.with->ctes) {
            if (!resolve_cte(cte, frame)) return false;
        }
    }
    resolution_.existing.collided = tells_of_collisions(write);
    resolution_.existing.deleted =
        write.kind == WriteKind::delete_ || write.on_violation == OnViolation::replace;
    resolution_.unsafe |= body.unsafe;
    note_masked(shown_from, shown_until);
    return weight_allowed(body);
}

/// Always a relation of the schema: WITH tables are not seen here.
bool ResolutionPass::write_target(Write& write, Select& body) {
    FromItem& item = *write.target;
    if (write.dialect != DialectId::sqlite || write.kind == WriteKind::merge) {
        return fail(
            Error{ErrorCode::unsupported, "writes are understood in SQLite only"}.at(write.span.begin));
    }
    const SchemaRelation* relation = schema_.find_target(item.schema.value, item.name.value);
    if (relation == nullptr || !relation->writable) {
        return fail(Error{ErrorCode::denied,
                          "there is no table " + std::string(item.name.value) + " that you may write to"}
                        .at(item.reference.begin));
    }
    item.relation = relation;
    target_ = &item;
    resolution_.target = &item;
    if (item.alias.present()) resolution_.local_names.push_back(item.alias.value);
    resolution_.filtered |= relation->filtered;
    body.filtered |= relation->filtered;
    ++body.relations;
    return true;
}

bool ResolutionPass::insert(Write& write, const WithFrame* with) {
    std::size_t columns = 0;
    if (!inserted_columns(write, columns) || !insert_source(write, with, columns)) return false;
    if (write.conflicts.empty()) return true;
    FromItem& excluded = *arena_.make<FromItem>();
    excluded.name = Name{"excluded", write.target->reference, Quote::none};
    excluded.reference = excluded.span = write.target->reference;
    excluded.relation = write.target->relation;
    write.excluded = &excluded;
    Core& around = *arena_.make<Core>();
    around.from.append(write.target);
    Scope scope{nullptr, write.body, &around, with};
    for (ConflictClause& clause : write.conflicts) {
        if (!conflict(write, clause, scope)) return false;
    }
    return true;
}

bool ResolutionPass::inserted_columns(const Write& write, std::size_t& count) {
    for (const NameNode& node : write.columns) {
        if (!written_column(node.name, WriteKind::insert)) return false;
    }
    count = write.columns.size;
    if (!write.columns.empty() || write.source == nullptr) return true;
    const SchemaRelation& relation = *write.target->relation;
    count = implicit_columns(relation);
    for (std::uint32_t i = 0; i < relation.columns.size(); ++i) {
        if (relation.columns[i].hidden || relation.columns[i].generated) continue;
        if (!note_written(i, WriteKind::insert, write.target->reference)) return false;
    }
    return true;
}

bool ResolutionPass::insert_source(const Write& write, const WithFrame* with, std::size_t columns) {
    if (write.source == nullptr) {
        if (columns == 0) return true;
        return fail(Error{ErrorCode::invalid_argument, "DEFAULT VALUES takes no list of columns"}.at(
            write.columns_span.begin));
    }
    Select& source = *write.source;
    if (!select(source, nullptr, with)) return false;
    absorb(source, *write.body);
    for (std::uint32_t i = 0; i < source.column_count; ++i) {
        if (source.columns[i].encryption != 0) return refuse_encrypted(source.columns[i].name, source.span);
    }
    return rows_fit(source, columns);
}

bool ResolutionPass::rows_fit(const Select& source, std::size_t columns) {
    const auto refuse = [&](std::size_t values, std::size_t offset) {
        return fail(Error{ErrorCode::invalid_argument,
                          counted(values, "value") + " for " + counted(columns, "column")}
                        .at(offset));
    };
    if (source.column_count != columns) return refuse(source.column_count, source.span.begin);
    for (const Core& each : source.cores) {
        for (const ValuesRow& row : each.rows) {
            if (row.cells.size != columns) return refuse(row.cells.size, row.cells.first->span.begin);
        }
    }
    return true;
}

bool ResolutionPass::conflict(Write& write, ConflictClause& clause, Scope& scope) {
    bool named = false;  // what names the columns of an index reads no row
    for (OrderTerm& term : clause.targets) {
        if (!write_expression(term.expr, scope, named)) return false;
    }
    if (!write_expression(clause.target_where, scope, named)) return false;
    if (!clause.updates) return true;
    Scope updating = scope;
    updating.excluded = write.excluded;
    if (!assignments(clause.assignments, updating)) return false;
    return write_expression(clause.where, updating, resolution_.existing.filtered_by_value);
}

/// UPDATE and DELETE.
bool ResolutionPass::change(Write& write, const WithFrame* with) {
    resolution_.existing.searched = true;
    Core& around = *arena_.make<Core>();
    around.from.append(write.target);
    Scope scope{nullptr, write.body, &around, with};
    return update_from(write, scope) && assignments(write.assignments, scope) &&
           write_expression(write.where, scope, resolution_.existing.filtered_by_value) &&
           row_limit(write, scope);
}

/// One item of FROM stands beside the target. Of several the engine makes a query in parentheses (parse.y), which does
/// not see the target, and all of whose columns are read.
bool ResolutionPass::update_from(Write& write, Scope& scope) {
    if (write.from.empty()) return true;
    Core& inner = *arena_.make<Core>();
    inner.from = write.from;
    Scope alone{nullptr, write.body, &inner, scope.with};
    if (!from_list(inner.from, alone) || !hides_target(*write.target, inner.from)) return false;
    if (write.from.size == 1) {
        FromItem& item = *write.from.first;
        scope.core->from.append(&item);
        return join_conditions(inner.from, item.kind == FromKind::table_function ? scope : alone);
    }
    FromItem& group = *arena_.make<FromItem>();
    group.kind = FromKind::group;
    group.items = write.from;
    group.span = write.from_span;
    scope.core->from.append(&group);
    SpareColumns::Lent lent_all(spare_);
    OutputColumns& all = *lent_all;
    for (FromItem& item : group.items) star_item(item, group.items, false, all);
    if (!columns_allowed(all.size(), write.from_span)) return false;
    for (const OutputColumn& each : all) use(*each.source, static_cast<std::uint32_t>(each.column));
    return join_conditions(inner.from, alone);
}

/// The target may stand in FROM again, but not under the same name (select.c sameSrcAlias).
bool ResolutionPass::hides_target(const FromItem& target, List<FromItem>& items) {
    for (FromItem& item : items) {
        if (item.kind == FromKind::group && !hides_target(target, item.items)) return false;
        const bool same_alias =
            item.alias.present() == target.alias.present() && same_name(item.alias.value, target.alias.value);
        if (item.relation != target.relation || !same_alias) continue;
        return fail(Error{ErrorCode::invalid_argument,
                          "the table that is updated may not stand in FROM under "
                          "the same name"}
                        .with_hint("Give it an alias there.")
                        .at(item.span.begin));
    }
    return true;
}

bool ResolutionPass::assignments(List<Assignment>& list, Scope& scope) {
    for (Assignment& each : list) {
        for (const NameNode& column : each.columns) {
            if (!written_column(column.name, WriteKind::update)) return false;
        }
        if (!write_expression(each.value, scope, resolution_.existing.computed_from)) return false;
        const std::size_t values = values_in(*each.value);
        if (values == each.columns.size) continue;
        return fail(Error{ErrorCode::invalid_argument,
                          counted(values, "value") + " for " + counted(each.columns.size, "column")}
                        .at(each.value->span.begin));
    }
    return true;
}

bool ResolutionPass::written_column(const Name& name, WriteKind kind) {
    const SchemaRelation& relation = *target_->relation;
    if (const auto column = find_column(*target_, name.value)) return note_written(column, kind, name.span);
    if (error_) return false;
    if (!is_rowid_name(name.value) || !relation.has_rowid) {
        return fail(
            Error{ErrorCode::not_found, relation.name + " has no column " + std::string(name.value)}.at(
                name.span.begin));
    }
    if (relation.rowid_column)
        return note_written(static_cast<std::uint32_t>(*relation.rowid_column), kind, name.span);
    if (!relation.rowid_withheld) return note_written(std::nullopt, kind, name.span);
    return fail(Error{ErrorCode::unsupported, "the row id of " + relation.name + " cannot be written"}.at(
        name.span.begin));
}

bool ResolutionPass::note_written(std::optional<std::uint32_t> column, WriteKind kind, Span span) {
    const SchemaRelation& relation = *target_->relation;
    if (column) {
        const SchemaColumn& written = relation.columns[*column];
        if (written.generated) {
            return fail(Error{ErrorCode::invalid_argument,
                              written.name + " is computed by the database: it cannot be written"}
                            .at(span.begin));
        }
        if (written.encryption != 0) {
            encrypted_use_ = true;
            return fail(Error{ErrorCode::unsupported,
                              written.name + " is encrypted in the source: it cannot be written"}
                            .at(span.begin));
        }
    }
    resolution_.written.push_back({&relation, column, kind, span});
    return true;
}

/// nullptr is well; `names_target` is set where a column of the target is named.
bool ResolutionPass::write_expression(Expr* expr, Scope& scope, bool& names_target) {
    if (expr == nullptr) return true;
    const std::size_t before = target_reads_;
    if (!expression(*expr, scope)) return false;
    names_target |= target_reads_ != before;
    scope.select->unsafe |= expr->unsafe;
    return true;
}

bool ResolutionPass::row_limit(Write& write, Scope& scope) {
    if (write.limit == nullptr) return true;
    // The engine looks for the rows by a query over the target's name, which a WITH table of that name captures.
    if (!write.target->schema.present() && find_cte(write.target->name.value, scope.with).first != nullptr) {
        return fail(Error{ErrorCode::unsupported, "LIMIT would count the rows of the WITH table " +
                                                      std::string(write.target->name.value)}
                        .with_hint("Give the WITH table another name.")
                        .at(write.target->reference.begin));
    }
    for (OrderTerm& term : write.order_by) {
        if (!write_expression(term.expr, scope, resolution_.existing.filtered_by_value)) return false;
    }
    Scope nothing{nullptr, write.body, nullptr, scope.with};
    bool named = false;
    write.body->unsafe = true;  // a limit that is no number raises an error
    return write_expression(write.limit, nothing, named) && write_expression(write.offset, nothing, named);
}

/// RETURNING sees the target alone, by the table's own name whatever its alias is.
bool ResolutionPass::returning(Write& write, const WithFrame* with) {
    if (write.returning.empty()) return true;
    for (const ResultColumn& column : write.returning) {
        if (column.kind != ResultKind::table_star) continue;
        return fail(Error{ErrorCode::invalid_argument, "RETURNING takes no table.*: write * alone"}.at(
            column.span.begin));
    }
    FromItem& row = *arena_.make<FromItem>();
    row.name = Name{write.target->relation->name, write.target->reference, Quote::none};
    row.reference = row.span = write.target->reference;
    row.relation = write.target->relation;
    write.returned = &row;
    returned_ = &row;
    Core& shown = *arena_.make<Core>();
    shown.columns = write.returning;
    shown.from.append(&row);
    shown.span = write.returning_span;
    write.body->cores.append(&shown);
    Scope scope{nullptr, write.body, &shown, with};
    if (!core_expressions(shown, scope) || !outputs(*write.body, nullptr)) return false;
    bool updates = false;
    for (const ConflictClause& clause : write.conflicts) updates |= clause.updates;
    resolution_.existing.returned = write.kind != WriteKind::insert || updates;
    return true;
}

/// What RETURNING reads, it shows; everything else may end up in a row.
void ResolutionPass::note_masked(std::size_t shown_from, std::size_t shown_until) {
    for (std::size_t i = 0; i < resolution_.columns.size(); ++i) {
        const ColumnUse& use = resolution_.columns[i];
        const bool shown = i >= shown_from && i < shown_until;
        if (!shown && use.relation->columns[use.column].masked) resolution_.masked_reads.push_back(use);
    }
    for (const ColumnWrite& each : resolution_.written) {
        const bool masked = each.column && each.relation->columns[*each.column].masked;
        if (masked) resolution_.masked_writes.push_back(each);
    }
}

}  // namespace majed::sql
