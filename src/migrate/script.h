/// A file of SQL, cut into the statements the database gets one by one.
///
/// Why      A client that cuts at every semicolon tears triggers, functions and texts; each engine has its own rules.
///          The semantics: sqlite3_complete(), psql's psqlscan.l, SQL*Plus.
/// Life     Values; a Script owns its texts.
/// Threads  Values.
/// Not here What a file is called and which part of it undoes it (migration.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "migrate/dialect.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace majed::migrate {

/// How a statement gets on with the transaction around it.
enum class TransactionFit : std::uint8_t {
    inside,  ///< Can be rolled back with the rest. On Oracle: DML and queries.
    outside,  ///< The engine refuses it in a transaction, ignores it there, or commits by itself (Oracle's DDL).
    control,  ///< BEGIN, COMMIT, SAVEPOINT, SET TRANSACTION...: would end or change the migration's own transaction.
};

struct ScriptStatement {
    std::string text;  ///< As the database gets it: without its end mark; Oracle's PL/SQL with its last `;`.
    std::string copy_rows = {};  ///< PostgreSQL: what follows `COPY ... FROM STDIN;`, without the `\.` line.
    bool copies_rows = false;    ///< It is such a COPY; `copy_rows` may be empty all the same.
    std::size_t offset = 0;      ///< Byte in the script where its first token begins, comments left behind.
    std::size_t line = 1;        ///< Of that byte, from 1.
    TransactionFit fit = TransactionFit::inside;
    /// It leaves nothing behind but a setting of its session, which a run that goes on in another session must repeat.
    bool session_only = false;
    std::string tokens_digest = {};  ///< SHA-256, 64 hex digits, of its tokens: see `Script::tokens_digest`.
};

struct Script {
    std::vector<ScriptStatement> statements;  ///< In order; a script of comments alone has none.
    /// SHA-256, 64 hex digits, of the digests of its statements. A statement's: of its tokens, each with its length,
    /// comments and blanks dropped (hints are no comments), line ends made `\n`, unquoted words folded to lower case.
    std::string tokens_digest;
};

/// Cuts `text`, which is UTF-8 without BOM. Comments that stand before a statement are part of its text; those after
/// the last statement belong to nothing.
/// Errors: parse_error with the offset where it begins: a text, quoted name, comment, dollar quote, block or COPY that does not
/// end; an unbalanced parenthesis at the end; a command of a client program (`\d`, `SET ECHO`, `@file`, `.read`) with a hint.
[[nodiscard]] Result<Script> split_script(Dialect dialect, std::string_view text);

}  // namespace majed::migrate
