// SPDX-License-Identifier: Apache-2.0
// The queries of PostgreSQL and Oracle in the corpora: which are understood, and whether every table in them is seen.
// What tables are in a query, PostgreSQL's own parse analysis said; for Oracle two independent parsers did.
#include "core/ascii.h"
#include "core/deadline.h"
#include "corpora/corpus.h"
#include "corpora/table_names.h"
#include "sql/parser.h"
#include "sql/span_check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>

namespace majed::corpora {
namespace dialect_test {

/// Generous: sanitizers and a loaded machine are slow, an exponential parser is slower.
constexpr std::chrono::seconds longest_allowed{2};

struct Figures {
    std::size_t queries = 0;
    std::size_t accepted = 0;
    std::size_t judged = 0;
    std::size_t tables_equal = 0;
    std::size_t too_small = 0;
    std::size_t wrong_spans = 0;
    std::size_t not_queries = 0;
    std::string examples;
    std::chrono::nanoseconds slowest{0};

    void note(const Record& record, const std::string& what) {
        constexpr std::size_t most = 4000;
        if (examples.size() < most)
            examples += "  " + record.id + ": " + what + " :: " + record.sql.substr(0, 200) + "\n";
    }
    [[nodiscard]] double share() const {
        return 100.0 * static_cast<double>(accepted) / static_cast<double>(std::max<std::size_t>(queries, 1));
    }
};

std::set<std::string> folded(const std::set<std::string>& names) {
    std::set<std::string> result;
    for (const std::string& name : names) result.insert(ascii_lower(name));
    return result;
}

class DialectRun {
public:
    explicit DialectRun(const sql::Dialect& dialect) : dialect_(dialect), parser_(dialect) {}

    /// `tables`: in lower case; nullptr when nobody said.
    void judge(const Record& record, const std::set<std::string>* tables) {
        const auto begin = SteadyClock::now();
        const auto parsed = parser_.parse(record.sql);
        figures.slowest = std::max<std::chrono::nanoseconds>(figures.slowest, SteadyClock::now() - begin);
        if (parser_.statement_class() != sql::StatementClass::read) {
            ++figures.not_queries;
            EXPECT_FALSE(parsed) << record.id;
            return;
        }
        ++figures.queries;
        if (!parsed) {
            EXPECT_TRUE(parsed.error().offset) << record.id << ": " << parsed.error().message;
            return figures.note(record, parsed.error().message);
        }
        ++figures.accepted;
        if (const std::string wrong = sql::first_wrong_span(**parsed, record.sql, dialect_); !wrong.empty()) {
            ++figures.wrong_spans;
            figures.note(record, wrong);
        }
        if (tables == nullptr) return;
        ++figures.judged;
        TableNames names(dialect_);
        names.query(**parsed);
        const std::set<std::string> found = folded(names.found);
        figures.tables_equal += found == *tables ? 1U : 0U;
        if (std::includes(found.begin(), found.end(), tables->begin(), tables->end())) return;
        ++figures.too_small;
        figures.note(record, "a table is missing");
    }

    void print(const char* name) const {
        std::printf(
            "%-10s %5zu queries, %5zu accepted (%.2f %%) | tables judged %5zu, equal %5zu, too small %zu | "
            "wrong "
            "spans %zu | other classes %zu | slowest %.2f ms\n",
            name, figures.queries, figures.accepted, figures.share(), figures.judged, figures.tables_equal,
            figures.too_small, figures.wrong_spans, figures.not_queries,
            std::chrono::duration<double, std::milli>(figures.slowest).count());
    }

    Figures figures;

private:
    const sql::Dialect& dialect_;
    sql::Parser parser_;
};

TEST(DialectCorpus, postgres_queries_are_understood_and_every_table_is_seen) {
    std::string reason;
    const auto records = read_corpus("postgres", reason);
    if (!records) GTEST_SKIP() << reason;
    const auto truths = read_truth("postgres");
    DialectRun run(sql::dialect_of(sql::DialectId::postgres));
    for (const Record& record : *records) {
        const auto truth = truths.find(record.id);
        // A select from a view that a rule turns into a function's query: the truth holds that query's table.
        const bool artefact = record.id == "pg-regress/plpgsql#270";
        const bool judged = truth != truths.end() && !artefact;
        const std::set<std::string> tables =
            judged ? folded(truth->second.relations) : std::set<std::string>();
        if (record.accepted) run.judge(record, judged ? &tables : nullptr);
    }
    run.print("postgres");
    EXPECT_GT(run.figures.queries, 8000U / corpus_parts / 2);
    EXPECT_GE(run.figures.share(), 98.0) << run.figures.examples;
    EXPECT_EQ(run.figures.too_small, 0U) << run.figures.examples;
    EXPECT_EQ(run.figures.tables_equal, run.figures.judged) << run.figures.examples;
    EXPECT_EQ(run.figures.wrong_spans, 0U) << run.figures.examples;
    EXPECT_LT(run.figures.slowest, longest_allowed);
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

TEST(DialectCorpus, oracle_queries_are_understood_and_every_table_is_seen) {
    std::string reason;
    const auto records = read_corpus("oracle", reason);
    if (!records) GTEST_SKIP() << reason;
    DialectRun run(sql::dialect_of(sql::DialectId::oracle));
    for (const Record& record : *records) {
        if (record.accepted) run.judge(record, record.tables ? &*record.tables : nullptr);
    }
    run.print("oracle");
    EXPECT_GT(run.figures.queries, 2000U);
    EXPECT_GE(run.figures.share(), 93.0) << run.figures.examples;
    EXPECT_EQ(run.figures.too_small, 0U) << run.figures.examples;
    EXPECT_EQ(run.figures.tables_equal, run.figures.judged) << run.figures.examples;
    EXPECT_EQ(run.figures.wrong_spans, 0U) << run.figures.examples;
    EXPECT_LT(run.figures.slowest, longest_allowed);
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
        EXPECT_EQ(run.figures.wrong_spans, 0U) << run.figures.examples;
        EXPECT_LT(run.figures.slowest, longest_allowed);
    }
}

}  // namespace dialect_test
}  // namespace majed::corpora
