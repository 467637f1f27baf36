/// A user's statement that passed every lock, ready to be bound and run.
///
/// Why      Preparing costs as much as a point query, so sessions keep what they prepared.
/// Life     Dies before the connection it belongs to.
/// Threads  As the session.
/// Not here Preparing: governed_session.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/sqlite/database.h"
#include "driver/sqlite/guard_index.h"
#include "driver/sqlite/statement_parameters.h"

#include <cstddef>
#include <memory>

namespace majed::driver::sqlite {

struct PreparedStatement {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
    StatementScope scope;
    StatementParameters parameters;
    std::size_t columns = 0;     ///< Handed out.
    bool reports_check = false;  ///< There is one more: WriteGrant::reports_check.
};

}  // namespace majed::driver::sqlite
