/// A write's tree as one line of text, for tests: see tree_text.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree_text.h"
#include "sql/write_tree.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace majed::sql {

/// Writes trees that were parsed from `text`.
class WriteText : public TreeText {
public:
    using TreeText::of;
    using TreeText::TreeText;

    [[nodiscard]] std::string of(const Write& write) const {
        std::string out = "{";
        if (write.with != nullptr) out += with(*write.with);
        out += std::string(verb(write.kind)) + std::string(violation(write.on_violation)) + " ";
        if (write.target->only) out += "only ";
        out += of(*write.target) + inserted(write.columns, write.parts) + overriding(write.overriding);
        if (write.kind == WriteKind::insert)
            out += write.source != nullptr ? " " + of(*write.source) : " default";
        for (const ConflictClause& clause : write.conflicts) out += of(clause);
        if (!write.assignments.empty()) out += " set " + joined(write.assignments, "", "");
        if (!write.from.empty()) out += " from " + joined(write.from, "", "");
        if (write.where != nullptr)
            out += (write.kind == WriteKind::merge ? " on " : " where ") + of(write.where);
        for (const MergeBranch& branch : write.branches) out += of(branch);
        if (!write.returning.empty()) out += " returning " + joined(write.returning, "", "");
        if (!write.order_by.empty()) out += " order " + order(write.order_by);
        if (write.limit != nullptr) out += " limit " + of(write.limit);
        if (write.offset != nullptr) out += " offset " + of(write.offset);
        return out + "}";
    }

    [[nodiscard]] std::string of(const ConflictClause& clause) const {
        std::string out = " conflict";
        if (!clause.targets.empty()) out += " on " + order(clause.targets);
        if (clause.target_where != nullptr) out += " if " + of(clause.target_where);
        if (clause.constraint.present()) out += " on constraint " + std::string(clause.constraint.value);
        if (!clause.updates) return out + " nothing";
        out += " set " + joined(clause.assignments, "", "");
        return clause.where != nullptr ? out + " where " + of(clause.where) : out;
    }

    [[nodiscard]] std::string of(const Assignment& assignment) const {
        const bool row = assignment.has_parens;
        std::string columns =
            row ? names(assignment.columns) : std::string(assignment.columns.first->name.value);
        if (!assignment.parts.empty()) columns += list(assignment.parts);
        return columns + "=" + of(assignment.value);
    }

    [[nodiscard]] std::string of(const MergeBranch& branch) const {
        std::string out = branch.matched ? " matched" : " unmatched";
        if (branch.condition != nullptr) out += " if " + of(branch.condition);
        if (branch.action == MergeAction::delete_) return out + " delete";
        if (branch.action == MergeAction::nothing) return out + " nothing";
        if (branch.action == MergeAction::update) {
            out += " set " + joined(branch.assignments, "", "");
            return branch.delete_where != nullptr ? out + " delete where " + of(branch.delete_where) : out;
        }
        out += " insert" + inserted(branch.columns, branch.parts) + overriding(branch.overriding);
        return out + (branch.values.empty() ? " default" : " " + list(branch.values));
    }

private:
    [[nodiscard]] std::string inserted(const List<NameNode>& columns, const List<Expr>& parts) const {
        std::string out = columns.empty() ? "" : " " + names(columns);
        return parts.empty() ? out : out + list(parts);
    }

    [[nodiscard]] static std::string overriding(Overriding kind) {
        if (kind == Overriding::none) return "";
        return kind == Overriding::system ? " overriding system" : " overriding user";
    }

    // Assignments and conflict clauses are not printed by the base's `joined`, which does not know them.
    template <class Items>
    [[nodiscard]] std::string joined(const Items& items, std::string_view open,
                                     std::string_view close) const {
        return joined_by(items, open, close, [&](const auto& item) { return of(item); });
    }

    [[nodiscard]] static std::string_view verb(WriteKind kind) {
        constexpr std::array<std::string_view, 4> all{"insert", "update", "delete", "merge"};
        return all.at(static_cast<std::size_t>(kind));
    }

    [[nodiscard]] static std::string_view violation(OnViolation kind) {
        constexpr std::array<std::string_view, 6> all{"",           " or abort",   " or fail",
                                                      " or ignore", " or replace", " or rollback"};
        return all.at(static_cast<std::size_t>(kind));
    }
};

}  // namespace majed::sql
