// SPDX-License-Identifier: Apache-2.0
// Our cuts against SQLite's own, statement by statement, and what it does to statements inside a transaction.
#include "migrate/script.h"
#include "splitting/sample_files.h"
#include "splitting/sqlite_engine.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace majed::splitting {
namespace sqlite_cuts_test {

using migrate::Dialect;
using migrate::TransactionFit;

/// Scripts that SQLite accepts, with a comment, a blank or a line end wherever one may be.
class RandomScript {
public:
    explicit RandomScript(unsigned seed) : random_(seed) {}

    std::string make() {
        std::string script = gap();
        for (std::size_t i = 0, count = 3 + below(8); i < count; ++i) {
            script += statement() + gap() + (below(9) == 0 ? ";;" : ";") + gap();
        }
        return script;
    }

private:
    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }

    std::string gap() {
        constexpr std::string_view gaps[] = {" ",
                                             "\n",
                                             "\t",
                                             " /* ; ' \" */ ",
                                             "-- end; begin '\n",
                                             "\r\n",
                                             " /**/ ",
                                             " /* -- ; */\n",
                                             "--\n",
                                             " /*/ ; */ "};
        std::string text;
        for (std::size_t i = 0, count = 1 + below(2); i < count; ++i) text += gaps[below(std::size(gaps))];
        return text;
    }

    std::string new_name() {
        const std::string plain = "n" + std::to_string(++made_);
        switch (below(6)) {
            case 0:
                return '"' + plain + ";\"\"'--\"";
            case 1:
                return '`' + plain + ";``[\"`";
            case 2:
                return '[' + plain + ";'`\"--]";
            case 3:
                return '\'' + plain + ";''[\"'";
            default:
                return plain;
        }
    }

    std::string value() {
        constexpr std::string_view values[] = {"1",
                                               "';'",
                                               "'it''s; END'",
                                               "x'00ff'",
                                               "1.5e-3",
                                               "NULL",
                                               "'/*'",
                                               "'--'",
                                               "(SELECT ';')",
                                               "CASE WHEN 1 THEN ';' ELSE 2 END",
                                               "CASE 1 WHEN 2 THEN CASE 3 WHEN 4 THEN 5 END END",
                                               "-(-1)",
                                               "4/2*1",
                                               "'BEGIN'",
                                               "replace('END;', ';', '')"};
        return std::string(values[below(std::size(values))]);
    }

    std::string words(std::initializer_list<std::string> parts) {
        std::string text;
        for (const std::string& part : parts) text += (text.empty() ? "" : gap()) + part;
        return text;
    }

    std::string statement() {
        if (tables_.empty() || below(4) == 0) {
            std::string name = new_name();
            std::string text = words({"CREATE", below(4) == 0 ? "TEMP" : "", "TABLE", name, "(", "a", ",",
                                      "[end]", "DEFAULT", "';'", ",", "\"begin\"", ")"});
            tables_.push_back(std::move(name));
            return text;
        }
        switch (below(4)) {
            case 0:
                return words({"SELECT", value(), ",", value(), "FROM", table()});
            case 1:
                return trigger();
            case 2:
                return words(
                    {"CREATE", "VIEW", new_name(), "AS", "SELECT", value(), "AS", "[end;]", "FROM", table()});
            default:
                return action();
        }
    }

    std::string table() { return tables_[below(tables_.size())]; }

    std::string action() {
        switch (below(3)) {
            case 0:
                return words(
                    {"INSERT", "INTO", table(), "VALUES", "(", value(), ",", value(), ",", value(), ")"});
            case 1:
                return words({"UPDATE", table(), "SET", "a", "=", value(), ",", "[end]", "=", value()});
            default:
                return words({"DELETE", "FROM", table(), "WHERE", "a", "=", value(), "AND", "\"begin\"", "=",
                              value()});
        }
    }

    std::string trigger() {
        std::string text = words({"CREATE", "TEMP", "TRIGGER", new_name(), "AFTER", "INSERT", "ON", table(),
                                  "FOR", "EACH", "ROW", "WHEN", value(), "BEGIN"});
        for (std::size_t i = 0, count = 1 + below(3); i < count; ++i) text += gap() + action() + gap() + ";";
        return text + gap() + "END";
    }

    std::mt19937 random_;
    std::size_t made_ = 0;
    std::vector<std::string> tables_;
};

TEST(SqliteCuts, are_those_of_the_engine_in_generated_scripts) {
    std::size_t statements = 0;
    std::size_t whole = 0;
#if defined(MAJED_SANITIZED)
    constexpr unsigned generated = 300;
#else
    constexpr unsigned generated = 1500;
#endif
    for (unsigned seed = 0; seed < generated; ++seed) {
        const std::string script = RandomScript(seed).make();
        const EngineCuts engine = cut_by_sqlite(script);
        ASSERT_EQ(compare_with_sqlite(script, engine), "") << "seed " << seed << "\n" << script;
        statements += engine.pieces.size();
        whole += engine.refusal.empty() ? 1U : 0U;
    }
    EXPECT_GT(statements, generated * 10 / 3);
    EXPECT_GT(whole, generated * 14 / 15) << "scripts the engine reads to the end";
}

TEST(SqliteCuts, are_those_of_the_engine_at_the_edges) {
    for (const std::string_view script :
         {"CREATE TABLE begin(end); CREATE TRIGGER t DELETE ON begin BEGIN DELETE FROM begin; END; SELECT 1;",
          "CREATE TABLE a(x); CREATE TRIGGER end AFTER INSERT ON a BEGIN SELECT 1; END; SELECT 2",
          "EXPLAIN SELECT 1; EXPLAIN QUERY PLAN SELECT 2; SELECT 3",
          "CREATE TABLE a(x); EXPLAIN CREATE TRIGGER t INSERT ON a BEGIN SELECT 1; SELECT 2; END; SELECT 4;",
          "SELECT $a::b(;); SELECT :x; SELECT ?1;SELECT @y", "SELECT 1--\r;2\n;SELECT 3",
          ";;SELECT 1;;;SELECT 2;", "SELECT 'a' /* ' */ ; SELECT \"b\"\"\"", "SELECT 1 /*/;*/; SELECT 2",
          "BEGIN; SELECT 1; END; SELECT 2",
          "CREATE TABLE a(x); CREATE TRIGGER t INSERT ON a BEGIN SELECT 1;/**/END/**/;/**/SELECT 5;"}) {
        const EngineCuts engine = cut_by_sqlite(script);
        EXPECT_EQ(engine.refusal, "") << script;
        EXPECT_EQ(compare_with_sqlite(script, engine), "") << script;
    }
}

TEST(SqliteCuts, are_those_of_the_engine_in_schemas_of_others) {
    if (const std::string missing = corpora_missing(); !missing.empty()) {
        GTEST_SKIP() << missing;
    }
    std::size_t pieces = 0;
    for (const std::string& name : sqlite_schemas()) {
        const std::string script = read_sample(name);
        const EngineCuts engine = cut_by_sqlite(script);
        EXPECT_EQ(compare_with_sqlite(script, engine), "") << name;
        pieces += engine.pieces.size();
    }
    EXPECT_GT(pieces, 1000U);
}

struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
};

class Database {
public:
    Database() {
        sqlite3* opened = nullptr;
        sqlite3_open(":memory:", &opened);
        connection_.reset(opened);
    }
    int run(const std::string& sql) {
        return sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    }
    /// All it answers, as one text.
    std::string ask(const std::string& sql) {
        std::string answer;
        const auto add = [](void* text, int count, char** values, char**) {
            for (int i = 0; i < count; ++i) {
                static_cast<std::string*>(text)->append(values[i] == nullptr ? "-" : values[i]).append(";");
            }
            return 0;
        };
        const int status = sqlite3_exec(connection_.get(), sql.c_str(), add, &answer, nullptr);
        return status == SQLITE_OK ? answer : "error";
    }

private:
    std::unique_ptr<sqlite3, Close> connection_;
};

struct Sample {
    std::string sql;
    std::string probe;  ///< Tells whether it took effect.
};

TransactionFit fit(const std::string& sql) {
    const auto script = migrate::split_script(Dialect::sqlite, sql);
    EXPECT_TRUE(script && script->statements.size() == 1) << sql;
    return script->statements.at(0).fit;
}

/// It takes effect at once, and is undone with the transaction or is a setting of the session alone.
bool fits(const Sample& sample) {
    Database database;
    database.run(
        "CREATE TABLE t(x); INSERT INTO t VALUES (1); CREATE INDEX i ON t(x); ATTACH ':memory:' AS other;"
        "CREATE TABLE other.o(x); CREATE TEMP TABLE s(x)");
    const std::string before = database.ask(sample.probe);
    database.run("BEGIN IMMEDIATE; CREATE TABLE other.p(x)");
    if (database.run(sample.sql) != SQLITE_OK || database.ask(sample.probe) == before) {
        return false;
    }
    const bool attached = sample.probe.find("database_list") != std::string::npos;
    database.run("ROLLBACK");
    return !attached || database.ask(sample.probe) == before;
}

TEST(SqliteFit, says_outside_of_what_the_engine_refuses_ignores_or_does_not_undo) {
    const std::vector<Sample> samples{{"PRAGMA foreign_keys = ON", "PRAGMA foreign_keys"},
                                      {"pragma main.foreign_keys(1)", "PRAGMA foreign_keys"},
                                      {"PRAGMA synchronous = OFF", "PRAGMA synchronous"},
                                      {"PRAGMA temp_store = 2", "PRAGMA temp_store"},
                                      {"PRAGMA wal_checkpoint", "SELECT 1"},
                                      {"VACUUM", "SELECT 1"},
                                      {"ATTACH ':memory:' AS more", "PRAGMA database_list"},
                                      {"DETACH DATABASE other", "PRAGMA database_list"}};
    for (const Sample& sample : samples) {
        EXPECT_EQ(fit(sample.sql), TransactionFit::outside) << sample.sql;
        EXPECT_FALSE(fits(sample)) << sample.sql;
    }
    EXPECT_EQ(fit("PRAGMA journal_mode = WAL"), TransactionFit::outside);
}

TEST(SqliteFit, says_inside_of_what_takes_effect_in_a_transaction) {
    const std::vector<Sample> samples{{"PRAGMA user_version = 7", "PRAGMA user_version"},
                                      {"PRAGMA application_id = 7", "PRAGMA application_id"},
                                      {"PRAGMA defer_foreign_keys = ON", "PRAGMA defer_foreign_keys"},
                                      {"PRAGMA legacy_alter_table = ON", "PRAGMA legacy_alter_table"},
                                      {"PRAGMA recursive_triggers = ON", "PRAGMA recursive_triggers"},
                                      {"ALTER TABLE t ADD COLUMN y", "SELECT sql FROM sqlite_schema"},
                                      {"ANALYZE", "SELECT name FROM sqlite_schema"},
                                      {"DROP TABLE t", "SELECT name FROM sqlite_schema"}};
    for (const Sample& sample : samples) {
        EXPECT_EQ(fit(sample.sql), TransactionFit::inside) << sample.sql;
        EXPECT_TRUE(fits(sample)) << sample.sql;
    }
    EXPECT_EQ(fit("PRAGMA foreign_keys"), TransactionFit::inside);
    EXPECT_EQ(fit("PRAGMA journal_mode"), TransactionFit::inside);
}

TEST(SqliteFit, says_control_of_what_the_engine_calls_a_transaction_statement) {
    for (const std::string sql : {"BEGIN", "begin immediate", "COMMIT", "END TRANSACTION", "ROLLBACK TO a",
                                  "SAVEPOINT a", "RELEASE a"}) {
        EXPECT_EQ(fit(sql), TransactionFit::control) << sql;
    }
}

}  // namespace sqlite_cuts_test
}  // namespace majed::splitting
