// SPDX-License-Identifier: Apache-2.0
// Calls of functions: arguments, the functions with a syntax of their own, and what may follow a call.
#include "core/ascii.h"
#include "sql/grammar.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace majed::sql {
namespace {

/// Is it a function whose arguments are no plain list? Oracle's other ones are no keywords: Grammar::arguments knows them.
bool has_own_syntax(Keyword keyword, bool postgres) noexcept {
    if (is_any<Keyword::extract, Keyword::treat, Keyword::trim>(keyword)) return true;
    if (!postgres) return keyword == Keyword::set;  // SET(nested table)
    return is_any<Keyword::overlay, Keyword::position, Keyword::substring, Keyword::normalize,
                  Keyword::coalesce, Keyword::greatest, Keyword::least, Keyword::nullif, Keyword::grouping,
                  Keyword::row, Keyword::collation, Keyword::xmlconcat, Keyword::xmlelement,
                  Keyword::xmlexists, Keyword::xmlforest, Keyword::xmlparse, Keyword::xmlpi, Keyword::xmlroot,
                  Keyword::xmlserialize>(keyword);
}

}  // namespace

bool Grammar::at_special_call() const noexcept {
    if (rules().postgres && at(Keyword::collation, Keyword::for_)) return true;
    if (peek(1).kind != TokenKind::left_paren) return false;
    return !rules().names_from_strings && has_own_syntax(peek().keyword, rules().postgres);
}

/// A function that is a keyword and has a syntax of its own: at its name.
Expr* Grammar::special_call() {
    const std::uint32_t begin = begin_offset();
    const Keyword function = peek().keyword;
    Expr* expr = node(function == Keyword::row ? ExprKind::row : ExprKind::call);
    if (expr == nullptr) return nullptr;
    expr->name = take_name();
    if (function == Keyword::collation) ++at_;  // FOR
    ++at_;                                      // the parenthesis
    if (!special_arguments(*expr, function) || !close_paren()) return nullptr;
    if (expr->kind == ExprKind::call && !call_tail(*expr)) return nullptr;
    return finish(expr, begin);
}

/// As special_call says; inside the parentheses.
bool Grammar::special_arguments(Expr& call, Keyword function) {
    Name type;
    if (function == Keyword::row) return at(TokenKind::right_paren) || expression_list(call.args);
    if (function == Keyword::extract) return extract_arguments(call);
    if (function == Keyword::overlay)
        return separated(call, {Keyword::placing, Keyword::from, Keyword::for_});
    if (function == Keyword::position) {
        // b_expr in gram.y: IN is not an operator here.
        const int power = dialect_.powers.pattern + 1;
        return argument(call.args, power) && expect(Keyword::in) && argument(call.args, power);
    }
    if (function == Keyword::substring)
        return separated(call, {Keyword::from, Keyword::for_, Keyword::similar, Keyword::escape});
    if (function == Keyword::trim) return trim_arguments(call);
    if (function == Keyword::treat) return argument(call.args) && expect(Keyword::as) && type_name(type);
    if (function == Keyword::normalize) {
        if (!argument(call.args)) return false;
        return !comma() || accept_word("nfc") || accept_word("nfd") || accept_word("nfkc") ||
               accept_word("nfkd") || fail("NFC");
    }
    if (function == Keyword::collation) return argument(call.args);
    if (function != Keyword::xmlconcat && keyword_name(function).starts_with("XML"))
        return xml_arguments(call, keyword_name(function));
    return expression_list(call.args);
}

/// EXTRACT(field FROM x); the field is a word or a string, not a column. Oracle also has EXTRACT(xml, path).
bool Grammar::extract_arguments(Expr& call) {
    if (peek(1).keyword != Keyword::from)
        return rules().oracle ? expression_list(call.args) : fail("a field");
    at_ += 2;
    return argument(call.args);
}

/// expr [word expr]... or a plain list. Each word at most once, in any order, as the server reads them.
bool Grammar::separated(Expr& call, std::initializer_list<Keyword> separators) {
    if (!argument(call.args)) return false;
    if (at(TokenKind::comma)) {
        while (comma()) {
            if (!argument(call.args)) return false;
        }
        return true;
    }
    const auto separator = [&] {
        return std::any_of(separators.begin(), separators.end(),
                           [this](Keyword word) { return accept(word); });
    };
    while (separator()) {
        if (!argument(call.args)) return false;
    }
    return true;
}

/// [LEADING | TRAILING | BOTH] [characters] FROM text.
bool Grammar::trim_arguments(Expr& call) {
    if (!accept(Keyword::both) && !accept(Keyword::leading)) accept(Keyword::trailing);
    if (accept(Keyword::from)) return expression_list(call.args);
    if (!expression_list(call.args)) return false;
    return !accept(Keyword::from) || expression_list(call.args);
}

/// The arguments of the call whose name and qualifiers `expr` holds as a column: at the parenthesis.
Expr* Grammar::call(std::uint32_t begin, Expr* expr) {
    expr->kind = ExprKind::call;
    ++at_;
    if (!arguments(*expr) || !close_paren() || !call_tail(*expr)) return nullptr;
    return finish(expr, begin);
}

bool Grammar::arguments(Expr& call) {
    if (accept(TokenKind::star, "\"*\"")) {
        call.star_argument = true;
        return true;
    }
    if (at(TokenKind::right_paren)) return true;
    const std::string_view written = call.name.span.in(text_);
    if (rules().oracle && call.name.quote == Quote::none && call.table == nullptr) {
        if (equal_ascii_case(written.substr(0, 3), "xml")) return xml_arguments(call, call.name.value);
        if (equal_ascii_case(written.substr(0, 5), "json_") || equal_ascii_case(written, "json"))
            return json_arguments(call);
    }
    if (rules().oracle && at_query()) {  // CURSOR(SELECT ...), COLLECT and the like over a query
        call.select = query();
        return call.select != nullptr;
    }
    if (accept(Keyword::distinct) || (rules().oracle && accept(Keyword::unique))) {
        call.distinct = true;
    } else if (at(Keyword::all) && peek(1).kind != TokenKind::comma) {
        ++at_;
    }
    const bool plain = rules().postgres && tokens_[at_ - 1].kind == TokenKind::left_paren;
    bool variadic = false;  // the last one
    do {
        variadic = plain && accept(Keyword::variadic);
        if (!argument(call.args)) return false;
    } while (!variadic && comma());
    return argument_words(call);
}

/// One argument: [name =>] expression.
bool Grammar::argument(List<Expr>& list, int min_power) {
    if (!rules().names_from_strings) {
        const bool named =
            (at_function_name() || at_identifier()) &&
            (peek(1).kind == TokenKind::fat_arrow || (rules().postgres && peek(1).kind == TokenKind::assign));
        if (named) at_ += 2;
    }
    Expr* expr = expression(min_power);
    if (expr == nullptr) return false;
    list.append(expr);
    return true;
}

/// What may stand between the last argument and the parenthesis.
bool Grammar::argument_words(Expr& call) {
    if (rules().names_from_strings) return true;
    if (rules().oracle) {
        if (accept(Keyword::respect) || accept(Keyword::ignore)) return expect(Keyword::nulls);
        if (at(Keyword::on) && at_word("overflow", 1)) {
            at_ += 2;
            if (accept_word("error")) return true;
            if (!accept(Keyword::truncate)) return fail("TRUNCATE");
            if (at(TokenKind::string)) ++at_;
            if (!accept(Keyword::with) && !accept(Keyword::without)) return true;
            return accept_word("count") || fail("COUNT");
        }
        if (accept(Keyword::using_))
            return accept_word("char_cs") || accept_word("nchar_cs") || prediction(call);
    }
    return !at(Keyword::order) || order_in_call(call);
}

/// PREDICTION(model USING a, b AS c): the attributes of Oracle's mining functions.
bool Grammar::prediction(Expr& call) {
    if (accept(TokenKind::star, "\"*\"")) {
        call.star_argument = true;
        return true;
    }
    do {
        if (!argument(call.args)) return false;
        Name alias;
        if (accept(Keyword::as) && !label_name(alias, "a name")) return false;
    } while (comma());
    return true;
}

bool Grammar::order_in_call(Expr& call) {
    if (!expect(Keyword::order)) return false;
    accept(Keyword::siblings);
    call.order = node<Window>();
    return call.order != nullptr && expect(Keyword::by) && order_terms(call.order->order_by);
}

/// WITHIN GROUP, KEEP, IGNORE NULLS, FILTER, OVER.
bool Grammar::call_tail(Expr& call) {
    if (!rules().names_from_strings && !ordered_tail(call)) return false;
    if (!rules().oracle && at(Keyword::filter) && peek(1).kind == TokenKind::left_paren) {
        at_ += 2;
        if (!expect(Keyword::where)) return false;
        call.filter = expression();
        if (call.filter == nullptr || !close_paren()) return false;
    }
    if (at(Keyword::over) && (peek(1).kind == TokenKind::left_paren || at_identifier(1))) {
        ++at_;
        call.over = over_clause();
        return call.over != nullptr;
    }
    return true;
}

/// PostgreSQL's func_expr_windowless, just read: no FILTER, OVER or WITHIN GROUP.
bool Grammar::is_windowless(const Expr& call) const noexcept {
    return call.kind == ExprKind::call && call.filter == nullptr && call.over == nullptr &&
           within_group_end_ != at_;
}

bool Grammar::ordered_tail(Expr& call) {
    if (at(Keyword::within) && peek(1).keyword == Keyword::group) {
        at_ += 2;
        if (!open_paren() || !order_in_call(call) || !close_paren()) return false;
        within_group_end_ = at_;
    }
    if (!rules().oracle) return true;
    if (accept(Keyword::from)) {  // NTH_VALUE(x, 2) FROM FIRST
        if (!at(Keyword::first) && !at(Keyword::last)) {
            --at_;  // the FROM of the query
            return true;
        }
        ++at_;
    }
    if ((at(Keyword::respect) || at(Keyword::ignore)) && peek(1).keyword == Keyword::nulls) at_ += 2;
    if (!at(Keyword::keep) || peek(1).kind != TokenKind::left_paren) return true;
    at_ += 2;
    if (!expect(Keyword::dense_rank)) return false;
    if (!accept(Keyword::first) && !expect(Keyword::last)) return false;
    return order_in_call(call) && close_paren();
}

Expr* Grammar::cast() {
    const std::uint32_t begin = begin_offset();
    ++at_;
    Expr* expr = node(ExprKind::cast);
    if (expr == nullptr || !open_paren()) return nullptr;
    if (rules().oracle && accept(Keyword::multiset)) {
        if (!open_paren()) return nullptr;
        expr->select = query();
        if (expr->select == nullptr || !close_paren()) return nullptr;
    } else {
        expr->left = expression();
        if (expr->left == nullptr) return nullptr;
    }
    if (!expect(Keyword::as) || !type_name(expr->name)) return nullptr;
    if (rules().oracle && !cast_tail(*expr)) return nullptr;
    return close_paren() ? finish(expr, begin) : nullptr;
}

/// [DEFAULT x ON CONVERSION ERROR] [, format [, nls]]
bool Grammar::cast_tail(Expr& cast) {
    if (accept(Keyword::default_)) {
        if (!argument(cast.args) || !expect(Keyword::on)) return false;
        if (!accept_word("conversion") || !accept_word("error")) return fail("CONVERSION ERROR");
    }
    while (comma()) {
        if (!argument(cast.args)) return false;
    }
    return true;
}

}  // namespace majed::sql
