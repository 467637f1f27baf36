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

/// The shop, with the names of customers encrypted.
Result<std::shared_ptr<const Enforcement>> encrypted_shop(std::vector<policy::RowPolicy> rows,
                                                          std::vector<policy::MaskPolicy> masks,
                                                          const std::string& column = "NAME") {
    auto policies = policy::PolicySet::create(std::move(rows), std::move(masks),
                                              {{"", "CUSTOMERS", column, {Role::normal}, "majed.toml:9"}});
    EXPECT_TRUE(policies) << policies.error().message;
    return Enforcement::compile(*policies, "shop", shop_catalog(), Nonce{"g_0", 7, {}});
}

TEST(Enforcement, hands_an_encrypted_column_through_to_those_who_see_it_decrypted) {
    const auto shop = encrypted_shop({{"", "CUSTOMERS", {Role::normal, Role::admin}, "*", {}, "test"}}, {});
    ASSERT_TRUE(shop) << shop.error().message;
    const Variant& listed = seen(**shop, Role::normal, {}, "CUSTOMERS");
    EXPECT_EQ(listed.relation.columns[1].encryption, 1U);
    EXPECT_FALSE(listed.relation.columns[1].masked);
    EXPECT_NE(view_of(**shop, listed.view).select.find("\"NAME\" AS \"NAME\""), std::string::npos);
    const Variant& other = seen(**shop, Role::admin, {}, "CUSTOMERS");
    EXPECT_EQ(other.relation.columns[1].encryption, 0U);
    EXPECT_TRUE(other.relation.columns[1].masked);
    EXPECT_NE(view_of(**shop, other.view).select.find("CAST(NULL AS TEXT) AS \"NAME\""), std::string::npos);
    EXPECT_NE((*shop)->profile(Role::normal, {}).id(), (*shop)->profile(Role::admin, {}).id());
}

TEST(Enforcement, refuses_rules_that_compute_on_ciphertext) {
    const auto with_rows = [](const char* predicate) {
        const auto shop = encrypted_shop({{"", "CUSTOMERS", {Role::normal}, predicate, {}, "test"}}, {});
        return shop ? std::string() : shop.error().message;
    };
    EXPECT_NE(with_rows("NAME = :user.region").find("NAME is encrypted"), std::string::npos);
    EXPECT_NE(with_rows("REGION IN (SELECT NAME FROM CUSTOMERS)").find("NAME is encrypted"),
              std::string::npos);
    EXPECT_EQ(with_rows("NAME IS NOT NULL"), "");
    for (const char* mask : {"sql: NAME", "sql: substr(NAME, 1, 2)"}) {
        const auto shop =
            encrypted_shop({{"", "CUSTOMERS", {Role::normal}, "*", {}, "test"}},
                           {{"", "CUSTOMERS", "EMAIL", {Role::normal}, *policy::parse_mask(mask), "t"}});
        ASSERT_FALSE(shop) << mask;
        EXPECT_NE(shop.error().message.find("NAME is encrypted"), std::string::npos) << shop.error().message;
    }
}

TEST(Enforcement, refuses_encrypted_columns_that_do_not_exist_or_cannot_hold_tokens) {
    const auto complaint = [](const char* column) {
        const auto shop = encrypted_shop({}, {}, column);
        return shop ? std::string() : shop.error().message;
    };
    EXPECT_EQ(complaint("SECRET"), "majed.toml:9: table CUSTOMERS has no column SECRET");
    EXPECT_EQ(
        complaint("customer_id"),
        "majed.toml:9: CUSTOMERS.customer_id is the table's row id: expected a column that can hold Fernet "
        "tokens");
}

}  // namespace
}  // namespace majed::rewrite
