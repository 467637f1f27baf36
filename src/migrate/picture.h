/// A picture of a database's schema: every object with a canonical definition, to see what changed behind our back.
///
/// Why      A hash says that the schema drifted; people must see where.
/// Life     Values.
/// Threads  Values; reading uses the caller's connection.
/// Not here The catalogue statements are resolved against (catalog/): it has names only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/deadline.h"
#include "core/result.h"
#include "driver/connection.h"
#include "migrate/dialect.h"

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace majed::migrate {

/// `table orders`, `column orders.total`, `index by_day`, `trigger t`, `view v`, `function f(integer)`...
struct SchemaObject {
    std::string kind;
    std::string name;        ///< Unique within its kind; at most 900 bytes.
    std::string definition;  ///< Canonical: the same for the same object however it came to be.

    friend bool operator==(const SchemaObject&, const SchemaObject&) = default;
    friend bool operator<(const SchemaObject& left, const SchemaObject& right) {
        return std::tie(left.kind, left.name, left.definition) <
               std::tie(right.kind, right.name, right.definition);
    }
};

/// Sorted, each once.
using SchemaPicture = std::vector<SchemaObject>;

/// Of the schema migrations run in (SQLite: `main`; PostgreSQL: current_schema(); Oracle: the user's own), without the
/// ledger's own tables and what the engine keeps for itself. In the transaction that is open, or one of its own; the
/// number of queries does not grow with the schema. Grants and owners are part of it, comments and rows are not.
/// SQLite: names in lower case, which is all one to it. PostgreSQL: names with their schema, settings put back as they
/// were; without operators, collations, text search, storage of columns, default privileges and rights on the schema itself.
/// Oracle: without what picture_oracle.cpp lists.
/// Errors: of the driver; conflict (the schema does not hold still), not_found (PostgreSQL: the search_path names no
/// schema), too_large.
[[nodiscard]] Result<SchemaPicture> take_picture(Dialect dialect, driver::Connection& connection,
                                                 Deadline deadline);

/// `p1:` and the SHA-256 in 64 hex digits; of an empty picture too.
[[nodiscard]] std::string hash_of(const SchemaPicture& picture);

enum class Difference : std::uint8_t { added, removed, altered };

struct SchemaDifference {
    Difference difference = Difference::added;
    std::string kind;
    std::string name;
    std::string before = {};  ///< Definition; empty when added.
    std::string after = {};   ///< Definition; empty when removed.
};

/// Sorted as the pictures are.
[[nodiscard]] std::vector<SchemaDifference> differences(const SchemaPicture& before,
                                                        const SchemaPicture& after);

/// For people: a line each with `+`, `-` or `~`, and under an altered one the lines of its definition that differ.
[[nodiscard]] std::string readable(std::span<const SchemaDifference> differences);

}  // namespace majed::migrate
