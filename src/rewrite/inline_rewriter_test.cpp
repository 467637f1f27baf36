// SPDX-License-Identifier: Apache-2.0
// Statements for PostgreSQL as they would be sent; what they mean to a server: tests/governed.
#include "rewrite/inline_rewriter.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majed::rewrite {
namespace inline_rewriter_test {

using policy::Role;

catalog::Snapshot shop(std::size_t spare_columns) {
    catalog::Relation customers;
    customers.schema = "shop";
    customers.name = "customers";
    customers.columns = {{"id", "integer"}, {"email", "text"}, {"phone", "text"}, {"region", "text"}};
    for (std::size_t i = 0; i < spare_columns; ++i)
        customers.columns.push_back({"spare_" + std::to_string(i), "text"});
    catalog::Relation regions;
    regions.schema = "shop";
    regions.name = "regions";
    regions.columns = {{"id", "integer"}, {"title", "text"}};
    driver::ServerFacts server;
    server.login = "gate";
    server.search_path = {"shop"};
    return {{customers, regions}, std::move(server), 1};
}

policy::PolicySet rules() {
    const std::vector<Role> roles{Role::normal};
    auto set = policy::PolicySet::create(
        {{"", "customers", roles, "region = :user.region", {}, "majed.toml:1"},
         {"", "regions", roles, "*", {}, "majed.toml:2"}},
        {{"", "customers", "email", roles, *policy::parse_mask("email"), "majed.toml:3"},
         {"", "customers", "phone", roles, *policy::parse_mask("hash"), "majed.toml:4"}});
    EXPECT_TRUE(set) << set.error().message;
    return *std::move(set);
}

std::string told(const Error& error) {
    return std::string(traits(error.code).name) + ": " + error.message;
}

/// What would be sent, checked as the gateway checks it; or why nothing would.
std::string sent(const std::string& text, std::size_t spare_columns = 0) {
    Nonce nonce;
    nonce.text = "g_0";
    nonce.generation = 7;
    const auto enforcement = Enforcement::compile(rules(), "shop", shop(spare_columns), std::move(nonce));
    if (!enforcement) return told(enforcement.error());
    sql::Parser parser((*enforcement)->dialect());
    sql::Parser verifier((*enforcement)->dialect(), sql::rewritten_budget);
    sql::Resolution resolution;
    const auto parsed = parser.parse(text);
    if (!parsed) return told(parsed.error());
    const Profile& profile = (*enforcement)->profile(Role::normal, {{"region", {"EU"}}});
    const auto resolved = sql::resolve(**parsed, parser, profile, resolution);
    if (!resolved) return told(resolved.error());
    auto result = rewrite_inline(**parsed, text, resolution, **enforcement, highest_parameter(parser));
    if (!result) return told(result.error());
    const auto verified = verify_inline(*result, resolution, **enforcement, profile, verifier);
    return verified ? result->sql : told(verified.error()) + " :: " + result->sql;
}

std::string repeated(const std::string& first, const std::string& more, std::size_t times) {
    std::string text = first;
    for (std::size_t i = 1; i < times; ++i) text += more;
    return text;
}

TEST(InlineRewriter, lets_a_table_with_masks_be_named_as_often_as_a_caller_may) {
    const std::string one = "SELECT id FROM customers";
    EXPECT_EQ(sent(repeated(one, " UNION ALL " + one, 120), 13).substr(0, 10), "SELECT id ");
    EXPECT_EQ(sent(repeated("SELECT 1 FROM customers", " CROSS JOIN customers", 120), 13).substr(0, 9),
              "SELECT 1 ");
}

TEST(InlineRewriter, says_what_grew_too_large_with_its_rules) {
    const std::string few = "SELECT 1 FROM " + repeated("customers", ", customers", 199);
    const std::string many = repeated(few, " UNION ALL " + few, 40);
    EXPECT_EQ(sent(many, 30),
              "too_large: the statement is too large with the rules and masks of its tables in it");
}

}  // namespace inline_rewriter_test
}  // namespace majed::rewrite
