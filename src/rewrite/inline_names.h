/// What a statement rewritten for a server may name, and what it reads under which names.
///
/// Why      The result of rewriting is parsed and resolved once more; whatever is not as it should be does not run.
/// Life     Of one verification.
/// Threads  One thread.
/// Not here Rewriting (inline_rewriter.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <memory_resource>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::rewrite {

/// Tables without a rule as the principal names them, and every table by its schema, as the rules do.
class InlinedNames final : public sql::Schema {
public:
    InlinedNames(const Enforcement& enforcement, const sql::Schema& profile)
        : enforcement_(enforcement), profile_(profile) {}

    [[nodiscard]] const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                                           std::string_view name) const override;
    /// With every column: rules name those too that their principal does not see.
    [[nodiscard]] const sql::SchemaRelation* find_target(std::string_view qualifier,
                                                         std::string_view name) const override;
    [[nodiscard]] bool target_queries_allowed() const override { return true; }
    [[nodiscard]] bool function_allowed(std::string_view name) const override;
    /// Masks cast to a column's own.
    [[nodiscard]] bool type_allowed(std::string_view /*name*/) const override { return true; }
    [[nodiscard]] bool operator_allowed(std::string_view name) const override {
        return profile_.operator_allowed(name);
    }

private:
    const Enforcement& enforcement_;
    const sql::Schema& profile_;
};

/// A table that is read, `schema.table`, and whether under the name that only inlined views use.
using Read = std::pair<std::string_view, bool>;

/// Each as often as it is read, in order.
using Reads = std::pmr::vector<Read>;

/// Of the statement as it was written, and of what became of it. Tables that rules read besides have names of their own
/// (inline_policy.cpp), and are not counted.
[[nodiscard]] Reads expected_reads(const sql::Resolution& original, const Enforcement& enforcement);
[[nodiscard]] Reads found_reads(const sql::Resolution& resolution, std::string_view alias);

/// The text that `parser` read last has the parameters that values will be bound for.
[[nodiscard]] bool parameters_fit(const Rewritten& rewritten, const sql::Parser& parser);

}  // namespace majed::rewrite
