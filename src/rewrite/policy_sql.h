/// The operator's predicates and masks, turned into SQL over the attached source.
///
/// Why      Policy text is parsed, resolved and spliced like any statement; it is never pasted as it is.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Which predicate applies to whom (policy/), the views (enforcement.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "policy/decision.h"
#include "sql/schema.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// Names of the guard that compiled policy text refers to.
struct PolicyNames {
    std::string base_schema;
    std::string attribute_function;
    std::string attribute_list_function;
    std::string hash_function;
};

struct CompiledPredicate {
    std::string sql;
    std::vector<std::string> scalar_attributes;
    std::vector<std::string> list_attributes;
    std::vector<std::string> tables;  ///< Read by its subqueries.
    bool unsafe = false;              ///< May raise an error on some row.
};

/// Compiles one boolean expression over `relation`; `catalog` knows the source's tables, unfiltered.
/// `x IN (:user.a)` tests against every value of the attribute; anywhere else :user.a is its only value.
/// Errors: invalid_argument (with the reason and the byte in `text`).
[[nodiscard]] Result<CompiledPredicate> compile_predicate(std::string_view text,
                                                          const sql::SchemaRelation& relation,
                                                          const sql::Schema& catalog,
                                                          const PolicyNames& names);

/// SQL for what a masked column shows, with the column's affinity where a cast keeps the value.
/// Errors: as compile_predicate, for `sql:` masks.
[[nodiscard]] Result<CompiledPredicate> compile_mask(const policy::Mask& mask,
                                                     const sql::SchemaColumn& column,
                                                     const sql::SchemaRelation& relation,
                                                     const sql::Schema& catalog, const PolicyNames& names);

/// TEXT, INTEGER, REAL, NUMERIC or BLOB (https://sqlite.org/datatype3.html section 3.1).
[[nodiscard]] std::string_view affinity_of(std::string_view declared_type);

}  // namespace majed::rewrite
