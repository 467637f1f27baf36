/// A rule's predicate in the words of a server that enforces it: attributes become what the session told the server.
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
#include "sql/dialect.h"

#include <string>
#include <string_view>
#include <vector>

namespace majed::rewrite {

/// How a dialect reads what the session told the server. `type`: of the column it is compared with, as the catalogue says it;
/// empty: text.
class AttributeWords {
public:
    AttributeWords() = default;
    AttributeWords(const AttributeWords&) = delete;
    AttributeWords& operator=(const AttributeWords&) = delete;
    virtual ~AttributeWords() = default;

    [[nodiscard]] virtual sql::DialectId dialect() const noexcept = 0;
    /// Its only value.
    [[nodiscard]] virtual std::string scalar(std::string_view name, std::string_view type) const = 0;
    /// A query of all its values, without parentheses.
    [[nodiscard]] virtual std::string list(std::string_view name, std::string_view type) const = 0;
    /// All its values, as what stands in ANY (...).
    [[nodiscard]] virtual std::string any_of(std::string_view name, std::string_view type) const = 0;
    /// True for exactly one value; for at least one.
    [[nodiscard]] virtual std::string has_one(std::string_view name) const = 0;
    [[nodiscard]] virtual std::string has_any(std::string_view name) const = 0;
};

struct NativePredicate {
    std::string sql;  ///< Never true while an attribute is missing, whatever the predicate makes of that.
    std::vector<std::string> attributes;  ///< That it asks for.
};

/// Errors: invalid_argument (it does not parse, or names an attribute that no setting can be called by).
[[nodiscard]] Result<NativePredicate> native_predicate(std::string_view text,
                                                       const catalog::Relation& relation,
                                                       const catalog::Snapshot& catalog,
                                                       const AttributeWords& words);

}  // namespace majed::rewrite
