// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_set.h"

#include <gtest/gtest.h>

namespace majed::policy {
namespace {

const std::vector<std::string> customer_columns{"id", "name", "Email", "region"};

RowPolicy rows_of(std::string table, std::vector<Role> roles, std::string rows,
                  std::vector<std::string> columns = {}) {
    return {.source = "",
            .table = std::move(table),
            .roles = std::move(roles),
            .rows = std::move(rows),
            .columns = std::move(columns),
            .origin = "majed.toml:12"};
}

MaskPolicy mask_of(std::string column, std::vector<Role> roles, Mask mask) {
    return {.source = "",
            .table = "customers",
            .column = std::move(column),
            .roles = std::move(roles),
            .mask = std::move(mask),
            .origin = "majed.toml:30"};
}

TableDecision decide(const std::vector<RowPolicy>& rows, const std::vector<MaskPolicy>& masks, Role role,
                     std::string_view table = "customers") {
    auto set = PolicySet::create(rows, masks);
    EXPECT_TRUE(set) << set.error().message;
    return set->decide(role, "sales", table, customer_columns);
}

std::vector<ColumnState> states(const TableDecision& decision) {
    std::vector<ColumnState> all;
    for (const ColumnDecision& column : decision.columns) {
        all.push_back(column.state);
    }
    return all;
}

constexpr auto shown = ColumnState::shown;
constexpr auto masked = ColumnState::masked;
constexpr auto hidden = ColumnState::hidden;
using States = std::vector<ColumnState>;

TEST(PolicySet, denies_when_no_rule_names_the_table) {
    const auto decision = decide({rows_of("orders", {Role::normal}, "*")}, {}, Role::normal);
    ASSERT_NE(decision.rows.denied(), nullptr);
    EXPECT_EQ(decision.rows.denied()->reason, "no rule for table customers and role normal");
    EXPECT_EQ(states(decision), (States{hidden, hidden, hidden, hidden}));
}

TEST(PolicySet, audits_a_table_strictly_as_soon_as_one_of_its_rules_says_so) {
    RowPolicy strict = rows_of("Customers", {Role::admin}, "none");
    strict.audit_strictly = true;
    strict.source = "sales";
    const auto set = PolicySet::create({strict, rows_of("customers", {Role::normal}, "*")}, {});
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_TRUE(set->audits_strictly("sales", "CUSTOMERS"));
    EXPECT_FALSE(set->audits_strictly("stock", "CUSTOMERS"));
    EXPECT_FALSE(set->audits_strictly("sales", "orders"));
    strict.source.clear();
    EXPECT_TRUE(PolicySet::create({strict}, {})->audits_strictly("stock", "customers"));
}

TEST(PolicySet, denies_every_role_that_a_rule_does_not_name) {
    const std::vector<RowPolicy> rows{rows_of("customers", {Role::superuser}, "*")};
    EXPECT_NE(decide(rows, {}, Role::admin).rows.denied(), nullptr);
    EXPECT_NE(decide(rows, {}, Role::normal).rows.denied(), nullptr);
    EXPECT_NE(decide(rows, {}, Role::integration).rows.denied(), nullptr);
    EXPECT_EQ(decide(rows, {}, Role::superuser).rows.denied(), nullptr);
}

TEST(PolicySet, denies_everything_when_it_is_empty) {
    for (const Role role : all_roles) {
        EXPECT_NE(decide({}, {}, role).rows.denied(), nullptr);
    }
}

TEST(PolicySet, is_not_opened_by_a_mask_alone) {
    const auto decision = decide({}, {mask_of("name", {Role::normal}, {})}, Role::normal);
    EXPECT_NE(decision.rows.denied(), nullptr);
    EXPECT_EQ(states(decision), (States{hidden, hidden, hidden, hidden}));
}

TEST(PolicySet, restricts_nothing_for_a_star_or_all) {
    for (const char* rule : {"*", "all"}) {
        const auto decision = decide({rows_of("customers", {Role::admin}, rule)}, {}, Role::admin);
        ASSERT_NE(decision.rows.unrestricted(), nullptr);
        EXPECT_EQ(decision.rows.unrestricted()->reason,
                  "rule `" + std::string(rule) + "` for table customers");
        EXPECT_EQ(states(decision), (States{shown, shown, shown, shown}));
    }
}

TEST(PolicySet, denies_for_the_rule_none) {
    const auto decision = decide({rows_of("customers", {Role::normal}, "none", {"id"})}, {}, Role::normal);
    ASSERT_NE(decision.rows.denied(), nullptr);
    EXPECT_EQ(states(decision), (States{hidden, hidden, hidden, hidden}));
}

TEST(PolicySet, filters_by_named_rules_with_the_attributes_they_need) {
    const std::vector<RowPolicy> rows{rows_of("customers", {Role::normal}, "own_region"),
                                      rows_of("customers", {Role::superuser}, "region_based")};
    const auto own = decide(rows, {}, Role::normal);
    ASSERT_NE(own.rows.filter(), nullptr);
    EXPECT_EQ(own.rows.filter()->predicate, "region = :user.region");
    EXPECT_EQ(own.rows.filter()->attributes, std::vector<std::string>{"region"});
    const auto listed = decide(rows, {}, Role::superuser);
    ASSERT_NE(listed.rows.filter(), nullptr);
    EXPECT_EQ(listed.rows.filter()->predicate, "region IN (:user.regions)");
    EXPECT_EQ(listed.rows.filter()->attributes, std::vector<std::string>{"regions"});
}

TEST(PolicySet, filters_by_a_predicate_as_written) {
    const auto decision =
        decide({rows_of("customers", {Role::normal}, "owner = :user.name AND tier < 3")}, {}, Role::normal);
    ASSERT_NE(decision.rows.filter(), nullptr);
    EXPECT_EQ(decision.rows.filter()->predicate, "owner = :user.name AND tier < 3");
    EXPECT_EQ(decision.rows.filter()->attributes, std::vector<std::string>{"name"});
}

TEST(PolicySet, hides_columns_that_a_rule_does_not_list) {
    const auto decision =
        decide({rows_of("customers", {Role::normal}, "own_region", {"ID", "email"})}, {}, Role::normal);
    EXPECT_EQ(states(decision), (States{shown, hidden, shown, hidden}));
    EXPECT_EQ(decision.columns[2].column, "Email");
}

TEST(PolicySet, masks_with_null_what_public_only_does_not_list) {
    const auto decision = decide({rows_of("customers", {Role::integration}, "public_only", {"id", "region"})},
                                 {}, Role::integration);
    ASSERT_NE(decision.rows.unrestricted(), nullptr);
    EXPECT_EQ(states(decision), (States{shown, masked, masked, shown}));
    EXPECT_EQ(decision.columns[1].mask, Mask{.kind = MaskKind::null});
}

TEST(PolicySet, masks_shown_columns_for_the_roles_of_the_mask_only) {
    const std::vector<RowPolicy> rows{rows_of("customers", {Role::normal, Role::admin}, "*")};
    const Mask email{.kind = MaskKind::email};
    const std::vector<MaskPolicy> masks{mask_of("EMAIL", {Role::normal}, email)};
    const auto normal = decide(rows, masks, Role::normal);
    EXPECT_EQ(states(normal), (States{shown, shown, masked, shown}));
    EXPECT_EQ(normal.columns[2].mask, email);
    EXPECT_EQ(states(decide(rows, masks, Role::admin)), (States{shown, shown, shown, shown}));
}

TEST(PolicySet, does_not_show_a_hidden_column_through_a_mask) {
    const auto decision = decide({rows_of("customers", {Role::normal}, "*", {"id"})},
                                 {mask_of("name", {Role::normal}, {.kind = MaskKind::hash})}, Role::normal);
    EXPECT_EQ(states(decision), (States{shown, hidden, hidden, hidden}));
}

TEST(PolicySet, masks_a_public_column_too_when_a_mask_says_so) {
    const auto decision =
        decide({rows_of("customers", {Role::integration}, "public_only", {"id", "email"})},
               {mask_of("email", {Role::integration}, {.kind = MaskKind::email})}, Role::integration);
    EXPECT_EQ(decision.columns[2].mask.kind, MaskKind::email);
}

TEST(PolicySet, matches_tables_without_case_and_sources_exactly) {
    RowPolicy rule = rows_of("Customers", {Role::normal}, "*");
    EXPECT_NE(decide({rule}, {}, Role::normal, "CUSTOMERS").rows.unrestricted(), nullptr);
    rule.source = "sales";
    EXPECT_NE(decide({rule}, {}, Role::normal).rows.unrestricted(), nullptr);
    rule.source = "hr";
    EXPECT_NE(decide({rule}, {}, Role::normal).rows.denied(), nullptr);
}

TEST(PolicySet, keeps_the_rules_of_two_sources_apart) {
    RowPolicy sales = rows_of("customers", {Role::normal}, "own_region");
    sales.source = "sales";
    RowPolicy hr = rows_of("customers", {Role::normal}, "*");
    hr.source = "hr";
    EXPECT_NE(decide({hr, sales}, {}, Role::normal).rows.filter(), nullptr);
}

TEST(PolicySet, refuses_two_row_policies_for_one_table_and_role_naming_both) {
    RowPolicy first = rows_of("customers", {Role::normal, Role::admin}, "*");
    RowPolicy second = rows_of("CUSTOMERS", {Role::normal}, "own_region");
    second.source = "sales";
    second.origin = "majed.toml:20";
    auto set = PolicySet::create({first, second}, {});
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(
        set.error().message,
        "majed.toml:20: there is already a row policy of table CUSTOMERS for role normal, at majed.toml:12");
}

TEST(PolicySet, refuses_two_masks_for_one_column_and_role_naming_both) {
    MaskPolicy second = mask_of("Email", {Role::normal, Role::admin}, {});
    second.origin = "masks.toml:1";
    auto set = PolicySet::create({}, {mask_of("email", {Role::normal}, {}), second});
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().message,
              "masks.toml:1: there is already a mask of customers.Email for role normal, at majed.toml:30");
}

TEST(PolicySet, accepts_two_masks_of_one_column_for_different_roles) {
    EXPECT_TRUE(
        PolicySet::create({}, {mask_of("email", {Role::normal}, {}), mask_of("email", {Role::admin}, {})}));
}

TEST(PolicySet, refuses_a_rule_that_says_too_little) {
    MaskPolicy unnamed = mask_of("", {Role::normal}, {});
    for (const RowPolicy& rule :
         {rows_of("customers", {}, "*"), rows_of("", {Role::normal}, "*"),
          rows_of("customers", {Role::normal}, ""), rows_of("customers", {Role::normal}, "public_only")}) {
        auto set = PolicySet::create({rule}, {});
        ASSERT_FALSE(set);
        EXPECT_EQ(set.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(set.error().message.substr(0, 14), "majed.toml:12:");
    }
    EXPECT_FALSE(PolicySet::create({}, {unnamed}));
    EXPECT_FALSE(PolicySet::create({}, {mask_of("email", {}, {})}));
}

EncryptedColumn encrypted_email(std::vector<Role> roles) {
    return {.source = "",
            .table = "CUSTOMERS",
            .column = "email",
            .roles = std::move(roles),
            .origin = "majed.toml:40"};
}

TableDecision decide_encrypted(const RowPolicy& rows, Role role) {
    auto set = PolicySet::create({rows}, {}, {encrypted_email({Role::admin, Role::normal})});
    EXPECT_TRUE(set) << set.error().message;
    return set->decide(role, "sales", "customers", customer_columns);
}

TEST(PolicySet, decrypts_an_encrypted_column_for_the_roles_of_its_rule_and_nulls_it_for_others) {
    const RowPolicy everyone = rows_of("customers", {Role::normal, Role::superuser}, "own_region");
    const auto listed = decide_encrypted(everyone, Role::normal);
    EXPECT_EQ(states(listed), (States{shown, shown, ColumnState::decrypted, shown}));
    EXPECT_EQ(listed.columns[2].encryption, 0U);
    EXPECT_NE(listed.rows.filter(), nullptr);
    const auto other = decide_encrypted(everyone, Role::superuser);
    EXPECT_EQ(states(other), (States{shown, shown, masked, shown}));
    EXPECT_EQ(other.columns[2].mask, Mask{});
}

TEST(PolicySet, does_not_show_an_encrypted_column_that_the_row_policy_leaves_out) {
    EXPECT_EQ(states(decide_encrypted(rows_of("customers", {Role::normal}, "*", {"id"}), Role::normal)),
              (States{shown, hidden, hidden, hidden}));
    EXPECT_EQ(
        states(decide_encrypted(rows_of("customers", {Role::normal}, "public_only", {"id"}), Role::normal)),
        (States{shown, masked, masked, masked}));
    EXPECT_NE(decide_encrypted(rows_of("customers", {Role::normal}, "*"), Role::admin).rows.denied(),
              nullptr);
}

TEST(PolicySet, knows_encrypted_columns_without_case_and_by_source) {
    EncryptedColumn elsewhere = encrypted_email({Role::admin});
    elsewhere.source = "hr";
    const auto set = PolicySet::create({}, {}, {elsewhere});
    ASSERT_TRUE(set);
    EXPECT_EQ(set->encryption_of("hr", "customers", "EMAIL"), 0U);
    EXPECT_EQ(set->encryption_of("sales", "customers", "email"), std::nullopt);
    EXPECT_EQ(set->encryption_of("hr", "customers", "name"), std::nullopt);
}

TEST(PolicySet, refuses_two_encryptions_of_one_column_naming_both) {
    EncryptedColumn second = encrypted_email({Role::superuser});
    second.source = "sales";
    second.origin = "majed.toml:50";
    const auto set = PolicySet::create({}, {}, {encrypted_email({Role::admin}), second});
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().message,
              "majed.toml:50: CUSTOMERS.email is declared encrypted already, at majed.toml:40; expected one "
              "rule with all its roles");
}

TEST(PolicySet, refuses_a_mask_of_an_encrypted_column_whatever_its_roles) {
    for (const Role role : all_roles) {
        const auto set =
            PolicySet::create({}, {mask_of("Email", {role}, {})}, {encrypted_email({Role::admin})});
        ASSERT_FALSE(set);
        EXPECT_EQ(set.error().message,
                  "majed.toml:30: customers.Email is declared encrypted at majed.toml:40: expected no mask; "
                  "roles that are not listed there see NULL");
    }
}

TEST(PolicySet, refuses_an_encrypted_column_that_says_too_little) {
    EncryptedColumn unnamed = encrypted_email({Role::admin});
    unnamed.column.clear();
    EXPECT_FALSE(PolicySet::create({}, {}, {unnamed}));
    EXPECT_FALSE(PolicySet::create({}, {}, {encrypted_email({})}));
}

}  // namespace
}  // namespace majed::policy
