// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include "gateway/gateway_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace majed::gateway {
namespace {

using Rows = std::vector<std::string>;
using policy::Role;

TEST_F(GatewayTest, answers_each_role_with_its_own_rows) {
    const std::string sql = "SELECT name, email FROM customers ORDER BY id";
    EXPECT_EQ(rows(principal(Role::admin), sql),
              (Rows{"ann|ann@x.org", "bob|bob@x.org", "cem|cem@x.org", "HIDDEN|dee@x.org"}));
    EXPECT_EQ(rows(sam(), sql), (Rows{"ann|ann@x.org", "bob|bob@x.org", "cem|cem@x.org"}));
    EXPECT_EQ(rows(nora(), sql), (Rows{"ann|a***@x.org", "cem|c***@x.org"}));
    EXPECT_EQ(
        rows(principal(Role::integration), "SELECT id, name, region FROM customers ORDER BY id LIMIT 2"),
        (Rows{"1|~|NORTH", "2|~|EAST"}));
}

TEST_F(GatewayTest, aggregates_over_visible_rows_only) {
    const std::string sql =
        "SELECT count(*), sum(total) FROM customers c JOIN orders o ON o.customer_id = c.id";
    EXPECT_EQ(rows(nora(), sql), Rows{"2|13"});
    EXPECT_EQ(rows(principal(Role::admin), sql), Rows{"4|26.500000"});
}

TEST_F(GatewayTest, shares_a_prepared_statement_without_sharing_rows) {
    const std::string sql = "SELECT name FROM customers ORDER BY id";
    const auto east = principal(Role::normal, {{"region", {"EAST"}}});
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(rows(nora(), sql), (Rows{"ann", "cem"}));
        EXPECT_EQ(rows(east, sql), Rows{"bob"});
    }
}

TEST_F(GatewayTest, shows_no_rows_to_those_who_lack_the_attribute) {
    EXPECT_EQ(rows(principal(Role::normal), "SELECT name FROM customers"), Rows{});
    EXPECT_EQ(rows(principal(Role::superuser, {{"regions", {}}}), "SELECT count(*) FROM customers"),
              Rows{"0"});
}

TEST_F(GatewayTest, refuses_a_principal_without_a_role_everything) {
    policy::Principal nobody = nora();
    nobody.role.reset();
    EXPECT_EQ(rows(nobody, "SELECT 1 FROM customers"),
              Rows{"denied: there is no table customers that you may read"});
}

TEST_F(GatewayTest, describes_columns_and_what_was_applied) {
    CollectedRows sink;
    const auto answer =
        run(nora(), "SELECT id, email AS mail, upper(email) FROM customers WHERE id = 1", sink);
    ASSERT_TRUE(answer);
    EXPECT_EQ(sink.announced(), 1);
    ASSERT_EQ(sink.columns().size(), 3U);
    EXPECT_EQ(sink.columns()[0].type, "INTEGER");
    EXPECT_FALSE(sink.columns()[0].masked);
    EXPECT_EQ(sink.columns()[1].name, "mail");
    EXPECT_TRUE(sink.columns()[1].masked);
    EXPECT_EQ(sink.columns()[2].name, "upper(email)");
    EXPECT_TRUE(sink.columns()[2].masked);
    EXPECT_EQ(answer->row_filters, Rows{"customers"});
    EXPECT_EQ(answer->masked_columns, Rows{"customers.email"});
    EXPECT_EQ(answer->row_count, 1U);
}

TEST_F(GatewayTest, announces_columns_of_an_answer_without_rows) {
    CollectedRows sink;
    ASSERT_TRUE(run(nora(), "SELECT id FROM customers WHERE 0", sink));
    EXPECT_EQ(sink.announced(), 1);
}

TEST_F(GatewayTest, proves_truncation) {
    CollectedRows sink;
    QueryRequest request;
    request.sql = "SELECT id FROM customers";
    request.max_rows = 3;
    const auto cut = gateway_->query(principal(Role::admin), request, sink);
    ASSERT_TRUE(cut);
    EXPECT_TRUE(cut->truncated);
    EXPECT_EQ(cut->row_count, 3U);
    request.max_rows = 4;
    EXPECT_FALSE(gateway_->query(principal(Role::admin), request, sink)->truncated);
}

TEST_F(GatewayTest, binds_parameters) {
    CollectedRows sink;
    QueryRequest request;
    request.sql = "SELECT name FROM customers WHERE id = ? OR name = :who ORDER BY id";
    request.parameters.positional = {Value(std::int64_t{1})};
    request.parameters.named = {{"who", Value(std::string("bob"))}};
    const auto answer = gateway_->query(sam(), request, sink);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(sink.rows(), (Rows{"ann", "bob"}));
}

TEST_F(GatewayTest, writes_intent_before_outcome_and_keeps_values_out) {
    ASSERT_EQ(rows(nora(), "SELECT id FROM customers WHERE name = 'ann'"), Rows{"1"});
    EXPECT_EQ(audited("SELECT phase || ' ' || action || ' ' || username || ' ' || resource || ' ' || "
                      "resource_id || ' ' "
                      "|| success FROM audit_log ORDER BY id"),
              (Rows{"intent query someone shop customers 1", "outcome query someone shop customers 1"}));
    EXPECT_EQ(audited("SELECT count(DISTINCT event_id) FROM audit_log"), Rows{"1"});
    EXPECT_EQ(audited("SELECT count(*) FROM audit_log WHERE details LIKE '%ann%'"), Rows{"0"});
    EXPECT_EQ(audited("SELECT json_extract(details, '$.sql') FROM audit_log LIMIT 1"),
              Rows{"select id from customers where name = ?"});
}

TEST_F(GatewayTest, records_refusals) {
    ASSERT_EQ(rows(nora(), "SELECT word FROM secrets").size(), 1U);
    EXPECT_EQ(audited("SELECT phase || ' ' || success || ' ' || error_message FROM audit_log"),
              Rows{"event 0 denied: there is no table secrets that you may read"});
}

TEST_F(GatewayTest, records_no_value_of_a_statement_that_was_not_understood) {
    for (const std::string sql :
         {"SELECT 'a' b 'topsecret'", "SELECT $$topsecret$$", "SELECT $$two topsecret words$$",
          "SELECT \xE2\x80\x98topsecret\xE2\x80\x99 FROM customers", "'topsecret'",
          "SELECT id FROM \xE2\x80\x9Ctopsecret\xE2\x80\x9D"}) {
        ASSERT_EQ(rows(nora(), sql).size(), 1U) << sql;
    }
    EXPECT_EQ(audited("SELECT count(*) FROM audit_log WHERE NOT success"), Rows{"6"});
    EXPECT_EQ(audited("SELECT error_message || details FROM audit_log WHERE error_message || details LIKE "
                      "'%topsecret%'"),
              Rows{});
    EXPECT_EQ(
        audited(
            "SELECT count(*) FROM audit_log WHERE error_message LIKE 'parse_error: %unexpected a value%'"),
        Rows{"1"});
}

TEST_F(GatewayTest, takes_up_a_changed_schema_and_stays_closed_for_what_has_no_rule) {
    const std::string sql = "SELECT * FROM customers WHERE id = 1";
    ASSERT_EQ(rows(principal(Role::admin), sql), Rows{"1|ann|ann@x.org|NORTH|10"});
    execute("shop.db",
            "ALTER TABLE customers ADD COLUMN age INT; CREATE TABLE fresh (a); INSERT INTO fresh VALUES (1)");
    EXPECT_EQ(rows(principal(Role::admin), sql), Rows{"1|ann|ann@x.org|NORTH|10|~"});
    EXPECT_EQ(rows(principal(Role::admin), "SELECT a FROM fresh"),
              Rows{"denied: there is no table fresh that you may read"});
}

TEST_F(GatewayTest, checks_against_the_schema_as_it_is_now) {
    QueryRequest request;
    request.sql = "SELECT age FROM customers";
    ASSERT_FALSE(gateway_->check(principal(Role::admin), request)->allowed);
    execute("shop.db", "ALTER TABLE customers ADD COLUMN age INT");
    request.sql = "SELECT name FROM customers";
    const auto report = gateway_->check(principal(Role::admin), request);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->allowed) << (report->problems.empty() ? "" : report->problems.front().message);
    request.sql = "SELECT age FROM customers";
    EXPECT_TRUE(gateway_->check(principal(Role::admin), request)->allowed);
}

TEST_F(GatewayTest, answers_everybody_when_many_meet_the_same_change_of_the_schema) {
    const std::string sql = "SELECT * FROM customers WHERE id = 1";
    std::string expected = "1|ann|ann@x.org|NORTH|10";
    for (int round = 0; round < 5; ++round) {
        execute("shop.db", "ALTER TABLE customers ADD COLUMN c" + std::to_string(round) + " INT");
        expected += "|~";
        std::vector<Rows> answers(6);
        std::vector<std::thread> askers;
        for (Rows& answer : answers) {
            askers.emplace_back([&] { answer = rows(principal(Role::admin), sql); });
        }
        for (std::thread& asker : askers) asker.join();
        for (const Rows& answer : answers) EXPECT_EQ(answer, Rows{expected});
    }
}

TEST_F(GatewayTest, keeps_new_policies_in_force_when_the_schema_changes_while_they_come) {
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(gateway_->install_policies(policies()));
        execute("shop.db", "ALTER TABLE customers ADD COLUMN c" + std::to_string(round) + " INT");
        std::thread asker([&] { rows(principal(Role::admin), "SELECT id FROM customers WHERE id = 1"); });
        const auto closed = policy::PolicySet::create({{"", "orders", {Role::admin}, "*", {}, "t"}}, {});
        ASSERT_TRUE(gateway_->install_policies(std::make_shared<policy::PolicySet>(*closed)));
        asker.join();
        EXPECT_EQ(rows(principal(Role::admin), "SELECT id FROM customers WHERE id = 1"),
                  Rows{"denied: there is no table customers that you may read"});
    }
}

TEST_F(GatewayTest, refuses_all_statements_but_queries_with_their_class) {
    for (const auto& [sql, name] : std::vector<std::pair<std::string, std::string>>{
             {"DELETE FROM customers", "write"},
             {"WITH x AS (SELECT 1) INSERT INTO customers SELECT 1", "write"},
             {"DROP TABLE customers", "ddl"},
             {"PRAGMA query_only = 0", "session"},
             {"ATTACH 'x' AS y", "session"},
             {"VACUUM INTO 'x'", "maintenance"},
             {"BEGIN", "transaction"},
             {"EXPLAIN SELECT 1", "explain"}}) {
        EXPECT_EQ(rows(principal(Role::admin), sql),
                  Rows{name == "write" ? "denied: the source is read only: it takes no writes"
                                       : "denied: statements of class " + name +
                                             " are not allowed: only queries may be run"});
    }
    EXPECT_EQ(rows(principal(Role::admin), "SELECT 1; SELECT 2"),
              Rows{"parse_error: only one statement may be sent at a time"});
}

TEST_F(GatewayTest, places_every_refusal) {
    for (const char* sql :
         {"SELECT", "SELECT x FROM customers", "SELECT 1 FROM nothing", "SELECT load_extension('x')",
          "SELECT name FROM customers, orders WHERE id = 1", "SELECT sum(sum(id)) FROM customers"}) {
        CollectedRows sink;
        const auto answer = run(nora(), sql, sink);
        ASSERT_FALSE(answer) << sql;
        EXPECT_TRUE(answer.error().offset) << sql;
        EXPECT_EQ(answer.error().message.find("g_"), std::string::npos) << answer.error().message;
    }
}

TEST_F(GatewayTest, checks_without_running) {
    QueryRequest request;
    request.sql = "SELECT name FROM customers";
    const auto report = gateway_->check(nora(), request);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->allowed);
    EXPECT_EQ(report->statement_class, "read");
    EXPECT_EQ(report->fingerprint.size(), 16U);
    ASSERT_EQ(report->relations.size(), 1U);
    EXPECT_EQ(report->relations[0].verdict, RelationVerdict::filter);
    EXPECT_EQ(report->relations[0].filter, "") << "the rule is for admins to see";
    EXPECT_EQ(report->rewritten, "");
    const auto seen_by_admin = gateway_->check(principal(Role::admin), request);
    EXPECT_EQ(seen_by_admin->rewritten.substr(0, 22), "SELECT name FROM \"guar");
    request.sql = "SELECT 1 FROM secrets";
    const auto refused = gateway_->check(nora(), request);
    EXPECT_FALSE(refused->allowed);
    ASSERT_EQ(refused->problems.size(), 1U);
    EXPECT_EQ(refused->problems[0].offset, 14U);
    EXPECT_EQ(audited("SELECT DISTINCT phase || action FROM audit_log"), Rows{"eventcheck"});
}

TEST_F(GatewayTest, refuses_policies_that_fit_no_source_and_keeps_the_old_ones) {
    auto wrong = policy::PolicySet::create({{"", "nothing", {Role::admin}, "*", {}, "rules.toml:1"}}, {});
    const auto installed = gateway_->install_policies(std::make_shared<policy::PolicySet>(*std::move(wrong)));
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().message, "rules.toml:1: no source has a table nothing");
    EXPECT_EQ(rows(nora(), "SELECT name FROM customers ORDER BY id"), (Rows{"ann", "cem"}));
}

TEST_F(GatewayTest, serves_many_threads_with_many_identities) {
    std::vector<std::thread> threads;
    std::vector<std::string> wrong(4);
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([this, t, &wrong] {
            const bool north = t % 2 == 0;
            const auto who = principal(Role::normal, {{"region", {north ? "NORTH" : "EAST"}}});
            const Rows expected = north ? Rows{"ann", "cem"} : Rows{"bob"};
            for (int i = 0; i < 50; ++i) {
                if (const Rows got = rows(who, "SELECT name FROM customers ORDER BY id"); got != expected) {
                    wrong[t] = got.empty() ? "nothing" : got.front();
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<std::string>(4));
}

/// Outcomes for a right and a wrong guess about the hidden row (name HIDDEN, salary 777) must not differ.
TEST_F(GatewayTest, tells_nothing_about_hidden_rows_through_errors) {
    const std::string boom = "abs(-9223372036854775807 - 1)";
    const std::vector<std::string> forms = {
        "SELECT count(*) FROM customers WHERE salary = % AND " + boom,
        "SELECT salary FROM customers WHERE salary > 700 AND (salary <> % OR " + boom + ")",
        "SELECT min(salary) FROM customers WHERE salary > 700 AND (salary <> % OR json('{bad'))",
        "SELECT count(*) FROM customers WHERE CASE WHEN salary = % THEN " + boom + " ELSE 1 END",
        "SELECT s FROM (SELECT salary s FROM customers) WHERE s = % AND " + boom,
        "SELECT y FROM (SELECT salary s, abs(salary - % - 9223372036854775807 - 1) y FROM customers) WHERE s "
        "> 700 AND y > 0",
        "WITH c AS (SELECT salary s FROM customers) SELECT s FROM c WHERE s = % AND " + boom,
        "SELECT 1 FROM (VALUES (1)) v LEFT JOIN customers c ON c.salary = % AND " + boom,
        "SELECT (SELECT count(*) FROM customers WHERE salary = % AND " + boom + ")",
        "SELECT 1 LIMIT (SELECT count(*) FROM customers WHERE salary = % AND " + boom + ")",
        "SELECT salary FROM customers WHERE salary = % AND name LIKE '" + std::string(300, 'x') + "'",
        "SELECT salary FROM customers WHERE salary = % AND name LIKE 'x' ESCAPE 'ab'",
        "SELECT salary FROM customers GROUP BY salary HAVING salary = % AND " + boom,
        "SELECT salary FROM customers WHERE salary = % AND (SELECT " + boom + ")",
        "SELECT salary FROM customers WHERE salary = % AND random() > 0 + 0 * " + boom,
        "SELECT a.salary FROM customers a JOIN customers b ON a.id = b.id AND b.salary = % AND " + boom,
        "SELECT salary AS s FROM customers WHERE s = % AND " + boom,
        "SELECT id FROM customers WHERE salary = % AND (SELECT 1 LIMIT 1 OFFSET 'x') < salary",
        "SELECT id FROM customers WHERE salary = % AND (SELECT count(*) FROM (SELECT 1 LIMIT 'x')) < salary",
        "SELECT id FROM customers WHERE salary = % AND EXISTS (SELECT 1 FROM (SELECT 1 LIMIT 'x'))",
        "WITH v(x) AS (SELECT 1 LIMIT 'x') SELECT id FROM customers WHERE salary = % AND salary + 1 IN v",
        "SELECT id FROM customers WHERE salary = % AND salary > (SELECT max(1) OVER (ROWS -1 PRECEDING) FROM "
        "customers)",
        "SELECT id FROM customers WHERE salary = % AND salary > (SELECT max(1) OVER w FROM customers WINDOW "
        "w AS (ROWS -1 "
        "PRECEDING))",
        "SELECT v.column1 FROM (VALUES (1)) v JOIN (VALUES (2)) w ON abs(c.salary - % - 9223372036854775807 "
        "- 1) > 0 JOIN "
        "customers c ON c.salary > 700",
    };
    for (const std::string& form : forms) {
        const auto guess = [&](const std::string& value) {
            std::string sql = form;
            sql.replace(sql.find('%'), 1, value);
            return rows(nora(), sql);
        };
        EXPECT_EQ(guess("777"), guess("778")) << form;
    }
}

/// What guards must not change: rows, affinities and names of statements that nothing is hidden from.
TEST_F(GatewayTest, keeps_the_meaning_of_guarded_statements) {
    const std::vector<std::pair<std::string, Rows>> cases = {
        {"SELECT * FROM (SELECT count(abs(id)) s FROM customers WHERE 0)", {"0"}},
        {"SELECT count(*) FROM customers WHERE 0 HAVING abs(count(*)) = 0", {"0"}},
        {"SELECT * FROM (SELECT CAST(abs(id) AS TEXT) s FROM customers) WHERE s = 1", {"1"}},
        {"SELECT c.id FROM customers c WHERE EXISTS (SELECT count(*) OVER () FROM orders o WHERE o.total = "
         "c.region)",
         {}},
        {"SELECT * FROM orders, orders t1 WHERE abs(orders.id) = 1 AND t1.id = 1 ORDER BY id",
         {"1|1|5|1|1|5"}},
        {"SELECT * FROM (SELECT abs(id) FROM customers UNION SELECT id FROM customers ORDER BY abs(id))",
         {"1", "3"}},
        {"SELECT n FROM (SELECT id n FROM customers UNION ALL VALUES (9)) WHERE abs(n) = 9", {"9"}},
        {"SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND "
         "abs(o.total) > 6 ORDER BY 1",
         {"ann|~", "cem|8"}},
        {"SELECT c.name FROM customers c LEFT JOIN orders o ON o.id = -1 WHERE coalesce(abs(o.id), 7) = 7 "
         "ORDER BY 1",
         {"ann", "cem"}},
    };
    for (const auto& [sql, expected] : cases) EXPECT_EQ(rows(nora(), sql), expected) << sql;
    CollectedRows sink;
    ASSERT_TRUE(run(nora(), "SELECT (name COLLATE NOCASE) FROM customers", sink));
    EXPECT_EQ(sink.columns()[0].name, "(name COLLATE NOCASE)");
    ASSERT_TRUE(run(nora(), "SELECT *, c.NAME FROM (SELECT o.ID, TOTAL FROM orders o), customers c", sink));
    EXPECT_EQ(sink.columns()[0].name, "ID");
    EXPECT_EQ(sink.columns()[1].name, "TOTAL");
    EXPECT_EQ(sink.columns().back().name, "name");
}

TEST_F(GatewayTest, refuses_texts_that_grow_without_end) {
    std::string doubling = "WITH a0 AS (SELECT 1 x)";
    for (int i = 1; i < 30; ++i) {
        const std::string before = "a" + std::to_string(i - 1);
        doubling += ", a" + std::to_string(i) + " AS (SELECT * FROM " + before + " UNION ALL SELECT * FROM " +
                    before + ")";
    }
    EXPECT_EQ(rows(nora(), doubling + " SELECT count(*) FROM a29").front().substr(0, 10), "too_large:");
    EXPECT_EQ(rows(nora(), "SELECT printf('%.*c', 1000000000, 'x')").front().substr(0, 7), "denied:");
    EXPECT_EQ(rows(nora(), "SELECT printf('%.2f', 1.5)"), Rows{"1.50"});
}

}  // namespace
}  // namespace majed::gateway
