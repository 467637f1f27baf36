/// What exists in one source: schemas, tables, columns, indexes, as read at one moment.
///
/// Why      Names are resolved against this, never against the live database while a user waits.
/// Life     Immutable; a change of the source's schema makes a new Snapshot.
/// Threads  Safe to read from any thread.
/// Not here Reading it (driver/), what a principal may see of it (policy/, rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

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
};

enum class RelationKind : std::uint8_t { table, view, virtual_table, shadow, internal };

struct Relation {
    std::string name;
    RelationKind kind = RelationKind::table;
    std::vector<Column> columns;
    std::vector<std::string> indexes;
    std::optional<std::size_t> rowid_column;  ///< Column that is the row id (INTEGER PRIMARY KEY).
    bool without_rowid = false;
    std::string definition;  ///< SELECT text of a view; else empty.
};

class Snapshot {
public:
    explicit Snapshot(std::vector<Relation> relations, std::optional<std::int64_t> schema_version = {});

    /// nullptr when there is none; names match without case (ASCII), as in SQLite.
    [[nodiscard]] const Relation* find(std::string_view name) const;
    [[nodiscard]] const std::vector<Relation>& relations() const noexcept { return relations_; }
    /// Of the schema it was read from; none where the database does not count its changes.
    [[nodiscard]] std::optional<std::int64_t> schema_version() const noexcept { return schema_version_; }

private:
    std::vector<Relation> relations_;
    std::optional<std::int64_t> schema_version_;
    std::unordered_map<std::string, std::size_t> by_folded_name_;
};

}  // namespace majed::catalog
