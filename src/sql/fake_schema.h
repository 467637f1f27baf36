/// A schema made of a few words, for tests: `{"t", "a,b,c"}` is a table with three columns.
///
/// Why      Tests of scopes need names, not a database.
/// Life     Must outlive what was resolved against it.
/// Threads  Read-only once filled.
/// Not here The catalogue as a principal sees it (rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ascii.h"
#include "sql/functions.h"
#include "sql/schema.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace majed::sql {

class FakeSchema : public Schema {
public:
    /// `columns`: names separated by commas. The reference may be used to change the relation.
    SchemaRelation& add(std::string name, std::string_view columns) {
        SchemaRelation relation;
        relation.name = name;
        relation.writable = true;
        while (!columns.empty()) {
            const std::size_t comma = columns.find(',');
            relation.columns.push_back(
                {.name = std::string(columns.substr(0, comma)), .declared_type = "TEXT"});
            columns.remove_prefix(comma == std::string_view::npos ? columns.size() : comma + 1);
        }
        return relations_[ascii_lower(name)] = std::move(relation);
    }

    [[nodiscard]] const SchemaRelation* find_relation(std::string_view qualifier,
                                                      std::string_view name) const override {
        if (!qualifier.empty() && ascii_lower(qualifier) != "main") return nullptr;
        const auto found = relations_.find(ascii_lower(name));
        return found == relations_.end() ? nullptr : &found->second;
    }

    [[nodiscard]] bool function_allowed(std::string_view name) const override {
        return function_facts(name) != nullptr;
    }

private:
    std::map<std::string, SchemaRelation> relations_;
};

}  // namespace majed::sql
