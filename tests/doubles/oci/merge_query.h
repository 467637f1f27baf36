/// MERGE, which SQLite has not: as the statements that do the same one after the other.
///
/// Why      What a gateway sends must run here with Oracle's meaning: rows are paired as they were before the statement, each is
///          updated once, and what an UPDATE left may then be deleted.
/// Source   Oracle Database SQL Language Reference 19c, MERGE: the order of its clauses, ORA-30926, ORA-38104.
/// Life     For one translation.
/// Threads  One.
/// Not here Running the steps as one statement: statement_merge.cpp. The query in the target's place: target_query.h.
///
/// The worst plan Oracle could make is taken: what the statement itself asks is asked of every row of the target's table, and of
/// that in USING unless ROWNUM holds it back; which rows their queries show is looked at after that. Every row that UPDATE or
/// INSERT left is held to WITH CHECK OPTION before anything is deleted.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "sql_translation.h"

namespace majed::oci_double {

/// Writes the steps of the statement, which ends at the token `end`.
void write_merge(Translation& out, const std::string& owner, std::size_t end);

}  // namespace majed::oci_double
