/// One make of database as the contract suite sees it: a driver, and how its dialect spells what the tests need.
///
/// Why      The tests are written once; what must differ between engines stands here, small and in the open.
/// Life     One per test program, started at the first test that asks for it.
/// Threads  The test's.
/// Not here The tests (*_test.cpp), the servers (tests/doubles).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/value.h"
#include "driver/driver.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::contract {

/// One row of docs/reference/types.md.
struct TypeCase {
    std::string declared;          ///< In CREATE TABLE.
    Value given;                   ///< Bound as a parameter.
    Value expected;                ///< Fetched.
    driver::ColumnType type;       ///< Of the column.
    std::string native_type = {};  ///< As the driver names it; empty: as `declared`.
};

/// A column that another connection makes wider between two runs of one statement.
struct Widening {
    std::string narrow;
    Value fits;  ///< Given while it is narrow.
    std::string wide;
    Value given;     ///< More than the narrow type holds.
    Value expected;  ///< Fetched from the wide one.
};

struct Dialect {
    std::string integer;      ///< Type of a column of 18 digits.
    std::string big_integer;  ///< Type of a column that holds all 64 bits.
    std::string text;         ///< Type of a text column, at least 200 characters.
    std::string long_text;    ///< Type of a text column without a limit that matters.
    std::string blob;
    std::string real;          ///< Type of 64-bit floating-point numbers.
    std::string decimal;       ///< Type that keeps 38 digits, 9 of them after the point.
    std::string from_nothing;  ///< What a SELECT of constants needs: `` or ` FROM dual`.
    std::string endless;       ///< A SELECT that runs for hours without answering a row.
    /// `WITH`-clause and table that give `n` from 1 to 200000: SELECT n FROM <numbers>.
    std::string numbers;
    std::string
        create_temporary;       ///< Leaves a trace in the session: a temporary object. Empty: none to be had.
    std::string see_temporary;  ///< Fails when the trace is gone.
    std::string change_setting;  ///< Leaves a changed setting. Empty: none to be had.
    std::string see_setting;     ///< SELECT of the setting's value.
    std::string make_key;    ///< A statement that makes a key the session remembers. Empty: none to be had.
    std::string see_key;     ///< SELECT of the key remembered.
    std::string see_client;  ///< SELECT of SessionIdentity::client; empty: the engine has no place for it.
    /// Writes more rows than one into `given (a)` and answers them all. Empty: none to be had.
    std::string write_and_answer;
    bool copies_rows = false;  ///< COPY ... FROM STDIN.
    bool empty_text_is_null = false;
    bool wrong_type_is_refused = true;  ///< 'abc' into an integer column.
    bool division_by_zero_fails = true;
    std::size_t widest_table = 400;  ///< Columns.
    std::vector<Widening> widenings = {};
};

class DriverUnderTest {
public:
    DriverUnderTest() = default;
    DriverUnderTest(const DriverUnderTest&) = delete;
    DriverUnderTest& operator=(const DriverUnderTest&) = delete;
    virtual ~DriverUnderTest() = default;

    [[nodiscard]] virtual const Dialect& dialect() const = 0;
    [[nodiscard]] virtual const std::vector<TypeCase>& types() const = 0;
    /// `?`, `$2`, `:2`; position counts from 1.
    [[nodiscard]] virtual std::string parameter(std::size_t position) const = 0;

    /// A driver to the same database with `access`.
    [[nodiscard]] virtual Result<std::unique_ptr<driver::Driver>> driver(driver::Access access) = 0;
    /// A driver whose login the server refuses; nullptr where there is no login.
    [[nodiscard]] virtual Result<std::unique_ptr<driver::Driver>> driver_with_wrong_password() = 0;
    /// A driver to a place where no database is.
    [[nodiscard]] virtual Result<std::unique_ptr<driver::Driver>> driver_to_nowhere() = 0;

    /// Makes the database end `connection` as a crash or an administrator would; it is not told.
    virtual void lose(driver::Connection& connection) = 0;
    /// Undoes what `lose` did to the database itself, so that new connections can be opened.
    virtual void recover() = 0;
};

/// What a make of database needs to be there; the reason when it is not.
struct Availability {
    std::unique_ptr<DriverUnderTest> driver;
    std::string missing;
};

[[nodiscard]] Availability make_sqlite();
[[nodiscard]] Availability make_postgresql();
[[nodiscard]] Availability make_oracle_double();
/// A real server, named by MAJED_TEST_ORACLE_DSN, _USER, _PASSWORD and _CLIENT.
[[nodiscard]] Availability make_oracle_server();

}  // namespace majed::contract
