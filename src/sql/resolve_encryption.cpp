// SPDX-License-Identifier: Apache-2.0
//
// Encrypted columns: what is stored is a token that says nothing about its plaintext, so whatever compares, sorts or
// computes would do so on ciphertext, and its result would look like an answer. Every expression is refused when its
// value is encrypted (ResolutionPass::expression), but for the few places that hand a value through. Here is what
// expressions do not show: DISTINCT, compounds, and terms that name a result column.
#include "core/ascii.h"
#include "sql/resolution_pass.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace majed::sql {
namespace {

/// Calls `visit(place, encryption, column, name without alias)` for each result column of a core; places from 0.
template <class Visit>
void each_output(const Core& core, Visit visit) {
    std::uint32_t place = 0;
    for (const ResultColumn& column : core.columns) {
        if (column.kind == ResultKind::expression) {
            const bool plain = column.expr->kind == ExprKind::column;
            const std::string_view name = plain ? column.expr->name.value : std::string_view();
            visit(place++, column.expr->encryption, column, name);
            continue;
        }
        for (std::uint32_t i = 0; i < column.expanded_count; ++i)
            visit(place++, column.expanded[i].encryption, column, column.expanded[i].name);
    }
}

std::uint32_t encryption_at(const Core& core, std::uint32_t wanted) {
    std::uint32_t found = 0;
    each_output(core, [&](std::uint32_t place, std::uint32_t encryption, const ResultColumn&,
                          std::string_view) { found = place == wanted ? encryption : found; });
    return found;
}

bool any_encrypted(const Core& core) {
    bool any = false;
    each_output(core, [&any](std::uint32_t, std::uint32_t encryption, const ResultColumn&, std::string_view) {
        any |= encryption != 0;
    });
    return any;
}

/// What the engine looks through before it takes a term for a number or a name (resolve.c resolveOrderGroupBy).
const Expr& bare(const Expr& term) {
    const Expr* inner = &term;
    for (;;) {
        const bool hint =
            inner->kind == ExprKind::call && !inner->args.empty() &&
            (same_name(inner->name.value, "likely") || same_name(inner->name.value, "unlikely") ||
             same_name(inner->name.value, "likelihood"));
        if (hint) {
            inner = inner->args.first;
        } else if (inner->kind == ExprKind::collate || inner->kind == ExprKind::unary) {
            inner = inner->left;
        } else {
            return *inner;
        }
    }
}

bool is_place(const Expr& term) {
    return term.kind == ExprKind::literal && term.op == Operator::integer;
}

bool is_bare_name(const Expr& term) {
    return term.kind == ExprKind::column && term.table == nullptr;
}

}  // namespace

bool ResolutionPass::refuse_encrypted(std::string_view what, Span at) {
    encrypted_use_ = true;
    const std::string name = what.empty() ? "this value" : std::string(what);
    return fail(
        Error{ErrorCode::unsupported, name + " is encrypted in the source: nothing can be computed on it"}
            .with_hint("Show the column as it is, count it or test it for NULL; compare, sort and group by "
                       "other columns.")
            .at(at.begin));
}

bool ResolutionPass::refuse_encrypted(const Expr& expr) {
    return refuse_encrypted(expr.kind == ExprKind::column ? expr.name.value : std::string_view(), expr.span);
}

/// DISTINCT and UNION compare; the parts of UNION ALL must show the same encrypted column at the same place, or it
/// would not be known what a value is.
bool ResolutionPass::outputs_allowed(const Select& select) {
    const bool any = std::any_of(select.cores.begin(), select.cores.end(), any_encrypted);
    if (!any) return true;
    const Core& first = *select.cores.first;
    const bool compares = std::any_of(select.cores.begin(), select.cores.end(), [](const Core& core) {
        return core.distinct ||
               (core.compound != CompoundOperator::none && core.compound != CompoundOperator::union_all);
    });
    for (const Core& core : select.cores) {
        const auto look = [&](std::uint32_t place, std::uint32_t encryption, const ResultColumn& column,
                              std::string_view name) {
            const bool mixed = encryption_at(first, place) != encryption;
            const bool hides = mixed || (compares && encryption != 0);
            if (hides && !error_) refuse_encrypted(name, column.span);
        };
        each_output(core, look);
        if (error_) return false;
        // VALUES have no result columns: none of theirs is encrypted.
        if (core.is_values && any_encrypted(first)) return refuse_encrypted({}, core.span);
    }
    return true;
}

/// Does a term of ORDER BY or GROUP BY name an encrypted result column, by place or by name?
bool ResolutionPass::term_allowed(const Expr& term, const Core& core) {
    const Expr& inner = bare(term);
    if (!is_place(inner) && !is_bare_name(inner)) return true;
    std::uint32_t wanted = 0;
    const std::string_view digits = inner.span.in(text_);
    const auto [rest, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), wanted);
    // 0x2, (2): whatever the engine makes of it.
    const bool odd = is_place(inner) && (problem != std::errc() || rest != digits.data() + digits.size());
    bool hides = false;
    each_output(core, [&](std::uint32_t place, std::uint32_t encryption, const ResultColumn& column,
                          std::string_view name) {
        if (encryption == 0) return;
        const bool named = is_bare_name(inner) &&
                           (same_name(name, inner.name.value) ||
                            (column.alias.present() && same_name(column.alias.value, inner.name.value)));
        hides |= named || odd || (is_place(inner) && place + 1 == wanted);
    });
    return !hides || refuse_encrypted(is_bare_name(inner) ? inner.name.value : std::string_view(), term.span);
}

/// The engine looks for a term of a compound in one core after the other, by other rules than ours: only a place or a
/// name that can mean no encrypted column in any of them is let through.
bool ResolutionPass::order_allowed(const Expr& term, const Select& select) {
    for (const Core& core : select.cores) {
        if (!term_allowed(term, core)) return false;
    }
    const Expr& inner = bare(term);
    if (select.cores.size == 1 || is_place(inner) || is_bare_name(inner)) return true;
    if (std::none_of(select.cores.begin(), select.cores.end(), any_encrypted)) return true;
    return refuse_encrypted({}, term.span);
}

}  // namespace majed::sql
