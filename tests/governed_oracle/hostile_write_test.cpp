// SPDX-License-Identifier: Apache-2.0
// Writes made to get around a policy on Oracle, through the gateway to the double: what is hidden stays as it is, and none of it
// gets out, be it in an answer, an error, or a row that the writer may read afterwards.
#include "core/ascii.h"
#include "corpora/corpus.h"
#include "governed_oracle/governed_double.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace majed::governed_oracle {
namespace hostile_write_test {

using policy::Action;
using policy::Role;

const std::vector<std::string> company{
    "CREATE TABLE employees (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), email VARCHAR2(80), region "
    "VARCHAR2(10), salary NUMBER(9), secret VARCHAR2(40), dept_id NUMBER(9), inner_note VARCHAR2(40) DEFAULT "
    "'MASKME')",
    "CREATE TABLE departments (id NUMBER(9), title VARCHAR2(40), secret VARCHAR2(40))",
    "CREATE TABLE blocked (id NUMBER(9), secret VARCHAR2(40), region VARCHAR2(10))",
    "CREATE TABLE loose (id NUMBER(9), words VARCHAR2(4000))",
    "CREATE VIEW v_all AS SELECT * FROM employees",
    "INSERT INTO employees VALUES (1, 'vis_1', 'MASKME_1', 'EU', 1001, 'vis_s1', 1, 'MASKME')",
    "INSERT INTO employees VALUES (2, 'LEAK_2', 'MASKME_2', 'US', 777002, 'LEAK_s2', 2, 'MASKME')",
    "INSERT INTO employees VALUES (3, 'vis_3', 'MASKME_3', 'EU', 1003, 'vis_s3', 1, 'MASKME')",
    "INSERT INTO employees VALUES (4, 'LEAK_4', 'MASKME_4', NULL, 777004, 'LEAK_s4', 2, 'MASKME')",
    "INSERT INTO employees VALUES (5, 'vis_5', 'MASKME_5', 'EU', 1005, 'vis_s5', 3, 'MASKME')",
    "INSERT INTO departments VALUES (1, 'dept1', 'vis')",
    "INSERT INTO blocked VALUES (1, 'BLOCKED_1', 'EU')"};

std::shared_ptr<const policy::PolicySet> company_rules() {
    const std::vector<Role> roles{Role::normal};
    const policy::ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};
    auto set =
        policy::PolicySet::create({{"",
                                    "EMPLOYEES",
                                    roles,
                                    "region = :user.region",
                                    {"ID", "NAME", "EMAIL", "REGION", "SALARY", "SECRET", "DEPT_ID"},
                                    "test",
                                    false,
                                    all},
                                   {"", "DEPARTMENTS", roles, "*", {}, "test", false, all},
                                   {"", "LOOSE", roles, "*", {}, "test", false, all}},
                                  {{"", "EMPLOYEES", "EMAIL", roles, *policy::parse_mask("null"), "test"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

constexpr std::array<std::string_view, 4> markers{"LEAK", "MASKME", "BLOCKED_", "777"};

class OracleHostileWrite : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(company_.error(), "");
        hidden_ = all_hidden();
    }

    std::string all_hidden() {
        return company_
            .plain(
                "SELECT id, name, email, region, salary, secret, dept_id FROM employees WHERE region = 'US' "
                "OR "
                "region IS NULL UNION ALL SELECT id, secret, region, NULL, NULL, NULL, NULL FROM blocked")
            .text();
    }
    std::string all_seen() {
        return company_
            .plain(
                "SELECT id, name, region, salary, secret, dept_id FROM employees WHERE region = 'EU' UNION "
                "ALL "
                "SELECT id, title, secret, NULL, NULL, NULL FROM departments UNION ALL SELECT id, words, "
                "NULL, "
                "NULL, NULL, NULL FROM loose")
            .text();
    }

    /// Is it refused?
    bool attack(const std::string& sql) {
        const Answer answer = company_.run({{"region", {"EU"}}}, sql);
        const std::string seen = all_seen();
        for (const std::string_view marker : markers) {
            if (sql.find(marker) != std::string::npos) continue;
            EXPECT_EQ(answer.text().find(marker), std::string::npos) << sql << "\n" << answer.text();
            EXPECT_EQ(seen.find(marker), std::string::npos) << sql << "\n" << seen;
        }
        EXPECT_FALSE(answer.error && answer.error->code == ErrorCode::internal) << sql << answer.text();
        EXPECT_EQ(all_hidden(), hidden_) << sql;
        return answer.error.has_value();
    }

    GovernedDouble company_{testing::UnitTest::GetInstance()->current_test_info()->name(), company,
                            company_rules(), driver::Access::read_write};
    std::string hidden_;
};

TEST_F(OracleHostileWrite, statements_of_the_corpus) {
    std::string reason;
    const auto records = corpora::read_corpus("hostile", reason);
    if (!records) GTEST_SKIP() << reason;
    constexpr std::array<std::string_view, 4> words{"INSERT", "UPDATE", "DELETE", "MERGE"};
    std::size_t refused = 0;
    std::size_t done = 0;
    for (const corpora::Record& record : *records) {
        const bool writes = std::any_of(words.begin(), words.end(), [&](std::string_view word) {
            return ascii_upper(record.sql).find(word) != std::string::npos;
        });
        if (writes) ++(attack(record.sql) ? refused : done);
    }
    std::printf("hostile writes: %zu done under the rules, %zu refused\n", done, refused);
}

TEST_F(OracleHostileWrite, writes_that_do_what_the_rules_leave_of_them) {
    for (const char* const sql :
         {"UPDATE employees SET salary = 1 WHERE region = 'US' OR 1 = 1",
          "UPDATE employees SET salary = 1 WHERE (1 = 1) OR (region IS NULL)",
          "DELETE FROM employees WHERE region <> 'EU' OR region IS NULL",
          "DELETE FROM employees WHERE id IN (SELECT e.id FROM employees e WHERE e.region = 'US') OR id = 2",
          "INSERT INTO loose SELECT id, secret FROM employees",
          "INSERT INTO loose SELECT 1, LISTAGG(secret, ',') WITHIN GROUP (ORDER BY id) FROM employees",
          "INSERT INTO loose WITH employees AS (SELECT * FROM shop.employees) SELECT id, secret FROM "
          "employees",
          "UPDATE departments SET title = (SELECT MAX(secret) FROM employees)",
          "UPDATE departments d SET secret = (SELECT MAX(e.secret) FROM employees e WHERE e.dept_id <> d.id)",
          "UPDATE employees \"blocked\" SET \"blocked\".salary = 5 WHERE \"blocked\".id > 0",
          "UPDATE employees employees SET salary = (SELECT MAX(salary) FROM employees)",
          "DELETE FROM employees WHERE TO_NUMBER(SUBSTR(secret, 1, 1)) = 1 AND 1 = 0",
          "INSERT INTO employees (id, region) SELECT 2, 'EU' FROM dual",
          "MERGE INTO departments d USING employees e ON (e.region = 'US' OR e.region IS NULL) WHEN MATCHED "
          "THEN "
          "UPDATE SET d.title = e.secret",
          "MERGE INTO departments d USING (SELECT MAX(secret) s FROM employees) e ON (1 = 1) WHEN MATCHED "
          "THEN UPDATE "
          "SET d.title = e.s, secret = (SELECT MIN(x.secret) FROM employees x WHERE x.id > 1)",
          "MERGE INTO loose l USING employees e ON (l.id = -1) WHEN NOT MATCHED THEN INSERT VALUES (e.id, "
          "e.secret)",
          "MERGE INTO loose l USING employees e ON (l.id = -1) WHEN NOT MATCHED THEN INSERT VALUES (e.id, "
          "'x') WHERE 1 / "
          "(e.salary - 777002) > 5",
          "MERGE INTO employees e USING dual ON (e.region <> 'EU' OR e.region IS NULL) WHEN MATCHED THEN "
          "UPDATE SET "
          "e.salary = 1 DELETE WHERE 1 = 1",
          "MERGE INTO employees e USING dual ON (1 / (e.salary - 777002) > 5 OR 1 = 1) WHEN MATCHED THEN "
          "UPDATE SET "
          "e.name = 'vis' WHERE 1 / (e.salary - 777004) < 5",
          "MERGE INTO employees e USING employees x ON (e.id = x.dept_id) WHEN MATCHED THEN UPDATE SET "
          "e.name = 'vis' "
          "WHERE x.id = 5 DELETE WHERE e.secret IN (SELECT y.secret FROM employees y WHERE y.region = 'US')",
          "MERGE INTO employees \"blocked\" USING shop.employees ON (\"blocked\".id = employees.id) WHEN "
          "MATCHED THEN "
          "UPDATE SET \"blocked\".dept_id = 2",
          "INSERT INTO employees (id, region) VALUES (90, 'EU') -- , 'US')"}) {
        attack(sql);
    }
}

TEST_F(OracleHostileWrite, writes_that_are_refused) {
    for (const char* const sql :
         {"UPDATE employees SET region = 'US'",
          "INSERT INTO employees (id, region) VALUES (77, 'US')",
          "INSERT INTO employees (id) VALUES (77)",
          "UPDATE employees SET id = 2 WHERE id = 1",
          "INSERT INTO employees (id, region) VALUES (2, 'EU')",
          "INSERT INTO employees (id, region, inner_note) VALUES (90, 'EU', 'x')",
          "INSERT INTO employees VALUES (90, 'n', 'e', 'EU', 1, 's', 1, 'x')",
          "UPDATE employees SET inner_note = 'x'",
          "UPDATE employees SET name = inner_note",
          "UPDATE employees SET name = \"INNER_NOTE\"",
          "UPDATE employees SET name = email",
          "UPDATE employees SET email = 'x'",
          "UPDATE employees SET name = 'x' WHERE email IS NULL",
          "INSERT INTO loose SELECT id, email || 'x' FROM employees",
          "INSERT INTO blocked VALUES (9, 'x', 'EU')",
          "DELETE FROM blocked",
          "UPDATE blocked SET region = 'EU'",
          "INSERT INTO loose SELECT id, secret FROM blocked",
          "UPDATE v_all SET region = 'EU'",
          "DELETE FROM v_all",
          "DELETE FROM (SELECT * FROM shop.employees)",
          "DELETE FROM (SELECT id FROM shop.blocked)",
          "UPDATE (SELECT e.id, e.salary FROM shop.employees e WITH CHECK OPTION) SET salary = 1",
          "INSERT INTO (SELECT id, region FROM employees) VALUES (90, 'US')",
          "INSERT INTO loose SELECT id, ROWIDTOCHAR(ROWID) FROM employees",
          "DELETE FROM employees WHERE ROWID = 'x'",
          "DELETE FROM employees WHERE ORA_ROWSCN > 0",
          "UPDATE employees SET name = 'x' WHERE ROWNUM = 1",
          "INSERT INTO loose VALUES (1, SYS_CONTEXT('USERENV', 'SESSION_USER'))",
          "INSERT INTO loose VALUES (1, shop.peek(2))",
          "INSERT INTO loose VALUES (s.NEXTVAL, 'x')",
          "INSERT INTO loose SELECT 1, table_name FROM all_tables",
          "DELETE FROM sys.aud$",
          "UPDATE employees SET name = 'x'; DELETE FROM blocked",
          "DELETE FROM employees@other",
          "MERGE INTO employees e USING dual ON (1 = 1) WHEN MATCHED THEN UPDATE SET e.region = 'US'",
          "MERGE INTO employees e USING dual ON (e.id = 2) WHEN NOT MATCHED THEN INSERT (id, region) VALUES "
          "(2, 'EU')",
          "MERGE INTO employees e USING dual ON (e.id = 77) WHEN NOT MATCHED THEN INSERT (id, region) VALUES "
          "(77, 'US')",
          "MERGE INTO employees e USING dual ON (e.id = 77) WHEN NOT MATCHED THEN INSERT (id) VALUES (77)",
          "MERGE INTO employees e USING dual ON (e.inner_note IS NULL) WHEN MATCHED THEN UPDATE SET e.name = "
          "'x'",
          "MERGE INTO employees e USING (SELECT 'a' inner_note FROM dual) d ON (inner_note = 'MASKME') WHEN "
          "MATCHED THEN "
          "UPDATE SET e.name = 'x'",
          "MERGE INTO employees e USING departments d ON (e.id = d.id) WHEN MATCHED THEN UPDATE SET e.name = "
          "e.email",
          "MERGE INTO employees e USING departments d ON (e.email LIKE '%2') WHEN MATCHED THEN UPDATE SET "
          "e.name = 'x'",
          "MERGE INTO departments d USING employees e ON (d.id = 1) WHEN MATCHED THEN UPDATE SET d.title = "
          "e.email",
          "MERGE INTO employees e USING dual ON (e.id = 1) WHEN MATCHED THEN UPDATE SET e.inner_note = 'x'",
          "MERGE INTO employees e USING dual ON (e.id = 1) WHEN NOT MATCHED THEN INSERT VALUES (90, 'n', "
          "'e', 'EU', 1, "
          "'s', 1)",
          "MERGE INTO blocked b USING dual ON (b.id = 1) WHEN MATCHED THEN UPDATE SET b.secret = 'x'",
          "MERGE INTO employees e USING blocked b ON (e.id = b.id) WHEN MATCHED THEN UPDATE SET e.name = "
          "b.secret",
          "MERGE INTO loose l USING (SELECT * FROM shop.blocked) b ON (l.id = 0) WHEN NOT MATCHED THEN "
          "INSERT VALUES "
          "(b.id, b.secret)",
          "MERGE INTO v_all v USING dual ON (v.id = 1) WHEN MATCHED THEN UPDATE SET v.region = 'EU'",
          "MERGE INTO loose l USING v_all v ON (l.id = 0) WHEN NOT MATCHED THEN INSERT VALUES (v.id, "
          "v.secret)",
          "MERGE INTO (SELECT * FROM shop.employees) e USING dual ON (1 = 1) WHEN MATCHED THEN UPDATE SET "
          "e.salary = 1",
          "MERGE INTO (SELECT id, salary FROM shop.employees WITH CHECK OPTION) e USING dual ON (e.id = 2) "
          "WHEN MATCHED "
          "THEN UPDATE SET e.salary = 1",
          "MERGE INTO employees employees USING employees ON (1 = 1) WHEN MATCHED THEN UPDATE SET salary = 1",
          "MERGE INTO employees@other e USING dual ON (1 = 1) WHEN MATCHED THEN UPDATE SET e.salary = 1",
          "MERGE /*+ APPEND */ INTO employees e USING dual ON (e.id = 1) WHEN MATCHED THEN UPDATE SET "
          "e.salary = 1",
          "MERGE INTO employees e USING dual ON (ROWNUM = 1) WHEN MATCHED THEN UPDATE SET e.salary = 1",
          "MERGE INTO employees e USING dual ON (e.ROWID IS NOT NULL) WHEN MATCHED THEN UPDATE SET e.salary "
          "= 1",
          "MERGE INTO employees e USING dual ON (e.id = 1) WHEN MATCHED THEN UPDATE SET e.salary = 1 LOG "
          "ERRORS INTO "
          "blocked",
          "MERGE INTO employees e USING dual ON (e.id = 1) WHEN MATCHED THEN UPDATE SET e.salary = 1 "
          "RETURNING secret "
          "INTO :s",
          "MERGE INTO loose l USING TABLE(shop.peek(2)) p ON (l.id = 1) WHEN MATCHED THEN UPDATE SET l.words "
          "= 'x'",
          "INSERT ALL INTO blocked VALUES (9, 'x', 'EU') SELECT 1 FROM dual",
          "INSERT INTO loose VALUES (1, 'x') RETURNING words INTO :w",
          "DELETE FROM employees RETURNING secret INTO :s",
          "INSERT INTO loose SELECT 1, 'x' FROM dual LOG ERRORS INTO blocked",
          "DELETE /*+ INDEX(e) */ FROM employees e",
          "UPDATE employees PARTITION (p) SET salary = 1",
          "DELETE FROM employees PARTITION FOR (2)",
          "UPDATE employees e SET VALUE(e) = NULL",
          "DELETE FROM TABLE(SELECT secret FROM employees)",
          "UPDATE employees SET ROW = NULL",
          "UPDATE employees SET (name, salary) = (SELECT secret, salary FROM employees WHERE id = 3)",
          "DELETE FROM employees e WHERE CURRENT OF c",
          "UPDATE employees AS OF TIMESTAMP SYSDATE SET salary = 1",
          "BEGIN DELETE FROM shop.blocked; END;",
          "DECLARE x NUMBER; BEGIN DELETE FROM blocked; END;",
          "CALL p()",
          "LOCK TABLE employees IN EXCLUSIVE MODE",
          "TRUNCATE TABLE employees",
          "COMMIT",
          "CREATE TABLE x AS SELECT * FROM employees",
          "EXPLAIN PLAN FOR DELETE FROM employees",
          "INSERT INTO loose SELECT id, secret FROM employees FOR UPDATE"}) {
        EXPECT_TRUE(attack(sql)) << sql;
    }
}

}  // namespace hostile_write_test
}  // namespace majed::governed_oracle
