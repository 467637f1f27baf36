// SPDX-License-Identifier: Apache-2.0
// A right guess about a hidden row and a wrong one must have the same outcome: rows, or the same error. For every
// form of policy, with indexes that let the engine look at the guess before the policy.
#include "corpora/governed_file.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace majed::corpora {
namespace side_channel_test {

std::string filled(std::string text, const std::string& mark, const std::string& with) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size())) {
        text.replace(at, mark.size(), with);
    }
    return text;
}

struct Guess {
    const char* query;      ///< `@` stands for the condition.
    const char* condition;  ///< `#` stands for the guess, BOOM for what raises an error.
    const char* right;
    const char* wrong;
};

// E3 .. E17 as measured on the engine without a guard; `v` is the table.
const std::vector<Guess> guesses{
    {"SELECT secret FROM v WHERE secret >= 'LEAK' AND secret < 'LEAKz' AND @", "(secret <> '#' OR BOOM)",
     "LEAK2", "LEAKx"},
    {"SELECT dept FROM v WHERE dept = 2 AND @", "CASE WHEN salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT count(*) FROM v WHERE @", "(secret <> '#' OR BOOM)", "LEAK2", "LEAKx"},
    {"SELECT salary FROM v WHERE @ ORDER BY salary LIMIT 5", "(salary <> # OR BOOM)", "777002", "123"},
    {"SELECT count(*) FROM (VALUES(2)) a JOIN v ON v.dept = a.column1 AND @",
     "CASE WHEN v.salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT count(*) FROM (VALUES(2)) a LEFT JOIN v ON v.dept = a.column1 AND @",
     "CASE WHEN v.salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT count(*) FROM v WHERE (dept = 2 OR salary = 5) AND @",
     "CASE WHEN salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT dept, count(*) FROM v GROUP BY dept HAVING max(CASE WHEN @ THEN 1 END)", "salary = # AND BOOM",
     "777002", "123"},
    {"SELECT CASE WHEN @ THEN 1 END FROM v", "salary = # AND BOOM", "777002", "123"},
    {"SELECT min(salary) FROM v WHERE salary > 777000 AND @", "(salary <> # OR BOOM)", "777002", "123"},
    {"SELECT max(salary) FROM v WHERE @", "(salary <> # OR BOOM)", "777002", "123"},
    {"SELECT DISTINCT dept FROM v WHERE @", "(salary <> # OR BOOM)", "777002", "123"},
    {"SELECT sum(CASE WHEN @ THEN 1 END) OVER (PARTITION BY dept) FROM v", "salary = # AND BOOM", "777002",
     "123"},
    {"SELECT count(*) FILTER (WHERE @) FROM v WHERE dept = 2", "salary = # AND BOOM", "777002", "123"},
    {"SELECT x.dept FROM v x JOIN v y ON y.dept = x.dept AND x.salary < y.salary WHERE x.dept = 2 AND @ "
     "LIMIT 3",
     "CASE WHEN y.salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT 1 WHERE EXISTS (SELECT 1 FROM v WHERE dept = 2 AND @)",
     "CASE WHEN salary = # THEN BOOM ELSE 0 END", "777002", "123"},
    {"SELECT id FROM v WHERE id IN (SELECT id FROM v WHERE dept = 2 AND @)",
     "CASE WHEN salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT dept FROM v WHERE dept = 2 ORDER BY CASE WHEN @ THEN 1 END LIMIT 3", "salary = # AND BOOM",
     "777002", "123"},
    {"SELECT * FROM (SELECT dept, CASE WHEN @ THEN 1 END AS c FROM v) WHERE dept = 2 AND c IS NULL",
     "salary = # AND BOOM", "777002", "123"},
    {"SELECT count(*) FROM v NATURAL JOIN (SELECT 2 AS dept) WHERE @",
     "CASE WHEN salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT count(*) FROM v JOIN (SELECT 2 AS dept) USING (dept) WHERE @",
     "CASE WHEN salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT count(*) FROM (VALUES(2)) a RIGHT JOIN v ON v.dept = a.column1 WHERE v.dept = 2 AND @",
     "CASE WHEN v.salary = # THEN BOOM ELSE 1 END", "777002", "123"},
    {"SELECT dept FROM v WHERE dept = 2 AND @ UNION SELECT 1", "CASE WHEN salary = # THEN BOOM ELSE 1 END",
     "777002", "123"},
};

const std::vector<std::string> booms{"abs(-9223372036854775807 - 1)", "json('{bad')", "'{bad' -> '$'",
                                     "json_array(x'00')", "json_extract('{}', 'bad')"};

/// How the statement names the table.
const std::vector<std::pair<const char*, const char*>> sources{
    {"", "e AS v"},
    {"", "(SELECT * FROM e) AS v"},
    {"WITH v AS (SELECT * FROM e) ", "v"},
    {"WITH w AS NOT MATERIALIZED (SELECT id, region, salary, secret, dept FROM e WHERE id > 0) ", "w AS v"},
    {"", "(SELECT * FROM e WHERE id > 0 ORDER BY id) AS v"},
};

struct Form {
    const char* name;
    const char* rows;
};

const std::vector<Form> forms{{"constant", "region = 'EU'"},
                              {"attribute", "region = :user.region"},
                              {"attribute list", "region IN (:user.regions)"},
                              {"EXISTS subquery", "EXISTS (SELECT 1 FROM acl WHERE acl.region = e.region)"},
                              {"IN subquery", "region IN (SELECT region FROM acl)"},
                              {"function", "upper(region) = 'EU' AND abs(id) > 0"}};

const char* const schema =
    "CREATE TABLE e(id INTEGER PRIMARY KEY, region TEXT, salary INT, secret TEXT, dept INT);"
    "CREATE TABLE acl(region TEXT); INSERT INTO acl VALUES('EU');"
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200) INSERT INTO e SELECT n, "
    "CASE n % 2 "
    "WHEN 0 THEN 'US' ELSE 'EU' END, CASE n % 2 WHEN 0 THEN 777000 ELSE 1000 END + n, CASE n % 2 WHEN 0 THEN "
    "'LEAK' ELSE "
    "'vis' END || n, n % 4 FROM c;";
const std::vector<const char*> indexes{
    "CREATE INDEX i1 ON e(secret); CREATE INDEX i2 ON e(dept, salary); CREATE INDEX i3 ON e(salary); "
    "ANALYZE;",
    "CREATE INDEX i1 ON e(secret, region); CREATE INDEX i2 ON e(dept, salary, region); CREATE INDEX i3 ON "
    "e(salary, "
    "region); ANALYZE;",
    "CREATE INDEX i1 ON e(secret, salary, dept); CREATE INDEX i2 ON e(dept, salary, secret, id);"};

class SideChannel : public testing::TestWithParam<std::size_t> {
protected:
    /// Rows or error, as one text.
    std::string outcome(GovernedFile& file, const std::string& sql) {
        const GovernedAnswer answer = file.run({{"region", {"EU"}}, {"regions", {"EU", "DE"}}}, sql);
        if (answer.error) {
            if (answer.error->code != ErrorCode::invalid_argument) ++refused_;
            return std::string(traits(answer.error->code).name) + ": " + answer.error->message;
        }
        ++answered_;
        std::string all;
        for (const std::string& row : answer.answer.rows) all += row + "\n";
        return all;
    }

    /// One way to guess, on one way to name the table; what raises the error takes turns.
    void try_guess(GovernedFile& file, std::size_t number) {
        const Guess& guess = guesses.at(number / sources.size());
        const auto& [prefix, source] = sources.at(number % sources.size());
        const std::string& boom = booms.at((number + number / sources.size()) % booms.size());
        const std::string query = filled(filled(guess.query, "FROM v", std::string("FROM ") + source),
                                         "JOIN v ", std::string("JOIN ") + source + " ");
        const std::string text = prefix + filled(query, "@", filled(guess.condition, "BOOM", boom));
        const std::string right = filled(text, "#", guess.right);
        const std::string wrong = filled(text, "#", guess.wrong);
        ++pairs_;
        EXPECT_EQ(outcome(file, right), outcome(file, wrong))
            << right << "\n"
            << file.rewritten({{"region", {"EU"}}, {"regions", {"EU"}}}, right);
    }

    std::size_t answered_ = 0;
    std::size_t refused_ = 0;
    std::size_t pairs_ = 0;
};

TEST_P(SideChannel, tells_a_right_guess_from_a_wrong_one_by_nothing) {
    const Form& form = forms.at(GetParam());
    AuditFolder audit;
    for (const char* index : indexes) {
        const std::vector<policy::Role> roles{policy::Role::normal, policy::Role::admin};
        auto set = policy::PolicySet::create({{"", "e", roles, form.rows, {}, "test"}}, {});
        ASSERT_TRUE(set);
        GovernedFile file(std::string(schema) + index,
                          std::make_shared<const policy::PolicySet>(*std::move(set)), audit);
        ASSERT_EQ(file.error(), "");
        for (std::size_t i = 0; i < guesses.size() * sources.size(); ++i) try_guess(file, i);
    }
    std::printf("%-16s %zu pairs of guesses, %zu statements answered, %zu refused before they ran\n",
                form.name, pairs_, answered_, refused_);
    EXPECT_GT(answered_, pairs_ / 2);
}

TEST(SideChannelControl, the_same_guesses_do_tell_on_a_view_without_a_guard) {
    PlainDatabase plain;
    ASSERT_TRUE(
        plain.execute(std::string(schema) + indexes.front() +
                      "CREATE VIEW v AS SELECT * FROM e WHERE EXISTS (SELECT 1 FROM acl WHERE acl.region = "
                      "e.region)"));
    std::size_t told = 0;
    for (const Guess& guess : guesses) {
        const std::string text = filled(guess.query, "@", filled(guess.condition, "BOOM", booms.front()));
        const Answer right = plain.run(filled(text, "#", guess.right));
        if (!right.same_rows(plain.run(filled(text, "#", guess.wrong)))) ++told;
    }
    std::printf("without a guard     %zu of %zu guesses tell\n", told, guesses.size());
    EXPECT_GT(told, 4U);
}

INSTANTIATE_TEST_SUITE_P(Policies, SideChannel, testing::Range<std::size_t>(0, forms.size()));

}  // namespace side_channel_test
}  // namespace majed::corpora
