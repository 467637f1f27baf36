// SPDX-License-Identifier: Apache-2.0
#include "sql/grammar.h"
#include "sql/keyword.h"
#include "sql/parser.h"

#include <string>
#include <utility>

namespace majed::sql {

bool Grammar::at_query() const noexcept {
    return at(Keyword::select) || at(Keyword::values) || at(Keyword::with);
}

Select* Grammar::query() {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    const std::uint32_t begin = begin_offset();
    Select* select = node<Select>();
    if (select == nullptr) return nullptr;
    if (at(Keyword::with)) {
        select->with = with_clause();
        if (select->with == nullptr) return nullptr;
    }
    CompoundOperator op = CompoundOperator::none;
    do {
        Core* next = core();
        if (next == nullptr) return nullptr;
        next->compound = op;
        select->cores.append(next);
        if (select->cores.size > limits::compound_cores) {
            fail_with(ErrorCode::too_large, "the statement has too many UNION terms", begin_offset());
            return nullptr;
        }
    } while (compound_operator(op));
    // VALUES takes no ORDER BY or LIMIT of its own (parse.y oneselect).
    if (failed_ || (!select->cores.last->is_values && !order_and_limit(*select))) return nullptr;
    select->span = since(begin);
    return select;
}

bool Grammar::compound_operator(CompoundOperator& op) {
    if (accept(Keyword::union_)) {
        op = accept(Keyword::all) ? CompoundOperator::union_all : CompoundOperator::union_;
    } else if (accept(Keyword::except)) {
        op = CompoundOperator::except;
    } else if (accept(Keyword::intersect)) {
        op = CompoundOperator::intersect;
    } else {
        return false;
    }
    return true;
}

With* Grammar::with_clause() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    With* with = node<With>();
    if (with == nullptr) return nullptr;
    // WITH recursive AS (...) names a table; WITH RECURSIVE name ... is the keyword.
    if (at(Keyword::recursive) && peek(1).keyword != Keyword::as && peek(1).kind != TokenKind::left_paren) {
        ++at_;
        with->recursive = true;
    }
    do {
        Cte* next = cte();
        if (next == nullptr) return nullptr;
        with->ctes.append(next);
    } while (accept(TokenKind::comma, "\",\""));
    with->span = since(begin);
    return with;
}

Cte* Grammar::cte() {
    const std::uint32_t begin = begin_offset();
    Cte* cte = node<Cte>();
    if (cte == nullptr || !name(cte->name, "a table name")) return nullptr;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (!name_list(cte->column_names) || !expect(TokenKind::right_paren, "\")\"")) return nullptr;
    }
    if (!expect(Keyword::as)) return nullptr;
    if (accept(Keyword::not_)) {
        if (!expect(Keyword::materialized)) return nullptr;
    } else {
        accept(Keyword::materialized);
    }
    if (!expect(TokenKind::left_paren, "\"(\"")) return nullptr;
    if (!at_query()) {
        fail("SELECT");
        return nullptr;
    }
    cte->select = query();
    if (cte->select == nullptr || !expect(TokenKind::right_paren, "\")\"")) return nullptr;
    cte->span = since(begin);
    return cte;
}

bool Grammar::name_list(List<NameNode>& names) {
    do {
        NameNode* item = node<NameNode>();
        if (item == nullptr || !name(item->name, "a column name")) return false;
        names.append(item);
    } while (accept(TokenKind::comma, "\",\""));
    return true;
}

Core* Grammar::core() {
    const std::uint32_t begin = begin_offset();
    Core* core = node<Core>();
    if (core == nullptr) return nullptr;
    if (accept(Keyword::values)) {
        core->is_values = true;
        if (!values_rows(*core)) return nullptr;
    } else {
        if (!expect(Keyword::select)) return nullptr;
        if (accept(Keyword::distinct)) {
            core->distinct = true;
        } else {
            accept(Keyword::all);
        }
        if (!result_columns(*core) || !core_clauses(*core)) return nullptr;
    }
    core->span = since(begin);
    return core;
}

bool Grammar::core_clauses(Core& core) {
    if (accept(Keyword::from) && !from_items(core.from)) return false;
    if (accept(Keyword::where)) {
        core.where = expression();
        if (core.where == nullptr) return false;
    }
    if (accept(Keyword::group)) {
        if (!expect(Keyword::by) || !expression_list(core.group_by)) return false;
    }
    if (accept(Keyword::having)) {
        core.having = expression();
        if (core.having == nullptr) return false;
    }
    return !at_window_clause() || window_clause(core);
}

bool Grammar::values_rows(Core& core) {
    do {
        ValuesRow* row = node<ValuesRow>();
        if (row == nullptr || !expect(TokenKind::left_paren, "\"(\"") || !expression_list(row->cells) ||
            !expect(TokenKind::right_paren, "\")\"")) {
            return false;
        }
        core.rows.append(row);
    } while (accept(TokenKind::comma, "\",\""));
    return true;
}

bool Grammar::result_columns(Core& core) {
    do {
        ResultColumn* column = result_column();
        if (column == nullptr) return false;
        core.columns.append(column);
    } while (accept(TokenKind::comma, "\",\""));
    return true;
}

ResultColumn* Grammar::result_column() {
    const std::uint32_t begin = begin_offset();
    ResultColumn* column = node<ResultColumn>();
    if (column == nullptr) return nullptr;
    if (accept(TokenKind::star, "\"*\"")) {
        column->kind = ResultKind::star;
    } else if (at_name() && peek(1).kind == TokenKind::dot && peek(2).kind == TokenKind::star) {
        column->kind = ResultKind::table_star;
        column->table = take_name();
        at_ += 2;
    } else {
        column->expr = expression();
        if (column->expr == nullptr || !alias(column->alias)) return nullptr;
    }
    column->span = since(begin);
    return column;
}

/// [AS] name. Without AS, only what cannot begin the next clause.
bool Grammar::alias(Name& into) {
    if (accept(Keyword::as)) return name(into, "a name");
    const bool starts_alias =
        (at_identifier() && !at(Keyword::indexed) && !at_window_clause()) || at(TokenKind::string);
    if (starts_alias) into = take_name();
    return true;
}

bool Grammar::from_items(List<FromItem>& items) {
    FromItem* first = from_item();
    if (first == nullptr) return false;
    items.append(first);
    while (true) {
        Join join;
        bool found = false;
        if (!join_operator(join, found)) return false;
        if (!found) return true;
        FromItem* item = from_item();
        if (item == nullptr) return false;
        item->join = join;
        items.append(item);
        if (items.size > limits::from_items) {
            return fail_with(ErrorCode::too_large, "a FROM clause names too many tables", item->span.begin);
        }
        if (!join_condition(*item)) return false;
    }
}

/// `,` JOIN and every order of NATURAL, LEFT, RIGHT, FULL, OUTER, INNER, CROSS that SQLite takes
/// (select.c sqlite3JoinType).
bool Grammar::join_operator(Join& join, bool& found) {
    found = true;
    if (accept(TokenKind::comma, "\",\"")) return true;
    const std::uint32_t begin = begin_offset();
    bool inner = false;
    bool outer = false;
    std::size_t words = 0;
    for (; words < 3 && is_join_keyword(peek().keyword); ++words) {
        const Keyword keyword = peek().keyword;
        join.natural |= keyword == Keyword::natural;
        join.left |= keyword == Keyword::left || keyword == Keyword::full;
        join.right |= keyword == Keyword::right || keyword == Keyword::full;
        join.cross |= keyword == Keyword::cross;
        inner |= keyword == Keyword::inner || keyword == Keyword::cross;
        outer |= keyword == Keyword::outer || keyword == Keyword::left || keyword == Keyword::right ||
                 keyword == Keyword::full;
        ++at_;
    }
    if (words == 0 && !accept(Keyword::join)) {
        found = false;
        return true;
    }
    if (words > 0 && !expect(Keyword::join)) return false;
    if ((inner && outer) || (outer && !join.left && !join.right)) {
        return fail_with(ErrorCode::parse_error, "unknown join type", begin);
    }
    return true;
}

FromItem* Grammar::from_item() {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    const std::uint32_t begin = begin_offset();
    FromItem* item = node<FromItem>();
    if (item == nullptr) return nullptr;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (!from_parenthesis(*item)) return nullptr;
        if (!alias(item->alias)) return nullptr;
    } else {
        if (!table_reference(*item) || !alias(item->alias)) return nullptr;
        if (item->kind == FromKind::table && !index_hint(*item)) return nullptr;
    }
    item->span = since(begin);
    return item;
}

bool Grammar::from_parenthesis(FromItem& item) {
    if (at_query()) {
        item.kind = FromKind::subquery;
        item.select = query();
        if (item.select == nullptr) return false;
    } else {
        item.kind = FromKind::group;
        if (!from_items(item.items)) return false;
    }
    return expect(TokenKind::right_paren, "\")\"");
}

/// name, schema.name, name(arguments), without alias.
bool Grammar::table_reference(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    if (!name(item.name, "a table name")) return false;
    if (accept(TokenKind::dot, "\".\"")) {
        item.schema = item.name;
        if (!name(item.name, "a table name")) return false;
    }
    item.reference = since(begin);
    if (accept(TokenKind::left_paren, "\"(\"")) {
        item.kind = FromKind::table_function;
        item.has_parens = true;
        if (!at(TokenKind::right_paren) && !expression_list(item.args)) return false;
        if (!expect(TokenKind::right_paren, "\")\"")) return false;
    }
    item.span = since(begin);
    return true;
}

bool Grammar::index_hint(FromItem& item) {
    const std::uint32_t begin = begin_offset();
    if (accept(Keyword::indexed)) {
        if (!expect(Keyword::by) || !name(item.index, "an index name")) return false;
    } else if (at(Keyword::not_) && peek(1).keyword == Keyword::indexed) {
        at_ += 2;
    } else {
        return true;
    }
    item.index_span = since(begin);
    return true;
}

bool Grammar::join_condition(FromItem& item) {
    if (accept(Keyword::on)) {
        item.on = expression();
        return item.on != nullptr;
    }
    if (accept(Keyword::using_)) {
        return expect(TokenKind::left_paren, "\"(\"") && name_list(item.using_columns) &&
               expect(TokenKind::right_paren, "\")\"");
    }
    return true;
}

/// WINDOW is a keyword only before `name AS` (tokenize.c analyzeWindowKeyword).
bool Grammar::at_window_clause() const noexcept {
    return at(Keyword::window) && (at_identifier(1) || is_join_keyword(peek(1).keyword)) &&
           peek(2).keyword == Keyword::as;
}

bool Grammar::window_clause(Core& core) {
    ++at_;
    do {
        Name window_name;
        if (!name(window_name, "a window name") || !expect(Keyword::as) ||
            !expect(TokenKind::left_paren, "\"(\"")) {
            return false;
        }
        Window* window = window_definition();
        if (window == nullptr) return false;
        window->name = window_name;
        core.windows.append(window);
    } while (accept(TokenKind::comma, "\",\""));
    return true;
}

Window* Grammar::over_clause() {
    if (accept(TokenKind::left_paren, "\"(\"")) return window_definition();
    Window* window = node<Window>();
    if (window == nullptr || !name(window->name, "a window name")) return nullptr;
    window->reference_only = true;
    window->span = window->name.span;
    return window;
}

/// Inside the parentheses, which the caller has opened.
Window* Grammar::window_definition() {
    const std::uint32_t begin = begin_offset();
    Window* window = node<Window>();
    if (window == nullptr) return nullptr;
    const bool clause = at(Keyword::partition) || at(Keyword::order) || at(Keyword::range) ||
                        at(Keyword::rows) || at(Keyword::groups);
    if (!clause && at_name()) window->base = take_name();
    if (accept(Keyword::partition)) {
        if (!expect(Keyword::by) || !expression_list(window->partition_by)) return nullptr;
    }
    if (accept(Keyword::order)) {
        if (!expect(Keyword::by) || !order_terms(window->order_by)) return nullptr;
    }
    if (!window_frame(*window)) return nullptr;
    window->span = since(begin);
    return expect(TokenKind::right_paren, "\")\"") ? window : nullptr;
}

bool Grammar::window_frame(Window& window) {
    if (!accept(Keyword::range) && !accept(Keyword::rows) && !accept(Keyword::groups)) return true;
    if (accept(Keyword::between)) {
        if (!frame_bound(window.frame_start, Keyword::preceding) || !expect(Keyword::and_) ||
            !frame_bound(window.frame_end, Keyword::following)) {
            return false;
        }
    } else if (!frame_bound(window.frame_start, Keyword::preceding)) {
        return false;
    }
    if (!accept(Keyword::exclude)) return true;
    if (accept(Keyword::no)) return expect(Keyword::others);
    if (accept(Keyword::current)) return expect(Keyword::row);
    return accept(Keyword::group) || accept(Keyword::ties) || fail("NO OTHERS");
}

/// `unbounded_side`: the only side on which this bound may be open.
bool Grammar::frame_bound(Expr*& into, Keyword unbounded_side) {
    if (accept(Keyword::unbounded)) return expect(unbounded_side);
    if (at(Keyword::current) && peek(1).keyword == Keyword::row) {
        at_ += 2;
        return true;
    }
    into = expression();
    if (into == nullptr) return false;
    return accept(Keyword::preceding) || accept(Keyword::following) || fail("PRECEDING or FOLLOWING");
}

bool Grammar::order_terms(List<OrderTerm>& terms) {
    do {
        OrderTerm* term = node<OrderTerm>();
        if (term == nullptr) return false;
        term->expr = expression();
        if (term->expr == nullptr) return false;
        if (!accept(Keyword::asc)) accept(Keyword::desc);
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
    } while (accept(TokenKind::comma, "\",\""));
    return true;
}

bool Grammar::order_and_limit(Select& select) {
    if (accept(Keyword::order)) {
        if (!expect(Keyword::by) || !order_terms(select.order_by)) return false;
    }
    if (!accept(Keyword::limit)) return true;
    select.limit = expression();
    if (select.limit == nullptr) return false;
    if (accept(Keyword::offset) || accept(TokenKind::comma, "\",\"")) {
        select.offset = expression();
        return select.offset != nullptr;
    }
    return true;
}

}  // namespace majed::sql
