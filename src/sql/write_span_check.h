/// Checks that every part of a parsed write has exactly the bytes it came from; span_check.h for the parts of queries.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/parser.h"
#include "sql/span_check.h"
#include "sql/write_text.h"

#include <string>
#include <string_view>

namespace majed::sql {

/// The text under a span, parsed in the smallest write around it, must give the same tree as the part it belongs to.
class WriteSpanCheck {
public:
    explicit WriteSpanCheck(std::string_view text) : text_(text), tree_(text) {}

    void write(Write& write) {
        alone("", write.span,
              [&](const WriteText& text, const Write& other) { return text.of(other) == tree_.of(write); });
        for (const ConflictClause& clause : write.conflicts) {
            alone("INSERT INTO t VALUES (1) ", clause.span, [&](const WriteText& text, const Write& other) {
                return other.conflicts.size == 1 && text.of(*other.conflicts.first) == tree_.of(clause);
            });
            assignments(clause.assignments);
        }
        assignments(write.assignments);
        if (!write.columns.empty()) {
            list("INSERT INTO t ", write.columns_span, " DEFAULT VALUES");
            for (const NameNode& column : write.columns)
                list("INSERT INTO t (", column.name.span, ") DEFAULT VALUES");
        }
        if (!write.from.empty()) list("UPDATE t SET a = 1 ", write.from_span, "");
        if (!write.returning.empty()) list("DELETE FROM t ", write.returning_span, "");
        list("", write.verb, verb_rest(write.kind));
    }

    std::string problem;  ///< Empty when every span was exact.

private:
    static std::string_view verb_rest(WriteKind kind) {
        if (kind == WriteKind::insert) return " t DEFAULT VALUES";
        return kind == WriteKind::update ? " t SET a = 1" : " t";
    }

    void assignments(const List<Assignment>& all) {
        for (const Assignment& each : all) {
            alone("UPDATE t SET ", each.span, [&](const WriteText& text, const Write& other) {
                return other.assignments.size == 1 && text.of(*other.assignments.first) == tree_.of(each);
            });
            for (const NameNode& column : each.columns) list("UPDATE t SET ", column.name.span, " = 1");
        }
    }

    /// A part that has no node of its own: it must parse where it stands.
    void list(std::string_view before, Span span, std::string_view after) {
        std::string text(before);
        text.append(span.in(text_)).append(after);
        Parser parser;
        if (!parser.parse_statement(text)) note(span);
    }

    template <class Same>
    void alone(std::string_view before, Span span, Same same) {
        std::string text(before);
        text.append(span.in(text_));
        Parser parser;
        const auto parsed = parser.parse_statement(text);
        if (!parsed || parsed->write == nullptr || !same(WriteText(text), *parsed->write)) note(span);
    }

    void note(Span span) {
        if (problem.empty())
            problem = "part of a write with the wrong bytes: <" + std::string(span.in(text_)) + ">";
    }

    std::string_view text_;
    WriteText tree_;
};

/// Empty, or the first node whose span is wrong.
[[nodiscard]] inline std::string first_wrong_span(Write& write, std::string_view text) {
    SpanCheck nodes(text, sqlite_dialect());
    TreeWalk(nodes).write(write);
    if (!nodes.problem.empty()) return nodes.problem;
    WriteSpanCheck parts(text);
    parts.write(write);
    return parts.problem;
}

}  // namespace majed::sql
