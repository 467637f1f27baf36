// SPDX-License-Identifier: Apache-2.0
#include "catalog/snapshot.h"

#include <gtest/gtest.h>

namespace majed::catalog {
namespace {

Relation relation(std::string name) {
    Relation made;
    made.name = std::move(name);
    return made;
}

TEST(Snapshot, finds_a_relation_whatever_the_case_of_its_name) {
    const Snapshot snapshot({relation("Customers"), relation("orders")});
    ASSERT_NE(snapshot.find("CUSTOMERS"), nullptr);
    EXPECT_EQ(snapshot.find("CUSTOMERS")->name, "Customers");
    EXPECT_EQ(snapshot.find("Orders")->name, "orders");
}

TEST(Snapshot, finds_nothing_for_a_name_that_does_not_exist) {
    const Snapshot snapshot({relation("orders")});
    EXPECT_EQ(snapshot.find("order"), nullptr);
    EXPECT_EQ(snapshot.find(""), nullptr);
    EXPECT_EQ(Snapshot({}).find("orders"), nullptr);
}

TEST(Snapshot, folds_ascii_only) {
    const Snapshot snapshot({relation("\xC3\x84pfel")});
    EXPECT_NE(snapshot.find("\xC3\x84PFEL"), nullptr);
    EXPECT_EQ(snapshot.find("\xC3\xA4pfel"), nullptr);
}

TEST(Snapshot, keeps_the_relations_in_the_order_given) {
    const Snapshot snapshot({relation("b"), relation("a")});
    ASSERT_EQ(snapshot.relations().size(), 2U);
    EXPECT_EQ(snapshot.relations()[0].name, "b");
}

}  // namespace
}  // namespace majed::catalog
