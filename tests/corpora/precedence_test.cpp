// SPDX-License-Identifier: Apache-2.0
// Operators bind as SQLite binds them: with every expression put in parentheses as our tree says, the engine must
// compile the same program.
#include "corpora/engine.h"
#include "sql/parser.h"
#include "sql/tree_walk.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace majed::corpora {
namespace precedence_test {

/// Where parentheses go: at each offset, how many to open and to close.
struct Parentheses {
    void select(const sql::Select&) {}
    void from_item(const sql::FromItem&) {}
    void result(const sql::ResultColumn&) {}
    void expr(const sql::Expr& expr) {
        if (expr.kind == sql::ExprKind::literal || expr.kind == sql::ExprKind::column) return;
        ++opened[expr.span.begin];
        ++closed[expr.span.end];
    }
    std::map<std::size_t, int> opened;
    std::map<std::size_t, int> closed;
};

/// `text` with parentheses around every expression of its tree; empty when it does not parse.
std::string with_parentheses(const std::string& text) {
    sql::Parser parser;
    const auto select = parser.parse(text);
    if (!select) return {};
    Parentheses places;
    sql::TreeWalk(places).select(*select);
    std::string out;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (places.closed.contains(i)) out.append(static_cast<std::size_t>(places.closed[i]), ')');
        if (places.opened.contains(i)) out.append(static_cast<std::size_t>(places.opened[i]), '(');
        if (i < text.size()) out += text[i];
    }
    return out;
}

const std::vector<std::string> infixes{"OR",
                                       "AND",
                                       "=",
                                       "==",
                                       "<>",
                                       "!=",
                                       "IS",
                                       "IS NOT",
                                       "IS DISTINCT FROM",
                                       "IS NOT DISTINCT FROM",
                                       "<",
                                       "<=",
                                       ">",
                                       ">=",
                                       "&",
                                       "|",
                                       "<<",
                                       ">>",
                                       "+",
                                       "-",
                                       "*",
                                       "/",
                                       "%",
                                       "||",
                                       "->",
                                       "->>",
                                       "LIKE",
                                       "NOT LIKE",
                                       "GLOB",
                                       "BETWEEN 5 AND",
                                       "NOT BETWEEN 5 AND",
                                       "LIKE 'x' ESCAPE"};
const std::vector<std::string> prefixes{"", "NOT ", "- ", "~ ", "+ "};
const std::vector<std::string> postfixes{
    "", " ISNULL", " NOTNULL", " NOT NULL", " COLLATE nocase", " IN (1, 2)", " NOT IN (a, b)"};

/// Sanitizers watch the code, which a part of the expressions reaches as all of them do. No loop's length has this divisor.
#if defined(MAJED_SANITIZED)
constexpr std::size_t parts = 13;
#else
constexpr std::size_t parts = 1;
#endif

class Precedence : public testing::Test {
protected:
    void expect_same_program(const std::string& expression) {
        if (++made_ % parts != 0) return;
        const std::string text = "SELECT " + expression + " FROM t";
        const std::string program = engine_.program(text);
        const std::string explicit_text = with_parentheses(text);
        ASSERT_EQ(program.empty(), explicit_text.empty()) << text;
        ASSERT_EQ(program, engine_.program(explicit_text)) << text << "\n" << explicit_text;
        if (!program.empty()) ++compared_;
    }

    Engine engine_{"CREATE TABLE t(a, b, c, d)"};
    std::size_t made_ = 0;
    std::size_t compared_ = 0;
};

TEST_F(Precedence, of_every_pair_of_infix_operators_is_the_engines) {
    for (const std::string& first : infixes) {
        for (const std::string& second : infixes) {
            for (const std::string& prefix : prefixes) {
                expect_same_program(prefix + "a " + first + " b " + second + " c");
                expect_same_program("a " + first + " " + prefix + "b " + second + " c");
                if (HasFatalFailure()) return;
            }
        }
    }
    EXPECT_GT(compared_, 9000U / parts);
}

TEST_F(Precedence, of_postfix_operators_is_the_engines) {
    for (const std::string& infix : infixes) {
        for (const std::string& prefix : prefixes) {
            for (const std::string& first : postfixes) {
                for (const std::string& second : postfixes) {
                    expect_same_program(prefix + "a" + first + " " + infix + " b" + second);
                    expect_same_program("a " + infix + " " + prefix + "b" + first + second);
                    if (HasFatalFailure()) return;
                }
            }
        }
    }
    EXPECT_GT(compared_, 14000U / parts);
}

TEST_F(Precedence, of_triples_of_operators_is_the_engines) {
    const std::vector<std::string> levels{"OR",   "AND",           "=",     "<", "&", "+", "*", "||",
                                          "LIKE", "BETWEEN 5 AND", "IS NOT"};
    for (const std::string& first : levels) {
        for (const std::string& second : levels) {
            for (const std::string& third : levels) {
                expect_same_program("a " + first + " b " + second + " c " + third + " d");
                expect_same_program("a " + first + " NOT b " + second + " c " + third + " d");
                if (HasFatalFailure()) return;
            }
        }
    }
}

}  // namespace precedence_test
}  // namespace majed::corpora
