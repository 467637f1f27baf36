// SPDX-License-Identifier: Apache-2.0
// The golden cases, and scripts put together from statements that engines and grammars took for one each.
#include "migrate/script.h"
#include "splitting/sample_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace majed::splitting {
namespace golden_test {

using migrate::Dialect;
using migrate::Script;

std::string without_mark(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n;");
    return std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

/// The golden files keep the `;` and leave leading comments behind; our statements come without the end mark and with
/// their comments, which the database may as well keep. So both are compared without mark, from the first token on.
void compare(Dialect dialect, const std::string& script, const std::vector<std::string>& golden) {
    const auto ours = migrate::split_script(dialect, script);
    ASSERT_TRUE(ours) << ours.error().message << " at " << *ours.error().offset;
    ASSERT_EQ(ours->statements.size(), golden.size());
    for (std::size_t i = 0; i < golden.size(); ++i) {
        const std::string expected = without_mark(golden[i]);
        const std::string& text = ours->statements[i].text;
        EXPECT_TRUE(without_mark(text).ends_with(expected)) << text << "\n--- golden\n" << expected;
        EXPECT_EQ(script.compare(ours->statements[i].offset, expected.size(), expected), 0) << expected;
    }
}

void compare(Dialect dialect, std::string_view name) {
    SCOPED_TRACE(name);
    const std::string script = read_sample("splitting/" + std::string(name));
    ASSERT_FALSE(script.empty());
    compare(dialect, script, read_golden(name));
}

/// `#` begins a comment on MySQL, whose scripts these are, and nowhere here.
std::string with_our_comments(std::string script) {
    for (std::size_t at = script.find('#'); at != std::string::npos; at = script.find('#', at)) {
        script.replace(at, 1, "--");
    }
    return script;
}

class Goldens : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string missing = corpora_missing(); !missing.empty()) {
            GTEST_SKIP() << missing;
        }
    }
};

TEST_F(Goldens, of_every_engine_are_cut_alike) {
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql, Dialect::oracle}) {
        compare(dialect, "atlas_1.sql");
    }
}

TEST_F(Goldens, of_sqlite_are_cut_as_they_say) {
    compare(Dialect::sqlite, "atlas_1_trigger.sql");
}

TEST_F(Goldens, of_postgresql_are_cut_as_they_say) {
    for (const std::string_view name :
         {"atlas_16_begin_atomic.sql", "atlas_17_paren.sql", "atlas_18_pg_expr.sql", "atlas_2.pg.sql"}) {
        compare(Dialect::postgresql, name);
    }
}

TEST_F(Goldens, with_comments_of_mysql_are_cut_as_they_say_with_comments_of_ours) {
    const std::string script = with_our_comments(read_sample("splitting/atlas_6_skip_comment.sql"));
    std::vector<std::string> golden = read_golden("atlas_6_skip_comment.sql");
    for (std::string& piece : golden) {
        piece = with_our_comments(piece);
    }
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql, Dialect::oracle}) {
        compare(dialect, script, golden);
    }
    std::string dollars = read_sample("splitting/atlas_15_dollar_quote.sql");
    dollars.replace(dollars.find("# Shorter"), 1, "--");
    compare(Dialect::postgresql, dollars, read_golden("atlas_15_dollar_quote.sql"));
}

/// MySQL's DELIMITER is a command of its client. Its blocks are held to the rules of Oracle, whose they are nearest to:
/// what the golden file has for one statement stays one, with a `/` behind each unit.
TEST_F(Goldens, with_blocks_of_mysql_stay_whole_as_blocks_of_oracle) {
    const std::vector<std::string> golden = read_golden("atlas_2_function.sql");
    std::string script;
    std::size_t units = 0;
    for (const std::string& piece : golden) {
        std::string head = piece.substr(0, 14);
        for (char& c : head) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const bool unit = head.starts_with("create trigger") || head.starts_with("create proce") ||
                          head.starts_with("create functi");
        units += unit ? 1U : 0U;
        script += unit ? piece + "\n/\n" : piece + '\n';
    }
    EXPECT_EQ(units, 9U);
    compare(Dialect::oracle, script, golden);
}

struct Figures {
    std::size_t whole = 0;
    std::size_t several = 0;  ///< Not one statement after all: each piece begins as statements do.
    std::string torn;
};

bool begins_as_statements_do(std::string_view text) {
    static const std::set<std::string_view> words{"begin",  "select",  "insert", "rollback", "savepoint",
                                                  "commit", "start",   "create", "drop",     "declare",
                                                  "alter",  "comment", "grant"};
    const std::size_t first = text.find_first_not_of(" \r\n\t");
    const std::size_t last = text.find_first_of(" \r\n\t;", first);
    std::string word(text.substr(first, last == std::string_view::npos ? last : last - first));
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return words.contains(word);
}

/// What others hold to be one statement each: none is torn.
Figures one_by_one(Dialect dialect, std::string_view corpus, const char* accepted) {
    Figures figures;
    for (const std::string& sql : read_statements(corpus, accepted)) {
        const auto script = migrate::split_script(dialect, sql);
        if (!script) {
            figures.torn += "refused (" + script.error().message + "): " + sql.substr(0, 80) + "\n";
        } else if (script->statements.size() == 1) {
            ++figures.whole;
        } else if (std::all_of(script->statements.begin(), script->statements.end(),
                               [](const auto& s) { return begins_as_statements_do(s.text); })) {
            ++figures.several;
        } else {
            figures.torn += "cut in " + std::to_string(script->statements.size()) + ": " + sql + "\n";
        }
    }
    return figures;
}

/// `refused` are those that we refuse, and the engine does not, because the contract says so.
void expect_whole(Dialect dialect, std::string_view corpus, const char* accepted, std::string_view refused) {
    const Figures figures = one_by_one(dialect, corpus, accepted);
    EXPECT_GT(figures.whole, 5000U) << corpus;
    EXPECT_LE(figures.several, 20U) << corpus;
    EXPECT_EQ(figures.torn, refused) << corpus;
}

TEST_F(Goldens, and_statements_that_sqlite_took_for_one_are_not_torn) {
    expect_whole(Dialect::sqlite, "sqlite", "sqlite_ok", "");
    expect_whole(Dialect::sqlite, "sqlite_sqllogic", "sqlite_ok", "");
    expect_whole(Dialect::sqlite, "sqlite_testsuite", "sqlite_ok",
                 "refused (a comment does not end): select 123/*abc\n");
}

/// psql's `\;` puts several into one message: they are in this corpus as one.
TEST_F(Goldens, and_statements_that_postgresql_took_for_one_are_not_torn) {
    expect_whole(Dialect::postgresql, "postgres", "pg_ok", "");
}

TEST_F(Goldens, and_statements_that_a_grammar_of_oracle_took_for_one_are_not_torn) {
    const Figures figures = one_by_one(Dialect::oracle, "oracle", "antlr_ok");
    EXPECT_GT(figures.whole, 7000U);
    EXPECT_LE(figures.several, 20U);
    // Two blocks whose file has no `;` behind END, which Oracle itself would refuse.
    EXPECT_EQ(figures.torn.find("cut in"), std::string::npos) << figures.torn;
    std::size_t refusals = 0;
    for (std::size_t at = figures.torn.find("refused ("); at != std::string::npos;
         at = figures.torn.find("refused (", at + 1)) {
        EXPECT_TRUE(figures.torn.substr(at).starts_with("refused (a block does not end with `END;`)"));
        ++refusals;
    }
    EXPECT_EQ(refusals, 2U) << figures.torn;
}

}  // namespace golden_test
}  // namespace majed::splitting
