// SPDX-License-Identifier: Apache-2.0
// Our cuts against those of psql, and what the server refuses in a transaction.
#include "migrate/script.h"
#include "splitting/postgres_judge.h"
#include "splitting/sample_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace majed::splitting {
namespace postgres_cuts_test {

using migrate::Dialect;
using migrate::TransactionFit;

class RandomScript {
public:
    explicit RandomScript(unsigned seed) : random_(seed) {}

    std::string make() {
        std::string script = "CREATE TEMP TABLE rows (a text);\n" + gap();
        for (std::size_t i = 0, count = 3 + below(8); i < count; ++i) {
            script += below(6) == 0 ? copy() : statement() + gap() + (below(9) == 0 ? ";;" : ";");
            script += gap();
        }
        return script;
    }

private:
    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
    }

    template <std::size_t N>
    std::string one_of(const std::string_view (&texts)[N]) {
        return std::string(texts[below(N)]);
    }

    std::string gap() {
        static constexpr std::string_view gaps[] = {
            " ",      "\n",         "\t",  " /* ; ' \" $$ */ ", "-- end; begin '\n", " /* /* ; */ ' */ ",
            " /**/ ", " /*/ ; */ ", "--\n"};
        std::string text;
        for (std::size_t i = 0, count = 1 + below(2); i < count; ++i) text += one_of(gaps);
        return text;
    }

    /// psql, which reads by lines, forgets the E of a literal that goes on in the next one; the server does not, nor do we.
    std::string value() {
        static constexpr std::string_view values[] = {"1",
                                                      "';'",
                                                      "'it''s; \\'",
                                                      "E'a\\';'",
                                                      "e'\\\\'",
                                                      "$$;'$$",
                                                      "$a$ $$;$b$ $a$",
                                                      "U&'\\0041;'",
                                                      "\"a;\"\"'\"",
                                                      "U&\"d;\"",
                                                      "B'1'",
                                                      "x'1f'",
                                                      "N';'",
                                                      "(SELECT ';')",
                                                      "CASE WHEN true THEN ';' END",
                                                      "a$b$",
                                                      "4 */*;*/ 2",
                                                      "1 +-- ;\n 2",
                                                      "$1",
                                                      "array[1;2]",
                                                      "(1;2)",
                                                      "'/*'",
                                                      "'--'",
                                                      "a::text",
                                                      "1.5e-3",
                                                      "@-1",
                                                      "'{\"a\": 1}'::jsonb ->> 'a'",
                                                      "atomic",
                                                      "begin_",
                                                      "\xC3\xA9$a$"};
        return one_of(values);
    }

    std::string words(std::initializer_list<std::string> parts) {
        std::string text;
        for (const std::string& part : parts) text += (text.empty() ? "" : gap()) + part;
        return text;
    }

    std::string statement() {
        switch (below(7)) {
            case 0:
                return words({"INSERT", "INTO", "rows", "VALUES", "(", value(), ")"});
            case 1:
                return words({"CREATE", "RULE", "r", "AS", "ON", "INSERT", "TO", "rows", "DO", "(", "SELECT",
                              value(), ";", "SELECT", value(), ")"});
            case 2:
                return function();
            case 3:
                return words({"DO", "$x$", "BEGIN", "NULL;", "END;", "$x$"});
            case 4:
                return words({"COPY", "rows", "FROM", "'/nowhere'"});
            default:
                return words({"SELECT", value(), ",", value()});
        }
    }

    /// psql takes a label that is called `end` for the END of the body: none is made here.
    std::string function() {
        static constexpr std::string_view kinds[] = {"FUNCTION", "PROCEDURE", "function"};
        std::string text = words({"CREATE", below(2) == 0 ? "OR" + gap() + "REPLACE" : "", one_of(kinds), "f",
                                  "(", "a", "int", ")", "LANGUAGE", "SQL", "BEGIN", "ATOMIC"});
        for (std::size_t i = 0, count = below(3); i < count; ++i) {
            text += gap() + words({"SELECT", "CASE", "WHEN",  "true", "THEN", "CASE", "a", "WHEN",
                                   "1",      "THEN", value(), "END",  "END",  "+",    "(", "CASE",
                                   "WHEN",   "true", "THEN",  "1",    "END",  ")",    ";"});
        }
        return text + gap() + "END";
    }

    std::string copy() {
        static constexpr std::string_view heads[] = {"COPY rows FROM STDIN;\n",
                                                     "copy \"rows\" (a) from stdin WITH (FORMAT csv);\n",
                                                     "COPY rows /* ; */ FROM\nstdin; -- rows\n"};
        static constexpr std::string_view rows[] = {"", "a;\n", "it's\n--\n", "/*\n", "$$\nSELECT 1;\n"};
        return one_of(heads) + one_of(rows) + "\\.\n";
    }

    std::mt19937 random_;
};

/// psql drops empty lines wherever they stand.
std::string without_empty_lines(std::string_view text) {
    std::string lines;
    for (const char c : text) {
        if (c != '\n' || !lines.ends_with('\n')) lines += c;
    }
    return lines;
}

bool is_empty(std::string_view text) {
    const auto script = migrate::split_script(Dialect::postgresql, text);
    return script && script->statements.empty();
}

/// psql sends the end mark as well, and not always the comments before a statement: compared from the first token on.
std::string compare(std::string_view script, std::vector<std::string> sent) {
    const auto ours = migrate::split_script(Dialect::postgresql, script);
    if (!ours) {
        return "we refuse: " + ours.error().message;
    }
    std::erase_if(sent, is_empty);
    for (std::size_t i = 0; i < std::min(sent.size(), ours->statements.size()); ++i) {
        const migrate::ScriptStatement& statement = ours->statements[i];
        std::size_t skipped = 0;
        while (script.substr(statement.offset - skipped, statement.text.size()) != statement.text) ++skipped;
        const std::string tokens = without_empty_lines(std::string_view(statement.text).substr(skipped));
        const std::string theirs = without_empty_lines(sent[i]);
        const std::size_t end = theirs.rfind(tokens);
        if (end == std::string::npos || !is_empty(theirs.substr(0, end)) ||
            !is_empty(theirs.substr(end + tokens.size()))) {
            return "statement " + std::to_string(i) + " is ours: " + statement.text + "\npsql's: " + theirs;
        }
    }
    return sent.size() == ours->statements.size() ? ""
                                                  : "we cut " + std::to_string(ours->statements.size()) +
                                                        ", psql " + std::to_string(sent.size());
}

TEST(PostgresCuts, are_those_of_psql_in_goldens_and_generated_scripts) {
    if (const std::string missing = PostgresJudge::missing(); !missing.empty()) {
        GTEST_SKIP() << missing;
    }
    auto judge = PostgresJudge::start();
    ASSERT_TRUE(judge) << judge.error().message << judge.error().hint;
    // psql takes its time, and is not what the sanitizers watch.
#if defined(MAJED_SANITIZED)
    constexpr unsigned generated = 20;
#else
    constexpr unsigned generated = 120;
#endif
    std::map<std::string, std::string> scripts;
    for (unsigned seed = 0; seed < generated; ++seed) {
        scripts["generated" + std::to_string(seed)] = RandomScript(seed).make();
    }
    if (corpora_missing().empty()) {
        for (const std::string name :
             {"16_begin_atomic", "17_paren", "18_pg_expr", "2.pg", "15_dollar_quote"}) {
            scripts["atlas_" + name] = read_sample("splitting/atlas_" + name + ".sql");
        }
    }
    for (const auto& [name, script] : scripts) {
        ASSERT_TRUE((*judge)->run(name, script)) << name;
    }
    std::map<std::string, Seen> verdict = (*judge)->verdict();
    std::size_t statements = 0;
    for (const auto& [name, script] : scripts) {
        EXPECT_EQ(compare(script, verdict[name].statements), "") << name << "\n" << script;
        statements += verdict[name].statements.size();
    }
    EXPECT_GT(statements, 5 * generated);
}

TransactionFit fit(const std::string& sql) {
    const auto script = migrate::split_script(Dialect::postgresql, sql);
    EXPECT_TRUE(script && script->statements.size() == 1) << sql;
    return script->statements.at(0).fit;
}

constexpr std::string_view world =
    "CREATE TABLE t (a int PRIMARY KEY); CREATE INDEX i ON t (a); CREATE TYPE mood AS ENUM ('ok');"
    "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE c PARTITION OF p FOR VALUES FROM (1) TO (2);"
    "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a; CREATE UNIQUE INDEX mi ON m (a); CREATE DATABASE other;"
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 dbname=x' PUBLICATION p WITH (connect = false);"
    "ALTER SUBSCRIPTION s ENABLE;";

const std::vector<std::string> outside{
    "CREATE DATABASE d",
    "DROP DATABASE other",
    "CREATE TABLESPACE x LOCATION '/tmp'",
    "DROP TABLESPACE x",
    "ALTER DATABASE other SET TABLESPACE pg_default",
    "CREATE SUBSCRIPTION z CONNECTION 'port=1' PUBLICATION p",
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
    "ALTER SUBSCRIPTION s SET PUBLICATION q",
    "DROP SUBSCRIPTION s",
    "ALTER SYSTEM SET work_mem = '5MB'",
    "ALTER SYSTEM RESET ALL",
    "CREATE INDEX CONCURRENTLY j ON t (a)",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS j ON t (a)",
    "DROP INDEX CONCURRENTLY i",
    "REINDEX SCHEMA public",
    "REINDEX (VERBOSE) DATABASE majed_test",
    "REINDEX SYSTEM majed_test",
    "REINDEX TABLE CONCURRENTLY t",
    "REINDEX (CONCURRENTLY) INDEX i",
    "VACUUM",
    "VACUUM FULL t",
    "CLUSTER",
    "CLUSTER VERBOSE",
    "DISCARD ALL",
    "ALTER TABLE IF EXISTS ONLY public.p DETACH PARTITION public.c CONCURRENTLY"};

const std::vector<std::string> inside{"REFRESH MATERIALIZED VIEW CONCURRENTLY m",
                                      "ALTER TYPE mood ADD VALUE 'bad'",
                                      "LISTEN x",
                                      "NOTIFY x",
                                      "CLUSTER t USING i",
                                      "CLUSTER VERBOSE t USING i",
                                      "REINDEX TABLE t",
                                      "CREATE INDEX concurrently_j ON t (a)",
                                      "DROP INDEX i",
                                      "ANALYZE t",
                                      "DISCARD PLANS",
                                      "ALTER DATABASE other SET work_mem = '5MB'",
                                      "ALTER TABLE p DETACH PARTITION c",
                                      "CREATE PUBLICATION q FOR ALL TABLES",
                                      "SET CONSTRAINTS ALL DEFERRED",
                                      "SET LOCAL work_mem = '5MB'",
                                      "SET SESSION AUTHORIZATION DEFAULT",
                                      "CHECKPOINT",
                                      "PREPARE transaction_ AS SELECT 1",
                                      "LOCK TABLE t",
                                      "DO $$ BEGIN NULL; END $$",
                                      "TRUNCATE t"};

TEST(PostgresFit, says_outside_of_what_the_server_refuses_in_a_transaction_and_of_nothing_else) {
    for (const std::string& sql : outside) EXPECT_EQ(fit(sql), TransactionFit::outside) << sql;
    for (const std::string& sql : inside) EXPECT_EQ(fit(sql), TransactionFit::inside) << sql;
    EXPECT_EQ(fit("CLUSTER (VERBOSE)"), TransactionFit::outside) << "which PostgreSQL knows since 17";
    if (const std::string missing = PostgresJudge::missing(); !missing.empty()) {
        GTEST_SKIP() << missing;
    }
    auto judge = PostgresJudge::start();
    ASSERT_TRUE(judge) << judge.error().message << judge.error().hint;
    std::string made(world);
    std::replace(made.begin(), made.end(), ';', '\n');
    std::string lines;
    for (const char c : made) lines += c == '\n' ? ";\n" : std::string(1, c);
    // A subscription that names a slot is what a real one is.
    lines.insert(lines.find("ALTER SUBSCRIPTION s ENABLE"), "ALTER SUBSCRIPTION s SET (slot_name = 's');\n");
    ASSERT_TRUE((*judge)->run("world", lines));
    for (std::size_t i = 0; i < outside.size(); ++i) {
        ASSERT_TRUE((*judge)->run("outside" + std::to_string(i), "BEGIN;\n" + outside[i] + ";\nROLLBACK;\n"));
    }
    for (std::size_t i = 0; i < inside.size(); ++i) {
        ASSERT_TRUE((*judge)->run("inside" + std::to_string(i), "BEGIN;\n" + inside[i] + ";\nROLLBACK;\n"));
    }
    std::map<std::string, Seen> verdict = (*judge)->verdict();
    EXPECT_EQ(verdict["world"].states, std::vector<std::string>{});
    for (std::size_t i = 0; i < outside.size(); ++i) {
        EXPECT_EQ(verdict["outside" + std::to_string(i)].states, std::vector<std::string>{"25001"})
            << outside[i];
    }
    for (std::size_t i = 0; i < inside.size(); ++i) {
        EXPECT_EQ(verdict["inside" + std::to_string(i)].states, std::vector<std::string>{}) << inside[i];
        EXPECT_EQ(verdict["inside" + std::to_string(i)].statements.size(), 3U) << inside[i];
    }
}

TEST(PostgresFit, says_control_of_what_would_end_or_change_the_transaction) {
    for (const std::string sql :
         {"BEGIN", "START TRANSACTION", "COMMIT", "END", "ROLLBACK TO a", "ABORT", "SAVEPOINT a", "RELEASE a",
          "PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "SET TRANSACTION READ ONLY",
          "SET LOCAL TRANSACTION READ ONLY", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
          "SET transaction_read_only = on"}) {
        EXPECT_EQ(fit(sql), TransactionFit::control) << sql;
    }
}

}  // namespace postgres_cuts_test
}  // namespace majed::splitting
