// SPDX-License-Identifier: Apache-2.0
// Writes in, writes out.
#include "rewrite/rewrite_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::rewrite {
namespace {

policy::PolicySet writing_policies() {
    using policy::Action;
    using policy::Role;
    const policy::ActionSet all{Action::select, Action::insert, Action::update, Action::delete_};
    const std::string own = "REGION = :user.region";
    auto set = policy::PolicySet::create(
        {{"", "CUSTOMERS", {Role::admin}, "*", {}, "t", false, all},
         {"", "CUSTOMERS", {Role::normal}, own, {"CUSTOMER_ID", "NAME", "REGION"}, "t", false, all},
         {"", "CUSTOMERS", {Role::superuser}, "REGION IN (:user.regions)", {}, "t"},
         {"", "CUSTOMERS", {Role::superuser}, own, {}, "t", false, {Action::update}},
         {"", "ORDERS", {Role::normal}, "TOTAL > 0", {}, "t"}},
        {{"", "CUSTOMERS", "EMAIL", {Role::superuser}, *policy::parse_mask("email"), "t"}});
    return *std::move(set);
}

/// What would be sent, or the error.
std::string written(const std::string& text, policy::Role role = policy::Role::normal) {
    const auto enforcement = shop(writing_policies());
    const auto failed = [](const Error& error) {
        return std::string(traits(error.code).name) + ": " + error.message;
    };
    sql::Parser parser;
    sql::Parser verifier;
    sql::Resolution resolution;
    const auto parsed = parser.parse_statement(text);
    if (!parsed) return failed(parsed.error());
    const Profile& profile = enforcement->profile(role, north());
    const auto resolved = sql::resolve(*parsed->write, text, profile, parser.arena(), resolution);
    if (!resolved) return failed(resolved.error());
    const auto result = rewrite(*parsed->write, text, resolution, *enforcement, profile);
    if (!result) return failed(result.error());
    const auto verified = verify_write(*result, resolution, *enforcement, verifier);
    if (!verified) return failed(verified.error());
    // A verdict that is not asked for, or about other rows, is noticed.
    Rewritten bent = *result;
    if (const auto at = bent.sql.find("EXISTS (SELECT 1 FROM"); at != std::string::npos) {
        bent.sql.replace(at, 6, "NOT EXISTS");
        EXPECT_FALSE(verify_write(bent, resolution, *enforcement, verifier)) << bent.sql;
    }
    return enforcement->readable(result->sql);
}

TEST(WriteRewriter, leaves_the_text_of_who_may_do_all_but_for_the_target) {
    EXPECT_EQ(written("UPDATE main.customers  SET name = 'x' -- all", policy::Role::admin),
              R"(UPDATE "guard_base"."CUSTOMERS"  SET name = 'x' -- all)");
    EXPECT_EQ(written("DELETE FROM CUSTOMERS RETURNING *", policy::Role::admin),
              R"(DELETE FROM "guard_base"."CUSTOMERS" RETURNING *)");
}

TEST(WriteRewriter, asks_before_the_condition_and_after_the_change) {
    const std::string sent = written("UPDATE CUSTOMERS SET NAME = 'x' WHERE CUSTOMER_ID = 1 OR NAME = 'y'");
    EXPECT_TRUE(sent.starts_with(
        "UPDATE OR ABORT \"guard_base\".\"CUSTOMERS\" SET NAME = 'x' WHERE EXISTS (SELECT 1 FROM "
        "\"guard_rows_"))
        << sent;
    EXPECT_NE(sent.find(" AND (CUSTOMER_ID = 1 OR NAME = 'y') RETURNING EXISTS (SELECT 1 FROM "),
              std::string::npos)
        << sent;
    const std::string deleted = written("DELETE FROM CUSTOMERS AS c");
    EXPECT_NE(deleted.find(R"(AS c WHERE EXISTS (SELECT 1 FROM)"), std::string::npos) << deleted;
    EXPECT_NE(deleted.find(R"("guard_key_0" = "c"."CUSTOMER_ID"))"), std::string::npos) << deleted;
    EXPECT_EQ(deleted.find("RETURNING"), std::string::npos) << deleted;
}

TEST(WriteRewriter, computes_what_may_fail_only_on_rows_that_are_reached) {
    const std::string sent = written("DELETE FROM CUSTOMERS WHERE NAME = 'x' AND abs(CUSTOMER_ID) > 1");
    EXPECT_NE(sent.find("AND (NAME = 'x' AND CASE WHEN EXISTS (SELECT 1 FROM"), std::string::npos) << sent;
    EXPECT_NE(sent.find("THEN (abs(CUSTOMER_ID) > 1) END)"), std::string::npos) << sent;
}

TEST(WriteRewriter, lists_the_columns_where_some_are_hidden) {
    const std::string sent = written("INSERT INTO CUSTOMERS VALUES (9, 'x', 'NORTH') RETURNING *");
    EXPECT_TRUE(
        sent.starts_with(R"(INSERT OR ABORT INTO "guard_base"."CUSTOMERS" ("CUSTOMER_ID", "NAME", "REGION") )"
                         R"(VALUES (9, 'x', 'NORTH') RETURNING "CUSTOMER_ID" AS "CUSTOMER_ID", )"))
        << sent;
}

TEST(WriteRewriter, holds_who_reads_more_than_they_may_write_to_both_rules) {
    const std::string sent = written("UPDATE CUSTOMERS SET NAME = NAME || '!'", policy::Role::superuser);
    const std::size_t first = sent.find("EXISTS");
    EXPECT_NE(sent.find(" AND EXISTS (SELECT 1 FROM", first), std::string::npos) << sent;
    const std::string blind = written("UPDATE CUSTOMERS SET NAME = 'x'", policy::Role::superuser);
    EXPECT_EQ(blind.find(" AND EXISTS"), std::string::npos) << blind;
    const std::string shown =
        written("UPDATE CUSTOMERS SET NAME = 'x' RETURNING EMAIL", policy::Role::superuser);
    EXPECT_NE(shown.find("RETURNING (SELECT \"EMAIL\" FROM \"guard_rows_"), std::string::npos) << shown;
    EXPECT_NE(shown.find(" AS \"EMAIL\", EXISTS"), std::string::npos) << shown;
}

TEST(WriteRewriter, says_which_rule_is_missing) {
    EXPECT_EQ(written("DELETE FROM ORDERS"), "denied: no rule lets role normal delete rows of table ORDERS");
    EXPECT_EQ(written("DELETE FROM CUSTOMERS", policy::Role::superuser),
              "denied: no rule lets role superuser delete rows of table CUSTOMERS");
    EXPECT_EQ(written("DELETE FROM PRODUCTS"), "denied: there is no table PRODUCTS that you may write to");
    EXPECT_EQ(written("DELETE FROM all_orders", policy::Role::admin),
              "denied: there is no table all_orders that you may write to");
    EXPECT_EQ(written("INSERT INTO CUSTOMERS (EMAIL) VALUES (1)"),
              "not_found: CUSTOMERS has no column EMAIL");
    EXPECT_EQ(written("DELETE FROM g_0_base.CUSTOMERS"),
              "denied: there is no table CUSTOMERS that you may write to");
}

}  // namespace
}  // namespace majed::rewrite
