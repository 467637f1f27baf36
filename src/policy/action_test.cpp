// SPDX-License-Identifier: Apache-2.0
#include "policy/action.h"

#include "policy/policy_set.h"

#include <gtest/gtest.h>

namespace majed::policy {
namespace action_test {

const std::vector<std::string> columns{"id", "name", "email", "region"};

RowPolicy rule(std::string rows, ActionSet actions, std::vector<std::string> listed = {}) {
    RowPolicy policy;
    policy.table = "customers";
    policy.roles = {Role::normal};
    policy.rows = std::move(rows);
    policy.columns = std::move(listed);
    policy.origin = "majed.toml:12";
    policy.actions = actions;
    return policy;
}

std::vector<ColumnState> states(const TableDecision& decision) {
    std::vector<ColumnState> all;
    for (const ColumnDecision& column : decision.columns) all.push_back(column.state);
    return all;
}

TEST(Action, has_names_that_are_read_back) {
    for (const Action action : all_actions) EXPECT_EQ(action_from(to_string(action)), action);
    EXPECT_EQ(action_from("merge"), std::nullopt);
    EXPECT_EQ(action_from(""), std::nullopt);
    EXPECT_TRUE(ActionSet().has(Action::select));
    EXPECT_FALSE(ActionSet().has(Action::update));
    EXPECT_TRUE(ActionSet({}).empty());
}

TEST(PolicySetActions, denies_what_no_rule_names) {
    const auto set = PolicySet::create({rule("*", {Action::select, Action::update})}, {});
    ASSERT_TRUE(set);
    EXPECT_NE(set->decide(Role::normal, "s", "customers", columns).rows.unrestricted(), nullptr);
    EXPECT_NE(set->decide_write(Action::update, Role::normal, "s", "CUSTOMERS", columns).rows.unrestricted(),
              nullptr);
    const auto denied = set->decide_write(Action::delete_, Role::normal, "s", "customers", columns);
    ASSERT_NE(denied.rows.denied(), nullptr);
    EXPECT_EQ(denied.rows.denied()->reason, "no rule lets role normal delete rows of table customers");
    EXPECT_NE(set->decide_write(Action::update, Role::admin, "s", "customers", columns).rows.denied(),
              nullptr);
}

TEST(PolicySetActions, has_a_rule_for_each_action_and_no_two_for_one) {
    const ActionSet nothing({});
    ASSERT_FALSE(PolicySet::create({rule("*", nothing)}, {}));
    const auto apart = PolicySet::create(
        {rule("*", {Action::select}), rule("own_region", {Action::update, Action::insert})}, {});
    ASSERT_TRUE(apart);
    EXPECT_NE(apart->decide(Role::normal, "s", "customers", columns).rows.unrestricted(), nullptr);
    EXPECT_NE(apart->decide_write(Action::insert, Role::normal, "s", "customers", columns).rows.filter(),
              nullptr);
    const auto twice = PolicySet::create({rule("*", {Action::update}), rule("none", {Action::update})}, {});
    ASSERT_FALSE(twice);
    EXPECT_EQ(
        twice.error().message,
        "majed.toml:12: there is already a row policy of table customers for update for role normal, at "
        "majed.toml:12");
}

TEST(PolicySetActions, lets_be_written_only_what_is_listed_and_shown_as_it_is) {
    MaskPolicy mask;
    mask.table = "customers";
    mask.column = "email";
    mask.roles = {Role::normal};
    using State = ColumnState;
    const auto set = PolicySet::create({rule("*", {Action::select}, {"id", "email", "region"}),
                                        rule("own_region", {Action::update}, {"name", "email", "region"})},
                                       {mask});
    ASSERT_TRUE(set);
    EXPECT_EQ(states(set->decide_write(Action::update, Role::normal, "s", "customers", columns)),
              (std::vector<State>{State::hidden, State::hidden, State::masked, State::shown}));
    const auto blind = PolicySet::create({rule("*", {Action::insert}, {"name", "email"})}, {mask});
    ASSERT_TRUE(blind);
    EXPECT_EQ(states(blind->decide_write(Action::insert, Role::normal, "s", "customers", columns)),
              (std::vector<State>{State::hidden, State::shown, State::masked, State::hidden}));
}

}  // namespace action_test
}  // namespace majed::policy
