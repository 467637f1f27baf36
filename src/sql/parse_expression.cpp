// SPDX-License-Identifier: Apache-2.0
#include "sql/grammar.h"
#include "sql/keyword.h"
#include "sql/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

// Binding powers, lowest first: the %left/%right lines of parse.y.
constexpr int power_or = 1;
constexpr int power_and = 2;
constexpr int power_not = 3;
constexpr int power_equality = 4;
constexpr int power_comparison = 5;  // ESCAPE, at 6, is part of LIKE
constexpr int power_bits = 7;
constexpr int power_sum = 8;
constexpr int power_product = 9;
constexpr int power_concat = 10;
constexpr int power_collate = 11;
constexpr int power_unary = 12;

struct Infix {
    Operator op = Operator::none;
    int power = 0;
};

constexpr std::array<Infix, 64> infix_table = [] {
    std::array<Infix, 64> table{};
    const auto set = [&table](TokenKind kind, Operator op, int power) {
        table.at(static_cast<std::size_t>(kind)) = {op, power};
    };
    set(TokenKind::equal, Operator::equal, power_equality);
    set(TokenKind::not_equal, Operator::not_equal, power_equality);
    set(TokenKind::less, Operator::less, power_comparison);
    set(TokenKind::less_equal, Operator::less_equal, power_comparison);
    set(TokenKind::greater, Operator::greater, power_comparison);
    set(TokenKind::greater_equal, Operator::greater_equal, power_comparison);
    set(TokenKind::ampersand, Operator::bit_and, power_bits);
    set(TokenKind::pipe, Operator::bit_or, power_bits);
    set(TokenKind::shift_left, Operator::shift_left, power_bits);
    set(TokenKind::shift_right, Operator::shift_right, power_bits);
    set(TokenKind::plus, Operator::add, power_sum);
    set(TokenKind::minus, Operator::subtract, power_sum);
    set(TokenKind::star, Operator::multiply, power_product);
    set(TokenKind::slash, Operator::divide, power_product);
    set(TokenKind::percent, Operator::modulo, power_product);
    set(TokenKind::concat, Operator::concat, power_concat);
    set(TokenKind::arrow, Operator::arrow, power_concat);
    set(TokenKind::double_arrow, Operator::double_arrow, power_concat);
    return table;
}();

Operator pattern_operator(Keyword keyword) noexcept {
    if (keyword == Keyword::like) return Operator::like;
    if (keyword == Keyword::glob) return Operator::glob;
    if (keyword == Keyword::regexp) return Operator::regexp;
    return keyword == Keyword::match ? Operator::match : Operator::none;
}

}  // namespace

/// Sets the height of `expr` from its children; false past the limit.
bool Grammar::measure(Expr& expr) {
    std::uint16_t below = 0;
    const auto look = [&below](const Expr* child) {
        if (child != nullptr) below = std::max(below, child->height);
    };
    look(expr.left);
    look(expr.right);
    look(expr.extra);
    look(expr.filter);
    for (const Expr& argument : expr.args) look(&argument);
    expr.height = static_cast<std::uint16_t>(below + 1);
    if (expr.height <= limits::expression_height) return true;
    return fail_with(ErrorCode::too_large, "an expression is nested too deeply", expr.span.begin);
}

Expr* Grammar::finish(Expr* expr, std::uint32_t begin) {
    expr->span = since(begin);
    return measure(*expr) ? expr : nullptr;
}

Expr* Grammar::expression(int min_power) {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    Expr* left = operand();
    bool done = false;
    while (left != nullptr && !done) left = infix(left, min_power, done);
    return left;
}

Expr* Grammar::operand() {
    switch (peek().kind) {
        case TokenKind::integer:
            return literal(Operator::integer);
        case TokenKind::real:
            return literal(Operator::real);
        case TokenKind::string: {
            // A string before a dot is a name: 'main'.'t' is accepted by SQLite, and so it is here.
            if (peek(1).kind == TokenKind::dot && at_name(2)) return name_operand();
            return literal(Operator::string);
        }
        case TokenKind::blob:
            return literal(Operator::blob);
        case TokenKind::bind:
            return bind();
        case TokenKind::left_paren:
            return parenthesized();
        case TokenKind::minus:
            return prefix(Operator::negate, power_unary);
        case TokenKind::plus:
            return prefix(Operator::plus, power_unary);
        case TokenKind::tilde:
            return prefix(Operator::bit_not, power_unary);
        case TokenKind::keyword:
            return keyword_operand();
        case TokenKind::identifier:
        case TokenKind::quoted:
            return name_operand();
        case TokenKind::end:
        case TokenKind::right_paren:
        case TokenKind::comma:
        case TokenKind::dot:
        case TokenKind::semicolon:
        case TokenKind::star:
        case TokenKind::slash:
        case TokenKind::percent:
        case TokenKind::equal:
        case TokenKind::not_equal:
        case TokenKind::less:
        case TokenKind::less_equal:
        case TokenKind::greater:
        case TokenKind::greater_equal:
        case TokenKind::shift_left:
        case TokenKind::shift_right:
        case TokenKind::ampersand:
        case TokenKind::pipe:
        case TokenKind::concat:
        case TokenKind::arrow:
        case TokenKind::double_arrow:
            break;
    }
    fail("an expression");
    return nullptr;
}

Expr* Grammar::keyword_operand() {
    const Keyword keyword = peek().keyword;
    if (keyword == Keyword::null) return literal(Operator::null);
    if (keyword == Keyword::not_) return prefix(Operator::logical_not, power_not);
    if (keyword == Keyword::case_) return case_when();
    if (keyword == Keyword::exists) return exists();
    if (keyword == Keyword::cast) return cast();
    if (keyword == Keyword::raise) {
        fail_with(ErrorCode::parse_error, "RAISE is for triggers only", begin_offset());
        return nullptr;
    }
    const bool clock = keyword == Keyword::current_date || keyword == Keyword::current_time ||
                       keyword == Keyword::current_timestamp;
    if (clock && peek(1).kind != TokenKind::dot) return literal(Operator::current_time);
    if (at_identifier() || is_join_keyword(peek().keyword)) return name_operand();
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

Expr* Grammar::prefix(Operator op, int power) {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::unary;
    expr->op = op;
    expr->left = expression(power);
    return expr->left == nullptr ? nullptr : finish(expr, begin);
}

Expr* Grammar::bind() {
    const std::uint32_t begin = begin_offset();
    const bool attribute = mode_ == GrammarMode::policy_expression;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::bind;
    if (attribute) {
        if (peek().span().in(text_) != ":user" || peek(1).kind != TokenKind::dot || !at_identifier(2)) {
            fail(":user.<attribute>");
            return nullptr;
        }
        expr->kind = ExprKind::attribute;
        at_ += 2;
        expr->name = take_name();
    } else {
        ++at_;
    }
    return finish(expr, begin);
}

Expr* Grammar::parenthesized() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = nullptr;
    if (at_query()) {
        expr = node<Expr>();
        if (expr == nullptr) return nullptr;
        expr->kind = ExprKind::subquery;
        expr->select = query();
        if (expr->select == nullptr) return nullptr;
    } else {
        expr = expression();
        if (expr == nullptr) return nullptr;
        if (at(TokenKind::comma)) {
            Expr* row = node<Expr>();
            if (row == nullptr) return nullptr;
            row->kind = ExprKind::row;
            row->args.append(expr);
            while (accept(TokenKind::comma, "\",\"")) {
                Expr* element = expression();
                if (element == nullptr) return nullptr;
                row->args.append(element);
            }
            expr = row;
        }
    }
    if (!expect(TokenKind::right_paren, "\")\"")) return nullptr;
    expr->parenthesized = true;
    return finish(expr, begin);
}

Expr* Grammar::name_operand() {
    const std::uint32_t begin = begin_offset();
    if (peek(1).kind == TokenKind::left_paren && at_identifier()) {
        const Name function = take_name();
        return call(begin, function);
    }
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::column;
    expr->name = take_name();
    for (int dots = 0; dots < 2 && at(TokenKind::dot); ++dots) {
        ++at_;
        Name* qualifier = node<Name>();
        if (qualifier == nullptr) return nullptr;
        *qualifier = expr->name;
        expr->schema = expr->table;
        expr->table = qualifier;
        if (!name(expr->name, "a column name")) return nullptr;
    }
    return finish(expr, begin);
}

Expr* Grammar::call(std::uint32_t begin, const Name& function) {
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::call;
    expr->name = function;
    ++at_;  // the parenthesis
    if (accept(TokenKind::star, "\"*\"")) {
        expr->star_argument = true;
    } else if (!at(TokenKind::right_paren)) {
        if (accept(Keyword::distinct)) {
            expr->distinct = true;
        } else {
            accept(Keyword::all);
        }
        if (!expression_list(expr->args)) return nullptr;
    }
    if (!expect(TokenKind::right_paren, "\")\"") || !call_tail(*expr)) return nullptr;
    return finish(expr, begin);
}

bool Grammar::call_tail(Expr& call) {
    if (at(Keyword::filter) && peek(1).kind == TokenKind::left_paren) {
        at_ += 2;
        if (!expect(Keyword::where)) return false;
        call.filter = expression();
        if (call.filter == nullptr || !expect(TokenKind::right_paren, "\")\"")) return false;
    }
    if (at(Keyword::over) && (peek(1).kind == TokenKind::left_paren || at_identifier(1))) {
        ++at_;
        call.over = over_clause();
        return call.over != nullptr;
    }
    return true;
}

Expr* Grammar::cast() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr || !expect(TokenKind::left_paren, "\"(\"")) return nullptr;
    expr->kind = ExprKind::cast;
    expr->left = expression();
    if (expr->left == nullptr || !expect(Keyword::as) || !type_name(expr->name)) return nullptr;
    return expect(TokenKind::right_paren, "\")\"") ? finish(expr, begin) : nullptr;
}

/// `VARCHAR`, `DOUBLE PRECISION`, `NUMERIC(10, -2)`; also nothing at all, as in parse.y.
bool Grammar::type_name(Name& into) {
    const std::uint32_t begin = begin_offset();
    while (at_identifier() || at(TokenKind::string)) ++at_;
    if (end_offset() > begin && accept(TokenKind::left_paren, "\"(\"")) {
        for (bool more = true; more; more = accept(TokenKind::comma, "\",\"")) {
            if (at(TokenKind::plus) || at(TokenKind::minus)) ++at_;
            if (!at(TokenKind::integer) && !at(TokenKind::real)) return fail("a number");
            ++at_;
        }
        if (!expect(TokenKind::right_paren, "\")\"")) return false;
    }
    if (end_offset() > begin) {
        into.span = since(begin);
        into.value = into.span.in(text_);
    }
    return true;
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
    if (expr == nullptr || !expect(TokenKind::left_paren, "\"(\"")) return nullptr;
    expr->kind = ExprKind::exists;
    expr->select = query();
    if (expr->select == nullptr || !expect(TokenKind::right_paren, "\")\"")) return nullptr;
    return finish(expr, begin);
}

bool Grammar::expression_list(List<Expr>& list) {
    do {
        Expr* expr = expression();
        if (expr == nullptr) return false;
        list.append(expr);
    } while (accept(TokenKind::comma, "\",\""));
    return true;
}

/// Extends `left` by one operator of at least `min_power`; sets `done` when there is none.
Expr* Grammar::infix(Expr* left, int min_power, bool& done) {
    const Token& token = peek();
    if (token.kind == TokenKind::keyword) return keyword_infix(left, min_power, done);
    const Infix found = infix_table.at(static_cast<std::size_t>(token.kind));
    if (found.op == Operator::none || found.power < min_power) {
        done = true;
        return left;
    }
    return binary(left, found.op, found.power, 1);
}

Expr* Grammar::binary(Expr* left, Operator op, int power, std::size_t tokens) {
    at_ += tokens;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::binary;
    expr->op = op;
    expr->left = left;
    expr->right = expression(power + 1);
    return expr->right == nullptr ? nullptr : finish(expr, left->span.begin);
}

Expr* Grammar::keyword_infix(Expr* left, int min_power, bool& done) {
    const Keyword keyword = peek().keyword;
    if (keyword == Keyword::or_ && power_or >= min_power) return binary(left, Operator::or_, power_or, 1);
    if (keyword == Keyword::and_ && power_and >= min_power) return binary(left, Operator::and_, power_and, 1);
    if (keyword == Keyword::collate && power_collate >= min_power) {
        ++at_;
        Expr* expr = node<Expr>();
        if (expr == nullptr) return nullptr;
        expr->kind = ExprKind::collate;
        expr->left = left;
        // `ids` in parse.y: neither a join keyword nor INDEXED.
        if ((!at_identifier() || at(Keyword::indexed)) && !at(TokenKind::string)) {
            fail("a collation name");
            return nullptr;
        }
        expr->name = take_name();
        return finish(expr, left->span.begin);
    }
    if (power_equality >= min_power) {
        if (keyword == Keyword::is) return is_infix(left);
        if (keyword == Keyword::isnull) return postfix(left, ExprKind::is_null, false, 1);
        if (keyword == Keyword::notnull) return postfix(left, ExprKind::is_null, true, 1);
        if (keyword == Keyword::not_) {
            if (peek(1).keyword == Keyword::null) return postfix(left, ExprKind::is_null, true, 2);
            ++at_;
            return negatable_infix(left, true);
        }
        if (keyword == Keyword::in || keyword == Keyword::between ||
            pattern_operator(keyword) != Operator::none) {
            return negatable_infix(left, false);
        }
    }
    done = true;
    return left;
}

Expr* Grammar::postfix(Expr* left, ExprKind kind, bool negated, std::size_t tokens) {
    at_ += tokens;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = kind;
    expr->negated = negated;
    expr->left = left;
    return finish(expr, left->span.begin);
}

/// IS, IS NOT, IS DISTINCT FROM, IS NOT DISTINCT FROM.
Expr* Grammar::is_infix(Expr* left) {
    const bool negated = peek(1).keyword == Keyword::not_;
    const std::size_t after = negated ? 2 : 1;
    const bool distinct =
        peek(after).keyword == Keyword::distinct && peek(after + 1).keyword == Keyword::from;
    const Operator op = negated != distinct ? Operator::is_not : Operator::is;
    return binary(left, op, power_equality, distinct ? after + 2 : after);
}

Expr* Grammar::negatable_infix(Expr* left, bool negated) {
    if (at(Keyword::in)) return in(left, negated);
    if (at(Keyword::between)) return between(left, negated);
    const Operator op = pattern_operator(peek().keyword);
    if (op != Operator::none) return like(left, op, negated);
    note_expected("LIKE");
    note_expected("IN");
    note_expected("BETWEEN");
    fail("NULL");
    return nullptr;
}

Expr* Grammar::like(Expr* left, Operator op, bool negated) {
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::like;
    expr->op = op;
    expr->negated = negated;
    expr->left = left;
    expr->right = expression(power_equality + 1);
    if (expr->right == nullptr) return nullptr;
    if (accept(Keyword::escape)) {
        // The rule has the precedence of LIKE (parse.y), so a comparison after the escape belongs to it.
        expr->extra = expression(power_equality + 1);
        if (expr->extra == nullptr) return nullptr;
    }
    return finish(expr, left->span.begin);
}

Expr* Grammar::between(Expr* left, bool negated) {
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->kind = ExprKind::between;
    expr->negated = negated;
    expr->left = left;
    // The first AND belongs to BETWEEN, so the lower bound may hold only what binds more tightly.
    expr->right = expression(power_not);
    if (expr->right == nullptr || !expect(Keyword::and_)) return nullptr;
    expr->extra = expression(power_equality + 1);
    return expr->extra == nullptr ? nullptr : finish(expr, left->span.begin);
}

Expr* Grammar::in(Expr* left, bool negated) {
    ++at_;
    Expr* expr = node<Expr>();
    if (expr == nullptr) return nullptr;
    expr->negated = negated;
    expr->left = left;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (at_query()) {
            expr->kind = ExprKind::in_select;
            expr->select = query();
            if (expr->select == nullptr) return nullptr;
        } else {
            expr->kind = ExprKind::in_list;
            if (!at(TokenKind::right_paren) && !expression_list(expr->args)) return nullptr;
        }
        return expect(TokenKind::right_paren, "\")\"") ? finish(expr, left->span.begin) : nullptr;
    }
    expr->kind = ExprKind::in_table;
    expr->from = node<FromItem>();
    if (expr->from == nullptr || !table_reference(*expr->from)) return nullptr;
    return finish(expr, left->span.begin);
}

}  // namespace majed::sql
