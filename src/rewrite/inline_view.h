/// A table as one variant of it is read on a server: a query in parentheses, with gaps for the principal's attributes.
///
/// Why      A server has no views that only one session sees; the rule stands in the statement itself, and what it needs
///          to know of the principal comes as parameters.
/// Life     Part of an Enforcement.
/// Threads  Immutable once made.
/// Not here Which rule (policy/), where it is spliced in (inline_rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/attribute_parameter.h"

#include <cstddef>
#include <string>
#include <vector>

namespace majed::rewrite {

/// SQL in which parameters are still to be numbered, and the row that it is about to be named.
struct GappedText {
    struct Gap {
        std::size_t offset = 0;  ///< What belongs there stands before this byte.
        driver::AttributeParameter attribute;
        bool row = false;  ///< The row's name, and no parameter.
        std::string compared =
            {};  ///< As what its only value is compared, in words of the catalogue; empty: as text.
    };
    std::string text;
    std::vector<Gap> gaps;  ///< In the order of their offsets.
};

/// What is known of a condition on a row beside its text.
struct ConditionFacts {
    bool asks = false;                 ///< A query stands in it.
    std::vector<std::string> columns;  ///< Those of the row that it reads; may repeat.
};

struct InlineView {
    bool whole = false;    ///< Every row and column as it is: the statement may name the table itself.
    GappedText columns;    ///< `"a", CAST(NULL AS text) AS "b"`
    std::string from;      ///< ` FROM "schema"."table"`
    std::string alias;     ///< ` AS "g_..."`
    GappedText predicate;  ///< Empty: all rows.
    /// Tables that predicate and masks read besides, `schema.table`, as often as they do.
    std::vector<std::string> other_tables;
    std::string full_name;  ///< `schema.table`
};

}  // namespace majed::rewrite
