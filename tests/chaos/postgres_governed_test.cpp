// SPDX-License-Identifier: Apache-2.0
#include "chaos/postgres_fixture.h"
#include "driver/authorized_statement.h"
#include "driver/guard.h"

#include <atomic>
#include <thread>

namespace majed::gateway {

/// Stands in for the real one, which is in a library that these tests do not link.
class StatementAuthorizer {
public:
    struct Claim {
        std::string sql;
        std::size_t parameters = 0;
        std::vector<driver::AttributeParameter> attributes = {};
        std::uint64_t generation = 1;
        std::optional<driver::WriteGrant> write = std::nullopt;
    };
    static driver::AuthorizedStatement make(Claim claim) {
        static std::uint64_t last_id = 0;
        driver::AuthorizedStatement statement;
        statement.id_ = ++last_id;
        statement.generation_ = claim.generation;
        statement.sql_ = std::move(claim.sql);
        statement.caller_parameters_ = claim.parameters;
        statement.attributes_ = std::move(claim.attributes);
        statement.write_ = std::move(claim.write);
        return statement;
    }
};

}  // namespace majed::gateway

namespace majed::chaos {

namespace {

using Claim = gateway::StatementAuthorizer::Claim;

class PostgresGoverned : public OnPostgres {
protected:
    void SetUp() override {
        OnPostgres::SetUp();
        if (IsSkipped()) return;
        owner_ = connect();
        for (const char* const sql :
             {"DROP SCHEMA IF EXISTS shop CASCADE", "CREATE SCHEMA shop",
              "CREATE TABLE shop.customer (id int PRIMARY KEY, region text, size int)",
              "INSERT INTO shop.customer VALUES (1, 'north', 1), (2, 'so\"u\\th', 2), (3, 'we''st', 3)"}) {
            ASSERT_EQ(outcome(run(*owner_, sql)), "ok") << sql;
        }
        guard_.generation = 1;
        guard_.search_path = {"shop", "public"};
    }
    void TearDown() override {
        session_.reset();
        if (owner_ != nullptr && owner_->reusable()) {
            EXPECT_EQ(outcome(run(*owner_, "DROP SCHEMA IF EXISTS shop CASCADE")), "ok");
        }
    }
    driver::Session& session() {
        if (session_ == nullptr) {
            auto opened = reader_->open_session(std::make_shared<const driver::GuardSet>(guard_), soon());
            EXPECT_TRUE(opened) << outcome(opened);
            if (!opened) std::abort();
            session_ = std::move(*opened);
        }
        return *session_;
    }
    Result<driver::RunSummary> ask(const Claim& claim, std::vector<Value> values = {},
                                   const Attributes& identity = {}, driver::RunLimits limits = {}) {
        answer_ = std::make_unique<Collector>();
        if (limits.deadline == Deadline::max()) limits.deadline = soon();
        return session().run(gateway::StatementAuthorizer::make(claim), {std::move(values), {}}, identity,
                             limits, *answer_);
    }
    /// All cells, or the outcome.
    std::string seen(const Claim& claim, std::vector<Value> values = {}, const Attributes& identity = {}) {
        const auto done = ask(claim, std::move(values), identity);
        if (!done) return outcome(done);
        std::string cells;
        for (const auto& row : answer_->rows) {
            for (const Value& value : row) cells += (cells.empty() ? "" : " ") + shown(value);
        }
        return cells;
    }

    std::unique_ptr<driver::Connection> owner_;
    driver::GuardSet guard_;
    std::unique_ptr<driver::Session> session_;
    std::unique_ptr<Collector> answer_;
};

TEST_F(PostgresGoverned, parameters_of_the_caller_come_first_and_attributes_behind_them) {
    const Claim one{"SELECT id FROM customer WHERE size >= $1 AND region = $2 ORDER BY id", 1, {{"region"}}};
    EXPECT_EQ(seen(one, {std::int64_t{1}}, {{"region", {"north"}}}), "1");
    EXPECT_EQ(seen(one, {std::int64_t{2}}, {{"region", {"north"}}}), "");
    const Claim list{"SELECT id FROM customer WHERE region = ANY ($1) ORDER BY id", 0, {{"regions", true}}};
    EXPECT_EQ(seen(list, {}, {{"regions", {"so\"u\\th", "we'st", "{}", "NULL", "a,b", ""}}}), "2 3");
    EXPECT_EQ(answer_->columns.at(0), (driver::ResultColumn{"id", driver::ColumnType::integer, "integer"}));
    const Claim number{"SELECT id FROM customer WHERE size = $1", 0, {{"size"}}};
    EXPECT_EQ(seen(number, {}, {{"size", {"2"}}}), "2");
    EXPECT_EQ(seen(number, {}, {{"size", {"two"}}}), "invalid_argument/user_error/22P02");
}

TEST_F(PostgresGoverned, an_absent_or_ambiguous_attribute_is_null) {
    const Claim one{"SELECT $1::text IS NULL", 0, {{"region"}}};
    EXPECT_EQ(seen(one), "true");
    EXPECT_EQ(seen(one, {}, {{"region", {"a", "b"}}}), "true");
    EXPECT_EQ(seen({"SELECT $1::text[] IS NULL", 0, {{"regions", true}}}), "true");
}

TEST_F(PostgresGoverned, a_wrong_number_of_values_and_names_are_refused) {
    const Claim one{"SELECT $1::int + $2::int", 1, {{"size"}}};
    EXPECT_EQ(seen(one, {}, {{"size", {"1"}}}), "invalid_argument/user_error/");
    EXPECT_EQ(seen(one, {std::int64_t{1}, std::int64_t{2}}), "invalid_argument/user_error/");
    Collector sink;
    EXPECT_EQ(outcome(session().run(gateway::StatementAuthorizer::make(one), {{}, {{"a", std::int64_t{1}}}},
                                    {}, {.deadline = soon()}, sink)),
              "invalid_argument/user_error/");
    EXPECT_EQ(seen({"SELECT 1", 0, {}, 2}), "conflict/none/");
    EXPECT_EQ(seen(one, {std::int64_t{1}}, {{"size", {"2"}}}), "3");
}

TEST_F(PostgresGoverned, a_statement_runs_under_limits_and_a_path_of_the_sources_schemas) {
    EXPECT_EQ(seen({"SELECT current_setting('search_path')"}), "pg_catalog, \"shop\", \"public\", pg_temp");
    EXPECT_EQ(seen({"SELECT current_setting('transaction_read_only')"}), "on");
    EXPECT_EQ(seen({"SELECT current_setting('row_security')"}), "on");
    EXPECT_EQ(seen({"SELECT current_setting('lock_timeout')"}), "10s");
    const auto timeout = seen({"SELECT current_setting('statement_timeout')"});
    EXPECT_TRUE(timeout.starts_with("20") || timeout.starts_with("19")) << timeout;
    EXPECT_EQ(seen({"INSERT INTO customer VALUES (9, 'x', 9)"}), "denied/user_error/25006");
    EXPECT_EQ(seen({"SELECT 1; SELECT 2"}), "invalid_argument/user_error/42601");
    EXPECT_EQ(seen({"SELECT relname FROM pg_authid, pg_class"}), "denied/user_error/42501");
}

TEST_F(PostgresGoverned, nothing_of_a_statement_outlives_it) {
    EXPECT_EQ(
        seen({"SELECT set_config('search_path', 'evil', false), set_config('row_security', 'off', false),"
              " set_config('majed.x', 'y', false), pg_advisory_lock(7)::text"}),
        "evil off y ");
    EXPECT_EQ(seen({"SELECT current_setting('search_path')"}), "pg_catalog, \"shop\", \"public\", pg_temp");
    EXPECT_EQ(
        seen({"SELECT COALESCE(current_setting('majed.x', true), ''), current_setting('row_security'),"
              " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"}),
        "on 0");
    EXPECT_TRUE(session().reset(soon()));
    EXPECT_TRUE(session().reusable());
}

TEST_F(PostgresGoverned, rows_and_bytes_are_bounded_and_the_session_goes_on) {
    const Claim many{"SELECT n, repeat('x', 100) FROM generate_series(1, 400000) AS s(n)"};
    auto cut = ask(many, {}, {}, {.max_rows = 3});
    ASSERT_TRUE(cut) << outcome(cut);
    EXPECT_EQ(cut->rows, 3U);
    EXPECT_TRUE(cut->truncated);
    EXPECT_EQ(outcome(ask(many, {}, {}, {.max_bytes = 1000})), "too_large/none/");
    const auto all = ask({"SELECT 1 UNION ALL SELECT 2"}, {}, {}, {.max_rows = 2});
    ASSERT_TRUE(all);
    EXPECT_FALSE(all->truncated);
    EXPECT_TRUE(session().reset(soon()));
    EXPECT_TRUE(session().reusable());
    EXPECT_EQ(seen({"SELECT 5"}), "5");
}

TEST_F(PostgresGoverned, a_deadline_or_an_interrupt_ends_it_and_the_session_goes_on) {
    EXPECT_EQ(seen({"SELECT 1"}), "1");
    Result<driver::RunSummary> late = driver::RunSummary{};
    const auto took = time_of([&] {
        late = ask({"SELECT pg_sleep(30)"}, {}, {}, {.deadline = deadline_after(milliseconds(200))});
    });
    EXPECT_EQ(outcome(late), "timeout/timeout/57014");
    EXPECT_LT(took, milliseconds(200) + allowed_delay);
    EXPECT_EQ(seen({"SELECT 1"}), "1");
    std::atomic<bool> done{false};
    std::thread stopper([&] {
        while (!done) {
            session_->interrupt();
            std::this_thread::yield();
        }
    });
    EXPECT_EQ(seen({"SELECT pg_sleep(30)"}), "cancelled/cancelled/57014");
    done = true;
    stopper.join();
    EXPECT_EQ(seen({"SELECT 1"}), "1");
}

TEST_F(PostgresGoverned, rows_that_nobody_took_before_the_deadline_are_no_answer) {
    // Of what the server has sent whole, and of what it still sends.
    for (const char* const sql : {"SELECT n FROM generate_series(1, 3000) AS s(n)",
                                  "SELECT n, repeat('x', 700) FROM generate_series(1, 40000) AS s(n)"}) {
        for (const milliseconds lateness : {milliseconds(1), milliseconds(400)}) {
            Collector slow;
            const Deadline deadline = deadline_after(milliseconds(150));
            slow.on_row = [&](std::size_t row) {
                if (row == 3) std::this_thread::sleep_until(deadline + lateness);
            };
            const auto late = session().run(gateway::StatementAuthorizer::make({sql}), {}, {},
                                            {.deadline = deadline}, slow);
            EXPECT_EQ(failure(late), FailureClass::timeout) << outcome(late) << ' ' << sql;
            if (!session().reusable()) session_.reset();
            EXPECT_EQ(seen({"SELECT 5"}), "5");
        }
    }
}

TEST_F(PostgresGoverned, a_write_whose_verdicts_come_too_late_is_a_timeout_and_not_done) {
    const auto writing =
        writer_->open_writing_session(std::make_shared<const driver::GuardSet>(guard_), soon());
    ASSERT_TRUE(writing) << outcome(writing);
    driver::WriteGrant grant{"customer", "shop"};
    grant.updates = {"size"};
    grant.reports_check = true;
    Collector slow;
    const Deadline deadline = deadline_after(milliseconds(150));
    slow.on_row = [&](std::size_t) { std::this_thread::sleep_until(deadline + milliseconds(1)); };
    const Claim write{"UPDATE shop.customer SET size = 9 RETURNING id, true", 0, {}, 1, grant};
    const auto late =
        (*writing)->run(gateway::StatementAuthorizer::make(write), {}, {}, {.deadline = deadline}, slow);
    EXPECT_EQ(outcome(late), "timeout/timeout/");
    EXPECT_EQ(cell(*owner_, "SELECT count(*) FROM shop.customer WHERE size = 9"), "0");
    EXPECT_TRUE((*writing)->reusable());
}

TEST_F(PostgresGoverned, an_error_of_the_data_says_what_kind_and_nothing_more) {
    const auto division = ask({"SELECT 1 / (size - 2) FROM customer"});
    EXPECT_EQ(outcome(division), "invalid_argument/user_error/22012");
    EXPECT_EQ(division.error().message, "division by zero");
    const auto cast = ask({"SELECT region::int FROM customer"});
    EXPECT_EQ(outcome(cast), "invalid_argument/user_error/22P02");
    EXPECT_EQ(cast.error().message.find("north"), std::string::npos);
    EXPECT_FALSE(cast.error().offset);
    EXPECT_FALSE(ask({"SELECT nothing FROM customer"}).error().offset);
    EXPECT_EQ(seen({"SELECT 1"}), "1");
}

TEST_F(PostgresGoverned, what_the_server_enforces_is_told_who_asks_and_forgets_it) {
    guard_.native = true;
    guard_.context_attributes = {"region", "regions"};
    const Claim who{
        "SELECT current_setting('majed.role', true), current_setting('majed.user.region', true),"
        " (current_setting('majed.user.regions', true)::text[])[2]"};
    EXPECT_EQ(seen(who, {}, {{"role", {"normal"}}, {"region", {"no\"rth"}}, {"regions", {"a", "b'c"}}}),
              "normal {\"no\\\"rth\"} b'c");
    EXPECT_EQ(
        seen(
            {"SELECT current_setting('majed.role', true) || '/' || current_setting('majed.user.region', true)"
             " || '/' || current_setting('majed.user.regions', true)"},
            {}, {{"other", {"x"}}}),
        "//");
}

TEST_F(PostgresGoverned, an_attribute_that_no_text_can_hold_ends_the_statement_and_not_the_session) {
    guard_.native = true;
    guard_.context_attributes = {"region"};
    const Attributes odd{{"region", {std::string("a\0b", 3)}}};
    EXPECT_EQ(seen({"SELECT 1"}, {}, odd), "invalid_argument/user_error/");
    EXPECT_EQ(seen({"SELECT $1::text", 0, {{"region"}}}, {}, odd), "invalid_argument/user_error/");
    EXPECT_TRUE(session().reusable());
    EXPECT_EQ(seen({"SELECT 1"}), "1");
}

TEST_F(PostgresGoverned, a_change_of_the_schema_is_a_conflict_and_a_mistake_is_not) {
    guard_.search_path = {"public"};  // The login's own, as the catalogue says it.
    guard_.schema_version = *writer_->schema_version(*owner_, soon()).value();
    EXPECT_EQ(seen({"SELECT wrong FROM shop.customer"}), "invalid_argument/user_error/42703");
    EXPECT_EQ(seen({"SELECT region FROM shop.customer WHERE id = 1"}), "north");
    ASSERT_EQ(outcome(run(*owner_, "ALTER TABLE shop.customer RENAME COLUMN region TO area")), "ok");
    EXPECT_EQ(seen({"SELECT region FROM shop.customer WHERE id = 1"}), "conflict/none/42703");
    EXPECT_TRUE(session().reusable());
}

TEST_F(PostgresGoverned, a_kept_statement_follows_a_type_that_became_wider) {
    const Claim all{"SELECT size FROM customer WHERE size = $1", 1};
    EXPECT_EQ(seen(all, {std::int64_t{3}}), "3");
    ASSERT_EQ(outcome(run(*owner_, "ALTER TABLE shop.customer ALTER COLUMN size TYPE text")), "ok");
    EXPECT_EQ(seen(all, {std::string("3")}), "3");
    EXPECT_EQ(answer_->columns.at(0).native_type, "text");
}

TEST_F(PostgresGoverned, a_server_that_dies_ends_the_session) {
    EXPECT_EQ(seen({"SELECT 1"}), "1");
    server().kill_hard();
    const auto gone = ask({"SELECT 1"});
    EXPECT_EQ(failure(gone), FailureClass::lost);
    EXPECT_FALSE(session().reusable());
    session_.reset();
    ASSERT_TRUE(server().restart());
    owner_ = connect();
    EXPECT_EQ(seen({"SELECT 1"}), "1");
}

TEST_F(PostgresGoverned, a_statement_that_was_run_before_costs_one_round_trip) {
    const auto gate = *TcpGate::open(server().port());
    const auto far_away = driver_to(server().target(Access::read_only, gate->port()));
    session_ = *far_away->open_session(std::make_shared<const driver::GuardSet>(guard_), soon());
    const Claim point{"SELECT region FROM customer WHERE id = $1 AND size = $2", 1, {{"size"}}};
    const Attributes who{{"size", {"1"}}};
    EXPECT_EQ(seen(point, {std::int64_t{1}}, who), "north");
    constexpr milliseconds one_way{150};
    gate->delay(one_way);
    EXPECT_LT(time_of([&] { EXPECT_EQ(seen(point, {std::int64_t{1}}, who), "north"); }), 4 * one_way);
    gate->delay(milliseconds(0));
}

TEST_F(PostgresGoverned, preparing_says_what_the_server_thinks_of_it) {
    EXPECT_TRUE(session().prepare(gateway::StatementAuthorizer::make({"SELECT id FROM customer"})));
    EXPECT_EQ(outcome(session().prepare(gateway::StatementAuthorizer::make({"SELECT id FROM nowhere"}))),
              "invalid_argument/user_error/42P01");
}

}  // namespace

}  // namespace majed::chaos
