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
    WriteSpanCheck(const Write& write, std::string_view text)
        : text_(text),
          dialect_(dialect_of(write.dialect)),
          oracle_(write.dialect == DialectId::oracle),
          tree_(text),
          target_(write.target->span.in(text)) {}

    void write(const Write& write) {
        alone("", write.span, "",
              [&](const WriteText& text, const Write& other) { return text.of(other) == tree_.of(write); });
        inserted(write.columns, write.columns_span);
        if (write.source != nullptr) {
            alone("INSERT INTO t ", write.source->span, "", [&](const WriteText& text, const Write& other) {
                return text.of(*other.source) == tree_.of(*write.source);
            });
        }
        for (const ConflictClause& clause : write.conflicts) {
            alone("INSERT INTO t VALUES (1) ", clause.span, "",
                  [&](const WriteText& text, const Write& other) {
                      return other.conflicts.size == 1 && text.of(*other.conflicts.first) == tree_.of(clause);
                  });
            assignments(clause.assignments);
        }
        assignments(write.assignments);
        if (!write.from.empty()) from(write);
        for (const MergeBranch& each : write.branches) branch(each, write);
        if (!write.returning.empty()) list("DELETE FROM t ", write.returning_span, "");
        list("", write.verb, verb_rest(write.kind));
    }

    std::string problem;  ///< Empty when every span was exact.

private:
    [[nodiscard]] std::string_view verb_rest(WriteKind kind) const {
        if (kind == WriteKind::insert) return " t VALUES (1)";
        if (kind == WriteKind::merge) return " t USING u ON (1 = 1) WHEN NOT MATCHED THEN INSERT VALUES (1)";
        return kind == WriteKind::update ? " t SET a = 1" : " t";
    }

    void from(const Write& write) {
        if (write.kind == WriteKind::update) return list("UPDATE t SET a = 1 ", write.from_span, "");
        if (write.kind == WriteKind::delete_) return list("DELETE FROM t ", write.from_span, "");
        list("MERGE INTO t ", write.from_span, " ON (1 = 1) WHEN NOT MATCHED THEN INSERT VALUES (1)");
    }

    void branch(const MergeBranch& branch, const Write& write) {
        const std::string before =
            "MERGE INTO " + target_ + " " + std::string(write.from_span.in(text_)) + " ON (1 = 1) ";
        alone(before, branch.span, "", [&](const WriteText& text, const Write& other) {
            return other.branches.size == 1 && text.of(*other.branches.first) == tree_.of(branch);
        });
        inserted(branch.columns, branch.columns_span);
        assignments(branch.assignments);
    }

    void inserted(const List<NameNode>& columns, Span span) {
        if (columns.empty()) return;
        list("INSERT INTO " + (oracle_ ? target_ : "t") + " ", span, " VALUES (1)");
        for (const NameNode& column : columns) list("INSERT INTO t (", column.name.span, ") VALUES (1)");
    }

    void assignments(const List<Assignment>& all) {
        const std::string before = "UPDATE " + target_ + " SET ";
        for (const Assignment& each : all) {
            alone(before, each.span, "", [&](const WriteText& text, const Write& other) {
                return other.assignments.size == 1 && text.of(*other.assignments.first) == tree_.of(each);
            });
            for (const NameNode& column : each.columns) list("UPDATE t SET ", column.name.span, " = 1");
        }
    }

    /// A part that has no node of its own: it must parse where it stands.
    void list(std::string_view before, Span span, std::string_view after) {
        alone(before, span, after, [](const WriteText&, const Write&) { return true; });
    }

    template <class Same>
    void alone(std::string_view before, Span span, std::string_view after, Same same) {
        std::string text(before);
        text.append(span.in(text_)).append(after);
        Parser parser(dialect_);
        const auto parsed = parser.parse_statement(text);
        const bool well = parsed && parsed->write != nullptr && same(WriteText(text), *parsed->write);
        if (!well && problem.empty())
            problem = "part of a write with the wrong bytes: <" + std::string(span.in(text_)) + ">";
    }

    std::string_view text_;
    const Dialect& dialect_;
    bool oracle_;
    WriteText tree_;
    std::string target_;  ///< As written.
};

/// Empty, or the first node whose span is wrong.
[[nodiscard]] inline std::string first_wrong_span(Write& write, std::string_view text) {
    SpanCheck nodes(text, dialect_of(write.dialect));
    TreeWalk(nodes).write(write);
    if (!nodes.problem.empty()) return nodes.problem;
    WriteSpanCheck parts(write, text);
    parts.write(write);
    return parts.problem;
}

}  // namespace majed::sql
