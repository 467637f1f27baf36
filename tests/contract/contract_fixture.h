/// What every contract test begins with: a driver, connections, and short ways to ask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "contract/driver_under_test.h"
#include "driver/connection.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::contract {

using Row = std::vector<Value>;

/// For tests that are not about time: far beyond what a loaded machine needs.
[[nodiscard]] inline Deadline soon() {
    return deadline_after(std::chrono::seconds(20));
}

/// Keeps everything; or stops, when told, at a row.
class CollectingSink final : public driver::RowSink {
public:
    Result<void> begin(std::span<const driver::ResultColumn> columns) override;
    Result<void> row(std::span<const ValueView> cells) override;

    std::vector<driver::ResultColumn> columns;
    std::vector<Row> rows;
    int announced = 0;
    std::size_t refuse_at = SIZE_MAX;              ///< Answers an error instead of taking this row.
    std::function<void(std::size_t)> on_row = {};  ///< Called with the number of rows taken before.
};

/// A cell for messages and comparisons of text: `NULL`, `42`, `'text'`, `x'00ff'`.
[[nodiscard]] std::string shown(const Value& value);

class Contract : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override;

    [[nodiscard]] DriverUnderTest& under_test() const { return *under_test_; }
    [[nodiscard]] const Dialect& dialect() const { return under_test_->dialect(); }
    [[nodiscard]] driver::Driver& writer() const { return *writer_; }

    /// A connection that may write. Ends the test program when there is none: nothing else could be told.
    [[nodiscard]] std::unique_ptr<driver::Connection> connect() const;
    [[nodiscard]] std::unique_ptr<driver::Connection> connect_read_only();

    /// `INSERT INTO t VALUES (?, $2 ...)` with `columns` parameters.
    [[nodiscard]] std::string insert_into(const std::string& table, std::size_t columns) const;
    /// Drops what an earlier test left, then creates. A column is `name type`.
    void make_table(driver::Connection& connection, const std::string& table,
                    const std::string& columns) const;

    static Result<driver::RunSummary> run(driver::Connection& connection, std::string_view sql,
                                          std::vector<Value> values = {});
    static Result<std::vector<Row>> query(driver::Connection& connection, std::string_view sql,
                                          std::vector<Value> values = {});
    /// The only cell of the only row, as `shown`, exact numbers without quotes; the error's class when it fails.
    static std::string cell(driver::Connection& connection, std::string_view sql,
                            std::vector<Value> values = {});

private:
    DriverUnderTest* under_test_ = nullptr;
    std::unique_ptr<driver::Driver> writer_;
    std::unique_ptr<driver::Driver> reader_;
};

/// How long `work` took.
template <class Work>
[[nodiscard]] std::chrono::milliseconds time_of(Work work) {
    const auto begin = SteadyClock::now();
    work();
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begin);
}

/// Beyond a deadline: what the contract allows, and what a loaded machine under a sanitizer takes on top.
constexpr std::chrono::milliseconds allowed_delay{250 + 750};

/// Checks that `result` failed, with this class; says what it was otherwise.
template <class T>
[[nodiscard]] testing::AssertionResult fails_with(FailureClass expected, const Result<T>& result) {
    if (result.has_value()) {
        return testing::AssertionFailure() << "expected " << name_of(expected) << ", it succeeded";
    }
    const Error& error = result.error();
    if (error.failure != expected) {
        return testing::AssertionFailure()
               << "expected " << name_of(expected) << ", was " << name_of(error.failure) << " ("
               << traits(error.code).name << ", " << error.native_state << "): " << error.message;
    }
    return testing::AssertionSuccess();
}

template <class T>
[[nodiscard]] testing::AssertionResult succeeds(const Result<T>& result) {
    if (result.has_value()) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << traits(result.error().code).name << ", " << name_of(result.error().failure) << ", "
           << result.error().native_state << ": " << result.error().message;
}

}  // namespace majed::contract
