// SPDX-License-Identifier: Apache-2.0
#include "rewrite/rewriter.h"

#include "rewrite/rewrite_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::rewrite {
namespace {

using policy::Role;

// Variants in the order they are made: integration's CUSTOMERS 0, then the normal role's tables.
std::string view(const std::string& sql) {
    const auto at = sql.find("\"guard_");
    return sql.substr(at, sql.find('"', at + 1) - at + 1);
}

TEST(Rewriter, replaces_the_table_and_keeps_its_name_for_the_columns) {
    const std::string sql = rewritten("SELECT CUSTOMERS.NAME FROM CUSTOMERS");
    EXPECT_EQ(sql, "SELECT CUSTOMERS.NAME FROM " + view(sql) + " AS \"CUSTOMERS\"");
}

TEST(Rewriter, keeps_an_alias_as_written) {
    const std::string sql = rewritten("SELECT c.NAME FROM customers  c");
    EXPECT_EQ(sql, "SELECT c.NAME FROM " + view(sql) + "  c");
}

TEST(Rewriter, leaves_every_other_byte_alone) {
    const std::string sql =
        rewritten("select /* keep */ c.name\n  from \"Customers\" as c -- note\n where 1=1");
    EXPECT_EQ(sql, "select /* keep */ c.name\n  from " + view(sql) + " as c -- note\n where 1=1");
}

TEST(Rewriter, drops_the_schema_of_tables_and_columns) {
    const std::string sql = rewritten("SELECT main.CUSTOMERS.NAME FROM main.CUSTOMERS");
    EXPECT_EQ(sql, "SELECT CUSTOMERS.NAME FROM " + view(sql) + " AS \"CUSTOMERS\"");
}

TEST(Rewriter, does_not_touch_a_common_table_expression_that_has_a_tables_name) {
    const std::string sql = rewritten("WITH CUSTOMERS AS (SELECT 1 AS a) SELECT a FROM CUSTOMERS");
    EXPECT_EQ(sql, "WITH CUSTOMERS AS (SELECT 1 AS a) SELECT a FROM CUSTOMERS");
}

TEST(Rewriter, reaches_the_table_inside_a_common_table_expression_of_its_name) {
    const std::string sql =
        rewritten("WITH CUSTOMERS AS (SELECT * FROM main.CUSTOMERS) SELECT NAME FROM CUSTOMERS");
    EXPECT_EQ(sql, "WITH CUSTOMERS AS (SELECT * FROM " + view(sql) +
                       " AS \"CUSTOMERS\") SELECT NAME FROM CUSTOMERS");
}

TEST(Rewriter, writes_a_string_in_double_quotes_as_a_string) {
    const std::string sql = rewritten("SELECT NAME FROM CUSTOMERS c WHERE NAME = \"O'Hara\"");
    EXPECT_EQ(sql, "SELECT NAME FROM " + view(sql) + " c WHERE NAME = 'O''Hara'");
}

TEST(Rewriter, reads_rowid_through_the_column_it_stands_for) {
    const std::string sql = rewritten("SELECT rowid FROM CUSTOMERS c WHERE c.oid > 1");
    EXPECT_EQ(sql, "SELECT \"CUSTOMER_ID\" FROM " + view(sql) + " c WHERE c.\"CUSTOMER_ID\" > 1");
}

TEST(Rewriter, refuses_the_rowid_of_a_table_without_a_column_for_it) {
    EXPECT_EQ(rewritten("SELECT rowid FROM PRODUCTS").substr(0, 12), "unsupported:");
}

TEST(Rewriter, removes_an_index_hint_that_could_hold) {
    const std::string sql = rewritten("SELECT 1 FROM CUSTOMERS c INDEXED BY customers_by_region");
    EXPECT_EQ(sql, "SELECT 1 FROM " + view(sql) + " c ");
    EXPECT_EQ(rewritten("SELECT 1 FROM CUSTOMERS c INDEXED BY other"), "not_found: there is no index other");
}

TEST(Rewriter, keeps_the_name_of_a_column_whose_text_it_had_to_change) {
    const std::string sql = rewritten("SELECT (SELECT count(*) FROM ORDERS)");
    EXPECT_EQ(sql, "SELECT (SELECT count(*) FROM " + view(sql) +
                       " AS \"ORDERS\") AS \"(SELECT count(*) FROM ORDERS)\"");
}

TEST(Rewriter, gives_no_alias_to_the_table_of_an_in_operator) {
    const std::string sql = rewritten("SELECT 1 IN PRODUCTS");
    EXPECT_EQ(sql, "SELECT 1 IN " + view(sql) + " AS \"1 IN PRODUCTS\"");
}

TEST(Rewriter, guards_a_condition_that_may_fail_on_a_hidden_row) {
    const std::string sql =
        rewritten("SELECT NAME FROM CUSTOMERS c WHERE NAME = 'x' AND abs(CUSTOMER_ID) = 1");
    EXPECT_NE(
        sql.find(
            "WHERE NAME = 'x' AND CASE WHEN \"guard_passed_1\" IS NOT 0 THEN (abs(CUSTOMER_ID) = 1) END"),
        std::string::npos)
        << sql;
    EXPECT_NE(sql.find("\"guard_passed\" AS \"guard_passed_1\""), std::string::npos) << sql;
}

TEST(Rewriter, writes_out_a_star_beside_a_guard) {
    const std::string sql = rewritten("SELECT * FROM CUSTOMERS c WHERE abs(CUSTOMER_ID) = 1");
    EXPECT_EQ(
        sql.substr(0, sql.find(" FROM (")),
        "SELECT \"c\".\"CUSTOMER_ID\" AS \"CUSTOMER_ID\", \"c\".\"NAME\" AS \"NAME\", \"c\".\"EMAIL\" AS "
        "\"EMAIL\", \"c\".\"REGION\" AS \"REGION\"");
}

TEST(Rewriter, needs_no_guard_where_every_row_may_be_seen) {
    const std::string sql = rewritten("SELECT NAME FROM CUSTOMERS c WHERE abs(CUSTOMER_ID) = 1", Role::admin);
    EXPECT_EQ(sql.find("CASE"), std::string::npos) << sql;
}

TEST(Rewriter, leaves_plain_comparisons_to_the_indexes) {
    for (const char* condition :
         {"NAME LIKE 'A%'", "CUSTOMER_ID BETWEEN 1 AND 5", "NAME IN ('a', 'b')", "NAME IS NULL",
          "CUSTOMER_ID IN (SELECT CUSTOMER_ID FROM ORDERS)", "lower(NAME) = 'a'"}) {
        const std::string sql = rewritten(std::string("SELECT 1 FROM CUSTOMERS c WHERE ") + condition);
        EXPECT_EQ(sql.find("CASE WHEN"), std::string::npos) << sql;
    }
}

TEST(Rewriter, puts_a_barrier_around_a_query_in_from_that_hides_rows) {
    const std::string sql =
        rewritten("SELECT n FROM (SELECT NAME n, CUSTOMER_ID i FROM CUSTOMERS) WHERE n = 'x' AND abs(i) = 1");
    EXPECT_NE(sql.find(" LIMIT -1)"), std::string::npos) << sql;
}

TEST(Rewriter, puts_a_barrier_around_what_a_query_around_could_move_into_a_condition) {
    const std::string sql =
        rewritten("SELECT y FROM (SELECT abs(CUSTOMER_ID) AS y FROM CUSTOMERS) WHERE y > 3");
    EXPECT_NE(sql.find(" LIMIT -1) WHERE y > 3"), std::string::npos) << sql;
}

TEST(Rewriter, guards_subqueries_that_are_more_than_one_scan) {
    for (const char* condition :
         {"(SELECT 1 LIMIT 'x') < NAME", "NAME IN (SELECT NAME FROM CUSTOMERS LIMIT 1)", "EXISTS (SELECT 1)",
          "NAME > (SELECT max(1) OVER (ROWS -1 PRECEDING) FROM CUSTOMERS)",
          "NAME IN (SELECT a.NAME FROM CUSTOMERS a, (VALUES (1)) b)",
          "CUSTOMER_ID IN (WITH w AS (SELECT 1) SELECT * FROM w)"}) {
        const std::string sql = rewritten(std::string("SELECT 1 FROM CUSTOMERS c WHERE ") + condition);
        EXPECT_NE(sql.find("IS NOT 0 THEN (" + std::string(condition).substr(0, 4)), std::string::npos)
            << sql;
    }
}

TEST(Rewriter, keeps_apart_what_would_read_as_one) {
    const std::string alias = rewritten("SELECT \"abc\"'def' FROM PRODUCTS\"\"");
    EXPECT_EQ(alias, "SELECT 'abc' 'def' FROM " + view(alias) + " \"\"");
    const std::string guard = rewritten("SELECT 1 FROM CUSTOMERS c WHERE(abs(CUSTOMER_ID))AND(1)");
    EXPECT_NE(guard.find("WHERE CASE"), std::string::npos) << guard;
    EXPECT_NE(guard.find("END AND"), std::string::npos) << guard;
}

TEST(Rewriter, uses_a_barrier_where_names_would_clash) {
    const std::string sql = rewritten("SELECT * FROM CUSTOMERS NATURAL JOIN ORDERS WHERE abs(TOTAL) = 1");
    EXPECT_NE(sql.find("(SELECT * FROM \"guard_"), std::string::npos) << sql;
    EXPECT_NE(sql.find(" LIMIT -1) AS \"CUSTOMERS\""), std::string::npos) << sql;
}

TEST(Rewriter, hides_tables_without_a_rule_as_if_they_did_not_exist) {
    EXPECT_EQ(rewritten("SELECT 1 FROM PRODUCTS", Role::superuser),
              "denied: there is no table PRODUCTS that you may read");
    EXPECT_EQ(rewritten("SELECT 1 FROM absent", Role::superuser),
              "denied: there is no table absent that you may read");
}

TEST(Rewriter, hides_columns_that_are_not_granted) {
    EXPECT_EQ(rewritten("SELECT NAME FROM CUSTOMERS", Role::integration),
              "not_found: there is no column NAME");
    const std::string star = rewritten("SELECT * FROM CUSTOMERS c", Role::integration);
    EXPECT_EQ(star, "SELECT * FROM " + view(star) + " c");
}

TEST(Rewriter, refuses_views_catalogue_tables_and_pragma_functions) {
    for (const char* name :
         {"all_orders", "sqlite_master", "sqlite_schema", "pragma_table_info", "dbstat", "temp.x"}) {
        EXPECT_EQ(rewritten(std::string("SELECT 1 FROM ") + name, Role::admin).substr(0, 7), "denied:")
            << name;
    }
}

TEST(Verify, refuses_a_text_that_reads_anything_but_guard_views) {
    const auto enforcement = shop();
    sql::Parser parser;
    sql::Resolution original;
    for (const char* text :
         {"SELECT * FROM CUSTOMERS", "SELECT 1; SELECT 2", "SELECT * FROM \"g_0_base\".\"CUSTOMERS\""}) {
        Rewritten forged;
        forged.sql = text;
        const auto verified = verify(forged, original, *enforcement, parser);
        ASSERT_FALSE(verified) << text;
        EXPECT_EQ(verified.error().code, ErrorCode::internal);
    }
}

}  // namespace
}  // namespace majed::rewrite
