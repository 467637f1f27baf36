// SPDX-License-Identifier: Apache-2.0
#include "sql/grammar.h"
#include "sql/parser.h"
#include "sql/write_tree.h"

#include <cstddef>

namespace majed::sql {
namespace {

bool is_write_verb(Keyword keyword) noexcept {
    return keyword == Keyword::insert || keyword == Keyword::replace || keyword == Keyword::update ||
           keyword == Keyword::delete_;
}

/// Does the query end with the first table of its FROM clause, so that ON would join it?
bool ends_with_first_table(const Select& select) noexcept {
    const Core& last = *select.cores.last;
    const bool clause = last.where != nullptr || !last.group_by.empty() || last.having != nullptr ||
                        !last.windows.empty() || !select.order_by.empty() || select.limit != nullptr;
    return !clause && last.from.size == 1;
}

}  // namespace

/// A verb at the start, or behind the parenthesis that closes the last table of WITH: elsewhere REPLACE may be a name.
bool Grammar::at_write() const noexcept {
    if (!at(Keyword::with)) return is_write_verb(peek().keyword);
    std::size_t depth = 0;
    for (std::size_t ahead = 1; peek(ahead).kind != TokenKind::end; ++ahead) {
        const Token& token = peek(ahead);
        if (token.kind == TokenKind::left_paren) ++depth;
        if (token.kind == TokenKind::right_paren && depth > 0) --depth;
        const bool behind_table = depth == 0 && peek(ahead - 1).kind == TokenKind::right_paren;
        if (!behind_table || token.kind == TokenKind::comma || token.keyword == Keyword::as) continue;
        return is_write_verb(token.keyword);
    }
    return false;
}

Statement Grammar::whole_statement() {
    Statement statement;
    if (at_write()) {
        statement.statement_class = StatementClass::write;
        statement.write = write();
        if (statement.write == nullptr || !end_of_statement()) statement.write = nullptr;
    } else {
        statement.statement_class = StatementClass::read;
        statement.query = whole_query();
    }
    return statement;
}

Write* Grammar::write() {
    const std::uint32_t begin = begin_offset();
    Write* write = node<Write>();
    if (write == nullptr) return nullptr;
    if (at(Keyword::with)) {
        write->with = with_clause();
        if (write->with == nullptr) return nullptr;
    }
    const std::uint32_t verb = begin_offset();
    if (accept(Keyword::update)) {
        if (!update(*write, verb)) return nullptr;
    } else if (accept(Keyword::delete_)) {
        if (!deletion(*write, verb)) return nullptr;
    } else if (!insert(*write, verb)) {
        return nullptr;
    }
    write->span = since(begin);
    return write;
}

/// OR ABORT, OR FAIL, OR IGNORE, OR REPLACE, OR ROLLBACK, or nothing.
bool Grammar::on_violation(OnViolation& into) {
    if (!accept(Keyword::or_)) return true;
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

/// [schema.]table [AS alias], and where `hinted` an index hint (parse.y xfullname: AS is not left out).
FromItem* Grammar::write_target(bool hinted) {
    const std::uint32_t begin = begin_offset();
    FromItem* item = node<FromItem>();
    if (item == nullptr || !qualified_name(*item)) return nullptr;
    item->reference = since(begin);
    if (accept(Keyword::as) && !name(item->alias, "a name")) return nullptr;
    if (hinted && !index_hint(*item)) return nullptr;
    item->span = since(begin);
    return item;
}

/// The verb begins at `verb` and is not yet taken.
bool Grammar::insert(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::insert;
    if (accept(Keyword::replace)) {
        write.on_violation = OnViolation::replace;
    } else if (!expect(Keyword::insert) || !on_violation(write.on_violation)) {
        return false;
    }
    if (!expect(Keyword::into)) return false;
    write.verb = since(verb);
    write.target = write_target(false);
    if (write.target == nullptr) return false;
    const std::uint32_t list = begin_offset();
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (!name_list(write.columns) || !close_paren()) return false;
        write.columns_span = since(list);
    }
    if (accept(Keyword::default_)) return expect(Keyword::values) && returning(write);
    if (!at_query()) {
        note_expected("DEFAULT VALUES");
        note_expected("VALUES");
        return fail("SELECT");
    }
    write.source = query();
    if (write.source == nullptr) return false;
    if (at(Keyword::on) && ends_with_first_table(*write.source)) {
        return fail_with(ErrorCode::parse_error,
                         "ON behind a table is read as the condition of a join: write WHERE true before it",
                         begin_offset());
    }
    return conflict_clauses(write.conflicts) && returning(write);
}

/// A clause without targets is the last one.
bool Grammar::conflict_clauses(List<ConflictClause>& clauses) {
    while (at(Keyword::on)) {
        ConflictClause* clause = conflict_clause();
        if (clause == nullptr) return false;
        clauses.append(clause);
        if (clause->targets.empty()) break;
    }
    if (clauses.empty()) note_expected("ON CONFLICT");
    return true;
}

ConflictClause* Grammar::conflict_clause() {
    const std::uint32_t begin = begin_offset();
    ConflictClause* clause = node<ConflictClause>();
    if (clause == nullptr || !expect(Keyword::on) || !expect(Keyword::conflict)) return nullptr;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (!order_terms(clause->targets) || !close_paren()) return nullptr;
        for (const OrderTerm& term : clause->targets) {
            if (term.nulls == NullsOrder::unspecified) continue;
            fail_with(ErrorCode::parse_error, "NULLS FIRST and NULLS LAST say nothing about a conflict",
                      term.expr->span.begin);
            return nullptr;
        }
        if (!condition(clause->target_where)) return nullptr;
    }
    if (!expect(Keyword::do_)) return nullptr;
    if (accept(Keyword::update)) {
        clause->updates = true;
        const bool complete =
            expect(Keyword::set) && assignments(clause->assignments) && condition(clause->where);
        if (!complete) return nullptr;
    } else if (!expect(Keyword::nothing)) {
        return nullptr;
    }
    clause->span = since(begin);
    return clause;
}

/// The verb begins at `verb`; its first word is taken.
bool Grammar::update(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::update;
    if (!on_violation(write.on_violation)) return false;
    write.verb = since(verb);
    write.target = write_target(true);
    if (write.target == nullptr || !expect(Keyword::set) || !assignments(write.assignments)) return false;
    const std::uint32_t from = begin_offset();
    if (accept(Keyword::from)) {
        if (!from_items(write.from)) return false;
        write.from_span = since(from);
    }
    return condition(write.where) && returning(write) && row_limit(write);
}

/// As update.
bool Grammar::deletion(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::delete_;
    if (!expect(Keyword::from)) return false;
    write.verb = since(verb);
    write.target = write_target(true);
    return write.target != nullptr && condition(write.where) && returning(write) && row_limit(write);
}

bool Grammar::assignments(List<Assignment>& list) {
    do {
        const std::uint32_t begin = begin_offset();
        Assignment* each = node<Assignment>();
        if (each == nullptr) return false;
        if (accept(TokenKind::left_paren, "\"(\"")) {
            each->has_parens = true;
            if (!name_list(each->columns) || !close_paren()) return false;
        } else {
            NameNode* column = node<NameNode>();
            if (column == nullptr || !name(column->name, "a column name")) return false;
            each->columns.append(column);
        }
        if (!expect(TokenKind::equal, "\"=\"")) return false;
        each->value = expression();
        if (each->value == nullptr) return false;
        each->span = since(begin);
        list.append(each);
    } while (comma());
    return true;
}

/// WHERE ..., or nothing.
bool Grammar::returning(Write& write) {
    const std::uint32_t begin = begin_offset();
    if (!accept(Keyword::returning)) return true;
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
    if (accept(Keyword::order)) {
        if (!expect(Keyword::by) || !order_terms(write.order_by)) return false;
        if (!at(Keyword::limit)) return fail("LIMIT");
    }
    return sqlite_limit(write.limit, write.offset);
}

}  // namespace majed::sql
