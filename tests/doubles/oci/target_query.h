/// INSERT, UPDATE and DELETE on a query in the table's place: (SELECT ... FROM table WHERE ... WITH CHECK OPTION).
///
/// Why      SQLite has no such thing. It becomes the change of the table's rows that the query shows, and a question behind it:
///          is any row that was written one that the query would not show?
/// Life     For one translation.
/// Threads  One.
/// Not here Asking the question, and undoing the statement: statement.h. MERGE: merge_query.h.
///
/// The worst plan Oracle could make is taken: the statement's own condition is tested before the query's, on every row of the
/// table. A check with a query inside is refused (ORA-03001), for Oracle guarantees nothing of one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sql_translation.h"
#include "sql_writer.h"

namespace majed::oci_double {

/// (SELECT a, b FROM [owner.]table [alias] [WHERE ...] [WITH CHECK OPTION]): rows of one table. Places are of tokens.
struct RowQuery {
    std::vector<std::string> columns;
    std::string table;
    std::string alias;  ///< Of the table, inside.
    std::size_t where = 0;
    std::size_t where_end = 0;  ///< `where` when there is none.
    std::size_t behind = 0;     ///< The parenthesis.
    bool checked = false;
    bool asks = false;  ///< There is a query in WHERE.
};

/// Reads what stands from FROM, at `from`, up to `query.behind`. Is it of that form?
bool read_rows(const std::vector<Token>& tokens, std::size_t from, RowQuery& query);

/// Nothing when what `open` opens is no such query.
std::optional<RowQuery> read_row_query(const std::vector<Token>& tokens, const SqlWriter& writer,
                                       std::size_t open);

/// The parenthesis that begins the target of a change; 0: the target is a name.
std::size_t target_query_of(const Translation& translation);

/// The name of the table of an UPDATE or DELETE that has an alias behind it, or of a DELETE without FROM; 0: none.
std::size_t aliased_target_of(const Translation& translation);

/// As below, of such a statement.
void write_on_aliased_target(Translation& out, const std::string& owner, std::size_t name, std::size_t end);

/// Writes the whole statement, whose target begins at `open`, up to the token `end`.
void write_on_target_query(Translation& out, const std::string& owner, std::size_t open, std::size_t end);

}  // namespace majed::oci_double
