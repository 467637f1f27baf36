// SPDX-License-Identifier: Apache-2.0
// Operands of expressions: literals, names, parentheses, CASE, arrays, and what may follow a name.
#include "sql/grammar.h"
#include "sql/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

/// Begins a type of several words or with arguments, which may stand before a string.
bool begins_type(Keyword keyword) noexcept {
    return is_any<Keyword::int_, Keyword::integer, Keyword::smallint, Keyword::bigint, Keyword::real,
                  Keyword::float_, Keyword::decimal, Keyword::dec, Keyword::numeric, Keyword::boolean,
                  Keyword::bit, Keyword::char_, Keyword::character, Keyword::varchar, Keyword::national,
                  Keyword::nchar, Keyword::time, Keyword::timestamp>(keyword);
}

bool is_clock(Keyword keyword) noexcept {
    return keyword == Keyword::current_date || keyword == Keyword::current_time ||
           keyword == Keyword::current_timestamp;
}

/// Words that PostgreSQL calls as functions without parentheses.
bool is_bare_call(Keyword keyword) noexcept {
    return is_clock(keyword) || keyword == Keyword::localtime || keyword == Keyword::localtimestamp ||
           keyword == Keyword::current_role || keyword == Keyword::current_user || keyword == Keyword::user ||
           keyword == Keyword::session_user || keyword == Keyword::current_catalog ||
           keyword == Keyword::current_schema;
}

}  // namespace

Expr* Grammar::operand() {
    Expr* expr = plain_operand();
    if (expr == nullptr || failed_) return nullptr;
    if (at(TokenKind::left_bracket) || at(TokenKind::dot)) expr = indirection(expr);
    if (expr == nullptr || !rules().oracle || !expr->parenthesized || !at_interval_expression()) return expr;
    Expr* interval = node(ExprKind::cast);
    if (interval == nullptr) return nullptr;
    interval->left = expr;
    const std::uint32_t begin = begin_offset();
    if (!interval_fields()) return nullptr;
    interval->name = Name{since(begin).in(text_), since(begin), Quote::none};
    return finish(interval, expr->span.begin);
}

Expr* Grammar::plain_operand() {
    if (at(TokenKind::keyword)) return keyword_operand();
    if (at(TokenKind::identifier)) {
        if (rules().postgres && at_word("double") && peek(1).keyword == Keyword::precision) {
            if (Expr* typed = typed_literal()) return typed;
        }
        return failed_ ? nullptr : name_operand();
    }
    if (at(TokenKind::quoted)) return name_operand();
    if (at(TokenKind::left_paren)) return parenthesized();
    // A string before a dot is a name: 'main'.'t' is accepted by SQLite, and so it is here.
    const bool quoted_name = at(TokenKind::string) && rules().names_from_strings;
    if (quoted_name && peek(1).kind == TokenKind::dot && at_name(2)) return name_operand();
    if (at(TokenKind::string)) return literal(Operator::string);
    if (at(TokenKind::integer)) return literal(Operator::integer);
    if (at(TokenKind::real)) return literal(Operator::real);
    if (at(TokenKind::blob)) return literal(Operator::blob);
    // :user.name is two tokens in dialects without named parameters.
    if (at(TokenKind::bind) || at(TokenKind::colon)) return bind();
    if (at(TokenKind::minus)) return prefix(Operator::negate, dialect_.powers.unary);
    if (at(TokenKind::plus)) return prefix(Operator::plus, dialect_.powers.unary);
    if (at(TokenKind::tilde) && rules().names_from_strings)
        return prefix(Operator::bit_not, dialect_.powers.unary);
    return prefix_operator();
}

/// PostgreSQL: any operator may stand before an operand.
Expr* Grammar::prefix_operator() {
    static constexpr std::array kinds = {
        TokenKind::other_operator, TokenKind::tilde,  TokenKind::pipe,
        TokenKind::ampersand,      TokenKind::concat, TokenKind::shift_left,
        TokenKind::shift_right,    TokenKind::arrow,  TokenKind::double_arrow};
    const bool free = std::find(kinds.begin(), kinds.end(), peek().kind) != kinds.end();
    if (!rules().postgres || (!free && !at(Keyword::operator_))) {
        fail("an expression");
        return nullptr;
    }
    const std::uint32_t begin = begin_offset();
    const int power = dialect_.infix.at(static_cast<std::size_t>(TokenKind::other_operator)).power;
    Name written{peek().span().in(text_), peek().span(), Quote::none};
    if (at(Keyword::operator_)) {
        if (!operator_name(written)) return nullptr;
    } else {
        ++at_;
    }
    Expr* expr = prefix(Operator::custom, power + 1, 0);
    if (expr == nullptr) return nullptr;
    expr->name = written;
    expr->span.begin = begin;
    return expr;
}

Expr* Grammar::keyword_operand() {
    const Keyword keyword = peek().keyword;
    const bool dotted = peek(1).kind == TokenKind::dot;
    if (keyword == Keyword::null) return literal(Operator::null);
    if (keyword == Keyword::not_) return prefix(Operator::logical_not, dialect_.powers.negation);
    if (keyword == Keyword::case_) return case_when();
    if (keyword == Keyword::exists && (!rules().postgres || peek(1).kind == TokenKind::left_paren))
        return exists();
    if (keyword == Keyword::cast && (!rules().postgres || peek(1).kind == TokenKind::left_paren))
        return cast();
    if (keyword == Keyword::raise && rules().names_from_strings) {
        fail_with(ErrorCode::parse_error, "RAISE is for triggers only", begin_offset());
        return nullptr;
    }
    if (rules().names_from_strings) {
        if (is_clock(keyword) && !dotted) return literal(Operator::current_time);
    } else {
        if (keyword == Keyword::true_ || keyword == Keyword::false_) return literal(Operator::boolean);
        if (rules().postgres && is_bare_call(keyword)) return clock();
        if (keyword == Keyword::array && rules().postgres) return array();
        if (keyword == Keyword::prior) return prefix(Operator::prior, dialect_.powers.unary);
        if (keyword == Keyword::connect_by_root)
            return prefix(Operator::connect_by_root, dialect_.powers.unary);
        if (at_special_call()) return special_call();
        if (keyword == Keyword::interval && !dotted) return interval_literal();
        if (begins_type(keyword) && !dotted) {
            if (Expr* typed = typed_literal()) return typed;
            if (failed_) return nullptr;
        }
        if (keyword == Keyword::operator_ && rules().postgres && peek(1).kind == TokenKind::left_paren)
            return prefix_operator();
    }
    const bool function = peek(1).kind == TokenKind::left_paren || (dotted && !rules().postgres) ||
                          peek(1).kind == TokenKind::string;
    if (at_name() || dialect_.uses(keyword).join || (at_function_name() && function)) return name_operand();
    if (rules().oracle &&
        (keyword == Keyword::level || keyword == Keyword::rownum || keyword == Keyword::rowid ||
         keyword == Keyword::sysdate || keyword == Keyword::uid || keyword == Keyword::user ||
         (keyword == Keyword::date && peek(1).kind == TokenKind::string))) {
        return name_operand();
    }
    fail("an expression");
    return nullptr;
}

Expr* Grammar::literal(Operator op) {
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::literal;
    expr->op = op;
    const std::uint32_t begin = begin_offset();
    ++at_;
    return finish(expr, begin);
}

Expr* Grammar::prefix(Operator op, int power, std::size_t tokens) {
    const std::uint32_t begin = begin_offset();
    at_ += tokens;
    Expr* expr = node(ExprKind::unary);
    if (expr == nullptr) return nullptr;
    expr->op = op;
    expr->left = expression(power);
    return expr->left == nullptr ? nullptr : finish(expr, begin);
}

Expr* Grammar::bind() {
    const std::uint32_t begin = begin_offset();
    Expr* expr = node(ExprKind::bind);
    if (expr == nullptr) return nullptr;
    if (mode_ == GrammarMode::statement) {
        if (!at(TokenKind::bind)) {
            fail("an expression");
            return nullptr;
        }
        ++at_;
        return finish(expr, begin);
    }
    const bool one_token = peek().span().in(text_) == ":user";
    const bool two_tokens = at(TokenKind::colon) && at_word("user", 1) && peek(1).offset == begin + 1;
    const std::size_t dot = one_token ? 1 : 2;
    if ((!one_token && !two_tokens) || peek(dot).kind != TokenKind::dot || !at_identifier(dot + 1)) {
        fail(":user.<attribute>");
        return nullptr;
    }
    expr->kind = ExprKind::attribute;
    at_ += dot + 1;
    const std::string_view written = peek().span().in(text_);
    expr->name = take_name();
    expr->name.value =
        expr->name.quote == Quote::none ? written : expr->name.value;  // attributes are not folded
    return finish(expr, begin);
}

Expr* Grammar::parenthesized() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = nullptr;
    bool is_row = false;
    if (at_query()) {
        expr = node(ExprKind::subquery);
        if (expr == nullptr) return nullptr;
        expr->select = query();
        if (expr->select == nullptr) return nullptr;
    } else {
        expr = expression();
        if (expr == nullptr) return nullptr;
        is_row = at(TokenKind::comma);
        if (is_row) expr = row_of(expr);
        if (expr == nullptr) return nullptr;
    }
    if (!close_paren()) return nullptr;
    // gram.y, implicit_row: nothing is taken out of it but in parentheses of its own.
    if (is_row && rules().postgres && (at(TokenKind::left_bracket) || at(TokenKind::dot))) {
        fail("an operator behind the row");
        return nullptr;
    }
    expr->parenthesized = true;
    return finish(expr, begin);
}

/// (first, ...: at the comma.
Expr* Grammar::row_of(Expr* first) {
    Expr* row = node(ExprKind::row);
    if (row == nullptr) return nullptr;
    row->args.append(first);
    while (comma()) {
        Expr* element = expression();
        if (element == nullptr) return nullptr;
        row->args.append(element);
    }
    return row;
}

/// A column, a function call, or a type before a string.
Expr* Grammar::name_operand() {
    const std::uint32_t begin = begin_offset();
    const bool type_name = at_function_name();
    const bool qualifies = at_identifier();
    Expr* expr = node(ExprKind::column);
    if (expr == nullptr) return nullptr;
    expr->name = take_name();
    if (!name_chain(*expr)) return nullptr;
    const bool qualified = expr->table != nullptr;
    expr->outer_join = accept_outer_join_mark();
    // In PostgreSQL some keywords are names of columns and of no function, but may qualify one.
    const bool function_name = type_name || (qualifies && (!rules().postgres || qualified));
    const bool called = at(TokenKind::left_paren) && function_name && !expr->outer_join;
    if (called && (!qualified || !rules().names_from_strings)) return call(begin, expr);
    const bool typed =
        at(TokenKind::string) && !rules().names_from_strings && (type_name || qualified || !rules().postgres);
    if (typed && (rules().postgres || tokens_[at_ - 1].keyword == Keyword::date ||
                  tokens_[at_ - 1].keyword == Keyword::timestamp)) {
        expr->kind = ExprKind::cast;
        expr->left = literal(Operator::string);
        expr->name = Name{Span{begin, tokens_[at_ - 2].span().end}.in(text_),
                          {begin, tokens_[at_ - 2].span().end},
                          Quote::none};
        expr->table = nullptr;
        expr->schema = nullptr;
        if (expr->left == nullptr) return nullptr;
    }
    if (at(TokenKind::at_sign)) {
        fail_with(ErrorCode::denied, "database links are not allowed", begin_offset());
        return nullptr;
    }
    return failed_ ? nullptr : finish(expr, begin);
}

/// .name, .name, up to schema.table.column; the rest is left to indirection.
bool Grammar::name_chain(Expr& expr) {
    for (int dots = 0; dots < 2 && at(TokenKind::dot) && at_label(1); ++dots) {
        ++at_;
        if (!shift_name(expr)) return false;
    }
    if (at(TokenKind::dot) && rules().names_from_strings && expr.schema == nullptr) {
        ++at_;
        return fail("a column name");
    }
    return !failed_;
}

bool Grammar::shift_name(Expr& expr) {
    Name* qualifier = node<Name>();
    if (qualifier == nullptr) return false;
    *qualifier = expr.name;
    expr.schema = expr.table;
    expr.table = qualifier;
    return label_name(expr.name, "a column name");
}

/// [index], [from:to], .field, .* after an operand; Oracle's .method().
Expr* Grammar::indirection(Expr* left) {
    const bool postgres = rules().postgres;
    while (left != nullptr && !failed_) {
        const bool takes = left->kind == ExprKind::column || left->parenthesized ||
                           left->kind == ExprKind::bind || left->kind == ExprKind::subscript ||
                           left->kind == ExprKind::field || (rules().oracle && left->kind == ExprKind::call);
        if (!takes || rules().names_from_strings) return left;
        if (at(TokenKind::left_bracket)) {
            left = subscript(left);
            continue;
        }
        if (!at(TokenKind::dot)) return left;
        const bool star = peek(1).kind == TokenKind::star;
        if (!star && !at_label(1)) {
            ++at_;
            fail("a field name");
            return nullptr;
        }
        if (star && !postgres) return left;
        ++at_;
        Expr* expr = node(ExprKind::field);
        if (expr == nullptr) return nullptr;
        expr->left = left;
        expr->star_argument = star;
        if (star) {
            ++at_;
        } else if (!label_name(expr->name, "a field name")) {
            return nullptr;
        }
        if (rules().oracle && at(TokenKind::left_paren)) {
            ++at_;
            expr->kind = ExprKind::call;
            expr->args.append(left);
            expr->left = nullptr;
            if (!at(TokenKind::right_paren) && !expression_list(expr->args)) return nullptr;
            if (!close_paren()) return nullptr;
        }
        left = finish(expr, left->span.begin);
    }
    return failed_ ? nullptr : left;
}

Expr* Grammar::subscript(Expr* left) {
    ++at_;
    Expr* expr = node(ExprKind::subscript);
    if (expr == nullptr) return nullptr;
    expr->left = left;
    if (!at(TokenKind::colon)) {
        expr->right = expression();
        if (expr->right == nullptr) return nullptr;
    }
    if (accept(TokenKind::colon, "\":\"")) {
        expr->star_argument = true;
        if (!at(TokenKind::right_bracket)) {
            expr->extra = expression();
            if (expr->extra == nullptr) return nullptr;
        }
    }
    return expect(TokenKind::right_bracket, "\"]\"") ? finish(expr, left->span.begin) : nullptr;
}

Expr* Grammar::case_when() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::case_when;
    if (!at(Keyword::when)) {
        expr->left = expression();
        if (expr->left == nullptr) return nullptr;
    }
    do {
        if (!expect(Keyword::when)) return nullptr;
        Expr* condition = expression();
        if (condition == nullptr || !expect(Keyword::then)) return nullptr;
        Expr* value = expression();
        if (value == nullptr) return nullptr;
        expr->args.append(condition);
        expr->args.append(value);
    } while (at(Keyword::when));
    if (accept(Keyword::else_)) {
        expr->extra = expression();
        if (expr->extra == nullptr) return nullptr;
    }
    return expect(Keyword::end) ? finish(expr, begin) : nullptr;
}

Expr* Grammar::exists() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr || !open_paren()) return nullptr;
    expr->kind = ExprKind::exists;
    expr->select = query();
    if (expr->select == nullptr || !close_paren()) return nullptr;
    return finish(expr, begin);
}

/// ARRAY[...] or ARRAY(SELECT ...).
Expr* Grammar::array() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    if (at(TokenKind::left_bracket)) {
        Expr* expr = array_elements();
        return expr == nullptr ? nullptr : finish(expr, begin);
    }
    Expr* expr = node(ExprKind::array);
    if (expr == nullptr || !open_paren()) return nullptr;
    expr->select = query();
    return expr->select != nullptr && close_paren() ? finish(expr, begin) : nullptr;
}

/// [a, b] or [[a, b], [c, d]].
Expr* Grammar::array_elements() {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node(ExprKind::array);
    if (expr == nullptr) return nullptr;
    if (!at(TokenKind::right_bracket)) {
        const bool arrays = at(TokenKind::left_bracket);  // all of them, or none
        do {
            if (at(TokenKind::left_bracket) != arrays) {
                fail(arrays ? "\"[\"" : "an expression");
                return nullptr;
            }
            Expr* element = arrays ? array_elements() : expression();
            if (element == nullptr) return nullptr;
            expr->args.append(element);
        } while (comma());
    }
    return expect(TokenKind::right_bracket, "\"]\"") ? finish(expr, begin) : nullptr;
}

/// timestamp with time zone 'x', bit(3) '101'; nullptr without failure when no such type stands before a string.
Expr* Grammar::typed_literal() {
    const std::uint32_t begin = begin_offset();
    const std::size_t before = at_;
    const std::size_t nodes = nodes_;
    Name type;
    if (!type_name(type) || !at(TokenKind::string)) {
        at_ = before;
        nodes_ = nodes;
        failed_ = false;
        return nullptr;
    }
    Expr* expr = node(ExprKind::cast);
    if (expr == nullptr) return nullptr;
    expr->name = type;
    expr->left = literal(Operator::string);
    return expr->left == nullptr ? nullptr : finish(expr, begin);
}

/// INTERVAL '1' DAY, INTERVAL(3) '1', INTERVAL '1-2' YEAR TO MONTH; else the name.
Expr* Grammar::interval_literal() {
    const std::uint32_t begin = begin_offset();
    const bool precise = rules().postgres && peek(1).kind == TokenKind::left_paren &&
                         peek(2).kind == TokenKind::integer && peek(3).kind == TokenKind::right_paren &&
                         peek(4).kind == TokenKind::string;
    if (peek(1).kind != TokenKind::string && !precise && !(rules().oracle && peek(1).kind == TokenKind::bind))
        return name_operand();
    Expr* expr = node(ExprKind::cast);
    if (expr == nullptr) return nullptr;
    expr->name = Name{peek().span().in(text_), peek().span(), Quote::none};
    at_ += precise ? 4 : 1;
    expr->left = at(TokenKind::bind) ? bind() : literal(Operator::string);
    if (expr->left == nullptr || (!precise && !interval_fields())) return nullptr;
    return finish(expr, begin);
}

/// [YEAR | MONTH | DAY | HOUR | MINUTE | SECOND] [(n[, m])] [TO ...]
bool Grammar::interval_fields() {
    const auto field = [this] {
        return accept(Keyword::year) || accept(Keyword::month) || accept(Keyword::day) ||
               accept(Keyword::hour) || accept(Keyword::minute) || accept(Keyword::second);
    };
    if (!field()) return true;
    if (!type_arguments()) return false;
    if (!accept(Keyword::to)) return true;
    return (field() || fail("a field of an interval")) && type_arguments();
}

/// Oracle's (end - begin) DAY(9) TO SECOND: at DAY or YEAR.
bool Grammar::at_interval_expression() const noexcept {
    if (!at(Keyword::day) && !at(Keyword::year)) return false;
    if (peek(1).keyword == Keyword::to) return true;
    return peek(1).kind == TokenKind::left_paren && peek(3).kind == TokenKind::right_paren &&
           peek(4).keyword == Keyword::to;
}

/// CURRENT_TIMESTAMP(3), CURRENT_USER, ...: a call without parentheses of its own.
Expr* Grammar::clock() {
    const std::uint32_t begin = begin_offset();
    Expr* expr = node(ExprKind::call);
    if (expr == nullptr) return nullptr;
    const bool precise = is_any<Keyword::current_time, Keyword::current_timestamp, Keyword::localtime,
                                Keyword::localtimestamp>(peek().keyword);
    expr->name = take_name();
    if (precise && accept(TokenKind::left_paren, "\"(\"")) {
        if (!expect(TokenKind::integer, "an integer") || !close_paren()) return nullptr;
    }
    return finish(expr, begin);
}

}  // namespace majed::sql
