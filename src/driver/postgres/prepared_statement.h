/// A statement that the server keeps compiled under a name, and what it said about it.
///
/// Why      Preparing costs a round trip and a plan; the description decides how cells are read.
/// Life     A value in the connection's cache.
/// Threads  One.
/// Not here Preparing (statement_cache.h), running (statement_run.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/postgres/native_type.h"
#include "driver/postgres/row_reader.h"
#include "driver/postgres/statement_text.h"
#include "driver/result_column.h"

#include <string>
#include <vector>

namespace majed::driver::postgres {

struct PreparedStatement {
    StatementText text;
    std::string name;
    std::vector<Oid> parameters{};
    std::vector<ResultColumn> columns{};
    std::vector<Reading> readings{};
    int form =
        0;  ///< Binary when every column has a binary form that is read: libpq asks for one form for all.
};

}  // namespace majed::driver::postgres
