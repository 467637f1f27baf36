/// What the benchmark reads: real questions with their schemas when they lie beside the project, else our own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace majed::bench {

struct Question {
    std::string sql;
    std::string ddl;  ///< Of its database; equal for questions of one database.
};

/// Every `readonly` statement of ../shared/corpora/sqlite.jsonl, or twenty of our own; `origin` says which.
[[nodiscard]] std::vector<Question> questions(std::string& origin);

}  // namespace majed::bench
