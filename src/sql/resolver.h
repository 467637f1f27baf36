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
#include "sql/budget.h"
#include "sql/parser.h"
#include "sql/schema.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

namespace majed::sql {

struct ColumnUse {
    const SchemaRelation* relation = nullptr;
    std::uint32_t column = 0;
    friend bool operator==(const ColumnUse&, const ColumnUse&) = default;
};

/// A query with GROUP BY, and the text it was read from.
struct GroupedCore {
    Core* core = nullptr;
    Select* select = nullptr;  ///< Whose ORDER BY it may be.
    std::string_view text;
};

/// A column that a write gives values to.
struct ColumnWrite {
    const SchemaRelation* relation = nullptr;
    std::optional<std::uint32_t> column;  ///< nullopt: the row id, for which no column stands.
    WriteKind kind = WriteKind::insert;   ///< insert, or update: also that of DO UPDATE.
    Span span;  ///< Its name in the statement; the target's where no list was written.
};

/// How a write depends on the rows that its target held before; queries inside it are not meant.
struct ExistingRows {
    bool searched =
        false;  ///< UPDATE, DELETE: the rows to change are looked for, with or without a condition.
    bool filtered_by_value = false;  ///< WHERE, ORDER BY or ON CONFLICT ... WHERE name the target's columns.
    bool computed_from = false;      ///< The values assigned name the target's columns.
    bool returned = false;  ///< RETURNING may show them: of UPDATE, DELETE and INSERT with DO UPDATE.
    bool collided = false;  ///< ON CONFLICT, OR IGNORE, OR REPLACE: the outcome tells whether a row is there.
    bool deleted = false;   ///< DELETE; OR REPLACE, which makes room.
    [[nodiscard]] bool read() const noexcept { return filtered_by_value || computed_from || returned; }
};

/// What a resolved statement touches. Nodes belong to its tree.
struct Resolution {
    /// What it holds comes from `memory`, and stays for the next statement. That of a tree's arena dies with the tree.
    explicit Resolution(std::pmr::memory_resource* memory = std::pmr::get_default_resource());

    std::pmr::vector<FromItem*>
        relations;  ///< Every reference to a relation of the schema, in text order of scopes.
    std::pmr::vector<ColumnUse> columns;     ///< Columns read; may repeat.
    std::pmr::vector<Expr*> quoted_strings;  ///< "text" that no column is called: SQLite reads a string.
    std::pmr::vector<Expr*> rowids;          ///< rowid, oid, _rowid_ that stand for a column.
    std::pmr::vector<Expr*> qualified;       ///< schema.table.column
    std::pmr::vector<Expr*> qualified_rows;  ///< schema.table as a row: whole, or one column of it.
    std::pmr::vector<ResultColumn*> qualified_stars;  ///< schema.table.*
    std::pmr::vector<ResultColumn*> unnamed;          ///< Result expressions without alias.
    std::pmr::vector<std::string_view> local_names;   ///< Tables the statement defines: WITH, aliases.
    std::pmr::vector<std::string_view> functions;     ///< Called, as written; may repeat.
    std::vector<std::uint32_t>
        encryptions;              ///< Of each column of the answer; empty when none is an encrypted column.
    std::size_t cheap_scans = 0;  ///< Subqueries left unguarded: one scan each, that cannot fail.
    std::pmr::vector<Core*> table_cores;     ///< TABLE t; not on SQLite.
    std::pmr::vector<GroupedCore> grouped;   ///< Those with GROUP BY; not on SQLite.
    std::pmr::vector<FromItem*> whole_rows;  ///< Read as rows, or by a star of a query inside; not on SQLite.
    bool locks = false;                      ///< FOR UPDATE and the like; not on SQLite.
    bool filtered = false;                   ///< Some relation hides rows.
    bool unsafe = false;                     ///< Some expression may raise an error or burn time.
    Budget budget = callers_budget;          ///< What the statement may cost; stays for the next.
    Arena* arena = nullptr;  ///< That of the tree: for what is made beside it, and dies before it.

    // Of a write. Columns of the target that are read are in `columns`; the target itself is not in `relations`, where it
    // would be read as a whole.
    FromItem* target = nullptr;
    std::pmr::vector<ColumnWrite>
        written;  ///< Columns written; may repeat. Others get the defaults of the schema.
    ExistingRows existing;
    std::pmr::vector<ColumnUse>
        masked_reads;  ///< Masked columns read, but for what RETURNING shows; may repeat.
    std::pmr::vector<ColumnWrite> masked_writes;  ///< Masked columns written; may repeat.

    void clear();
    /// That of the arena, when there is a tree.
    [[nodiscard]] std::pmr::memory_resource* scratch() const noexcept {
        return arena != nullptr ? arena : std::pmr::get_default_resource();
    }
};

/// Resolves `select` (parsed from `text`) against `schema`; allocates from `arena`.
/// Errors, each with an offset: denied (a relation that does not exist for this principal, a function that is not
/// allowed), not_found (an unknown column), invalid_argument (circular or misused names), unsupported (rowid of a
/// relation without one, MATCH and REGEXP, anything that would compute on an encrypted column).
[[nodiscard]] Result<void> resolve(Select& select, std::string_view text, const Schema& schema, Arena& arena,
                                   Resolution& resolution);

/// The same for the statement that `parser` read last, in its dialect: PostgreSQL's and Oracle's scopes are their own.
[[nodiscard]] Result<void> resolve(Select& select, Parser& parser, const Schema& schema,
                                   Resolution& resolution);

/// Resolves `write` likewise. `resolution.encryptions` is that of RETURNING.
/// Errors: as for queries; denied (a target that may not be written), not_found (a target column), invalid_argument (a
/// generated column, values that do not match the columns), unsupported (an encrypted column written, or written from).
[[nodiscard]] Result<void> resolve(Write& write, std::string_view text, const Schema& schema, Arena& arena,
                                   Resolution& resolution);

/// Resolves one expression, the last that `parser` parsed, over the columns of `relation`: policy predicates and masks. Subqueries inside see the
/// whole schema. Errors: as resolve.
[[nodiscard]] Result<void> resolve_over(Expr& expr, const SchemaRelation& relation, Parser& parser,
                                        const Schema& schema, Resolution& resolution);

}  // namespace majed::sql
