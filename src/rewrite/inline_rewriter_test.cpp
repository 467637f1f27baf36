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

/// `sent`, with the query of customers as <customers>.
std::string shortly(const std::string& text) {
    std::string result = sent(text);
    for (std::size_t at = result.find("(SELECT \"id\""); at != std::string::npos;
         at = result.find("(SELECT \"id\"")) {
        constexpr std::string_view last = "\n)";
        const std::size_t end = result.find(last, at) + last.size();
        const std::size_t close = result.find(')', end);
        result.replace(at, close + 1 - at, "<customers>");
    }
    return result;
}

TEST(InlineRewriter, takes_the_schema_from_whole_rows) {
    const std::string from = " FROM shop.customers";
    const std::string rewritten = " FROM <customers> AS \"customers\"";
    EXPECT_EQ(shortly("SELECT count(shop.customers.*)" + from), "SELECT count(customers.*)" + rewritten);
    EXPECT_EQ(shortly("SELECT to_jsonb(shop.customers.*)" + from),
              "SELECT to_jsonb(customers.*)" + rewritten);
    EXPECT_EQ(shortly("SELECT row(shop.customers.*)" + from), "SELECT row(customers.*)" + rewritten);
    EXPECT_EQ(shortly("SELECT (shop.customers.*) IS NULL" + from),
              "SELECT (customers.*) IS NULL" + rewritten);
    EXPECT_EQ(shortly("SELECT (shop.customers).id" + from), "SELECT (customers).id" + rewritten);
    EXPECT_EQ(shortly("SELECT id(shop.customers)" + from), "SELECT id(customers)" + rewritten);
    EXPECT_EQ(shortly("SELECT shop.customers.to_jsonb" + from), "SELECT customers.to_jsonb" + rewritten);
    EXPECT_EQ(sent("SELECT count(shop.regions.*) FROM shop.regions"),
              "SELECT count(shop.regions.*) FROM shop.regions");
}

TEST(InlineRewriter, lets_a_row_be_the_first_operand_of_a_result_column) {
    for (const std::string text :
         {"SELECT c.* IS NULL FROM regions c", "SELECT c.*::text FROM regions c",
          "SELECT c.* = c.* FROM regions c", "SELECT shop.regions.* IS NOT NULL AS there FROM regions",
          "SELECT c.*, c.* FROM regions c"}) {
        EXPECT_EQ(sent(text), text);
    }
    EXPECT_EQ(shortly("SELECT shop.customers.* IS NULL FROM shop.customers"),
              "SELECT customers.* IS NULL FROM <customers> AS \"customers\"");
}

TEST(InlineRewriter, says_that_fields_of_a_composite_value_are_not_offered) {
    EXPECT_EQ(sent("SELECT (jsonb_each(to_jsonb(r))).key FROM regions r"),
              "denied: function key is not allowed, and fields of a composite value are not offered");
}

/// As sent, of a write.
std::string sent_write(const std::string& text) {
    Nonce nonce;
    nonce.text = "g_0";
    nonce.generation = 7;
    const std::vector<Role> roles{Role::normal};
    const policy::ActionSet all{policy::Action::select, policy::Action::insert, policy::Action::update,
                                policy::Action::delete_};
    const auto set = policy::PolicySet::create(
        {{"", "customers", roles, "region = :user.region", {}, "majed.toml:1", false, all}},
        {{"", "customers", "email", roles, *policy::parse_mask("null"), "majed.toml:3"}});
    const auto enforcement = Enforcement::compile(*set, "shop", shop(0), std::move(nonce));
    if (!enforcement) return told(enforcement.error());
    sql::Parser parser((*enforcement)->dialect());
    sql::Parser verifier((*enforcement)->dialect(), sql::rewritten_budget);
    sql::Resolution resolution;
    const auto parsed = parser.parse_statement(text);
    if (!parsed || parsed->write == nullptr) return "no write";
    const Profile& profile = (*enforcement)->profile(Role::normal, {{"region", {"EU"}}});
    const auto resolved = sql::resolve(*parsed->write, text, profile, parser.arena(), resolution);
    if (!resolved) return told(resolved.error());
    auto result = rewrite_inline(*parsed->write, parser, resolution, **enforcement, profile);
    if (!result) return told(result.error());
    const auto verified = verify_inline_write(*result, resolution, **enforcement, profile, verifier);
    return verified ? result->sql : told(verified.error()) + " :: " + result->sql;
}

TEST(InlineRewriter, returns_a_row_or_a_masked_column_named_with_its_schema) {
    const std::string shown = sent_write("DELETE FROM customers WHERE id = 1 RETURNING customers.*");
    EXPECT_NE(shown.find(" RETURNING \"customers\".\"id\" AS \"id\", "), std::string::npos) << shown;
    const std::string qualified =
        sent_write("DELETE FROM shop.customers WHERE id = 1 RETURNING shop.customers.*");
    EXPECT_EQ(qualified.substr(qualified.find(" RETURNING ")), shown.substr(shown.find(" RETURNING ")));
    const std::string masked =
        sent_write("DELETE FROM shop.customers WHERE shop.customers.id = 1 RETURNING shop.customers.email");
    EXPECT_EQ(masked.substr(0, 9), "DELETE FR") << masked;
    EXPECT_NE(masked.find(" AS \"email\""), std::string::npos) << masked;
    EXPECT_NE(masked.find("shop.customers.id = 1"), std::string::npos) << masked;
}

}  // namespace inline_rewriter_test
}  // namespace majed::rewrite
