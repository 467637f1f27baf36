/// Compares what the resolver found in a statement with what SQLite's authorizer saw.
///
/// Why      A table or column that we miss would be read without a decision.
/// Life     Borrows a schema and its engine.
/// Threads  One thread at a time.
/// Not here Where the verdicts come from (corpus.h).
///
/// The authorizer's account differs from the statement's names in known ways. Each is accepted only under its own
/// exact condition, and counted (Explanation).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "corpora/corpus.h"
#include "corpora/engine.h"
#include "corpora/engine_schema.h"
#include "sql/resolver.h"
#include "sql/tree.h"
#include "sql/write_tree.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace majed::corpora {

/// Why the authorizer's account may differ although nothing was missed.
enum class Explanation {
    /// The authorizer looks into views; for the resolver a view is a relation, and the statement names it.
    inside_a_view,
    /// A read of no column is reported under the name as written: here one that the statement's WITH defines.
    name_of_a_with_table,
    /// json_each and json_tree are written into the schema table when a connection first uses them.
    first_use_of_a_json_table,
    /// What a trigger reads and writes: the statement names only the table that the trigger belongs to.
    inside_a_trigger,
    /// The engine looks up the other side of the target's foreign keys, and does what ON DELETE and ON UPDATE say.
    foreign_key_of_the_target,
    /// UPDATE and DELETE with LIMIT find the rows of a table without row ids by its primary key.
    key_of_a_limited_write,
    /// Columns joined by USING and NATURAL are compared without a callback (select.c sqlite3ProcessJoin).
    blind_to_using_and_natural,
};

[[nodiscard]] std::string_view to_string(Explanation explanation);

struct Comparison {
    std::string missing;        ///< Read by the engine, not found by us, without explanation. Must be empty.
    std::string extra_tables;   ///< Found by us, not seen by the engine, without explanation.
    std::string extra_columns;  ///< Likewise.
    bool tables_equal = false;  ///< Apart from what is explained.
    bool columns_equal = false;
    std::set<Explanation> explained;
};

class TruthCheck {
public:
    TruthCheck(Engine& engine, const EngineSchema& schema) : engine_(engine), schema_(schema) {}

    [[nodiscard]] Comparison compare(sql::Select& select, std::string_view text,
                                     const sql::Resolution& resolution, const Truth& truth);
    [[nodiscard]] Comparison compare(sql::Write& write, std::string_view text,
                                     const sql::Resolution& resolution, const Truth& truth);

private:
    template <class Tree>
    void compare_reads(Tree& tree, std::string_view text, const sql::Resolution& resolution,
                       const Truth& truth);
    void check_writes(const sql::Write& write, const sql::Resolution& resolution, const Truth& truth);
    [[nodiscard]] bool by_trigger(const std::string& name);
    using Tables = std::map<std::string, std::set<std::string>>;  // folded table -> folded columns

    [[nodiscard]] const Tables& behind_view(const std::string& view);
    [[nodiscard]] bool inside_a_view(const Tables& ours, const std::string& table, const std::string& column);
    void check_read(const TruthRead& read, const Truth& truth, const Tables& ours, Tables& theirs);
    template <class Tree>
    void explain_extras(Tree& tree, std::string_view text, const Tables& ours, const Tables& theirs);

    Engine& engine_;
    const EngineSchema& schema_;
    std::map<std::string, Tables> behind_views_;
    std::set<std::string> with_names_;
    bool json_table_ = false;
    std::string target_;                                 // folded; empty for a query
    const sql::SchemaRelation* keyed_target_ = nullptr;  // of a write with LIMIT, without row ids
    Comparison result_;
};

}  // namespace majed::corpora
