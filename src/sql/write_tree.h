/// The syntax tree of one INSERT, UPDATE, DELETE or MERGE: data only, with exact byte spans.
///
/// Why      A write names one target and says what becomes of its rows; everything that it reads are the nodes of tree.h.
/// Life     Nodes live in the Arena of their parser; names point into the arena or the caller's text.
/// Threads  Written by parser, then by resolver; read-only after that.
/// Not here What a write may touch (policy/); which columns it writes and reads (Resolution, in resolver.h).
///
/// The nodes are those of every make of database: what FROM is to UPDATE, USING is to DELETE and MERGE, and the branches of a
/// MERGE are made of the same columns, assignments and rows. Only what a dialect's grammar has is ever filled in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"
#include "sql/expression_tree.h"
#include "sql/node_list.h"
#include "sql/token.h"
#include "sql/tree.h"

#include <cstdint>

namespace majed::sql {

enum class WriteKind : std::uint8_t {
    insert,  ///< Also REPLACE.
    update,
    delete_,
    merge,
};

/// OR ...: what becomes of a row that breaks a constraint. REPLACE INTO is INSERT OR REPLACE.
enum class OnViolation : std::uint8_t { unspecified, abort, fail, ignore, replace, rollback };

/// Whose value goes into an identity column.
enum class Overriding : std::uint8_t { none, system, user };

/// `a = x`, `(a, b) = (x, y)` or `(a, b) = (SELECT ...)`.
struct Assignment {
    List<NameNode> columns;
    /// PostgreSQL: columns of which a part alone is written, as expressions: `a[1].b`. The column begins where its part
    /// begins, and stands in `columns` too.
    List<Expr> parts;
    bool has_parens = false;  ///< The columns stand in parentheses: their values are those of a row.
    Expr* value = nullptr;
    Span span;
    Assignment* next = nullptr;
};

/// One ON CONFLICT ... DO ...
struct ConflictClause {
    List<OrderTerm> targets;       ///< Empty without `constraint`: any conflict.
    Expr* target_where = nullptr;  ///< The condition of a partial index.
    Name constraint;               ///< ON CONSTRAINT name.
    bool updates = false;          ///< DO UPDATE; otherwise DO NOTHING.
    List<Assignment> assignments;
    Expr* where = nullptr;  ///< Of DO UPDATE: which of the rows met.
    Span span;
    ConflictClause* next = nullptr;
};

enum class MergeAction : std::uint8_t { nothing, insert, update, delete_ };

/// One WHEN [NOT] MATCHED ... THEN ... of a MERGE.
struct MergeBranch {
    bool matched = false;
    MergeAction action = MergeAction::nothing;
    Expr* condition = nullptr;  ///< AND ..., Oracle's WHERE: for which of the rows.
    Span head;                  ///< `WHEN [NOT] MATCHED`.

    // INSERT: as those of Write.
    List<NameNode> columns;
    List<Expr> parts;
    Span columns_span;
    Overriding overriding = Overriding::none;
    List<Expr> values;  ///< Empty: DEFAULT VALUES.

    // UPDATE.
    List<Assignment> assignments;
    Expr* delete_where = nullptr;  ///< Oracle: which of the updated rows are then deleted.

    [[nodiscard]] bool deletes() const noexcept {
        return action == MergeAction::delete_ || delete_where != nullptr;
    }

    Span span;
    MergeBranch* next = nullptr;
};

/// A whole write: WITH, the verb and everything after it.
struct Write {
    WriteKind kind = WriteKind::insert;
    DialectId dialect = DialectId::sqlite;
    OnViolation on_violation = OnViolation::unspecified;
    Overriding overriding = Overriding::none;
    With* with = nullptr;
    /// The relation written to: a table with alias and index hint, never a WITH table. Oracle: also a query of its rows, which
    /// the resolver takes from nobody but who rewrites.
    FromItem* target = nullptr;

    // INSERT.
    List<NameNode> columns;
    List<Expr> parts;          ///< As those of Assignment.
    Span columns_span;         ///< With its parentheses; empty when no list was written.
    Select* source = nullptr;  ///< VALUES or a query; nullptr: DEFAULT VALUES.
    List<ConflictClause> conflicts;

    // UPDATE; DELETE has no assignments, MERGE has them in its branches.
    List<Assignment> assignments;
    List<FromItem> from;    ///< What else the condition and the values may name; USING of DELETE and MERGE.
    Span from_span;         ///< `FROM ...`, `USING ...`, else empty.
    Expr* where = nullptr;  ///< MERGE: what stands behind ON.

    List<MergeBranch> branches;  ///< MERGE.

    List<ResultColumn> returning;
    Span returning_span;  ///< `RETURNING ...`, else empty.

    // UPDATE and DELETE of so many rows.
    List<OrderTerm> order_by;
    Expr* limit = nullptr;
    Expr* offset = nullptr;

    Span verb;  ///< `INSERT OR IGNORE INTO`, `UPDATE OR FAIL`, `DELETE FROM`.
    Span span;  ///< Of the whole statement, without semicolon.

    // Set by the resolver.
    FromItem* excluded = nullptr;  ///< The row that met a conflict, as DO UPDATE names it.
    FromItem* returned = nullptr;  ///< The target, as RETURNING names it.
    Select* body =
        nullptr;  ///< What a query's flags say (unsafe, filtered, relations), of the write as a whole; its
                  ///< columns are those that RETURNING answers with.
};

}  // namespace majed::sql
