// SPDX-License-Identifier: Apache-2.0
#include "corpora/truth_check.h"

#include "core/ascii.h"
#include "sql/tree_walk.h"

#include <algorithm>

namespace majed::corpora {
namespace {

constexpr std::string_view row_id = "rowid";

/// Names of WITH tables and of joins, wherever in the statement they stand.
struct NamesInTree {
    void expr(const sql::Expr&) {}
    void result(const sql::ResultColumn&) {}
    void select(const sql::Select& select) {
        if (select.with == nullptr) return;
        for (const sql::Cte& cte : select.with->ctes) with_names.insert(ascii_lower(cte.name.value));
    }
    void from_item(const sql::FromItem& item) {
        natural |= item.join.natural;
        for (const sql::NameNode& node : item.using_columns)
            using_columns.insert(ascii_lower(node.name.value));
    }

    std::set<std::string> with_names;
    std::set<std::string> using_columns;
    bool natural = false;
};

/// The columns a resolution reads, by folded table; the bare row id as `rowid`.
std::map<std::string, std::set<std::string>> found_in(const sql::Resolution& resolution) {
    std::map<std::string, std::set<std::string>> tables;
    for (const sql::FromItem* item : resolution.relations) tables[ascii_lower(item->relation->name)];
    for (const sql::ColumnUse& use : resolution.columns) {
        tables[ascii_lower(use.relation->name)].insert(ascii_lower(use.relation->columns[use.column].name));
    }
    for (const sql::Expr* expr : resolution.rowids) {
        if (expr->source->relation == nullptr) continue;
        tables[ascii_lower(expr->source->relation->name)].emplace(row_id);
    }
    // The rows of UPDATE and DELETE are looked for whatever their columns are; those of a view are all made first.
    if (resolution.target != nullptr) tables[ascii_lower(resolution.target->relation->name)];
    return tables;
}

void walk(sql::TreeWalk<NamesInTree>& names, sql::Select& select) {
    names.select(&select);
}

void walk(sql::TreeWalk<NamesInTree>& names, sql::Write& write) {
    names.write(write);
}

/// WITH tables of the write itself; those of its queries are met by the walk.
void add_with_names(const sql::Write& write, std::set<std::string>& names) {
    if (write.with == nullptr) return;
    for (const sql::Cte& cte : write.with->ctes) names.insert(ascii_lower(cte.name.value));
}

void add_with_names(const sql::Select&, std::set<std::string>&) {}

std::string_view action_of(sql::WriteKind kind) {
    if (kind == sql::WriteKind::insert) return "INSERT";
    return kind == sql::WriteKind::update ? "UPDATE" : "DELETE";
}

}  // namespace

std::string_view to_string(Explanation explanation) {
    switch (explanation) {
        case Explanation::inside_a_view:
            return "read inside a view that the statement names";
        case Explanation::name_of_a_with_table:
            return "zero-column read of a WITH table, by its name";
        case Explanation::first_use_of_a_json_table:
            return "schema table, at the first use of a JSON table";
        case Explanation::inside_a_trigger:
            return "read or written by a trigger";
        case Explanation::foreign_key_of_the_target:
            return "column of a foreign key of the target";
        case Explanation::key_of_a_limited_write:
            return "primary key of a table without row ids, for LIMIT";
        case Explanation::blind_to_using_and_natural:
            return "USING or NATURAL, which the authorizer does not see";
    }
    return "?";
}

/// Everything that SELECT * FROM view makes the engine read.
const TruthCheck::Tables& TruthCheck::behind_view(const std::string& view) {
    const auto [place, added] = behind_views_.try_emplace(view);
    if (!added) return place->second;
    for (const EngineRead& read : engine_.compile("SELECT * FROM \"" + view + "\"").reads) {
        place->second[ascii_lower(read.table)].insert(ascii_lower(read.column));
    }
    return place->second;
}

bool TruthCheck::inside_a_view(const Tables& ours, const std::string& table, const std::string& column) {
    for (const auto& [name, columns] : ours) {
        const sql::SchemaRelation* relation = schema_.find_relation("", name);
        if (relation == nullptr || !schema_.is_view(*relation)) continue;
        const Tables& behind = behind_view(name);
        const auto found = behind.find(table);
        if (found != behind.end() && (column.empty() || found->second.contains(column))) return true;
    }
    return false;
}

void TruthCheck::check_read(const TruthRead& read, const Truth& truth, const Tables& ours, Tables& theirs) {
    const sql::SchemaRelation* relation = schema_.find_relation(read.database, read.table);
    const std::string table = relation != nullptr ? ascii_lower(relation->name) : ascii_lower(read.table);
    const auto mine = ours.find(table);
    for (const std::string& as_reported : read.columns) {
        const std::string column = ascii_lower(as_reported);
        const bool found = mine != ours.end() && (column.empty() || mine->second.contains(column));
        if (found) {
            theirs[table];
            if (!column.empty()) theirs[table].insert(column);
        } else if (by_trigger(read.via)) {
            result_.explained.insert(Explanation::inside_a_trigger);
        } else if (schema_.in_foreign_key(target_, table, column)) {
            result_.explained.insert(Explanation::foreign_key_of_the_target);
        } else if (keyed_target_ != nullptr && relation == keyed_target_) {
            result_.explained.insert(Explanation::key_of_a_limited_write);
        } else if (inside_a_view(ours, table, column)) {
            result_.explained.insert(Explanation::inside_a_view);
        } else if (read.database.empty() && column.empty() && with_names_.contains(table)) {
            result_.explained.insert(Explanation::name_of_a_with_table);
        } else if (json_table_ && table == "sqlite_master" && column == row_id &&
                   truth.updates.contains("sqlite_master")) {
            result_.explained.insert(Explanation::first_use_of_a_json_table);
        } else {
            result_.missing += " " + table + "." + column;
        }
    }
}

/// What we found beyond the engine's account is right where USING or NATURAL compared it.
template <class Tree>
void TruthCheck::explain_extras(Tree& tree, std::string_view text, const Tables& ours, const Tables& theirs) {
    NamesInTree names;
    sql::TreeWalk walker(names);
    walk(walker, tree);
    std::set<std::string> opened;
    const bool joins = names.natural || !names.using_columns.empty();
    const auto compared = [&](const std::string& column) {
        if (names.using_columns.contains(column)) return true;
        const auto has = [&](const auto& each) { return each.second.contains(column); };
        return names.natural && std::count_if(ours.begin(), ours.end(), has) > 1;
    };
    for (const auto& [table, columns] : ours) {
        const auto seen = theirs.find(table);
        if (seen == theirs.end()) {
            if (joins && opened.empty()) opened = engine_.opened(text);
            const bool explained =
                joins && (opened.contains("main." + table) || opened.contains("temp." + table));
            if (explained) {
                result_.explained.insert(Explanation::blind_to_using_and_natural);
            } else {
                result_.extra_tables += " " + table;
            }
        }
        for (const std::string& column : columns) {
            if (seen != theirs.end() && seen->second.contains(column)) continue;
            if (compared(column)) {
                result_.explained.insert(Explanation::blind_to_using_and_natural);
            } else if (!(column == row_id && seen != theirs.end())) {
                // The row id as a name for a column is reported as that column, which stands beside it.
                result_.extra_columns += " " + table + "." + column;
            }
        }
    }
}

bool TruthCheck::by_trigger(const std::string& name) {
    return !name.empty() && schema_.is_trigger(ascii_lower(name));
}

/// Every column that the engine writes must be among ours, and every row it inserts or deletes be of our target.
void TruthCheck::check_writes(const sql::Write& write, const sql::Resolution& resolution,
                              const Truth& truth) {
    const std::string target = ascii_lower(write.target->relation->name);
    std::set<std::string> updated;
    for (const sql::ColumnWrite& each : resolution.written) {
        if (each.kind != sql::WriteKind::update) continue;
        updated.insert(each.column ? ascii_lower(each.relation->columns[*each.column].name)
                                   : std::string(row_id));
        // The row id as a name for a column is reported as it was written.
        const bool stands_for = each.column && each.relation->rowid_column == *each.column;
        if (stands_for) updated.emplace(row_id);
    }
    for (const TruthWrite& each : truth.writes) {
        const sql::SchemaRelation* relation = schema_.find_relation("", each.table);
        const std::string table = relation != nullptr ? ascii_lower(relation->name) : ascii_lower(each.table);
        const bool column_written = each.kind == "UPDATE" && updated.contains(ascii_lower(each.column));
        const bool row_written = each.kind != "UPDATE" && each.kind == action_of(write.kind);
        if (table == target && (column_written || row_written)) continue;
        if (by_trigger(each.via)) {
            result_.explained.insert(Explanation::inside_a_trigger);
        } else if (json_table_ && table == "sqlite_master") {
            result_.explained.insert(Explanation::first_use_of_a_json_table);
        } else {
            result_.missing += " " + each.kind + " " + table + "." + each.column;
        }
    }
}

Comparison TruthCheck::compare(sql::Select& select, std::string_view text, const sql::Resolution& resolution,
                               const Truth& truth) {
    result_ = {};
    keyed_target_ = nullptr;
    target_.clear();
    compare_reads(select, text, resolution, truth);
    return result_;
}

Comparison TruthCheck::compare(sql::Write& write, std::string_view text, const sql::Resolution& resolution,
                               const Truth& truth) {
    result_ = {};
    const bool by_key = write.limit != nullptr && !write.target->relation->has_rowid;
    keyed_target_ = by_key ? write.target->relation : nullptr;
    target_ = ascii_lower(write.target->relation->name);
    compare_reads(write, text, resolution, truth);
    check_writes(write, resolution, truth);
    result_.tables_equal &= result_.missing.empty();
    result_.columns_equal &= result_.missing.empty();
    return result_;
}

template <class Tree>
void TruthCheck::compare_reads(Tree& tree, std::string_view text, const sql::Resolution& resolution,
                               const Truth& truth) {
    NamesInTree names;
    sql::TreeWalk walker(names);
    walk(walker, tree);
    with_names_ = std::move(names.with_names);
    add_with_names(tree, with_names_);
    json_table_ =
        std::any_of(resolution.relations.begin(), resolution.relations.end(), [](const sql::FromItem* item) {
            return item->relation->name == "json_each" || item->relation->name == "json_tree";
        });
    const Tables ours = found_in(resolution);
    Tables theirs;
    for (const TruthRead& read : truth.reads) check_read(read, truth, ours, theirs);
    // The target stands in our account even where no row of it is read.
    if (resolution.target != nullptr) theirs[ascii_lower(resolution.target->relation->name)];
    explain_extras(tree, text, ours, theirs);
    result_.tables_equal = result_.missing.empty() && result_.extra_tables.empty();
    result_.columns_equal = result_.tables_equal && result_.extra_columns.empty();
}

}  // namespace majed::corpora
