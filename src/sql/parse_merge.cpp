// SPDX-License-Identifier: Apache-2.0
// MERGE of PostgreSQL and Oracle.
#include "sql/grammar.h"
#include "sql/parser.h"
#include "sql/write_tree.h"

namespace majed::sql {

/// MERGE INTO target USING source ON condition, then branches. The verb begins at `verb`; its first word is taken.
bool Grammar::merge(Write& write, std::uint32_t verb) {
    write.kind = WriteKind::merge;
    if (!expect(Keyword::into)) return false;
    write.verb = since(verb);
    write.target = write_target();
    if (write.target == nullptr) return false;
    const std::uint32_t begin = begin_offset();
    if (!expect(Keyword::using_)) return false;
    // Joins before ON belong to the source, as they belong to the right side of a join.
    FromItem* source = rules().oracle ? from_item() : join_right(Join{});
    if (source == nullptr) return false;
    write.from.append(source);
    write.from_span = since(begin);
    if (!expect(Keyword::on)) return false;
    if (rules().oracle && !at(TokenKind::left_paren)) return fail("\"(\"");
    write.where = expression();
    if (write.where == nullptr) return false;
    if (rules().oracle && !write.where->parenthesized) {
        return fail_with(ErrorCode::parse_error, "the whole condition behind ON stands in parentheses",
                         write.where->span.begin);
    }
    do {
        MergeBranch* branch = merge_branch(*write.target);
        if (branch == nullptr) return false;
        const MergeBranch* other = write.branches.first;
        if (rules().oracle && other != nullptr &&
            (write.branches.size > 1 || other->matched == branch->matched)) {
            return fail_with(ErrorCode::parse_error, "MERGE has one branch for each case",
                             branch->span.begin);
        }
        write.branches.append(branch);
    } while (at(Keyword::when));
    return rules().postgres || write_tail(write);
}

/// WHEN [NOT] MATCHED [AND condition] THEN action
MergeBranch* Grammar::merge_branch(const FromItem& target) {
    const std::uint32_t begin = begin_offset();
    MergeBranch* branch = node<MergeBranch>();
    if (branch == nullptr || !expect(Keyword::when)) return nullptr;
    branch->matched = !accept(Keyword::not_);
    if (!expect(Keyword::matched)) return nullptr;
    branch->head = since(begin);
    if (rules().postgres && accept(Keyword::and_)) {
        branch->condition = expression();
        if (branch->condition == nullptr) return nullptr;
    }
    if (!expect(Keyword::then)) return nullptr;
    if (rules().postgres && accept(Keyword::do_)) {
        if (!expect(Keyword::nothing)) return nullptr;
    } else if (branch->matched ? !merge_matched(target, *branch) : !merge_insert(target, *branch)) {
        return nullptr;
    }
    branch->span = since(begin);
    return branch;
}

/// UPDATE SET ... [WHERE ...] [DELETE WHERE ...] of Oracle; UPDATE SET ... or DELETE of PostgreSQL.
bool Grammar::merge_matched(const FromItem& target, MergeBranch& branch) {
    if (rules().postgres && accept(Keyword::delete_)) {
        branch.action = MergeAction::delete_;
        return true;
    }
    branch.action = MergeAction::update;
    if (!expect(Keyword::update) || !expect(Keyword::set) || !assignments(&target, branch.assignments))
        return false;
    if (rules().postgres) return true;
    if (!condition(branch.condition)) return false;
    if (!accept(Keyword::delete_)) return true;
    if (!at(Keyword::where)) return fail("WHERE");
    return condition(branch.delete_where);
}

/// INSERT [(columns)] [OVERRIDING ...] VALUES (...) [WHERE ...], INSERT DEFAULT VALUES.
bool Grammar::merge_insert(const FromItem& target, MergeBranch& branch) {
    branch.action = MergeAction::insert;
    if (!expect(Keyword::insert)) return false;
    if (dialect_.writes.default_rows && accept(Keyword::default_)) return expect(Keyword::values);
    if (!inserted_columns(target, branch.columns, branch.parts, branch.columns_span) ||
        !overriding(branch.overriding) || !expect(Keyword::values)) {
        return false;
    }
    if (!open_paren() || !value_list(branch.values) || !close_paren()) return false;
    return rules().postgres || condition(branch.condition);
}

}  // namespace majed::sql
