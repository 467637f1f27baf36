// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "sql/functions.h"
#include "sql/parser.h"
#include "sql/resolution_pass.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace majed::sql {
namespace {

constexpr std::size_t longest_function_name = 32;
/// SQLITE_LIMIT_LIKE_PATTERN_LENGTH that the driver sets; a longer pattern raises an error on the first row it meets.
constexpr std::size_t safe_pattern_bytes = 200;
/// Arguments up to this size keep instr, trim, strftime and LIKE quick; the limits of the driver bound the rest.
constexpr std::uint32_t longest_short_text = 1000;
/// More wildcards let the time of a match grow with a power of the text's length.
constexpr std::ptrdiff_t safe_wildcards = 3;

/// `name` in lower case, in `buffer`; cut when it is longer than any function's.
std::string_view folded(std::string_view name, std::array<char, longest_function_name>& buffer) noexcept {
    const std::string_view kept = name.substr(0, buffer.size());
    std::transform(kept.begin(), kept.end(), buffer.begin(), [](char c) { return ascii_lower(c); });
    return {buffer.data(), kept.size()};
}

/// One table and nothing else: no WITH, no compound, no LIMIT, no query inside.
bool is_one_scan(const Select& select) noexcept {
    if (select.with != nullptr || select.limit != nullptr || select.cores.size != 1 || select.relations != 1)
        return false;
    const Core& core = *select.cores.first;
    return core.from.size == 1 && core.from.first->relation != nullptr && core.windows.empty();
}

bool short_only(const Expr& call) noexcept {
    std::array<char, longest_function_name> buffer{};
    const FunctionFacts* facts = function_facts(folded(call.name.value, buffer));
    return facts == nullptr || facts->short_only;
}

/// A test for NULL, or count(x): the same whatever the value, so that it may be an encrypted one.
bool looks_at_no_value(const Expr& expr) noexcept {
    if (expr.kind == ExprKind::is_null) return true;
    if (expr.kind == ExprKind::binary && (expr.op == Operator::is || expr.op == Operator::is_not))
        return expr.right->kind == ExprKind::literal && expr.right->op == Operator::null;
    return expr.kind == ExprKind::call && !expr.distinct && expr.args.size == 1 &&
           same_name(expr.name.value, "count");
}

}  // namespace

bool is_rowid_name(std::string_view name) noexcept {
    return same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
}

bool ResolutionPass::expression(Expr& expr, Scope& scope) {
    return handed_through(expr, scope) && (expr.encryption == 0 || refuse_encrypted(expr));
}

/// As expression, for the places that do nothing with a value.
bool ResolutionPass::handed_through(Expr& expr, Scope& scope) {
    bool resolved = true;
    switch (expr.kind) {
        case ExprKind::literal:
        case ExprKind::bind:
        case ExprKind::attribute:
            expr.bulky = expr.kind == ExprKind::bind || expr.span.end - expr.span.begin > longest_short_text;
            return true;
        case ExprKind::column:
            resolved = column(expr, scope);
            break;
        case ExprKind::call:
            resolved = call(expr, scope);
            break;
        case ExprKind::in_select:
        case ExprKind::exists:
        case ExprKind::subquery:
            resolved = children(expr, scope) && nested_query(expr, scope);
            break;
        case ExprKind::in_table:
            resolved = children(expr, scope) && in_table(expr, scope);
            break;
        case ExprKind::like:
            resolved = pattern_allowed(expr) && children(expr, scope);
            break;
        case ExprKind::default_value:  // not of SQLite
            return fail(Error{ErrorCode::unsupported, "DEFAULT is not supported"}.at(expr.span.begin));
        case ExprKind::unary:
        case ExprKind::binary:
        case ExprKind::between:
        case ExprKind::in_list:
        case ExprKind::is_null:
        case ExprKind::collate:
        case ExprKind::cast:
        case ExprKind::case_when:
        case ExprKind::row:
        case ExprKind::field:
        case ExprKind::subscript:
        case ExprKind::array:
        case ExprKind::quantified:
        case ExprKind::is_test:
        case ExprKind::grouping:
            resolved = children(expr, scope) && (expr.select == nullptr || nested_query(expr, scope));
            break;
    }
    if (resolved) judge(expr);
    return resolved;
}

/// x MATCH y and x REGEXP y call functions of those names.
bool ResolutionPass::pattern_allowed(const Expr& expr) {
    const bool match = expr.op == Operator::match;
    if (!match && expr.op != Operator::regexp) return true;
    if (schema_.function_allowed(match ? "match" : "regexp")) return true;
    return fail(Error{ErrorCode::denied, std::string(match ? "MATCH" : "REGEXP") + " is not allowed"}.at(
        expr.span.begin));
}

bool ResolutionPass::children(Expr& expr, Scope& scope) {
    const bool blind = looks_at_no_value(expr);
    const auto part = [&](Expr& each) {
        return blind ? handed_through(each, scope) : expression(each, scope);
    };
    if (expr.left != nullptr && !part(*expr.left)) return false;
    if (expr.right != nullptr && !part(*expr.right)) return false;
    if (expr.extra != nullptr && !part(*expr.extra)) return false;
    for (Expr& argument : expr.args) {
        if (!part(argument)) return false;
    }
    return true;
}

/// Sets `unsafe` and `masked` from the parts and the expression itself.
void ResolutionPass::judge(Expr& expr) {
    bool unsafe = false;
    bool masked = expr.masked;
    bool bulky = expr.bulky || expr.select != nullptr;
    const auto look = [&](const Expr* part) {
        if (part == nullptr) return;
        unsafe |= part->unsafe;
        masked |= part->masked;
        bulky |= part->bulky;
    };
    look(expr.left);
    look(expr.right);
    look(expr.extra);
    look(expr.filter);
    look(expr.alias_of);
    for (const Expr& argument : expr.args) look(&argument);
    expr.bulky = bulky;
    expr.masked = masked;
    expr.unsafe |= unsafe || unsafe_by_itself(expr);
}

/// May this node, apart from its parts, raise an error or burn time?
bool ResolutionPass::unsafe_by_itself(const Expr& expr) {
    switch (expr.kind) {
        case ExprKind::binary:
            return expr.op == Operator::concat || expr.op == Operator::arrow ||
                   expr.op == Operator::double_arrow;
        case ExprKind::like:
            return unsafe_pattern(expr);
        case ExprKind::in_select:
        case ExprKind::exists:
        case ExprKind::subquery:
            return expr.select->unsafe || expr.select->correlated || !is_one_scan(*expr.select) ||
                   !cheap_scan();
        case ExprKind::call:
            return expr.bulky && short_only(expr);
        case ExprKind::field:
        case ExprKind::subscript:
        case ExprKind::array:
        case ExprKind::quantified:
        case ExprKind::is_test:
        case ExprKind::grouping:
        case ExprKind::default_value:
            return true;  // not of SQLite
        case ExprKind::in_table:
        case ExprKind::column:
        case ExprKind::literal:
        case ExprKind::bind:
        case ExprKind::attribute:
        case ExprKind::unary:
        case ExprKind::between:
        case ExprKind::in_list:
        case ExprKind::is_null:
        case ExprKind::collate:
        case ExprKind::cast:
        case ExprKind::case_when:
        case ExprKind::row:
            return false;  // calls and columns were judged where they were resolved
    }
    return true;
}

/// A scan that cannot fail is evaluated once and may stay where an index can use it; many of them add up.
bool ResolutionPass::cheap_scan() {
    constexpr std::size_t most = 2;
    return ++resolution_.cheap_scans <= most;
}

bool ResolutionPass::unsafe_pattern(const Expr& expr) const {
    const auto literal = [](const Expr* part) {
        return part != nullptr && part->kind == ExprKind::literal && part->op == Operator::string;
    };
    if (expr.bulky || !literal(expr.right) || expr.op == Operator::match || expr.op == Operator::regexp)
        return true;
    if (expr.extra != nullptr) {
        // The escape must be exactly one character, or the engine raises an error.
        if (!literal(expr.extra) || expr.extra->span.end - expr.extra->span.begin != 3) return true;
    }
    const std::string_view pattern = expr.right->span.in(text_);
    const char wildcard = expr.op == Operator::glob ? '*' : '%';
    return pattern.size() > safe_pattern_bytes ||
           std::count(pattern.begin(), pattern.end(), wildcard) > safe_wildcards;
}

bool ResolutionPass::nested_query(Expr& expr, Scope& scope) {
    if (!select(*expr.select, &scope, scope.with)) return false;
    absorb(*expr.select, *scope.select);
    for (std::uint32_t i = 0; i < expr.select->column_count; ++i) {
        const OutputColumn& column = expr.select->columns[i];
        expr.masked |= column.masked;
        if (column.encryption == 0 || expr.kind == ExprKind::exists) continue;
        // The one value of a query in parentheses is handed through; IN and rows of values are compared.
        const bool value = expr.kind == ExprKind::subquery && expr.select->column_count == 1;
        if (!value) return refuse_encrypted(column.name, expr.span);
        expr.encryption = column.encryption;
    }
    return true;
}

/// x IN t: every column of t is read.
bool ResolutionPass::in_table(Expr& expr, Scope& scope) {
    FromItem& item = *expr.from;
    item.in_operand = true;
    if (!table_item(item, scope)) return false;
    for (Expr& argument : item.args) {
        if (!expression(argument, scope)) return false;
    }
    const ItemColumns columns = columns_of(item);
    for (std::uint32_t i = 0; i < columns.count; ++i) {
        if (columns.encryption(i) != 0) return refuse_encrypted(columns.name(i), item.span);
        use(item, i);
    }
    expr.unsafe = item.relation == nullptr || item.relation->table_function || !cheap_scan();
    return true;
}

/// A width may ask for gigabytes, which the engine writes before it looks at any limit.
bool ResolutionPass::format_allowed(const Expr& expr, std::string_view function) {
    if ((function != "printf" && function != "format") || expr.args.empty()) return true;
    const Expr& format = *expr.args.first;
    bool plain = format.kind == ExprKind::literal && format.op == Operator::string;
    std::size_t digits = 0;
    for (const char c : format.span.in(text_)) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        plain = plain && c != '*' && digits <= 3;
    }
    if (plain) return true;
    return fail(
        Error{ErrorCode::denied, "the format must be a string with widths of at most three digits"}.at(
            format.span.begin));
}

bool ResolutionPass::call(Expr& expr, Scope& scope) {
    std::array<char, longest_function_name> buffer{};
    const std::string_view lower = folded(expr.name.value, buffer);
    if (expr.name.value.size() > buffer.size() || !schema_.function_allowed(lower)) {
        return fail(
            Error{ErrorCode::denied, "function " + std::string(expr.name.value) + " is not allowed"}.at(
                expr.name.span.begin));
    }
    resolution_.functions.push_back(expr.name.value);
    if (resolution_.functions.size() > resolution_.budget.calls) {
        return fail(
            Error{ErrorCode::too_large, "the statement calls too many functions"}.at(expr.span.begin));
    }
    if (!format_allowed(expr, lower)) return false;
    const FunctionFacts* facts = function_facts(lower);
    expr.unsafe = facts == nullptr || !facts->safe || expr.over != nullptr;
    const bool scalar_use = facts != nullptr && facts->kind == FunctionKind::aggregate && expr.args.size > 1;
    if (facts != nullptr && facts->kind == FunctionKind::aggregate && expr.over == nullptr && !scalar_use &&
        scope.core != nullptr) {
        scope.core->aggregate = true;
    }
    if (expr.filter != nullptr && !expression(*expr.filter, scope)) return false;
    if (expr.over != nullptr && !expr.over->reference_only && !window(*expr.over, scope)) return false;
    return children(expr, scope);
}

bool ResolutionPass::column(Expr& expr, Scope& scope) {
    bool found = false;
    for (Scope* each = &scope; each != nullptr && !found; each = each->outer) {
        if (each->core == nullptr) continue;
        if (!column_in(expr, *each, found)) return false;
        if (!found && each->excluded != nullptr && !excluded_in(expr, *each, found)) return false;
        if (!found && each->aliases_visible && expr.table == nullptr) found = alias_in(expr, *each);
        if (!found) continue;
        for (Scope* inner = &scope; inner != each; inner = inner->outer) inner->select->correlated = true;
    }
    if (found || (expr.table == nullptr && literal_name(expr))) return true;
    return unknown_column(expr);
}

bool ResolutionPass::column_in(Expr& expr, Scope& scope, bool& found) {
    matches_.clear();
    search(expr, scope.core->from);
    if (error_) return false;
    if (matches_.empty()) return rowid_in(expr, scope, found);
    found = true;
    // More than one is either joined by USING, which reads them all, or ambiguous, which the engine refuses.
    for (const auto& [item, index] : matches_) use(*item, index);
    for (const auto& [item, index] : matches_) {
        const ItemColumns columns = columns_of(*item);
        expr.masked |= columns.relation != nullptr ? columns.relation->columns[index].masked
                                                   : columns.outputs[index].masked;
        // Columns that USING joined are compared; an encrypted one never is.
        const bool one_of_many = matches_.size() > 1 && columns.encryption(index) != 0;
        if (one_of_many) return refuse_encrypted(expr);
    }
    bind_column(expr, *matches_.front().first, matches_.front().second);
    return true;
}

void ResolutionPass::search(const Expr& expr, List<FromItem>& items) {
    for (FromItem& item : items) {
        if (item.kind == FromKind::group) {
            const bool by_group_name = expr.table != nullptr && item.alias.present() &&
                                       same_name(item.alias.value, expr.table->value);
            if (!by_group_name) {
                search(expr, item.items);
                continue;
            }
            for (FromItem& inner : item.items) {
                if (const auto index = find_column(inner, expr.name.value))
                    matches_.emplace_back(&inner, *index);
            }
            continue;
        }
        if (!qualifies(expr, item)) continue;
        if (const auto index = find_column(item, expr.name.value)) matches_.emplace_back(&item, *index);
    }
}

/// Is `table.` or `schema.table.` of the expression this item?
bool ResolutionPass::qualifies(const Expr& expr, const FromItem& item) const noexcept {
    if (expr.table == nullptr) return true;
    if (!same_name(item.visible_name(), expr.table->value)) return false;
    if (expr.schema == nullptr) return true;
    // RETURNING knows its table by no longer name.
    if (item.relation == nullptr || &item == returned_) return false;
    return item.schema.present() ? same_name(item.schema.value, expr.schema->value)
                                 : same_name("main", expr.schema->value);
}

void ResolutionPass::use(FromItem& item, std::uint32_t column) {
    if (&item == target_) ++target_reads_;
    if (item.relation != nullptr) resolution_.columns.push_back({item.relation, column});
}

void ResolutionPass::bind_column(Expr& expr, FromItem& item, std::uint32_t column) {
    expr.binding = Binding::column;
    expr.source = &item;
    expr.column = static_cast<std::int32_t>(column);
    const ItemColumns columns = columns_of(item);
    expr.unsafe |= columns.relation != nullptr ? columns.relation->columns[column].unsafe
                                               : columns.outputs[column].unsafe;
    expr.encryption = columns.encryption(column);
    // What a table holds is not the caller's choice; what a query or json_each makes may be.
    expr.bulky |= columns.relation != nullptr ? columns.relation->table_function
                                              : columns.outputs[column].source == nullptr;
    if (expr.schema != nullptr) resolution_.qualified.push_back(&expr);
}

bool ResolutionPass::alias_in(Expr& expr, const Scope& scope) {
    if (scope.core == nullptr) return false;
    for (ResultColumn& result : scope.core->columns) {
        if (!result.alias.present() || !same_name(result.alias.value, expr.name.value)) continue;
        expr.binding = Binding::result_alias;
        expr.alias_of = result.expr;
        expr.unsafe |= result.expr->unsafe;
        expr.masked |= result.expr->masked;
        expr.encryption = result.expr->encryption;
        return true;
    }
    return false;
}

/// rowid is no column of ours; it may stand for one (resolve.c lookupName, VisibleRowid).
bool ResolutionPass::rowid_in(Expr& expr, Scope& scope, bool& found) {
    if (!is_rowid_name(expr.name.value)) return true;
    FromItem* only = nullptr;
    std::size_t candidates = 0;
    for (FromItem& item : scope.core->from) {
        if (item.kind == FromKind::group || !qualifies(expr, item)) continue;
        only = &item;
        ++candidates;
    }
    if (candidates != 1) return true;
    if (only->relation == nullptr || !only->relation->has_rowid) return true;
    if (!only->relation->rowid_column && only->relation->rowid_withheld) {
        return fail(Error{ErrorCode::unsupported, "the row id of " + only->relation->name + " cannot be read"}
                        .with_hint("Name a column of the table instead.")
                        .at(expr.span.begin));
    }
    found = true;
    if (only->relation->rowid_column) {
        const auto column = static_cast<std::uint32_t>(*only->relation->rowid_column);
        use(*only, column);
        bind_column(expr, *only, column);
        expr.masked |= only->relation->columns[column].masked;
    }
    if (only == target_) ++target_reads_;
    expr.source = only;
    expr.binding = Binding::rowid;
    resolution_.rowids.push_back(&expr);
    return true;
}

/// The row that was not inserted: its values are the statement's own, so nothing is read (resolve.c lookupName).
bool ResolutionPass::excluded_in(Expr& expr, const Scope& scope, bool& found) {
    const bool named =
        expr.schema == nullptr && expr.table != nullptr && same_name(expr.table->value, "excluded");
    if (!named) return true;
    const SchemaRelation& relation = *scope.excluded->relation;
    auto index = find_column(*scope.excluded, expr.name.value);
    if (!index && is_rowid_name(expr.name.value) && relation.has_rowid) {
        if (!relation.rowid_column && relation.rowid_withheld) return unknown_column(expr);
        found = true;
        expr.source = scope.excluded;
        expr.binding = Binding::rowid;
        if (!relation.rowid_column) return true;
        index = static_cast<std::uint32_t>(*relation.rowid_column);
    }
    if (error_ || !index) return !error_;
    found = true;
    bind_column(expr, *scope.excluded, *index);
    expr.masked |= relation.columns[*index].masked;
    return true;
}

/// What a name that is no column may still be: a string in double quotes, TRUE, FALSE.
bool ResolutionPass::literal_name(Expr& expr) {
    if (expr.name.quote == Quote::double_quote) {
        if (expr.binding != Binding::string) resolution_.quoted_strings.push_back(&expr);
        expr.binding = Binding::string;
        return true;
    }
    if (expr.name.quote == Quote::none &&
        (same_name(expr.name.value, "true") || same_name(expr.name.value, "false"))) {
        expr.binding = Binding::boolean;
        return true;
    }
    return false;
}

bool ResolutionPass::unknown_column(const Expr& expr) {
    std::string name = expr.table != nullptr ? std::string(expr.table->value) + "." : std::string();
    name += expr.name.value;
    return fail(Error{ErrorCode::not_found, "there is no column " + name}.at(expr.span.begin));
}

}  // namespace majed::sql
