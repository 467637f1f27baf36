// SPDX-License-Identifier: Apache-2.0
#include "fuzz/kept_text.h"
#include "fuzz/oracle_rewrite_oracle.h"
#include "fuzz/postgres_oracle.h"
#include "fuzz/postgres_rewrite_oracle.h"
#include "fuzz/script_oracle.h"
#include "fuzz/statement_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace majed::fuzz {
namespace {

std::vector<std::filesystem::path> seeds(const char* name = "seeds") {
    const std::filesystem::path folder = std::filesystem::path(MAJED_PROJECT_ROOT) / "tests/fuzz" / name;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Seeds, are_there) {
    EXPECT_GE(seeds().size(), 20U);
}

TEST(Seeds, keep_what_the_parser_promises) {
    StatementOracle oracle;
    for (const auto& path : seeds()) EXPECT_EQ(oracle.check_parse(content(path)), "") << path.filename();
}

TEST(Seeds, keep_what_the_reader_of_writes_promises) {
    StatementOracle oracle;
    for (const auto& path : seeds()) EXPECT_EQ(oracle.check_write(content(path)), "") << path.filename();
}

TEST(Seeds, keep_what_the_rewriter_promises) {
    StatementOracle oracle;
    for (const auto& path : seeds()) EXPECT_EQ(oracle.check_rewrite(content(path)), "") << path.filename();
}

TEST(Seeds, keep_what_the_cutting_of_scripts_promises) {
    for (const auto& path : seeds()) EXPECT_EQ(check_scripts(content(path)), "") << path.filename();
}

TEST(Seeds, of_postgres_are_read_as_the_server_reads_them) {
    EXPECT_GE(seeds("seeds_postgres").size(), 20U);
    for (const char* folder : {"seeds", "seeds_postgres", "seeds_oracle"}) {
        for (const auto& path : seeds(folder))
            EXPECT_EQ(check_postgres_parse(content(path)), "") << path.filename();
    }
}

TEST(Seeds, of_postgres_are_sent_as_the_rules_have_it) {
    PostgresRewriteOracle oracle;
    for (const char* folder : {"seeds", "seeds_postgres", "seeds_oracle"}) {
        for (const auto& path : seeds(folder)) EXPECT_EQ(oracle.check(content(path)), "") << path.filename();
    }
    EXPECT_GE(oracle.sent(), 100U);
}

TEST(Seeds, of_oracle_are_sent_as_the_rules_have_it) {
    OracleRewriteOracle oracle;
    for (const char* folder : {"seeds", "seeds_postgres", "seeds_oracle"}) {
        for (const auto& path : seeds(folder)) EXPECT_EQ(oracle.check(content(path)), "") << path.filename();
    }
    EXPECT_GE(oracle.sent(), 40U);
}

TEST(Seeds, of_oracle_keep_what_the_parser_promises) {
    EXPECT_GE(seeds("seeds_oracle").size(), 15U);
    for (const char* folder : {"seeds", "seeds_postgres", "seeds_oracle"}) {
        for (const auto& path : seeds(folder))
            EXPECT_EQ(check_oracle_parse(content(path)), "") << path.filename();
    }
}

TEST(KeptText, tells_what_was_put_in_from_what_was_lost) {
    const std::set<std::string> words{"t", "shop", "."};
    EXPECT_TRUE(keeps_text("SELECT  a FROM t -- end", "SELECT  a FROM (SELECT 1) AS t -- end", words));
    EXPECT_TRUE(keeps_text("SELECT shop /* x */ . t.a", "SELECT t.a", words));
    EXPECT_FALSE(keeps_text("SELECT  a FROM t", "SELECT a FROM (SELECT 1) AS t", words)) << "a blank";
    EXPECT_FALSE(keeps_text("SELECT a, b FROM t", "SELECT a FROM (SELECT 1) AS t", words)) << "a column";
    EXPECT_FALSE(keeps_text("SELECT a /* t */ FROM t", "SELECT a FROM t", words)) << "a comment";
}

/// The oracle must be able to say no.
TEST(StatementOracle, tells_a_text_that_only_a_careless_reader_accepts) {
    StatementOracle oracle;
    EXPECT_EQ(oracle.check_parse("SELECT 1 FROM"), "") << "refused by us: nothing to say";
    EXPECT_EQ(oracle.check_rewrite("SELECT word FROM secret"), "") << "refused by us: nothing to say";
}

}  // namespace
}  // namespace majed::fuzz
