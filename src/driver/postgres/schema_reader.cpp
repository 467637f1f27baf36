// SPDX-License-Identifier: Apache-2.0
#include "driver/postgres/schema_reader.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace majed::driver::postgres {

namespace {

/// A relation that can be read in part, of a schema that can be entered. Temporary ones belong to one session.
#define MAJED_POSTGRES_VISIBLE                                                                \
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"    \
    " WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'"               \
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'" \
    " AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')"                                    \
    " AND (pg_catalog.has_table_privilege(c.oid, 'SELECT')"                                   \
    " OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT'))"

constexpr std::string_view select_objects =
    "SELECT c.oid, n.nspname, c.relname, c.relkind IN ('v', 'm'),"
    " CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END" MAJED_POSTGRES_VISIBLE
    " ORDER BY n.nspname, c.relname";

constexpr std::string_view select_columns =
    "SELECT v.oid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),"
    " a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)"
    " FROM (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") v JOIN pg_catalog.pg_attribute a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " WHERE pg_catalog.has_column_privilege(v.oid, a.attnum, 'SELECT')"
    " ORDER BY v.oid, a.attnum";

constexpr std::string_view select_indexes =
    "SELECT v.oid, i.relname FROM (SELECT c.oid" MAJED_POSTGRES_VISIBLE
    ") v JOIN pg_catalog.pg_index x ON x.indrelid = v.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid"
    " ORDER BY v.oid, i.relname";

#undef MAJED_POSTGRES_VISIBLE

using Cells = std::span<const ValueView>;

class CallingSink final : public RowSink {
public:
    explicit CallingSink(std::function<void(Cells)> take) : take_(std::move(take)) {}
    Result<void> row(Cells cells) override {
        take_(cells);
        return {};
    }

private:
    std::function<void(Cells)> take_;
};

std::string text_of_cell(const ValueView& cell) {
    const auto* const view = std::get_if<std::string_view>(&cell);
    return view == nullptr ? std::string() : std::string(*view);
}

bool truth(const ValueView& cell) {
    const auto* const value = std::get_if<bool>(&cell);
    return value != nullptr && *value;
}

class SchemaReading {
public:
    SchemaReading(Connection& connection, Deadline deadline) : connection_(connection), deadline_(deadline) {}

    Result<SchemaDescription> run() {
        MAJED_TRY(each(select_objects, [&](Cells cells) {
            by_oid_[oid_of(cells)] = schema_.objects.size();
            ObjectDescription object;
            object.schema = text_of_cell(cells[1]);
            object.name = text_of_cell(cells[2]);
            object.kind = truth(cells[3]) ? ObjectKind::view : ObjectKind::table;
            object.definition = text_of_cell(cells[4]);
            schema_.objects.push_back(std::move(object));
        }));
        MAJED_TRY(each(select_columns, [&](Cells cells) {
            if (ObjectDescription* const object = find(cells); object != nullptr) {
                object->columns.push_back({.name = text_of_cell(cells[1]),
                                           .declared_type = text_of_cell(cells[2]),
                                           .not_null = truth(cells[3])});
            }
        }));
        MAJED_TRY(each(select_indexes, [&](Cells cells) {
            if (ObjectDescription* const object = find(cells); object != nullptr) {
                object->indexes.push_back(text_of_cell(cells[1]));
            }
        }));
        return std::move(schema_);
    }

private:
    static std::int64_t oid_of(Cells cells) {
        const auto* const oid = std::get_if<std::int64_t>(cells.data());
        return oid == nullptr ? 0 : *oid;
    }
    /// nullptr when it was created after the objects were read.
    ObjectDescription* find(Cells cells) {
        const auto found = by_oid_.find(oid_of(cells));
        return found == by_oid_.end() ? nullptr : &schema_.objects[found->second];
    }
    Result<void> each(std::string_view sql, std::function<void(Cells)> take) {
        CallingSink sink(std::move(take));
        MAJED_TRY(connection_.execute(sql, {}, {.deadline = deadline_}, sink));
        return {};
    }

    Connection& connection_;
    Deadline deadline_;
    SchemaDescription schema_;
    std::unordered_map<std::int64_t, std::size_t> by_oid_;
};

}  // namespace

Result<SchemaDescription> read_schema(Connection& connection, Deadline deadline) {
    SchemaReading reading(connection, deadline);
    if (connection.in_transaction()) {
        return reading.run();
    }
    MAJED_TRY(connection.begin(TransactionMode::read_only, deadline));
    auto schema = reading.run();
    const auto ended = connection.rollback(deadline);
    if (schema && !ended) {
        return ended.error();
    }
    return schema;
}

}  // namespace majed::driver::postgres
