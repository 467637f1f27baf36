// SPDX-License-Identifier: Apache-2.0
// Filtered-copy equivalence: a query under the rules, be it rewritten or left to the database's policies, answers with what it
// answers on tables that hold only what the rules show. All run on the double, so in SQLite: what is tested is the rewriting and
// the text of the policies, not Oracle.
#include "governed_oracle/governed_double.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace majed::governed_oracle {
namespace equivalence_oracle_test {

using policy::Role;

const std::vector<std::string> tables{
    "CREATE TABLE people (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), region VARCHAR2(10), boss NUMBER(9), "
    "note VARCHAR2(40))",
    "CREATE TABLE orders (id NUMBER(9) PRIMARY KEY, person NUMBER(9), total NUMBER(9), at DATE)",
    "CREATE TABLE codes (code VARCHAR2(10), label VARCHAR2(40))"};

/// One row of people in three is hidden, and with it its orders; notes are shown as ***.
std::vector<std::string> rows(bool visible_alone) {
    std::vector<std::string> made;
    for (int i = 1; i <= 24; ++i) {
        const bool visible = i % 3 != 0;
        const std::string id = std::to_string(i);
        if (visible || !visible_alone) {
            const std::string region =
                visible ? (i % 2 == 0 ? "'EU'" : "'US'") : (i % 2 == 0 ? "NULL" : "'XX'");
            const std::string boss = i % 4 == 0 ? "NULL" : std::to_string(i / 2 + 1);
            const std::string note = visible_alone ? "'***'" : "'n" + id + "'";
            made.push_back("INSERT INTO people VALUES (" + id + ", 'p" + std::to_string(i % 7) + "', " +
                           region + ", " + boss + ", " + note + ")");
            made.push_back("INSERT INTO orders VALUES (" + id + ", " + id + ", " +
                           std::to_string(i % 5 * 10) + ", DATE '2025-01-0" + std::to_string(i % 9 + 1) +
                           "')");
            made.push_back("INSERT INTO orders VALUES (" + std::to_string(i + 100) + ", " + id +
                           ", NULL, NULL)");
        }
    }
    made.push_back("INSERT INTO codes VALUES ('EU', 'Europe')");
    made.push_back("INSERT INTO codes VALUES ('XX', 'hidden')");
    return made;
}

std::vector<std::string> script(bool visible_alone) {
    std::vector<std::string> all = tables;
    for (std::string& row : rows(visible_alone)) all.push_back(std::move(row));
    return all;
}

std::shared_ptr<const policy::PolicySet> rules() {
    const std::vector<Role> roles{Role::normal};
    auto set = policy::PolicySet::create(
        {{"", "PEOPLE", roles, "region IN (:user.regions) -- theirs", {}, "test"},
         {"",
          "ORDERS",
          roles,
          "person IN (SELECT p.id FROM people p WHERE p.region IN (:user.regions))",
          {},
          "test"},
         {"", "CODES", roles, "*", {}, "test"}},
        {{"", "PEOPLE", "NOTE", roles, *policy::parse_mask("constant:***"), "test"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

const std::vector<std::string> questions{
    "SELECT * FROM people",
    "SELECT p.*, o.total FROM people p JOIN orders o ON o.person = p.id",
    "SELECT COUNT(*), MIN(id), MAX(name) FROM people",
    "SELECT region, COUNT(*) FROM people GROUP BY region HAVING COUNT(*) > 3",
    "SELECT note FROM people WHERE note = '***' AND id < 9",
    "SELECT name FROM people WHERE note <> '***'",
    "SELECT p.id, b.name FROM people p LEFT JOIN people b ON b.id = p.boss",
    "SELECT p.id, b.name FROM people p RIGHT JOIN people b ON b.id = p.boss",
    "SELECT p.id FROM people p WHERE p.boss NOT IN (SELECT id FROM people)",
    "SELECT p.id FROM people p WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.person = p.boss)",
    "SELECT c.label, COUNT(p.id) FROM codes c LEFT JOIN people p ON p.region = c.code GROUP BY c.label",
    "SELECT id FROM people UNION SELECT person FROM orders",
    "SELECT id FROM people MINUS SELECT boss FROM people",
    "SELECT id FROM people INTERSECT SELECT boss FROM people",
    "WITH p AS (SELECT * FROM people WHERE id > 5) SELECT a.id, b.id FROM p a, p b WHERE a.id = b.boss",
    "WITH r (n, b) AS (SELECT id, boss FROM people WHERE id = 1 UNION ALL SELECT p.id, p.boss FROM r JOIN "
    "people p "
    "ON p.boss = r.n AND p.id > r.n) SELECT n FROM r",
    "SELECT x.n FROM (SELECT id n FROM people WHERE region = 'EU') x WHERE x.n > 4",
    "SELECT (SELECT COUNT(*) FROM orders o WHERE o.person = p.id) FROM people p",
    "SELECT SUM(total) FROM orders WHERE at > DATE '2025-01-03'",
    "SELECT person, SUM(total) OVER (PARTITION BY person) FROM orders",
    "SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM people",
    "SELECT DISTINCT name FROM people ORDER BY name",
    "SELECT id FROM people ORDER BY id FETCH FIRST 5 ROWS ONLY",
    "SELECT UPPER(name) || region FROM people WHERE LENGTH(name) = 2",
    "SELECT id FROM people WHERE 100 / (id + 1) > 10",
    "SELECT id FROM people WHERE NVL(boss, 0) = 0 OR boss IS NULL",
    "SELECT id FROM people WHERE name LIKE 'p%' AND region BETWEEN 'A' AND 'Z'",
    "SELECT CASE WHEN region = 'EU' THEN 1 ELSE 0 END FROM people",
    "SELECT shop.people.id FROM shop.people WHERE shop.people.id > 3",
    "SELECT o.id FROM orders o, people p WHERE o.person = p.id AND TO_NUMBER(SUBSTR(p.name, 2)) > 3",
    "SELECT id FROM orders WHERE total IN (SELECT MAX(total) FROM orders)",
    "SELECT COUNT(*) FROM orders a CROSS JOIN people b",
    "SELECT p.name FROM (people p JOIN orders o ON o.person = p.id)",
    "SELECT id FROM people JOIN (SELECT person id FROM orders) x USING (id)",
    "SELECT 1 FROM dual WHERE (SELECT COUNT(*) FROM people) = 16",
};

TEST(OracleEquivalence, of_a_query_under_rules_and_one_on_filtered_tables) {
    GovernedDouble whole("whole", script(false), rules());
    GovernedDouble copy("copy", script(true), rules());
    GovernedDouble native("native", script(false), rules(), driver::Access::read_only,
                          source::Enforcement::native);
    ASSERT_EQ(whole.error(), "");
    ASSERT_EQ(native.error(), "");
    ASSERT_EQ(copy.error(), "");
    const Attributes both{{"regions", {"EU", "US"}}};
    std::size_t with_rows = 0;
    for (const std::string& sql : questions) {
        const Answer expected = copy.plain(sql);
        const Answer answer = whole.run(both, sql);
        EXPECT_FALSE(expected.error) << sql << ": " << expected.text();
        EXPECT_EQ(answer.text(), expected.text()) << sql;
        EXPECT_EQ(native.run(both, sql).text(), expected.text()) << sql << " natively";
        with_rows += answer.rows.empty() ? 0U : 1U;
        // It would be another answer without rules.
        EXPECT_TRUE(sql.find("codes") != std::string::npos || !whole.plain(sql).error) << sql;
    }
    EXPECT_GE(with_rows, questions.size() - 3);
}

}  // namespace equivalence_oracle_test
}  // namespace majed::governed_oracle
