// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_set.h"

#include <gtest/gtest.h>

namespace majed::policy {
namespace {

using Names = std::vector<std::string>;

TEST(PredicateOf, spells_out_the_named_rules) {
    EXPECT_EQ(predicate_of("own_region"), "region = :user.region");
    EXPECT_EQ(predicate_of("region_based"), "region IN (:user.regions)");
}

TEST(PredicateOf, leaves_every_other_text_as_it_is) {
    EXPECT_EQ(predicate_of("owner = :user.name"), "owner = :user.name");
    EXPECT_EQ(predicate_of("OWN_REGION"), "OWN_REGION");
}

TEST(AttributesIn, names_each_attribute_once_in_order_of_appearance) {
    EXPECT_EQ(attributes_in("a = :user.b AND c IN (:user.list_2) OR d = :user.b"), (Names{"b", "list_2"}));
    EXPECT_EQ(attributes_in(":user.x"), Names{"x"});
    EXPECT_EQ(attributes_in("a=:user.x+:user.y"), (Names{"x", "y"}));
}

TEST(AttributesIn, does_not_look_into_quoted_text) {
    EXPECT_EQ(attributes_in("a = ':user.x' AND b = :user.y"), Names{"y"});
    EXPECT_EQ(attributes_in("a = 'it''s :user.x' AND b = :user.y"), Names{"y"});
    EXPECT_EQ(attributes_in("\":user.x\" = 1 AND `:user.x` = [:user.x]"), Names{});
    EXPECT_EQ(attributes_in("a = 'never closed :user.x"), Names{});
}

TEST(AttributesIn, does_not_look_into_comments) {
    EXPECT_EQ(attributes_in("a -- :user.x\n = :user.y"), Names{"y"});
    EXPECT_EQ(attributes_in("a /* ' :user.x */ = :user.y"), Names{"y"});
    EXPECT_EQ(attributes_in("a /* :user.x"), Names{});
    EXPECT_EQ(attributes_in("a -- :user.x"), Names{});
}

TEST(AttributesIn, is_not_misled_by_operators_that_look_like_comments) {
    EXPECT_EQ(attributes_in("a - :user.x / :user.y"), (Names{"x", "y"}));
}

TEST(AttributesIn, wants_a_name_after_the_prefix) {
    EXPECT_EQ(attributes_in("a = :user. AND b = :user.1 AND c = :user AND d = :users.x"), Names{});
    EXPECT_EQ(attributes_in(""), Names{});
}

}  // namespace
}  // namespace majed::policy
