// SPDX-License-Identifier: Apache-2.0
// What writes write to: tables, columns and parts of columns, and the values that go into them.
#include "sql/grammar.h"
#include "sql/parser.h"
#include "sql/write_tree.h"

#include <cstddef>

namespace majed::sql {

/// Of INSERT: [schema.]table, SQLite and PostgreSQL: [AS alias], Oracle: [PARTITION (p)] [alias], or a query in the table's
/// place.
FromItem* Grammar::insert_target() {
    const std::uint32_t begin = begin_offset();
    FromItem* item = node<FromItem>();
    if (item == nullptr || !target_query(*item)) return nullptr;
    const bool named = item->select == nullptr;
    if (named && !written_name(*item)) return nullptr;
    if (rules().oracle) {
        if (named && !table_version(*item)) return nullptr;
        if (at_bare_alias()) item->alias = take_name();
        if (failed_) return nullptr;
    } else if (accept(Keyword::as) && !name(item->alias, "a name")) {
        return nullptr;
    }
    item->span = since(begin);
    return item;
}

/// Of UPDATE, DELETE and MERGE: as of INSERT, in SQLite with an index hint (parse.y xfullname: AS is not left out), in the
/// others with ONLY and an alias without AS.
FromItem* Grammar::write_target() {
    const std::uint32_t begin = begin_offset();
    FromItem* item = node<FromItem>();
    if (item == nullptr || !target_query(*item)) return nullptr;
    const bool named = item->select == nullptr;
    if (named && !rules().names_from_strings && accept(Keyword::only)) item->only = true;
    const bool parens =
        item->only && (rules().oracle ? open_paren() : accept(TokenKind::left_paren, "\"(\""));
    if (failed_ || (named && !written_name(*item)) || (parens && !close_paren())) return nullptr;
    if (rules().postgres && !item->only) accept(TokenKind::star, "\"*\"");
    if (rules().oracle && named && !table_version(*item)) return nullptr;
    if (!rules().oracle && accept(Keyword::as)) {
        if (!name(item->alias, "a name")) return nullptr;
    } else if (!rules().names_from_strings && at_bare_alias() && !at(Keyword::set)) {
        item->alias = take_name();
    }
    if (failed_ || (dialect_.writes.index_hints && !index_hint(*item))) return nullptr;
    item->span = since(begin);
    return item;
}

/// Oracle: (SELECT ... [WITH CHECK OPTION]), without its alias, or nothing. Which of them is one table's rows, the resolver
/// knows. Rows of a collection are not written to.
bool Grammar::target_query(FromItem& item) {
    if (!rules().oracle) return true;
    const std::uint32_t begin = begin_offset();
    if (at(Keyword::table) && peek(1).kind == TokenKind::left_paren)
        return fail_with(ErrorCode::unsupported, "only a table with a name can be written to", begin);
    if (!accept(TokenKind::left_paren, "\"(\"")) return true;
    item.kind = FromKind::subquery;
    item.select = query();
    if (item.select == nullptr) return false;
    if (accept(Keyword::with)) {
        if (!expect(Keyword::check) || !expect(Keyword::option)) return false;
        item.check_option = true;
    }
    if (!close_paren()) return false;
    item.reference = since(begin);
    return true;
}

/// ( before a query, where it could begin a list of columns.
bool Grammar::at_query_in_parentheses() {
    if (rules().names_from_strings || !at(TokenKind::left_paren)) return false;
    if (peek(1).kind == TokenKind::left_paren) return true;
    // A column may be called VALUES in PostgreSQL.
    if (peek(1).keyword == Keyword::values) return peek(2).kind == TokenKind::left_paren;
    return at_query(1);
}

/// (a, b, ...) of an INSERT, or nothing.
bool Grammar::inserted_columns(const FromItem& target, List<NameNode>& columns, List<Expr>& parts,
                               Span& span) {
    const std::uint32_t begin = begin_offset();
    if (!accept(TokenKind::left_paren, "\"(\"")) return true;
    if (!written_columns(&target, columns, parts) || !close_paren()) return false;
    span = since(begin);
    return true;
}

bool Grammar::written_columns(const FromItem* target, List<NameNode>& columns, List<Expr>& parts) {
    do {
        if (!written_column(target, columns, parts)) return false;
    } while (comma());
    return true;
}

/// column; PostgreSQL: column[1].field; Oracle: [[schema.]target.]column
bool Grammar::written_column(const FromItem* target, List<NameNode>& columns, List<Expr>& parts) {
    NameNode* column = node<NameNode>();
    if (column == nullptr) return false;
    if (dialect_.writes.qualified_columns && target != nullptr && !target_qualifier(*target)) return false;
    const std::uint32_t begin = begin_offset();
    if (!name(column->name, "a column name")) return false;
    columns.append(column);
    if (!dialect_.writes.column_parts || (!at(TokenKind::dot) && !at(TokenKind::left_bracket))) return true;
    Expr* part = node(ExprKind::column);
    if (part == nullptr) return false;
    part->name = column->name;
    part = finish(part, begin);
    if (part != nullptr) part = indirection(part);
    if (part == nullptr) return false;
    if (part->kind == ExprKind::field && part->star_argument) {
        return fail_with(ErrorCode::parse_error, "* is no part of a column that can be written", begin);
    }
    parts.append(part);
    return true;
}

/// Oracle: what stands before a column must be the target's own name; an attribute of an object is not written to.
bool Grammar::target_qualifier(const FromItem& target) {
    const std::uint32_t begin = begin_offset();
    std::size_t dots = 0;
    while (at_name(2 * dots) && peek(2 * dots + 1).kind == TokenKind::dot) ++dots;
    if (dots == 0) return true;
    const bool with_schema = dots == 2 && !target.alias.present() && target.schema.present();
    bool own = dots == 1 || with_schema;
    if (own && with_schema) {
        own = take_name().value == target.schema.value;
        ++at_;
    }
    if (own) {
        own = take_name().value == target.visible_name();
        ++at_;
    }
    if (failed_) return false;
    return own || fail_with(ErrorCode::unsupported, "only whole columns of the target can be written", begin);
}

/// `target` is nullptr behind ON CONFLICT, where no column takes a qualifier.
bool Grammar::assignments(const FromItem* target, List<Assignment>& list) {
    do {
        const std::uint32_t begin = begin_offset();
        Assignment* each = node<Assignment>();
        if (each == nullptr) return false;
        if (accept(TokenKind::left_paren, "\"(\"")) {
            each->has_parens = true;
            if (!written_columns(target, each->columns, each->parts) || !close_paren()) return false;
        } else if (!written_column(target, each->columns, each->parts)) {
            return false;
        }
        if (!expect(TokenKind::equal, "\"=\"")) return false;
        each->value = each->has_parens ? row_value() : value();
        if (each->value == nullptr) return false;
        each->span = since(begin);
        list.append(each);
    } while (comma());
    return true;
}

/// DEFAULT, or an expression.
Expr* Grammar::value() {
    if (!dialect_.writes.default_values || !at(Keyword::default_)) return expression();
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node(ExprKind::default_value);
    return expr == nullptr ? nullptr : finish(expr, begin);
}

bool Grammar::value_list(List<Expr>& list) {
    do {
        Expr* each = value();
        if (each == nullptr) return false;
        list.append(each);
    } while (comma());
    return true;
}

/// What several columns at once are set to. A row that holds DEFAULT is no expression.
Expr* Grammar::row_value() {
    const std::uint32_t begin = begin_offset();
    if (!at_row_with_default()) {
        Expr* expr = expression();
        if (expr == nullptr || rules().names_from_strings) return expr;
        if (expr->kind == ExprKind::subquery || (rules().postgres && expr->kind == ExprKind::row))
            return expr;
        fail_with(ErrorCode::parse_error,
                  rules().oracle ? "several columns at once are set to a query"
                                 : "several columns at once are set to a row or a query",
                  begin);
        return nullptr;
    }
    Expr* row = node(ExprKind::row);
    if (row == nullptr) return nullptr;
    row->parenthesized = !accept(Keyword::row);
    if (!open_paren() || !value_list(row->args)) return nullptr;
    if (row->parenthesized && row->args.size == 1) {
        fail("\",\"");
        return nullptr;
    }
    return close_paren() ? finish(row, begin) : nullptr;
}

bool Grammar::at_row_with_default() const noexcept {
    if (!rules().postgres) return false;
    std::size_t ahead = at(Keyword::row) ? 1 : 0;
    if (peek(ahead).kind != TokenKind::left_paren) return false;
    std::size_t depth = 0;
    for (; peek(ahead).kind != TokenKind::end; ++ahead) {
        const TokenKind kind = peek(ahead).kind;
        if (kind == TokenKind::left_paren) ++depth;
        if (kind == TokenKind::right_paren && --depth == 0) return false;
        if (depth == 1 && peek(ahead).keyword == Keyword::default_) return true;
    }
    return false;
}

}  // namespace majed::sql
