// SPDX-License-Identifier: Apache-2.0
#include "gateway/explanation.h"

#include "gateway/gateway_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::gateway {
namespace {

class Explanation : public GatewayTest {
protected:
    CheckReport checked(const policy::Principal& who, std::string sql) {
        QueryRequest request;
        request.sql = std::move(sql);
        auto report = gateway_->check(who, request);
        EXPECT_TRUE(report);
        return report ? *std::move(report) : CheckReport{};
    }
    std::string hint(const policy::Principal& who, std::string sql) {
        const CheckReport report = checked(who, std::move(sql));
        return report.problems.empty() ? "" : report.problems.front().hint;
    }
};

TEST_F(Explanation, names_tables_that_are_near_and_may_be_read) {
    EXPECT_EQ(hint(nora(), "SELECT 1 FROM custmers"), "Tables you may read with such a name: customers");
    EXPECT_EQ(hint(nora(), "SELECT 1 FROM something_else"), "");
}

TEST_F(Explanation, tells_a_denied_table_and_none_apart_by_nothing) {
    EXPECT_EQ(hint(nora(), "SELECT 1 FROM secrets"), hint(nora(), "SELECT 1 FROM secretz"));
    EXPECT_EQ(hint(nora(), "SELECT 1 FROM secretz").find("secrets"), std::string::npos);
}

TEST_F(Explanation, names_columns_that_are_near_and_shown) {
    EXPECT_EQ(hint(nora(), "SELECT c.emial FROM customers c"),
              "Columns you may read with such a name: customers.email");
    EXPECT_EQ(hint(nora(), "DELETE FROM customers"), "What may be run: SELECT, VALUES, WITH ... SELECT.");
}

TEST_F(Explanation, gives_the_place_and_the_rule) {
    const CheckReport refused = checked(nora(), "SELECT 1\nFROM custmers");
    ASSERT_TRUE(refused.place);
    EXPECT_EQ(refused.place->line, 2U);
    EXPECT_EQ(refused.place->column, 6U);
    const CheckReport allowed = checked(nora(), "SELECT name FROM customers");
    EXPECT_FALSE(allowed.place);
    ASSERT_EQ(allowed.relations.size(), 1U);
    EXPECT_EQ(allowed.relations[0].rule, "t");
}

TEST_F(Explanation, says_where_other_statements_are_done_and_what_may_be_run) {
    EXPECT_EQ(
        hint(nora(), "COMMIT"),
        "Each statement is a transaction of its own. What may be run: SELECT, VALUES, WITH ... SELECT.");
    EXPECT_EQ(hint(nora(), "EXPLAIN QUERY PLAN SELECT 1"),
              "What would be sent to the database is shown by majed check and POST /api/v1/query/check. What "
              "may be run: SELECT, VALUES, WITH ... SELECT.");
    const Error refused{ErrorCode::denied, "statements of class ddl are not allowed"};
    EXPECT_EQ(with_what_may_be_run(refused, "ddl", {true, true}).hint,
              "The schema is changed by migrations: majed migrate. What may be run: SELECT, VALUES, WITH ... "
              "SELECT, INSERT, UPDATE, DELETE, statements about the schema.");
    EXPECT_EQ(with_what_may_be_run(refused, "read", {}).hint, "");
    EXPECT_EQ(with_what_may_be_run({ErrorCode::not_found, "x"}, "ddl", {}).hint, "");
}

TEST_F(Explanation, reads_names_as_the_source_writes_them) {
    catalog::Relation customers;
    customers.schema = "shop";
    customers.name = "customers";
    customers.columns = {{"id", "integer"}};
    driver::ServerFacts server;
    server.search_path = {"shop"};
    const catalog::Snapshot catalog({customers}, server, 1);
    const auto set = policy::PolicySet::create({{"", "customers", {Role::normal}, "*", {}, "t"}}, {});
    const auto enforcement =
        rewrite::Enforcement::compile(*set, "db", catalog, {"g_x", 1, std::vector<std::uint8_t>(32, 7)});
    ASSERT_TRUE(enforcement) << enforcement.error().message;
    // Comments nest there; elsewhere this is no statement.
    const std::string sql = "SELECT 1 /* /* */ */ FROM custmers";
    const Error refused = Error{ErrorCode::denied, "no such table"}.at(sql.find("custmers"));
    const rewrite::Profile& profile = (*enforcement)->profile(Role::normal, {});
    EXPECT_EQ(explained(refused, {sql, "read", {}, (*enforcement)->dialect()}, profile).hint,
              "Tables you may read with such a name: customers");
    EXPECT_EQ(explained(refused, {sql, "read", {}, sql::sqlite_dialect()}, profile).hint, "");
}

TEST(PlaceIn, counts_lines_and_characters) {
    const TextPlace place = place_in("a\n\xc3\xbcx", 4);
    EXPECT_EQ(place.line, 2U);
    EXPECT_EQ(place.column, 2U);
    EXPECT_EQ(place_in("ab", 99).column, 3U);
}

}  // namespace
}  // namespace majed::gateway
