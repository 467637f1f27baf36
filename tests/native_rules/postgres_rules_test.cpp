// SPDX-License-Identifier: Apache-2.0
#include "doubles/postgres_server.h"
#include "driver/authorized_statement.h"
#include "driver/postgres/postgres_driver.h"
#include "rewrite/login_reach.h"
#include "rewrite/native_rules.h"
#include "source/source.h"

#include <gtest/gtest.h>

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace majed::gateway {

/// Stands in for the real one, which is in a library that these tests do not link.
class StatementAuthorizer {
public:
    static driver::AuthorizedStatement make(std::string sql) {
        static std::uint64_t last_id = 0;
        driver::AuthorizedStatement statement;
        statement.id_ = ++last_id;
        statement.generation_ = 1;
        statement.sql_ = std::move(sql);
        return statement;
    }
};

}  // namespace majed::gateway

namespace majed::native_rules {
namespace {

using doubles::PostgresServer;
using policy::Role;

Deadline soon() {
    return deadline_after(std::chrono::seconds(20));
}

class RowCount final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView> cells) override {
        const auto* const number = std::get_if<std::int64_t>(cells.data());
        ids += (ids.empty() ? "" : " ") + (number == nullptr ? std::string("?") : std::to_string(*number));
        return {};
    }
    std::string ids;
};

policy::RowPolicy rule(std::string table, Role role, std::string rows) {
    static int line = 0;
    policy::RowPolicy made;
    made.table = std::move(table);
    made.roles = {role};
    made.rows = std::move(rows);
    made.origin = "majed.toml:" + std::to_string(++line);
    return made;
}

policy::PolicySet shop_rules(std::string least = "size >= :user.least AND size <> ALL (:user.banned)") {
    auto made = policy::PolicySet::create(
        {rule("customer", Role::admin, "*"), rule("customer", Role::superuser, "region_based"),
         rule("customer", Role::normal, "own_region"), rule("customer", Role::integration, std::move(least)),
         rule("orders", Role::admin, "*"),
         rule("orders", Role::normal,
              "EXISTS (SELECT 1 FROM customer c WHERE c.id = orders.customer AND c.region = :user.region)"),
         rule("orders", Role::superuser, "NOT (customer = :user.never) OR :user.never IS NULL")},
        {});
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

class NativePostgres : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string missing = PostgresServer::missing(); !missing.empty()) GTEST_SKIP() << missing;
        as_administrator(
            {"DROP DATABASE IF EXISTS native WITH (FORCE)", "DROP ROLE IF EXISTS gate",
             "CREATE ROLE gate LOGIN PASSWORD 'correct horse'", "CREATE DATABASE native OWNER majed_test"},
            "postgres");
        as_owner({"CREATE SCHEMA shop",
                  "CREATE TABLE shop.customer (id int PRIMARY KEY, region varchar(10), size numeric(6,2))",
                  "INSERT INTO shop.customer VALUES (1, 'north', 1), (2, 'south', 2), (3, 'o''ne\"s', 3),"
                  " (4, NULL, 4)",
                  "CREATE TABLE shop.orders (id bigint PRIMARY KEY, customer int)",
                  "INSERT INTO shop.orders VALUES (10, 1), (11, 2), (12, 2)",
                  "GRANT USAGE ON SCHEMA shop TO gate", "GRANT SELECT ON ALL TABLES IN SCHEMA shop TO gate"});
        as_administrator({"ALTER ROLE gate SET search_path = shop, public"}, "native");
        driver_ = *driver::postgres::open_driver(gate());
    }

    static PostgresServer& server() {
        static const std::unique_ptr<PostgresServer> started = *PostgresServer::start();
        return *started;
    }
    static driver::Target gate() {
        driver::Target target = server().target(driver::Access::read_only);
        target.url = "postgresql://127.0.0.1:" + std::to_string(server().port()) + "/native";
        target.user = "gate";
        return target;
    }
    static void as(std::string_view user, const std::vector<std::string>& scripts,
                   const std::string& database) {
        const std::string target = "host=127.0.0.1 port=" + std::to_string(server().port()) +
                                   " dbname=" + database + " user=" + std::string(user) +
                                   " password='correct horse' sslmode=disable";
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(target.c_str()), &PQfinish);
        PQsetNoticeProcessor(
            connection.get(), [](void*, const char*) {}, nullptr);
        for (const std::string& script : scripts) {
            if (script.empty()) continue;
            const std::unique_ptr<PGresult, decltype(&PQclear)> result(
                PQexec(connection.get(), script.c_str()), &PQclear);
            ASSERT_EQ(PQresultStatus(result.get()), PGRES_COMMAND_OK)
                << PQerrorMessage(connection.get()) << "\n"
                << script;
        }
    }
    static void as_administrator(const std::vector<std::string>& scripts, const std::string& database) {
        as(PostgresServer::administrator, scripts, database);
    }
    static void as_owner(const std::vector<std::string>& scripts) {
        as(PostgresServer::user, scripts, "native");
    }

    source::Source::Catalog catalog() {
        source::SourceOptions options;
        options.name = "db";
        options.pool.min = 0;
        auto source = source::Source::start(std::move(options), *driver::postgres::open_driver(gate()));
        auto read = (*source)->catalog();
        EXPECT_TRUE(read) << read.error().message;
        return read ? *read : nullptr;
    }
    rewrite::NativeRules rules(const policy::PolicySet& policies) {
        auto made = rewrite::native_rules(policies, "db", *catalog());
        EXPECT_TRUE(made) << made.error().message;
        return made ? std::move(*made) : rewrite::NativeRules{};
    }
    /// Nothing, or what differs first.
    std::string difference(const policy::PolicySet& policies) {
        const auto all = rewrite::native_differences(rules(policies), *catalog());
        return all.empty() ? std::string() : all.front();
    }
    std::string ids(const std::string& sql, const Attributes& identity) {
        if (session_ == nullptr) {
            driver::GuardSet guard;
            guard.generation = 1;
            guard.search_path = {"shop", "public"};
            guard.native = true;
            guard.context_attributes = rules(shop_rules()).attributes;
            session_ =
                *driver_->open_session(std::make_shared<const driver::GuardSet>(std::move(guard)), soon());
        }
        RowCount rows;
        const auto ran =
            session_->run(gateway::StatementAuthorizer::make(sql), {}, identity, {.deadline = soon()}, rows);
        return ran ? rows.ids : std::string(traits(ran.error().code).name) + " " + ran.error().native_state;
    }
    std::string customers(const Attributes& identity) {
        return ids("SELECT id FROM customer ORDER BY id", identity);
    }

    std::unique_ptr<driver::Driver> driver_;
    std::unique_ptr<driver::Session> session_;
};

TEST_F(NativePostgres, every_role_sees_the_rows_that_its_rule_says_and_no_others) {
    as_owner({rewrite::native_script(rules(shop_rules()))});
    EXPECT_EQ(customers({{"role", {"admin"}}}), "1 2 3 4");
    EXPECT_EQ(customers({{"role", {"normal"}}, {"region", {"north"}}}), "1");
    EXPECT_EQ(customers({{"role", {"normal"}}, {"region", {"o'ne\"s"}}}), "3");
    EXPECT_EQ(customers({{"role", {"superuser"}}, {"regions", {"south", "o'ne\"s", "{x,y}"}}}), "2 3");
    EXPECT_EQ(customers({{"role", {"integration"}}, {"least", {"2"}}, {"banned", {"3"}}}), "2 4");
    EXPECT_EQ(ids("SELECT id FROM orders ORDER BY id", {{"role", {"normal"}}, {"region", {"south"}}}),
              "11 12");
    EXPECT_EQ(ids("SELECT count(*) FROM orders", {{"role", {"admin"}}}), "3");
}

TEST_F(NativePostgres, an_absent_attribute_an_unknown_role_or_none_is_no_rows) {
    as_owner({rewrite::native_script(rules(shop_rules()))});
    EXPECT_EQ(customers({{"role", {"normal"}}, {"region", {"north"}}}), "1");
    EXPECT_EQ(customers({}), "");
    EXPECT_EQ(customers({{"role", {"normal"}}}), "");
    EXPECT_EQ(customers({{"role", {"normal"}}, {"region", {"north", "south"}}}), "");
    EXPECT_EQ(customers({{"role", {"superuser"}}, {"region", {"north"}}}), "");
    EXPECT_EQ(customers({{"role", {"boss"}}}), "");
    EXPECT_EQ(customers({{"role", {"admin", "normal"}}}), "");
    // Its predicate would be true for an attribute that is NULL.
    EXPECT_EQ(ids("SELECT id FROM orders", {{"role", {"superuser"}}}), "");
    EXPECT_EQ(ids("SELECT id FROM orders ORDER BY id", {{"role", {"superuser"}}, {"never", {"2"}}}), "10");
}

TEST_F(NativePostgres, a_name_longer_than_the_column_is_not_cut_to_fit_it) {
    as_owner({"INSERT INTO shop.customer VALUES (5, 'abcdefghij', 5)",
              rewrite::native_script(rules(shop_rules()))});
    EXPECT_EQ(customers({{"role", {"normal"}}, {"region", {"abcdefghij"}}}), "5");
    EXPECT_EQ(customers({{"role", {"normal"}}, {"region", {"abcdefghijk"}}}), "");
}

TEST_F(NativePostgres, a_value_that_the_column_cannot_have_is_an_error_without_it) {
    as_owner({rewrite::native_script(rules(shop_rules()))});
    EXPECT_EQ(customers({{"role", {"integration"}}, {"least", {"much"}}, {"banned", {"3"}}}),
              "invalid_argument 22P02");
}

TEST_F(NativePostgres, what_is_exported_compares_equal_and_can_be_run_again) {
    EXPECT_EQ(difference(shop_rules()), "table shop.customer: row-level security is off");
    const std::string script = rewrite::native_script(rules(shop_rules()));
    as_owner({script});
    EXPECT_EQ(difference(shop_rules()), "");
    EXPECT_EQ(rewrite::native_script(rules(shop_rules())), script);
    as_owner({script});
    EXPECT_EQ(difference(shop_rules()), "");
    const auto reach = rewrite::login_reach(shop_rules(), "db", *catalog(), rewrite::Enforcer::server);
    EXPECT_EQ(reach->warning(), "");
}

TEST_F(NativePostgres, every_way_to_differ_is_seen) {
    const std::string script = rewrite::native_script(rules(shop_rules()));
    const auto after = [&](const std::string& change) {
        as_owner({script, change});
        return difference(shop_rules());
    };
    const std::string table = "table shop.customer: ";
    EXPECT_EQ(after("ALTER POLICY majed_select ON shop.customer USING (true)"),
              table + "policy majed_select is not the one that the rules make");
    EXPECT_EQ(after("ALTER POLICY majed_select ON shop.customer TO PUBLIC"),
              table + "policy majed_select is not for reading by the login alone");
    EXPECT_EQ(after("CREATE POLICY more ON shop.customer USING (true)"),
              table + "policy more opens rows to the login as well");
    as_owner({"DROP POLICY more ON shop.customer"});
    EXPECT_EQ(after("CREATE POLICY own ON shop.customer TO majed_test USING (true)"), "");
    EXPECT_EQ(after("ALTER TABLE shop.customer NO FORCE ROW LEVEL SECURITY"),
              table + "row-level security is not forced on its owner");
    EXPECT_EQ(after("DROP POLICY majed_select ON shop.customer"), table + "it has no policy majed_select");
    EXPECT_EQ(after(""), "");
    EXPECT_EQ(difference(shop_rules("size >= :user.least")),
              table + "policy majed_select is not the one that the rules make");
    as_administrator({"ALTER ROLE gate BYPASSRLS"}, "native");
    EXPECT_TRUE(difference(shop_rules()).starts_with("role gate is a superuser or has BYPASSRLS"));
    EXPECT_TRUE(
        rewrite::login_reach(shop_rules(), "db", *catalog(), rewrite::Enforcer::server)->past_everything);
}

TEST_F(NativePostgres, a_table_that_no_rule_speaks_of_any_more_loses_its_policy) {
    as_owner({rewrite::native_script(rules(shop_rules()))});
    const auto fewer = policy::PolicySet::create({rule("customer", Role::admin, "*")}, {});
    EXPECT_EQ(difference(*fewer),
              "table shop.customer: policy majed_select is not the one that the rules make");
    as_owner({rewrite::native_script(rules(*fewer))});
    EXPECT_EQ(difference(*fewer), "");
    EXPECT_EQ(ids("SELECT id FROM orders", {{"role", {"admin"}}}), "");
}

TEST_F(NativePostgres, a_login_without_row_level_security_reads_past_the_rules_and_it_is_said) {
    const auto reach = rewrite::login_reach(shop_rules(), "db", *catalog(), rewrite::Enforcer::gateway);
    ASSERT_TRUE(reach);
    EXPECT_EQ(reach->reads, (std::vector<std::string>{"shop.customer", "shop.orders"}));
    EXPECT_EQ(reach->login, "gate");
    as_owner({"REVOKE SELECT ON shop.orders FROM gate"});
    EXPECT_EQ(rewrite::login_reach(shop_rules(), "db", *catalog(), rewrite::Enforcer::gateway)->reads,
              (std::vector<std::string>{"shop.customer"}));
}

TEST_F(NativePostgres, a_change_of_the_schema_is_noticed_by_the_checks_of_health) {
    source::SourceOptions options;
    options.name = "db";
    options.pool.min = 0;
    const auto source = *source::Source::start(std::move(options), *driver::postgres::open_driver(gate()));
    const auto before = *source->catalog();
    const auto watched = source->watched({});
    const auto look = [&] { ASSERT_TRUE(watched.check(source::CheckKind::routine, soon())); };
    look();
    EXPECT_FALSE(source->take_outdated());
    as_owner({"ALTER TABLE shop.customer ADD COLUMN more int"});
    look();
    EXPECT_TRUE(source->take_outdated());
    EXPECT_FALSE(source->take_outdated());
    const auto after = *source->refresh_catalog();
    EXPECT_NE(after->schema_version(), before->schema_version());
    EXPECT_EQ(after->find("customer")->columns.size(), before->find("customer")->columns.size() + 1);
    look();
    EXPECT_FALSE(source->take_outdated());
}

TEST_F(NativePostgres, a_notice_is_told_once_and_shown_by_health) {
    std::vector<std::string> told;
    source::SourceObserver observer;
    observer.protection = [&](const source::ProtectionNotice& notice) { told.push_back(notice.text); };
    source::SourceOptions options;
    options.name = "db";
    options.pool.min = 0;
    const auto source =
        *source::Source::start(std::move(options), *driver::postgres::open_driver(gate()), observer);
    EXPECT_TRUE(source->watched({}).measures().empty());
    source->notice({source::HealthLevel::warn, 2, "it can be read"});
    source->notice({source::HealthLevel::warn, 2, "it can be read"});
    source->notice({});
    EXPECT_EQ(told, (std::vector<std::string>{"it can be read", ""}));
    const auto measures = source->watched({}).measures();
    ASSERT_EQ(measures.size(), 1U);
    EXPECT_EQ(measures[0].name, "exposedTables");
    EXPECT_EQ(measures[0].level, source::HealthLevel::pass);
}

}  // namespace
}  // namespace majed::native_rules
