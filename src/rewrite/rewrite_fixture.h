/// The small shop every test of this folder governs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rewrite/enforcement.h"
#include "rewrite/rewriter.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {

inline catalog::Snapshot shop_catalog() {
    catalog::Relation customers;
    customers.name = "CUSTOMERS";
    customers.columns = {{"CUSTOMER_ID", "INTEGER"}, {"NAME", "TEXT"}, {"EMAIL", "TEXT"}, {"REGION", "TEXT"}};
    customers.rowid_column = 0;
    customers.indexes = {"customers_by_region"};
    catalog::Relation orders;
    orders.name = "ORDERS";
    orders.columns = {{"ORDER_ID", "INTEGER"}, {"CUSTOMER_ID", "INTEGER"}, {"TOTAL", "NUMERIC"}};
    catalog::Relation products;
    products.name = "PRODUCTS";
    products.columns = {{"PRODUCT_ID", "INTEGER"}, {"TITLE", "TEXT"}};
    catalog::Relation view;
    view.name = "all_orders";
    view.kind = catalog::RelationKind::view;
    view.columns = {{"ORDER_ID", "INTEGER"}};
    return catalog::Snapshot({customers, orders, products, view}, 42);
}

inline policy::PolicySet shop_policies() {
    using policy::Role;
    const std::string origin = "test";
    auto set = policy::PolicySet::create(
        {{"", "CUSTOMERS", {Role::admin}, "*", {}, origin},
         {"", "CUSTOMERS", {Role::superuser}, "REGION IN (:user.regions)", {}, origin},
         {"", "CUSTOMERS", {Role::normal}, "REGION = :user.region", {}, origin},
         {"", "CUSTOMERS", {Role::integration}, "*", {"CUSTOMER_ID", "REGION"}, origin},
         {"", "ORDERS", {Role::admin}, "*", {}, origin},
         {"",
          "ORDERS",
          {Role::normal},
          "CUSTOMER_ID IN (SELECT CUSTOMER_ID FROM CUSTOMERS WHERE REGION = :user.region)",
          {},
          origin},
         {"", "PRODUCTS", {Role::admin, Role::normal}, "*", {}, origin}},
        {{"", "CUSTOMERS", "EMAIL", {Role::normal}, *policy::parse_mask("email"), origin}});
    return *std::move(set);
}

inline std::shared_ptr<const Enforcement> shop(const policy::PolicySet& policies = shop_policies()) {
    Nonce nonce;
    nonce.text = "g_0";
    nonce.generation = 7;
    auto compiled = Enforcement::compile(policies, "shop", shop_catalog(), std::move(nonce));
    EXPECT_TRUE(compiled) << compiled.error().message;
    return compiled ? *compiled : nullptr;
}

inline Attributes north() {
    return {{"region", {"NORTH"}}, {"regions", {"NORTH", "EAST"}}};
}

/// The text that would be sent, or the error as `code: message`.
inline std::string rewritten(const std::string& text, policy::Role role = policy::Role::normal,
                             const Attributes& attributes = north()) {
    const auto enforcement = shop();
    sql::Parser parser;
    sql::Parser verifier;
    sql::Resolution resolution;
    const auto failed = [](const Error& error) {
        return std::string(traits(error.code).name) + ": " + error.message;
    };
    const auto parsed = parser.parse(text);
    if (!parsed) return failed(parsed.error());
    const Profile& profile = enforcement->profile(role, attributes);
    const auto resolved = sql::resolve(**parsed, text, profile, parser.arena(), resolution);
    if (!resolved) return failed(resolved.error());
    const auto result = rewrite(**parsed, text, resolution, *enforcement);
    if (!result) return failed(result.error());
    const auto verified = verify(*result, resolution, *enforcement, verifier);
    if (!verified) return failed(verified.error());
    return enforcement->readable(result->sql);
}

}  // namespace majed::rewrite
