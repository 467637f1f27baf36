// SPDX-License-Identifier: Apache-2.0
#include "contract/driver_under_test.h"
#include "doubles/postgres_server.h"
#include "driver/postgres/postgres_driver.h"

#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>

namespace majed::contract {

namespace {

using doubles::PostgresServer;
using driver::ColumnType;

class PostgresqlUnderTest final : public DriverUnderTest {
public:
    explicit PostgresqlUnderTest(std::unique_ptr<PostgresServer> server) : server_(std::move(server)) {}

    const Dialect& dialect() const override { return dialect_; }
    const std::vector<TypeCase>& types() const override { return types_; }
    std::string parameter(std::size_t position) const override { return "$" + std::to_string(position); }

    Result<std::unique_ptr<driver::Driver>> driver(driver::Access access) override {
        return driver::postgres::open_driver(server_->target(access));
    }
    Result<std::unique_ptr<driver::Driver>> driver_with_wrong_password() override {
        driver::Target target = server_->target(driver::Access::read_only);
        target.password = Secret("not this one");
        return driver::postgres::open_driver(std::move(target));
    }
    Result<std::unique_ptr<driver::Driver>> driver_to_nowhere() override {
        driver::Target target = server_->target(driver::Access::read_only);
        target.url = "postgresql://127.0.0.1:1/majed_test";
        return driver::postgres::open_driver(std::move(target));
    }

    void lose(driver::Connection&) override { server_->kill_hard(); }
    void recover() override { static_cast<void>(server_->restart()); }

private:
    std::unique_ptr<PostgresServer> server_;
    const Dialect dialect_{
        .integer = "bigint",
        .big_integer = "bigint",
        .text = "text",
        .long_text = "text",
        .blob = "bytea",
        .real = "double precision",
        .decimal = "numeric(38,9)",
        .from_nothing = "",
        .endless =
            "WITH RECURSIVE c(n) AS (SELECT 1::bigint UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n "
            "< 0",
        .numbers = "generate_series(1, 200000) AS numbers(n)",
        .create_temporary = "CREATE TEMPORARY TABLE trace_left (a integer)",
        .see_temporary = "SELECT count(*) FROM trace_left",
        .change_setting = "SET DateStyle TO 'SQL, DMY'",
        .see_setting = "SELECT current_setting('DateStyle')",
        .make_key = "INSERT INTO keyed DEFAULT VALUES",
        .see_key = "SELECT lastval()",
        .see_client = "SELECT current_setting('majed.client', true)",
        .write_and_answer = "INSERT INTO given VALUES (1), (2), (3) RETURNING a",
        .copies_rows = true,
        .empty_text_is_null = false,
        .wrong_type_is_refused = true,
        .division_by_zero_fails = true,
        .widest_table = 1000,
        .widenings =
            {
                {"bigint", std::int64_t{1}, "text", std::string("007"), std::string("007")},
                {"date", std::string("2025-01-31"), "timestamp without time zone",
                 std::string("2025-01-31T23:59:59"), std::string("2025-01-31T23:59:59")},
                {"timestamp without time zone", std::string("2025-01-31T23:59:59"),
                 "timestamp with time zone", std::string("2025-01-31T23:59:59+02:00"),
                 std::string("2025-01-31T21:59:59+00:00")},
                {"real", 0.5, "double precision", 0.1, 0.1},
                {"double precision", 0.5, "numeric", std::string("12345678901234567890.123"),
                 std::string("12345678901234567890.123")},
                {"time without time zone", std::string("12:00:00"), "time with time zone",
                 std::string("12:00:00+02:00"), std::string("12:00:00+02:00")},
                {"boolean", true, "text", std::string("yes"), std::string("yes")},
                {"character(3)", std::string("ab"), "text", std::string("ab "), std::string("ab ")},
                {"jsonb", std::string("{}"), "text", std::string("{\"a\":1,\"a\":2}"),
                 std::string("{\"a\":1,\"a\":2}")},
            },
    };
    const std::vector<TypeCase> types_{
        {"boolean", true, true, ColumnType::boolean},
        {"boolean", std::string("false"), false, ColumnType::boolean},
        {"smallint", std::int64_t{-32768}, std::int64_t{-32768}, ColumnType::integer},
        {"integer", std::int64_t{INT32_MAX}, std::int64_t{INT32_MAX}, ColumnType::integer},
        {"bigint", std::int64_t{INT64_MIN}, std::int64_t{INT64_MIN}, ColumnType::integer},
        {"real", 0.5, 0.5, ColumnType::real},
        {"double precision", 0.1, 0.1, ColumnType::real},
        {"numeric(12,2)", std::string("-12.5"), std::string("-12.50"), ColumnType::decimal},
        {"numeric(12,2)", std::int64_t{7}, std::string("7.00"), ColumnType::decimal},
        {"numeric", std::string("12345678901234567890123456789012345678.000000001"),
         std::string("12345678901234567890123456789012345678.000000001"), ColumnType::decimal},
        {"numeric", std::string("NaN"), std::string("NaN"), ColumnType::decimal},
        {"text", std::string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
         std::string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), ColumnType::text},
        {"character varying(40)", std::string("forty"), std::string("forty"), ColumnType::text},
        {"character(5)", std::string("ab"), std::string("ab   "), ColumnType::text},
        {"bytea", Blob{{std::byte{0}, std::byte{255}}}, Blob{{std::byte{0}, std::byte{255}}},
         ColumnType::blob},
        {"date", std::string("2025-01-31"), std::string("2025-01-31"), ColumnType::date},
        {"time without time zone", std::string("23:59:59.5"), std::string("23:59:59.5"), ColumnType::time},
        {"time with time zone", std::string("23:59:59.5+02:00"), std::string("23:59:59.5+02:00"),
         ColumnType::time_tz},
        {"timestamp without time zone", std::string("2025-01-31T23:59:59.123456"),
         std::string("2025-01-31T23:59:59.123456"), ColumnType::timestamp},
        {"timestamp with time zone", std::string("2025-01-31T23:59:59.123456+02:00"),
         std::string("2025-01-31T21:59:59.123456+00:00"), ColumnType::timestamp_tz},
        {"interval", std::string("P1Y2M3DT4H5M6.5S"), std::string("P1Y2M3DT4H5M6.5S"), ColumnType::interval},
        {"jsonb", std::string("{\"a\":[1,2.50]}"), std::string("{\"a\": [1, 2.50]}"), ColumnType::json},
        {"json", std::string("{\"a\":1}"), std::string("{\"a\":1}"), ColumnType::json},
        {"uuid", std::string("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
         std::string("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), ColumnType::other},
        {"integer[]", std::string("{1,2,NULL}"), std::string("{1,2,NULL}"), ColumnType::other},
        {"inet", std::string("10.0.0.1/8"), std::string("10.0.0.1/8"), ColumnType::other},
    };
};

}  // namespace

Availability make_postgresql() {
    if (std::string missing = PostgresServer::missing(); !missing.empty()) {
        return {nullptr, std::move(missing)};
    }
    auto server = PostgresServer::start();
    if (!server) {
        return {nullptr, server.error().message + ": " + server.error().hint};
    }
    return {std::make_unique<PostgresqlUnderTest>(std::move(*server)), ""};
}

}  // namespace majed::contract
