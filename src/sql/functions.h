/// What is known about the functions of each dialect: which may be called at all, which cannot fail, which aggregate.
///
/// Why      An expression that may raise an error, evaluated on a row the caller may not see, tells about that row.
/// Source   SQLite 3.40.1 src/func.c, date.c, json.c, window.c: what each may raise; measured by the side-channel
///          tests in src/gateway.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/dialect.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace majed::sql {

enum class FunctionKind : std::uint8_t { scalar, aggregate, window };

struct FunctionFacts {
    std::string_view name;  ///< Lower case.
    FunctionKind kind = FunctionKind::scalar;
    bool safe = false;        ///< Cannot raise, and takes time in proportion to its arguments.
    bool short_only = false;  ///< Safe only while its arguments are short: else it may take long, or fail.
};

/// As function_facts needs them: sorted, none twice.
[[nodiscard]] constexpr bool are_in_order(std::span<const FunctionFacts> facts) noexcept {
    for (std::size_t i = 1; i < facts.size(); ++i) {
        if (facts[i - 1].name >= facts[i].name) return false;
    }
    return true;
}

/// nullptr for an unknown function. `name` in lower case.
[[nodiscard]] const FunctionFacts* function_facts(std::string_view name,
                                                  DialectId dialect = DialectId::sqlite) noexcept;

/// Every function known, sorted by name: none reads files, other connections or the schema.
[[nodiscard]] std::span<const FunctionFacts> known_functions(DialectId dialect = DialectId::sqlite) noexcept;

/// The tables behind known_functions.
[[nodiscard]] std::span<const FunctionFacts> postgres_functions() noexcept;
[[nodiscard]] std::span<const FunctionFacts> oracle_functions() noexcept;

}  // namespace majed::sql
