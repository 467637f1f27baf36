/// What SQLite's failures are called by Oracle.
///
/// Why      Code under test knows ORA numbers only.
/// Life     Pure functions.
/// Threads  Any.
/// Not here The sentences: oracle_error.h. Places in the statement: statement.h maps them back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include "oracle_error.h"

namespace majed::oci_double {

/// Of the connection's last failure. The offset is SQLite's, in the translated statement, or -1.
OracleError error_of(sqlite3* connection, int result);

}  // namespace majed::oci_double
