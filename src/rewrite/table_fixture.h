/// Tables of a server, for tests that make its catalogue.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "catalog/snapshot.h"

#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {

/// Names and declared types.
using TypedColumns = std::vector<std::pair<std::string, std::string>>;

inline catalog::Relation table_in(std::string schema, std::string name, TypedColumns columns) {
    catalog::Relation made;
    made.schema = std::move(schema);
    made.name = std::move(name);
    for (auto& [column, type] : columns) {
        catalog::Column& added = made.columns.emplace_back();
        added.name = std::move(column);
        added.declared_type = std::move(type);
    }
    return made;
}

}  // namespace majed::rewrite
