/// The schema of a real SQLite database, whole, as the resolver asks for it.
///
/// Why      The corpora are resolved against the tables that the engine itself has.
/// Life     Reads the engine once; must outlive what was resolved against it.
/// Threads  Read-only once made.
/// Not here The catalogue of a source (catalog/), a principal's view of it (rewrite/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "corpora/engine.h"
#include "sql/schema.h"

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace majed::corpora {

class EngineSchema : public sql::Schema {
public:
    explicit EngineSchema(Engine& engine);

    [[nodiscard]] const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                                           std::string_view name) const override;
    /// Every function: the corpora are about grammar and names, not about policy.
    [[nodiscard]] bool function_allowed(std::string_view name) const override;

    [[nodiscard]] bool is_view(const sql::SchemaRelation& relation) const {
        return views_.contains(&relation);
    }

    [[nodiscard]] bool is_trigger(const std::string& folded_name) const {
        return triggers_.contains(folded_name);
    }
    /// Is `column` part of a foreign key between `table` and `other`, on the side of `table`? All folded.
    [[nodiscard]] bool in_foreign_key(const std::string& other, const std::string& table,
                                      const std::string& column) const {
        return foreign_keys_.contains({other, table, column});
    }

private:
    void add_foreign_keys(Engine& engine, const std::string& child);
    void add_columns(Engine& engine, const std::string& database, sql::SchemaRelation& relation);
    void add_schema_table(std::string_view database, std::string_view name);

    // Keyed by folded `database.name`.
    std::map<std::string, std::unique_ptr<sql::SchemaRelation>, std::less<>> relations_;
    std::set<const sql::SchemaRelation*> views_;
    std::set<std::array<std::string, 3>> foreign_keys_;  // other table, table, its column
    std::set<std::string> triggers_;                     // folded
};

}  // namespace majed::corpora
