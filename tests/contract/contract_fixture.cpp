// SPDX-License-Identifier: Apache-2.0
#include "contract/contract_fixture.h"

#include <cstdio>
#include <cstdlib>
#include <map>

namespace majed::contract {

namespace {

Availability make(std::string_view name) {
    if (name == "sqlite") return make_sqlite();
    if (name == "postgresql") return make_postgresql();
    if (name == "oracle_double") return make_oracle_double();
    return make_oracle_server();
}

/// Engines live until the program ends: a server is started once for all tests.
Availability& available(const std::string& name) {
    static std::map<std::string, Availability> engines;
    const auto known = engines.find(name);
    return known != engines.end() ? known->second : engines.emplace(name, make(name)).first->second;
}

[[noreturn]] void give_up(const Error& error) {
    std::fprintf(stderr, "no connection: %s (%s %s)\n", error.message.c_str(),
                 std::string(name_of(error.failure)).c_str(), error.native_state.c_str());
    std::abort();
}

std::unique_ptr<driver::Connection> connect_with(driver::Driver& driver) {
    auto opened = driver.open(soon());
    if (!opened) {
        give_up(opened.error());
    }
    return std::move(*opened);
}

}  // namespace

Result<void> CollectingSink::begin(std::span<const driver::ResultColumn> given) {
    ++announced;
    columns.assign(given.begin(), given.end());
    return {};
}

Result<void> CollectingSink::row(std::span<const ValueView> cells) {
    if (rows.size() == refuse_at) {
        return Error{ErrorCode::rate_limited, "the sink wants no more"};
    }
    if (on_row) {
        on_row(rows.size());
    }
    Row owned;
    owned.reserve(cells.size());
    for (const ValueView& view : cells) {
        owned.push_back(to_owned(view));
    }
    rows.push_back(std::move(owned));
    return {};
}

std::string shown(const Value& value) {
    struct Shown {
        std::string operator()(Null) const { return "NULL"; }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const {
            char digits[40];
            std::snprintf(digits, sizeof digits, "%.17gr", number);
            return digits;
        }
        std::string operator()(const std::string& text) const { return "'" + text + "'"; }
        std::string operator()(const Blob& blob) const {
            std::string text = "x'";
            for (const std::byte byte : blob.bytes) {
                char digits[3];
                std::snprintf(digits, sizeof digits, "%02x", std::to_integer<unsigned>(byte));
                text += digits;
            }
            return text + "'";
        }
    };
    return std::visit(Shown{}, value);
}

void Contract::SetUp() {
    Availability& engine = available(GetParam());
    if (engine.driver == nullptr) {
        GTEST_SKIP() << engine.missing;
    }
    under_test_ = engine.driver.get();
    auto opened = under_test_->driver(driver::Access::read_write);
    ASSERT_TRUE(succeeds(opened));
    writer_ = std::move(*opened);
}

std::unique_ptr<driver::Connection> Contract::connect() const {
    return connect_with(*writer_);
}

std::unique_ptr<driver::Connection> Contract::connect_read_only() {
    if (reader_ == nullptr) {
        auto made = under_test_->driver(driver::Access::read_only);
        if (!made) {
            give_up(made.error());
        }
        reader_ = std::move(*made);
    }
    return connect_with(*reader_);
}

std::string Contract::insert_into(const std::string& table, std::size_t columns) const {
    std::string sql = "INSERT INTO " + table + " VALUES (";
    for (std::size_t i = 1; i <= columns; ++i) {
        sql += (i == 1 ? "" : ", ") + under_test_->parameter(i);
    }
    return sql + ")";
}

void Contract::make_table(driver::Connection& connection, const std::string& table,
                          const std::string& columns) const {
    static_cast<void>(run(connection, "DROP TABLE " + table));  // Absent the first time.
    ASSERT_TRUE(succeeds(run(connection, "CREATE TABLE " + table + " (" + columns + ")")));
}

Result<driver::RunSummary> Contract::run(driver::Connection& connection, std::string_view sql,
                                         std::vector<Value> values) {
    CollectingSink ignored;
    return connection.execute(sql, {std::move(values), {}}, {.deadline = soon()}, ignored);
}

Result<std::vector<Row>> Contract::query(driver::Connection& connection, std::string_view sql,
                                         std::vector<Value> values) {
    CollectingSink sink;
    auto done = connection.execute(sql, {std::move(values), {}}, {.deadline = soon()}, sink);
    if (!done) {
        return std::move(done).error();
    }
    return std::move(sink.rows);
}

std::string Contract::cell(driver::Connection& connection, std::string_view sql, std::vector<Value> values) {
    CollectingSink sink;
    const auto done = connection.execute(sql, {std::move(values), {}}, {.deadline = soon()}, sink);
    if (!done) {
        return std::string(name_of(done.error().failure)) + ": " + done.error().message;
    }
    if (sink.rows.size() != 1 || sink.rows.front().size() != 1) {
        return std::to_string(sink.rows.size()) + " rows";
    }
    const Value& value = sink.rows.front().front();
    const auto* const digits = std::get_if<std::string>(&value);
    const bool exact = sink.columns.front().type == driver::ColumnType::decimal;
    return exact && digits != nullptr ? *digits : shown(value);
}

}  // namespace majed::contract
