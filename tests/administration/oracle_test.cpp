// SPDX-License-Identifier: Apache-2.0
// Users' statements may not run on Oracle at all: those about the schema do all the same, where the source allows them.
#include "audit/audit_tables_fixture.h"
#include "audit/audit_trail.h"
#include "doubles/oci/remote/oci_double.h"
#include "driver/oracle/oracle_driver.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"
#include "gateway/gateway.h"
#include "policy/policy_set.h"
#include "source/source_registry.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace majed::gateway {
namespace {

class NoAnswer final : public ResultSink {
public:
    Result<void> columns(std::span<const ResultColumn>) override { return {}; }
    Result<void> row(std::span<const ValueView>) override { return {}; }
};

class OracleAdministration : public testing::Test {
protected:
    void SetUp() override {
        double_ = std::make_unique<doubles::OciDouble>(directory_.file(""), "correct horse");
        auto primary =
            driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::create);
        ASSERT_TRUE(primary->execute(std::string(audit::audit_tables)));
        audit_ = *audit::AuditTrail::open({.database_path = directory_.file("majed.db")});
        driver::Target target;
        target.url = "oracle://localhost:1521/shop?client_library=" + doubles::oci_double_folder();
        target.user = "shop";
        target.password = Secret("correct horse");
        target.access = driver::Access::read_write;
        auto driver = driver::oracle::open_driver(std::move(target));
        ASSERT_TRUE(driver) << driver.error().message;
        source::SourceOptions options;
        options.name = "shop";
        options.access = driver::Access::read_write;
        options.takes_ddl = true;
        ASSERT_TRUE(sources_.add(*source::Source::start(std::move(options), std::move(*driver))));
        gateway_ = std::make_unique<Gateway>(sources_, *audit_, std::vector<std::uint8_t>(32, 7));
        auto set = policy::PolicySet::create({{"", "ORDERS", {policy::Role::admin}, "*", {}, "t"}}, {});
        ASSERT_TRUE(gateway_->install_policies(std::make_shared<const policy::PolicySet>(*std::move(set))));
    }
    void TearDown() override { gateway_.reset(); }

    /// `done`, or the error as `code: message`.
    std::string outcome(const std::string& sql) {
        policy::Principal who;
        who.name = "ada";
        who.role = policy::Role::admin;
        QueryRequest request;
        request.sql = sql;
        request.may_administer = true;
        NoAnswer sink;
        const auto answer = gateway_->query(who, request, sink);
        if (answer) return "done";
        return std::string(traits(answer.error().code).name) + ": " + answer.error().message;
    }
    /// As the catalogue shows them.
    std::string columns_of(const std::string& table) {
        const auto catalog = sources_.sources().front()->refresh_catalog();
        if (!catalog) return catalog.error().message;
        const auto* const found = (*catalog)->find(table);
        std::string names;
        if (found == nullptr) return "none";
        for (const auto& column : found->columns) names += (names.empty() ? "" : ",") + column.name;
        return names;
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::unique_ptr<doubles::OciDouble> double_;
    std::unique_ptr<audit::AuditTrail> audit_;
    source::SourceRegistry sources_;
    std::unique_ptr<Gateway> gateway_;
};

TEST_F(OracleAdministration, runs_what_is_of_a_known_form_and_nothing_else) {
    EXPECT_EQ(outcome("CREATE TABLE notes (id NUMBER(9) PRIMARY KEY, word VARCHAR2(20 CHAR));"), "done");
    EXPECT_EQ(columns_of("SHOP.NOTES"), "ID,WORD");
    EXPECT_EQ(outcome("CREATE INDEX by_word ON notes (word)"), "done");
    EXPECT_EQ(outcome("TRUNCATE TABLE notes"), "done");
    EXPECT_EQ(outcome("CREATE TABLE notes (id NUMBER(9))").substr(0, 18), "invalid_argument: ");
    EXPECT_EQ(outcome("CREATE TABLE copy AS SELECT * FROM notes"),
              "denied: CREATE TABLE with SELECT is not run");
    for (const std::string sql : {"DROP TABLE orders", "TRUNCATE TABLE shop.orders"})
        EXPECT_EQ(outcome(sql), "denied: a table that has rules is neither dropped nor truncated");
    EXPECT_EQ(outcome("ALTER USER shop IDENTIFIED BY tiger; DROP TABLE notes"),
              "parse_error: only one statement may be sent at a time");
    for (const std::string sql : {"BEGIN EXECUTE IMMEDIATE 'DROP TABLE notes'; END;", "COMMIT",
                                  "ALTER SESSION SET CURRENT_SCHEMA = sys"})
        EXPECT_NE(outcome(sql), "done") << sql;
    EXPECT_EQ(columns_of("SHOP.NOTES"), "ID,WORD");
    EXPECT_EQ(outcome("DROP TABLE notes PURGE"), "done");
    EXPECT_EQ(columns_of("SHOP.NOTES"), "none");
    audit_->flush();
    auto file =
        driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::read_only);
    auto records =
        file->prepare("SELECT sum(phase = 'outcome') || ' ' || sum(details LIKE '%tiger%') FROM audit_log");
    ASSERT_TRUE(*records->step());
    EXPECT_EQ(records->text(0), "5 0");
}

}  // namespace
}  // namespace majed::gateway
