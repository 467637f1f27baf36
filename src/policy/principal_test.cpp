// SPDX-License-Identifier: Apache-2.0
#include "policy/principal.h"

#include <gtest/gtest.h>

namespace majed::policy {
namespace {

TEST(Role, has_a_name_that_reads_back_as_the_same_role) {
    for (const Role role : all_roles) {
        EXPECT_EQ(role_from(to_string(role)), role);
    }
    EXPECT_EQ(to_string(Role::superuser), "superuser");
}

TEST(Role, is_not_read_from_anything_but_its_exact_name) {
    for (const std::string_view name : {"", "Admin", "admin ", "root", "*", "public"}) {
        EXPECT_EQ(role_from(name), std::nullopt) << name;
    }
}

TEST(Role, orders_from_least_to_most_permissive) {
    EXPECT_LT(Role::integration, Role::normal);
    EXPECT_LT(Role::normal, Role::superuser);
    EXPECT_LT(Role::superuser, Role::admin);
}

TEST(Principal, holds_no_role_unless_given_one) {
    EXPECT_FALSE(Principal{}.role.has_value());
}

}  // namespace
}  // namespace majed::policy
