// SPDX-License-Identifier: Apache-2.0
// The queries and writes of PostgreSQL and Oracle in the corpora: which are understood, whether every table in them is seen,
// and whether what is written is what the server says is written. PostgreSQL's own parse analysis said it; for Oracle two
// independent parsers did.
#include "core/ascii.h"
#include "corpora/corpus.h"
#include "corpora/dialect_run.h"
#include "sql/parser.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <string>

namespace majed::corpora {
namespace dialect_test {

/// Generous: sanitizers and a loaded machine are slow, an exponential parser is slower.
constexpr std::chrono::seconds longest_allowed{2};

std::set<std::string> lowered(const std::set<std::string>& names) {
    std::set<std::string> result;
    for (const std::string& name : names) result.insert(ascii_lower(name));
    return result;
}

void expect_exact(const DialectFigures& figures) {
    EXPECT_EQ(figures.tables_too_small, 0U) << figures.examples;
    EXPECT_EQ(figures.tables_equal, figures.tables_judged) << figures.examples;
    EXPECT_EQ(figures.targets_equal, figures.targets_judged) << figures.examples;
    EXPECT_EQ(figures.wrong_spans, 0U) << figures.examples;
    EXPECT_LT(figures.slowest, longest_allowed);
}

/// Statements whose truth is of another tree than theirs.
const std::set<std::string, std::less<>> artefacts{
    // A select from a view that a rule turns into a function's query: the truth holds that query's table.
    "pg-regress/plpgsql#270",
    // A trigger's function reads nothing in its own tree, which the server printed last.
    "pg-regress/triggers#291",
    "pg-regress/triggers#293",
};

TEST(DialectCorpus, postgres_statements_are_understood_and_every_table_is_seen) {
    std::string reason;
    const auto records = read_corpus("postgres", reason);
    if (!records) GTEST_SKIP() << reason;
    const auto truths = read_truth("postgres");
    DialectRun run(sql::dialect_of(sql::DialectId::postgres));
    for (const Record& record : *records) {
        const auto truth = truths.find(record.id);
        const bool judged = truth != truths.end() && !artefacts.contains(record.id);
        const std::set<std::string> tables =
            judged ? lowered(truth->second.relations) : std::set<std::string>();
        if (record.accepted) run.judge(record, judged ? &tables : nullptr, judged ? &truth->second : nullptr);
    }
    run.print("postgres");
    EXPECT_GT(run.queries.statements, 8000U / corpus_parts / 2);
    EXPECT_GT(run.writes.statements, 3000U / corpus_parts / 2);
    EXPECT_GE(run.queries.share(), 99.0) << run.queries.examples;
    EXPECT_GE(run.writes.share(), 98.0) << run.writes.examples;
    expect_exact(run.queries);
    expect_exact(run.writes);
}

/// Errors of its grammar, not of its analysis; of a jsonpath only the grammar of that would know.
TEST(DialectCorpus, what_postgres_does_not_parse_is_refused) {
    std::string reason;
    const auto records = read_corpus("postgres_reject", reason);
    if (!records) GTEST_SKIP() << reason;
    sql::Parser parser(sql::dialect_of(sql::DialectId::postgres));
    std::size_t refused = 0;
    for (const Record& record : *records) {
        const std::string& error = record.engine_error;
        if (!error.starts_with("syntax error at ") || error.find(" of jsonpath ") != std::string::npos)
            continue;
        EXPECT_FALSE(parser.parse_statement(record.sql)) << record.id << ": " << record.sql;
        ++refused;
    }
    EXPECT_GT(refused, 100U / corpus_parts / 2);
}

TEST(DialectCorpus, postgres_questions_are_all_understood) {
    std::string reason;
    const auto records = read_corpus("postgres", reason);
    if (!records) GTEST_SKIP() << reason;
    sql::Parser parser(sql::dialect_of(sql::DialectId::postgres));
    std::size_t questions = 0;
    for (const Record& record : *records) {
        if (!record.id.starts_with("bird-pg") || !record.accepted) continue;
        ++questions;
        const auto parsed = parser.parse(record.sql);
        EXPECT_TRUE(parsed) << record.id << ": " << record.sql;
    }
    EXPECT_GT(questions, 100U / corpus_parts);
}

TEST(DialectCorpus, oracle_statements_are_understood_and_every_table_is_seen) {
    std::string reason;
    const auto records = read_corpus("oracle", reason);
    if (!records) GTEST_SKIP() << reason;
    DialectRun run(sql::dialect_of(sql::DialectId::oracle));
    for (const Record& record : *records) {
        if (record.accepted) run.judge(record, record.tables ? &*record.tables : nullptr);
    }
    run.print("oracle");
    EXPECT_GT(run.queries.statements, 2000U);
    EXPECT_GT(run.writes.statements, 1300U);
    EXPECT_GE(run.queries.share(), 97.0) << run.queries.examples;
    EXPECT_GE(run.writes.share(), 93.0) << run.writes.examples;
    expect_exact(run.queries);
    expect_exact(run.writes);
}

/// What somebody wrote to get through: read without a crash, quickly, and refused with a place if refused.
TEST(DialectCorpus, hostile_statements_are_read_within_bounds) {
    std::string reason;
    const auto records = read_corpus("hostile", reason);
    if (!records) GTEST_SKIP() << reason;
    for (const sql::DialectId id : {sql::DialectId::postgres, sql::DialectId::oracle}) {
        DialectRun run(sql::dialect_of(id));
        for (const Record& record : *records) run.judge(record, nullptr);
        run.print("hostile");
        expect_exact(run.queries);
        expect_exact(run.writes);
    }
}

}  // namespace dialect_test
}  // namespace majed::corpora
