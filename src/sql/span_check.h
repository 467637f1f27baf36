/// Checks that every node of a parsed statement has exactly the bytes it came from.
///
/// Why      The rewriter splices at these spans; one byte off is another statement.
/// Life     A function, for tests here and over the corpora.
/// Threads  Pure.
/// Not here What the tree should look like (parser_test.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ascii.h"
#include "sql/parser.h"
#include "sql/tree_text.h"
#include "sql/tree_walk.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace majed::sql {

/// The text under a span, parsed alone, must give the same tree as the node it belongs to.
class SpanCheck {
public:
    SpanCheck(std::string_view text, const Dialect& dialect) : text_(text), dialect_(dialect), tree_(text) {}

    void expr(const Expr& node) {
        // A list of GROUP BY, what () stands for in it, an element of a nested ARRAY: nothing that stands alone.
        const bool document =
            node.kind == ExprKind::call && (equal_ascii_case(node.name.value, "xmltable") ||
                                            equal_ascii_case(node.name.value, "json_table"));
        const bool bare_query =
            node.kind == ExprKind::subquery && !node.parenthesized;  // of TABLE(SELECT ...)
        const bool part = document || bare_query || node.kind == ExprKind::grouping || holds_default(node) ||
                          (node.kind == ExprKind::row && node.args.size < 2) ||
                          (node.kind == ExprKind::array && node.span.in(text_).starts_with('['));
        if (part) return;
        ++checked;
        const std::string alone = "SELECT 1 WHERE " + std::string(node.span.in(text_));
        Parser parser(dialect_);
        const auto select = parser.parse(alone);
        if (!select) return note("an expression", node.span);
        const Core& core = *(*select)->cores.first;
        if (TreeText(alone).of(core.where) != tree_.of(&node)) note("an expression", node.span);
    }

    void select(const Select& node) {
        // Rows with DEFAULT are none of a query: write_span_check.h.
        for (const ValuesRow& row : node.cores.first->rows) {
            for (const Expr& cell : row.cells) {
                if (cell.kind == ExprKind::default_value) return;
            }
        }
        ++checked;
        const std::string alone(node.span.in(text_));
        Parser parser(dialect_);
        const auto select = parser.parse(alone);
        if (!select || TreeText(alone).of(**select) != tree_.of(node)) note("a query", node.span);
    }

    void from_item(const FromItem& node) {
        // Joins without parentheses of their own, on the right of another join.
        if (node.kind == FromKind::group && !node.span.in(text_).starts_with('(')) return;
        ++checked;
        FromItem bare = node;  // its span leaves out the join clause
        bare.join = {};
        bare.on = nullptr;
        bare.using_columns = {};
        const std::string alone = "SELECT 1 FROM " + std::string(node.span.in(text_));
        Parser parser(dialect_);
        const auto select = parser.parse(alone);
        if (!select) return note("a FROM item", node.span);
        const Core& core = *(*select)->cores.first;
        if (core.from.size != 1 || core.where != nullptr ||
            TreeText(alone).of(*core.from.first) != tree_.of(bare)) {
            note("a FROM item", node.span);
        }
    }

    void result(const ResultColumn& node) {
        if (node.span.empty()) return;  // the star of TABLE t
        ++checked;
        const std::string alone = "SELECT " + std::string(node.span.in(text_));
        Parser parser(dialect_);
        const auto select = parser.parse(alone);
        if (!select) return note("a result column", node.span);
        const Core& core = *(*select)->cores.first;
        if (core.columns.size != 1 || TreeText(alone).of(*core.columns.first) != tree_.of(node)) {
            note("a result column", node.span);
        }
    }

    std::size_t checked = 0;
    std::string problem;  ///< Empty when every span was exact.

private:
    static bool holds_default(const Expr& node) {
        if (node.kind == ExprKind::default_value) return true;
        if (node.kind != ExprKind::row) return false;
        for (const Expr& each : node.args) {
            if (each.kind == ExprKind::default_value) return true;
        }
        return false;
    }

    void note(std::string_view what, Span span) {
        if (problem.empty())
            problem = std::string(what) + " with the wrong bytes: <" + std::string(span.in(text_)) + ">";
    }

    std::string_view text_;
    const Dialect& dialect_;
    TreeText tree_;
};

/// Empty, or the first node whose span is wrong.
[[nodiscard]] inline std::string first_wrong_span(Select& select, std::string_view text,
                                                  const Dialect& dialect = sqlite_dialect()) {
    SpanCheck check(text, dialect);
    TreeWalk(check).select(&select);
    return check.problem;
}

}  // namespace majed::sql
