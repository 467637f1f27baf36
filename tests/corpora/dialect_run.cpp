// SPDX-License-Identifier: Apache-2.0
#include "corpora/dialect_run.h"

#include "core/ascii.h"
#include "core/deadline.h"
#include "corpora/table_names.h"
#include "sql/write_span_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>

namespace majed::corpora {
namespace {

constexpr std::uint64_t may_insert = 1;
constexpr std::uint64_t may_update = 4;
constexpr std::uint64_t may_delete = 8;

/// What a write does to its target, as the server's permissions would say it; `listed` when it names every column.
struct Effect {
    std::uint64_t permissions = 0;
    std::set<std::string> inserted;
    std::set<std::string> updated;
    bool inserts_listed = true;
};

void add_names(const sql::List<sql::NameNode>& columns, std::set<std::string>& into) {
    for (const sql::NameNode& column : columns) into.emplace(column.name.value);
}

void add_updates(const sql::List<sql::Assignment>& assignments, Effect& effect) {
    effect.permissions |= may_update;
    for (const sql::Assignment& each : assignments) add_names(each.columns, effect.updated);
}

void add_inserts(const sql::List<sql::NameNode>& columns, bool of_defaults, Effect& effect) {
    effect.permissions |= may_insert;
    effect.inserts_listed &= !columns.empty() || of_defaults;
    add_names(columns, effect.inserted);
}

Effect effect_of(const sql::Write& write) {
    Effect effect;
    if (write.kind == sql::WriteKind::insert) add_inserts(write.columns, write.source == nullptr, effect);
    if (write.kind == sql::WriteKind::update) add_updates(write.assignments, effect);
    if (write.kind == sql::WriteKind::delete_) effect.permissions |= may_delete;
    for (const sql::ConflictClause& clause : write.conflicts) {
        if (clause.updates) add_updates(clause.assignments, effect);
    }
    for (const sql::MergeBranch& branch : write.branches) {
        if (branch.action == sql::MergeAction::insert)
            add_inserts(branch.columns, branch.values.empty(), effect);
        if (branch.action == sql::MergeAction::update) add_updates(branch.assignments, effect);
        if (branch.action == sql::MergeAction::delete_ || branch.delete_where != nullptr)
            effect.permissions |= may_delete;
    }
    return effect;
}

bool is_target(const sql::Write& write, const Truth& truth) {
    const Effect effect = effect_of(write);
    constexpr std::uint64_t writing = may_insert | may_update | may_delete;
    return std::any_of(truth.analysed.begin(), truth.analysed.end(), [&](const TruthRelation& relation) {
        return relation.table == write.target->name.value &&
               (relation.permissions & writing) == effect.permissions && relation.updated == effect.updated &&
               (!effect.inserts_listed || relation.inserted == effect.inserted);
    });
}

std::set<std::string> folded(const std::set<std::string>& names) {
    std::set<std::string> result;
    for (const std::string& name : names) result.insert(ascii_lower(name));
    return result;
}

void print_figures(const char* name, const char* kind, const DialectFigures& figures) {
    std::printf(
        "%-9s %-7s %5zu, accepted %5zu (%.2f %%) | tables judged %5zu, equal %5zu, too small %zu | targets "
        "judged %4zu, equal %4zu | wrong spans %zu | slowest %.2f ms\n",
        name, kind, figures.statements, figures.accepted, figures.share(), figures.tables_judged,
        figures.tables_equal, figures.tables_too_small, figures.targets_judged, figures.targets_equal,
        figures.wrong_spans, std::chrono::duration<double, std::milli>(figures.slowest).count());
}

}  // namespace

void DialectFigures::note(const Record& record, const std::string& what) {
    constexpr std::size_t most = 4000;
    if (examples.size() < most)
        examples += "  " + record.id + ": " + what + " :: " + record.sql.substr(0, 200) + "\n";
}

double DialectFigures::share() const {
    return 100.0 * static_cast<double>(accepted) / static_cast<double>(std::max<std::size_t>(statements, 1));
}

void DialectRun::judge(const Record& record, const std::set<std::string>* tables, const Truth* truth) {
    const auto begin = SteadyClock::now();
    const auto parsed = parser_.parse_statement(record.sql);
    const std::chrono::nanoseconds taken = SteadyClock::now() - begin;
    const sql::StatementClass statement_class = parser_.statement_class();
    if (statement_class != sql::StatementClass::read && statement_class != sql::StatementClass::write) {
        ++others;
        EXPECT_FALSE(parsed) << record.id;
        return;
    }
    DialectFigures& figures = statement_class == sql::StatementClass::write ? writes : queries;
    figures.slowest = std::max(figures.slowest, taken);
    ++figures.statements;
    if (!parsed) {
        EXPECT_TRUE(parsed.error().offset) << record.id << ": " << parsed.error().message;
        const bool by_name = parsed.error().code != ErrorCode::parse_error;
        ++figures.refused[by_name ? parsed.error().message : "not understood"];
        return figures.note(record, parsed.error().message);
    }
    ++figures.accepted;
    const std::string wrong = parsed->write != nullptr
                                  ? sql::first_wrong_span(*parsed->write, record.sql)
                                  : sql::first_wrong_span(*parsed->query, record.sql, dialect_);
    if (!wrong.empty()) {
        ++figures.wrong_spans;
        figures.note(record, wrong);
    }
    if (tables != nullptr) judge_tables(figures, record, *parsed, *tables);
    if (truth == nullptr || parsed->write == nullptr) return;
    ++figures.targets_judged;
    if (is_target(*parsed->write, *truth)) {
        ++figures.targets_equal;
    } else {
        figures.note(record, "another target");
    }
}

void DialectRun::judge_tables(DialectFigures& figures, const Record& record, const sql::Statement& statement,
                              const std::set<std::string>& tables) const {
    ++figures.tables_judged;
    TableNames names(dialect_);
    if (statement.write != nullptr) {
        names.write(*statement.write);
    } else {
        names.query(*statement.query);
    }
    const std::set<std::string> found = folded(names.found);
    if (found == tables) {
        ++figures.tables_equal;
        return;
    }
    const bool too_small = !std::includes(found.begin(), found.end(), tables.begin(), tables.end());
    figures.tables_too_small += too_small ? 1U : 0U;
    figures.note(record, too_small ? "a table is missing" : "a table too many");
}

void DialectRun::print(const char* name) const {
    print_figures(name, "queries", queries);
    print_figures(name, "writes", writes);
    std::printf("%-9s others  %5zu, all refused\n", name, others);
    for (const DialectFigures* figures : {&queries, &writes}) {
        for (const auto& [reason, count] : figures->refused)
            std::printf("%8zu refused: %s\n", count, reason.c_str());
    }
}

}  // namespace majed::corpora
