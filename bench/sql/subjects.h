/// Databases of the questions, compiled as the gateway has them: everyone sees two thirds of every table.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rewrite/enforcement.h"
#include "sql/dialect.h"

#include <sqlite3.h>

#include <memory>
#include <string>

namespace majed::bench {

struct CloseConnection {
    void operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }
};

struct Subject {
    std::unique_ptr<sqlite3, CloseConnection> connection;  ///< In memory; only of SQLite.
    std::shared_ptr<const rewrite::Enforcement> enforcement;
    const rewrite::Profile* profile = nullptr;
};

/// The one with these tables; made once, and never let go.
[[nodiscard]] const Subject& subject(sql::DialectId dialect, const std::string& ddl);

}  // namespace majed::bench
