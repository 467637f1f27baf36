/// The conditions that hold a write on a server to its rules, as they stand in its text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace majed::rewrite {

/// Each in parentheses; empty: nothing.
struct InlineConditions {
    std::string reached;  ///< On a row that is changed: WHERE, ON of a MERGE.
    std::string
        met;  ///< On a row that an INSERT meets and the row it would put there; begins DO UPDATE's WHERE.
    std::string updated;  ///< Begins the conditions of a MERGE's UPDATE branches,
    std::string deleted;  ///< and of its DELETE branches.
    std::string left;     ///< On a row that was written: the last column that RETURNING answers.
    // Oracle, where `reached` stands inside the query that is written to:
    std::string named;     ///< The same on the target by its own name; what may fail stands behind it.
    bool checked = false;  ///< WITH CHECK OPTION.
};

}  // namespace majed::rewrite
