/// What a statement wants to do, told from its tokens without understanding it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/token.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace majed::sql {

enum class StatementClass : std::uint8_t {
    read,         ///< SELECT, VALUES, WITH ... SELECT
    write,        ///< INSERT, REPLACE, UPDATE, DELETE, with or without WITH
    ddl,          ///< CREATE, DROP, ALTER, REINDEX
    transaction,  ///< BEGIN, COMMIT, END, ROLLBACK, SAVEPOINT, RELEASE
    session,      ///< PRAGMA, ATTACH, DETACH
    maintenance,  ///< VACUUM, ANALYZE
    explain,      ///< EXPLAIN ...
    unknown,      ///< Anything else
};

[[nodiscard]] std::string_view to_string(StatementClass statement_class) noexcept;

/// Class of the first statement in `tokens`. A read here may still fail to parse.
[[nodiscard]] StatementClass classify(std::span<const Token> tokens) noexcept;

}  // namespace majed::sql
