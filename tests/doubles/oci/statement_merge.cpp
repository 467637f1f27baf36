// SPDX-License-Identifier: Apache-2.0
// A MERGE as the steps that merge_query.h makes of it; who calls this undoes all of them when one fails.
#include "session.h"
#include "statement.h"

namespace majed::oci_double {

Failure Statement::merge(std::uint32_t iteration) {
    Database& database = session().database();
    for (const Step& step : translation_.steps) {
        const PreparedStatement prepared = database.prepare(step.sql);
        if (!prepared) {
            return failed(SQLITE_ERROR);
        }
        if (Failure failure = bind_values(prepared.get(), iteration)) {
            return failure;
        }
        const int result = sqlite3_step(prepared.get());
        if (result == SQLITE_ROW && step.code_when_found != 0) {
            if (sqlite3_column_int64(prepared.get(), 0) != 0) {
                return oracle_error(step.code_when_found);
            }
        } else if (result != SQLITE_DONE) {
            return failed(result);
        }
        row_count_ += step.counts ? static_cast<std::uint64_t>(sqlite3_changes64(database.get())) : 0U;
    }
    return std::nullopt;
}

}  // namespace majed::oci_double
