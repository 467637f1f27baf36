// SPDX-License-Identifier: Apache-2.0
// Writes made to get around a policy, on a real PostgreSQL: what is hidden stays as it is, and none of it gets out, be it in
// an answer, an error, or a row that the writer may read afterwards.
#include "core/ascii.h"
#include "corpora/corpus.h"
#include "governed/governed_server.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace majed::governed {
namespace hostile_write_test {

using policy::Action;
using policy::Role;

const std::vector<std::string> company{
    "CREATE TABLE employees (id int PRIMARY KEY, name text, email text, region text, salary int, secret "
    "text, "
    "dept_id int, inner_note text DEFAULT 'MASKME')",
    "CREATE TABLE departments (id int PRIMARY KEY, title text, secret text)",
    "CREATE TABLE blocked (id int PRIMARY KEY, secret text, region text)",
    "CREATE TABLE loose (id int, words text)",
    "CREATE VIEW v_all AS SELECT * FROM employees",
    "CREATE FUNCTION peek(int) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT 'LEAK' || secret FROM "
    "shop.employees WHERE id = $1 $$",
    "INSERT INTO employees SELECT i, tag || '_name' || i, 'MASKME_' || tag || i, CASE WHEN i % 2 = 0 THEN "
    "'US' "
    "ELSE 'EU' END, CASE WHEN i % 2 = 0 THEN 777000 ELSE 1000 END + i, tag || '_sec' || i, i % 4 FROM "
    "(SELECT "
    "i, CASE i % 2 WHEN 0 THEN 'LEAK' ELSE 'vis' END AS tag FROM generate_series(1, 20) i) r",
    "INSERT INTO departments VALUES (0, 'dept0', 'vis_sec1'), (1, 'dept1', 'vis_sec3')",
    "INSERT INTO blocked VALUES (1, 'BLOCKED_1', 'EU')"};

std::shared_ptr<const policy::PolicySet> company_rules() {
    const std::vector<Role> roles{Role::normal};
    const policy::ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};
    auto set =
        policy::PolicySet::create({{"",
                                    "employees",
                                    roles,
                                    "region = :user.region",
                                    {"id", "name", "email", "region", "salary", "secret", "dept_id"},
                                    "test",
                                    false,
                                    all},
                                   {"", "departments", roles, "*", {}, "test", false, all},
                                   {"", "loose", roles, "*", {}, "test", false, all}},
                                  {{"", "employees", "email", roles, *policy::parse_mask("null"), "test"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

constexpr std::array<std::string_view, 4> markers{"LEAK", "MASKME", "BLOCKED", "777"};

class HostileWrite : public OnServer {
protected:
    void SetUp() override {
        OnServer::SetUp();
        if (IsSkipped()) return;
        company_ =
            std::make_unique<GovernedSchema>(server(), company, company_rules(), driver::Access::read_write);
        ASSERT_EQ(company_->error(), "");
        company_->set_timeout(std::chrono::seconds(1));
        hidden_ = all_hidden();
    }

    std::string all_hidden() {
        return company_
            ->plain("shop",
                    "SELECT e::text FROM employees e WHERE region = 'US' UNION ALL SELECT b::text FROM "
                    "blocked b ORDER BY 1")
            .text();
    }

    /// Is it refused?
    bool attack(const std::string& sql) {
        const Answer answer = company_->run({{"region", {"EU"}}}, sql);
        for (const std::string_view marker : markers) {
            if (sql.find(marker) != std::string::npos) continue;
            EXPECT_EQ(answer.text().find(marker), std::string::npos) << sql << "\n" << answer.text();
            const std::string quoted = "'%" + std::string(marker) + "%'";
            const std::string told =
                company_
                    ->plain("shop",
                            "SELECT ROW(id, name, region, salary, secret, dept_id)::text FROM employees "
                            "WHERE region = 'EU' AND ROW(id, name, region, salary, secret, "
                            "dept_id)::text LIKE " +
                                quoted +
                                " UNION ALL SELECT d::text FROM departments d WHERE "
                                "d::text LIKE " +
                                quoted + " UNION ALL SELECT l::text FROM loose l WHERE l::text LIKE " +
                                quoted)
                    .text();
            EXPECT_EQ(told, "") << sql;
        }
        EXPECT_FALSE(answer.error && answer.error->code == ErrorCode::internal) << sql << answer.text();
        const std::string now = all_hidden();
        EXPECT_EQ(now, hidden_) << sql;
        hidden_ = now;
        return answer.error.has_value();
    }

    std::unique_ptr<GovernedSchema> company_;
    std::string hidden_;
};

TEST_F(HostileWrite, statements_of_the_corpus) {
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
    EXPECT_GT(done, 2U);
}

TEST_F(HostileWrite, writes_that_do_what_the_rules_leave_of_them) {
    for (const char* const sql :
         {"UPDATE employees SET salary = 1 WHERE region = 'US' OR 1 = 1",
          "UPDATE employees e SET salary = e.salary FROM employees f WHERE f.region = 'US'",
          "DELETE FROM employees WHERE region <> 'EU'",
          "DELETE FROM employees USING employees v WHERE v.id = 2",
          "WITH employees AS (SELECT 2 AS id, 'US' AS region) UPDATE employees SET salary = 2 WHERE id = 2",
          "WITH departments AS (SELECT 'US' AS region) UPDATE employees AS departments SET salary = 2",
          "INSERT INTO loose SELECT id, secret FROM employees",
          "INSERT INTO loose SELECT id, t::text FROM "
          "(SELECT id, name FROM employees) t",
          "INSERT INTO loose SELECT 1, string_agg(secret, ',') FROM employees",
          "UPDATE departments SET title = (SELECT max(secret) FROM employees)",
          "UPDATE departments d SET secret = e.secret FROM employees e WHERE e.dept_id = d.id",
          "MERGE INTO departments d USING employees e ON d.id = e.id WHEN MATCHED THEN UPDATE SET title = "
          "e.secret WHEN NOT MATCHED THEN INSERT VALUES (e.id, e.name, e.secret)",
          "MERGE INTO employees e USING (SELECT generate_series(1, 4) AS id) s ON e.id = s.id WHEN MATCHED "
          "THEN "
          "DELETE",
          "MERGE INTO employees e USING departments d ON true WHEN MATCHED AND e.region = 'US' THEN DELETE",
          "UPDATE employees SET (salary, dept_id) = (SELECT salary, dept_id FROM employees WHERE id = 5) "
          "WHERE id = 2",
          "INSERT INTO employees (id, region) VALUES (2, 'EU') ON CONFLICT DO NOTHING",
          "UPDATE employees SET salary = salary RETURNING *",
          "DELETE FROM employees WHERE id = 7 RETURNING *",
          "UPDATE employees SET name = 'a' WHERE id = 9 RETURNING email, name, (SELECT max(secret) FROM "
          "employees)",
          "INSERT INTO employees VALUES (50, 'x', 'EU') -- region is the fourth"}) {
        attack(sql);
    }
}

TEST_F(HostileWrite, writes_that_are_refused) {
    for (const char* const sql :
         {"UPDATE employees SET region = 'US'",
          "UPDATE employees SET region = 'US' WHERE id = 1 RETURNING *",
          "INSERT INTO employees (id, region) VALUES (77, 'US')",
          "INSERT INTO employees (id) VALUES (77)",
          "INSERT INTO employees DEFAULT VALUES",
          "UPDATE employees SET id = 2 WHERE id = 1",
          "INSERT INTO employees (id, region) VALUES (2, 'EU') ON CONFLICT (id) DO UPDATE SET region = 'EU'",
          "INSERT INTO employees (id, region) VALUES (2, 'EU') ON CONFLICT ON CONSTRAINT employees_pkey DO "
          "UPDATE "
          "SET name = employees.secret",
          "INSERT INTO employees (id, region) VALUES (1, 'EU') ON CONFLICT (id) DO UPDATE SET region = 'US'",
          "INSERT INTO employees (id, region, inner_note) VALUES (90, 'EU', 'x')",
          "INSERT INTO employees VALUES (90, 'n', 'e', 'EU', 1, 's', 1, 'x')",
          "UPDATE employees SET inner_note = 'x'",
          "UPDATE employees SET name = inner_note",
          "UPDATE employees SET name = email",
          "UPDATE employees SET email = 'x'",
          "UPDATE employees SET name = 'x' WHERE email IS NULL",
          "UPDATE employees SET name = employees::text",
          "UPDATE employees SET name = 'x' RETURNING employees",
          "UPDATE employees SET name = 'x' RETURNING inner_note",
          "UPDATE employees e SET name = (e).inner_note",
          "UPDATE employees e SET name = inner_note(e)",
          "UPDATE employees e SET name = to_json(e)::text",
          "UPDATE employees e SET name = (SELECT z::text FROM "
          "(SELECT e.*) z)",
          "DELETE FROM employees e WHERE e::text LIKE '%M%'",
          "INSERT INTO loose SELECT id, email FROM employees",
          "INSERT INTO blocked VALUES (9, 'x', 'EU')",
          "DELETE FROM blocked",
          "UPDATE blocked SET region = 'EU'",
          "INSERT INTO loose SELECT id, secret FROM blocked",
          "UPDATE v_all SET region = 'EU'",
          "DELETE FROM v_all",
          "INSERT INTO loose VALUES (1, peek(2))",
          "INSERT INTO loose SELECT id, ctid::text FROM employees",
          "UPDATE employees SET name = ctid::text",
          "UPDATE employees SET salary = 1 RETURNING xmin",
          "DELETE FROM employees WHERE ctid = '(0,2)'",
          "INSERT INTO loose SELECT 1, most_common_vals::text FROM pg_stats",
          "INSERT INTO pg_class DEFAULT VALUES",
          "DELETE FROM pg_catalog.pg_statistic",
          "UPDATE ONLY shop.blocked SET region = 'EU'",
          "INSERT INTO loose VALUES (1, current_setting('port'))",
          "INSERT INTO loose VALUES (nextval('x'), 'a')",
          "WITH d AS (DELETE FROM employees RETURNING *) INSERT INTO loose SELECT id, secret FROM d",
          "INSERT INTO loose WITH d AS (DELETE FROM employees RETURNING *) SELECT id, secret FROM d",
          "DELETE FROM employees WHERE CURRENT OF c",
          "UPDATE employees SET name = 'x'; DELETE FROM blocked",
          "COPY loose FROM PROGRAM 'id'",
          "COPY loose TO '/tmp/x'",
          "TRUNCATE employees",
          "LOCK TABLE employees",
          "EXPLAIN ANALYZE DELETE FROM employees",
          "PREPARE p AS DELETE FROM employees",
          "SELECT * INTO x FROM employees",
          "CREATE TABLE x AS SELECT * FROM employees",
          "CALL p()",
          "DO $$ BEGIN DELETE FROM shop.blocked; END $$",
          "UPDATE employees SET name = 'x' WHERE id IN (SELECT id FROM employees FOR UPDATE)",
          "MERGE INTO employees e USING departments d ON true WHEN NOT MATCHED THEN INSERT (id, region) "
          "VALUES (1, 'US') "
          "WHEN MATCHED AND e.id = 1 THEN UPDATE SET region = 'US'",
          "MERGE INTO employees e USING (VALUES (2)) s (id) ON e.id = s.id WHEN NOT MATCHED THEN INSERT (id, "
          "region) "
          "VALUES (s.id, 'EU')",
          "MERGE INTO employees e USING (VALUES (1)) s (id) ON e.id = s.id WHEN MATCHED THEN UPDATE SET name "
          "= e.inner_note",
          "MERGE INTO blocked b USING (VALUES (1)) s (id) ON b.id = s.id WHEN MATCHED THEN DELETE"}) {
        EXPECT_TRUE(attack(sql)) << sql;
    }
}

}  // namespace hostile_write_test
}  // namespace majed::governed
