/// What a statement wants to do, told from its tokens without understanding it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"
#include "sql/token.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace majed::sql {

enum class StatementClass : std::uint8_t {
    read,         ///< SELECT, VALUES, WITH ... SELECT
    write,        ///< INSERT, REPLACE, UPDATE, DELETE, MERGE, COPY, with or without WITH
    ddl,          ///< CREATE, DROP, ALTER, TRUNCATE, GRANT and the like
    transaction,  ///< BEGIN, COMMIT, END, ROLLBACK, SAVEPOINT, RELEASE, LOCK
    session,      ///< PRAGMA, ATTACH, SET, SHOW, ALTER SESSION, PREPARE, DECLARE, LISTEN and the like
    maintenance,  ///< VACUUM, ANALYZE, CLUSTER, CHECKPOINT, ALTER SYSTEM
    explain,      ///< EXPLAIN ...
    procedure,    ///< CALL, DO, EXECUTE, blocks of PL/SQL: code that is not in the statement
    unknown,      ///< Anything else
};

[[nodiscard]] std::string_view to_string(StatementClass statement_class) noexcept;

/// Class of the first statement in `tokens`. A read here may still fail to parse.
[[nodiscard]] StatementClass classify(std::span<const Token> tokens,
                                      const Dialect& dialect = sqlite_dialect()) noexcept;

}  // namespace majed::sql
