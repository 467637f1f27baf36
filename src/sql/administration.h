/// Which statements about a schema, beside queries and writes, are understood well enough to be run for an administrator.
///
/// Why      Rules decide about rows; what changes a table has no rows to decide about. So the form must show that no row
///          goes anywhere, no code runs, and nothing of it outlives the statement in a session.
/// Life     A statement is made by `administrative` alone: what runs it asks for one.
/// Threads  Pure.
/// Not here Who may run it (gateway/), and how (driver/connection.h).
///
/// A list of what may be run, not of what may not: CREATE, ALTER and DROP of tables, indexes, sequences, types, domains,
/// schemas, logins and roles, GRANT and REVOKE, TRUNCATE, COMMENT, ANALYZE, VACUUM, REINDEX, CLUSTER, CHECKPOINT and
/// REFRESH, as each engine has them. Refused, though it is DDL:
/// - what reads rows: CREATE TABLE ... AS, views, external and foreign tables;
/// - what puts rows under another name, for which there may be other rules: RENAME, SET SCHEMA, ATTACH, EXCHANGE,
///   INHERIT; or values under the name of another column: generated columns that are added, ALTER ... USING;
/// - what removes rows, or objects, that it does not name: CASCADE, partitions;
/// - code, which would run with other people's statements: functions, procedures, triggers, rules, extensions; and calls
///   of functions that are not on the list of those that queries may call;
/// - the database's own row-level security, files of the server, its settings, links to other servers;
/// - temporary objects, which would stay in the session.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/dialect.h"
#include "sql/statement_class.h"
#include "sql/token.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace majed::sql {

/// One statement of a form that is on the list, as it was written.
class AdministrativeStatement {
public:
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
    /// ddl or maintenance.
    [[nodiscard]] StatementClass statement_class() const noexcept { return class_; }
    /// `CREATE TABLE`: the form.
    [[nodiscard]] std::string_view form() const noexcept { return form_; }

private:
    friend Result<AdministrativeStatement> administrative(std::span<const Token>, std::string_view,
                                                          const Dialect&);
    AdministrativeStatement(std::string sql, StatementClass statement_class, std::string_view form)
        : sql_(std::move(sql)), class_(statement_class), form_(form) {}

    std::string sql_;
    StatementClass class_;
    std::string_view form_;  ///< Of the table of forms.
};

/// The statement that `tokens` of `text` are. Errors, each with its place and no word of the text: denied (not on the
/// list, or with a part that is not), parse_error (more than one statement).
[[nodiscard]] Result<AdministrativeStatement> administrative(std::span<const Token> tokens,
                                                             std::string_view text, const Dialect& dialect);

}  // namespace majed::sql
