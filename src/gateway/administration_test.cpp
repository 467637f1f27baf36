// SPDX-License-Identifier: Apache-2.0
// Statements about the schema: who may run which, what is on record of them and when, and what holds afterwards.
#include "gateway/administration.h"

#include "gateway/gateway_fixture.h"
#include "gateway/schema_changes.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace majed::gateway {
namespace administration_test {

class AdministrationTest : public GatewayTest {
protected:
    void SetUp() override {
        GatewayTest::SetUp();
        add("open", [](source::SourceOptions& options) { options.takes_ddl = true; });
        add("shut", [](source::SourceOptions&) {});
        audit_ = *audit::AuditTrail::open(
            {.database_path = directory_.file("majed.db"), .busy_timeout = std::chrono::milliseconds(0)});
        gateway_ = std::make_unique<Gateway>(sources_, *audit_, std::vector<std::uint8_t>(32, 7));
        const auto installed = gateway_->install_policies(rules());
        ASSERT_TRUE(installed) << installed.error().message;
    }
    void TearDown() override { gateway_.reset(); }

    template <class Change>
    void add(const std::string& name, Change&& change) {
        source::SourceOptions options;
        options.name = name;
        options.access = driver::Access::read_write;
        change(options);
        ASSERT_TRUE(sources_.add(*source::start_sqlite(std::move(options), directory_.file("shop.db"))));
    }
    [[nodiscard]] std::shared_ptr<const policy::PolicySet> rules() const override {
        std::vector<policy::RowPolicy> rows{
            {"", "customers", {Role::admin, Role::normal}, "*", {}, "t"},
            {"", "orders", {Role::admin}, "total < 6", {}, "t", false, {policy::Action::select}},
            {"", "orders", {Role::admin}, "*", {}, "t", false, {policy::Action::insert}}};
        auto set = policy::PolicySet::create(std::move(rows), {});
        return std::make_shared<const policy::PolicySet>(*std::move(set));
    }

    static QueryRequest asking(std::string sql, std::string source = "open") {
        QueryRequest request;
        request.source = std::move(source);
        request.sql = std::move(sql);
        request.may_administer = true;
        return request;
    }
    /// `done`, or the error as `code: message`.
    std::string outcome(const QueryRequest& request, const policy::Principal& who) {
        CollectedRows sink;
        const auto answer = gateway_->query(who, request, sink);
        EXPECT_TRUE(sink.rows().empty());
        if (answer) return "done";
        return std::string(traits(answer.error().code).name) + ": " + answer.error().message;
    }
    std::string outcome(std::string sql) { return outcome(asking(std::move(sql)), principal(Role::admin)); }
    std::vector<std::string> stored(const std::string& sql) {
        auto database =
            driver::sqlite::Database::open(directory_.file("shop.db"), driver::sqlite::OpenMode::read_only);
        auto statement = database->prepare(sql);
        std::vector<std::string> result;
        while (*statement->step()) result.push_back(statement->text(0));
        return result;
    }
    std::vector<std::string> tables() {
        return stored("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    }
    const std::vector<std::string> untouched{"customers", "orders", "secrets"};
};

TEST_F(AdministrationTest, is_run_for_an_administrator_where_source_and_door_take_it) {
    CollectedRows sink;
    const auto made =
        gateway_->query(principal(Role::admin), asking("CREATE TABLE notes (id INTEGER);"), sink);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->rows_affected, 0U);
    EXPECT_EQ(made->source, "open");
    EXPECT_EQ(sink.announced(), 0);
    EXPECT_EQ(tables(), (std::vector<std::string>{"customers", "notes", "orders", "secrets"}));
    for (const std::string sql : {"ALTER TABLE notes ADD COLUMN t TEXT", "CREATE INDEX i ON notes (t)",
                                  "ANALYZE", "REINDEX", "VACUUM", "DROP INDEX i", "DROP TABLE notes"}) {
        EXPECT_EQ(outcome(sql), "done") << sql;
    }
    EXPECT_EQ(stored("SELECT name FROM sqlite_schema WHERE name IN ('notes', 'i')"),
              std::vector<std::string>{});
}

TEST_F(AdministrationTest, is_refused_for_everybody_else_and_everywhere_else) {
    const std::string sql = "CREATE TABLE notes (id INTEGER)";
    const std::string refusal =
        "denied: statements of class ddl are not allowed: only queries and writes may be run";
    for (const Role role : {Role::superuser, Role::normal, Role::integration})
        EXPECT_EQ(outcome(asking(sql), principal(role)), refusal);
    policy::Principal nobody = principal(Role::admin);
    nobody.role.reset();
    EXPECT_EQ(outcome(asking(sql), nobody), refusal);
    policy::Principal client = principal(Role::admin);
    client.kind = policy::PrincipalKind::client;
    EXPECT_EQ(outcome(asking(sql), client), refusal);
    QueryRequest by_http = asking(sql);
    by_http.may_administer = false;
    EXPECT_EQ(outcome(by_http, principal(Role::admin)), refusal);
    EXPECT_EQ(outcome(asking(sql, "shut"), principal(Role::admin)), refusal);
    EXPECT_EQ(outcome(asking(sql, "shop"), principal(Role::admin)),
              "denied: statements of class ddl are not allowed: only queries may be run");
    EXPECT_EQ(tables(), untouched);
}

TEST_F(AdministrationTest, of_another_class_or_form_is_refused_for_administrators_too) {
    for (const std::string sql :
         {"BEGIN", "COMMIT", "PRAGMA writable_schema = ON", "PRAGMA user_version = 5", "ATTACH 'x' AS x",
          "EXPLAIN SELECT 1", "CREATE TABLE copy AS SELECT * FROM secrets",
          "CREATE VIEW shown AS SELECT * FROM secrets", "ALTER TABLE secrets RENAME TO shown",
          "CREATE TRIGGER g AFTER INSERT ON orders BEGIN DELETE FROM secrets; END", "VACUUM INTO 'copy.db'",
          "CREATE TEMP TABLE t (a)", "ALTER TABLE customers ADD COLUMN x AS (salary)"}) {
        EXPECT_EQ(outcome(sql).substr(0, 8), "denied: ") << sql;
    }
    for (const std::string sql : {"CREATE TABLE t (a); DROP TABLE orders", "DROP TABLE t;;DROP TABLE orders"})
        EXPECT_EQ(outcome(sql), "parse_error: only one statement may be sent at a time");
    QueryRequest with_values = asking("CREATE TABLE t (a DEFAULT (?))");
    with_values.parameters.positional.emplace_back(std::int64_t{1});
    EXPECT_EQ(outcome(with_values, principal(Role::admin)),
              "invalid_argument: a statement about the schema takes no values");
    EXPECT_EQ(tables(), untouched);
}

TEST_F(AdministrationTest, leaves_queries_and_writes_of_administrators_under_their_rules) {
    CollectedRows read;
    ASSERT_TRUE(gateway_->query(principal(Role::admin), asking("SELECT total FROM orders"), read));
    EXPECT_EQ(read.rows(), std::vector<std::string>{"5"});
    EXPECT_EQ(outcome("DELETE FROM orders"), "denied: no rule lets role admin delete rows of table orders");
    EXPECT_EQ(outcome("SELECT word FROM secrets").substr(0, 8), "denied: ");
}

TEST_F(AdministrationTest, does_not_drop_a_table_that_a_rule_names) {
    for (const std::string sql : {"DROP TABLE orders", "DROP TABLE IF EXISTS main.\"ORDERS\"",
                                  "DROP TABLE [customers]", "DROP TABLE 'orders'"})
        EXPECT_EQ(outcome(sql), "denied: a table that has rules is neither dropped nor truncated") << sql;
    EXPECT_EQ(outcome("DROP TABLE secrets"), "done");
    EXPECT_EQ(tables(), (std::vector<std::string>{"customers", "orders"}));
}

TEST_F(AdministrationTest, is_on_disk_before_it_runs_and_with_its_outcome_after) {
    ASSERT_EQ(outcome("CREATE TABLE notes (id, word DEFAULT 'tiger') -- hush"), "done");
    ASSERT_EQ(outcome("CREATE TABLE notes (id)").substr(0, 18), "invalid_argument: ");
    ASSERT_EQ(outcome("CREATE VIEW v AS SELECT 'tiger'").substr(0, 8), "denied: ");
    auto file =
        driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::read_only);
    auto records =
        file->prepare("SELECT phase || ' ' || success || ' ' || details FROM audit_log ORDER BY rowid");
    ASSERT_TRUE(records) << records.error().message;
    std::vector<std::string> seen;
    while (*records->step()) seen.push_back(records->text(0));
    ASSERT_EQ(seen.size(), 5U) << "without a flush";
    EXPECT_NE(seen[0].find("intent"), std::string::npos);
    EXPECT_NE(seen[0].find("create table notes(id, word default ?)"), std::string::npos) << seen[0];
    EXPECT_NE(seen[0].find("\"class\":\"ddl\""), std::string::npos) << seen[0];
    EXPECT_NE(seen[0].find("\"form\":\"CREATE TABLE\""), std::string::npos) << seen[0];
    EXPECT_NE(seen[1].find("outcome 1"), std::string::npos) << seen[1];
    EXPECT_NE(seen[3].find("outcome 0"), std::string::npos) << seen[3];
    EXPECT_NE(seen[4].find("event 0"), std::string::npos) << seen[4];
    for (const std::string& record : seen) EXPECT_EQ(record.find("tiger"), std::string::npos) << record;
    for (const std::string& record : seen) EXPECT_EQ(record.find("hush"), std::string::npos) << record;
}

TEST_F(AdministrationTest, is_not_run_when_its_intent_is_not_on_disk) {
    auto holder =
        driver::sqlite::Database::open(directory_.file("majed.db"), driver::sqlite::OpenMode::read_write);
    ASSERT_TRUE(holder->execute("BEGIN IMMEDIATE"));
    EXPECT_EQ(outcome("CREATE TABLE notes (id)").substr(0, 13), "unavailable: ");
    EXPECT_EQ(outcome("CREATE VIEW v AS SELECT 1").substr(0, 13), "unavailable: ");
    EXPECT_EQ(tables(), untouched);
}

TEST_F(AdministrationTest, the_next_statement_sees_the_new_schema) {
    const auto count = [this](const std::string& sql) {
        CollectedRows sink;
        const auto answer = gateway_->query(principal(Role::admin), asking(sql), sink);
        return answer ? std::to_string(sink.columns().size()) : answer.error().message;
    };
    EXPECT_EQ(count("SELECT * FROM customers"), "5");
    ASSERT_EQ(outcome("ALTER TABLE customers ADD COLUMN city TEXT DEFAULT 'x'"), "done");
    EXPECT_EQ(count("SELECT * FROM customers"), "6");
    EXPECT_EQ(count("SELECT city FROM customers"), "1");
    ASSERT_EQ(outcome("ALTER TABLE customers DROP COLUMN city"), "done");
    EXPECT_EQ(count("SELECT * FROM customers"), "5");
}

TEST_F(AdministrationTest, nothing_runs_while_the_rules_do_not_fit_the_new_schema) {
    // `orders` has a rule about its column.
    ASSERT_EQ(outcome("ALTER TABLE orders DROP COLUMN total"), "done");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(
            outcome("SELECT name FROM customers"),
            "unavailable: the schema of source open was changed, and either cannot be read again or its "
            "rules do not fit it");
    }
    ASSERT_EQ(outcome("ALTER TABLE orders ADD COLUMN total NUMERIC"), "done");
    CollectedRows sink;
    EXPECT_TRUE(gateway_->query(principal(Role::admin), asking("SELECT name FROM customers"), sink));
}

TEST_F(AdministrationTest, check_says_what_would_be_run_and_runs_nothing) {
    const auto report = gateway_->check(principal(Role::admin), asking("CREATE TABLE notes (id)"));
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->allowed);
    EXPECT_TRUE(report->audited_strictly);
    EXPECT_EQ(report->statement_class, "ddl");
    const auto refused = gateway_->check(principal(Role::admin), asking("CREATE VIEW v AS SELECT 1"));
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->allowed);
    ASSERT_TRUE(refused->place);
    const auto other = gateway_->check(principal(Role::admin), asking("COMMIT"));
    EXPECT_NE(other->problems.front().hint.find("INSERT, UPDATE, DELETE, statements about the schema."),
              std::string::npos);
    EXPECT_EQ(tables(), untouched);
}

TEST(SchemaChanges, are_read_once_and_again_where_that_failed) {
    driver::sqlite::TemporaryDirectory directory;
    ASSERT_TRUE(driver::sqlite::Database::open(directory.file("a.db"), driver::sqlite::OpenMode::create));
    source::SourceOptions options;
    options.name = "a";
    const auto source = *source::start_sqlite(std::move(options), directory.file("a.db"));
    SchemaChanges changes;
    int reads = 0;
    bool works = false;
    const auto refresh = [&]() -> Result<void> {
        ++reads;
        if (reads == 3) changes.note(*source);  // Another change while it is read.
        return works ? Result<void>() : Error{ErrorCode::unavailable, "down"};
    };
    EXPECT_TRUE(changes.read(*source, refresh));
    EXPECT_EQ(reads, 0);
    changes.note(*source);
    EXPECT_EQ(changes.read(*source, refresh).error().code, ErrorCode::unavailable);
    EXPECT_FALSE(changes.read(*source, refresh));
    works = true;
    EXPECT_TRUE(changes.read(*source, refresh));
    EXPECT_TRUE(changes.read(*source, refresh));
    EXPECT_TRUE(changes.read(*source, refresh));
    EXPECT_EQ(reads, 4);
}

}  // namespace administration_test
}  // namespace majed::gateway
