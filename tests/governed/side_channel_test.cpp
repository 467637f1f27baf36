// SPDX-License-Identifier: Apache-2.0
// A right guess about a hidden row and a wrong one must have the same outcome on a real PostgreSQL: rows, or the same
// error. For every form of policy, with indexes that let the planner look at the guess before the policy.
#include "corpora/corpus.h"
#include "governed/governed_server.h"

#include <array>
#include <cstdio>

namespace majed::governed {
namespace side_channel_test {

std::string filled(std::string text, const std::string& mark, const std::string& with) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size()))
        text.replace(at, mark.size(), with);
    return text;
}

/// `@` stands for a condition that fails on the row guessed, `v` for the table.
const std::vector<std::string> queries{
    "SELECT id FROM v WHERE @",
    "SELECT id FROM v WHERE dept = 2 AND @",
    "SELECT count(*) FROM v WHERE secret >= 'LEAK' AND secret < 'LEAKz' AND @",
    "SELECT salary FROM v WHERE @ ORDER BY salary LIMIT 5",
    "SELECT count(*) FROM (VALUES (2)) a (d) JOIN v ON v.dept = a.d AND @",
    "SELECT count(*) FROM (VALUES (2)) a (d) LEFT JOIN v ON v.dept = a.d AND @",
    "SELECT count(*) FROM (VALUES (2)) a (d) RIGHT JOIN v ON v.dept = a.d WHERE @",
    "SELECT count(*) FROM (VALUES (2)) a (d) FULL JOIN v ON v.dept = a.d WHERE @",
    "SELECT count(*) FROM v JOIN (VALUES (2)) a (dept) USING (dept) WHERE @",
    "SELECT count(*) FROM v NATURAL JOIN (VALUES (2)) a (dept) WHERE @",
    "SELECT dept, count(*) FROM v GROUP BY dept, salary HAVING @",
    "SELECT dept FROM v GROUP BY dept HAVING bool_or(@)",
    "SELECT CASE WHEN @ THEN 1 END FROM v",
    "SELECT min(salary) FROM v WHERE salary > 777000 AND @",
    "SELECT DISTINCT dept FROM v WHERE @",
    "SELECT DISTINCT ON (dept) id FROM v WHERE @ ORDER BY dept, id",
    "SELECT sum(CASE WHEN @ THEN 1 END) OVER (PARTITION BY dept) FROM v",
    "SELECT count(*) FILTER (WHERE @) FROM v WHERE dept = 2",
    "SELECT x.dept FROM v x JOIN v y ON y.dept = x.dept AND x.salary < y.salary WHERE x.dept = 2 AND "
    "(SELECT @ FROM (SELECT y.salary, y.secret) z) LIMIT 3",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM v WHERE dept = 2 AND @)",
    "SELECT id FROM v WHERE id IN (SELECT id FROM v WHERE dept = 2 AND @)",
    "SELECT id FROM v w WHERE NOT EXISTS (SELECT 1 FROM v WHERE v.id = w.id AND @)",
    "SELECT dept FROM v WHERE dept = 2 ORDER BY CASE WHEN @ THEN 1 END LIMIT 3",
    "SELECT * FROM (SELECT dept, CASE WHEN @ THEN 1 END AS c FROM v) q WHERE dept = 2 AND c IS NULL",
    "SELECT * FROM (SELECT dept, @ AS c FROM v OFFSET 0) q WHERE c",
    "SELECT dept FROM v WHERE dept = 2 AND @ UNION SELECT 1",
    "SELECT q.c FROM v, LATERAL (SELECT @ AS c) q WHERE q.c",
    "SELECT count(*) FROM v, LATERAL (SELECT 1 WHERE @) q",
    "SELECT count(*) FROM v, generate_series(1, CASE WHEN @ THEN 1 ELSE 1 END) g",
    "WITH q AS (SELECT dept, @ AS c FROM v) SELECT count(*) FROM q WHERE c",
    "WITH q AS MATERIALIZED (SELECT id, dept, salary, secret FROM v WHERE @) SELECT count(*) FROM q",
    "SELECT count(v) FROM v WHERE @",
    "SELECT row_to_json(v) FROM v WHERE @ AND id < 5",
    "SELECT (SELECT count(*) FROM (SELECT v.*) z) FROM v WHERE @ AND id < 5",
    "SELECT id FROM v ORDER BY @ LIMIT 1",
    "SELECT array_agg(id ORDER BY @) FROM v WHERE dept = 1",
    "SELECT * FROM v WHERE @ AND id < 5",
    "SELECT v.*, w.id FROM v JOIN v w ON w.id = v.id WHERE @ AND v.id < 5",
    "SELECT count(*) FROM ((SELECT salary, secret FROM v) UNION ALL (SELECT 1, 'x')) v (salary, secret) "
    "WHERE @",
    "SELECT rank() OVER w FROM v WINDOW w AS (ORDER BY CASE WHEN @ THEN 1 END)",
};

/// `#` stands for the guess about a salary; each is true or fails.
const std::vector<std::string> conditions{
    "1 / (salary - #) < 2",
    "CASE WHEN salary = # THEN 1 / (salary - salary) ELSE 1 END = 1",
    "(secret || CASE WHEN salary = # THEN 'x' ELSE '1' END)::text <> '' AND "
    "(CASE WHEN salary = # THEN 'x' ELSE '1' END)::int = 1",
    "(CASE WHEN salary = # THEN '{' ELSE '{}' END)::jsonb IS NOT NULL",
    "secret ~ (CASE WHEN salary = # THEN '(' ELSE '.' END)",
    "sqrt(CASE WHEN salary = # THEN -1 ELSE 1 END) = 1",
    "(SELECT count(*) FROM generate_series(1, CASE WHEN salary = # THEN 1 / (salary - salary) ELSE 1 END)) = "
    "1",
    "to_date(CASE WHEN salary = # THEN 'x' ELSE '2020' END, 'YYYY') IS NOT NULL",
    "repeat('x', CASE WHEN salary = # THEN 2000000000 ELSE 1 END) <> ''",
    "(SELECT 1 FROM (VALUES (1), (2)) t (n) WHERE salary = # OR n = 1) = 1",
};

/// Under sanitizers a part of all pairs, in which every query and every condition is.
constexpr std::size_t step = corpora::corpus_parts == 1 ? 1 : 7;

constexpr std::array tables{"e AS v", "(SELECT * FROM e) AS v",
                            "(SELECT id, region, salary, secret, dept FROM e WHERE id > 0 ORDER BY id) AS v"};

constexpr std::array forms{"region = 'EU'",
                           "region = :user.region",
                           "region IN (:user.regions)",
                           "EXISTS (SELECT 1 FROM acl WHERE acl.region = e.region)",
                           "region IN (SELECT region FROM acl)",
                           "upper(region) = 'EU' AND abs(id) > 0"};

/// The query number `number` with its condition; the table stands as `table`.
std::string statement(std::size_t number, const std::string& table) {
    std::string query = filled(queries[number / conditions.size()], "FROM v", "FROM " + table);
    query = filled(query, "JOIN v ", "JOIN " + table + " ");
    for (const char* const other : {"w", "x", "y"}) {
        query = filled(query, std::string("AS v ") + other, std::string("AS ") + other);
    }
    return filled(query, "@", conditions[number % conditions.size()]);
}

const std::vector<std::string> script{
    "CREATE TABLE e (id int PRIMARY KEY, region text, salary int, secret text, dept int)",
    "CREATE TABLE acl (region text)",
    "INSERT INTO acl VALUES ('EU')",
    "INSERT INTO e SELECT n, CASE n % 2 WHEN 0 THEN 'US' ELSE 'EU' END, CASE n % 2 WHEN 0 THEN 777000 ELSE "
    "1000 END + "
    "n, CASE n % 2 WHEN 0 THEN 'LEAK' ELSE 'vis' END || n, n % 4 FROM generate_series(1, 200) n",
    "CREATE INDEX ON e (secret)",
    "CREATE INDEX ON e (dept, salary)",
    "CREATE INDEX ON e (salary)",
    "ANALYZE e",
    "ANALYZE acl"};

std::shared_ptr<const policy::PolicySet> rules_with(const char* rows) {
    auto rules = policy::PolicySet::create(
        {{"", "e", {policy::Role::normal, policy::Role::admin}, rows, {}, "t"}}, {});
    EXPECT_TRUE(rules) << rules.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(rules));
}

class SideChannel : public OnServer {};
class SideChannelOf : public SideChannel, public testing::WithParamInterface<std::size_t> {};

TEST_P(SideChannelOf, tells_a_right_guess_from_a_wrong_one_by_nothing) {
    GovernedSchema shop(server(), script, rules_with(forms.at(GetParam())));
    ASSERT_EQ(shop.error(), "");
    const Attributes who{{"region", {"EU"}}, {"regions", {"EU", "DE"}}};
    std::size_t answered = 0;
    std::size_t pairs = 0;
    std::string refusals;
    for (std::size_t i = 0; i < queries.size() * conditions.size(); i += step) {
        const std::string text = statement(i, tables.at((i + GetParam()) % tables.size()));
        const Answer right = shop.run(who, filled(text, "#", "777002"));
        const Answer wrong = shop.run(who, filled(text, "#", "123"));
        ++pairs;
        answered += wrong.error ? 0U : 1U;
        if (wrong.error && refusals.size() < 2000) refusals += "  " + wrong.text() + " :: " + text + "\n";
        EXPECT_EQ(right.text(), wrong.text()) << text << "\n"
                                              << shop.rewritten(who, filled(text, "#", "777002"));
        EXPECT_EQ(right.text().find("LEAK"), std::string::npos) << text;
    }
    std::printf("side channels, %s: %zu pairs, %zu answered\n", forms.at(GetParam()), pairs, answered);
    EXPECT_GT(answered * 10, pairs * 8) << refusals;
}

/// What the guesses above are worth: the same rule as a plain subquery does tell.
TEST_F(SideChannel, is_wide_open_without_a_guard) {
    GovernedSchema shop(server(), script, rules_with("*"));
    ASSERT_EQ(shop.error(), "");
    std::size_t told = 0;
    for (std::size_t i = 0; i < queries.size() * conditions.size(); i += step) {
        const std::string text = statement(
            i, "(SELECT * FROM e b WHERE EXISTS (SELECT 1 FROM acl WHERE acl.region = b.region)) AS v");
        const std::string right = shop.plain("shop", filled(text, "#", "777002")).text();
        told += right != shop.plain("shop", filled(text, "#", "123")).text() ? 1U : 0U;
    }
    std::printf("side channels without a guard: %zu guesses tell\n", told);
    EXPECT_GT(told, 100U / step);
}

INSTANTIATE_TEST_SUITE_P(Forms, SideChannelOf, testing::Range<std::size_t>(0, forms.size()));

}  // namespace side_channel_test
}  // namespace majed::governed
