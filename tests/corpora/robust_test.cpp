// SPDX-License-Identifier: Apache-2.0
// Hostile, broken and random statements: bounded work, a place for every refusal, nothing accepted that the engine
// does not take for one statement.
#include "core/deadline.h"
#include "corpora/corpus.h"
#include "corpora/engine.h"
#include "corpora/engine_schema.h"
#include "sql/facts.h"
#include "sql/parser.h"
#include "sql/resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace majed::corpora {
namespace robust_test {

/// Generous: sanitizers and a loaded machine are slow, an exponential parser is slower.
constexpr std::chrono::seconds longest_allowed{2};

bool is_syntax_error(const std::string& message) {
    for (const char* sign : {"syntax error", "unrecognized token", "incomplete input"}) {
        if (message.find(sign) != std::string::npos) return true;
    }
    return false;
}

struct Figures {
    std::size_t statements = 0;
    std::size_t parsed = 0;
    std::size_t resolved = 0;
    std::size_t other_class = 0;
    std::size_t refused = 0;
    std::chrono::nanoseconds slowest{0};
};

class Robustness : public testing::Test {
protected:
    /// Reads `record` as a door would; checks what must hold of any text.
    void read(const Record& record, Engine& engine, const EngineSchema& schema) {
        const auto begin = SteadyClock::now();
        ++figures_.statements;
        const auto parsed = parser_.parse(record.sql);
        if (!parsed) {
            note_refusal(record, parsed.error());
        } else {
            ++figures_.parsed;
            const auto resolved = sql::resolve(**parsed, record.sql, schema, parser_.arena(), resolution_);
            if (resolved) {
                ++figures_.resolved;
                collector_.collect(**parsed, record.sql);
            } else {
                note_refusal(record, resolved.error());
            }
        }
        figures_.slowest = std::max<std::chrono::nanoseconds>(figures_.slowest, SteadyClock::now() - begin);
        if (parsed) expect_one_statement(record, engine);
    }

    void print(const char* name) const {
        const double slowest = std::chrono::duration<double, std::milli>(figures_.slowest).count();
        std::printf(
            "%-16s %5zu statements: %5zu parsed (%zu also resolved), %4zu of another class, %5zu refused; "
            "slowest %.2f ms\n",
            name, figures_.statements, figures_.parsed, figures_.resolved, figures_.other_class,
            figures_.refused, slowest);
        EXPECT_LT(figures_.slowest, longest_allowed) << name;
    }

    std::optional<std::vector<Record>> corpus(const char* name) {
        std::string reason;
        auto records = read_corpus(name, reason);
        reason_ = reason;
        return records;
    }

    sql::Parser parser_;
    sql::Resolution resolution_;
    sql::FactCollector collector_;
    Figures figures_;
    std::string reason_;

private:
    void note_refusal(const Record& record, const Error& error) {
        if (error.code == ErrorCode::denied && parser_.statement_class() != sql::StatementClass::read) {
            ++figures_.other_class;
        } else {
            ++figures_.refused;
        }
        EXPECT_TRUE(error.offset) << record.id << ": " << error.message;
        EXPECT_LE(error.offset.value_or(0), record.sql.size()) << record.id;
        EXPECT_FALSE(error.message.empty()) << record.id;
    }

    /// The engine may still refuse it for its meaning, but it must be one query to it, not more and not less.
    static void expect_one_statement(const Record& record, Engine& engine) {
        const Compiled compiled = engine.compile(record.sql);
        if (compiled.accepted) {
            EXPECT_TRUE(compiled.whole_text) << record.id << ": " << record.sql;
            EXPECT_TRUE(compiled.readonly) << record.id << ": " << record.sql;
        } else {
            EXPECT_FALSE(is_syntax_error(compiled.error))
                << record.id << ": " << compiled.error << ": " << record.sql;
        }
    }
};

TEST_F(Robustness, of_random_statements) {
    const auto records = corpus("sqlite_fuzz");
    if (!records) GTEST_SKIP() << reason_;
    Engine engine("");
    const EngineSchema schema(engine);
    for (const Record& record : *records) read(record, engine, schema);
    print("sqlite_fuzz");
    EXPECT_GT(figures_.parsed, 1000U);
}

TEST_F(Robustness, of_statements_the_engine_refuses) {
    const auto records = corpus("sqlite_reject");
    if (!records) GTEST_SKIP() << reason_;
    const SchemaTexts texts;
    for (const Record& record : *records) {
        Engine engine(texts.of(record));
        const EngineSchema schema(engine);
        read(record, engine, schema);
        const bool broken = record.kind == "syntax";
        EXPECT_FALSE(broken && parser_.parse(record.sql)) << record.id << ": " << record.sql;
    }
    print("sqlite_reject");
}

TEST_F(Robustness, of_hostile_statements) {
    const auto records = corpus("hostile");
    if (!records) GTEST_SKIP() << reason_;
    Engine engine(
        "CREATE TABLE t(id, secret, region); CREATE TABLE employees(id INTEGER PRIMARY KEY, name, email, "
        "region, salary, secret, dept_id); CREATE TABLE departments(id INTEGER PRIMARY KEY, title, secret)");
    const EngineSchema schema(engine);
    for (const Record& record : *records) read(record, engine, schema);
    print("hostile");
}

TEST_F(Robustness, of_lexical_edges) {
    const auto records = corpus("lexical_edges");
    if (!records) GTEST_SKIP() << reason_;
    Engine engine("CREATE TABLE t(id, secret, region)");
    const EngineSchema schema(engine);
    const sql::SchemaRelation* table = schema.find_relation("", "t");
    ASSERT_NE(table, nullptr);
    for (const Record& record : *records) {
        read(record, engine, schema);
        const auto parsed = parser_.parse(record.sql);
        if (!parsed) continue;
        if (!sql::resolve(**parsed, record.sql, schema, parser_.arena(), resolution_)) continue;
        for (const EngineRead& seen : engine.compile(record.sql).reads) {
            const bool found = std::any_of(
                resolution_.columns.begin(), resolution_.columns.end(), [&](const sql::ColumnUse& use) {
                    return seen.table == "t" && table->columns[use.column].name == seen.column;
                });
            const bool row_id = seen.column == "ROWID" && !resolution_.rowids.empty();
            EXPECT_TRUE(seen.column.empty() || found || row_id)
                << record.id << ": " << seen.column << ": " << record.sql;
        }
    }
    print("lexical_edges");
}

}  // namespace robust_test
}  // namespace majed::corpora
