// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_names.h"
#include "rewrite/inline_rewriter.h"
#include "rewrite/oracle_rewriter.h"
#include "rewrite/oracle_write_verifier.h"
#include "rewrite/unverified.h"

#include <algorithm>
#include <string_view>

namespace majed::rewrite {
namespace {

class InlineWriteCheck {
public:
    InlineWriteCheck(sql::Write& write, const sql::Resolution& resolution, const Rewritten& rewritten,
                     const sql::Resolution& original)
        : write_(write), resolution_(resolution), rewritten_(rewritten), original_(original) {}

    [[nodiscard]] bool holds() const {
        if (!names_the_target() || !writes_the_same()) return false;
        if (write_.dialect == sql::DialectId::oracle) return oracle_write_holds(write_, rewritten_);
        return changes_only_its_rows() && reports_every_row();
    }

private:
    [[nodiscard]] bool names_the_target() const {
        const sql::SchemaRelation& found = *write_.target->relation;
        const sql::SchemaRelation& meant = *original_.target->relation;
        return found.schema == meant.schema && found.name == meant.name;
    }

    [[nodiscard]] bool writes_the_same() const {
        const auto name = [](const sql::ColumnWrite& each) -> std::string_view {
            return each.column ? std::string_view(each.relation->columns[*each.column].name) : "";
        };
        return std::equal(resolution_.written.begin(), resolution_.written.end(), original_.written.begin(),
                          original_.written.end(), [&](const sql::ColumnWrite& a, const sql::ColumnWrite& b) {
                              return a.kind == b.kind && name(a) == name(b);
                          });
    }

    [[nodiscard]] bool is(const sql::Expr& expr, std::string_view condition) const {
        return expr.span.in(rewritten_.sql) == condition;
    }

    /// Is it one of the terms that must all be true?
    [[nodiscard]] bool demands(const sql::Expr* expr, std::string_view condition) const {
        if (expr == nullptr) return false;
        if (is(*expr, condition)) return true;
        const bool both = expr->kind == sql::ExprKind::binary && expr->op == sql::Operator::and_;
        return both && (demands(expr->left, condition) || demands(expr->right, condition));
    }

    /// CASE WHEN condition THEN ... ELSE ... END
    [[nodiscard]] bool decides_first(const sql::Expr* expr, std::string_view condition) const {
        return expr != nullptr && expr->kind == sql::ExprKind::case_when && expr->left == nullptr &&
               expr->args.size == 2 && is(*expr->args.first, condition) && expr->extra != nullptr;
    }

    /// The condition of a branch is `test`, or CASE WHEN its own THEN test ELSE false END.
    [[nodiscard]] bool tests(const sql::Expr* expr, std::string_view test) const {
        if (expr == nullptr) return false;
        if (is(*expr, test)) return true;
        return expr->kind == sql::ExprKind::case_when && expr->left == nullptr && expr->args.size == 2 &&
               is(*expr->args.last, test) && expr->extra != nullptr && is(*expr->extra, "false");
    }

    [[nodiscard]] bool changes_only_its_rows() const {
        const InlineConditions& all = rewritten_.conditions;
        const bool reached = all.reached.empty() || demands(write_.where, all.reached);
        const bool met =
            all.met.empty() || std::all_of(write_.conflicts.begin(), write_.conflicts.end(),
                                           [&](const sql::ConflictClause& clause) {
                                               return !clause.updates || decides_first(clause.where, all.met);
                                           });
        const bool merged =
            std::all_of(write_.branches.begin(), write_.branches.end(), [&](const sql::MergeBranch& branch) {
                if (branch.action == sql::MergeAction::update)
                    return all.updated.empty() || tests(branch.condition, all.updated);
                return branch.action != sql::MergeAction::delete_ || all.deleted.empty() ||
                       tests(branch.condition, all.deleted);
            });
        return reached && met && merged;
    }

    [[nodiscard]] bool reports_every_row() const {
        const std::string& left = rewritten_.conditions.left;
        if (rewritten_.write->reports_check != !left.empty()) return false;
        if (left.empty()) return true;
        return !write_.returning.empty() && write_.returning.last->expr != nullptr &&
               is(*write_.returning.last->expr, left);
    }

    sql::Write& write_;
    const sql::Resolution& resolution_;
    const Rewritten& rewritten_;
    const sql::Resolution& original_;
};

}  // namespace

Result<void> verify_inline_write(const Rewritten& rewritten, const sql::Resolution& original,
                                 const Enforcement& enforcement, const sql::Schema& profile,
                                 sql::Parser& parser) {
    const auto parsed = parser.parse_statement(rewritten.sql);
    if (!parsed) return unverified(parsed.error());
    if (parsed->write == nullptr || !rewritten.write) return unverified();
    const InlinedNames names(enforcement, profile);
    sql::Resolution resolution(&parser.arena());
    resolution.budget = parser.budget();
    const auto resolved = sql::resolve(*parsed->write, rewritten.sql, names, parser.arena(), resolution);
    if (!resolved) return unverified(resolved.error());
    const bool oracle = enforcement.dialect().id == sql::DialectId::oracle;
    Reads expected = expected_reads(original, enforcement);
    std::string target;
    if (oracle && !rewritten.conditions.reached.empty()) {
        target = original.target->relation->schema + "." + original.target->relation->name;
        expected.emplace_back(target, true);
        std::sort(expected.begin(), expected.end());
    }
    const bool bound = oracle ? oracle_binds_fit(parser, rewritten, enforcement.guard_set()->bind_prefix)
                              : parameters_fit(rewritten, parser);
    if (found_reads(resolution, enforcement.inline_alias()) != expected || !bound) return unverified();
    if (!InlineWriteCheck(*parsed->write, resolution, rewritten, original).holds()) return unverified();
    return {};
}

}  // namespace majed::rewrite
