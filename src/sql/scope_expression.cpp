// SPDX-License-Identifier: Apache-2.0
// Expressions: calls and what may be called in disguise, casts, queries inside; which of them may fail on some row.
#include "core/short_text.h"
#include "sql/functions.h"
#include "sql/parser.h"
#include "sql/scope_pass.h"

#include <algorithm>
#include <array>
#include <string>

namespace majed::sql {
namespace {

/// A longer pattern, or one with more wildcards, takes long on some texts.
constexpr std::size_t longest_pattern = 200;
constexpr std::ptrdiff_t most_wildcards = 3;

/// One table and nothing else: no WITH, no compound, no LIMIT, no query inside.
bool is_single_scan(const Select& select) noexcept {
    if (select.with != nullptr || select.limit != nullptr || select.cores.size != 1 || select.relations != 1)
        return false;
    const Core& core = *select.cores.first;
    return core.nested == nullptr && core.from.size == 1 && core.from.first->relation != nullptr &&
           core.windows.empty() && core.connect_by == nullptr;
}

bool is_comparison(Operator op) noexcept {
    return op == Operator::equal || op == Operator::not_equal || op == Operator::less ||
           op == Operator::less_equal || op == Operator::greater || op == Operator::greater_equal ||
           op == Operator::is || op == Operator::is_not;
}

enum class ValueClass : std::uint8_t { any, number, floating, object_id, text, time, truth, other };

/// Types whose comparisons raise no error and run nothing that a user defined, each as its engine spells it. A user's own
/// type may have the other engine's name.
ValueClass class_of_type(std::string_view declared, bool postgres) noexcept {
    if (declared.ends_with(']')) return ValueClass::other;
    const std::string_view name = declared.substr(0, declared.find('('));
    const auto is_one_of = [name](const auto& names) {
        return std::any_of(names.begin(), names.end(), [name](std::string_view each) {
            return each.size() == name.size() && equal_ascii_case(each, name);
        });
    };
    constexpr std::array times =
        std::to_array<std::string_view>({"date", "timestamp", "timestamp without time zone",
                                         "timestamp with time zone", "time without time zone", "interval"});
    if (is_one_of(times)) return ValueClass::time;
    if (!postgres) {
        constexpr std::array numbers = std::to_array<std::string_view>({"number", "float"});
        constexpr std::array texts =
            std::to_array<std::string_view>({"varchar2", "char", "nvarchar2", "nchar", "varchar"});
        if (is_one_of(numbers)) return ValueClass::number;
        if (is_one_of(texts)) return ValueClass::text;
        return equal_ascii_case(name, "boolean") ? ValueClass::truth : ValueClass::other;
    }
    constexpr std::array texts = std::to_array<std::string_view>(
        {"text", "character varying", "character", "uuid", "name", "\"char\"", "bytea"});
    if (is_one_of(texts)) return ValueClass::text;
    if (name == "smallint" || name == "integer" || name == "bigint" || name == "numeric")
        return ValueClass::number;
    // A numeric may be too large for them, and a bigint for an oid.
    if (name == "real" || name == "double precision") return ValueClass::floating;
    if (name == "oid") return ValueClass::object_id;
    return name == "boolean" ? ValueClass::truth : ValueClass::other;
}

bool is_whole_number(std::string_view declared) noexcept {
    return declared == "smallint" || declared == "integer" || declared == "bigint";
}

std::string_view declared_type(const Expr& column) noexcept {
    const ItemColumns columns = columns_of(*column.source);
    const auto index = static_cast<std::uint32_t>(column.column);
    if (columns.relation != nullptr) return columns.relation->columns[index].declared_type;
    return columns.outputs[index].declared_type;
}

/// Empty for what is no column.
std::string_view type_of(const Expr& expr) noexcept {
    const bool column = expr.kind == ExprKind::column && expr.binding == Binding::column;
    return column ? declared_type(expr) : std::string_view();
}

/// DATE '2025-01-31', TIMESTAMP '...': read with the statement, before any row.
bool is_typed_literal(const Expr& expr) noexcept {
    return expr.kind == ExprKind::cast && expr.left != nullptr && expr.left->kind == ExprKind::literal &&
           expr.name.span.begin == expr.span.begin;
}

ValueClass class_of(const Expr& expr, bool postgres) noexcept {
    if (!postgres && is_typed_literal(expr)) return class_of_type(expr.name.value, postgres);
    if (!postgres && expr.kind == ExprKind::unary && expr.op == Operator::negate &&
        expr.left->kind == ExprKind::literal)
        return class_of(*expr.left, postgres);
    if (expr.kind == ExprKind::literal) {
        if (expr.op == Operator::integer || expr.op == Operator::real) return ValueClass::number;
        return expr.op == Operator::string ? ValueClass::text : ValueClass::any;
    }
    if (expr.kind == ExprKind::bind || expr.kind == ExprKind::attribute) return ValueClass::any;
    return class_of_type(type_of(expr), postgres);
}

/// Classes of two columns that are compared without a conversion that may fail.
bool are_comparable(std::string_view a, std::string_view b, bool postgres) noexcept {
    const ValueClass left = class_of_type(a, postgres);
    const ValueClass right = class_of_type(b, postgres);
    if (left == ValueClass::other || right == ValueClass::other) return false;
    return left == right || (left == ValueClass::floating && is_whole_number(b)) ||
           (right == ValueClass::floating && is_whole_number(a));
}

/// Oracle: not "lower"(x), which is whoever's function of that very name, nor (x).lower(), a method of whoever's type.
bool is_built_in_call(const Expr& call) noexcept {
    const bool method = !call.args.empty() && call.args.first->span.begin < call.name.span.begin;
    return call.name.quote == Quote::none && !method;
}

bool is_constant(const Expr& expr) noexcept {
    return expr.kind == ExprKind::literal || expr.kind == ExprKind::bind || expr.kind == ExprKind::attribute;
}

/// `int`, `pg_catalog.int4[]`, `numeric(10, 2)`: the name alone, in `room`, which was empty.
std::string_view type_stem(std::string_view written, ShortText& room) {
    bool apart = false;
    for (const char c : written) {
        if (c == '(' || c == '[') break;
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
        if (!space && apart && !room.view().empty()) room.add(' ');
        if (!space) room.add(ascii_lower(c));
        apart = space;
    }
    constexpr std::string_view own = "pg_catalog.";
    const std::string_view stem = room.view();
    return stem.starts_with(own) ? stem.substr(own.size()) : stem;
}

}  // namespace

bool ScopePass::expression(Expr& expr, NameScope& scope) {
    bool resolved = true;
    switch (expr.kind) {
        case ExprKind::literal:
        case ExprKind::bind:
        case ExprKind::attribute:
        case ExprKind::default_value:
            return true;
        case ExprKind::column:
            resolved = column(expr, scope);
            break;
        case ExprKind::call:
            resolved = call(expr, scope);
            break;
        case ExprKind::cast:
            resolved = cast(expr, scope);
            break;
        case ExprKind::field:
            resolved = field(expr, scope);
            break;
        case ExprKind::in_table:
            return fail(Error{ErrorCode::unsupported, "IN takes a list or a query"}.at(expr.span.begin));
        case ExprKind::unary:
        case ExprKind::binary:
        case ExprKind::like:
        case ExprKind::between:
        case ExprKind::in_list:
        case ExprKind::in_select:
        case ExprKind::is_null:
        case ExprKind::collate:
        case ExprKind::case_when:
        case ExprKind::exists:
        case ExprKind::subquery:
        case ExprKind::row:
        case ExprKind::subscript:
        case ExprKind::array:
        case ExprKind::quantified:
        case ExprKind::is_test:
        case ExprKind::grouping:
            resolved = custom_operator(expr) && children(expr, scope);
            break;
    }
    if (resolved) judge(expr);
    return resolved;
}

bool ScopePass::children(Expr& expr, NameScope& scope) {
    for (Expr* const part : {expr.left, expr.right, expr.extra}) {
        if (part != nullptr && !expression(*part, scope)) return false;
    }
    for (Expr& argument : expr.args) {
        if (!expression(argument, scope)) return false;
    }
    return expr.select == nullptr || nested_query(expr, scope);
}

bool ScopePass::nested_query(Expr& expr, NameScope& scope) {
    if (!query(*expr.select, &scope, scope.with)) return false;
    absorb(*expr.select, *scope.select);
    for (std::uint32_t i = 0; i < expr.select->column_count; ++i)
        expr.masked |= expr.select->columns[i].masked;
    return true;
}

/// OPERATOR(schema.op) may name anybody's operator.
bool ScopePass::custom_operator(const Expr& expr) {
    if (expr.op != Operator::custom) return true;
    std::string_view name = expr.name.value;
    if (name.ends_with(')')) {
        const std::size_t open = name.find('(');
        name = name.substr(open + 1, name.size() - open - 2);
        const std::size_t dot = name.rfind('.');
        const bool own = dot != std::string_view::npos && name.substr(0, dot) == "pg_catalog";
        if (dot != std::string_view::npos && !own)
            return fail(
                Error{ErrorCode::denied, "operators of other schemas are not allowed"}.at(expr.span.begin));
        if (own) name.remove_prefix(dot + 1);
    }
    if (schema_.operator_allowed(name)) return true;
    return fail(
        Error{ErrorCode::denied, "operator " + std::string(name) + " is not allowed"}.at(expr.span.begin));
}

/// `qualifier`: a schema or package written before the name.
bool ScopePass::callable(std::string_view name, const Name* qualifier, Span at) {
    const bool own = qualifier == nullptr || (dialect_.grammar.postgres && qualifier->value == "pg_catalog");
    const ShortText known = dialect_.grammar.postgres ? ShortText(name) : ShortText::lower(name);
    if (!own || !schema_.function_allowed(known.view())) {
        const std::string before = qualifier == nullptr ? "" : std::string(qualifier->value) + ".";
        return fail(Error{ErrorCode::denied, "function " + before + std::string(name) + " is not allowed"}.at(
            at.begin));
    }
    resolution_.functions.push_back(name);
    if (resolution_.functions.size() <= resolution_.budget.calls) return true;
    return refuse_too_large("the statement calls too many functions", at);
}

bool ScopePass::call(Expr& expr, NameScope& scope) {
    bool is_column = false;
    if (dialect_.scopes.whole_rows && !column_of_row(expr, scope, is_column)) return false;
    if (is_column) return true;
    if (expr.schema != nullptr)
        return fail(
            Error{ErrorCode::denied, "functions of other databases are not allowed"}.at(expr.span.begin));
    if (dialect_.grammar.oracle && !is_built_in_call(expr)) {
        return fail(
            Error{ErrorCode::denied, "function " + std::string(expr.name.value) + " is not allowed"}.at(
                expr.name.span.begin));
    }
    // COLLATION FOR (x) is two words.
    if (!callable(expr.name.value, expr.table, expr.name.span)) return false;
    const FunctionFacts* facts = function_facts(ShortText::lower(expr.name.value).view(), dialect_.id);
    expr.unsafe = facts == nullptr || !facts->safe || expr.over != nullptr;
    if (facts != nullptr && facts->kind == FunctionKind::aggregate && expr.over == nullptr &&
        scope.core != nullptr)
        scope.core->aggregate = true;
    return call_parts(expr, scope);
}

bool ScopePass::call_parts(Expr& expr, NameScope& scope) {
    if (expr.filter != nullptr && !expression(*expr.filter, scope)) return false;
    if (expr.over != nullptr && !expr.over->reference_only && !window(*expr.over, scope)) return false;
    if (expr.order != nullptr && !window(*expr.order, scope)) return false;
    return children(expr, scope);
}

/// c(t) is t.c where no function is called so (ParseFuncOrColumn).
bool ScopePass::column_of_row(Expr& call, NameScope& scope, bool& found) {
    const bool may_be = call.args.size == 1 && call.table == nullptr && call.over == nullptr &&
                        call.filter == nullptr && call.args.first->kind == ExprKind::column &&
                        !schema_.function_allowed(call.name.value);
    if (!may_be) return true;
    Expr& row = *call.args.first;
    if (row.schema != nullptr) return true;
    NameScope* level = nullptr;
    FromItem* item = item_called(row.name, row.table, scope, level);
    if (item == nullptr) return true;
    const auto index = find_column(*item, call.name.value);
    if (error_ || !index) return !error_;
    found = true;
    correlate(scope, *level);
    row.binding = Binding::whole_row;
    row.source = item;
    if (row.table != nullptr) resolution_.qualified_rows.push_back(&row);
    use(*item, *index);
    bind(call, *item, *index);
    call.binding = Binding::opaque;
    call.unsafe = true;
    return !error_;
}

/// (value).name: a field, or a function of that name called with the value.
bool ScopePass::field(Expr& expr, NameScope& scope) {
    expr.unsafe = true;
    if (!expression(*expr.left, scope)) return false;
    if (expr.star_argument) return true;
    const Expr& row = *expr.left;
    if (row.binding == Binding::whole_row) {
        const auto index = find_column(*row.source, expr.name.value);
        if (error_) return false;
        if (index || is_open(*row.source)) return true;
    }
    if (!dialect_.scopes.whole_rows || schema_.is_field(expr.name.value)) return true;
    if (!schema_.function_allowed(expr.name.value)) {
        return fail(
            Error{ErrorCode::denied, "function " + std::string(expr.name.value) +
                                         " is not allowed, and fields of a composite value are not offered"}
                .with_hint("Where a function makes the value, call it in FROM and name its columns.")
                .at(expr.name.span.begin));
    }
    return callable(expr.name.value, nullptr, expr.name.span);
}

bool ScopePass::cast(Expr& expr, NameScope& scope) {
    if (!children(expr, scope)) return false;
    ShortText room;
    const std::string_view type = type_stem(expr.name.value, room);
    if (schema_.type_allowed(type)) return true;
    return fail(Error{ErrorCode::denied, "type " + std::string(type) + " is not allowed in a cast"}.at(
        expr.name.span.begin));
}

/// Sets `unsafe` and `masked` from the parts and the expression itself.
void ScopePass::judge(Expr& expr) {
    bool unsafe = false;
    const auto look = [&](const Expr* part) {
        if (part == nullptr) return;
        unsafe |= part->unsafe;
        expr.masked |= part->masked;
    };
    for (const Expr* part : {expr.left, expr.right, expr.extra, expr.filter, expr.alias_of}) look(part);
    for (const Expr& argument : expr.args) look(&argument);
    expr.unsafe |= unsafe || unsafe_by_itself(expr);
}

/// May this node, apart from its parts, raise an error, burn time, or run what a user defined?
bool ScopePass::unsafe_by_itself(const Expr& expr) const {
    switch (expr.kind) {
        case ExprKind::literal:
        case ExprKind::bind:
        case ExprKind::attribute:
        case ExprKind::default_value:
        case ExprKind::column:
        case ExprKind::is_null:
        case ExprKind::row:
        case ExprKind::grouping:
            return false;
        case ExprKind::call:
            return unsafe_call(expr);
        case ExprKind::case_when:
            return expr.left != nullptr || unsafe_mixture(expr.extra, expr.args, 2);
        case ExprKind::unary:
            if (expr.op == Operator::logical_not) return false;
            return (expr.op != Operator::negate && expr.op != Operator::plus) || !is_constant(*expr.left);
        case ExprKind::binary:
            if (expr.op == Operator::and_ || expr.op == Operator::or_) return false;
            return !is_comparison(expr.op) || unsafe_comparison(*expr.left, *expr.right);
        case ExprKind::like:
            return unsafe_pattern(expr);
        case ExprKind::between:
            return unsafe_comparison(*expr.left, *expr.right) || unsafe_comparison(*expr.left, *expr.extra);
        case ExprKind::in_list:
            return std::any_of(expr.args.begin(), expr.args.end(),
                               [&](const Expr& each) { return unsafe_comparison(*expr.left, each); });
        case ExprKind::cast:
            return unsafe_cast(expr);
        case ExprKind::in_select:
        case ExprKind::exists:
            return expr.select->unsafe || expr.select->correlated || !is_single_scan(*expr.select) ||
                   (expr.left != nullptr && unsafe_membership(*expr.left, *expr.select));
        case ExprKind::quantified:
            return unsafe_quantified(expr);
        case ExprKind::is_test:
        case ExprKind::subquery:
        case ExprKind::collate:
        case ExprKind::in_table:
        case ExprKind::field:
        case ExprKind::subscript:
        case ExprKind::array:
            return true;
    }
    return true;
}

/// Only values of one plain class are compared without any conversion that may fail on the way.
bool ScopePass::unsafe_comparison(const Expr& a, const Expr& b) const {
    const bool postgres = dialect_.grammar.postgres;
    const ValueClass left = class_of(a, postgres);
    const ValueClass right = class_of(b, postgres);
    if (left == ValueClass::other || right == ValueClass::other) return true;
    // The text of a literal or a parameter becomes the other side's type before any row is looked at.
    if (postgres && (is_constant(a) || is_constant(b))) return false;
    if (left == ValueClass::any || right == ValueClass::any) return !(is_constant(a) && is_constant(b));
    if (type_of(a).empty() || type_of(b).empty()) return left != right;
    return !are_comparable(type_of(a), type_of(b), postgres);
}

/// Do these, every `step`th of them, become one type by a conversion that may fail on some row?
bool ScopePass::unsafe_mixture(const Expr* first, const List<Expr>& others, std::size_t step) const {
    const Expr* widest = nullptr;
    const auto clashes = [&](const Expr* each) {
        if (each == nullptr || is_constant(*each)) return false;
        const Expr* const before = widest;
        if (before == nullptr || is_whole_number(type_of(*before))) widest = each;
        if (before == nullptr) return false;
        const std::string_view a = type_of(*before);
        const std::string_view b = type_of(*each);
        const bool postgres = dialect_.grammar.postgres;
        if (a == b) return class_of_type(a, postgres) == ValueClass::other;
        // A date may be too late for a timestamp.
        return !are_comparable(a, b, postgres) || class_of_type(a, postgres) == ValueClass::time;
    };
    if (clashes(first)) return true;
    std::size_t place = 0;
    return std::any_of(others.begin(), others.end(),
                       [&](const Expr& each) { return ++place % step == 0 && clashes(&each); });
}

/// Functions that are safe on some arguments only.
bool ScopePass::unsafe_call(const Expr& call) const {
    if (!dialect_.grammar.postgres) return false;
    const std::string_view name = call.name.value;
    // Of an encoding, or of a path.
    if (name == "length") return call.args.size != 1 || class_of(*call.args.first, true) != ValueClass::text;
    const bool mixes = name == "coalesce" || name == "nullif" || name == "greatest" || name == "least";
    return mixes && unsafe_mixture(nullptr, call.args, 1);
}

/// A literal is converted before any row is looked at, but a number to money only when it is needed; so is a parameter to
/// a precision that it may not fit.
bool ScopePass::unsafe_cast(const Expr& expr) const {
    if (!dialect_.grammar.postgres) return !is_typed_literal(expr);
    if (expr.left == nullptr || !is_constant(*expr.left)) return true;
    if (expr.left->kind != ExprKind::literal) return expr.name.value.find('(') != std::string_view::npos;
    const bool number = expr.left->op == Operator::integer || expr.left->op == Operator::real;
    ShortText room;
    return number && type_stem(expr.name.value, room) == "money";
}

/// x IN (query): each of its values is compared.
bool ScopePass::unsafe_membership(const Expr& value, const Select& select) const {
    const bool postgres = dialect_.grammar.postgres;
    if (select.column_count != 1 || class_of(value, postgres) == ValueClass::other) return true;
    const std::string_view found = select.columns[0].declared_type;
    if (is_constant(value)) return class_of_type(found, postgres) == ValueClass::other;
    return !are_comparable(type_of(value), found, postgres);
}

bool ScopePass::unsafe_equality(const OutputColumn& a, const OutputColumn& b) const {
    return a.unsafe || b.unsafe ||
           !are_comparable(a.declared_type, b.declared_type, dialect_.grammar.postgres);
}

bool ScopePass::unsafe_pattern(const Expr& expr) const {
    const bool plain = (expr.op == Operator::like || expr.op == Operator::ilike) && expr.extra == nullptr &&
                       expr.right->kind == ExprKind::literal && expr.right->op == Operator::string &&
                       class_of(*expr.left, dialect_.grammar.postgres) == ValueClass::text;
    if (!plain) return true;
    const std::string_view pattern = expr.right->span.in(text_);
    return pattern.size() > longest_pattern || pattern.find('\\') != std::string_view::npos ||
           std::count(pattern.begin(), pattern.end(), '%') > most_wildcards;
}

/// x = ANY ('{1,2}'), x = ANY ($1)
bool ScopePass::unsafe_quantified(const Expr& expr) const {
    const bool plain = is_comparison(expr.op) && expr.args.size == 1 && is_constant(*expr.args.first);
    return !plain || !dialect_.grammar.postgres || class_of(*expr.left, true) == ValueClass::other;
}

}  // namespace majed::sql
