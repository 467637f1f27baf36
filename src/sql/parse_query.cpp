// SPDX-License-Identifier: Apache-2.0
// Queries: WITH, compounds, the clauses of SELECT, ORDER BY, limits, locks.
#include "sql/grammar.h"
#include "sql/parser.h"

#include <string>
#include <utility>

namespace majed::sql {
namespace {

/// PostgreSQL: what stands behind `t.*` where it is a row with which something is done: t.* IS NULL, t.*::text
bool operates_on(const Token& next, const Dialect& dialect) noexcept {
    const bool word =
        is_any<Keyword::is, Keyword::isnull, Keyword::notnull, Keyword::in, Keyword::between, Keyword::not_>(
            next.keyword);
    return dialect.grammar.postgres &&
           (word || next.kind == TokenKind::double_colon ||
            dialect.infix.at(static_cast<std::size_t>(next.kind)).op != Operator::none);
}

}  // namespace

/// Does a query begin here? Where queries may stand in parentheses of their own, what follows these decides.
bool Grammar::at_query(std::size_t ahead) {
    const Token& token = peek(ahead);
    if (token.keyword == Keyword::select || token.keyword == Keyword::values ||
        token.keyword == Keyword::with) {
        // A column may be called VALUES in Oracle and WITH nowhere.
        return !rules().oracle || token.keyword != Keyword::values ||
               peek(ahead + 1).kind == TokenKind::left_paren;
    }
    if (rules().postgres && token.keyword == Keyword::table) return true;
    if (rules().names_from_strings || token.kind != TokenKind::left_paren || !at_query(ahead + 1))
        return false;
    const Token& after = after_parenthesis(ahead);
    if (is_any<Keyword::union_, Keyword::intersect, Keyword::except, Keyword::minus, Keyword::order,
               Keyword::limit, Keyword::offset, Keyword::fetch, Keyword::for_>(after.keyword)) {
        return true;
    }
    return after.kind == TokenKind::right_paren || after.kind == TokenKind::semicolon ||
           after.kind == TokenKind::end;
}

/// A result column's name without AS.
bool Grammar::at_bare_label() const noexcept {
    const Token& token = peek();
    if (token.kind == TokenKind::identifier || token.kind == TokenKind::quoted) return true;
    if (token.kind == TokenKind::string) return rules().names_from_strings;
    if (token.kind != TokenKind::keyword || !dialect_.uses(token.keyword).label) return false;
    return !rules().names_from_strings || (token.keyword != Keyword::indexed && !at_window_clause());
}

/// A table's name without AS.
bool Grammar::at_bare_alias() const noexcept {
    if (rules().postgres) return at_identifier();
    return at_bare_label();
}

bool Grammar::result_alias(Name& into) {
    if (accept(Keyword::as)) return label_name(into, "a name");
    if (at_bare_label()) into = take_name();
    return !failed_;
}

bool Grammar::table_alias(Name& into) {
    if (!rules().oracle && accept(Keyword::as)) return name(into, "a name");
    if (at_bare_alias()) into = take_name();
    return !failed_;
}

Select* Grammar::query() {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    const std::uint32_t begin = begin_offset();
    With* with = nullptr;
    if (at(Keyword::with)) {
        with = with_clause();
        if (with == nullptr) return nullptr;
    }
    return query_behind(with, begin);
}

/// The query began at `begin`; `with` is what stands there, or nullptr.
Select* Grammar::query_behind(With* with, std::uint32_t begin) {
    Select* select = node<Select>();
    if (select == nullptr) return nullptr;
    select->with = with;
    if (!query_body(*select)) return nullptr;
    // In SQLite VALUES takes no ORDER BY or LIMIT of its own (parse.y oneselect).
    const bool takes_tail = !rules().names_from_strings || !select->cores.last->is_values;
    if (failed_ || (takes_tail && !query_tail(*select))) return nullptr;
    select->span = since(begin);
    return select;
}

bool Grammar::query_body(Select& select) {
    CompoundOperator op = CompoundOperator::none;
    do {
        Core* next = core();
        if (next == nullptr) return false;
        next->compound = op;
        select.cores.append(next);
        if (select.cores.size > limits::compound_cores)
            return fail_with(ErrorCode::too_large, "the statement has too many UNION terms", begin_offset());
    } while (compound_operator(op));
    return !failed_;
}

bool Grammar::compound_operator(CompoundOperator& op) {
    if (accept(Keyword::union_)) {
        op = CompoundOperator::union_;
    } else if (accept(Keyword::except) || (rules().oracle && accept(Keyword::minus))) {
        op = CompoundOperator::except;
    } else if (accept(Keyword::intersect)) {
        op = CompoundOperator::intersect;
    } else {
        return false;
    }
    const bool takes_all = op == CompoundOperator::union_ || !rules().names_from_strings;
    if (takes_all && accept(Keyword::all)) {
        if (op == CompoundOperator::union_) op = CompoundOperator::union_all;
    } else if (rules().postgres) {
        accept(Keyword::distinct);
    }
    return true;
}

With* Grammar::with_clause() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    With* with = node<With>();
    if (with == nullptr) return nullptr;
    if (rules().oracle && (at_word("function") || at_word("procedure"))) {
        fail_with(ErrorCode::denied, "PL/SQL in WITH is not allowed", begin_offset());
        return nullptr;
    }
    // WITH recursive AS (...) names a table; WITH RECURSIVE name ... is the keyword.
    const bool names_table = peek(1).keyword == Keyword::as || peek(1).kind == TokenKind::left_paren;
    if (at(Keyword::recursive) && !rules().oracle && (!names_table || rules().postgres)) {
        ++at_;
        with->recursive = true;
    }
    do {
        Cte* next = cte();
        if (next == nullptr) return nullptr;
        with->ctes.append(next);
    } while (comma());
    with->span = since(begin);
    return with;
}

Cte* Grammar::cte() {
    const std::uint32_t begin = begin_offset();
    Cte* cte = node<Cte>();
    if (cte == nullptr || !name(cte->name, "a table name")) return nullptr;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (!name_list(cte->column_names) || !close_paren()) return nullptr;
    }
    if (!expect(Keyword::as)) return nullptr;
    if (!rules().oracle) {
        if (accept(Keyword::not_)) {
            if (!expect(Keyword::materialized)) return nullptr;
        } else {
            accept(Keyword::materialized);
        }
    }
    if (!open_paren()) return nullptr;
    if (rules().postgres && at_write_verb()) {
        met_write_ = true;
        fail_with(ErrorCode::unsupported, "a write inside WITH is not understood", begin_offset());
        return nullptr;
    }
    if (!at_query()) {
        fail("SELECT");
        return nullptr;
    }
    cte->select = query();
    if (cte->select == nullptr || !close_paren()) return nullptr;
    if (!rules().names_from_strings && !cte_tail(*cte)) return nullptr;
    cte->span = since(begin);
    return cte;
}

/// SEARCH DEPTH FIRST BY a, b SET c; CYCLE a, b SET c [TO x DEFAULT y] [USING d].
bool Grammar::cte_tail(Cte& cte) {
    List<NameNode> by;
    const auto add = [&] {
        NameNode* added = node<NameNode>();
        if (added == nullptr || !name(added->name, "a column name")) return false;
        cte.added_columns.append(added);
        return true;
    };
    if (accept(Keyword::search)) {
        if (!accept(Keyword::depth) && !expect(Keyword::breadth)) return false;
        if (!expect(Keyword::first) || !expect(Keyword::by)) return false;
        List<OrderTerm> terms;
        if (!(rules().oracle ? order_terms(terms) : name_list(by))) return false;
        if (!expect(Keyword::set) || !add()) return false;
    }
    if (!accept(Keyword::cycle)) return true;
    if (!name_list(by) || !expect(Keyword::set) || !add()) return false;
    if (accept(Keyword::to)) {
        if (expression() == nullptr || !expect(Keyword::default_) || expression() == nullptr) return false;
    }
    if (rules().postgres) return expect(Keyword::using_) && add();
    return true;
}

Core* Grammar::core() {
    if (!rules().names_from_strings && at(TokenKind::left_paren)) return nested_core();
    if (rules().postgres && at(Keyword::table)) return table_core();
    const std::uint32_t begin = begin_offset();
    Core* core = node<Core>();
    if (core == nullptr) return nullptr;
    if (accept(Keyword::values)) {
        core->is_values = true;
        if (!values_rows(*core)) return nullptr;
    } else {
        if (!expect(Keyword::select) || !select_quantifier(*core)) return nullptr;
        // PostgreSQL takes SELECT without columns, but not SELECT DISTINCT.
        const bool none = rules().postgres && !core->distinct &&
                          (at(TokenKind::end) || at(TokenKind::right_paren) || at(Keyword::from) ||
                           at(Keyword::where) || at(Keyword::union_) || at(TokenKind::semicolon) ||
                           at(Keyword::except) || at(Keyword::intersect) || at(Keyword::limit) ||
                           at(Keyword::group) || at(Keyword::having) || at(Keyword::order));
        if ((!none && !result_columns(*core)) || !core_clauses(*core)) return nullptr;
    }
    core->span = since(begin);
    return core;
}

/// A query in parentheses, as an operand of UNION.
Core* Grammar::nested_core() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Core* core = node<Core>();
    if (core == nullptr) return nullptr;
    core->nested = query();
    if (core->nested == nullptr || !close_paren()) return nullptr;
    core->span = since(begin);
    return core;
}

/// TABLE t is SELECT * FROM t.
Core* Grammar::table_core() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Core* core = node<Core>();
    ResultColumn* star = node<ResultColumn>();
    FromItem* item = node<FromItem>();
    if (core == nullptr || star == nullptr || item == nullptr || !table_reference(*item)) return nullptr;
    core->is_table = true;
    star->kind = ResultKind::star;
    core->columns.append(star);
    core->from.append(item);
    core->span = since(begin);
    return core;
}

bool Grammar::select_quantifier(Core& core) {
    if (accept(Keyword::distinct) || (rules().oracle && accept(Keyword::unique))) {
        core.distinct = true;
        if (rules().postgres && accept(Keyword::on))
            return open_paren() && expression_list(core.distinct_on) && close_paren();
    } else {
        accept(Keyword::all);
    }
    return true;
}

/// WHERE, of queries and of writes.
bool Grammar::condition(Expr*& into) {
    if (!accept(Keyword::where)) return true;
    into = expression();
    return into != nullptr;
}

bool Grammar::core_clauses(Core& core) {
    if (!rules().names_from_strings && at(Keyword::into)) {
        return fail_with(ErrorCode::denied, "SELECT INTO is not allowed: it makes a table or sets variables",
                         begin_offset());
    }
    if (accept(Keyword::from) && !from_items(core.from)) return false;
    if (!condition(core.where)) return false;
    if (rules().oracle && !hierarchical(core)) return false;
    if (accept(Keyword::group) && !group_by(core)) return false;
    if (accept(Keyword::having)) {
        core.having = expression();
        if (core.having == nullptr) return false;
    }
    if (rules().oracle && core.group_by.empty() && accept(Keyword::group) && !group_by(core)) return false;
    if (rules().oracle && at_word("model")) {
        return fail_with(ErrorCode::unsupported, "MODEL is not understood", begin_offset());
    }
    return !at_window_clause() || window_clause(core);
}

/// START WITH ... CONNECT BY ..., in either order.
bool Grammar::hierarchical(Core& core) {
    for (int clauses = 0; clauses < 2; ++clauses) {
        if (core.connect_by == nullptr && accept(Keyword::connect)) {
            if (!expect(Keyword::by)) return false;
            accept(Keyword::nocycle);
            core.connect_by = expression();
            if (core.connect_by == nullptr) return false;
        } else if (core.start_with == nullptr && accept(Keyword::start)) {
            if (!expect(Keyword::with)) return false;
            core.start_with = expression();
            if (core.start_with == nullptr) return false;
        }
    }
    return core.start_with == nullptr || core.connect_by != nullptr || fail("CONNECT BY");
}

bool Grammar::group_by(Core& core) {
    if (!expect(Keyword::by)) return false;
    if (rules().names_from_strings) return expression_list(core.group_by);
    if (rules().postgres && !accept(Keyword::distinct)) accept(Keyword::all);
    do {
        Expr* element = grouping_element();
        if (element == nullptr) return false;
        core.group_by.append(element);
    } while (comma());
    return true;
}

/// An expression, (), ROLLUP (...), CUBE (...), GROUPING SETS (...).
Expr* Grammar::grouping_element() {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    const std::uint32_t begin = begin_offset();
    const bool sets = at(Keyword::grouping) && peek(1).keyword == Keyword::sets;
    const bool rollup = (at(Keyword::rollup) || at(Keyword::cube)) && peek(1).kind == TokenKind::left_paren;
    if (!sets && !rollup && !(at(TokenKind::left_paren) && peek(1).kind == TokenKind::right_paren))
        return expression();
    Expr* expr = node(sets || rollup ? ExprKind::grouping : ExprKind::row);
    if (expr == nullptr) return nullptr;
    if (sets || rollup) {
        const std::uint32_t word = begin_offset();
        at_ += sets ? 2 : 1;
        expr->name = Name{since(word).in(text_), since(word), Quote::none};
    }
    if (!open_paren()) return nullptr;
    if (!at(TokenKind::right_paren)) {
        do {
            Expr* element = grouping_element();
            if (element == nullptr) return nullptr;
            expr->args.append(element);
        } while (comma());
    }
    return close_paren() ? finish(expr, begin) : nullptr;
}

bool Grammar::values_rows(Core& core) {
    const bool defaults = std::exchange(takes_defaults_, false);
    do {
        ValuesRow* row = node<ValuesRow>();
        if (row == nullptr || !open_paren()) return false;
        if (!(defaults ? value_list(row->cells) : expression_list(row->cells)) || !close_paren())
            return false;
        core.rows.append(row);
    } while (comma());
    return true;
}

bool Grammar::result_columns(Core& core) {
    do {
        ResultColumn* column = result_column();
        if (column == nullptr) return false;
        core.columns.append(column);
    } while (comma());
    return true;
}

ResultColumn* Grammar::result_column() {
    const std::uint32_t begin = begin_offset();
    ResultColumn* column = node<ResultColumn>();
    bool star = false;
    if (column == nullptr || !result_star(*column, star)) return nullptr;
    if (!star) {
        column->expr = expression();
        if (column->expr == nullptr || !result_alias(column->alias)) return nullptr;
    }
    column->span = since(begin);
    return column;
}

/// *, table.*, schema.table.*
bool Grammar::result_star(ResultColumn& column, bool& found) {
    found = true;
    if (accept(TokenKind::star, "\"*\"")) {
        column.kind = ResultKind::star;
        return true;
    }
    if (at_name() && peek(1).kind == TokenKind::dot) {
        const bool with_schema = peek(2).kind != TokenKind::star;
        if (operates_on(peek(with_schema ? 5 : 3), dialect_)) {
            found = false;
            return true;
        }
        if (!with_schema) {
            column.kind = ResultKind::table_star;
            column.table = take_name();
            at_ += 2;
            return !failed_;
        }
        if (!rules().names_from_strings && at_label(2) && peek(3).kind == TokenKind::dot &&
            peek(4).kind == TokenKind::star) {
            column.kind = ResultKind::table_star;
            column.schema = take_name();
            ++at_;
            column.table = take_name();
            at_ += 2;
            return !failed_;
        }
    }
    found = false;
    return true;
}

bool Grammar::order_terms(List<OrderTerm>& terms) {
    do {
        OrderTerm* term = node<OrderTerm>();
        if (term == nullptr) return false;
        term->expr = expression();
        if (term->expr == nullptr) return false;
        if (rules().postgres && accept(Keyword::using_)) {
            if (dialect_.infix.at(static_cast<std::size_t>(peek().kind)).op == Operator::none)
                return fail("an operator");
            ++at_;
        } else if (!accept(Keyword::asc)) {
            accept(Keyword::desc);
        }
        if (accept(Keyword::nulls)) {
            if (accept(Keyword::first)) {
                term->nulls = NullsOrder::first;
            } else if (expect(Keyword::last)) {
                term->nulls = NullsOrder::last;
            } else {
                return false;
            }
        }
        terms.append(term);
    } while (comma());
    return true;
}

bool Grammar::query_tail(Select& select) {
    if (accept(Keyword::order)) {
        accept(Keyword::siblings);
        if (!expect(Keyword::by) || !order_terms(select.order_by)) return false;
    }
    if (rules().names_from_strings) return sqlite_limit(select.limit, select.offset);
    return locking_clauses(select) && limit_clauses(select) && locking_clauses(select);
}

/// LIMIT n [OFFSET m], LIMIT m, n: of queries and of writes.
bool Grammar::sqlite_limit(Expr*& limit, Expr*& offset) {
    if (!accept(Keyword::limit)) return true;
    limit = expression();
    if (limit == nullptr) return false;
    if (!accept(Keyword::offset) && !comma()) return true;
    offset = expression();
    return offset != nullptr;
}

/// LIMIT, OFFSET, FETCH FIRST: each at most once, in any order.
bool Grammar::limit_clauses(Select& select) {
    for (;;) {
        if (rules().postgres && select.limit == nullptr && accept(Keyword::limit)) {
            if (accept(Keyword::all)) continue;
            select.limit = expression();
            if (select.limit == nullptr) return false;
        } else if (select.offset == nullptr && accept(Keyword::offset)) {
            select.offset = expression();
            if (select.offset == nullptr) return false;
            if (!accept(Keyword::row)) accept(Keyword::rows);
        } else if (select.limit == nullptr && at(Keyword::fetch)) {
            if (!fetch_clause(select)) return false;
        } else {
            return !failed_;
        }
    }
}

/// FETCH {FIRST | NEXT} [n [PERCENT]] {ROW | ROWS} {ONLY | WITH TIES}
bool Grammar::fetch_clause(Select& select) {
    ++at_;
    if (!accept(Keyword::first) && !expect(Keyword::next)) return false;
    if (!at(Keyword::row) && !at(Keyword::rows)) {
        select.limit = operand();
        if (select.limit == nullptr) return false;
        if (rules().oracle) accept(Keyword::percent);
    }
    if (!accept(Keyword::row) && !expect(Keyword::rows)) return false;
    return accept(Keyword::only) || (expect(Keyword::with) && expect(Keyword::ties));
}

/// FOR {UPDATE | NO KEY UPDATE | SHARE | KEY SHARE} [OF ...] [NOWAIT | SKIP LOCKED | WAIT n]
bool Grammar::locking_clauses(Select& select) {
    while (at(Keyword::for_)) {
        ++at_;
        select.locks = true;
        if (rules().postgres && accept(Keyword::no)) {
            if (!expect(Keyword::key) || !expect(Keyword::update)) return false;
        } else if (rules().postgres && accept(Keyword::key)) {
            if (!expect(Keyword::share)) return false;
        } else if (!accept(Keyword::update) && !(rules().postgres && accept(Keyword::share))) {
            return rules().postgres && at_word("read") ? accept_word("read") && expect(Keyword::only)
                                                       : fail("UPDATE");
        }
        if (accept(Keyword::of)) {
            do {
                NameNode* locked = node<NameNode>();
                if (locked == nullptr || !name(locked->name, "a table name")) return false;
                while (accept(TokenKind::dot, "\".\"")) {
                    if (!label_name(locked->name, "a name")) return false;
                }
                select.locked.append(locked);
            } while (comma());
        }
        if (accept(Keyword::skip)) {
            if (!expect(Keyword::locked)) return false;
        } else if (rules().oracle && accept(Keyword::wait)) {
            if (operand() == nullptr) return false;
        } else {
            accept(Keyword::nowait);
        }
    }
    return true;
}

}  // namespace majed::sql
