/// What exists in one source: schemas, tables, columns, indexes, as read at one moment.
///
/// Why      Names are resolved against this, never against the live database while a user waits.
/// Life     Immutable; a change of the source's schema makes a new Snapshot.
/// Threads  Safe to read from any thread.
/// Not here Reading it (driver/), what a principal may see of it (policy/, rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/relation_facts.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace majed::catalog {

struct Column {
    std::string name;
    std::string declared_type;  ///< As written in the schema; empty when none was.
    bool not_null = false;
    bool hidden = false;  ///< Hidden column of a virtual table; not part of `*`.
    driver::Generation generation = driver::Generation::none;
    std::string collation = {};  ///< PostgreSQL: which, or `nondeterministic`; empty: its type's own.
};

enum class RelationKind : std::uint8_t {
    table,
    view,
    virtual_table,
    shadow,
    internal,
    partitioned_table,
    foreign_table,
    materialized_view,
};

/// `table`, `virtual table`: for people.
[[nodiscard]] std::string_view to_string(RelationKind kind) noexcept;

struct Relation {
    std::string name;
    RelationKind kind = RelationKind::table;
    std::vector<Column> columns;
    std::vector<std::string> indexes;
    std::optional<std::size_t> rowid_column;  ///< Column that is the row id (INTEGER PRIMARY KEY).
    bool without_rowid = false;
    std::string definition;            ///< SELECT text of a view; else empty.
    std::string schema = {};           ///< PostgreSQL and Oracle; empty on SQLite.
    driver::RelationFacts facts = {};  ///< Of SQLite a part.

    /// `schema.name`, or the name alone where there are no schemas.
    [[nodiscard]] std::string full_name() const { return schema.empty() ? name : schema + '.' + name; }
};

class Snapshot {
public:
    /// Of a source whose names match without case (ASCII), as in SQLite.
    explicit Snapshot(std::vector<Relation> relations, std::optional<std::int64_t> schema_version = {});
    /// Of a server whose names match to the letter and lie in schemas: PostgreSQL.
    Snapshot(std::vector<Relation> relations, driver::ServerFacts server,
             std::optional<std::int64_t> schema_version);

    /// As rules and commands name it: its full name; on a server also its name alone when the search path leads to it.
    /// nullptr when there is none.
    [[nodiscard]] const Relation* find(std::string_view name) const;
    /// On a server: `schema` empty means wherever the search path finds the name first; Oracle's synonyms are followed as
    /// the server does. nullptr when there is none.
    [[nodiscard]] const Relation* find(std::string_view schema, std::string_view name) const;
    [[nodiscard]] const std::vector<Relation>& relations() const noexcept { return relations_; }
    /// Of the schema it was read from; none where the database does not count its changes.
    [[nodiscard]] std::optional<std::int64_t> schema_version() const noexcept { return schema_version_; }
    /// Who we are there and where names are looked for; nullptr where there is no such thing: SQLite.
    [[nodiscard]] const driver::ServerFacts* server() const noexcept { return server_ ? &*server_ : nullptr; }

    // What users defined where a name of the server would be looked for, so that it may not be the server's: never on
    // SQLite and Oracle. Exact names.
    [[nodiscard]] bool redefines_function(std::string_view name) const;
    [[nodiscard]] bool redefines_operator(std::string_view name) const;
    [[nodiscard]] bool redefines_type(std::string_view name) const;

private:
    [[nodiscard]] const Relation* at(const std::string& key) const;
    void follow_synonyms();

    std::vector<Relation> relations_;
    std::optional<std::int64_t> schema_version_;
    std::optional<driver::ServerFacts> server_;
    std::unordered_map<std::string, std::size_t> by_key_;  ///< With synonyms.
};

}  // namespace majed::catalog
