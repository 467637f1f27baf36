// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/catalog_reader.h"

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace majed::driver::oracle {

namespace {

using Key = std::pair<std::string, std::string>;
using Objects = std::map<Key, ObjectDescription>;

/// Owners that come with the database are left out everywhere. LONG columns are not read: TEXT_VC instead of TEXT
/// (12.2), and it holds 4000 bytes; a longer definition stays empty.
constexpr std::string_view tables_sql =
    "SELECT t.owner, t.table_name, NVL(t.iot_type, '-'), t.secondary"
    " FROM all_tables t JOIN all_users u ON u.username = t.owner"
    " WHERE u.oracle_maintained = 'N' AND t.nested = 'NO' AND t.dropped = 'NO'";
constexpr std::string_view views_sql =
    "SELECT v.owner, v.view_name, CASE WHEN v.text_length <= 4000 THEN v.text_vc END"
    " FROM all_views v JOIN all_users u ON u.username = v.owner"
    " WHERE u.oracle_maintained = 'N'";
constexpr std::string_view columns_sql =
    "SELECT c.owner, c.table_name, c.column_name, c.data_type, c.data_length, c.char_length, "
    "c.data_precision,"
    " c.data_scale, c.nullable, c.hidden_column"
    " FROM all_tab_cols c JOIN all_users u ON u.username = c.owner"
    " WHERE u.oracle_maintained = 'N' AND c.user_generated = 'YES'"
    " ORDER BY c.owner, c.table_name, c.column_id";
constexpr std::string_view indexes_sql =
    "SELECT i.table_owner, i.table_name, i.index_name"
    " FROM all_indexes i JOIN all_users u ON u.username = i.table_owner"
    " WHERE u.oracle_maintained = 'N' ORDER BY i.table_owner, i.table_name, i.index_name";

constexpr std::uint64_t most_bytes = 256U << 20U;

/// Hands each row to a function; cells are read as text or as whole numbers.
class RowReaderSink final : public RowSink {
public:
    using Row = std::span<const ValueView>;
    explicit RowReaderSink(std::function<void(Row)> take) : take_(std::move(take)) {}
    [[nodiscard]] Result<void> row(std::span<const ValueView> cells) override {
        take_(cells);
        return {};
    }

private:
    std::function<void(Row)> take_;
};

std::string text(const ValueView& cell) {
    if (const auto* const view = std::get_if<std::string_view>(&cell)) {
        return std::string(*view);
    }
    const auto* const number = std::get_if<std::int64_t>(&cell);
    return number == nullptr ? std::string() : std::to_string(*number);
}

/// `VARCHAR2(40)`, `NUMBER(12,2)`, `DATE`.
std::string declared_type(std::span<const ValueView> row) {
    std::string type = text(row[3]);
    const std::string precision = text(row[6]);
    const std::string scale = text(row[7]);
    if (type == "VARCHAR2" || type == "NVARCHAR2" || type == "CHAR" || type == "NCHAR") {
        type += "(" + text(row[5]) + ")";
    } else if (type == "RAW") {
        type += "(" + text(row[4]) + ")";
    } else if (type == "NUMBER" && !precision.empty()) {
        type += "(" + precision + (scale.empty() || scale == "0" ? "" : "," + scale) + ")";
    } else if (type == "NUMBER" && !scale.empty()) {
        type += "(*," + scale + ")";
    } else if (type == "FLOAT" && !precision.empty()) {
        type += "(" + precision + ")";
    }
    return type;
}

class CatalogReading {
public:
    CatalogReading(Connection& connection, Deadline deadline)
        : connection_(connection), deadline_(deadline) {}

    Result<SchemaDescription> read() {
        MAJED_TRY(run(tables_sql, [this](auto row) { add_table(row); }));
        MAJED_TRY(run(views_sql, [this](auto row) { add_view(row); }));
        MAJED_TRY(run(columns_sql, [this](auto row) { add_column(row); }));
        MAJED_TRY(run(indexes_sql, [this](auto row) { add_index(row); }));
        SchemaDescription schema;
        schema.objects.reserve(objects_.size());
        for (auto& [key, object] : objects_) {
            schema.objects.push_back(std::move(object));
        }
        return schema;
    }

private:
    Result<void> run(std::string_view sql, std::function<void(std::span<const ValueView>)> take) {
        RowReaderSink sink(std::move(take));
        const RunLimits limits{.deadline = deadline_, .max_bytes = most_bytes};
        MAJED_TRY(connection_.execute(sql, {}, limits, sink));
        return {};
    }

    ObjectDescription& object(std::span<const ValueView> row) {
        ObjectDescription& found = objects_[{text(row[0]), text(row[1])}];
        found.schema = text(row[0]);
        found.name = text(row[1]);
        return found;
    }
    void add_table(std::span<const ValueView> row) {
        ObjectDescription& table = object(row);
        const bool is_part_of_another = text(row[2]).starts_with("IOT_") || text(row[3]) == "Y";
        table.kind = is_part_of_another ? ObjectKind::internal : ObjectKind::table;
    }
    void add_view(std::span<const ValueView> row) {
        ObjectDescription& view = object(row);
        view.kind = ObjectKind::view;
        view.definition = text(row[2]);
    }
    void add_column(std::span<const ValueView> row) {
        const auto found = objects_.find({text(row[0]), text(row[1])});
        if (found != objects_.end()) {
            found->second.columns.push_back({.name = text(row[2]),
                                             .declared_type = declared_type(row),
                                             .not_null = text(row[8]) == "N",
                                             .hidden = text(row[9]) == "YES"});
        }
    }
    void add_index(std::span<const ValueView> row) {
        const auto found = objects_.find({text(row[0]), text(row[1])});
        if (found != objects_.end()) {
            found->second.indexes.push_back(text(row[2]));
        }
    }

    Connection& connection_;
    const Deadline deadline_;
    Objects objects_;
};

}  // namespace

Result<SchemaDescription> read_catalog(Connection& connection, Deadline deadline) {
    return CatalogReading(connection, deadline).read();
}

}  // namespace majed::driver::oracle
