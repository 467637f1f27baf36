/// What every test against the real PostgreSQL begins with: one server, drivers to it, short ways to ask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doubles/postgres_server.h"
#include "doubles/tcp_gate.h"
#include "driver/postgres/postgres_driver.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majed::chaos {

using doubles::PostgresServer;
using doubles::TcpGate;
using driver::Access;
using std::chrono::milliseconds;

using Rows = std::vector<std::vector<Value>>;

/// For what is not about time.
[[nodiscard]] inline Deadline soon() {
    return deadline_after(std::chrono::seconds(20));
}

/// The contract's 250 ms, and what a loaded machine under a sanitizer takes on top.
constexpr milliseconds allowed_delay{250 + 500};

class Collector final : public driver::RowSink {
public:
    Result<void> begin(std::span<const driver::ResultColumn> given) override {
        ++begun;
        columns.assign(given.begin(), given.end());
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        if (on_row) {
            on_row(rows.size());
        }
        if (rows.size() == refuse_at) {
            return Error{ErrorCode::denied, "the sink refuses"};
        }
        std::vector<Value>& row = rows.emplace_back();
        for (const ValueView& cell : cells) {
            row.push_back(to_owned(cell));
        }
        return {};
    }

    int begun = 0;
    std::size_t refuse_at = SIZE_MAX;
    std::function<void(std::size_t)> on_row{};
    std::vector<driver::ResultColumn> columns;
    Rows rows;
};

/// `NULL`, `42`, `text`; `x..` for bytes.
[[nodiscard]] std::string shown(const Value& value);

/// Code, class and state of a result: `ok`, `conflict/user_error/23505`.
template <class T>
[[nodiscard]] std::string outcome(const Result<T>& result) {
    if (result.has_value()) {
        return "ok";
    }
    const Error& error = result.error();
    return std::string(traits(error.code).name) + '/' + std::string(name_of(error.failure)) + '/' +
           error.native_state;
}

template <class T>
[[nodiscard]] FailureClass failure(const Result<T>& result) {
    return result.has_value() ? FailureClass::none : result.error().failure;
}

[[nodiscard]] Result<driver::RunSummary> run(driver::Connection& connection, std::string_view sql,
                                             std::vector<Value> values = {}, Deadline deadline = soon());
[[nodiscard]] Result<Rows> query(driver::Connection& connection, std::string_view sql,
                                 std::vector<Value> values = {}, Deadline deadline = soon());
/// The only cell of the only row as `shown`; the outcome when it fails.
[[nodiscard]] std::string cell(driver::Connection& connection, std::string_view sql,
                               std::vector<Value> values = {});

template <class Work>
[[nodiscard]] milliseconds time_of(Work work) {
    const auto begin = SteadyClock::now();
    work();
    return std::chrono::duration_cast<milliseconds>(SteadyClock::now() - begin);
}

/// One server for the whole program. Tests that kill it start it again.
class OnPostgres : public testing::Test {
protected:
    void SetUp() override;
    [[nodiscard]] static PostgresServer& server();
    [[nodiscard]] static std::unique_ptr<driver::Driver> driver_to(driver::Target target);
    [[nodiscard]] std::unique_ptr<driver::Connection> connect(Access access = Access::read_write);

    std::unique_ptr<driver::Driver> writer_;
    std::unique_ptr<driver::Driver> reader_;
};

}  // namespace majed::chaos
