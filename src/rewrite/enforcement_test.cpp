// SPDX-License-Identifier: Apache-2.0
#include "rewrite/enforcement.h"

#include "rewrite/policy_sql.h"
#include "rewrite/rewrite_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace majed::rewrite {
namespace {

using policy::Role;

const driver::GuardView& view_of(const Enforcement& enforcement, const std::string& name) {
    const auto& views = enforcement.guard_set()->views;
    return *std::find_if(views.begin(), views.end(),
                         [&name](const driver::GuardView& each) { return each.name == name; });
}

const Variant& seen(const Enforcement& enforcement, Role role, const Attributes& attributes,
                    const char* table) {
    return enforcement.variant(*enforcement.profile(role, attributes).find_relation("", table));
}

TEST(Enforcement, filters_by_a_scalar_attribute_through_the_guards_function) {
    const auto enforcement = shop();
    const Variant& variant = seen(*enforcement, Role::normal, north(), "customers");
    EXPECT_EQ(view_of(*enforcement, variant.view).select,
              "SELECT \"CUSTOMER_ID\" AS \"CUSTOMER_ID\", \"NAME\" AS \"NAME\", CAST(CASE WHEN \"EMAIL\" IS "
              "NULL THEN NULL "
              "WHEN instr(\"EMAIL\", '@') > 1 THEN substr(\"EMAIL\", 1, 1) || '***' || substr(\"EMAIL\", "
              "instr(\"EMAIL\", '@')) ELSE '***' END AS TEXT) AS \"EMAIL\", \"REGION\" AS \"REGION\" FROM "
              "\"g_0_base\".\"CUSTOMERS\" WHERE (REGION = \"g_0_attribute\"('region')\n)");
}

TEST(Enforcement, tests_a_list_attribute_value_by_value) {
    const auto enforcement = shop();
    const Variant& variant = seen(*enforcement, Role::superuser, north(), "CUSTOMERS");
    const driver::GuardView& view = view_of(*enforcement, variant.view);
    EXPECT_NE(view.select.find("REGION IN (SELECT value FROM json_each(\"g_0_attributes\"('regions')))"),
              std::string::npos)
        << view.select;
    EXPECT_TRUE(view.uses_json_each);
}

TEST(Enforcement, reads_tables_named_in_a_predicate_from_the_source_itself) {
    const auto enforcement = shop();
    const driver::GuardView& view =
        view_of(*enforcement, seen(*enforcement, Role::normal, north(), "ORDERS").view);
    EXPECT_NE(view.select.find("FROM \"g_0_base\".\"CUSTOMERS\" AS \"CUSTOMERS\" WHERE"), std::string::npos)
        << view.select;
    EXPECT_EQ(view.reads, (std::vector<std::string>{"ORDERS", "CUSTOMERS"}));
}

TEST(Enforcement, shows_no_rows_to_those_who_lack_an_attribute) {
    const auto enforcement = shop();
    for (const Attributes& attributes :
         {Attributes{}, Attributes{{"region", {}}}, Attributes{{"region", {"A", "B"}}}}) {
        const Variant& variant = seen(*enforcement, Role::normal, attributes, "CUSTOMERS");
        EXPECT_EQ(view_of(*enforcement, variant.view)
                      .select.substr(view_of(*enforcement, variant.view).select.size() - 8),
                  " WHERE 0");
        EXPECT_TRUE(variant.relation.filtered);
    }
}

TEST(Enforcement, shares_a_profile_among_principals_who_differ_in_values_only) {
    const auto enforcement = shop();
    const Profile& a = enforcement->profile(Role::normal, {{"region", {"NORTH"}}});
    const Profile& b = enforcement->profile(Role::normal, {{"region", {"SOUTH"}}, {"shoe_size", {"43"}}});
    const Profile& c = enforcement->profile(Role::normal, {});
    EXPECT_EQ(a.id(), b.id());
    EXPECT_NE(a.id(), c.id());
}

TEST(Enforcement, offers_nothing_to_a_principal_without_a_role) {
    const auto enforcement = shop();
    EXPECT_TRUE(enforcement->profile(std::nullopt, north()).relations().empty());
}

TEST(Enforcement, says_for_which_version_of_the_schema_its_guards_were_written) {
    EXPECT_EQ(shop()->guard_set()->schema_version, 42);
}

TEST(Enforcement, shadows_every_name_of_the_source) {
    EXPECT_EQ(shop()->guard_set()->shadowed,
              (std::vector<std::string>{"CUSTOMERS", "ORDERS", "PRODUCTS", "all_orders"}));
}

std::string compile_error(policy::RowPolicy rule) {
    rule.origin = "rules.toml:3";
    auto policies = policy::PolicySet::create({std::move(rule)}, {});
    Nonce nonce;
    nonce.text = "g_0";
    const auto compiled = Enforcement::compile(*policies, "shop", shop_catalog(), std::move(nonce));
    return compiled ? "" : compiled.error().message;
}

TEST(Enforcement, refuses_rules_that_do_not_fit_the_source) {
    EXPECT_EQ(compile_error({"", "CUSTOMERS", {Role::normal}, "*", {"AGE"}, ""}),
              "rules.toml:3: table CUSTOMERS has no column AGE");
    EXPECT_NE(compile_error({"", "CUSTOMERS", {Role::normal}, "AGE = 1", {}, ""}).find("no column AGE"),
              std::string::npos);
    EXPECT_NE(
        compile_error({"", "CUSTOMERS", {Role::normal}, "REGION =", {}, ""}).find("expected an expression"),
        std::string::npos);
    EXPECT_NE(
        compile_error({"", "CUSTOMERS", {Role::normal}, "1=1) OR (1=1", {}, ""}).find("unexpected \")\""),
        std::string::npos);
    EXPECT_NE(compile_error({"", "all_orders", {Role::normal}, "*", {}, ""}).find("not an ordinary table"),
              std::string::npos);
    EXPECT_NE(compile_error({"shop", "nothing", {Role::normal}, "*", {}, ""}).find("has no table nothing"),
              std::string::npos);
}

TEST(PolicySql, knows_the_affinity_of_declared_types) {
    EXPECT_EQ(affinity_of("VARCHAR(10)"), "TEXT");
    EXPECT_EQ(affinity_of("BIGINT"), "INTEGER");
    EXPECT_EQ(affinity_of("DOUBLE PRECISION"), "REAL");
    EXPECT_EQ(affinity_of(""), "BLOB");
    EXPECT_EQ(affinity_of("DATE"), "NUMERIC");
    EXPECT_EQ(affinity_of("CHARINT"), "INTEGER");
}

TEST(PolicySql, does_not_cast_text_to_a_number) {
    const sql::SchemaRelation relation = *shop()->profile(Role::admin, {}).find_relation("", "ORDERS");
    class Nothing final : public sql::Schema {
        const sql::SchemaRelation* find_relation(std::string_view, std::string_view) const override {
            return nullptr;
        }
        bool function_allowed(std::string_view) const override { return true; }
    };
    const PolicyNames names{"b", "a", "l", "h"};
    const sql::SchemaColumn& total = relation.columns[2];
    EXPECT_EQ(compile_mask(*policy::parse_mask("constant:n/a"), total, relation, Nothing(), names)->sql,
              "CASE WHEN rowid + 0 IS NOT NULL THEN 'n/a' END");
    EXPECT_EQ(compile_mask(*policy::parse_mask("constant:5"), total, relation, Nothing(), names)->sql,
              "CAST(CASE WHEN rowid + 0 IS NOT NULL THEN 5 END AS NUMERIC)");
    EXPECT_EQ(compile_mask(*policy::parse_mask("null"), total, relation, Nothing(), names)->sql,
              "CAST(NULL AS NUMERIC)");
}

}  // namespace
}  // namespace majed::rewrite
