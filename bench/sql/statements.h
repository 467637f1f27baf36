/// What the benchmark reads: real questions with their schemas when they lie beside the project, else our own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"

#include <string>
#include <vector>

namespace majed::bench {

struct Question {
    std::string sql;
    std::string ddl;  ///< Of its database; equal for questions of one database.
};

/// Every `readonly` statement of ../shared/corpora/sqlite.jsonl, or twenty of our own; `origin` says which.
[[nodiscard]] std::vector<Question> questions(std::string& origin);

/// Queries of ../shared/corpora/{postgres,oracle}.jsonl that the engine, or its judges, took; those of the question sets with
/// their schemas. Empty when they do not lie beside the project.
[[nodiscard]] std::vector<Question> questions_of(sql::DialectId dialect);

}  // namespace majed::bench
