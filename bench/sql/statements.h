/// What the benchmark reads: real questions with their schemas when they lie beside the project, else our own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"

#include <cstddef>
#include <string>
#include <vector>

namespace majed::bench {

struct Question {
    std::string sql;
    std::string
        ddl;  ///< Of its database, `create table "t" ("a" text, ...);` equal for questions of one database.
};

/// Every `readonly` statement of ../shared/corpora/sqlite.jsonl, or twenty of our own; `origin` says which.
[[nodiscard]] std::vector<Question> questions(std::string& origin);

/// Queries of ../shared/corpora/{postgres,oracle}.jsonl that the engine, or its judges, took; those of the question sets with
/// their schemas. Empty when they do not lie beside the project.
[[nodiscard]] std::vector<Question> questions_of(sql::DialectId dialect);

/// Length of a statement in bytes.
struct Lengths {
    std::size_t from = 0;
    std::size_t to = 0;  ///< Not of them.
    [[nodiscard]] bool contain(std::size_t length) const noexcept { return length >= from && length < to; }
};

/// Those of these lengths that have a schema. Where there are fewer than twenty, statements put together from questions of one
/// database as a report asks them: `WITH q1 AS (...), q2 AS (...) SELECT (SELECT count(*) FROM q1), ...`. Those of Oracle come
/// without schemas: their tables are made of the names that they use.
[[nodiscard]] std::vector<Question> questions_with_schema(sql::DialectId dialect, Lengths lengths);

}  // namespace majed::bench
