/// What a driver found in a database: tables and views with their columns, in the driver's own plain form.
///
/// Why      catalog/ and the drivers are of one layer and do not know each other: source/ carries this over.
/// Life     A value, made once per reading.
/// Threads  A value.
/// Not here Look-up by name (catalog/), who may see it (policy/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "driver/relation_facts.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace majed::driver {

struct ColumnDescription {
    std::string name;
    std::string declared_type;
    bool not_null = false;
    bool hidden = false;  ///< Hidden column of a virtual table.
    Generation generation = Generation::none;
    std::string collation = {};  ///< PostgreSQL: which, or `nondeterministic`; empty: its type's own.
};

enum class ObjectKind {
    table,
    view,
    virtual_table,
    shadow,
    internal,
    partitioned_table,
    foreign_table,
    materialized_view,
};

struct ObjectDescription {
    std::string name;
    ObjectKind kind = ObjectKind::table;
    std::vector<ColumnDescription> columns;
    std::vector<std::string> indexes;
    std::optional<std::size_t> rowid_column = {};  ///< Column that is the row id itself.
    bool without_rowid = false;
    std::string definition = {};  ///< SELECT text of a view, else empty.
    std::string schema = {};      ///< PostgreSQL and Oracle: the schema it lies in; SQLite: empty.
    RelationFacts facts = {};     ///< Of SQLite a part.
};

struct SchemaDescription {
    std::vector<ObjectDescription> objects;
    /// Another one after every change of the schema, of the same moment as the objects. SQLite and PostgreSQL.
    std::optional<std::int64_t> version = {};
    std::optional<ServerFacts> server = {};  ///< PostgreSQL. Names there are told apart to the letter.
};

}  // namespace majed::driver
