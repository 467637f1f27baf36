// SPDX-License-Identifier: Apache-2.0
#include "contract/driver_under_test.h"
#include "doubles/oci/remote/oci_double.h"
#include "doubles/tcp_gate.h"
#include "driver/oracle/oracle_driver.h"
#include "driver/sqlite/temporary_directory.h"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

namespace majed::contract {

namespace {

using driver::ColumnType;

Dialect oracle_dialect() {
    return {
        .integer = "NUMBER(18)",
        .big_integer = "NUMBER(19)",
        .text = "VARCHAR2(400 CHAR)",
        .long_text = "CLOB",
        .blob = "BLOB",
        .real = "BINARY_DOUBLE",
        .decimal = "NUMBER(38,9)",
        .from_nothing = " FROM dual",
        .endless =
            "WITH c(n) AS (SELECT 1 FROM dual UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 0",
        .numbers =
            "(WITH c(n) AS (SELECT 1 FROM dual UNION ALL SELECT n + 1 FROM c WHERE n < 200000)"
            " SELECT n FROM c)",
        .create_temporary = "",
        .see_temporary = "",
        .change_setting = "ALTER SESSION SET CURRENT_SCHEMA = SOMEBODY",
        .see_setting = "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM dual",
        .make_key = "",
        .see_key = "",
        .see_client = "SELECT SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER') FROM dual",
        .write_and_answer = "",
        .empty_text_is_null = true,
        .wrong_type_is_refused = true,
        .division_by_zero_fails = true,
        .widest_table = 900,
        .widenings =
            {
                {"NUMBER(9)", std::int64_t{1}, "VARCHAR2(40 CHAR)", std::string("007"), std::string("007")},
                {"DATE", std::string("2025-01-31T00:00:00"), "TIMESTAMP(9)",
                 std::string("2025-01-31T23:59:59.123456789"), std::string("2025-01-31T23:59:59.123456789")},
            },
    };
}

std::vector<TypeCase> oracle_types() {
    return {
        {"NUMBER(9)", std::int64_t{-123456789}, std::int64_t{-123456789}, ColumnType::integer},
        {"NUMBER(18)", std::int64_t{999999999999999999}, std::int64_t{999999999999999999},
         ColumnType::integer},
        {"NUMBER(9)", true, std::int64_t{1}, ColumnType::integer},
        {"NUMBER(19)", std::int64_t{INT64_MIN}, std::string("-9223372036854775808"), ColumnType::decimal},
        {"NUMBER(12,2)", std::string("-12.5"), std::string("-12.5"), ColumnType::decimal},
        {"NUMBER", std::string("-12345678901234567890123456789.000000001"),
         std::string("-12345678901234567890123456789.000000001"), ColumnType::decimal},
        {"BINARY_DOUBLE", 0.1, 0.1, ColumnType::real},
        {"BINARY_FLOAT", 0.5, 0.5, ColumnType::real},
        {"VARCHAR2(40 CHAR)", std::string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
         std::string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), ColumnType::text, "VARCHAR2(40)"},
        {"CHAR(5)", std::string("ab"), std::string("ab   "), ColumnType::text},
        {"CLOB", std::string("long text"), std::string("long text"), ColumnType::text},
        {"RAW(16)", Blob{{std::byte{0}, std::byte{255}}}, Blob{{std::byte{0}, std::byte{255}}},
         ColumnType::blob},
        {"BLOB", Blob{{std::byte{0}, std::byte{255}}}, Blob{{std::byte{0}, std::byte{255}}},
         ColumnType::blob},
        {"DATE", std::string("2025-01-31T23:59:59"), std::string("2025-01-31T23:59:59"),
         ColumnType::timestamp},
        {"TIMESTAMP(9)", std::string("2025-01-31T23:59:59.123456789"),
         std::string("2025-01-31T23:59:59.123456789"), ColumnType::timestamp},
        {"TIMESTAMP(6) WITH TIME ZONE", std::string("2025-01-31T23:59:59.123456+02:00"),
         std::string("2025-01-31T23:59:59.123456+02:00"), ColumnType::timestamp_tz},
    };
}

Result<std::unique_ptr<driver::Driver>> driver_at(std::string url, std::string user, std::string password,
                                                  driver::Access access) {
    driver::Target target;
    target.url = std::move(url);
    target.user = std::move(user);
    target.password = Secret(std::move(password));
    target.access = access;
    return driver::oracle::open_driver(std::move(target));
}

/// Both have the dialect; what differs is where it is and how it is lost.
class OracleUnderTest : public DriverUnderTest {
public:
    const Dialect& dialect() const override { return dialect_; }
    const std::vector<TypeCase>& types() const override { return types_; }
    std::string parameter(std::size_t position) const override { return ":" + std::to_string(position); }

private:
    const Dialect dialect_ = oracle_dialect();
    const std::vector<TypeCase> types_ = oracle_types();
};

constexpr const char* double_user = "majed_test";
constexpr const char* double_password = "correct horse";

class OracleDoubleUnderTest final : public OracleUnderTest {
public:
    Result<std::unique_ptr<driver::Driver>> driver(driver::Access access) override {
        return driver_at(url("localhost"), double_user, double_password, access);
    }
    Result<std::unique_ptr<driver::Driver>> driver_with_wrong_password() override {
        return driver_at(url("localhost"), double_user, "not this one", driver::Access::read_only);
    }
    Result<std::unique_ptr<driver::Driver>> driver_to_nowhere() override {
        return driver_at(url("nolistener"), double_user, double_password, driver::Access::read_only);
    }
    void lose(driver::Connection&) override { double_.restart(); }
    void recover() override {}

private:
    static std::string url(const std::string& host) {
        return "oracle://" + host + ":1521/contract?client_library=" + doubles::oci_double_folder();
    }
    driver::sqlite::TemporaryDirectory directory_;
    const doubles::OciDouble double_{directory_.file(""), double_password};
};

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Port and service of `//127.0.0.1:PORT/SERVICE`.
std::optional<std::pair<std::uint16_t, std::string>> loopback_service(std::string_view name) {
    constexpr std::string_view host = "//127.0.0.1:";
    if (!name.starts_with(host)) {
        return std::nullopt;
    }
    name.remove_prefix(host.size());
    std::uint16_t port = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), port);
    name.remove_prefix(static_cast<std::size_t>(end - name.data()));
    if (failure != std::errc() || name.size() < 2 || name.front() != '/') {
        return std::nullopt;
    }
    return std::pair(port, std::string(name.substr(1)));
}

/// Through a gate on loopback, which can be cut: killing a session needs a right that tests should not ask for.
class OracleServerUnderTest final : public OracleUnderTest {
public:
    OracleServerUnderTest(std::unique_ptr<doubles::TcpGate> gate, std::string service)
        : gate_(std::move(gate)), service_(std::move(service)) {}

    Result<std::unique_ptr<driver::Driver>> driver(driver::Access access) override {
        return driver_at(url(gate_->port()), environment("MAJED_TEST_ORACLE_USER"),
                         environment("MAJED_TEST_ORACLE_PASSWORD"), access);
    }
    Result<std::unique_ptr<driver::Driver>> driver_with_wrong_password() override {
        return driver_at(url(gate_->port()), environment("MAJED_TEST_ORACLE_USER"), "not this one",
                         driver::Access::read_only);
    }
    Result<std::unique_ptr<driver::Driver>> driver_to_nowhere() override {
        return driver_at(url(1), "x", "x", driver::Access::read_only);
    }
    void lose(driver::Connection&) override { gate_->cut_now(); }
    void recover() override {}

private:
    [[nodiscard]] std::string url(std::uint16_t port) const {
        const std::string folder = environment("MAJED_TEST_ORACLE_CLIENT");
        return "oracle://127.0.0.1:" + std::to_string(port) + "/" + service_ +
               (folder.empty() ? "" : "?client_library=" + folder);
    }

    std::unique_ptr<doubles::TcpGate> gate_;
    std::string service_;
};

}  // namespace

Availability make_oracle_double() {
    return {std::make_unique<OracleDoubleUnderTest>(), ""};
}

Availability make_oracle_server() {
    if (environment("MAJED_TEST_ORACLE_DSN").empty()) {
        return {
            nullptr,
            "no real Oracle: set MAJED_TEST_ORACLE_DSN, _USER, _PASSWORD, _CLIENT (docs/guide/oracle.md)"};
    }
    const auto named = loopback_service(environment("MAJED_TEST_ORACLE_DSN"));
    if (!named) {
        return {nullptr, "MAJED_TEST_ORACLE_DSN is not //127.0.0.1:PORT/SERVICE"};
    }
    auto gate = doubles::TcpGate::open(named->first);
    if (!gate) {
        return {nullptr, gate.error().message};
    }
    return {std::make_unique<OracleServerUnderTest>(std::move(*gate), named->second), ""};
}

}  // namespace majed::contract
