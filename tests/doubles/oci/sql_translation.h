/// A statement of Oracle's dialect, taken apart and written again for SQLite.
///
/// Why      Applications send Oracle's SQL; what SQLite would silently accept and Oracle not is refused here.
/// Life     Plain values, made once per prepared statement.
/// Threads  Any.
/// Not here CREATE, ALTER, DROP: ddl_translation.h. Blocks of PL/SQL: block.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "column_type.h"
#include "oci_constants.h"
#include "oracle_error.h"
#include "sql_scan.h"

namespace majed::oci_double {

/// What to do with a statement.
enum class Action : std::uint8_t {
    run,
    define,
    accept,
    commit,
    rollback,
    savepoint,
    rollback_to,
    set_read_only,
    set_serializable,
    alter_session,
    kill_session,
    lock_table,
    block,
    access_policies,
};

/// One entry of a select list, as far as its text tells.
struct SelectItem {
    bool is_star = false;
    bool has_alias = false;
    /// COUNT(*), A||'X': how Oracle names a column without alias.
    std::string name;
    std::optional<ColumnType> type;
};

/// One of the statements that a MERGE becomes.
struct Step {
    std::string sql;
    bool counts = false;      ///< Its rows are rows of the MERGE.
    int code_when_found = 0;  ///< It counts rows, and any is this error.
};

struct Translation {
    StatementKind kind = StatementKind::unknown;
    Action action = Action::run;
    ScannedSql scanned;
    /// For SQLite; binds are ?1, ?2 ... by occurrence.
    std::string sql;
    /// Byte of `sql` and byte of the original, ascending.
    std::vector<std::pair<std::size_t, std::size_t>> origins;
    /// By occurrence; a name can occur twice.
    std::vector<std::string> binds;
    /// How many of the binds are behind RETURNING ... INTO, at the end.
    std::size_t returning = 0;
    /// Of a target WITH CHECK OPTION: how many of the rows written, of whose row ids the last parameter is an array, the query
    /// does not show.
    std::string check;
    /// Instead of `sql`: of a MERGE. They have the same binds.
    std::vector<Step> steps;
    bool locks_rows = false;
    bool is_impatient = false;
    std::vector<SelectItem> items;
    /// Names behind FROM, JOIN, INTO, UPDATE, in upper case.
    std::vector<std::string> tables;
    /// Tables that a change names in the database itself, for a view of the session hides them.
    std::set<std::string> below_views;
    /// Name of a savepoint, id of a session to kill, table to lock.
    std::string argument;
    Failure problem;
};

/// `below_views` as in the translation; `owner` may stand before a table's name.
Translation translate(std::string_view sql, const std::string& owner, std::set<std::string> below_views = {});

/// A place in the translated statement, told in the original.
int original_offset(const Translation& translation, int offset);

}  // namespace majed::oci_double
