// SPDX-License-Identifier: Apache-2.0
#include "demo/sales_database.h"

#include "driver/sqlite/database.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <string>

namespace majed::demo {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

class SalesDatabase : public testing::Test {
protected:
    static void SetUpTestSuite() {
        path() =
            (std::filesystem::temp_directory_path() / ("majed_sales_" + std::to_string(getpid()) + ".db"))
                .string();
        std::filesystem::remove(path());
        ASSERT_TRUE(create_sales_database(path()));
    }
    static void TearDownTestSuite() {
        for (const auto* suffix : {"", "-wal", "-shm"}) {
            std::filesystem::remove(path() + suffix);
        }
    }
    static std::string& path() {
        static std::string text;
        return text;
    }

    static std::int64_t number(std::string_view sql) {
        auto database = Database::open(path(), OpenMode::read_only);
        auto statement = database->prepare(sql);
        EXPECT_TRUE(statement->step().value());
        return statement->integer(0);
    }
};

TEST_F(SalesDatabase, has_the_promised_number_of_rows) {
    EXPECT_EQ(number("SELECT count(*) FROM CUSTOMERS"), customer_count);
    EXPECT_EQ(number("SELECT count(*) FROM ORDERS"), order_count);
    EXPECT_EQ(number("SELECT count(*) FROM PRODUCTS"), product_count);
    EXPECT_EQ(number("SELECT count(DISTINCT REGION) FROM CUSTOMERS"), 5);
}

TEST_F(SalesDatabase, orders_belong_to_customers_who_were_there) {
    EXPECT_EQ(number("SELECT count(*) FROM ORDERS o LEFT JOIN CUSTOMERS c USING (CUSTOMER_ID) "
                     "WHERE c.CUSTOMER_ID IS NULL OR o.ORDER_DATE < c.CREATED_DATE"),
              0);
}

TEST_F(SalesDatabase, delivers_after_the_order_and_only_what_arrived) {
    EXPECT_EQ(number("SELECT count(*) FROM ORDERS WHERE DELIVERY_DATE <= ORDER_DATE"), 0);
    EXPECT_EQ(number("SELECT count(*) FROM ORDERS WHERE (DELIVERY_DATE IS NULL) = "
                     "(STATUS IN ('DELIVERED', 'RETURNED'))"),
              0);
}

TEST_F(SalesDatabase, has_one_address_per_customer) {
    EXPECT_EQ(number("SELECT count(EMAIL) - count(DISTINCT EMAIL) FROM CUSTOMERS"), 0);
}

TEST_F(SalesDatabase, is_the_same_every_time) {
    const std::string other = path() + ".again";
    std::filesystem::remove(other);
    ASSERT_TRUE(create_sales_database(other));
    const auto digest = [](const std::string& file) {
        auto database = Database::open(file, OpenMode::read_only);
        auto statement = database->prepare(
            "SELECT (SELECT sum(CUSTOMER_ID * length(CUSTOMER_NAME || ifnull(EMAIL, ''))) FROM CUSTOMERS) || "
            "'/' || "
            "(SELECT sum(CAST(TOTAL_AMOUNT * 100 AS INTEGER) * (ORDER_ID % 97)) FROM ORDERS) || '/' || "
            "(SELECT sum(STOCK_QUANTITY * PRODUCT_ID) FROM PRODUCTS)");
        EXPECT_TRUE(statement->step().value());
        return statement->text(0);
    };
    EXPECT_EQ(digest(other), digest(path()));
    std::filesystem::remove(other);
}

TEST_F(SalesDatabase, never_overwrites_a_file) {
    const auto again = create_sales_database(path());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace majed::demo
