/// A rule's predicate in the words of PostgreSQL, which enforces it: attributes become what the session told the server.
///
/// Why      The rule is parsed and only the attributes' bytes are replaced, as when the gateway enforces it: the rest is what
///          the operator wrote.
/// Life     Free functions.
/// Threads  Pure.
/// Not here Which rule holds for whom (policy/), the statements around it (native_rules.h); Oracle, whose policies are compiled as rules in statements are (native_oracle.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

struct NativePredicate {
    std::string sql;  ///< Never true while an attribute is missing, whatever the predicate makes of that.
    std::vector<std::string> attributes;  ///< That it asks for.
};

/// Errors: invalid_argument (it does not parse, or names an attribute that no setting can be called by).
[[nodiscard]] Result<NativePredicate> native_predicate(std::string_view text,
                                                       const catalog::Relation& relation,
                                                       const catalog::Snapshot& catalog);

}  // namespace majed::rewrite
