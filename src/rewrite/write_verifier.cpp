// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "rewrite/rewriter.h"
#include "rewrite/unverified.h"

#include <algorithm>
#include <string_view>

namespace majed::rewrite {
namespace {

bool lists(const std::vector<std::string>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [name](const std::string& each) { return equal_ascii_case(each, name); });
}

/// `EXISTS (SELECT 1 FROM view WHERE key = row.key ...)` for the row of `item` itself.
bool looks_up(const sql::Expr& expr, const std::string& view, const sql::FromItem* item) {
    if (expr.kind != sql::ExprKind::exists || expr.negated || expr.select->cores.size != 1) return false;
    const sql::Core& core = *expr.select->cores.first;
    const bool plain = core.from.size == 1 && core.from.first->name.value == view && core.where != nullptr &&
                       core.group_by.empty() && core.having == nullptr && expr.select->limit == nullptr;
    if (!plain) return false;
    const sql::Expr* rest = core.where;
    const auto same_key = [&core, item](const sql::Expr& each) {
        return each.kind == sql::ExprKind::binary && each.op == sql::Operator::equal &&
               each.left->source == core.from.first && each.right->source == item;
    };
    while (rest->kind == sql::ExprKind::binary && rest->op == sql::Operator::and_) {
        if (!same_key(*rest->right)) return false;
        rest = rest->left;
    }
    return same_key(*rest);
}

/// Is one of the terms that must all be true a look-up in `view`?
bool demands(const sql::Expr* condition, const std::string& view, const sql::FromItem* item) {
    if (condition == nullptr) return false;
    const bool both = condition->kind == sql::ExprKind::binary && condition->op == sql::Operator::and_;
    if (both) return demands(condition->left, view, item) || demands(condition->right, view, item);
    return looks_up(*condition, view, item);
}

class WriteCheck {
public:
    WriteCheck(const sql::Write& write, const sql::Resolution& resolution, const Rewritten& rewritten,
               const sql::Resolution& original, std::string_view conflict_view)
        : write_(write),
          resolution_(resolution),
          rewritten_(rewritten),
          original_(original),
          conflict_view_(conflict_view) {}

    [[nodiscard]] bool holds() const {
        return names_the_target() && writes_the_same() && reads_what_was_granted() && reads_through_views() &&
               changes_only_its_rows() && reports_every_row();
    }

private:
    [[nodiscard]] bool names_the_target() const {
        return rewritten_.write && equal_ascii_case(write_.target->relation->name, rewritten_.write->table) &&
               equal_ascii_case(write_.target->relation->name, original_.target->relation->name);
    }

    [[nodiscard]] bool writes_the_same() const {
        const auto name = [](const sql::ColumnWrite& each) -> std::string_view {
            return each.column ? std::string_view(each.relation->columns[*each.column].name) : "rowid";
        };
        return std::equal(resolution_.written.begin(), resolution_.written.end(), original_.written.begin(),
                          original_.written.end(), [&](const sql::ColumnWrite& a, const sql::ColumnWrite& b) {
                              return a.kind == b.kind && equal_ascii_case(name(a), name(b));
                          });
    }

    [[nodiscard]] bool reads_what_was_granted() const {
        return std::all_of(resolution_.columns.begin(), resolution_.columns.end(),
                           [&](const sql::ColumnUse& use) {
                               return use.relation != write_.target->relation ||
                                      lists(rewritten_.write->reads, use.relation->columns[use.column].name);
                           });
    }

    [[nodiscard]] bool reads_through_views() const {
        std::size_t views = 0;
        for (const sql::FromItem* item : resolution_.relations) {
            if (item->relation->table_function) continue;
            ++views;
            if (!lists(rewritten_.guard_views, item->name.value)) return false;
        }
        const auto originally =
            std::count_if(original_.relations.begin(), original_.relations.end(),
                          [](const sql::FromItem* item) { return !item->relation->table_function; });
        return views == static_cast<std::size_t>(originally) + rewritten_.lookups;
    }

    [[nodiscard]] bool changes_only_its_rows() const {
        return std::all_of(
            rewritten_.reached.begin(), rewritten_.reached.end(), [&](const std::string& view) {
                if (write_.kind != sql::WriteKind::insert) return demands(write_.where, view, write_.target);
                return std::all_of(write_.conflicts.begin(), write_.conflicts.end(),
                                   [&](const sql::ConflictClause& clause) {
                                       return !clause.updates || decides_first(clause.where, view);
                                   });
            });
    }

    /// CASE WHEN it is in the view THEN ... ELSE it fails END
    [[nodiscard]] bool decides_first(const sql::Expr* where, const std::string& view) const {
        return where != nullptr && where->kind == sql::ExprKind::case_when && where->left == nullptr &&
               where->args.size == 2 && demands(where->args.first, view, write_.target) &&
               where->extra != nullptr && fails(*where->extra);
    }

    [[nodiscard]] bool fails(const sql::Expr& expr) const {
        if (expr.kind != sql::ExprKind::subquery || expr.select->cores.size != 1) return false;
        const sql::Core& core = *expr.select->cores.first;
        return core.from.size == 1 && core.from.first->name.value == conflict_view_ &&
               core.where == nullptr && expr.select->limit == nullptr;
    }

    [[nodiscard]] bool reports_every_row() const {
        if (rewritten_.write->reports_check != !rewritten_.left.empty()) return false;
        if (rewritten_.left.empty()) return true;
        if (write_.returning.empty()) return false;
        const sql::Expr* const verdict = write_.returning.last->expr;
        return std::all_of(rewritten_.left.begin(), rewritten_.left.end(),
                           [&](const std::string& view) { return demands(verdict, view, write_.returned); });
    }

    const sql::Write& write_;
    const sql::Resolution& resolution_;
    const Rewritten& rewritten_;
    const sql::Resolution& original_;
    std::string_view conflict_view_;
};

/// As of the original; the verdict at the end is nobody's to see.
bool same_encryptions(std::vector<std::uint32_t> found, const std::vector<std::uint32_t>& original,
                      bool reports_check) {
    if (reports_check && !found.empty()) found.pop_back();
    const auto none = [](const std::vector<std::uint32_t>& all) {
        return std::all_of(all.begin(), all.end(), [](std::uint32_t each) { return each == 0; });
    };
    return found == original || (none(found) && none(original));
}

}  // namespace

Result<void> verify_write(const Rewritten& rewritten, const sql::Resolution& original,
                          const Enforcement& enforcement, sql::Parser& parser) {
    const auto parsed = parser.parse_statement(rewritten.sql);
    if (!parsed) return unverified(parsed.error());
    if (parsed->write == nullptr || !rewritten.write) return unverified();
    const GuardedSchema schema(enforcement);
    sql::Resolution resolution(&parser.arena());
    resolution.budget = parser.budget();
    const auto resolved = sql::resolve(*parsed->write, rewritten.sql, schema, parser.arena(), resolution);
    if (!resolved) return unverified(resolved.error());
    if (!WriteCheck(*parsed->write, resolution, rewritten, original, enforcement.conflict_view()).holds())
        return unverified();
    // What will be decrypted is what the tables and the guard views say is encrypted.
    if (!same_encryptions(resolution.encryptions, original.encryptions, rewritten.write->reports_check))
        return unverified();
    return {};
}

}  // namespace majed::rewrite
