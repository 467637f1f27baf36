// SPDX-License-Identifier: Apache-2.0
// What only PostgreSQL has.
#include "migrate/query_rows.h"
#include "migration/engine_fixture.h"

#include <utility>

namespace majed::migration {

namespace {

class Postgres : public testing::Test {
protected:
    void SetUp() override {
        std::string missing;
        place_ = Place::make("postgresql", missing);
        if (place_ == nullptr) {
            GTEST_SKIP() << missing;
        }
    }
    [[nodiscard]] Place& place() { return *place_; }

private:
    std::unique_ptr<Place> place_;
};

TEST_F(Postgres, copies_the_rows_that_stand_in_a_file) {
    place().put("001_copy.sql",
                "CREATE TABLE a (id integer, name text);\nCOPY a FROM STDIN;\n1\tone\n2\tsemi;colon\n\\.\n"
                "CREATE TABLE b (id integer);\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    EXPECT_EQ(place().ask("SELECT name FROM a WHERE id = 2"), "semi;colon");
    EXPECT_TRUE(place().has_table("b"));
}

TEST_F(Postgres, writes_its_ledger_though_a_migration_took_another_role) {
    Place::run_as_administrator("DROP ROLE IF EXISTS migration_owner");
    Place::run_as_administrator("CREATE ROLE migration_owner");
    Place::run_as_administrator("GRANT migration_owner TO majed_test");
    const std::string as_owner =
        "GRANT ALL ON SCHEMA public TO migration_owner;\nSET ROLE migration_owner;\n";
    place().put("001_role.sql", as_owner + "CREATE TABLE owned (id integer);\n");
    place().put("002_steps.sql",
                "-- majed:no-transaction\n" + as_owner + "CREATE TABLE stepped (id integer);\n");
    place().put("003_who.sql", "CREATE TABLE who AS SELECT current_user::text AS name;\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    EXPECT_EQ(place().ask("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'"), "migration_owner");
    EXPECT_EQ(place().ask("SELECT tableowner FROM pg_tables WHERE tablename = 'stepped'"), "migration_owner");
    EXPECT_EQ(place().ask("SELECT tableowner FROM pg_tables WHERE tablename = 'schema_migrations'"),
              "majed_test");
    EXPECT_EQ(place().ask("SELECT name FROM who"), "majed_test");
    place().run("DROP TABLE owned, stepped");
}

TEST_F(Postgres, finds_its_way_though_a_migration_changed_the_search_path) {
    place().put(
        "001_dump.sql",
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id integer);\n");
    place().put("002_steps.sql",
                "-- majed:no-transaction\nSET search_path = '';\n"
                "CREATE TABLE public.b (id integer);\n");
    place().put("003_plain.sql", "CREATE TABLE c (id integer);\n");
    auto migrator = place().migrator();
    ASSERT_TRUE(succeeds(up(migrator)));
    EXPECT_TRUE(place().has_table("public.c"));
    EXPECT_TRUE(migrator.verify()->drift.empty());
}

TEST_F(Postgres, refuses_a_migration_after_which_tables_would_be_made_elsewhere) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    place().put("002_schema.sql", "CREATE SCHEMA AUTHORIZATION majed_test;\n");
    auto migrator = place().migrator();
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_NE(report->failure()->message.find("changed the schema in which tables are made"),
              std::string::npos)
        << report->failure()->message;
    EXPECT_EQ(states_of(migrator), "001=applied 002=pending");
}

TEST_F(Postgres, refuses_to_begin_a_second_ledger_beside_the_first) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    place().run("CREATE SCHEMA AUTHORIZATION majed_test");
    auto second = place().migrator();
    const auto report = up(second);
    ASSERT_FALSE(report.has_value());
    EXPECT_NE(report.error().message.find("the ledger is in schema \"public\""), std::string::npos)
        << report.error().message;
    place().run("DROP SCHEMA majed_test");
    EXPECT_EQ(states_of(second), "001=applied");
}

TEST_F(Postgres, says_that_an_index_which_failed_to_build_stays_invalid) {
    place().put("001_base.sql", "CREATE TABLE base (id integer);\nINSERT INTO base VALUES (1), (1);\n");
    place().put("002_index.sql", "CREATE UNIQUE INDEX CONCURRENTLY u ON base (id);\n");
    auto migrator = place().migrator();
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_NE(report->failure()->hint.find("INVALID"), std::string::npos);
    EXPECT_NE(report->failure()->hint.find("duplicated"), std::string::npos) << report->failure()->hint;
    EXPECT_EQ(report->failure()->message.find("duplicated"), std::string::npos);
    EXPECT_EQ(report->failure()->native_state, "23505");
    EXPECT_EQ(states_of(migrator), "001=applied 002=failed");
    EXPECT_EQ(place().ask("SELECT count(*) FROM schema_migrations WHERE error LIKE '%duplicated%'"), "0");
}

TEST_F(Postgres, fails_rather_than_queue_everybody_behind_a_change_of_a_table) {
    place().put("001_base.sql", "CREATE TABLE base (id integer);\n");
    auto first = place().migrator();
    ASSERT_TRUE(succeeds(up(first)));
    const Deadline soon = deadline_after(std::chrono::seconds(20));
    auto reader = place().driver().open(soon);
    ASSERT_TRUE(succeeds(reader));
    ASSERT_TRUE(succeeds((*reader)->begin(driver::TransactionMode::read_write, soon)));
    ASSERT_TRUE(succeeds(migrate::change(**reader, "LOCK TABLE base IN ACCESS SHARE MODE", {}, soon)));
    place().put("002_alter.sql", "ALTER TABLE base ADD COLUMN more integer;\n");
    place().options.lock_wait = std::chrono::milliseconds(150);
    auto second = place().migrator();
    const auto report = up(second);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_EQ(report->failure()->native_state, "55P03");
    EXPECT_EQ(states_of(second), "001=applied 002=pending");
}

TEST_F(Postgres, runs_nothing_more_when_a_migration_let_go_of_the_lock) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\nSELECT pg_advisory_unlock_all();\n");
    place().put("002_second.sql", "CREATE TABLE b (id integer);\n");
    auto migrator = place().migrator();
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_EQ(keys_of(*report), "001 ") << "which failed at none";
    EXPECT_FALSE(place().has_table("b"));
    EXPECT_EQ(states_of(migrator), "001=applied 002=pending");
}

TEST_F(Postgres, stops_a_statement_that_takes_too_long) {
    place().put("001_slow.sql", "CREATE TABLE a (id integer);\nSELECT pg_sleep(60);\n");
    place().options.statement_timeout = std::chrono::milliseconds(300);
    auto migrator = place().migrator();
    const auto report = up(migrator);
    ASSERT_TRUE(report.has_value());
    ASSERT_NE(report->failure(), nullptr);
    EXPECT_EQ(report->failure()->code, ErrorCode::timeout);
    EXPECT_FALSE(place().has_table("a"));
}

/// Two sessions behind one face: what a pooler in transaction mode does outside a transaction.
class Alternating final : public driver::Connection {
public:
    Alternating(std::unique_ptr<driver::Connection> one, std::unique_ptr<driver::Connection> other)
        : one_(std::move(one)), other_(std::move(other)) {}
    Result<void> ping(Deadline deadline) override { return one_->ping(deadline); }
    Result<void> reset(Deadline deadline) override { return one_->reset(deadline); }
    void interrupt() noexcept override {}
    bool reusable() const noexcept override { return one_->reusable(); }
    void abandon() noexcept override {}
    Result<driver::StatementDescription> prepare(std::string_view sql, Deadline deadline) override {
        return one_->prepare(sql, deadline);
    }
    Result<driver::RunSummary> execute(std::string_view sql, const driver::Parameters& parameters,
                                       const driver::RunLimits& limits, driver::RowSink& sink) override {
        if (!one_->in_transaction()) {
            std::swap(one_, other_);
        }
        return one_->execute(sql, parameters, limits, sink);
    }
    Result<driver::BatchSummary> execute_many(std::string_view sql, std::span<const std::vector<Value>> rows,
                                              Deadline deadline) override {
        return one_->execute_many(sql, rows, deadline);
    }
    Result<void> begin(driver::TransactionMode mode, Deadline deadline) override {
        return one_->begin(mode, deadline);
    }
    Result<void> commit(Deadline deadline) override { return one_->commit(deadline); }
    Result<void> rollback(Deadline deadline) override { return one_->rollback(deadline); }
    bool in_transaction() const noexcept override { return one_->in_transaction(); }
    Result<void> identify(const driver::SessionIdentity& identity, Deadline deadline) override {
        return one_->identify(identity, deadline);
    }

private:
    std::unique_ptr<driver::Connection> one_;
    std::unique_ptr<driver::Connection> other_;
};

class Pooler final : public driver::Driver {
public:
    explicit Pooler(driver::Driver& real) : real_(real) {}
    std::string_view name() const noexcept override { return real_.name(); }
    Result<std::unique_ptr<driver::Connection>> open(Deadline deadline) override {
        MAJED_TRY_ASSIGN(auto one, real_.open(deadline));
        MAJED_TRY_ASSIGN(auto other, real_.open(deadline));
        return std::unique_ptr<driver::Connection>(
            std::make_unique<Alternating>(std::move(one), std::move(other)));
    }
    Result<std::unique_ptr<driver::Session>> open_session(std::shared_ptr<const driver::GuardSet>,
                                                          Deadline) override {
        return Error{ErrorCode::unsupported, "no sessions here"};
    }
    Result<driver::SchemaDescription> read_schema(driver::Connection&, Deadline) override {
        return Error{ErrorCode::unsupported, "no catalogue here"};
    }

private:
    driver::Driver& real_;
};

TEST_F(Postgres, refuses_a_pooler_that_changes_its_session_between_statements) {
    place().put("001_first.sql", "CREATE TABLE a (id integer);\n");
    Pooler pooler(place().driver());
    migrate::Migrator migrator(place().migrator().migrations(), pooler, place().options);
    const auto refused = up(migrator);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
    EXPECT_FALSE(place().has_table("a"));
}

}  // namespace

}  // namespace majed::migration
