// SPDX-License-Identifier: Apache-2.0
// Operators between operands: a Pratt parser over the binding powers of the dialect.
#include "sql/grammar.h"
#include "sql/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

/// LIKE, LIKE2, LIKE4 and LIKEC are one operator to us.
bool is_like(Keyword keyword) noexcept {
    return keyword == Keyword::like || keyword == Keyword::like2 || keyword == Keyword::like4 ||
           keyword == Keyword::likec;
}

/// a IS DISTINCT FROM b; of the level of IS what ends with an operand, behind which none of them may follow (%nonassoc).
bool ends_as_is(const Expr& expr) noexcept {
    return expr.kind == ExprKind::binary && (expr.op == Operator::is || expr.op == Operator::is_not);
}

/// The same of the level of LIKE. An IN and an ANY end with a parenthesis.
bool ends_as_pattern(const Expr& expr) noexcept {
    return expr.kind == ExprKind::like || expr.kind == ExprKind::between ||
           (expr.kind == ExprKind::binary && expr.op == Operator::overlaps);
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
    if (expr.height <= budget_.expression_height) return true;
    return fail_with(ErrorCode::too_large, "an expression is nested too deeply", expr.span.begin);
}

Expr* Grammar::finish(Expr* expr, std::uint32_t begin) {
    expr->span = since(begin);
    return measure(*expr) ? expr : nullptr;
}

Expr* Grammar::node(ExprKind kind) {
    Expr* expr = node<Expr>();
    if (expr != nullptr) expr->kind = kind;
    return expr;
}

Expr* Grammar::expression(int min_power) {
    const Nested nested(*this);
    if (!nested.ok()) return nullptr;
    Expr* left = operand();
    bool done = false;
    while (left != nullptr && !done) left = infix(left, min_power, done);
    return left;
}

bool Grammar::expression_list(List<Expr>& list) {
    do {
        Expr* expr = expression();
        if (expr == nullptr) return false;
        list.append(expr);
    } while (comma());
    return true;
}

/// Extends `left` by one operator of at least `min_power`; sets `done` when there is none.
Expr* Grammar::infix(Expr* left, int min_power, bool& done) {
    const Token& token = peek();
    if (token.kind == TokenKind::keyword) return keyword_infix(left, min_power, done);
    if (token.kind == TokenKind::double_colon) return double_colon(left);
    const Infix& found = dialect_.infix.at(static_cast<std::size_t>(token.kind));
    if (found.op == Operator::none || found.power < min_power) {
        done = true;
        return left;
    }
    const bool chained = !found.chains && left->kind == ExprKind::binary && !left->parenthesized &&
                         left->op >= Operator::equal && left->op <= Operator::greater_equal &&
                         left->op != Operator::is && left->op != Operator::is_not;
    if (chained) {
        fail("AND");
        return nullptr;
    }
    if (takes_quantifier(found.op) && at_quantifier(1)) {
        const Span written = token.span();
        ++at_;
        return quantified(left, found.op, written);
    }
    if (found.op == Operator::custom) return custom_operator(left, found.power);
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

/// An operator that is known by its text only.
Expr* Grammar::custom_operator(Expr* left, int power) {
    const Span written = peek().span();
    Expr* expr = binary(left, Operator::custom, power, 1);
    if (expr != nullptr) expr->name = Name{written.in(text_), written, Quote::none};
    return expr;
}

/// OPERATOR(schema.+), at the word.
bool Grammar::operator_name(Name& into) {
    const std::uint32_t begin = begin_offset();
    at_ += 2;
    while (at_identifier() && peek(1).kind == TokenKind::dot) at_ += 2;
    const TokenKind kind = peek().kind;
    if (dialect_.infix.at(static_cast<std::size_t>(kind)).op == Operator::none) return fail("an operator");
    ++at_;
    if (!close_paren()) return false;
    into = Name{since(begin).in(text_), since(begin), Quote::none};
    return true;
}

/// Binds as operators without a name of their own do (gram.y qual_Op).
Expr* Grammar::operator_infix(Expr* left, int min_power, bool& done) {
    const int power = dialect_.infix.at(static_cast<std::size_t>(TokenKind::other_operator)).power;
    if (!rules().postgres || peek(1).kind != TokenKind::left_paren || power < min_power) {
        done = true;
        return left;
    }
    Name written;
    if (!operator_name(written)) return nullptr;
    Expr* expr = at_quantifier(0) ? quantified(left, Operator::custom, written.span)
                                  : binary(left, Operator::custom, power, 0);
    if (expr != nullptr) expr->name = written;
    return expr;
}

bool Grammar::takes_quantifier(Operator op) const noexcept {
    if (rules().postgres) return true;
    return rules().oracle && op >= Operator::equal && op <= Operator::greater_equal;
}

bool Grammar::at_quantifier(std::size_t ahead) const noexcept {
    const Keyword keyword = peek(ahead).keyword;
    return (keyword == Keyword::any || keyword == Keyword::some || keyword == Keyword::all) &&
           peek(ahead + 1).kind == TokenKind::left_paren;
}

/// `left` op ANY (...): at ANY, SOME or ALL.
Expr* Grammar::quantified(Expr* left, Operator op, Span written) {
    Expr* expr = node(ExprKind::quantified);
    if (expr == nullptr) return nullptr;
    expr->op = op;
    expr->name = Name{written.in(text_), written, Quote::none};
    expr->left = left;
    expr->negated = at(Keyword::all);
    at_ += 2;
    if (at_query()) {
        expr->select = query();
        if (expr->select == nullptr) return nullptr;
    } else if (rules().postgres) {
        Expr* array = expression();
        if (array == nullptr) return nullptr;
        expr->args.append(array);
    } else if (!expression_list(expr->args)) {
        return nullptr;
    }
    return close_paren() ? finish(expr, left->span.begin) : nullptr;
}

Expr* Grammar::keyword_infix(Expr* left, int min_power, bool& done) {
    const BindingPowers& powers = dialect_.powers;
    const Keyword keyword = peek().keyword;
    if (keyword == Keyword::or_ && powers.disjunction >= min_power)
        return binary(left, Operator::or_, powers.disjunction, 1);
    if (keyword == Keyword::and_ && powers.conjunction >= min_power)
        return binary(left, Operator::and_, powers.conjunction, 1);
    if (keyword == Keyword::collate && powers.collate >= min_power) return collation(left);
    if (keyword == Keyword::operator_) return operator_infix(left, min_power, done);
    if (keyword == Keyword::at && powers.at_zone >= min_power && powers.at_zone != 0) {
        if (peek(1).keyword == Keyword::time || peek(1).keyword == Keyword::local) return at_time_zone(left);
    }
    const bool closed = rules().names_from_strings || left->parenthesized;  // SQLite chains them.
    if (powers.is >= min_power) {
        const bool again =
            keyword == Keyword::is || keyword == Keyword::isnull || keyword == Keyword::notnull;
        if (again && !closed && ends_as_is(*left)) {
            fail("AND");
            return nullptr;
        }
        if (keyword == Keyword::is) return is_infix(left);
        if (keyword == Keyword::isnull) return postfix(left, ExprKind::is_null, false, 1);
        if (keyword == Keyword::notnull) return postfix(left, ExprKind::is_null, true, 1);
        if (keyword == Keyword::not_ && peek(1).keyword == Keyword::null && rules().names_from_strings)
            return postfix(left, ExprKind::is_null, true, 2);
    }
    if (powers.pattern >= min_power) {
        const bool again = keyword == Keyword::not_ || keyword == Keyword::in ||
                           keyword == Keyword::between || keyword == Keyword::overlaps ||
                           pattern_operator() != Operator::none;
        if (again && !closed && ends_as_pattern(*left)) {
            fail("AND");
            return nullptr;
        }
        if (keyword == Keyword::not_) {
            ++at_;
            return negatable_infix(left, true);
        }
        if (keyword == Keyword::in || keyword == Keyword::between || pattern_operator() != Operator::none)
            return negatable_infix(left, false);
        if (keyword == Keyword::overlaps && rules().postgres)
            return binary(left, Operator::overlaps, powers.pattern, 1);
        if (keyword == Keyword::multiset || keyword == Keyword::member || keyword == Keyword::submultiset)
            return multiset(left);
    }
    done = true;
    return left;
}

Expr* Grammar::collation(Expr* left) {
    ++at_;
    Expr* expr = node(ExprKind::collate);
    if (expr == nullptr) return nullptr;
    expr->left = left;
    const bool fits = rules().names_from_strings ? (at_identifier() && !at(Keyword::indexed)) ||
                                                       at(TokenKind::string)  // `ids` in parse.y
                                                 : at_identifier();
    if (!fits) {
        fail("a collation name");
        return nullptr;
    }
    expr->name = take_name();
    while (rules().postgres && accept(TokenKind::dot, "\".\"")) {
        if (!label_name(expr->name, "a collation name")) return nullptr;
    }
    return failed_ ? nullptr : finish(expr, left->span.begin);
}

/// AT TIME ZONE x, AT LOCAL.
Expr* Grammar::at_time_zone(Expr* left) {
    if (peek(1).keyword == Keyword::local) {
        if (!rules().oracle) {
            fail("TIME ZONE");
            return nullptr;
        }
        Expr* expr = postfix(left, ExprKind::unary, false, 2);
        if (expr != nullptr) expr->op = Operator::at_time_zone;
        return expr;
    }
    at_ += 2;
    if (!expect(Keyword::zone)) return nullptr;
    return binary(left, Operator::at_time_zone, dialect_.powers.at_zone, 0);
}

Expr* Grammar::double_colon(Expr* left) {
    ++at_;
    Expr* expr = node(ExprKind::cast);
    if (expr == nullptr) return nullptr;
    expr->left = left;
    return type_name(expr->name) ? finish(expr, left->span.begin) : nullptr;
}

/// Oracle: x MULTISET UNION [ALL] y, x MEMBER [OF] y, x SUBMULTISET [OF] y.
Expr* Grammar::multiset(Expr* left) {
    const std::uint32_t begin = begin_offset();
    if (accept(Keyword::multiset)) {
        if (!accept(Keyword::union_) && !accept(Keyword::intersect) && !accept(Keyword::except)) {
            fail("UNION");
            return nullptr;
        }
        if (!accept(Keyword::all)) accept(Keyword::distinct);
    } else {
        ++at_;
        accept(Keyword::of);
    }
    const Span written = since(begin);
    Expr* expr = binary(left, Operator::custom, dialect_.powers.pattern, 0);
    if (expr != nullptr) expr->name = Name{written.in(text_), written, Quote::none};
    return expr;
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

/// IS, IS NOT, IS [NOT] DISTINCT FROM, IS [NOT] NULL and the tests beside it.
Expr* Grammar::is_infix(Expr* left) {
    const bool negated = peek(1).keyword == Keyword::not_;
    const std::size_t after = negated ? 2 : 1;
    const bool distinct =
        peek(after).keyword == Keyword::distinct && peek(after + 1).keyword == Keyword::from;
    if (!rules().names_from_strings && !distinct) {
        if (peek(after).keyword == Keyword::null) return postfix(left, ExprKind::is_null, negated, after + 1);
        return is_test(left);
    }
    const Operator op = negated != distinct ? Operator::is_not : Operator::is;
    return binary(left, op, dialect_.powers.is, distinct ? after + 2 : after);
}

/// IS [NOT] TRUE, UNKNOWN, DOCUMENT, NFC NORMALIZED, OF (types), JSON, NAN, A SET, EMPTY.
Expr* Grammar::is_test(Expr* left) {
    ++at_;
    Expr* expr = node(ExprKind::is_test);
    if (expr == nullptr) return nullptr;
    expr->left = left;
    expr->negated = accept(Keyword::not_);
    const std::uint32_t begin = begin_offset();
    static constexpr std::array<std::string_view, 10> both = {
        "true", "false", "unknown", "document", "nan", "infinite", "empty", "present", "any", "dangling"};
    bool found =
        std::any_of(both.begin(), both.end(), [this](std::string_view word) { return accept_word(word); });
    if (!found && accept_word("normalized")) found = true;
    if (!found && (at_word("nfc") || at_word("nfd") || at_word("nfkc") || at_word("nfkd"))) {
        ++at_;
        found = accept_word("normalized");
    }
    if (!found && rules().oracle && accept_word("a")) found = accept(Keyword::set);
    if (!found && rules().oracle && accept(Keyword::json)) {
        found = true;
        while (accept(Keyword::strict) || accept(Keyword::lax) || accept(Keyword::with) ||
               accept_word("without") || accept(Keyword::unique) || accept_word("keys") ||
               accept_word("object") || accept_word("array") || accept_word("scalar") ||
               accept(Keyword::value)) {
        }
        if (at(TokenKind::left_paren) && peek(1).keyword == Keyword::strict) {
            at_ += 2;
            if (!close_paren()) return nullptr;
        }
    }
    if (!found && accept(Keyword::of)) {
        if (rules().oracle) accept_word("type");
        if (!open_paren()) return nullptr;
        do {
            Name type;
            if (rules().oracle) accept(Keyword::only);
            if (!type_name(type)) return nullptr;
        } while (comma());
        if (!close_paren()) return nullptr;
        found = true;
    }
    if (!found) {
        fail("NULL");
        return nullptr;
    }
    expr->name = Name{since(begin).in(text_), since(begin), Quote::none};
    return finish(expr, left->span.begin);
}

Operator Grammar::pattern_operator() const noexcept {
    const Keyword keyword = peek().keyword;
    if (is_like(keyword)) return Operator::like;
    if (rules().glob_and_match) {
        if (keyword == Keyword::glob) return Operator::glob;
        if (keyword == Keyword::regexp) return Operator::regexp;
        if (keyword == Keyword::match) return Operator::match;
    }
    if (rules().ilike_and_similar) {
        if (keyword == Keyword::ilike) return Operator::ilike;
        if (keyword == Keyword::similar && peek(1).keyword == Keyword::to) return Operator::similar;
    }
    return Operator::none;
}

Expr* Grammar::negatable_infix(Expr* left, bool negated) {
    if (at(Keyword::in)) return in(left, negated);
    if (at(Keyword::between)) return between(left, negated);
    const Operator op = pattern_operator();
    if (op != Operator::none) return like(left, op, negated);
    if (negated && (at(Keyword::member) || at(Keyword::submultiset))) {
        Expr* expr = multiset(left);
        if (expr != nullptr) expr->negated = true;
        return expr;
    }
    note_expected("LIKE");
    note_expected("IN");
    note_expected("BETWEEN");
    fail("NULL");
    return nullptr;
}

Expr* Grammar::like(Expr* left, Operator op, bool negated) {
    const std::uint32_t begin = begin_offset();
    at_ += op == Operator::similar ? 2 : 1;
    if (rules().postgres && at_quantifier(0)) {
        const Span written = since(begin);
        Expr* any = quantified(left, op, written);
        return any;
    }
    Expr* expr = node(ExprKind::like);
    if (expr == nullptr) return nullptr;
    expr->op = op;
    expr->negated = negated;
    expr->left = left;
    const int power = dialect_.powers.pattern;
    expr->right = expression(power + 1);
    if (expr->right == nullptr) return nullptr;
    if (accept(Keyword::escape)) {
        // The rule has the precedence of LIKE (parse.y), so a comparison after the escape belongs to it.
        expr->extra = expression(power + 1);
        if (expr->extra == nullptr) return nullptr;
    }
    return finish(expr, left->span.begin);
}

Expr* Grammar::between(Expr* left, bool negated) {
    ++at_;
    Expr* expr = node(ExprKind::between);
    if (expr == nullptr) return nullptr;
    expr->negated = negated;
    expr->left = left;
    if (rules().postgres && !accept(Keyword::symmetric)) accept(Keyword::asymmetric);
    // The first AND belongs to BETWEEN, so the lower bound may hold only what binds more tightly.
    const int power = dialect_.powers.pattern;
    expr->right = expression(rules().names_from_strings ? dialect_.powers.negation : power + 1);
    if (expr->right == nullptr || !expect(Keyword::and_)) return nullptr;
    expr->extra = expression(power + 1);
    return expr->extra == nullptr ? nullptr : finish(expr, left->span.begin);
}

Expr* Grammar::in(Expr* left, bool negated) {
    ++at_;
    Expr* expr = node(ExprKind::in_list);
    if (expr == nullptr) return nullptr;
    expr->negated = negated;
    expr->left = left;
    if (accept(TokenKind::left_paren, "\"(\"")) {
        if (at_query()) {
            expr->kind = ExprKind::in_select;
            expr->select = query();
            if (expr->select == nullptr) return nullptr;
        } else if (!at(TokenKind::right_paren) || !rules().names_from_strings) {
            if (!expression_list(expr->args)) return nullptr;
        }
        return close_paren() ? finish(expr, left->span.begin) : nullptr;
    }
    if (!rules().in_table) {
        if (!rules().oracle) {
            fail("\"(\"");
            return nullptr;
        }
        // x IN y is x IN (y).
        Expr* only = expression(dialect_.powers.pattern + 1);
        if (only == nullptr) return nullptr;
        expr->args.append(only);
        return finish(expr, left->span.begin);
    }
    expr->kind = ExprKind::in_table;
    expr->from = node<FromItem>();
    if (expr->from == nullptr || !table_reference(*expr->from)) return nullptr;
    return finish(expr, left->span.begin);
}

}  // namespace majed::sql
