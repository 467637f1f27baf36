/// Names to meaning: which relation, column or alias each name in a tree is, in its scope.
///
/// Why      Policy decides about relations and columns, not about words; an unknown name refuses the statement.
/// Life     One Resolver per statement; writes its findings into the tree and into a Resolution.
/// Threads  One thread at a time.
/// Not here What the schema contains (Schema), what is done about it (rewrite/).
///
/// Scope rules are those of SQLite 3.40.1 src/resolve.c (lookupName, resolveSelectStep), src/select.c (star
/// expansion, WITH) and are tested against the engine's own authorizer on the corpora.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "sql/arena.h"
#include "sql/parser.h"
#include "sql/schema.h"
#include "sql/tree.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace majed::sql {

struct ColumnUse {
    const SchemaRelation* relation = nullptr;
    std::uint32_t column = 0;
    friend bool operator==(const ColumnUse&, const ColumnUse&) = default;
};

/// What a resolved statement touches. Nodes belong to its tree.
struct Resolution {
    std::vector<FromItem*>
        relations;  ///< Every reference to a relation of the schema, in text order of scopes.
    std::vector<ColumnUse> columns;             ///< Columns read; may repeat.
    std::vector<Expr*> quoted_strings;          ///< "text" that no column is called: SQLite reads a string.
    std::vector<Expr*> rowids;                  ///< rowid, oid, _rowid_ that stand for a column.
    std::vector<Expr*> qualified;               ///< schema.table.column
    std::vector<ResultColumn*> unnamed;         ///< Result expressions without alias.
    std::vector<std::string_view> local_names;  ///< Tables the statement defines: WITH, aliases.
    std::vector<std::string_view> functions;    ///< Called, as written; may repeat.
    std::vector<std::uint32_t>
        encryptions;              ///< Of each column of the answer; empty when none is an encrypted column.
    std::size_t cheap_scans = 0;  ///< Subqueries left unguarded: one scan each, that cannot fail.
    bool filtered = false;        ///< Some relation hides rows.
    bool unsafe = false;          ///< Some expression may raise an error or burn time.

    void clear();
};

/// Resolves `select` (parsed from `text`) against `schema`; allocates from `arena`.
/// Errors, each with an offset: denied (a relation that does not exist for this principal, a function that is not
/// allowed), not_found (an unknown column), invalid_argument (circular or misused names), unsupported (rowid of a
/// relation without one, MATCH and REGEXP, anything that would compute on an encrypted column).
[[nodiscard]] Result<void> resolve(Select& select, std::string_view text, const Schema& schema, Arena& arena,
                                   Resolution& resolution);

/// Resolves one expression, the last that `parser` parsed, over the columns of `relation`: policy predicates and masks. Subqueries inside see the
/// whole schema. Errors: as resolve.
[[nodiscard]] Result<void> resolve_over(Expr& expr, const SchemaRelation& relation, Parser& parser,
                                        const Schema& schema, Resolution& resolution);

}  // namespace majed::sql
