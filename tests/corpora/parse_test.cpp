// SPDX-License-Identifier: Apache-2.0
// Every query of the corpora: parsed, resolved against the engine's own schema, compared with its authorizer.
#include "corpora/corpus.h"
#include "corpora/engine.h"
#include "corpora/engine_schema.h"
#include "corpora/truth_check.h"
#include "sql/facts.h"
#include "sql/parser.h"
#include "sql/resolver.h"
#include "sql/span_check.h"
#include "sql/write_span_check.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

namespace majed::corpora {
namespace parse_test {

struct Figures {
    std::size_t queries = 0;
    std::size_t accepted = 0;
    std::size_t tables_equal = 0;
    std::size_t columns_equal = 0;
    std::size_t missing = 0;
    std::size_t wrong_spans = 0;
    std::map<std::string, std::size_t> refused;
    std::map<Explanation, std::size_t> explained;
    std::string examples;

    void note(const std::string& id, const std::string& what, const std::string& sql) {
        constexpr std::size_t most = 4000;
        if (examples.size() < most) examples += "  " + id + ":" + what + " :: " + sql.substr(0, 200) + "\n";
    }
};

/// The part of a message that does not name something of the statement.
std::string reason_of(const Error& error) {
    std::string message = error.message;
    for (const char* noun : {"there is no table ", "there is no column ", "table "}) {
        if (message.starts_with(noun)) {
            const std::size_t name = std::string_view(noun).size();
            const std::size_t end = message.find(' ', name);
            const std::string_view kept =
                message.starts_with("there is no table pragma_") ? "pragma_*" : "<name>";
            return message.substr(0, name) + std::string(kept) +
                   (end == std::string::npos ? "" : message.substr(end));
        }
    }
    return message;
}

class CorpusRun {
public:
    explicit CorpusRun(std::map<std::string, Truth> truths) : truths_(std::move(truths)) {}

    void judge(const Record& record) {
        const auto truth = truths_.find(record.id);
        if (!record.readonly || truth == truths_.end()) return;
        const auto parsed = parser_.parse(record.sql);
        const bool query = parser_.statement_class() == sql::StatementClass::read ||
                           parser_.statement_class() == sql::StatementClass::unknown;
        if (!query) return;
        ++figures_.queries;
        use_schema_of(record);
        if (!parsed) return refuse(record, parsed.error());
        judge_tree(record, **parsed, truth->second);
    }

    /// The writes that the engine accepts; queries are left to `judge`.
    void judge_write(const Record& record) {
        const auto truth = truths_.find(record.id);
        if (!record.accepted || truth == truths_.end()) return;
        const auto parsed = parser_.parse_statement(record.sql);
        const bool is_write =
            parsed ? parsed->write != nullptr : parser_.statement_class() == sql::StatementClass::write;
        if (!is_write) return;
        ++figures_.queries;
        use_schema_of(record);
        if (!parsed) return refuse(record, parsed.error());
        judge_tree(record, *parsed->write, truth->second);
    }

private:
    template <class Tree>
    void judge_tree(const Record& record, Tree& tree, const Truth& truth) {
        if (const std::string wrong = sql::first_wrong_span(tree, record.sql); !wrong.empty()) {
            ++figures_.wrong_spans;
            figures_.note(record.id, " " + wrong, record.sql);
        }
        const auto resolved = sql::resolve(tree, record.sql, *schema_, parser_.arena(), resolution_);
        if (!resolved) return refuse(record, resolved.error());
        ++figures_.accepted;
        if constexpr (std::is_same_v<Tree, sql::Select>) expect_facts_of_what_is_read(tree, record);
        const Comparison comparison = check_->compare(tree, record.sql, resolution_, truth);
        figures_.tables_equal += comparison.tables_equal ? 1 : 0;
        figures_.columns_equal += comparison.columns_equal ? 1 : 0;
        for (const Explanation explanation : comparison.explained) ++figures_.explained[explanation];
        if (!comparison.columns_equal) {
            figures_.note(record.id, " more" + comparison.extra_tables + comparison.extra_columns,
                          record.sql);
        }
        if (comparison.missing.empty()) return;
        ++figures_.missing;
        figures_.note(record.id, " missing" + comparison.missing, record.sql);
    }

public:
    void print(const char* name) const {
        std::printf(
            "%-18s %6zu queries %6zu accepted %4zu refused | tables equal %6zu, more %4zu | columns equal "
            "%6zu, "
            "more %4zu | missing %zu | wrong spans %zu\n",
            name, figures_.queries, figures_.accepted, figures_.queries - figures_.accepted,
            figures_.tables_equal, figures_.accepted - figures_.tables_equal - figures_.missing,
            figures_.columns_equal, figures_.accepted - figures_.columns_equal - figures_.missing,
            figures_.missing, figures_.wrong_spans);
        for (const auto& [reason, count] : figures_.refused)
            std::printf("%8zu refused: %s\n", count, reason.c_str());
        for (const auto& [explanation, count] : figures_.explained) {
            std::printf("%8zu explained: %s\n", count, std::string(to_string(explanation)).c_str());
        }
    }

    [[nodiscard]] const Figures& figures() const { return figures_; }

private:
    /// The facts name no column that the resolver did not find to be read.
    void expect_facts_of_what_is_read(sql::Select& select, const Record& record) {
        std::set<std::pair<const sql::SchemaRelation*, std::uint32_t>> read;
        for (const sql::ColumnUse& use : resolution_.columns) read.emplace(use.relation, use.column);
        const sql::Facts& facts = collector_.collect(select, record.sql);
        EXPECT_TRUE(facts.complete) << record.id;
        EXPECT_EQ(facts.relations.size(), resolution_.relations.size()) << record.id << ": " << record.sql;
        EXPECT_EQ(facts.calls.size(), resolution_.functions.size()) << record.id << ": " << record.sql;
        const auto check = [&](const sql::Lineage& set) {
            for (const sql::ColumnUse& use : collector_.columns(set)) {
                EXPECT_TRUE(use.column == sql::row_id_column || read.contains({use.relation, use.column}))
                    << record.id << ": " << record.sql;
            }
        };
        for (const sql::ColumnFact& fact : facts.columns) check(fact.place.base);
        for (const sql::ResultFact& fact : facts.results) check(fact.base);
    }

    void use_schema_of(const Record& record) {
        if (engine_ != nullptr && record.schema == schema_key_) return;
        schema_key_ = record.schema;
        engine_ = std::make_unique<Engine>(texts_.of(record));
        schema_ = std::make_unique<EngineSchema>(*engine_);
        check_ = std::make_unique<TruthCheck>(*engine_, *schema_);
    }

    void refuse(const Record& record, const Error& error) {
        figures_.note(record.id, " " + error.message, record.sql);
        ++figures_.refused[reason_of(error)];
        EXPECT_TRUE(error.offset) << record.id << ": " << error.message;
    }

    std::map<std::string, Truth> truths_;
    SchemaTexts texts_;
    std::string schema_key_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<EngineSchema> schema_;
    std::unique_ptr<TruthCheck> check_;
    sql::Parser parser_;
    sql::Resolution resolution_;
    sql::FactCollector collector_;
    Figures figures_;
};

class Corpus : public testing::Test {
protected:
    void judge_all(const char* corpus, void (CorpusRun::*judge)(const Record&)) {
        std::string reason;
        const auto records = read_corpus(corpus, reason);
        if (!records) GTEST_SKIP() << reason;
        CorpusRun run(read_truth(corpus));
        for (const Record& record : *records) (run.*judge)(record);
        run.print(corpus);
        figures_ = run.figures();
        ASSERT_GT(figures_.queries, 1000U / corpus_parts);
        EXPECT_EQ(figures_.missing, 0U) << figures_.examples;
        EXPECT_EQ(figures_.wrong_spans, 0U) << figures_.examples;
    }
    Figures figures_;
};

class QuestionCorpus : public Corpus, public testing::WithParamInterface<const char*> {};
class EngineCorpus : public Corpus, public testing::WithParamInterface<const char*> {};

TEST_P(QuestionCorpus, is_understood_whole_with_exactly_the_tables_the_engine_reads) {
    judge_all(GetParam(), &CorpusRun::judge);
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_EQ(figures_.accepted, figures_.queries) << figures_.examples;
    EXPECT_EQ(figures_.tables_equal, figures_.queries) << figures_.examples;
    EXPECT_EQ(figures_.columns_equal, figures_.queries) << figures_.examples;
}

TEST_P(EngineCorpus, is_understood_to_97_percent_with_no_table_missed) {
    judge_all(GetParam(), &CorpusRun::judge);
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_GE(figures_.accepted * 100, figures_.queries * 97) << figures_.examples;
}

TEST_F(Corpus, of_the_engines_own_writes_is_understood_to_98_and_a_half_percent_with_none_missed) {
    judge_all("sqlite_testsuite", &CorpusRun::judge_write);
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_GE(figures_.accepted * 1000, figures_.queries * 985) << figures_.examples;
}

INSTANTIATE_TEST_SUITE_P(Queries, QuestionCorpus, testing::Values("sqlite"),
                         [](const auto& instance) { return std::string(instance.param); });
INSTANTIATE_TEST_SUITE_P(Queries, EngineCorpus, testing::Values("sqlite_testsuite", "sqlite_sqllogic"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace parse_test
}  // namespace majed::corpora
