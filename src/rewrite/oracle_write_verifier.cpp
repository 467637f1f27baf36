// SPDX-License-Identifier: Apache-2.0
#include "rewrite/oracle_write_verifier.h"

#include "sql/walk.h"

#include <algorithm>
#include <string_view>

namespace majed::rewrite {
namespace {

class OracleWriteCheck {
public:
    OracleWriteCheck(sql::Write& write, const Rewritten& rewritten)
        : write_(write), sql_(rewritten.sql), conditions_(rewritten.conditions) {}

    [[nodiscard]] bool holds() const {
        const bool plain_kind = write_.kind == sql::WriteKind::merge || write_.from.empty();
        const bool by_query = write_.target->kind == sql::FromKind::subquery;
        if (!plain_kind || by_query == conditions_.reached.empty()) return false;
        return !by_query || (shows_its_rows() && is_guarded());
    }

private:
    [[nodiscard]] bool is(const sql::Expr* expr, std::string_view text) const {
        return expr != nullptr && !text.empty() && expr->span.in(sql_) == text;
    }

    [[nodiscard]] bool shows_its_rows() const {
        const sql::FromItem& target = *write_.target;
        const bool must_check = inserts() || conditions_.checked;
        return is(target.select->cores.first->where, conditions_.reached) &&
               target.check_option == conditions_.checked && target.check_option == must_check;
    }

    [[nodiscard]] bool inserts() const {
        return write_.kind == sql::WriteKind::insert ||
               std::any_of(write_.branches.begin(), write_.branches.end(),
                           [](const auto& branch) { return branch.action == sql::MergeAction::insert; });
    }

    [[nodiscard]] bool is_guarded() const {
        if (write_.kind == sql::WriteKind::insert) return true;
        return is_guarded(write_.where) && is_guarded(write_.assignments) &&
               std::all_of(write_.branches.begin(), write_.branches.end(), [this](const auto& branch) {
                   return !branch.matched ||
                          (is_guarded(branch.condition) && is_guarded(branch.assignments) &&
                           is_guarded(branch.delete_where));
               });
    }

    [[nodiscard]] bool is_guarded(sql::Expr* condition) const {
        return condition == nullptr || !must_guard(*condition) || tests_last(*condition);
    }

    [[nodiscard]] bool is_guarded(const sql::List<sql::Assignment>& assignments) const {
        return std::all_of(assignments.begin(), assignments.end(), [this](const sql::Assignment& each) {
            return !each.has_parens && (!must_guard(*each.value) || decides(each.value));
        });
    }

    [[nodiscard]] static bool must_guard(sql::Expr& expr) {
        bool found = expr.unsafe;
        sql::walk_expressions(expr, [&found](const sql::Expr& each) { found |= each.select != nullptr; });
        return found;
    }

    /// CASE WHEN named THEN ... END, and nothing else.
    [[nodiscard]] bool decides(const sql::Expr* expr) const {
        return expr != nullptr && expr->kind == sql::ExprKind::case_when && expr->left == nullptr &&
               expr->args.size == 2 && is(expr->args.first, conditions_.named) && expr->extra == nullptr;
    }

    /// CASE WHEN named THEN CASE WHEN (...) THEN 1 END END = 1
    [[nodiscard]] bool tests_last(const sql::Expr& where) const {
        const bool compared = where.kind == sql::ExprKind::binary && where.op == sql::Operator::equal &&
                              is(where.right, "1") && decides(where.left);
        if (!compared) return false;
        const sql::Expr& inner = *where.left->args.last;
        return inner.kind == sql::ExprKind::case_when && inner.left == nullptr && inner.args.size == 2 &&
               is(inner.args.last, "1") && inner.extra == nullptr;
    }

    sql::Write& write_;
    const std::string& sql_;
    const InlineConditions& conditions_;
};

}  // namespace

bool oracle_write_holds(sql::Write& write, const Rewritten& rewritten) {
    return OracleWriteCheck(write, rewritten).holds();
}

}  // namespace majed::rewrite
