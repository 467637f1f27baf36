/// A gateway over a small real database, with the policies of a shop: what the tests of this folder start from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_tables_fixture.h"
#include "audit/audit_trail.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "policy/policy_set.h"
#include "source/source_fixture.h"
#include "source/source_registry.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace majed::gateway {

/// Rows as text, cells joined by `|`, NULL as `~`, an error as `!code`.
class CollectedRows final : public ResultSink {
public:
    Result<void> columns(std::span<const ResultColumn> columns) override {
        columns_.assign(columns.begin(), columns.end());
        ++announced_;
        return {};
    }
    Result<void> row(std::span<const ValueView> cells) override {
        std::string text;
        for (const ValueView& cell : cells) text += (text.empty() ? "" : "|") + as_text(cell);
        rows_.push_back(std::move(text));
        return {};
    }
    [[nodiscard]] const std::vector<std::string>& rows() const { return rows_; }
    [[nodiscard]] const std::vector<ResultColumn>& columns() const { return columns_; }
    [[nodiscard]] int announced() const { return announced_; }

private:
    static std::string as_text(const ValueView& cell) {
        if (const auto* integer = std::get_if<std::int64_t>(&cell)) return std::to_string(*integer);
        if (const auto* real = std::get_if<double>(&cell)) return std::to_string(*real);
        if (const auto* text = std::get_if<std::string_view>(&cell)) return std::string(*text);
        if (const auto* error = std::get_if<CellError>(&cell)) return "!" + std::string(error->code);
        return std::holds_alternative<Null>(cell) ? "~" : "blob";
    }
    std::vector<std::string> rows_;
    std::vector<ResultColumn> columns_;
    int announced_ = 0;
};

class GatewayTest : public ::testing::Test {
protected:
    using Role = policy::Role;

    void SetUp() override {
        execute(
            "shop.db",
            "PRAGMA journal_mode = WAL;"
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, region TEXT, salary INT);"
            "CREATE INDEX by_salary ON customers (salary); CREATE INDEX by_name ON customers (name);"
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT, total NUMERIC);"
            "CREATE TABLE secrets (id INTEGER PRIMARY KEY, word TEXT);"
            "INSERT INTO customers VALUES (1, 'ann', 'ann@x.org', 'NORTH', 10), (2, 'bob', 'bob@x.org', "
            "'EAST', 20),"
            " (3, 'cem', 'cem@x.org', 'NORTH', 30), (4, 'HIDDEN', 'dee@x.org', 'SOUTH', 777);"
            "INSERT INTO orders VALUES (1, 1, 5), (2, 2, 6.5), (3, 4, 7), (4, 3, 8);"
            "INSERT INTO secrets VALUES (1, 'LEAK')");
        execute("majed.db", std::string(audit::audit_tables));
        audit_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db")});
        source::SourceOptions options;
        options.name = "shop";
        options.access = access();
        ASSERT_TRUE(sources_.add(*source::start_sqlite(std::move(options), directory_.file("shop.db"))));
        gateway_ = std::make_unique<Gateway>(sources_, *audit_, std::vector<std::uint8_t>(32, 7));
        const auto installed = gateway_->install_policies(rules());
        ASSERT_TRUE(installed) << installed.error().message;
    }

    [[nodiscard]] virtual driver::Access access() const { return driver::Access::read_only; }
    [[nodiscard]] virtual std::shared_ptr<const policy::PolicySet> rules() const { return policies(); }

    static std::shared_ptr<const policy::PolicySet> policies() {
        auto set = policy::PolicySet::create(
            {{"", "customers", {Role::admin}, "*", {}, "t"},
             {"", "customers", {Role::superuser}, "region IN (:user.regions)", {}, "t"},
             {"", "customers", {Role::normal}, "region = :user.region", {}, "t"},
             {"", "customers", {Role::integration}, "public_only", {"id", "region"}, "t"},
             {"", "orders", {Role::admin}, "*", {}, "t"},
             {"",
              "orders",
              {Role::normal},
              "customer_id IN (SELECT id FROM customers WHERE region = :user.region)",
              {},
              "t"}},
            {{"", "customers", "email", {Role::normal}, *policy::parse_mask("email"), "t"}});
        return std::make_shared<policy::PolicySet>(*std::move(set));
    }

    void execute(const std::string& file, const std::string& sql) {
        auto database =
            driver::sqlite::Database::open(directory_.file(file), driver::sqlite::OpenMode::create);
        ASSERT_TRUE(database);
        const auto done = database->execute(sql);
        ASSERT_TRUE(done) << done.error().message;
    }

    static policy::Principal principal(Role role, Attributes attributes = {}) {
        policy::Principal result;
        result.id = 5;
        result.name = "someone";
        result.role = role;
        result.attributes = std::move(attributes);
        return result;
    }
    static policy::Principal nora() { return principal(Role::normal, {{"region", {"NORTH"}}}); }
    static policy::Principal sam() { return principal(Role::superuser, {{"regions", {"NORTH", "EAST"}}}); }

    Result<QuerySummary> run(const policy::Principal& who, const std::string& sql, ResultSink& sink) {
        QueryRequest request;
        request.sql = sql;
        return gateway_->query(who, request, sink);
    }

    /// Rows, or the error as one row `code: message`.
    std::vector<std::string> rows(const policy::Principal& who, const std::string& sql) {
        CollectedRows sink;
        const auto answer = run(who, sql, sink);
        if (answer) return sink.rows();
        return {std::string(traits(answer.error().code).name) + ": " + answer.error().message};
    }

    /// First cells of `sql` on the audit's file.
    std::vector<std::string> audited(const std::string& sql) {
        audit_->flush();
        auto database =
            driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::read_only);
        auto statement = database->prepare(sql);
        std::vector<std::string> result;
        while (*statement->step()) result.push_back(statement->text(0));
        return result;
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<audit::AuditTrail> audit_;
    source::SourceRegistry sources_;
    std::unique_ptr<Gateway> gateway_;
};

}  // namespace majed::gateway
