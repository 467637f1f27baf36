// SPDX-License-Identifier: Apache-2.0
#include "rewrite/native_rules.h"

#include "crypto/digest.h"
#include "rewrite/governed_tables.h"
#include "rewrite/login_reach.h"
#include "rewrite/table_fixture.h"

#include <gtest/gtest.h>

#include <utility>

namespace majed::rewrite {
namespace {

using catalog::RelationKind;
using policy::Role;

std::vector<catalog::Relation> server_tables() {
    return {table_in("shop", "customer",
                     {{"id", "integer"}, {"region", "character varying(20)"}, {"size", "numeric(12,2)"}}),
            table_in("shop", "orders", {{"id", "bigint"}, {"customer", "integer"}, {"kind", "shop.mood"}}),
            table_in("shop", "free", {{"a", "integer"}})};
}

catalog::Snapshot snapshot(std::vector<catalog::Relation> relations = server_tables(),
                           driver::ServerFacts server = {}) {
    server.login = "gate";
    server.search_path = {"shop"};
    return {std::move(relations), std::move(server), 1};
}

policy::RowPolicy rule(std::string table, std::vector<Role> roles, std::string rows) {
    static int line = 0;
    policy::RowPolicy made;
    made.table = std::move(table);
    made.roles = std::move(roles);
    made.rows = std::move(rows);
    made.origin = "majed.toml:" + std::to_string(++line);
    return made;
}

policy::PolicySet rules(std::vector<policy::RowPolicy> rows, std::vector<policy::MaskPolicy> masks = {}) {
    auto made = policy::PolicySet::create(std::move(rows), std::move(masks));
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

NativeRules native(const policy::PolicySet& policies) {
    auto made = native_rules(policies, "db", snapshot());
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : NativeRules{};
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(GovernedTables, finds_each_table_once_whichever_rules_name_it) {
    const auto catalog = snapshot();
    const auto found = governed_tables(
        rules({rule("customer", {Role::admin}, "*"), rule("customer", {Role::normal}, "own_region"),
               rule("shop.orders", {Role::admin}, "*"), rule("elsewhere", {Role::admin}, "*")}),
        "db", catalog);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ((*found)[0].relation->name, "customer");
    EXPECT_EQ((*found)[1].named, "shop.orders");
}

TEST(GovernedTables, refuses_two_names_for_one_table_and_one_name_for_two) {
    const auto twice = governed_tables(
        rules({rule("customer", {Role::admin}, "*"), rule("shop.customer", {Role::normal}, "none")}), "db",
        snapshot());
    ASSERT_FALSE(twice);
    EXPECT_TRUE(holds(twice.error().message, "must agree on one name")) << twice.error().message;
    auto relations = server_tables();
    relations.push_back(table_in("shop", "Customer", {}));
    const auto cased =
        governed_tables(rules({rule("customer", {Role::admin}, "*"), rule("Customer", {Role::normal}, "*")}),
                        "db", snapshot(relations));
    ASSERT_FALSE(cased);
    EXPECT_TRUE(holds(cased.error().message, "by case only")) << cased.error().message;
}

TEST(LoginReach, says_what_the_login_reads_past_the_rules) {
    const auto policies =
        rules({rule("customer", {Role::normal}, "own_region"), rule("free", {Role::normal}, "*")});
    const auto reach = login_reach(policies, "db", snapshot(), Enforcer::gateway);
    ASSERT_TRUE(reach);
    EXPECT_EQ(reach->reads, (std::vector<std::string>{"shop.customer"}));
    EXPECT_TRUE(holds(reach->warning(), "role gate can read protected tables directly (shop.customer)"));
    auto guarded = server_tables();
    guarded[0].facts.row_security = guarded[0].facts.force_row_security = true;
    EXPECT_EQ(login_reach(policies, "db", snapshot(guarded), Enforcer::server)->warning(), "");
    guarded[0].facts.login_owns = true;
    EXPECT_TRUE(holds(login_reach(policies, "db", snapshot(guarded), Enforcer::server)->warning(),
                      "owns protected tables"));
    driver::ServerFacts server;
    server.superuser = true;
    EXPECT_TRUE(login_reach(policies, "db", snapshot(guarded, server), Enforcer::server)->past_everything);
}

TEST(LoginReach, counts_a_mask_as_protection_that_no_server_gives) {
    policy::MaskPolicy mask;
    mask.table = "free";
    mask.column = "a";
    mask.roles = {Role::normal};
    auto relations = server_tables();
    relations[2].facts.row_security = relations[2].facts.force_row_security = true;
    const auto reach = login_reach(rules({rule("free", {Role::normal}, "*")}, {mask}), "db",
                                   snapshot(relations), Enforcer::server);
    EXPECT_EQ(reach->reads, (std::vector<std::string>{"shop.free"}));
}

TEST(NativeRules, dispatch_on_the_role_and_read_attributes_from_settings) {
    const auto made = native(
        rules({rule("customer", {Role::admin}, "*"), rule("customer", {Role::superuser}, "region_based"),
               rule("customer", {Role::normal}, "size > :user.least -- at least")}));
    ASSERT_EQ(made.policies.size(), 1U);
    const std::string values = "NULLIF(pg_catalog.current_setting('majed.user.";
    const std::string read = ", true), '')::pg_catalog.text[]";
    EXPECT_EQ(made.policies[0].condition,
              "CASE (SELECT pg_catalog.current_setting('majed.role', true))"
              "\n  WHEN 'normal' THEN (SELECT pg_catalog.cardinality(" +
                  values + "least'" + read + ") = 1) AND (size > (SELECT (" + values + "least'" + read +
                  ")[1]::numeric) -- at least\n)"
                  "\n  WHEN 'superuser' THEN (SELECT pg_catalog.cardinality(" +
                  values + "regions'" + read + ") >= 1) AND (region IN (SELECT pg_catalog.unnest(" + values +
                  "regions'" + read +
                  "))\n)"
                  "\n  WHEN 'admin' THEN true\n  ELSE false END");
    EXPECT_EQ(made.attributes, (std::vector<std::string>{"least", "regions"}));
}

TEST(NativeRules, compare_an_attribute_as_the_type_of_its_column) {
    const auto made = native(rules(
        {rule("orders", {Role::normal},
              "kind = :user.mood AND EXISTS (SELECT 1 FROM customer AS c WHERE c.id = customer AND c.size = "
              ":user.size) AND id = ANY (:user.ids)")}));
    ASSERT_EQ(made.policies.size(), 1U);
    const std::string& condition = made.policies[0].condition;
    EXPECT_TRUE(holds(condition, "majed.user.mood', true), '')::pg_catalog.text[])[1]::shop.mood)"))
        << condition;
    EXPECT_TRUE(holds(condition, "majed.user.size', true), '')::pg_catalog.text[])[1]::numeric)"))
        << condition;
    EXPECT_TRUE(holds(condition, "majed.user.ids', true), '')::pg_catalog.text[]::bigint[])")) << condition;
}

TEST(NativeRules, refuse_what_the_server_could_not_hold) {
    const auto error_of = [](policy::PolicySet policies,
                             std::vector<catalog::Relation> relations = server_tables()) {
        const auto made = native_rules(policies, "db", snapshot(std::move(relations)));
        return made ? std::string("made") : made.error().message;
    };
    auto with_view = server_tables();
    with_view[2].kind = RelationKind::view;
    EXPECT_TRUE(holds(error_of(rules({rule("free", {Role::normal}, "a = 1")}), with_view), "is a view"));
    EXPECT_EQ(error_of(rules({rule("free", {Role::normal}, "*")}), with_view), "made");
    EXPECT_TRUE(
        holds(error_of(rules({rule("free", {Role::normal}, "a = :user.x AND a = :user.X")})), "one setting"));
    EXPECT_TRUE(holds(error_of(rules({rule("free", {Role::normal}, "a = :user.\"x.y\"")})), "no setting"));
    EXPECT_NE(error_of(rules({rule("free", {Role::normal}, "a = 1) OR (true")})), "made");
    EXPECT_FALSE(native_rules(rules({}), "db", catalog::Snapshot({})));
}

TEST(NativeRules, are_written_for_the_owner_with_quoted_names) {
    auto relations = server_tables();
    relations.push_back(table_in("sh\"op", "old", {}));
    relations.back().facts.policies.push_back(
        {.name = "majed_select", .condition = {}, .check = {}, .comment = {}});
    const auto made =
        native_rules(rules({rule("customer", {Role::admin}, "*")}), "db", snapshot(std::move(relations)));
    ASSERT_TRUE(made);
    const std::string script = native_script(*made);
    EXPECT_TRUE(holds(
        script,
        "ALTER TABLE \"shop\".\"customer\" ENABLE ROW LEVEL SECURITY;\n"
        "ALTER TABLE \"shop\".\"customer\" FORCE ROW LEVEL SECURITY;\n"
        "DROP POLICY IF EXISTS majed_select ON \"shop\".\"customer\";\n"
        "CREATE POLICY majed_select ON \"shop\".\"customer\" AS PERMISSIVE FOR SELECT TO \"gate\" USING ("));
    EXPECT_TRUE(holds(script, "DROP POLICY IF EXISTS majed_select ON \"sh\"\"op\".\"old\";"));
    EXPECT_TRUE(script.ends_with("COMMIT;\n"));
}

std::string digest(std::string_view text) {
    return crypto::to_hex(crypto::sha256(crypto::bytes_of(text)));
}

TEST(NativeRules, are_compared_with_what_the_server_holds) {
    const auto policies = rules({rule("customer", {Role::admin}, "*")});
    const auto made = native(policies);
    auto relations = server_tables();
    driver::RelationFacts& facts = relations[0].facts;
    const auto difference = [&] {
        const auto all = native_differences(made, snapshot(relations));
        return all.empty() ? std::string("none") : all.front();
    };
    EXPECT_TRUE(holds(difference(), "is off"));
    facts.row_security = true;
    EXPECT_TRUE(holds(difference(), "not forced"));
    facts.force_row_security = true;
    EXPECT_TRUE(holds(difference(), "has no policy"));
    facts.policies.push_back(
        {.name = "majed_select",
         .command = driver::PolicyCommand::select,
         .holds_for_login = true,
         .login_alone = true,
         .condition = "written back",
         .check = {},
         .comment = "majed 1 " + digest(made.policies[0].condition) + " " + digest("written back")});
    EXPECT_EQ(difference(), "none");
    facts.policies.push_back({.name = "theirs", .condition = "true", .check = {}, .comment = {}});
    EXPECT_EQ(difference(), "none");
    facts.policies.back().holds_for_login = true;
    EXPECT_TRUE(holds(difference(), "opens rows"));
    facts.policies.back().permissive = false;
    EXPECT_TRUE(holds(difference(), "hides rows"));
    facts.policies.pop_back();
    facts.policies[0].condition = "true";
    EXPECT_TRUE(holds(difference(), "not the one"));
    facts.policies[0].login_alone = false;
    EXPECT_TRUE(holds(difference(), "login alone"));
}

TEST(NativeRules, have_a_policy_for_each_way_of_writing_that_some_role_has) {
    policy::RowPolicy writing = rule("customer", {Role::normal}, "region = :user.region");
    writing.actions = {policy::Action::insert, policy::Action::update};
    const auto made = native(rules({rule("customer", {Role::admin}, "*"), writing}));
    ASSERT_EQ(made.policies.size(), 3U);
    auto relations = server_tables();
    const std::string script = native_script(made);
    EXPECT_TRUE(holds(script, "FOR INSERT TO \"gate\" WITH CHECK (CASE"));
    EXPECT_TRUE(holds(script, "FOR UPDATE TO \"gate\" USING (CASE"));
    EXPECT_TRUE(holds(script, "WITH CHECK (CASE"));
    EXPECT_FALSE(holds(script, "FOR DELETE"));
    driver::RelationFacts& facts = relations[0].facts;
    facts.row_security = facts.force_row_security = true;
    using driver::PolicyCommand;
    const std::array commands{PolicyCommand::select, PolicyCommand::insert, PolicyCommand::update};
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const std::string reaches = i == 1 ? "" : "back";
        const std::string leaves = i == 0 ? "" : "back";
        facts.policies.push_back(
            {.name = native_policy_name(made.policies[i].action),
             .command = commands.at(i),
             .holds_for_login = true,
             .login_alone = true,
             .condition = reaches,
             .check = leaves,
             .comment = "majed 1 " + digest(made.policies[i].condition) + " " + digest(reaches + leaves)});
    }
    EXPECT_EQ(native_differences(made, snapshot(relations)), std::vector<std::string>());
    facts.policies[2].check = "true";
    EXPECT_TRUE(holds(native_differences(made, snapshot(relations)).front(), "majed_update is not the one"));
    facts.policies[2].command = PolicyCommand::all;
    EXPECT_TRUE(holds(native_differences(made, snapshot(relations)).back(), "UPDATE by the login alone"));
}

}  // namespace
}  // namespace majed::rewrite
