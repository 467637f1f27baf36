// SPDX-License-Identifier: Apache-2.0
#include "chaos/postgres_fixture.h"

#include <iterator>
#include <utility>

namespace majed::chaos {

namespace {

struct Shower {
    std::string operator()(Null) const { return "NULL"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return std::to_string(number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const Blob& blob) const {
        std::string text = "x";
        for (const std::byte byte : blob.bytes) {
            text += ' ' + std::to_string(std::to_integer<int>(byte));
        }
        return text;
    }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
};

}  // namespace

std::string shown(const Value& value) {
    return std::visit(Shower{}, value);
}

Result<driver::RunSummary> run(driver::Connection& connection, std::string_view sql,
                               std::vector<Value> values, Deadline deadline) {
    Collector sink;
    return connection.execute(sql, {std::move(values), {}}, {.deadline = deadline}, sink);
}

Result<Rows> query(driver::Connection& connection, std::string_view sql, std::vector<Value> values,
                   Deadline deadline) {
    Collector sink;
    MAJED_TRY(connection.execute(sql, {std::move(values), {}}, {.deadline = deadline}, sink));
    return std::move(sink.rows);
}

std::string cell(driver::Connection& connection, std::string_view sql, std::vector<Value> values) {
    const auto rows = query(connection, sql, std::move(values));
    if (!rows) {
        return outcome(rows);
    }
    return rows->size() == 1 && rows->front().size() == 1 ? shown(rows->front().front())
                                                          : std::to_string(rows->size()) + " rows";
}

PostgresServer& OnPostgres::server() {
    static const std::unique_ptr<PostgresServer> started = [] {
        auto server = PostgresServer::start();
        if (!server) {
            ADD_FAILURE() << server.error().message << '\n' << server.error().hint;
            std::abort();
        }
        return std::move(*server);
    }();
    return *started;
}

std::unique_ptr<driver::Driver> OnPostgres::driver_to(driver::Target target) {
    auto made = driver::postgres::open_driver(std::move(target));
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
}

void OnPostgres::SetUp() {
    if (const std::string missing = PostgresServer::missing(); !missing.empty()) {
        GTEST_SKIP() << missing;
    }
    if (!server().is_running()) {
        const auto restarted = server().restart();
        ASSERT_TRUE(restarted) << restarted.error().hint;
    }
    writer_ = driver_to(server().target(Access::read_write));
    reader_ = driver_to(server().target(Access::read_only));
}

std::unique_ptr<driver::Connection> OnPostgres::connect(Access access) {
    auto opened = (access == Access::read_write ? writer_ : reader_)->open(soon());
    EXPECT_TRUE(opened) << outcome(opened) << ' ' << opened.error().message;
    if (!opened) {
        std::abort();
    }
    return std::move(*opened);
}

}  // namespace majed::chaos
