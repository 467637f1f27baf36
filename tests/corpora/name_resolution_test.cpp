// SPDX-License-Identifier: Apache-2.0
// What names mean in PostgreSQL's queries and writes: the columns read and written of each relation, beside what the server's own parse
// analysis said. What relations there are, and which columns they have, is taken from the server's answers about all
// statements of one file together.
#include "core/ascii.h"
#include "corpora/corpus.h"
#include "sql/functions.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::corpora {
namespace name_resolution {

using Columns = std::map<std::string, std::set<std::string>>;  // of relations, by name

const std::set<std::string>& system_columns() {
    static const std::set<std::string> names{"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid", "*row*"};
    return names;
}

std::set<std::string> without_system_columns(const std::set<std::string>& names) {
    std::set<std::string> result;
    std::set_difference(names.begin(), names.end(), system_columns().begin(), system_columns().end(),
                        std::inserter(result, result.end()));
    return result;
}

/// The relations of one file, as far as the server named their columns in any of its statements.
class AnsweredSchema final : public sql::Schema {
public:
    void add(const TruthRelation& relation) {
        std::set<std::string>& columns = columns_[relation.table];
        for (const auto* part : {&relation.read, &relation.inserted, &relation.updated}) {
            const std::set<std::string> own = without_system_columns(*part);
            columns.insert(own.begin(), own.end());
        }
        schemas_[relation.table] = relation.schema;
    }

    void finish() {
        for (const auto& [table, columns] : columns_) {
            sql::SchemaRelation relation;
            relation.name = table;
            relation.schema = schemas_[table];
            relation.writable = true;
            for (const std::string& column : columns)
                relation.columns.push_back({.name = column, .declared_type = "text"});
            relations_.emplace(table, std::move(relation));
        }
    }

    [[nodiscard]] const sql::SchemaRelation* find_relation(std::string_view /*qualifier*/,
                                                           std::string_view name) const override {
        const auto found = relations_.find(std::string(name));
        return found == relations_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name, sql::DialectId::postgres) != nullptr ||
               (called_ != nullptr && called_->contains(std::string(name)));
    }
    [[nodiscard]] bool type_allowed(std::string_view /*name*/) const override { return true; }
    [[nodiscard]] bool is_field(std::string_view /*name*/) const override { return true; }

    /// What the server found the next statement to call.
    void calls(const std::set<std::string>& functions) { called_ = &functions; }

private:
    Columns columns_;
    const std::set<std::string>* called_ = nullptr;
    std::map<std::string, std::string> schemas_;
    std::map<std::string, sql::SchemaRelation> relations_;
};

struct Figures {
    std::size_t statements = 0;
    std::size_t writes = 0;
    std::size_t resolved = 0;
    std::size_t tables_equal = 0;
    std::size_t columns_equal = 0;
    std::size_t too_small = 0;
    std::string examples;

    void note(const Record& record, const std::string& what) {
        constexpr std::size_t most = 4000;
        if (examples.size() < most)
            examples += "  " + record.id + ": " + what + " :: " + record.sql.substr(0, 300) + "\n";
    }
};

Columns columns_of(const sql::Resolution& resolution) {
    Columns found;
    for (const sql::FromItem* item : resolution.relations) found[item->relation->name];
    if (resolution.target != nullptr) found[resolution.target->relation->name];
    for (const sql::ColumnUse& use : resolution.columns)
        found[use.relation->name].insert(use.relation->columns[use.column].name);
    for (const sql::ColumnWrite& each : resolution.written) {
        const std::string how = each.kind == sql::WriteKind::insert ? "insert " : "update ";
        found[each.relation->name].insert(how + each.relation->columns[*each.column].name);
    }
    return found;
}

Columns columns_of(const Truth& truth) {
    Columns wanted;
    for (const TruthRelation& relation : truth.analysed) {
        const std::set<std::string> read = without_system_columns(relation.read);
        wanted[relation.table].insert(read.begin(), read.end());
        for (const std::string& column : relation.inserted) wanted[relation.table].insert("insert " + column);
        for (const std::string& column : relation.updated) wanted[relation.table].insert("update " + column);
    }
    return wanted;
}

std::string difference(const Columns& wanted, const Columns& found) {
    std::string text;
    for (const auto& [table, columns] : wanted) {
        const auto other = found.find(table);
        if (other == found.end()) {
            text += " no " + table;
            continue;
        }
        for (const std::string& column : columns)
            if (!other->second.contains(column)) text += " -" + table + "." + column;
        for (const std::string& column : other->second)
            if (!columns.contains(column)) text += " +" + table + "." + column;
    }
    return text;
}

/// INSERT without a list names no columns, and what the server said of a table does not tell their order.
void forget_inserted(Columns& columns, const std::string& table) {
    std::erase_if(columns[table], [](const std::string& name) { return name.starts_with("insert "); });
}

void judge(const Record& record, const Truth& truth, AnsweredSchema& schema, Figures& figures) {
    schema.calls(truth.functions);
    sql::Parser parser(sql::dialect_of(sql::DialectId::postgres));
    const auto parsed = parser.parse_statement(record.sql);
    if (!parsed) return;
    // Which columns a constraint is of, the server's catalogue knows.
    if (parsed->write != nullptr && !parsed->write->conflicts.empty() &&
        parsed->write->conflicts.first->constraint.present())
        return;
    ++figures.statements;
    figures.writes += parsed->write != nullptr ? 1U : 0U;
    sql::Resolution resolution;
    const auto resolved = parsed->write != nullptr
                              ? sql::resolve(*parsed->write, record.sql, schema, parser.arena(), resolution)
                              : sql::resolve(*parsed->query, parser, schema, resolution);
    if (!resolved) return figures.note(record, resolved.error().message);
    ++figures.resolved;
    Columns found = columns_of(resolution);
    Columns wanted = columns_of(truth);
    if (parsed->write != nullptr && parsed->write->kind != sql::WriteKind::update &&
        parsed->write->columns.empty()) {
        forget_inserted(found, resolution.target->relation->name);
        forget_inserted(wanted, resolution.target->relation->name);
    }
    // A whole row is all its columns to us; the server writes down that it is one.
    for (const TruthRelation& relation : truth.analysed) {
        const auto other = found.find(relation.table);
        if (relation.read.contains("*row*") && other != found.end())
            other->second = wanted.at(relation.table);
    }
    const bool same_tables = found.size() == wanted.size() &&
                             std::equal(found.begin(), found.end(), wanted.begin(),
                                        [](const auto& a, const auto& b) { return a.first == b.first; });
    figures.tables_equal += same_tables ? 1U : 0U;
    if (found == wanted) {
        ++figures.columns_equal;
        return;
    }
    const std::string what = difference(wanted, found);
    figures.too_small +=
        what.find(" -") != std::string::npos || what.find(" no ") != std::string::npos ? 1U : 0U;
    figures.note(record, what);
}

bool changes_tables(std::string_view text) {
    const std::string lower = ascii_lower(text.substr(0, text.find_first_not_of(" \n\t") + 12));
    return lower.find("alter ") != std::string::npos || lower.find("drop ") != std::string::npos ||
           lower.find("create ") != std::string::npos || lower.find("rollback") != std::string::npos;
}

TEST(NameResolution, finds_the_columns_that_postgres_reads_and_writes) {
    std::string reason;
    const auto records = read_corpus("postgres", reason);
    if (!records) GTEST_SKIP() << reason;
    const auto truths = read_truth("postgres");
    // What a star stands for changes with every ALTER: a schema holds from one to the next.
    std::deque<AnsweredSchema> schemas;
    std::vector<std::size_t> schema_of;
    std::string file;
    for (const Record& record : *records) {
        if (schemas.empty() || record.schema != file || changes_tables(record.sql)) schemas.emplace_back();
        file = record.schema;
        schema_of.push_back(schemas.size() - 1);
        const auto truth = truths.find(record.id);
        if (truth == truths.end()) continue;
        for (const TruthRelation& relation : truth->second.analysed) schemas.back().add(relation);
    }
    for (AnsweredSchema& schema : schemas) schema.finish();
    Figures figures;
    for (std::size_t i = 0; i < records->size(); ++i) {
        const Record& record = (*records)[i];
        const auto truth = truths.find(record.id);
        // A select from a view that a rule turns into a function's query: the truth holds that query's table.
        const bool artefact = record.id == "pg-regress/plpgsql#270";
        if (record.accepted && truth != truths.end() && !artefact)
            judge(record, truth->second, schemas[schema_of[i]], figures);
    }
    const double share =
        100.0 * static_cast<double>(figures.columns_equal) / static_cast<double>(figures.resolved);
    std::printf(
        "postgres   %5zu statements, %zu of them writes; %5zu resolved | tables equal %5zu, columns equal "
        "%5zu (%.2f %%), too "
        "small %zu\n",
        figures.statements, figures.writes, figures.resolved, figures.tables_equal, figures.columns_equal,
        share, figures.too_small);
    EXPECT_GE(share, 99.0) << figures.examples;
    EXPECT_EQ(figures.too_small, 0U) << figures.examples;
}

}  // namespace name_resolution
}  // namespace majed::corpora
