/// The half of TreeText that writes queries; included by tree_text.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql/tree_text.h"

#include <string>

namespace majed::sql {

inline std::string TreeText::of(const Select& select) const {
    std::string out = "{";
    if (select.with != nullptr) out += with(*select.with);
    for (const Core& core : select.cores) out += std::string(compound_name(core.compound)) + of(core);
    if (!select.order_by.empty()) out += " order " + order(select.order_by);
    if (select.limit != nullptr) out += " limit " + of(select.limit);
    if (select.offset != nullptr) out += " offset " + of(select.offset);
    return out + "}";
}

inline std::string TreeText::of(const FromItem& item) const {
    std::string out;
    if (item.join.natural) out += "natural ";
    if (item.join.left) out += "left ";
    if (item.join.right) out += "right ";
    if (item.join.cross) out += "cross ";
    if (item.join.apply) out += "apply ";
    if (item.lateral) out += "lateral ";
    out += item_source(item);
    if (item.alias.present()) out += " as " + std::string(item.alias.value);
    if (!item.column_aliases.empty()) out += names(item.column_aliases);
    if (!item.sample.empty()) out += " sample " + list(item.sample);
    if (!item.index_span.empty())
        out += item.index.present() ? " indexed " + std::string(item.index.value) : " unindexed";
    if (item.on != nullptr) out += " on " + of(item.on);
    if (!item.using_columns.empty()) out += " using" + names(item.using_columns);
    return out;
}

inline std::string TreeText::of(const ResultColumn& column) const {
    if (column.kind == ResultKind::star) return "*";
    if (column.kind == ResultKind::table_star) return std::string(column.table.value) + ".*";
    return of(column.expr) + (column.alias.present() ? " as " + std::string(column.alias.value) : "");
}

inline std::string TreeText::with(const With& with) const {
    std::string out = with.recursive ? "with recursive " : "with ";
    for (const Cte& cte : with.ctes) {
        out += std::string(cte.name.value);
        if (!cte.column_names.empty()) out += names(cte.column_names);
        out += " " + of(*cte.select) + " ";
    }
    return out;
}

inline std::string TreeText::of(const Core& core) const {
    std::string out;
    if (core.nested != nullptr) return "(" + of(*core.nested) + ")";
    if (core.is_values) {
        out += "values";
        for (const ValuesRow& row : core.rows) out += " " + list(row.cells);
        return out;
    }
    out += core.distinct ? "select distinct " : "select ";
    if (!core.distinct_on.empty()) out += "on " + list(core.distinct_on) + " ";
    out += joined(core.columns, "", "");
    if (!core.from.empty()) out += " from " + joined(core.from, "", "");
    if (core.where != nullptr) out += " where " + of(core.where);
    if (core.start_with != nullptr) out += " start " + of(core.start_with);
    if (core.connect_by != nullptr) out += " connect " + of(core.connect_by);
    if (!core.group_by.empty()) out += " group " + list(core.group_by);
    if (core.having != nullptr) out += " having " + of(core.having);
    for (const Window& each : core.windows) {
        out += " window " + std::string(each.name.value) + " " + window(each);
    }
    return out;
}

inline std::string TreeText::item_source(const FromItem& item) const {
    if (item.kind == FromKind::subquery) return of(*item.select);
    if (item.kind == FromKind::group) return joined(item.items, "(", ")");
    if (item.kind == FromKind::function) return list(item.args);
    std::string out;
    if (item.schema.present()) out += std::string(item.schema.value) + ".";
    out += item.name.value;
    if (item.kind == FromKind::table_function) out += list(item.args);
    return out;
}

}  // namespace majed::sql
