// SPDX-License-Identifier: Apache-2.0
// The names of result columns without alias: FigureColnameInternal of PostgreSQL 15's parse_target.c.
#include "core/ascii.h"
#include "sql/keyword.h"
#include "sql/scope_pass.h"

#include <array>
#include <string_view>
#include <utility>

namespace majed::sql {
namespace {

/// A weak name gives way to that of a type around it.
struct FoundName {
    std::string_view name;
    enum class Strength : std::uint8_t { none, weak, strong } strength = Strength::none;
};

constexpr FoundName::Strength strong = FoundName::Strength::strong;
constexpr FoundName::Strength weak = FoundName::Strength::weak;

/// What gram.y calls the types that have names of their own in SQL.
constexpr std::array type_names = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"int", "int4"},
    {"integer", "int4"},
    {"smallint", "int2"},
    {"bigint", "int8"},
    {"real", "float4"},
    {"float", "float8"},
    {"double", "float8"},
    {"decimal", "numeric"},
    {"dec", "numeric"},
    {"boolean", "bool"},
    {"char", "bpchar"},
    {"character", "bpchar"},
    {"national", "bpchar"},
    {"nchar", "bpchar"},
});

/// Functions that gram.y calls otherwise than their syntax does.
constexpr std::array call_names = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"trim", "btrim"},
    {"collation", "pg_collation_for"},
});

bool contains_word(std::string_view text, std::string_view word) noexcept {
    for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
        if (equal_ascii_case(text.substr(i, word.size()), word)) return true;
    }
    return false;
}

std::string_view first_word(std::string_view text) noexcept {
    std::size_t end = 0;
    while (end < text.size() &&
           (ascii_lower(text[end]) != text[end] || (text[end] >= 'a' && text[end] <= 'z')))
        ++end;
    return text.substr(0, end);
}

/// The last part of a type's name, as the server's own catalogue has it.
std::string_view type_name(std::string_view written) noexcept {
    const std::string_view word = first_word(written);
    const bool qualified = written.find('.') != std::string_view::npos;
    if (!qualified) {
        for (const auto& [sql, own] : type_names) {
            if (equal_ascii_case(word, sql) && !(own == "bpchar" && contains_word(written, "varying")))
                return own;
        }
        const bool zoned = contains_word(written, "with ");
        if (equal_ascii_case(word, "timestamp")) return zoned ? "timestamptz" : "timestamp";
        if (equal_ascii_case(word, "time")) return zoned ? "timetz" : "time";
        if (equal_ascii_case(word, "character") || equal_ascii_case(word, "char") ||
            equal_ascii_case(word, "national") || equal_ascii_case(word, "nchar"))
            return "varchar";
        if (equal_ascii_case(word, "bit")) return contains_word(written, "varying") ? "varbit" : "bit";
    }
    std::string_view name = written.substr(0, written.find_first_of("(["));
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (name.size() > 1 && name.front() == '"') return name.substr(1, name.size() - 2);
    return name.substr(0, name.find(' '));
}

std::string_view call_name(const Expr& call) noexcept {
    for (const auto& [written, own] : call_names) {
        if (call.name.value == written && call.table == nullptr) return own;
    }
    return call.name.value;
}

FoundName of(const Expr& expr);

FoundName of_query(const Select& select) {
    if (select.column_count == 0 || select.columns[0].name == "?column?") return {};
    return {select.columns[0].name, strong};
}

FoundName of_case(const Expr& expr) {
    const FoundName found = expr.extra != nullptr ? of(*expr.extra) : FoundName{};
    return found.strength == strong ? found : FoundName{"case", weak};
}

FoundName of_cast(const Expr& expr) {
    const FoundName found = expr.left != nullptr ? of(*expr.left) : FoundName{};
    return found.strength == strong ? found : FoundName{type_name(expr.name.value), weak};
}

FoundName of(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::column:
            return {expr.name.value, strong};
        case ExprKind::field:
            return expr.star_argument ? of(*expr.left) : FoundName{expr.name.value, strong};
        case ExprKind::subscript:
        case ExprKind::collate:
            return of(*expr.left);
        case ExprKind::call:
            return {call_name(expr), strong};
        case ExprKind::cast:
            return of_cast(expr);
        case ExprKind::case_when:
            return of_case(expr);
        case ExprKind::exists:
            return {"exists", strong};
        case ExprKind::array:
            return {"array", strong};
        case ExprKind::row:
            return {"row", strong};
        case ExprKind::subquery:
            return of_query(*expr.select);
        case ExprKind::literal:
            return expr.op == Operator::boolean ? FoundName{"bool", weak} : FoundName{};
        case ExprKind::binary:
            if (expr.op == Operator::at_time_zone) return {"timezone", strong};
            return expr.op == Operator::overlaps ? FoundName{"overlaps", strong} : FoundName{};
        case ExprKind::unary:
        case ExprKind::bind:
        case ExprKind::attribute:
        case ExprKind::like:
        case ExprKind::between:
        case ExprKind::in_list:
        case ExprKind::in_select:
        case ExprKind::in_table:
        case ExprKind::is_null:
        case ExprKind::quantified:
        case ExprKind::is_test:
        case ExprKind::grouping:
        case ExprKind::default_value:
            return {};
    }
    return {};
}

}  // namespace

std::string_view result_name(const Expr& expr, std::string_view text, const Dialect& dialect) {
    if (dialect.grammar.postgres) {
        const FoundName found = of(expr);
        return found.strength == FoundName::Strength::none ? std::string_view("?column?") : found.name;
    }
    return expr.kind == ExprKind::column ? expr.name.value : expr.span.in(text);
}

}  // namespace majed::sql
