// SPDX-License-Identifier: Apache-2.0
// Rules that the database holds itself, by the policies of `majed policy export`: who is told whom it serves, what is compared
// before anything is served, and that nobody is served with what the last one was. The double stands in for Virtual Private
// Database as far as our own script goes (tests/doubles/oci); no Oracle server was asked.
#include "governed_oracle/governed_double.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace majed::governed_oracle {
namespace native_test {

using policy::Action;
using policy::ActionSet;
using policy::Role;

const ActionSet everything{Action::select, Action::insert, Action::update, Action::delete_};

const std::vector<std::string> company{
    "CREATE TABLE staff (id NUMBER(9) PRIMARY KEY, name VARCHAR2(40), email VARCHAR2(40), region "
    "VARCHAR2(10), code VARCHAR2(10), grade CHAR(4), since DATE)",
    "CREATE TABLE orders (id NUMBER(9), owner NUMBER(9), note VARCHAR2(40))",
    "CREATE TABLE codes (code VARCHAR2(10), label VARCHAR2(40))",
    "CREATE TABLE unruled (id NUMBER(9))",
    "INSERT INTO staff VALUES (1, 'Ann', 'ann@x', 'EU', '10', 'a', DATE '2025-01-01')",
    "INSERT INTO staff VALUES (2, 'Bob', 'bob@x', 'US', 'seven', 'b', DATE '2025-02-01')",
    "INSERT INTO staff VALUES (3, 'Cid', 'cid@x', 'EU', '30', 'c', DATE '2025-03-01')",
    "INSERT INTO staff VALUES (4, 'Dan', 'dan@x', NULL, 'eight', NULL, NULL)",
    "INSERT INTO orders VALUES (1, 1, 'a')",
    "INSERT INTO orders VALUES (2, 2, 'b')",
    "INSERT INTO codes VALUES ('EU', 'Europe')"};

std::shared_ptr<const policy::PolicySet> company_rules() {
    const auto rule = [](std::string table, std::vector<Role> roles, std::string rows, ActionSet actions) {
        return policy::RowPolicy{
            "", std::move(table), std::move(roles), std::move(rows), {}, "majed.toml:1", false, actions};
    };
    const ActionSet reads{Action::select};
    auto set = policy::PolicySet::create(
        {rule("STAFF", {Role::normal}, "region = :user.region -- theirs", everything),
         rule("STAFF", {Role::superuser}, "since >= :user.day OR id IN (:user.ids)", reads),
         rule("STAFF", {Role::admin}, "*", reads),
         rule("ORDERS", {Role::normal, Role::superuser},
              "owner IN (SELECT s.id FROM staff s WHERE s.region = :user.region)", reads),
         rule("CODES", {Role::normal}, "*", reads)},
        {{"", "STAFF", "EMAIL", {Role::normal}, *policy::parse_mask("email"), "majed.toml:9"}});
    EXPECT_TRUE(set) << set.error().message;
    return std::make_shared<const policy::PolicySet>(*std::move(set));
}

class OracleNative : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(shop_.error(), ""); }
    void TearDown() override { ASSERT_TRUE(the_double().script("")); }
    std::string answer(const std::string& sql, const std::string& region = "EU") {
        return shop_.run({{"region", {region}}}, sql).text();
    }
    /// Of a database of its own: what one test changes there is no other's.
    static std::string service() {
        static int count = 0;
        return "native_" + std::to_string(++count);
    }
    static constexpr int more_than_the_pool_holds = 4;

    GovernedDouble shop_{service(), company, company_rules(), driver::Access::read_write,
                         source::Enforcement::native};
};

const std::string withheld = "unavailable: source shop is not served: its server does not hold the rules";

TEST_F(OracleNative, rows_are_those_of_the_role_and_the_attributes) {
    EXPECT_EQ(shop_.differences(), std::vector<std::string>());
    EXPECT_EQ(answer("SELECT id, email FROM staff"), "1|a***@x|\n3|c***@x|\n");
    EXPECT_EQ(answer("SELECT id FROM staff", "US"), "2|\n");
    EXPECT_EQ(answer("SELECT o.note, s.name FROM orders o JOIN shop.staff s ON s.id = o.owner"), "a|Ann|\n");
    EXPECT_EQ(answer("SELECT COUNT(*) FROM staff s, codes c WHERE c.code = s.region"), "2|\n");
    for (const Attributes& nobody :
         {Attributes{}, Attributes{{"region", {""}}}, Attributes{{"region", {"EU", "US"}}}})
        EXPECT_EQ(shop_.run(nobody, "SELECT id FROM staff").text(), "");
    EXPECT_EQ(answer("SELECT id FROM staff", "EU' OR '1'='1"), "");
    EXPECT_EQ(shop_.run({}, "SELECT COUNT(*) FROM staff", Role::admin).text(), "4|\n");
    EXPECT_EQ(shop_
                  .run({{"day", {"2025-02-01T00:00:00"}}, {"ids", {"1", "9"}}}, "SELECT id FROM staff",
                       Role::superuser)
                  .text(),
              "1|\n2|\n3|\n");
    EXPECT_EQ(shop_.run({{"day", {"2025-02-01T00:00:00"}}}, "SELECT id FROM staff", Role::superuser).text(),
              "");
    EXPECT_EQ(shop_.run({}, "SELECT id FROM staff", Role::integration).text(),
              "denied: there is no table STAFF that you may read");
}

TEST_F(OracleNative, a_statement_has_no_predicate_and_keeps_its_barrier) {
    EXPECT_EQ(answer("SELECT id FROM staff WHERE TO_NUMBER(code) > 15"), "3|\n");
    EXPECT_EQ(shop_.rewritten({}, "SELECT id FROM staff"), "SELECT id FROM staff");
    // Of those rules here that fit the text which is sent, the first decides.
    ASSERT_TRUE(the_double().script(
        "on execute select id from ( select * where rownum >= 1 ) * where to_number *\n"
        "  columns ID NUMBER(9)\n  row 77\n"
        "on execute select id from * where *\n  error 1\n"
        "on execute select id from ( select * from * )*\n  columns ID NUMBER(9)\n  row 78\n"
        "on execute select label from codes\n  columns LABEL VARCHAR2(9)\n  row 'as it is'\n"));
    EXPECT_EQ(answer("SELECT id FROM staff WHERE TO_NUMBER(code) > 15"), "77|\n");
    EXPECT_EQ(answer("SELECT id FROM staff"), "78|\n");
    EXPECT_EQ(answer("SELECT label FROM codes"), "as it is|\n");
}

TEST_F(OracleNative, who_asks_is_told_first_and_forgotten_last) {
    ASSERT_EQ(answer("SELECT id FROM staff"), "1|\n3|\n");
    // The pool may open a session meanwhile.
    auto least = UINT64_MAX;
    for (int i = 0; i < more_than_the_pool_holds; ++i) {
        const auto trips = the_double().round_trips();
        ASSERT_EQ(answer("SELECT id FROM staff", "US"), "2|\n");
        least = std::min(least, the_double().round_trips() - trips);
    }
    // Two more than without: OracleQuery.each_runs_in_a_transaction_of_its_own_that_only_reads.
    EXPECT_LE(least, 7U);
    const auto opened = the_double().sessions_opened();
    // Not told: nothing runs, and the session is gone.
    ASSERT_TRUE(the_double().script("on execute *begin_for*\n  error 6550\n"));
    for (int i = 0; i < more_than_the_pool_holds; ++i)
        EXPECT_EQ(answer("SELECT id FROM staff"), "unavailable: the database could not be told who asks");
    EXPECT_EQ(answer("UPDATE staff SET name = 'x'"), "unavailable: the database could not be told who asks");
    ASSERT_TRUE(the_double().script(""));
    EXPECT_EQ(shop_.plain("SELECT COUNT(*) FROM staff WHERE name = 'x'").text(), "0|\n");
    ASSERT_EQ(answer("SELECT id FROM staff", "US"), "2|\n");
    // Of the readers two at most were there before.
    EXPECT_GE(the_double().sessions_opened(), opened + more_than_the_pool_holds - 1);
}

/// What a session was told of one principal must not be there for the next, whatever fails between.
TEST_F(OracleNative, a_session_that_cannot_forget_serves_nobody_else) {
    ASSERT_EQ(answer("SELECT id FROM staff"), "1|\n3|\n");
    const auto opened = the_double().sessions_opened();
    ASSERT_TRUE(the_double().script("on execute *forget*\n  error 600\n"));
    for (int i = 0; i < more_than_the_pool_holds; ++i) {
        EXPECT_EQ(answer("SELECT id FROM staff"), "1|\n3|\n");
        EXPECT_EQ(answer("SELECT id FROM staff", "US"), "2|\n");
    }
    EXPECT_GE(the_double().sessions_opened(), opened + more_than_the_pool_holds);
    // Nor when the statement itself was stopped.
    ASSERT_TRUE(
        the_double().script("on execute select id from *\n  error 1013\non execute *forget*\n  lose\n"));
    EXPECT_NE(answer("SELECT id FROM staff"), "1|\n3|\n");
    ASSERT_TRUE(the_double().script(""));
    EXPECT_EQ(shop_.run({}, "SELECT id FROM staff").text(), "");
    EXPECT_EQ(answer("SELECT id FROM staff", "US"), "2|\n");
}

TEST_F(OracleNative, an_attribute_that_no_context_holds_is_told_of_and_nothing_runs) {
    EXPECT_EQ(answer("SELECT id FROM staff", std::string(2001, 'x')),
              "invalid_argument: attribute region is longer than 2000 bytes");
    EXPECT_EQ(shop_.run({{"ids", std::vector<std::string>(800, "1234")}}, "SELECT label FROM codes").text(),
              "invalid_argument: attribute ids has more values than the database's policies can be told of");
    EXPECT_EQ(answer("SELECT id FROM staff"), "1|\n3|\n");
}

TEST_F(OracleNative, users_reach_neither_the_context_nor_its_package) {
    for (const std::string sql :
         {"SELECT SYS_CONTEXT('majed_ctx', 'role') FROM dual",
          "SELECT id FROM staff WHERE SYS_CONTEXT('MAJED_CTX', 'v_region') = 'EU'",
          "SELECT majed_context.begin_for('admin') FROM dual",
          "SELECT keeper.majed_rules.select_1('SHOP', 'STAFF') FROM dual",
          "SELECT majed_context.forget FROM staff", "BEGIN majed_context.begin_for('admin'); END;",
          "BEGIN \"KEEPER\".majed_context.attribute('region', 'US', NULL); END;",
          "CALL keeper.majed_context.begin_for('admin')",
          "UPDATE staff SET name = SYS_CONTEXT('majed_ctx', 'v_region')",
          "DELETE FROM staff WHERE name = majed_context.begin_for('admin')",
          "WITH FUNCTION f RETURN NUMBER IS BEGIN keeper.majed_context.begin_for('admin'); "
          "RETURN 1; END; SELECT f FROM dual",
          "BEGIN DBMS_SESSION.SET_CONTEXT('majed_ctx', 'role', 'admin'); END;"}) {
        const Answer refused = shop_.run({{"region", {"EU"}}}, sql, Role::admin);
        ASSERT_TRUE(refused.error) << sql;
        EXPECT_TRUE(
            refused.error->code == ErrorCode::denied || refused.error->code == ErrorCode::unsupported ||
            refused.error->code == ErrorCode::not_found || refused.error->code == ErrorCode::invalid_argument)
            << sql << ": " << refused.text();
        EXPECT_EQ(refused.error->native_code, 0) << sql << " was sent";
    }
}

TEST_F(OracleNative, writes_are_held_to_the_rules) {
    EXPECT_EQ(shop_.run({{"region", {"EU"}}}, "UPDATE staff SET name = 'x'").affected, 2U);
    EXPECT_EQ(answer("UPDATE staff SET region = 'US' WHERE id = 1"),
              "denied: a row would be one that the policies do not let you write; nothing was written");
    EXPECT_EQ(answer("INSERT INTO staff (id, region) VALUES (9, 'US')"),
              "denied: a row would be one that the policies do not let you write; nothing was written");
    EXPECT_EQ(shop_.run({{"region", {"EU"}}}, "INSERT INTO staff (id, region) VALUES (9, 'EU')").affected,
              1U);
    const std::string merge =
        "MERGE INTO staff s USING orders o ON (s.id = o.owner) WHEN MATCHED THEN UPDATE SET ";
    EXPECT_EQ(shop_.run({{"region", {"EU"}}}, merge + "name = o.note").affected, 1U);
    EXPECT_EQ(answer(merge + "region = 'US'"),
              "denied: a row would be one that the policies do not let you write; nothing was written");
    EXPECT_EQ(shop_.run({}, "DELETE FROM staff WHERE id > 0").affected, 0U);
    EXPECT_EQ(shop_.run({{"region", {"EU"}}}, "DELETE FROM staff WHERE id IN (SELECT o.owner FROM orders o)")
                  .affected,
              1U);
    EXPECT_EQ(answer("UPDATE codes SET label = 'x'").substr(0, 6), "denied");
    EXPECT_EQ(shop_.plain("SELECT id, name FROM staff").text(), "2|Bob|\n3|x|\n4|Dan|\n9|~|\n");
}

/// The gateway's login past the gateway: the policies alone hold.
TEST_F(OracleNative, the_database_holds_the_rules_without_the_gateway) {
    EXPECT_EQ(shop_.as_login("SELECT id FROM staff").text(), "");
    EXPECT_EQ(shop_.as_login("INSERT INTO staff (id, region) VALUES (9, 'EU')").error->native_code, 28115);
    EXPECT_FALSE(shop_
                     .as_login("BEGIN keeper.majed_context.begin_for('normal'); "
                               "keeper.majed_context.attribute('region', 'EU', '[\"EU\"]'); END;")
                     .error);
    EXPECT_EQ(shop_.as_login("SELECT id FROM staff").text(), "1|\n3|\n");
    EXPECT_EQ(shop_.as_login("SELECT note FROM orders").text(), "a|\n");
    EXPECT_EQ(shop_.as_login("UPDATE staff SET name = 'x'").affected, 2U);
    EXPECT_EQ(shop_.as_login("UPDATE staff SET region = 'US'").error->native_code, 28115);
    EXPECT_EQ(shop_.as_login("DELETE FROM staff WHERE id = 2").affected, 0U);
    EXPECT_EQ(shop_.as_login("DELETE FROM orders").affected, 0U);
    EXPECT_EQ(shop_.as_login("BEGIN DBMS_SESSION.SET_CONTEXT('majed_ctx', 'role', 'admin'); END;")
                  .error->native_code,
              1031);
    EXPECT_FALSE(shop_.as_login("BEGIN keeper.majed_context.forget; END;").error);
    EXPECT_EQ(shop_.as_login("SELECT id FROM staff").text(), "");
    EXPECT_EQ(shop_.plain("SELECT COUNT(*) FROM staff").text(), "4|\n");
}

/// Found by the look that health takes, before the next statement is served; and served again once it is as it was.
TEST_F(OracleNative, a_source_whose_database_does_not_hold_the_rules_is_not_served) {
    const std::map<std::string, std::string> tampering{
        {"UPDATE majed_vpd_policies SET enable = 'NO' WHERE policy_name = 'MAJED_SELECT' AND object_name = "
         "'STAFF'",
         "table SHOP.STAFF: policy MAJED_SELECT is not the one that the rules make"},
        {"DELETE FROM majed_vpd_policies WHERE policy_name = 'MAJED_UPDATE' AND object_name = 'ORDERS'",
         "table SHOP.ORDERS: it has no policy MAJED_UPDATE"},
        {"INSERT INTO majed_vpd_policies VALUES ('SHOP', 'STAFF', 'SYS_DEFAULT', 'THEIRS', 'X', 'P', 'F', "
         "'YES', "
         "'NO', 'NO', 'NO', 'NO', 'NO', 'YES', 'STATIC', 'NO')",
         "table SHOP.STAFF: policy SYS_DEFAULT.THEIRS may hide rows that no rule hides"},
        {"UPDATE majed_vpd_source SET text = '    RETURN NULL;' WHERE name = 'MAJED_RULES' AND line = 5 AND "
         "type = 'PACKAGE BODY'",
         "the body of package MAJED_RULES is not the one that the rules make"},
        {"UPDATE majed_vpd_context SET type = 'ACCESSED GLOBALLY'",
         "context MAJED_CTX is not of one session alone"},
        {"UPDATE majed_vpd_policies SET long_predicate = 'NO' WHERE policy_name = 'MAJED_DELETE' AND "
         "object_name = 'STAFF'",
         "table SHOP.STAFF: policy MAJED_DELETE is not the one that the rules make"},
        {"INSERT INTO majed_vpd_columns VALUES ('SHOP', 'ORDERS', 'SYS_DEFAULT', 'MAJED_SELECT')",
         "table SHOP.ORDERS: policy MAJED_SELECT is not the one that the rules make"},
        {"INSERT INTO majed_vpd_privileges VALUES ('EXEMPT ACCESS POLICY')",
         "user SHOP has EXEMPT ACCESS POLICY or is SYS: access policies do not hold for it"}};
    for (const auto& [change, difference] : tampering) {
        SCOPED_TRACE(difference);
        ASSERT_EQ(answer("SELECT id FROM staff"), "1|\n3|\n");
        shop_.execute(change);
        shop_.look();
        EXPECT_EQ(answer("SELECT id FROM staff"), withheld);
        EXPECT_EQ(answer("SELECT label FROM codes"), withheld);
        EXPECT_EQ(shop_.differences(), std::vector<std::string>{difference});
        shop_.execute("DELETE FROM majed_vpd_policies WHERE policy_name = 'THEIRS'");
        shop_.execute("DELETE FROM majed_vpd_columns");
        shop_.execute("DELETE FROM majed_vpd_privileges");
        shop_.run_export();
        shop_.look();
    }
    EXPECT_EQ(answer("SELECT id FROM staff"), "1|\n3|\n");
    EXPECT_EQ(shop_.error(), "");
}

TEST_F(OracleNative, what_the_login_may_and_may_not_do_is_looked_at) {
    shop_.execute("INSERT INTO majed_vpd_privileges VALUES ('EXEMPT ACCESS POLICY')");
    EXPECT_EQ(shop_.differences(),
              std::vector<std::string>{
                  "user SHOP has EXEMPT ACCESS POLICY or is SYS: access policies do not hold for it"});
    shop_.execute("DELETE FROM majed_vpd_privileges");
    shop_.execute("DELETE FROM majed_vpd_grants");
    EXPECT_EQ(shop_.differences(),
              std::vector<std::string>{"user SHOP has no EXECUTE on KEEPER.MAJED_CONTEXT"});
}

/// A source that was never exported to is not served, and one whose dictionary the login may not read.
TEST(OracleNativeAtFirst, nothing_is_served_that_cannot_be_seen) {
    GovernedDouble shop("blind", company, company_rules());
    ASSERT_EQ(shop.error(), "");
    const auto all = shop.differences();
    EXPECT_EQ(all.size(), 13U) << "a context, and four policies of three tables";
    EXPECT_EQ(all.front(), "there is no context MAJED_CTX");
    shop.execute("INSERT INTO majed_vpd_hidden VALUES ('DBA_CONTEXT')");
    GovernedDouble blind("blind", {}, company_rules(), driver::Access::read_only,
                         source::Enforcement::native);
    EXPECT_EQ(blind.run({{"region", {"EU"}}}, "SELECT id FROM staff").text(), withheld);
    const auto told = blind.differences();
    EXPECT_EQ(told.front(), "user SHOP cannot see what is there: GRANT SELECT ON sys.dba_context TO SHOP");
}

}  // namespace native_test
}  // namespace majed::governed_oracle
