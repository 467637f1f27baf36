// SPDX-License-Identifier: Apache-2.0
#include "demo/sales_database.h"

#include "core/value.h"
#include "demo/number_sequence.h"
#include "demo/sales_words.h"
#include "driver/sqlite/database.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace majed::demo {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using driver::sqlite::Statement;

constexpr std::string_view schema = R"(
CREATE TABLE CUSTOMERS (
    CUSTOMER_ID   INTEGER PRIMARY KEY,
    CUSTOMER_NAME TEXT NOT NULL,
    EMAIL         TEXT,
    PHONE         TEXT,
    REGION        TEXT,
    CREATED_DATE  DATE DEFAULT CURRENT_DATE
);
CREATE TABLE ORDERS (
    ORDER_ID      INTEGER PRIMARY KEY,
    CUSTOMER_ID   INTEGER NOT NULL REFERENCES CUSTOMERS (CUSTOMER_ID),
    ORDER_DATE    DATE DEFAULT CURRENT_DATE,
    TOTAL_AMOUNT  NUMERIC(10,2),
    STATUS        TEXT,
    DELIVERY_DATE DATE
);
CREATE TABLE PRODUCTS (
    PRODUCT_ID     INTEGER PRIMARY KEY,
    PRODUCT_NAME   TEXT NOT NULL,
    CATEGORY       TEXT,
    PRICE          NUMERIC(10,2),
    STOCK_QUANTITY INTEGER,
    SUPPLIER_ID    INTEGER
);
)";

constexpr std::string_view indexes = R"(
CREATE INDEX CUSTOMERS_REGION ON CUSTOMERS (REGION);
CREATE INDEX ORDERS_CUSTOMER ON ORDERS (CUSTOMER_ID, ORDER_DATE);
CREATE INDEX ORDERS_DATE ON ORDERS (ORDER_DATE);
CREATE INDEX ORDERS_STATUS ON ORDERS (STATUS);
CREATE INDEX PRODUCTS_CATEGORY ON PRODUCTS (CATEGORY);
)";

// The three years of the orders; customers came from half a year earlier on.
constexpr auto first_day = std::chrono::sys_days(std::chrono::year{2023} / 1 / 1);
constexpr auto last_day = std::chrono::sys_days(std::chrono::year{2025} / 12 / 31);
constexpr std::int64_t days = (last_day - first_day).count();
constexpr std::int64_t earliest_customer = -180;

std::string date_text(std::int64_t day) {
    const std::chrono::year_month_day date(first_day + std::chrono::days(day));
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

Value money(std::int64_t cents) {
    return static_cast<double>(cents) / 100.0;
}

Result<void> insert(Statement& statement, const std::vector<Value>& row) {
    MAJED_TRY(statement.bind(row));
    MAJED_TRY(statement.step());
    statement.reset();
    return {};
}

const Region& pick_region(NumberSequence& numbers) {
    auto left = static_cast<unsigned>(numbers.below(100));
    for (const auto& region : regions) {
        if (left < region.share) {
            return region;
        }
        left -= region.share;
    }
    return regions.back();
}

std::string unique_email(const Name& first, const Name& last, NumberSequence& numbers,
                         std::set<std::string>& taken) {
    const std::string stem = std::string(first.ascii) + "." + std::string(last.ascii);
    const std::string domain = "@" + std::string(mail_domains.at(numbers.below(mail_domains.size())));
    std::string email = stem + domain;
    for (int n = 2; !taken.insert(email).second; ++n) {
        email = stem + std::to_string(n) + domain;
    }
    return email;
}

/// The day each customer came, by index: an order cannot be older.
Result<std::vector<std::int64_t>> insert_customers(Database& database, NumberSequence& numbers) {
    MAJED_TRY_ASSIGN(auto statement, database.prepare("INSERT INTO CUSTOMERS VALUES (?, ?, ?, ?, ?, ?)"));
    std::vector<std::int64_t> created;
    std::set<std::string> taken;
    for (int i = 0; i < customer_count; ++i) {
        const Name& first = first_names.at(numbers.below(first_names.size()));
        const Name& last = last_names.at(numbers.below(last_names.size()));
        const Region& region = pick_region(numbers);
        const std::string email = unique_email(first, last, numbers, taken);
        // 555-0100 to 555-0199 are reserved for fiction.
        const std::string phone = "+1 " +
                                  std::string(region.area_codes.at(numbers.below(region.area_codes.size()))) +
                                  " 555 01" + std::to_string(numbers.between(10, 99));
        // Customers are numbered as they came.
        const std::int64_t day = earliest_customer + (days - 30 - earliest_customer) * i / customer_count;
        created.push_back(day);
        MAJED_TRY(insert(
            statement,
            {std::int64_t{1001} + i, std::string(first.written) + " " + std::string(last.written),
             numbers.chance(97) ? Value(email) : Value(Null{}),
             numbers.chance(92) ? Value(phone) : Value(Null{}), std::string(region.name), date_text(day)}));
    }
    return created;
}

std::string status_of(std::int64_t day, NumberSequence& numbers) {
    const auto roll = numbers.below(100);
    if (day > days - 3) {
        return roll < 60 ? "PENDING" : "PROCESSING";
    }
    if (day > days - 12) {
        return roll < 30 ? "PROCESSING" : (roll < 85 ? "SHIPPED" : "DELIVERED");
    }
    return roll < 89 ? "DELIVERED" : (roll < 95 ? "CANCELLED" : (roll < 99 ? "RETURNED" : "SHIPPED"));
}

struct Order {
    std::int64_t day;
    std::size_t customer;
};

/// Orders in the order of their dates, as they would have been numbered.
std::vector<Order> deal_orders(const std::vector<std::int64_t>& created, NumberSequence& numbers) {
    std::vector<Order> orders;
    orders.reserve(order_count);
    for (int i = 0; i < order_count; ++i) {
        // The smaller of two: early customers order more often, as they do.
        const std::size_t customer = std::min(numbers.below(created.size()), numbers.below(created.size()));
        const std::int64_t since = std::max<std::int64_t>(0, created[customer]);
        orders.push_back({numbers.between(since, days), customer});
    }
    std::stable_sort(orders.begin(), orders.end(),
                     [](const Order& a, const Order& b) { return a.day < b.day; });
    return orders;
}

Result<void> insert_orders(Database& database, const std::vector<std::int64_t>& created,
                           NumberSequence& numbers) {
    MAJED_TRY_ASSIGN(auto statement, database.prepare("INSERT INTO ORDERS VALUES (?, ?, ?, ?, ?, ?)"));
    std::int64_t id = 500001;
    for (const Order& order : deal_orders(created, numbers)) {
        const std::string status = status_of(order.day, numbers);
        const std::int64_t delivery = order.day + numbers.between(1, 11);
        const bool delivered = (status == "DELIVERED" || status == "RETURNED");
        MAJED_TRY(insert(statement, {id, static_cast<std::int64_t>(1001 + order.customer),
                                     date_text(order.day), money(numbers.skewed(18500)), status,
                                     delivered ? Value(date_text(delivery)) : Value(Null{})}));
        ++id;
    }
    return {};
}

Result<void> insert_products(Database& database, NumberSequence& numbers) {
    MAJED_TRY_ASSIGN(auto statement, database.prepare("INSERT INTO PRODUCTS VALUES (?, ?, ?, ?, ?, ?)"));
    std::int64_t id = 1;
    for (const Category& category : categories) {
        for (const auto thing : category.things) {
            for (const auto line : product_lines) {
                const std::int64_t cents = numbers.skewed(category.usual_cents) / 100 * 100 + 99;
                MAJED_TRY(insert(
                    statement, {id, std::string(thing) + " " + std::string(line), std::string(category.name),
                                money(cents), numbers.between(0, 900), numbers.between(1, 25)}));
                ++id;
            }
        }
    }
    return {};
}

}  // namespace

Result<void> create_sales_database(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return Error{ErrorCode::conflict, "the file " + path + " exists already"};
    }
    MAJED_TRY_ASSIGN(Database database, Database::open(path, OpenMode::create));
    MAJED_TRY(database.execute("PRAGMA synchronous = OFF; BEGIN"));
    MAJED_TRY(database.execute(schema));
    NumberSequence numbers(20260101);
    MAJED_TRY_ASSIGN(const auto created, insert_customers(database, numbers));
    MAJED_TRY(insert_orders(database, created, numbers));
    MAJED_TRY(insert_products(database, numbers));
    MAJED_TRY(database.execute(indexes));
    return database.execute("COMMIT; PRAGMA journal_mode = WAL");
}

}  // namespace majed::demo
