// SPDX-License-Identifier: Apache-2.0
// The rules of an Oracle source as Virtual Private Database: the script, and what is compared. No Oracle server reads either.
#include "rewrite/native_oracle.h"

#include "rewrite/login_reach.h"
#include "rewrite/native_server.h"
#include "rewrite/table_fixture.h"

#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {
namespace native_oracle_test {

using policy::Role;

catalog::Relation table(std::string name, TypedColumns columns) {
    return table_in("SHOP", std::move(name), std::move(columns));
}

std::vector<catalog::Relation> shop_tables() {
    return {table("CUSTOMERS",
                  {{"ID", "NUMBER(9)"}, {"REGION", "VARCHAR2(20)"}, {"KIND", "CHAR(4)"}, {"SINCE", "DATE"}}),
            table("ORDERS", {{"ID", "NUMBER(9)"}, {"CUSTOMER", "NUMBER(9)"}}),
            table("odd 'Name", {{"a", "NUMBER(9)"}})};
}

driver::ServerFacts gate() {
    driver::ServerFacts server;
    server.make = driver::ServerMake::oracle;
    server.login = "GATE";
    server.search_path = {"SHOP"};
    return server;
}

catalog::Snapshot snapshot(std::vector<catalog::Relation> relations = shop_tables(),
                           driver::ServerFacts server = gate()) {
    return {std::move(relations), std::move(server), 1};
}

policy::RowPolicy rule(std::string on, std::string rows, std::vector<Role> roles = {Role::normal}) {
    policy::RowPolicy made;
    made.table = std::move(on);
    made.roles = std::move(roles);
    made.rows = std::move(rows);
    made.origin = "majed.toml:1";
    return made;
}

policy::PolicySet rules(std::vector<policy::RowPolicy> rows) {
    auto made = policy::PolicySet::create(std::move(rows), {});
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

OracleRules made(const policy::PolicySet& policies) {
    auto compiled = oracle_rules(policies, "db", snapshot());
    EXPECT_TRUE(compiled) << compiled.error().message;
    return compiled ? std::move(*compiled) : OracleRules{};
}

/// Of normal users who read.
std::string condition(const std::string& rows, const std::string& on = "CUSTOMERS") {
    const auto compiled = oracle_rules(rules({rule(on, rows)}), "db", snapshot());
    return compiled ? compiled->policies.at(0).conditions.at(0).second : compiled.error().message;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string value(const std::string& name) {
    return "SYS_CONTEXT('majed_ctx', '" + name + "', 4000)";
}

const std::string asks = "SYS_CONTEXT('majed_ctx', 'role') = 'normal'";

TEST(OracleNativeRules, ask_for_the_role_and_for_every_attribute_before_anything_else) {
    EXPECT_EQ(condition("*"), asks);
    EXPECT_EQ(condition("region = :user.region -- theirs"),
              asks + " AND " + value("v_region") + " IS NOT NULL AND (region = " + value("v_region") +
                  " -- theirs\n)");
    EXPECT_EQ(condition("region IN (:user.regions)"),
              asks + " AND " + value("u_regions") +
                  " IS NOT NULL AND (region IN (SELECT \"majed_values\".\"V\" FROM JSON_TABLE(" +
                  value("u_regions") +
                  ", '$[*]' COLUMNS (\"V\" VARCHAR2(4000) PATH '$')) \"majed_values\")\n)");
}

TEST(OracleNativeRules, compare_an_attribute_as_a_literal_would) {
    EXPECT_TRUE(holds(condition("kind = :user.k"), "kind = CAST(" + value("v_k") + " AS CHAR(2000))"));
    EXPECT_TRUE(holds(condition(":user.k <= UPPER(kind)"), "CAST(" + value("v_k") + " AS CHAR(2000)) <="));
    EXPECT_TRUE(holds(condition("CAST(region AS CHARACTER (4)) <> :user.k"),
                      "<> CAST(" + value("v_k") + " AS CHAR(2000))"));
    EXPECT_TRUE(
        holds(condition("CAST(region AS VARCHAR(4)) <> :user.k"), "VARCHAR(4)) <> " + value("v_k") + "\n)"));
    EXPECT_TRUE(holds(condition("id BETWEEN 1 AND :user.n"), "1 AND TO_NUMBER(" + value("v_n") + ")"));
    EXPECT_TRUE(holds(condition("since > :user.day"),
                      "since > TO_DATE(" + value("v_day") + ", 'YYYY-MM-DD\"T\"HH24:MI:SS')"));
    EXPECT_TRUE(holds(condition("region LIKE :user.r"), "region LIKE " + value("v_r")));
    EXPECT_TRUE(holds(condition("id IN (:user.ids)"), "SELECT TO_NUMBER(\"majed_values\".\"V\")"));
    EXPECT_TRUE(holds(condition("id IN (7, :user.n)"), "id IN (7, TO_NUMBER(" + value("v_n") + "))"));
}

/// Rewritten it is bound as CHAR, and kind <> 'EU' is false of 'EU  '; as a VARCHAR2 it would be true.
TEST(OracleNativeRules, refuse_attributes_that_a_char_column_may_compare_with_untold) {
    for (const std::string rows :
         {"kind <> UPPER(:user.k)", "kind <> :user.k || ''", "CASE kind WHEN :user.k THEN 0 ELSE 1 END = 1",
          "(kind, id) NOT IN ((:user.k, 1))", ":user.k NOT IN (region, kind)",
          "COALESCE(kind, 'x') <> :user.k", "kind <> NVL(:user.k, 'x')",
          "MAX(CAST(region AS CHAR(4))) <> :user.k"}) {
        EXPECT_TRUE(holds(condition(rows), "it cannot be told as what :user.k is compared")) << rows;
    }
    EXPECT_TRUE(holds(condition(":user.k NOT IN (SELECT c.kind FROM customers c)", "ORDERS"),
                      "it cannot be told as what :user.k is compared"));
    for (const std::string rows :
         {"kind LIKE :user.k ESCAPE :user.e", "kind <> CAST(:user.k AS VARCHAR2(9))",
          "kind = 'x' AND id < :user.k + 1", "kind = 'x' AND INSTR(region, :user.k) > 0", "kind <> :user.k",
          "region <> UPPER(:user.k)"}) {
        EXPECT_TRUE(holds(condition(rows), " IS NOT NULL AND (")) << rows;
    }
}

TEST(OracleNativeRules, name_other_tables_with_their_schema_and_the_row_by_no_name) {
    EXPECT_TRUE(
        holds(condition("customer IN (SELECT c.id FROM customers c WHERE c.region = :user.region)", "ORDERS"),
              "(customer IN (SELECT \"majed_C\".id FROM \"SHOP\".\"CUSTOMERS\" \"majed_C\" WHERE "
              "\"majed_C\".region = "));
    EXPECT_TRUE(holds(condition("customers.region = 'EU'"), "(region = 'EU'"));
    EXPECT_TRUE(holds(condition("EXISTS (SELECT 1 FROM orders o WHERE o.customer = customers . region)"),
                      "\"majed_O\".customer =  region"));
    EXPECT_TRUE(holds(condition("EXISTS (SELECT 1 FROM orders o WHERE o.customer = customers.id)"),
                      "no name for the row, and a query in the rule has a column ID itself"));
    EXPECT_TRUE(holds(condition("EXISTS (SELECT 1 FROM (SELECT o.customer region FROM orders o) x WHERE "
                                "x.region = customers.region)"),
                      "has a column REGION itself"));
    EXPECT_TRUE(
        holds(condition("EXISTS (WITH x (region) AS (SELECT o.customer FROM orders o) SELECT 1 FROM x WHERE "
                        "x.region = customers.region)"),
              "no name for the row"));
    EXPECT_TRUE(holds(condition("EXISTS (SELECT 1 FROM JSON_TABLE('[{}]', '$[*]' COLUMNS (id NUMBER PATH "
                                "'$.id')) j WHERE j.id = customers.id)"),
                      "has a column ID itself"));
    EXPECT_TRUE(holds(condition("id = (SELECT MAX(o.id) region FROM orders o GROUP BY o.id HAVING "
                                "customers.region = 'EU')"),
                      "has a column REGION itself"));
}

TEST(OracleNativeRules, refuse_what_the_server_could_not_hold) {
    auto with_view = shop_tables();
    with_view[1].kind = catalog::RelationKind::view;
    const auto of_view = [&](const std::string& rows) {
        const auto compiled = oracle_rules(rules({rule("ORDERS", rows)}), "db", snapshot(with_view));
        return compiled ? std::to_string(compiled->policies.size()) : compiled.error().message;
    };
    EXPECT_TRUE(holds(of_view("id = 1"), "is a view; native enforcement on Oracle is for tables"));
    EXPECT_EQ(of_view("*"), "0");
    EXPECT_TRUE(holds(condition("region = :user.x OR region = :user.X"), "x would be one value"));
    EXPECT_TRUE(holds(condition("region = :user.\"x.y\""), "that no value of a context can have"));
    EXPECT_TRUE(holds(condition("region = :user." + std::string(127, 'x')), "that no value of a context"));
    EXPECT_TRUE(holds(condition("region = :user." + std::string(126, 'x')), "IS NOT NULL"));
    EXPECT_TRUE(holds(condition("region <> '" + std::string(33'000, 'x') + "'"), "longer than 32767"));
    EXPECT_FALSE(oracle_rules(rules({rule("CUSTOMERS", "id = 1) OR (1 = 1")}), "db", snapshot()));
    EXPECT_TRUE(holds(condition("id > (SELECT AVG(c.id) FROM customers c)"), "read its own rows"));
    const auto round = oracle_rules(rules({rule("CUSTOMERS", "id IN (SELECT o.customer FROM orders o)"),
                                           rule("ORDERS", "customer IN (SELECT c.id FROM customers c)")}),
                                    "db", snapshot());
    ASSERT_FALSE(round);
    EXPECT_TRUE(holds(round.error().message, "cannot go round"));
}

TEST(OracleNativeRules, are_of_every_action_and_of_the_same_function_whatever_else_changes) {
    policy::RowPolicy writing = rule("ORDERS", "customer = 1", {Role::admin});
    writing.actions = {policy::Action::update};
    const OracleRules two = made(rules({rule("CUSTOMERS", "*"), writing}));
    ASSERT_EQ(two.policies.size(), 8U);
    EXPECT_EQ(two.policies[4].name, "MAJED_SELECT");
    EXPECT_TRUE(two.policies[4].conditions.empty());
    ASSERT_EQ(two.policies[6].conditions.size(), 1U);
    EXPECT_EQ(two.policies[6].conditions[0].second,
              "SYS_CONTEXT('majed_ctx', 'role') = 'admin' AND (customer = 1\n)");
    EXPECT_EQ(two.policies[6].function, made(rules({writing})).policies[2].function);
    EXPECT_EQ(two.policies[6].function.size(), 7U + 16U);
}

TEST(OracleNativeScript, holds_nothing_that_sql_plus_reads_otherwise) {
    const OracleRules all = made(
        rules({rule("CUSTOMERS", "region <> 'it''s &now' /*\n/\n*/ AND region <> '" + std::string(3000, 'y') +
                                     "\xD8\xA7' -- a hyphen -\n/* ; */ AND 1 = 1"),
               rule("odd 'Name", "\"a\" = 1")}));
    std::istringstream script(oracle_script(all));
    EXPECT_TRUE(holds(script.str(), "majed was never run against a real Oracle server"));
    EXPECT_TRUE(holds(script.str(), "\nSET DEFINE OFF\n"));
    EXPECT_TRUE(holds(script.str(), "\nWHENEVER SQLERROR EXIT FAILURE\n"));
    EXPECT_TRUE(holds(script.str(), "it''''s &now'"));
    EXPECT_TRUE(holds(script.str(), "object_name => '\"odd ''Name\"'"));
    EXPECT_TRUE(holds(script.str(), "p.object_name = 'odd ''Name'"));
    EXPECT_TRUE(holds(script.str(), "SESSION_USER') <> 'GATE'"));
    EXPECT_TRUE(holds(script.str(), "GRANT EXECUTE ON majed_context TO \"GATE\";"));
    bool in_block = false;
    for (std::string line; std::getline(script, line);) {
        EXPECT_LT(line.size(), 2000U);
        EXPECT_FALSE(line.ends_with('-')) << line;
        if (line.starts_with("BEGIN") || line.starts_with("DECLARE") ||
            line.starts_with("CREATE OR REPLACE P"))
            in_block = true;
        EXPECT_EQ(line == "/", in_block && line == "/") << "a slash outside of a block";
        if (line == "/") in_block = false;
    }
    EXPECT_FALSE(in_block);
}

TEST(OracleNativeScript, makes_a_policy_anew_only_when_it_is_not_as_it_must_be) {
    auto relations = shop_tables();
    relations[1].facts.access_policies.push_back({.name = "MAJED_UPDATE"});
    const auto all = oracle_rules(rules({rule("CUSTOMERS", "*")}), "db", snapshot(relations));
    ASSERT_TRUE(all);
    const std::string script = oracle_script(*all);
    const std::size_t asked = script.find("IF found = 0 THEN");
    const std::size_t dropped = script.find("DBMS_RLS.DROP_POLICY(object_schema => 'SHOP'");
    EXPECT_LT(asked, dropped);
    EXPECT_TRUE(holds(script, "statement_types => 'UPDATE', update_check => TRUE"));
    EXPECT_TRUE(holds(script, "statement_types => 'INSERT', update_check => TRUE"));
    EXPECT_TRUE(holds(script, "statement_types => 'DELETE',\n    policy_type => DBMS_RLS.DYNAMIC"));
    EXPECT_TRUE(holds(script, "object_name => 'ORDERS',\n    policy_name => 'MAJED_UPDATE'"));
    EXPECT_FALSE(holds(script, "object_name => 'ORDERS',\n    policy_name => 'MAJED_SELECT'"));
}

/// A server that holds `all`.
struct Server {
    explicit Server(const OracleRules& all) {
        facts.context = driver::TrustedContext{"KEEPER", "MAJED_CONTEXT", "ACCESSED LOCALLY"};
        facts.packages = all.packages;
        facts.powers = {"EXECUTE on KEEPER.MAJED_CONTEXT"};
        for (const OraclePolicy& each : all.policies) {
            using policy::Action;
            const bool checks = each.action == Action::insert || each.action == Action::update;
            relations[0].facts.access_policies.push_back({.group = "SYS_DEFAULT",
                                                          .name = each.name,
                                                          .owner = "KEEPER",
                                                          .package = "MAJED_RULES",
                                                          .function = each.function,
                                                          .selects = each.action == Action::select,
                                                          .inserts = each.action == Action::insert,
                                                          .updates = each.action == Action::update,
                                                          .deletes = each.action == Action::delete_,
                                                          .checks = checks,
                                                          .enabled = true,
                                                          .long_condition = true,
                                                          .type = "DYNAMIC"});
        }
    }
    driver::ServerFacts facts = gate();
    std::vector<catalog::Relation> relations = shop_tables();
};

TEST(OracleNativeDifferences, are_told_of_each_fact_that_is_not_as_the_rules_make_it) {
    const policy::PolicySet policies = rules({rule("CUSTOMERS", "region = :user.region")});
    const OracleRules all = made(policies);
    using Change = std::function<void(Server&)>;
    const auto policy_at = [](Server& server, std::size_t place) -> driver::AccessPolicy& {
        return server.relations[0].facts.access_policies.at(place);
    };
    const std::string select = "policy MAJED_SELECT is not the one";
    const std::vector<std::pair<std::string, Change>> changes{
        {"EXEMPT ACCESS POLICY", [](Server& at) { at.facts.bypasses_row_security = true; }},
        {"or is SYS", [](Server& at) { at.facts.login = "SYS"; }},
        {"GRANT SELECT ON sys.dba_source TO GATE",
         [](Server& at) { at.facts.withheld = {"sys.dba_source"}; }},
        {"no context MAJED_CTX", [](Server& at) { at.facts.context.reset(); }},
        {"is set by package OTHER", [](Server& at) { at.facts.context->package = "OTHER"; }},
        {"not of one session", [](Server& at) { at.facts.context->type = "ACCESSED GLOBALLY"; }},
        {"owns the packages", [](Server& at) { at.facts.context->owner = "GATE"; }},
        {select, [](Server& at) { at.facts.context->owner = "OTHER"; }},
        {"has no EXECUTE on KEEPER.MAJED_CONTEXT", [](Server& at) { at.facts.powers.clear(); }},
        {"package MAJED_CONTEXT is not the one", [](Server& at) { at.facts.packages[0].text += "--\n"; }},
        {"the body of package MAJED_CONTEXT is not the one",
         [](Server& at) { at.facts.packages[1].text.insert(30, "\n"); }},
        {"the body of package MAJED_RULES is not the one",
         [](Server& at) { at.facts.packages[3].text.insert(100, "x"); }},
        {"the body of package MAJED_RULES is not there", [](Server& at) { at.facts.packages.pop_back(); }},
        {select, [&](Server& at) { policy_at(at, 0).owner = "OTHER"; }},
        {select, [&](Server& at) { policy_at(at, 0).package = "OTHER"; }},
        {select, [&](Server& at) { policy_at(at, 0).function = "OTHER"; }},
        {select, [&](Server& at) { policy_at(at, 0).selects = false; }},
        {select, [&](Server& at) { policy_at(at, 0).deletes = true; }},
        {select, [&](Server& at) { policy_at(at, 0).indexes = true; }},
        {select, [&](Server& at) { policy_at(at, 0).enabled = false; }},
        {select, [&](Server& at) { policy_at(at, 0).type = "STATIC"; }},
        {select, [&](Server& at) { policy_at(at, 0).of_columns = true; }},
        {select, [&](Server& at) { policy_at(at, 0).long_condition = false; }},
        {"policy OTHERS.MAJED_SELECT may hide rows", [&](Server& at) { policy_at(at, 0).group = "OTHERS"; }},
        {"policy MAJED_UPDATE is not the one", [&](Server& at) { policy_at(at, 2).checks = false; }},
        {"policy MAJED_INSERT is not the one", [&](Server& at) { policy_at(at, 1).inserts = false; }},
        {"has no policy MAJED_DELETE", [](Server& at) { at.relations[0].facts.access_policies.pop_back(); }},
        {"policy SYS_DEFAULT.THEIRS may hide rows",
         [](Server& at) {
             at.relations[0].facts.access_policies.push_back(
                 {.group = "SYS_DEFAULT", .name = "THEIRS", .enabled = true});
         }},
    };
    const Server as_made(all);
    EXPECT_EQ(oracle_differences(all, snapshot(as_made.relations, as_made.facts)),
              std::vector<std::string>());
    for (const auto& [expected, change] : changes) {
        Server changed(all);
        change(changed);
        std::string told;
        for (const std::string& each : oracle_differences(all, snapshot(changed.relations, changed.facts)))
            told += each + "\n";
        EXPECT_TRUE(holds(told, expected)) << expected << ": " << told;
    }
}

TEST(OracleNativeDifferences, are_none_for_blanks_at_ends_of_lines_and_policies_that_do_not_hold) {
    const policy::PolicySet policies = rules({rule("CUSTOMERS", "*")});
    const OracleRules all = made(policies);
    Server server(all);
    for (driver::PackageSource& each : server.facts.packages) {
        each.text.insert(each.text.find('\n'), "  ");
        each.text += "\n";
    }
    server.relations[0].facts.access_policies.push_back({.group = "SYS_DEFAULT", .name = "OFF"});
    EXPECT_EQ(*server_differences(policies, "db", snapshot(server.relations, server.facts)),
              std::vector<std::string>());
    server.relations[1].facts.access_policies.push_back({.group = "SYS_DEFAULT", .name = "MAJED_SELECT"});
    const auto left = server_differences(policies, "db", snapshot(server.relations, server.facts));
    ASSERT_TRUE(left);
    ASSERT_EQ(left->size(), 1U);
    EXPECT_TRUE(holds(left->front(), "SHOP.ORDERS: it has a policy MAJED_SELECT, and no rule speaks of it"));
}

TEST(OracleNativeReach, is_of_what_the_server_does_not_guard) {
    const policy::PolicySet policies = rules({rule("CUSTOMERS", "id = 1")});
    const Server server(made(policies));
    const auto warning = [&](Enforcer enforcer) {
        return login_reach(policies, "db", snapshot(server.relations, server.facts), enforcer)->warning();
    };
    EXPECT_EQ(warning(Enforcer::server), "");
    EXPECT_TRUE(holds(warning(Enforcer::gateway), "EXECUTE on KEEPER.MAJED_CONTEXT"));
}

}  // namespace native_oracle_test
}  // namespace majed::rewrite
