// SPDX-License-Identifier: Apache-2.0
// What a describe tells: names and types of the columns of a cursor.
#include <algorithm>

#include "session.h"
#include "statement.h"

namespace majed::oci_double {
namespace {

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string{} : std::string{text};
}

ColumnType type_of_value(const Cell& cell) {
    if (std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell)) {
        return number_type();
    }
    if (std::holds_alternative<Bytes>(cell)) {
        return parse_type("RAW(2000)");
    }
    return parse_type("VARCHAR2(4000)");
}

}  // namespace

/// The entry of the select list that made a column; a star in between hides which.
const SelectItem* Statement::item_of(int index, int count) const {
    const std::vector<SelectItem>& items = translation_.items;
    const auto star =
        std::find_if(items.begin(), items.end(), [](const SelectItem& item) { return item.is_star; });
    const auto place = static_cast<std::size_t>(index);
    if (star == items.end()) {
        return items.size() == static_cast<std::size_t>(count) ? &items[place] : nullptr;
    }
    if (place < static_cast<std::size_t>(star - items.begin())) {
        return &items[place];
    }
    const auto last =
        std::find_if(items.rbegin(), items.rend(), [](const SelectItem& item) { return item.is_star; });
    const auto behind = static_cast<int>(last - items.rbegin());
    const int from_end = count - index;
    return from_end <= behind ? &items[items.size() - static_cast<std::size_t>(from_end)] : nullptr;
}

Column Statement::describe_column(sqlite3_stmt* prepared, int index) {
    Column column;
    const SelectItem* item = item_of(index, sqlite3_column_count(prepared));
    column.name = text_or_empty(sqlite3_column_name(prepared, index));
    const std::string declared = text_or_empty(sqlite3_column_decltype(prepared, index));
    const std::string table = text_or_empty(sqlite3_column_table_name(prepared, index));
    const std::string origin = text_or_empty(sqlite3_column_origin_name(prepared, index));
    if (item != nullptr && !item->has_alias && origin.empty() && !item->name.empty()) {
        column.name = item->name;
    }
    if (item != nullptr && item->type && declared.empty()) {
        column.type = *item->type;
    } else if (!declared.empty()) {
        column.type = parse_type(declared);
    } else {
        column.type = type_of_value(pending_.empty() ? Cell{Null{}}
                                                     : pending_.front()[static_cast<std::size_t>(index)]);
    }
    if (item != nullptr && item->type && item->type->type == DataType::rowid) {
        column.type = *item->type;
        column.name = item->has_alias ? column.name : "ROWID";
    }
    if (!table.empty() && !origin.empty()) {
        int not_null = 0;
        int key = 0;
        sqlite3_table_column_metadata(session().database().get(),
                                      sqlite3_column_database_name(prepared, index), table.c_str(),
                                      origin.c_str(), nullptr, nullptr, &not_null, &key, nullptr);
        column.nullable = not_null == 0 && key == 0;
    }
    return column;
}

void Statement::describe(sqlite3_stmt* prepared) {
    std::vector<Column> columns;
    const int count = sqlite3_column_count(prepared);
    columns.reserve(static_cast<std::size_t>(count));
    for (int index = 0; index < count; ++index) {
        columns.push_back(describe_column(prepared, index));
    }
    const auto same = [](const Column& left, const Column& right) { return left.name == right.name; };
    if (columns.size() == columns_.size() &&
        std::equal(columns.begin(), columns.end(), columns_.begin(), same)) {
        // The application keeps pointers to the names it was given: they stay.
        return;
    }
    columns_of_before_.push_back(std::move(columns_));
    columns_ = std::move(columns);
}

}  // namespace majed::oci_double
