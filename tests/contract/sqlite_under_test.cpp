// SPDX-License-Identifier: Apache-2.0
#include "contract/driver_under_test.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/sqlite_driver.h"
#include "driver/sqlite/temporary_directory.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

namespace majed::contract {

namespace {

using driver::ColumnType;

class SqliteUnderTest final : public DriverUnderTest {
public:
    SqliteUnderTest() {
        auto made =
            driver::sqlite::Database::open(directory_.file("contract.db"), driver::sqlite::OpenMode::create);
        if (!made || !made->execute("PRAGMA journal_mode=WAL")) {
            std::abort();
        }
    }
    const Dialect& dialect() const override { return dialect_; }
    const std::vector<TypeCase>& types() const override { return types_; }
    std::string parameter(std::size_t) const override { return "?"; }

    Result<std::unique_ptr<driver::Driver>> driver(driver::Access access) override {
        return driver_for(directory_.file("contract.db"), access);
    }
    Result<std::unique_ptr<driver::Driver>> driver_with_wrong_password() override {
        return std::unique_ptr<driver::Driver>();
    }
    Result<std::unique_ptr<driver::Driver>> driver_to_nowhere() override {
        return driver_for(directory_.file("no-such-folder/absent.db"), driver::Access::read_only);
    }

    /// The file's first page is overwritten, as by a failing disk.
    void lose(driver::Connection& connection) override {
        static_cast<void>(connection.rollback(Deadline::max()));
        for (const char* const name : {"contract.db", "contract.db-wal", "contract.db-shm"}) {
            saved_.emplace_back(name, read(name));
        }
        for (const auto& [name, bytes] : saved_) {
            std::fstream file(directory_.file(name), std::ios::binary | std::ios::in | std::ios::out);
            file << std::string(bytes.size(), '\x5a');
        }
    }
    void recover() override {
        for (const char* const name : {"contract.db-wal", "contract.db-shm"}) {
            std::remove(directory_.file(name).c_str());
        }
        for (const auto& [name, bytes] : saved_) {
            if (name == "contract.db") std::ofstream(directory_.file(name), std::ios::binary) << bytes;
        }
        saved_.clear();
    }

private:
    static Result<std::unique_ptr<driver::Driver>> driver_for(const std::string& path,
                                                              driver::Access access) {
        driver::Target target;
        target.url = "sqlite:" + path;
        target.access = access;
        MAJED_TRY_ASSIGN(auto made, driver::sqlite::SqliteDriver::create(std::move(target)));
        return std::unique_ptr<driver::Driver>(std::move(made));
    }
    std::string read(const std::string& name) const {
        std::ifstream file(directory_.file(name), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::vector<std::pair<std::string, std::string>> saved_;
    const Dialect dialect_{
        .integer = "INTEGER",
        .big_integer = "INTEGER",
        .text = "TEXT",
        .long_text = "TEXT",
        .blob = "BLOB",
        .real = "REAL",
        .decimal = "TEXT",
        .from_nothing = "",
        .endless =
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 0",
        .numbers =
            "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 200000)"
            " SELECT n FROM c)",
        .create_temporary = "CREATE TEMP TABLE trace_left (a INTEGER)",
        .see_temporary = "SELECT count(*) FROM trace_left",
        .change_setting = "PRAGMA case_sensitive_like = 1",
        .see_setting = "SELECT 'A' LIKE 'a'",
        .make_key = "INSERT INTO keyed DEFAULT VALUES",
        .see_key = "SELECT last_insert_rowid()",
        .see_client = "",
        .write_and_answer = "INSERT INTO given VALUES (1), (2), (3) RETURNING a",
        .empty_text_is_null = false,
        .wrong_type_is_refused = false,
        .division_by_zero_fails = false,
        .widest_table = 400,
        .widenings = {{"INTEGER", std::int64_t{1}, "TEXT", std::string("007"), std::string("007")}},
    };
    const std::vector<TypeCase> types_{
        {"INTEGER", std::int64_t{INT64_MIN}, std::int64_t{INT64_MIN}, ColumnType::dynamic},
        {"INTEGER", true, std::int64_t{1}, ColumnType::dynamic},
        {"REAL", 0.1, 0.1, ColumnType::dynamic},
        {"TEXT", std::string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
         std::string("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"), ColumnType::dynamic},
        {"TEXT", std::string("-12345678901234567890123456789.000000001"),
         std::string("-12345678901234567890123456789.000000001"), ColumnType::dynamic},
        {"BLOB", Blob{{std::byte{0}, std::byte{255}}}, Blob{{std::byte{0}, std::byte{255}}},
         ColumnType::dynamic},
        {"NUMERIC(12,2)", std::string("12.5"), 12.5, ColumnType::dynamic},
        {"DATETIME", std::string("2025-01-31T23:59:59.123+02:00"),
         std::string("2025-01-31T23:59:59.123+02:00"), ColumnType::dynamic},
    };
};

}  // namespace

Availability make_sqlite() {
    return {std::make_unique<SqliteUnderTest>(), ""};
}

}  // namespace majed::contract
