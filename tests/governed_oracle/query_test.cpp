// SPDX-License-Identifier: Apache-2.0
// Queries on an Oracle source, from the gateway's door to the calls of the client library and back.
#include "governed_oracle/governed_double.h"

#include <gtest/gtest.h>

#include <map>

namespace majed::governed_oracle {
namespace query_test {

using policy::Role;

const std::vector<std::string> company{
    "CREATE TABLE employees (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), email VARCHAR2(80), region "
    "VARCHAR2(10), salary NUMBER(9), code VARCHAR2(10), dept_id NUMBER(9))",
    "CREATE TABLE departments (id NUMBER(9) PRIMARY KEY, title VARCHAR2(40), region VARCHAR2(10))",
    "CREATE TABLE prices (id NUMBER(9), amount NUMBER(9))",
    "CREATE TABLE hidden (id NUMBER(9))",
    "CREATE TABLE offices (id NUMBER(9))",
    "INSERT INTO employees VALUES (1, 'Ann', 'ann@x.org', 'EU', 100, '10', 1)",
    "INSERT INTO employees VALUES (2, 'Bob', 'bob@x.org', 'US', 777, 'seven', 1)",
    "INSERT INTO employees VALUES (3, 'Cid', NULL, 'EU', 300, '30', 2)",
    "INSERT INTO employees VALUES (4, 'Dan', 'dan', NULL, 888, 'eight', 3)",
    "INSERT INTO departments VALUES (1, 'sales', 'EU')",
    "INSERT INTO departments VALUES (2, 'stock', 'EU')",
    "INSERT INTO departments VALUES (3, 'board', 'US')",
    "INSERT INTO prices VALUES (1, 10)",
    "INSERT INTO prices VALUES (3, 0)",
    "INSERT INTO hidden VALUES (1)",
    "INSERT INTO majed_synonyms VALUES ('PUBLIC', 'STAFF', 'EMPLOYEES')",
    "INSERT INTO majed_synonyms VALUES ('PUBLIC', 'COVER', 'HIDDEN')",
    "INSERT INTO majed_synonyms VALUES ('PUBLIC', 'HIDDEN', 'EMPLOYEES')"};

policy::RowPolicy rule(std::string table, std::vector<Role> roles, std::string rows) {
    return {"", std::move(table), std::move(roles), std::move(rows), {}, "majed.toml:1"};
}

std::shared_ptr<const policy::PolicySet> company_rules() {
    auto set = policy::PolicySet::create(
        {rule("EMPLOYEES", {Role::normal}, "region = :user.region"),
         rule("EMPLOYEES", {Role::superuser}, "region IN (:user.regions)"),
         rule("EMPLOYEES", {Role::admin}, "*"),
         rule("DEPARTMENTS", {Role::normal, Role::superuser},
              "id IN (SELECT e.dept_id FROM employees e WHERE e.region = :user.region)"),
         rule("DEPARTMENTS", {Role::admin}, "*"), rule("OFFICES", {Role::admin}, "id > :user.region"),
         rule("PRICES", {Role::normal, Role::superuser, Role::admin}, "*")},
        {{"", "EMPLOYEES", "EMAIL", {Role::normal}, *policy::parse_mask("email"), "majed.toml:9"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

class OracleQuery : public testing::Test {
protected:
    static GovernedDouble& shop() {
        static GovernedDouble only("query", company, company_rules());
        return only;
    }
    void SetUp() override { ASSERT_EQ(shop().error(), ""); }
    static std::string answer(const std::string& sql, driver::Parameters parameters = {}) {
        return shop().run(eu, sql, Role::normal, std::move(parameters)).text();
    }

    static inline const Attributes eu{{"region", {"EU"}}};
};

TEST_F(OracleQuery, answers_with_the_rows_and_columns_of_the_rules) {
    EXPECT_EQ(answer("SELECT id, name FROM employees"), "1|Ann|\n3|Cid|\n");
    EXPECT_EQ(answer("SELECT email FROM employees"), "a***@x.org|\n~|\n");
    EXPECT_EQ(answer("SELECT e.name, d.title FROM shop.employees e JOIN departments d ON d.id = e.dept_id"),
              "Ann|sales|\nCid|stock|\n");
    EXPECT_EQ(answer("SELECT COUNT(*) FROM (SELECT * FROM employees UNION ALL SELECT * FROM employees) x"),
              "4|\n");
    EXPECT_EQ(answer("SELECT 1 FROM dual"), "1|\n");
    EXPECT_EQ(answer("SELECT p.amount FROM prices p WHERE p.id IN (SELECT id FROM employees)"), "0|\n10|\n");
    EXPECT_EQ(shop().run(eu, "SELECT COUNT(*) FROM employees", Role::admin).text(), "4|\n");
}

TEST_F(OracleQuery, follows_synonyms_and_keeps_the_rules_of_their_tables) {
    EXPECT_EQ(answer("SELECT id, email FROM staff"), "1|a***@x.org|\n3|~|\n");
    EXPECT_EQ(answer("SELECT staff.name FROM staff JOIN employees e ON e.id = staff.id"), "Ann|\nCid|\n");
    for (const char* const table : {"cover", "hidden"}) {
        EXPECT_EQ(answer(std::string("SELECT id FROM ") + table).rfind("denied: there is no table ", 0), 0U);
    }
}

TEST_F(OracleQuery, takes_the_principals_attributes_as_binds) {
    EXPECT_EQ(shop().run({{"region", {"US' OR '1'='1"}}}, "SELECT id FROM employees").text(), "");
    EXPECT_EQ(
        shop().run({{"regions", {"EU", "", "a\"b"}}}, "SELECT id FROM employees", Role::superuser).text(),
        "1|\n3|\n");
    for (const Attributes& nobody :
         {Attributes{}, Attributes{{"region", {""}}}, Attributes{{"region", {"EU", "US"}}}}) {
        EXPECT_EQ(shop().run(nobody, "SELECT id FROM employees").text(), "");
    }
    const Answer long_one = shop().run({{"region", {std::string(2001, 'x')}}}, "SELECT id FROM employees");
    EXPECT_EQ(long_one.text(), "invalid_argument: attribute region is longer than 2000 bytes");
}

TEST_F(OracleQuery, takes_the_callers_binds_beside_them) {
    const std::string two = "SELECT id FROM employees WHERE salary < :most AND name <> :2";
    EXPECT_EQ(answer(two, {{Value(Null{}), Value(std::string("Cid"))}, {{"most", std::int64_t{500}}}}),
              "1|\n");
    EXPECT_EQ(
        answer("SELECT id FROM employees WHERE id = :1 OR id = :x", {{std::int64_t{1}, std::int64_t{3}}, {}}),
        "1|\n3|\n");
    EXPECT_EQ(answer("SELECT id FROM employees WHERE id = :a OR 0 = :a", {{}, {{"A", std::int64_t{3}}}}),
              "3|\n");
    EXPECT_EQ(answer("SELECT id FROM employees WHERE id = :a"),
              "invalid_argument: no value was given for parameter :A");
    EXPECT_EQ(answer("SELECT id FROM employees", {{std::int64_t{1}}, {}}),
              "invalid_argument: the statement has no parameter :1");
}

/// A right guess about a hidden row must end like a wrong one.
TEST_F(OracleQuery, hidden_rows_do_not_make_conditions_fail) {
    const std::map<std::string, std::string> guesses{
        {"SELECT id FROM employees WHERE TO_NUMBER(code) > 5", "1|\n3|\n"},
        {"SELECT id FROM employees WHERE TO_NUMBER(code) > 5 AND id > 0", "1|\n3|\n"},
        {"SELECT n FROM (SELECT TO_NUMBER(code) n FROM employees) x WHERE x.n > 15", "30|\n"},
        {"WITH c AS (SELECT TO_NUMBER(code) n FROM employees) SELECT n FROM c WHERE n > 15", "30|\n"},
        {"SELECT e.id FROM employees e JOIN prices p ON p.amount / (e.salary - 777) < 1", "1|\n1|\n3|\n3|\n"},
        {"SELECT 1 FROM dual WHERE EXISTS (SELECT 1 FROM employees WHERE 1 / (salary - 777) < 0)", "1|\n"},
        {"SELECT dept_id FROM employees GROUP BY dept_id HAVING MAX(1 / (salary - 777)) < 0", "1|\n2|\n"}};
    for (const auto& [sql, expected] : guesses) EXPECT_EQ(answer(sql), expected) << sql;
}

TEST_F(OracleQuery, writes_and_what_is_no_query_are_refused_in_words) {
    for (const char* const sql :
         {"INSERT INTO prices VALUES (9, 9)", "DELETE FROM prices", "UPDATE prices SET amount = 1",
          "MERGE INTO prices p USING dual ON (p.id = 1) WHEN MATCHED THEN UPDATE SET p.amount = 1",
          "BEGIN NULL; END;", "DROP TABLE prices", "ALTER SESSION SET NLS_SORT = GERMAN",
          "SET TRANSACTION READ WRITE", "COMMIT", "CALL f()", "LOCK TABLE prices IN EXCLUSIVE MODE",
          "SELECT id FROM prices FOR UPDATE", "EXPLAIN PLAN FOR SELECT 1 FROM dual",
          "WITH FUNCTION f RETURN NUMBER IS BEGIN RETURN 1; END; SELECT f FROM dual"}) {
        const Answer refused = shop().run(eu, sql, Role::admin);
        ASSERT_TRUE(refused.error) << sql;
        EXPECT_TRUE(refused.error->code == ErrorCode::denied || refused.error->code == ErrorCode::unsupported)
            << sql << ": " << refused.text();
        EXPECT_FALSE(refused.error->message.empty());
        EXPECT_TRUE(refused.error->offset) << sql;
    }
    EXPECT_EQ(shop().plain("SELECT COUNT(*) FROM prices").text(), "2|\n");
    EXPECT_EQ(answer("SELECT id FROM hidden"), "denied: there is no table HIDDEN that you may read");
}

/// SET TRANSACTION READ ONLY comes first, or nothing is asked; what is open at the end is rolled back, or the session goes.
TEST_F(OracleQuery, each_runs_in_a_transaction_of_its_own_that_only_reads) {
    const std::string one = "SELECT id FROM employees WHERE id = 1";
    ASSERT_EQ(answer(one), "1|\n");
    const auto opened = the_double().sessions_opened();
    const auto trips = the_double().round_trips();
    ASSERT_EQ(answer(one), "1|\n");
    EXPECT_EQ(the_double().sessions_opened(), opened);
    EXPECT_LE(the_double().round_trips() - trips, 5U);

    ASSERT_TRUE(the_double().script("on execute set transaction read only\n  error 1453\n"));
    EXPECT_EQ(answer(one).find("1|"), std::string::npos);
    ASSERT_TRUE(the_double().script("on execute select * rownum *\n  error 1456\n"));
    EXPECT_EQ(answer("SELECT id FROM employees WHERE 1 / id > 0"),
              "denied: the database refused the statement: it reaches for something no policy opened");
    ASSERT_TRUE(the_double().script("on rollback\n  lose\n"));
    for (int more_than_the_pool_holds = 0; more_than_the_pool_holds < 4; ++more_than_the_pool_holds)
        EXPECT_EQ(answer(one), "1|\n");
    ASSERT_TRUE(the_double().script(""));
    EXPECT_EQ(answer(one), "1|\n");
    EXPECT_GT(the_double().sessions_opened(), opened);
}

TEST_F(OracleQuery, columns_are_called_as_they_were_written) {
    const auto names = [](const std::string& sql) { return shop().run(eu, sql).columns; };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names("SELECT id, COUNT(*), MAX(name) AS \"most Of\" FROM employees GROUP BY id"),
              (Names{"ID", "COUNT(*)", "most Of"}));
    EXPECT_EQ(names("SELECT (SELECT COUNT(*) FROM employees) FROM dual"),
              (Names{"(SELECTCOUNT(*)FROMEMPLOYEES)"}));
}

/// Nothing of the text that was sent, nor of what the database says, is told.
TEST_F(OracleQuery, errors_of_the_database_are_told_in_our_words) {
    const Answer refused = shop().run(eu, "SELECT 1 / (id - 1) FROM employees");
    ASSERT_TRUE(refused.error);
    EXPECT_EQ(refused.error->native_code, 1476);
    EXPECT_EQ(refused.error->offset.value_or(0), 0U);
    EXPECT_EQ(refused.text().find("G_"), std::string::npos);
}

TEST_F(OracleQuery, an_administrator_sees_what_would_be_sent) {
    EXPECT_EQ(shop().rewritten(eu, "SELECT name FROM employees"), "SELECT name FROM employees");
    EXPECT_EQ(
        shop().rewritten(eu, "SELECT id FROM offices"),
        "SELECT id FROM (SELECT \"ID\" FROM \"SHOP\".\"OFFICES\" \"guard\" WHERE (\"guard\".id > :user_1\n)) "
        "\"OFFICES\"");
    EXPECT_EQ(shop().rewritten(eu, "SELECT nothing FROM employees"), "there is no column NOTHING");
}

TEST_F(OracleQuery, a_column_that_came_since_is_found) {
    EXPECT_EQ(answer("SELECT amount FROM prices WHERE id = 1"), "10|\n");
    shop().execute("ALTER TABLE prices RENAME COLUMN amount TO price");
    ASSERT_EQ(shop().error(), "");
    EXPECT_EQ(answer("SELECT amount FROM prices WHERE id = 1"), "not_found: there is no column AMOUNT");
    EXPECT_EQ(answer("SELECT price FROM prices WHERE id = 1"), "10|\n");
    shop().execute("ALTER TABLE prices RENAME COLUMN price TO amount");
}

}  // namespace query_test
}  // namespace majed::governed_oracle
