// SPDX-License-Identifier: Apache-2.0
// Writes on an Oracle source, from the gateway's door to the calls of the client library: which rows they reach, which they may
// leave, what they must not tell. What the double makes of a query in the target's place is SQLite's (tests/doubles/oci).
#include "governed_oracle/governed_double.h"

#include <gtest/gtest.h>

#include <map>

namespace majed::governed_oracle {
namespace write_test {

using policy::Action;
using policy::ActionSet;
using policy::Role;

const ActionSet everything{Action::select, Action::insert, Action::update, Action::delete_};

const std::vector<std::string> tables{
    "CREATE TABLE staff (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), email VARCHAR2(40), region "
    "VARCHAR2(10), "
    "salary NUMBER(9), code VARCHAR2(10) DEFAULT '5')",
    "CREATE TABLE orders (id NUMBER(9), owner NUMBER(9), note VARCHAR2(40))",
    "CREATE TABLE log (word VARCHAR2(40))",
    "CREATE TABLE parts (id NUMBER(9), secret VARCHAR2(10) DEFAULT 's', weight NUMBER(9))",
    "CREATE TABLE watched (id NUMBER(9))",
    "CREATE TABLE parent (id NUMBER(9) PRIMARY KEY)",
    "CREATE TABLE child (id NUMBER(9) REFERENCES parent(id) ON DELETE CASCADE)",
    "CREATE TABLE seen (id NUMBER(9))",
    "CREATE VIEW v_all AS SELECT id, name FROM staff",
    "CREATE TRIGGER fires AFTER INSERT ON watched BEGIN NULL; END;",
    "INSERT INTO majed_synonyms VALUES ('PUBLIC', 'PEOPLE', 'STAFF')",
    "INSERT INTO majed_synonyms VALUES ('PUBLIC', 'WORDS', 'LOG')"};

const std::vector<std::string> rows{"DELETE FROM staff",
                                    "DELETE FROM orders",
                                    "DELETE FROM log",
                                    "DELETE FROM parts",
                                    "DELETE FROM parent",
                                    "INSERT INTO staff VALUES (1, 'Ann', 'ann@x', 'EU', 100, '10')",
                                    "INSERT INTO staff VALUES (2, 'Bob', 'bob@x', 'US', 777, 'seven')",
                                    "INSERT INTO staff VALUES (3, 'Cid', 'cid@x', 'EU', 300, '30')",
                                    "INSERT INTO staff VALUES (4, 'Dan', 'dan@x', NULL, 888, 'eight')",
                                    "INSERT INTO orders VALUES (1, 1, 'a')",
                                    "INSERT INTO orders VALUES (2, 2, 'b')",
                                    "INSERT INTO orders VALUES (3, 3, 'c')",
                                    "INSERT INTO parent VALUES (1)",
                                    "INSERT INTO parts VALUES (1, 's', 5)"};

std::shared_ptr<const policy::PolicySet> shop_rules() {
    const std::string mine = "region = :user.region";
    const std::string owned = "owner IN (SELECT s.id FROM staff s WHERE s.region = :user.region)";
    auto set = policy::PolicySet::create(
        {{"", "STAFF", {Role::normal}, mine, {}, "t", false, everything},
         {"", "STAFF", {Role::superuser}, "region IN (:user.regions)", {}, "t", false, everything},
         {"", "STAFF", {Role::admin}, "*", {}, "t"},
         {"", "STAFF", {Role::admin}, mine, {"NAME", "SALARY"}, "t", false, {Action::update}},
         {"", "ORDERS", {Role::normal}, owned, {}, "t", false, everything},
         {"", "ORDERS", {Role::admin}, "*", {}, "t", false, everything},
         {"", "LOG", {Role::normal}, "*", {}, "t", false, {Action::insert}},
         {"", "PARTS", {Role::normal}, "*", {"ID", "WEIGHT"}, "t", false, everything},
         {"", "WATCHED", {Role::normal}, "*", {}, "t", false, everything},
         {"", "PARENT", {Role::normal}, "*", {}, "t", false, everything},
         {"", "V_ALL", {Role::normal}, "*", {}, "t", false, everything},
         {"", "SEEN", {Role::normal}, "*", {}, "t"}},
        {{"", "STAFF", "EMAIL", {Role::normal}, *policy::parse_mask("email"), "t"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

class OracleWrites : public testing::Test {
protected:
    static GovernedDouble& shop() {
        static GovernedDouble only("write", tables, shop_rules(), driver::Access::read_write);
        return only;
    }
    void SetUp() override {
        for (const std::string& row : rows) shop().execute(row);
        ASSERT_EQ(shop().error(), "");
    }
    static std::string said(const Answer& answer) {
        if (answer.error) return answer.text();
        return answer.text() + (answer.affected ? "#" + std::to_string(*answer.affected) : "");
    }
    static std::string eu(const std::string& sql, driver::Parameters parameters = {}) {
        return said(shop().run({{"region", {"EU"}}}, sql, Role::normal, std::move(parameters)));
    }
    static std::string all(const std::string& table) {
        return shop().plain("SELECT * FROM " + table + " ORDER BY 1").text();
    }
    static std::string staff() {
        return shop().plain("SELECT id, name, region, salary FROM staff ORDER BY 1").text();
    }

    static constexpr const char* untouched = "1|Ann|EU|100|\n2|Bob|US|777|\n3|Cid|EU|300|\n4|Dan|~|888|\n";
};

constexpr const char* refused_row =
    "denied: a row would be one that the policies do not let you write; nothing was written";

TEST_F(OracleWrites, update_reaches_its_rows_alone) {
    EXPECT_EQ(eu("UPDATE staff SET salary = salary + 1"), "#2");
    EXPECT_EQ(staff(), "1|Ann|EU|101|\n2|Bob|US|777|\n3|Cid|EU|301|\n4|Dan|~|888|\n");
    EXPECT_EQ(eu("UPDATE staff SET salary = 7 WHERE id = 2"), "#0");
    EXPECT_EQ(eu("UPDATE shop.staff s SET s.name = (SELECT 'x' FROM dual), salary = 0 WHERE s.id >= 2"),
              "#1");
    EXPECT_EQ(eu("UPDATE staff SET salary = :s WHERE id = :1", {{std::int64_t{1}}, {{"s", std::int64_t{5}}}}),
              "#1");
    EXPECT_EQ(eu("UPDATE staff SET name = 'y' WHERE region = 'US' OR 1 = 1"), "#2");
    EXPECT_EQ(staff(), "1|y|EU|5|\n2|Bob|US|777|\n3|y|EU|0|\n4|Dan|~|888|\n");
}

TEST_F(OracleWrites, go_by_a_synonym_to_the_table_and_its_rule) {
    EXPECT_EQ(eu("UPDATE people SET salary = people.salary + 1"), "#2");
    EXPECT_EQ(eu("UPDATE people SET region = 'US' WHERE id = 1"), refused_row);
    EXPECT_EQ(eu("INSERT INTO words VALUES ('w')"), "#1");
    EXPECT_EQ(eu("DELETE FROM words").rfind("denied: no rule lets role normal delete rows of table LOG", 0),
              0U);
    EXPECT_EQ(staff(), "1|Ann|EU|101|\n2|Bob|US|777|\n3|Cid|EU|301|\n4|Dan|~|888|\n");
    EXPECT_EQ(all("log"), "w|\n");
}

TEST_F(OracleWrites, update_leaves_no_row_that_may_not_be) {
    EXPECT_EQ(eu("UPDATE staff SET region = 'US' WHERE id = 1"), refused_row);
    EXPECT_EQ(eu("UPDATE staff SET region = NULL"), refused_row);
    EXPECT_EQ(eu("UPDATE staff SET region = CASE WHEN id = 3 THEN 'US' ELSE 'EU' END"), refused_row);
    EXPECT_EQ(staff(), untouched);
    EXPECT_EQ(eu("UPDATE staff SET region = 'EU', salary = 1 WHERE region = 'EU'"), "#2");
    EXPECT_EQ(eu("UPDATE orders SET note = 'n'"), "#2");
    EXPECT_EQ(eu("UPDATE orders SET owner = 1").substr(0, 12), "unsupported:");
    EXPECT_EQ(all("orders"), "1|1|n|\n2|2|b|\n3|3|n|\n");
}

TEST_F(OracleWrites, delete_reaches_its_rows_alone) {
    EXPECT_EQ(eu("DELETE FROM orders WHERE owner IN (SELECT id FROM staff)"), "#2");
    EXPECT_EQ(all("orders"), "2|2|b|\n");
    EXPECT_EQ(eu("DELETE staff"), "#2");
    EXPECT_EQ(staff(), "2|Bob|US|777|\n4|Dan|~|888|\n");
}

TEST_F(OracleWrites, insert_leaves_no_row_that_may_not_be) {
    EXPECT_EQ(eu("INSERT INTO staff (id, region) VALUES (5, 'US')"), refused_row);
    EXPECT_EQ(eu("INSERT INTO staff (id) VALUES (5)"), refused_row);
    EXPECT_EQ(
        eu("INSERT INTO staff (id, region) SELECT id + 10, CASE WHEN id = 3 THEN 'US' ELSE 'EU' END FROM "
           "staff"),
        refused_row);
    EXPECT_EQ(staff(), untouched);
    EXPECT_EQ(eu("INSERT INTO staff (id, region) SELECT id + 10, region FROM staff"), "#2");
    EXPECT_EQ(eu("INSERT INTO staff VALUES (5, 'E', 'e@x', 'EU', 1, '1')"),
              "denied: EMAIL is masked for you: it cannot be written");
    EXPECT_EQ(eu("INSERT INTO log SELECT name FROM staff WHERE id < 10"), "#2");
    EXPECT_EQ(eu("INSERT INTO log SELECT email FROM staff").substr(0, 7), "denied:");
    EXPECT_EQ(all("log"), "Ann|\nCid|\n");
    EXPECT_EQ(eu("INSERT INTO parts VALUES (2, 7)"), "#1");
    EXPECT_EQ(all("parts"), "1|s|5|\n2|s|7|\n");
    EXPECT_EQ(eu("INSERT INTO orders VALUES (9, 1, 'x')").substr(0, 12), "unsupported:");
}

TEST_F(OracleWrites, takes_the_values_of_an_attribute_one_by_one) {
    const auto as = [](std::vector<std::string> regions, const std::string& sql) {
        return said(shop().run({{"regions", std::move(regions)}}, sql, Role::superuser));
    };
    EXPECT_EQ(as({"EU", "", "US"}, "UPDATE staff SET salary = 1"), "#3");
    EXPECT_EQ(as({"US"}, "UPDATE staff SET region = 'EU'"), refused_row);
    EXPECT_EQ(as({"US"}, "DELETE FROM staff"), "#1");
    EXPECT_EQ(as({}, "DELETE FROM staff"), "#0");
    EXPECT_EQ(as({""}, "INSERT INTO staff (id, region) VALUES (9, 'EU')"), refused_row);
    EXPECT_EQ(as(std::vector<std::string>(17, "EU"), "DELETE FROM staff"),
              "invalid_argument: attribute regions has more than 16 values: no write can be held to them");
    EXPECT_EQ(staff(), "1|Ann|EU|1|\n3|Cid|EU|1|\n4|Dan|~|888|\n");
}

TEST_F(OracleWrites, holds_columns_to_their_rules) {
    const auto admin = [](const std::string& sql) {
        return said(shop().run({{"region", {"EU"}}}, sql, Role::admin));
    };
    EXPECT_EQ(admin("UPDATE staff SET salary = 9 WHERE region = 'US' OR id = 1"), "#1");
    EXPECT_EQ(admin("UPDATE staff SET region = 'US'"),
              "denied: REGION is not among the columns that your rules let you write");
    EXPECT_EQ(admin("DELETE FROM staff").substr(0, 7), "denied:");
    EXPECT_EQ(admin("UPDATE orders SET owner = 4"), "#3");
    EXPECT_EQ(eu("UPDATE staff SET email = 'x'"), "denied: EMAIL is masked for you: it cannot be written");
    EXPECT_EQ(eu("UPDATE staff SET name = email").substr(0, 7), "denied:");
    EXPECT_EQ(eu("DELETE FROM staff WHERE email = 'ann@x'").substr(0, 7), "denied:");
    EXPECT_EQ(eu("DELETE FROM seen").substr(0, 7), "denied:");
}

/// A right guess about a hidden row must end like a wrong one.
TEST_F(OracleWrites, hidden_rows_do_not_make_conditions_fail) {
    const std::map<std::string, std::string> guesses{
        {"UPDATE staff SET name = name WHERE TO_NUMBER(code) > 5", "#2"},
        {"UPDATE staff SET name = name WHERE 1 / (salary - 777) < 5", "#2"},
        {"UPDATE staff SET salary = 1 / (salary - 777) WHERE id > 0", "#2"},
        {"DELETE FROM staff WHERE 1 / (salary - 777) > 5", "#0"},
        {"DELETE FROM staff x WHERE EXISTS (SELECT 1 FROM dual WHERE 1 / (x.salary - 888) > 5)", "#0"},
        {"DELETE FROM staff WHERE id IN (SELECT s.id FROM staff s WHERE TO_NUMBER(s.code) > 99)", "#0"},
        {"INSERT INTO log SELECT name FROM staff WHERE TO_NUMBER(code) > 15", "#1"},
        {"INSERT INTO log VALUES ((SELECT MAX(name) FROM staff WHERE 1 / (salary - 777) < 0))", "#1"}};
    for (const auto& [sql, expected] : guesses) EXPECT_EQ(eu(sql), expected) << sql;
    EXPECT_EQ(eu("UPDATE staff SET name = 'x' WHERE 1 / (id - 1) > 5").substr(0, 17), "invalid_argument:");
}

TEST_F(OracleWrites, merge_reaches_and_leaves_its_rows_alone) {
    const std::string numbers = "(SELECT 1 id, 11 pay FROM dual UNION ALL SELECT 2, 22 FROM dual)";
    EXPECT_EQ(eu("MERGE INTO staff s USING " + numbers +
                 " n ON (s.id = n.id) WHEN MATCHED THEN UPDATE SET s.salary = n.pay"),
              "#1");
    EXPECT_EQ(
        eu("MERGE INTO shop.staff USING (SELECT :i id, :r region FROM dual) n ON (staff.id = n.id) WHEN "
           "MATCHED "
           "THEN UPDATE SET name = 'm' WHEN NOT MATCHED THEN INSERT (id, region) VALUES (n.id, n.region)",
           {{}, {{"i", std::int64_t{5}}, {"r", std::string("EU")}}}),
        "#1");
    EXPECT_EQ(staff(), "1|Ann|EU|11|\n2|Bob|US|777|\n3|Cid|EU|300|\n4|Dan|~|888|\n5|~|EU|~|\n");
    const std::string all_of_them =
        "MERGE INTO staff s USING dual ON (s.id > 0) WHEN MATCHED THEN UPDATE SET ";
    EXPECT_EQ(eu(all_of_them + "s.salary = 7 WHERE s.id < 5 DELETE WHERE s.salary = 7 AND s.id = 3"), "#2");
    EXPECT_EQ(staff(), "1|Ann|EU|7|\n2|Bob|US|777|\n4|Dan|~|888|\n5|~|EU|~|\n");
    EXPECT_EQ(eu(all_of_them + "s.region = 'US'"), refused_row);
    EXPECT_EQ(eu(all_of_them + "s.region = 'US' DELETE WHERE s.region = 'US'"), refused_row);
    EXPECT_EQ(eu(all_of_them + "s.salary = 0 WHEN NOT MATCHED THEN INSERT (id, region) VALUES (8, 'EU')"),
              "#2");
    EXPECT_EQ(
        eu("MERGE INTO staff s USING dual ON (s.id = 8) WHEN NOT MATCHED THEN INSERT (id, region) VALUES (8, "
           "'US')"),
        refused_row);
    // What was updated before goes with it.
    EXPECT_EQ(eu("MERGE INTO staff s USING (SELECT 1 id FROM dual UNION ALL SELECT 8 FROM dual) n ON (s.id = "
                 "n.id) WHEN "
                 "MATCHED THEN UPDATE SET s.salary = 9 WHEN NOT MATCHED THEN INSERT (id) VALUES (n.id)"),
              refused_row);
    EXPECT_EQ(staff(), "1|Ann|EU|0|\n2|Bob|US|777|\n4|Dan|~|888|\n5|~|EU|0|\n");
}

TEST_F(OracleWrites, merge_reads_what_it_uses_by_its_rule) {
    EXPECT_EQ(
        eu("MERGE INTO parts p USING staff s ON (p.id = s.id + 100) WHEN NOT MATCHED THEN INSERT (id) VALUES "
           "(s.id + 10)"),
        "#2");
    EXPECT_EQ(eu("MERGE INTO parts p USING (SELECT COUNT(*) n FROM staff) s ON (p.id = 1) WHEN MATCHED THEN "
                 "UPDATE SET "
                 "p.weight = s.n"),
              "#1");
    EXPECT_EQ(all("parts"), "11|s|~|\n13|s|~|\n1|s|2|\n");
    EXPECT_EQ(eu("MERGE INTO parts p USING dual ON (p.id = 7) WHEN NOT MATCHED THEN INSERT VALUES (7, 70)"),
              "#1");
    EXPECT_EQ(shop().plain("SELECT * FROM parts WHERE id = 7").text(), "7|s|70|\n");
    // The rule of orders looks into another table: rows may not move.
    EXPECT_EQ(eu("MERGE INTO orders o USING staff s ON (o.owner = s.id) WHEN MATCHED THEN UPDATE SET o.note "
                 "= s.name "
                 "DELETE WHERE o.note = 'Cid'"),
              "#2");
    EXPECT_EQ(all("orders"), "1|1|Ann|\n2|2|b|\n");
    EXPECT_EQ(eu("MERGE INTO orders o USING dual ON (o.id = 1) WHEN MATCHED THEN UPDATE SET o.owner = 1")
                  .substr(0, 12),
              "unsupported:");
    EXPECT_EQ(eu("MERGE INTO orders o USING dual ON (o.id = 9) WHEN NOT MATCHED THEN INSERT (id, owner) "
                 "VALUES (9, 1)")
                  .substr(0, 12),
              "unsupported:");
    const std::string masked =
        "MERGE INTO parts p USING staff s ON (p.id = 1) WHEN MATCHED THEN UPDATE SET p.weight = ";
    EXPECT_EQ(eu(masked + "LENGTH(s.email)"),
              "denied: STAFF.EMAIL is masked for you: a write cannot depend on it");
    EXPECT_EQ(eu(masked + "1 WHERE s.email LIKE 'b%'").substr(0, 7), "denied:");
    EXPECT_EQ(eu(masked + "p.secret").substr(0, 10), "not_found:");
    EXPECT_EQ(eu("MERGE INTO parts p USING (SELECT 's' secret FROM dual) n ON (secret = 's') WHEN MATCHED "
                 "THEN UPDATE SET "
                 "p.weight = 1"),
              "unsupported: SECRET could be a column of PARTS that you do not see");
}

TEST_F(OracleWrites, merge_does_not_fail_on_hidden_rows) {
    const std::string matched = " WHEN MATCHED THEN UPDATE SET s.name = ";
    const std::string every = "MERGE INTO staff s USING dual ON (s.id > 0)" + matched;
    const std::vector<std::pair<std::string, std::string>> guesses{
        {"MERGE INTO staff s USING dual ON (TO_NUMBER(s.code) > 5)" + matched + "s.name", "#2"},
        {"MERGE INTO staff s USING dual ON (EXISTS (SELECT 1 FROM dual WHERE 1 / (s.salary - 888) > 5))" +
             matched + "'x'",
         "#0"},
        {every + "TO_CHAR(1 / (s.salary - 777))", "#2"},
        {every + "'x' WHERE 1 / (s.salary - 777) < 5", "#2"},
        {every + "'x' DELETE WHERE 1 / (s.salary - 777) > 5", "#2"},
        {"MERGE INTO parts p USING staff s ON (p.id = TO_NUMBER(s.code)) WHEN MATCHED THEN UPDATE SET "
         "p.weight = 1",
         "#0"},
        {"MERGE INTO parts p USING staff s ON (p.id = s.id) WHEN MATCHED THEN UPDATE SET p.weight = "
         "TO_NUMBER(s.code)",
         "#1"},
        {"MERGE INTO parts p USING staff s ON (p.id = s.id + 9) WHEN NOT MATCHED THEN INSERT (id) VALUES "
         "(TO_NUMBER(s.code))",
         "#2"},
        {"MERGE INTO parts p USING staff s ON (p.id = s.id + 99) WHEN NOT MATCHED THEN INSERT (id) VALUES "
         "(5) WHERE "
         "TO_NUMBER(s.code) > 20",
         "#1"},
        {"MERGE INTO parts p USING (SELECT id FROM staff WHERE TO_NUMBER(code) > 20) s ON (p.id = s.id + 99) "
         "WHEN NOT "
         "MATCHED THEN INSERT (id) VALUES (5)",
         "#1"}};
    for (const auto& [sql, expected] : guesses) EXPECT_EQ(eu(sql), expected) << sql;
    EXPECT_EQ(eu("MERGE INTO staff s USING dual ON (1 / (s.id - 1) > 5)" + matched + "'x'").substr(0, 17),
              "invalid_argument:");
    EXPECT_EQ(eu("MERGE INTO staff s USING dual ON (TO_NUMBER(s.code) > 5) WHEN MATCHED THEN UPDATE SET "
                 "region = 'EU'")
                  .substr(0, 53),
              "unsupported: REGION cannot be set beside an ON that m");
}

TEST_F(OracleWrites, merge_is_held_to_each_of_its_actions) {
    const auto admin = [](const std::string& rest) {
        return said(shop().run({{"region", {"EU"}}},
                               "MERGE INTO staff s USING dual ON (s.id > 0) WHEN " + rest, Role::admin));
    };
    EXPECT_EQ(admin("MATCHED THEN UPDATE SET s.salary = 9 WHERE s.region = 'US' OR s.id = 1"), "#1");
    EXPECT_EQ(admin("MATCHED THEN UPDATE SET s.code = '9'"),
              "denied: CODE is not among the columns that your rules let you write");
    EXPECT_EQ(admin("MATCHED THEN UPDATE SET s.salary = 9 DELETE WHERE s.id = 1").substr(0, 7), "denied:");
    EXPECT_EQ(admin("NOT MATCHED THEN INSERT (name) VALUES ('x')").substr(0, 7), "denied:");
    EXPECT_EQ(eu("MERGE INTO log USING dual ON (word = 'x') WHEN NOT MATCHED THEN INSERT VALUES ('x')"),
              "denied: the statement reads LOG, which no rule lets you read");
    EXPECT_EQ(staff(), "1|Ann|EU|9|\n2|Bob|US|777|\n3|Cid|EU|300|\n4|Dan|~|888|\n");
    // Two rows for one, and a key that a hidden row has.
    const Answer twice = shop().run(
        {{"region", {"EU"}}},
        "MERGE INTO parts p USING staff s ON (p.id = 1) WHEN MATCHED THEN UPDATE SET p.weight = s.id");
    EXPECT_EQ(twice.text(), "invalid_argument: the database refuses the statement or its values (ORA-30926)");
    EXPECT_NE(twice.error->hint, "");
    EXPECT_EQ(eu("MERGE INTO parts p USING dual ON (p.id = 1) WHEN MATCHED THEN UPDATE SET p.id = 2"),
              "invalid_argument: the database refuses the statement or its values (ORA-38104)");
    EXPECT_EQ(eu("MERGE INTO staff s USING dual ON (s.id = 2) WHEN NOT MATCHED THEN INSERT (id, region) "
                 "VALUES (2, 'EU')"),
              "conflict: the database refuses the statement or its values (ORA-00001)");
}

TEST_F(OracleWrites, refuses_what_would_drag_others_along) {
    EXPECT_EQ(eu("INSERT INTO watched VALUES (1)"),
              "unsupported: table WATCHED has triggers: what they would do is not governed");
    EXPECT_EQ(
        eu("DELETE FROM parent"),
        "unsupported: rows of other tables would change with those of PARENT by a foreign key: that is not "
        "governed");
    EXPECT_EQ(eu("INSERT INTO parent VALUES (2)"), "#1");
    // One that came since the schema was read.
    ASSERT_TRUE(
        the_double().script("on execute select count(*) from dba_triggers *\n  columns N NUMBER\n  row 1\n"));
    EXPECT_EQ(eu("INSERT INTO parent VALUES (3)"),
              "unsupported: the table has triggers, or rows of others would change with its own: that is not "
              "governed; nothing was written");
    const std::string merge = "MERGE INTO parent p USING dual ON (p.id = 3) WHEN ";
    EXPECT_EQ(eu(merge + "NOT MATCHED THEN INSERT VALUES (3)").substr(0, 28), "unsupported: the table has t");
    ASSERT_TRUE(the_double().script("on execute select count(*) from dba_triggers *\n  error 942\n"));
    EXPECT_NE(eu("INSERT INTO parent VALUES (3)").substr(0, 1), "#");
    // One that deletes is asked about as DELETE is.
    EXPECT_EQ(eu(merge + "MATCHED THEN UPDATE SET p.id = 4 DELETE WHERE p.id = 3").substr(0, 34),
              "unsupported: rows of other tables ");
    const std::string of_parts =
        "MERGE INTO parts p USING dual ON (p.id = 1) WHEN MATCHED THEN UPDATE SET p.weight = 6";
    ASSERT_TRUE(the_double().script(
        "on execute select count(*) from dba_constraints *\n  columns N NUMBER\n  row 1\n"));
    EXPECT_EQ(eu(of_parts), "#1");
    EXPECT_EQ(eu(of_parts + " DELETE WHERE p.weight = 6").substr(0, 28), "unsupported: the table has t");
    ASSERT_TRUE(the_double().script(""));
    EXPECT_EQ(all("parent"), "1|\n2|\n");
}

TEST_F(OracleWrites, commits_what_is_done_and_nothing_else) {
    EXPECT_EQ(eu("INSERT INTO parent VALUES (1)"),
              "conflict: the database refuses the statement or its values (ORA-00001)");
    ASSERT_TRUE(the_double().script("on commit\n  error 2091\n"));
    EXPECT_EQ(eu("DELETE FROM orders").substr(0, 9), "conflict:");
    ASSERT_TRUE(the_double().script("on commit\n  lose\n"));
    EXPECT_EQ(eu("DELETE FROM log").substr(0, 7), "denied:");
    EXPECT_EQ(eu("INSERT INTO log VALUES ('x')").substr(0, 9), "in_doubt:");
    ASSERT_TRUE(the_double().script("on execute delete from *\n  error 1031\n"));
    EXPECT_EQ(eu("DELETE FROM orders"),
              "denied: the database refused the write: the login may not write there");
    ASSERT_TRUE(the_double().script(""));
    EXPECT_EQ(all("orders"), "1|1|a|\n2|2|b|\n3|3|c|\n");
    EXPECT_EQ(eu("DELETE FROM orders"), "#2");
    EXPECT_EQ(shop().run({{"region", {"EU"}}}, "SELECT id FROM orders").text(), "");
}

/// Who cannot see what a write would drag along writes nothing.
TEST_F(OracleWrites, are_refused_to_a_login_that_sees_no_triggers) {
    for (const char* const view : {"dba_triggers", "dba_constraints"}) {
        ASSERT_TRUE(
            the_double().script("on execute select * from " + std::string(view) + " *\n  error 942\n"));
        GovernedDouble blind("blind_" + std::string(view), tables, shop_rules(), driver::Access::read_write);
        EXPECT_EQ(blind.error(), "");
        EXPECT_EQ(said(blind.run({}, "INSERT INTO log VALUES ('x')")),
                  "unsupported: what a write to LOG would do to other tables cannot be seen");
    }
    ASSERT_TRUE(the_double().script(""));
}

TEST_F(OracleWrites, are_refused_in_words) {
    for (const char* const sql :
         {"MERGE INTO log USING dual ON (1 = 1) WHEN NOT MATCHED THEN INSERT VALUES ('x')",
          "MERGE INTO v_all v USING dual ON (v.id = 1) WHEN MATCHED THEN UPDATE SET v.name = 'x'",
          "MERGE INTO (SELECT id, name FROM shop.staff) s USING dual ON (s.id = 1) WHEN MATCHED THEN UPDATE "
          "SET s.name = "
          "'x'",
          "MERGE INTO staff s USING dual ON (s.id = 1) WHEN MATCHED THEN UPDATE SET s.name = DEFAULT",
          "MERGE INTO staff s USING log ON (s.id = 1) WHEN MATCHED THEN UPDATE SET s.name = 'x'",
          "MERGE INTO staff s USING dual ON (s.id = 1) WHEN MATCHED THEN UPDATE SET s.name = 'x' LOG ERRORS",
          "INSERT ALL INTO log VALUES ('x') INTO log VALUES ('y') SELECT 1 FROM dual",
          "INSERT INTO log VALUES ('x') RETURNING word INTO :w",
          "DELETE FROM v_all",
          "UPDATE v_all SET name = 'x'",
          "INSERT INTO log SELECT name FROM staff LOG ERRORS",
          "UPDATE (SELECT * FROM staff) SET name = 'x'",
          "DELETE FROM (SELECT id FROM shop.staff)",
          "INSERT /*+ APPEND */ INTO staff (id, region) VALUES (9, 'EU')",
          "DELETE FROM staff WHERE ROWNUM = 1",
          "UPDATE staff SET name = (SELECT word FROM log)",
          "DELETE FROM nowhere",
          "UPDATE staff SET (name, salary) = (SELECT 'x', 1 FROM dual)",
          "UPDATE staff s SET s.name = 'x' FROM dual",
          "DELETE FROM child",
          "INSERT INTO log@elsewhere VALUES ('x')",
          "UPDATE staff SET ROWID = 'x'",
          "TRUNCATE TABLE log"}) {
        const Answer refused = shop().run({{"region", {"EU"}}}, sql);
        ASSERT_TRUE(refused.error) << sql;
        const ErrorCode code = refused.error->code;
        EXPECT_TRUE(code == ErrorCode::denied || code == ErrorCode::unsupported ||
                    code == ErrorCode::not_found || code == ErrorCode::parse_error)
            << sql << ": " << refused.text();
        EXPECT_EQ(refused.error->native_code, 0) << sql;
    }
    EXPECT_EQ(staff(), untouched);
    EXPECT_EQ(all("log"), "");
}

}  // namespace write_test
}  // namespace majed::governed_oracle
