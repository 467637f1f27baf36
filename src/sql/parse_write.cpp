// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE, DELETE: the verb, WITH before it, and the clauses behind. What they write to is in parse_target.cpp, MERGE
// in parse_merge.cpp.
#include "sql/grammar.h"
#include "sql/parser.h"
#include "sql/write_tree.h"

#include <cstddef>

namespace majed::sql {
namespace {

/// Does the query end with the first table of its FROM clause, so that ON would join it?
bool ends_with_first_table(const Select& select) noexcept {
    const Core& last = *select.cores.last;
    const bool clause = last.where != nullptr || !last.group_by.empty() || last.having != nullptr ||
                        !last.windows.empty() || !select.order_by.empty() || select.limit != nullptr;
    return !clause && last.from.size == 1;
}

/// DEFAULT in the rows of a VALUES that something else of the query would read.
const Expr* misplaced_default(const Select& select) noexcept {
    const bool rows_alone = select.cores.size == 1 && select.order_by.empty() && select.limit == nullptr &&
                            select.offset == nullptr && !select.locks;
    if (rows_alone || !select.cores.first->is_values) return nullptr;
    for (const ValuesRow& row : select.cores.first->rows) {
        for (const Expr& cell : row.cells) {
            if (cell.kind == ExprKind::default_value) return &cell;
        }
    }
    return nullptr;
}

}  // namespace

/// At the start, or behind WITH: elsewhere a verb may be a name.
bool Grammar::at_write_verb() const noexcept {
    const Keyword keyword = peek().keyword;
    return is_any<Keyword::insert, Keyword::update, Keyword::delete_>(keyword) ||
           (keyword == Keyword::replace && dialect_.writes.violations) ||
           (keyword == Keyword::merge && dialect_.writes.merges);
}

Statement Grammar::whole_statement() {
    Statement statement;
    const std::uint32_t begin = begin_offset();
    With* with = nullptr;
    if (at(Keyword::with)) {
        with = with_clause();
        if (with == nullptr) return statement;
    }
    if (at_write_verb()) {
        statement.statement_class = StatementClass::write;
        statement.write = write(with, begin);
        if (statement.write == nullptr || !end_of_statement()) statement.write = nullptr;
    } else {
        statement.statement_class = StatementClass::read;
        statement.query = query_behind(with, begin);
        if (statement.query == nullptr || !end_of_statement()) statement.query = nullptr;
    }
    return statement;
}

/// `with` stands before the verb; the statement begins at `begin`.
Write* Grammar::write(With* with, std::uint32_t begin) {
    Write* write = node<Write>();
    if (write == nullptr) return nullptr;
    write->dialect = dialect_.id;
    write->with = with;
    const std::uint32_t verb = begin_offset();
    if (with != nullptr && !dialect_.writes.with_before) {
        fail_with(ErrorCode::parse_error, "WITH stands before the query of an INSERT, not before the verb",
                  verb);
        return nullptr;
    }
    bool complete = false;
    if (accept(Keyword::update)) {
        complete = update(*write, verb);
    } else if (accept(Keyword::delete_)) {
        complete = deletion(*write, verb);
    } else if (dialect_.writes.merges && accept(Keyword::merge)) {
        complete = merge(*write, verb);
    } else {
        complete = insert(*write, verb);
    }
    if (!complete) return nullptr;
    write->span = since(begin);
    return write;
}

/// OR ABORT, OR FAIL, OR IGNORE, OR REPLACE, OR ROLLBACK, or nothing.
bool Grammar::on_violation(OnViolation& into) {
    if (!dialect_.writes.violations || !accept(Keyword::or_)) return true;
    if (accept(Keyword::abort_)) {
        into = OnViolation::abort;
    } else if (accept(Keyword::fail)) {
        into = OnViolation::fail;
    } else if (accept(Keyword::ignore)) {
        into = OnViolation::ignore;
    } else if (accept(Keyword::replace)) {
        into = OnViolation::replace;
    } else if (accept(Keyword::rollback)) {
        into = OnViolation::rollback;
    } else {
        return fail("ROLLBACK");
    }
    return true;
}

/// The verb begins at `verb` and is not yet taken.
bool Grammar::insert(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::insert;
    if (dialect_.writes.violations && accept(Keyword::replace)) {
        write.on_violation = OnViolation::replace;
    } else if (!expect(Keyword::insert) || !on_violation(write.on_violation)) {
        return false;
    }
    if (rules().oracle && (at(Keyword::all) || at(Keyword::first))) {
        return fail_with(ErrorCode::unsupported,
                         "INSERT ALL and INSERT FIRST, which write to several tables, are not understood",
                         begin_offset());
    }
    if (!expect(Keyword::into)) return false;
    write.verb = since(verb);
    write.target = insert_target();
    if (write.target == nullptr) return false;
    if (!at_query_in_parentheses() &&
        !inserted_columns(*write.target, write.columns, write.parts, write.columns_span))
        return false;
    if (!overriding(write.overriding) || !insert_source(write)) return false;
    return conflict_clauses(write) && write_tail(write);
}

/// DEFAULT VALUES, or a query.
bool Grammar::insert_source(Write& write) {
    const bool bare = write.columns.empty() && write.overriding == Overriding::none;
    if (dialect_.writes.default_rows && (bare || !rules().postgres) && accept(Keyword::default_))
        return expect(Keyword::values);
    if (!at_query() && !at_query_in_parentheses()) {
        if (dialect_.writes.default_rows) note_expected("DEFAULT VALUES");
        note_expected("VALUES");
        return fail("SELECT");
    }
    takes_defaults_ = dialect_.writes.default_values && at(Keyword::values);
    write.source = query();
    takes_defaults_ = false;
    if (write.source == nullptr) return false;
    if (const Expr* misplaced = misplaced_default(*write.source)) {
        return fail_with(ErrorCode::parse_error, "DEFAULT belongs to rows that are inserted as they are",
                         misplaced->span.begin);
    }
    if (rules().names_from_strings && at(Keyword::on) && ends_with_first_table(*write.source)) {
        return fail_with(ErrorCode::parse_error,
                         "ON behind a table is read as the condition of a join: write WHERE true before it",
                         begin_offset());
    }
    return true;
}

/// OVERRIDING {SYSTEM | USER} VALUE, or nothing.
bool Grammar::overriding(Overriding& into) {
    if (!dialect_.writes.overriding || !accept(Keyword::overriding)) return true;
    if (accept(Keyword::system)) {
        into = Overriding::system;
    } else if (expect(Keyword::user)) {
        into = Overriding::user;
    } else {
        return false;
    }
    return expect(Keyword::value);
}

/// A clause without targets is the last one; PostgreSQL has at most one.
bool Grammar::conflict_clauses(Write& write) {
    if (!dialect_.writes.conflicts) return true;
    // SQLite: what holds no row meets no conflict.
    if (rules().names_from_strings && write.source == nullptr) return true;
    while (at(Keyword::on)) {
        ConflictClause* clause = conflict_clause();
        if (clause == nullptr) return false;
        write.conflicts.append(clause);
        if (clause->targets.empty() || rules().postgres) return true;
    }
    if (write.conflicts.empty()) note_expected("ON CONFLICT");
    return true;
}

ConflictClause* Grammar::conflict_clause() {
    const std::uint32_t begin = begin_offset();
    ConflictClause* clause = node<ConflictClause>();
    if (clause == nullptr || !expect(Keyword::on) || !expect(Keyword::conflict)) return nullptr;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (!conflict_targets(clause->targets) || !close_paren() || !condition(clause->target_where))
            return nullptr;
    } else if (rules().postgres && accept(Keyword::on)) {
        if (!expect(Keyword::constraint) || !name(clause->constraint, "a constraint")) return nullptr;
    }
    if (!expect(Keyword::do_)) return nullptr;
    if (accept(Keyword::update)) {
        clause->updates = true;
        if (rules().postgres && clause->targets.empty() && !clause->constraint.present()) {
            fail_with(ErrorCode::parse_error, "ON CONFLICT DO UPDATE needs to know which conflict", begin);
            return nullptr;
        }
        const bool complete =
            expect(Keyword::set) && assignments(nullptr, clause->assignments) && condition(clause->where);
        if (!complete) return nullptr;
    } else if (!expect(Keyword::nothing)) {
        return nullptr;
    }
    clause->span = since(begin);
    return clause;
}

bool Grammar::conflict_targets(List<OrderTerm>& targets) {
    if (rules().postgres) {
        do {
            OrderTerm* target = conflict_target();
            if (target == nullptr) return false;
            targets.append(target);
        } while (comma());
        return true;
    }
    if (!order_terms(targets)) return false;
    for (const OrderTerm& term : targets) {
        if (term.nulls == NullsOrder::unspecified) continue;
        return fail_with(ErrorCode::parse_error, "NULLS FIRST and NULLS LAST say nothing about a conflict",
                         term.expr->span.begin);
    }
    return true;
}

/// PostgreSQL's index_elem: a column, a call or (an expression), [COLLATE name] [operator class].
OrderTerm* Grammar::conflict_target() {
    const std::uint32_t begin = begin_offset();
    OrderTerm* term = node<OrderTerm>();
    if (term == nullptr) return nullptr;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        term->expr = expression();
        if (term->expr == nullptr || !close_paren()) return nullptr;
        term->expr->parenthesized = true;
        if (finish(term->expr, begin) == nullptr) return nullptr;
    } else {
        term->expr = plain_operand();
        if (term->expr == nullptr) return nullptr;
        const bool column = term->expr->kind == ExprKind::column && term->expr->table == nullptr;
        if (!column && !is_windowless(*term->expr)) {
            fail_with(ErrorCode::parse_error,
                      "what conflicts is a column, a call or an expression in parentheses", begin);
            return nullptr;
        }
    }
    if (at(Keyword::collate)) term->expr = collation(term->expr);
    if (term->expr == nullptr) return nullptr;
    if (at_identifier()) {
        Name operator_class = take_name();
        while (!failed_ && accept(TokenKind::dot, "\".\"")) {
            if (!label_name(operator_class, "an operator class")) return nullptr;
        }
    }
    return failed_ ? nullptr : term;
}

/// The verb begins at `verb`; its first word is taken.
bool Grammar::update(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::update;
    if (!on_violation(write.on_violation)) return false;
    write.verb = since(verb);
    write.target = write_target();
    if (write.target == nullptr || !expect(Keyword::set) || !assignments(write.target, write.assignments))
        return false;
    return write_sources(write, Keyword::from) && write_condition(write.where) && write_tail(write) &&
           row_limit(write);
}

/// As update.
bool Grammar::deletion(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::delete_;
    if (rules().oracle) {
        accept(Keyword::from);
    } else if (!expect(Keyword::from)) {
        return false;
    }
    write.verb = since(verb);
    write.target = write_target();
    if (write.target == nullptr) return false;
    // SQLite deletes by the condition alone.
    const bool sources =
        rules().names_from_strings || write_sources(write, rules().oracle ? Keyword::from : Keyword::using_);
    return sources && write_condition(write.where) && write_tail(write) && row_limit(write);
}

/// FROM ... or USING ..., as `word` says, or nothing.
bool Grammar::write_sources(Write& write, Keyword word) {
    const std::uint32_t begin = begin_offset();
    if (!accept(word)) return true;
    if (!from_items(write.from)) return false;
    write.from_span = since(begin);
    return true;
}

/// WHERE ..., or nothing.
bool Grammar::write_condition(Expr*& into) {
    if (!rules().names_from_strings && at(Keyword::where, Keyword::current) &&
        peek(2).keyword == Keyword::of) {
        return fail_with(ErrorCode::unsupported,
                         "WHERE CURRENT OF needs a cursor, which no statement has here", begin_offset());
    }
    return condition(into);
}

/// What follows the rows: RETURNING; of Oracle's clauses none is understood.
bool Grammar::write_tail(Write& write) {
    if (!rules().oracle) return returning(write);
    if (at(Keyword::returning) || at(Keyword::return_)) {
        return fail_with(ErrorCode::unsupported,
                         "RETURNING INTO, which sets variables of the caller, is not understood",
                         begin_offset());
    }
    if (at(Keyword::log, Keyword::errors)) {
        return fail_with(ErrorCode::unsupported,
                         "LOG ERRORS, which writes to another table, is not understood", begin_offset());
    }
    return true;
}

/// RETURNING ..., or nothing.
bool Grammar::returning(Write& write) {
    const std::uint32_t begin = begin_offset();
    if (!dialect_.writes.returning || !accept(Keyword::returning)) return true;
    do {
        ResultColumn* column = result_column();
        if (column == nullptr) return false;
        write.returning.append(column);
    } while (comma());
    write.returning_span = since(begin);
    return true;
}

/// ORDER BY and LIMIT of UPDATE and DELETE, which Debian's SQLite is built with (SQLITE_ENABLE_UPDATE_DELETE_LIMIT).
bool Grammar::row_limit(Write& write) {
    if (!dialect_.writes.violations) return true;
    if (accept(Keyword::order)) {
        if (!expect(Keyword::by) || !order_terms(write.order_by)) return false;
        if (!at(Keyword::limit)) return fail("LIMIT");
    }
    return sqlite_limit(write.limit, write.offset);
}

}  // namespace majed::sql
