/// How a write on Oracle is held to its principal's rules: permission, and the edits that put a query in the target's place.
///
/// Why      RETURNING INTO gives a gateway no row to judge, and ROWNUM makes a query read only. What Oracle has for it is a query
///          in the table's place, WITH CHECK OPTION: it shows the rows that the rules let be changed, and takes none that it
///          would not show (ORA-01402). What may fail stands in a CASE behind the same rules, for Oracle tests conditions in the
///          order it likes, and a CASE in the order of its text.
/// Source   Oracle Database SQL Language Reference 19c: INSERT, UPDATE, DELETE (dml_table_expression_clause,
///          subquery_restriction_clause), CREATE VIEW (updatable views; no guarantee of a check with a query in it), "CASE
///          Expressions" (short-circuit evaluation), MERGE (whose target may be an updatable view, and has no DEFAULT then;
///          columns named in ON are not updated). That MERGE takes a query in parentheses there is shown at
///          blog.jooq.org/2019/01/02 (a way around ORA-38104); the manual's syntax has names alone. Nothing here was run
///          on a real server.
/// Life     Computed per statement; spans are those of its text.
/// Threads  Pure.
/// Not here What the statement reads beside its target (oracle_rewriter.h), the check of the result
///          (oracle_write_verifier.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "rewrite/inline_write_plan.h"
#include "rewrite/oracle_rewriter.h"
#include "rewrite/row_rules.h"
#include "sql/parser.h"

namespace majed::rewrite {

/// A statement, as far as its target's plan depends on the rest of it.
struct OracleText {
    const sql::Parser& parser;  ///< That read it last.
    const OracleMarks& marks;
    bool may_fail = false;  ///< Something of it may, on some row.
};

/// Is the target named by a synonym? Then the table takes its place, lest it lead elsewhere by the time the statement runs.
[[nodiscard]] bool goes_by_synonym(const sql::FromItem& item, const WriteTarget& target);

/// Errors: as permit_write; unsupported (FROM; beside rules about rows: hints, ROWNUM, PARTITION, ONLY, what the check option
/// cannot hold; of MERGE: rules that differ where it inserts, DEFAULT), invalid_argument (a virtual column, values that do not match the columns).
[[nodiscard]] Result<InlineWritePlan> plan_oracle_write(const ResolvedWrite& resolved, const OracleText& text,
                                                        const Enforcement& enforcement,
                                                        InlineParameters& parameters);

}  // namespace majed::rewrite
