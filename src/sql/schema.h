/// The names a statement may use: what the resolver asks for, without knowing catalogue or policy.
///
/// Why      The same resolver serves the bare catalogue (tests, advice) and a principal's view of it.
/// Life     Implementations outlive every Resolution made with them.
/// Threads  Const calls from any thread.
/// Not here Where the names come from (catalog/), who may use them (policy/, rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::sql {

struct SchemaColumn {
    std::string name;
    std::string declared_type;
    bool masked = false;
    bool unsafe = false;  ///< Reading it computes something that may raise an error.
    bool hidden = false;  ///< Not part of `*` (hidden column of a table function).
    /// Which rule encrypts its values: a statement may hand them through, count them and test them for NULL, nothing
    /// else. 0: none.
    std::uint32_t encryption = 0;
    bool generated = false;  ///< The engine computes it: it cannot be written.
};

/// A table (or table-valued function) as the statement may see it.
struct SchemaRelation {
    std::string name;
    std::string schema;  ///< Where the engine has schemas.
    std::vector<SchemaColumn> columns;
    std::optional<std::size_t> rowid_column;  ///< Column that `rowid`, `oid`, `_rowid_` stand for.
    bool has_rowid = true;                    ///< False: `rowid` is an unknown column (views, WITHOUT ROWID).
    bool rowid_withheld = false;  ///< True: `rowid` exists, but only `rowid_column` may stand for it.
    bool filtered = false;        ///< Rows are hidden from this principal: predicates on it need a guard.
    bool table_function = false;  ///< json_each, json_tree.
    bool writable = false;        ///< A write may have it for its target: says so who lets rows be changed.
    std::vector<std::string> indexes;
    /// Columns that tell its rows apart, when all may be seen as they are; empty: not known. Not on SQLite.
    std::vector<std::uint32_t> primary_key;
    std::size_t id = 0;  ///< Free for the owner of the schema: which relation this is.
};

class Schema {
public:
    Schema() = default;
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;
    virtual ~Schema() = default;

    /// The relation called `name` (matched without case); nullptr when there is none for this principal.
    /// `qualifier` is empty, or the schema name written before the dot.
    [[nodiscard]] virtual const SchemaRelation* find_relation(std::string_view qualifier,
                                                              std::string_view name) const = 0;

    /// The same for the target of a write, of which more or less may be known than of what is read.
    [[nodiscard]] virtual const SchemaRelation* find_target(std::string_view qualifier,
                                                            std::string_view name) const {
        return find_relation(qualifier, name);
    }

    /// Oracle: may a query stand in the place of a write's target? No user's may: it is how rules are held to a write.
    [[nodiscard]] virtual bool target_queries_allowed() const { return false; }

    /// May the statement call this function? `name` is lower case.
    [[nodiscard]] virtual bool function_allowed(std::string_view name) const = 0;

    // PostgreSQL and Oracle ask these too.

    /// May a value be cast to this type? `name` as written, folded, without arguments and array bounds.
    [[nodiscard]] virtual bool type_allowed(std::string_view /*name*/) const { return false; }
    /// Is this certainly a field of a composite type, and not a function that (value).name would call?
    [[nodiscard]] virtual bool is_field(std::string_view /*name*/) const { return false; }
    /// False for an operator that somebody defined: what it runs is not known.
    [[nodiscard]] virtual bool operator_allowed(std::string_view /*name*/) const { return true; }
};

}  // namespace majed::sql
