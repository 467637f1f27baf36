/// What a write may touch directly, beside the guard views it reads.
///
/// Why      A write names the table itself: no view stands between. The engine's locks are told exactly what for.
/// Life     A value, part of an AuthorizedStatement.
/// Threads  A value.
/// Not here Deciding it (rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/attribute_parameter.h"

#include <string>
#include <vector>

namespace majed::driver {

struct TableColumns {
    std::string table;
    std::vector<std::string> columns;
};

/// Tables and columns as the catalogue spells them; `rowid` is the row id.
struct WriteGrant {
    std::string table;
    std::string schema = {};  ///< Where the engine has schemas.
    bool inserts = false;
    bool deletes = false;  ///< Also rows that make room for others.
    std::vector<std::string> updates = {};
    std::vector<std::string> reads = {};     ///< Columns of the table that the statement reads by itself.
    std::vector<TableColumns> related = {};  ///< Read by the engine alone: both ends of foreign keys.
    /// The last column of each row it answers says whether the row it changed may be so. One that may not undoes all.
    bool reports_check = false;
    /// PostgreSQL, of a MERGE, which cannot report: a query that finds a row of this transaction that may not be so.
    std::string check = {};
    std::vector<AttributeParameter> check_attributes = {};  ///< Its parameters, `$1` the first.
};

}  // namespace majed::driver
