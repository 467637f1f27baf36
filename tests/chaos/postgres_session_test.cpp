// SPDX-License-Identifier: Apache-2.0
#include "chaos/postgres_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace majed::chaos {

namespace {

using driver::TransactionMode;

class PostgresSession : public OnPostgres {};

std::vector<std::vector<Value>> numbers(std::int64_t from, std::int64_t to) {
    std::vector<std::vector<Value>> rows;
    for (std::int64_t i = from; i <= to; ++i) {
        rows.push_back({i});
    }
    return rows;
}

TEST_F(PostgresSession, a_transaction_begins_ends_and_says_so) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TEMP TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)")),
              "ok");
    EXPECT_EQ(outcome(connection->commit(soon())), "invalid_argument/user_error/");
    EXPECT_EQ(outcome(connection->rollback(soon())), "ok");
    ASSERT_EQ(outcome(connection->begin(TransactionMode::read_write, soon())), "ok");
    EXPECT_TRUE(connection->in_transaction());
    EXPECT_EQ(outcome(connection->begin(TransactionMode::read_write, soon())),
              "invalid_argument/user_error/");
    EXPECT_EQ(outcome(run(*connection, "INSERT INTO t VALUES (1), (1)")), "ok");
    EXPECT_EQ(outcome(connection->commit(soon())), "conflict/user_error/23505");
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM t"), "0");
    EXPECT_TRUE(connection->reusable());
}

TEST_F(PostgresSession, a_commit_that_the_server_turned_into_a_rollback_is_a_conflict) {
    const auto connection = connect();
    ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
    EXPECT_EQ(outcome(run(*connection, "SELECT 1/0")), "invalid_argument/user_error/22012");
    EXPECT_EQ(outcome(run(*connection, "SELECT 1")), "invalid_argument/user_error/25P02");
    EXPECT_EQ(outcome(connection->commit(soon())), "conflict/user_error/25P02");
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT 1"), "1");
}

TEST_F(PostgresSession, a_reading_connection_refuses_to_write) {
    const auto connection = connect(Access::read_only);
    EXPECT_EQ(outcome(connection->begin(TransactionMode::read_write, soon())), "unsupported/read_only/");
    EXPECT_EQ(outcome(run(*connection, "CREATE TABLE forbidden ()")), "unsupported/read_only/25006");
    EXPECT_TRUE(connection->reusable());
    ASSERT_TRUE(connection->begin(TransactionMode::read_only, soon()));
    EXPECT_EQ(outcome(connection->commit(soon())), "ok");
    EXPECT_EQ(outcome(connection->reset(soon())), "ok");
    const auto writing = connect();
    ASSERT_TRUE(writing->begin(TransactionMode::read_only, soon()));
    EXPECT_EQ(outcome(run(*writing, "CREATE TABLE forbidden ()")), "unsupported/read_only/25006");
    EXPECT_TRUE(writing->reusable());
}

TEST_F(PostgresSession, a_write_refused_by_a_server_that_changed_its_role_gives_the_connection_up) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "SET default_transaction_read_only = on")), "ok");
    EXPECT_EQ(outcome(run(*connection, "CREATE TABLE forbidden ()")), "unsupported/read_only/25006");
    EXPECT_FALSE(connection->reusable());
}

TEST_F(PostgresSession, reset_leaves_no_trace_of_the_last_user) {
    const auto connection = connect();
    const auto admin = driver_to(server().administrator_target());
    for (const char* const sql :
         {"CREATE TEMP TABLE trace (a int)", "SET search_path = pg_temp", "PREPARE sly AS SELECT 1",
          "LISTEN whisper", "SELECT pg_advisory_lock(7)", "SET application_name = 'intruder'",
          "SELECT set_config('majed.client', 'eve', false)", "BEGIN",
          "DECLARE held CURSOR WITH HOLD FOR SELECT 1", "COMMIT", "BEGIN",
          "SELECT set_config('majed.x', 'y', true)"}) {
        ASSERT_EQ(outcome(run(*connection, sql)), "ok") << sql;
    }
    ASSERT_EQ(outcome(connection->reset(soon())), "ok");
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT to_regclass('trace') IS NULL"), "true");
    EXPECT_EQ(cell(*connection, "SHOW search_path"), "\"$user\", public");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM pg_prepared_statements WHERE from_sql"), "0");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM pg_listening_channels()"), "0");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "0");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM pg_cursors WHERE is_holdable"), "0");
    EXPECT_EQ(cell(*connection, "SHOW application_name"), "majed");
    EXPECT_EQ(cell(*connection, "SELECT coalesce(current_setting('majed.client', true), '')"), "");
    EXPECT_EQ(cell(*connection, "SELECT coalesce(current_setting('majed.x', true), '')"), "");
    auto admins = admin->open(soon());
    ASSERT_TRUE(admins) << outcome(admins);
    EXPECT_EQ(outcome(run(**admins, "SET SESSION AUTHORIZATION majed_test")), "ok");
    EXPECT_EQ(outcome((*admins)->reset(soon())), "ok");
    EXPECT_EQ(cell(**admins, "SELECT session_user || '/' || current_user"), "majed_admin/majed_admin");
    EXPECT_EQ(outcome(run(**admins, "SET ROLE majed_test")), "ok");
    EXPECT_EQ(outcome((*admins)->reset(soon())), "ok");
    EXPECT_EQ(cell(**admins, "SELECT session_user || '/' || current_user"), "majed_admin/majed_admin");
}

TEST_F(PostgresSession, reset_works_on_a_failed_transaction_and_keeps_prepared_statements) {
    const auto connection = connect();
    ASSERT_EQ(cell(*connection, "SELECT 40 + 2"), "42");
    ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
    static_cast<void>(run(*connection, "SELECT 1/0"));
    ASSERT_EQ(outcome(connection->reset(soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT count(*) > 1 FROM pg_prepared_statements WHERE NOT from_sql"),
              "true");
    EXPECT_EQ(outcome(connection->ping(soon())), "ok");
}

TEST_F(PostgresSession, an_identity_lasts_for_its_transaction_or_until_reset) {
    const auto connection = connect();
    const driver::SessionIdentity identity{"ada", "report", "monthly", {{"tenant", "t-7"}}};
    const std::string see =
        "SELECT current_setting('majed.client', true) || '|' || current_setting('application_name') ||"
        " '|' || current_setting('majed.tenant', true)";
    ASSERT_TRUE(connection->begin(TransactionMode::read_only, soon()));
    ASSERT_EQ(outcome(connection->identify(identity, soon())), "ok");
    EXPECT_EQ(cell(*connection, see), "ada|majed: report/monthly|t-7");
    ASSERT_TRUE(connection->commit(soon()));
    EXPECT_EQ(cell(*connection, see), "|majed|");
    ASSERT_EQ(outcome(connection->identify(identity, soon())), "ok");
    EXPECT_EQ(cell(*connection, see), "ada|majed: report/monthly|t-7");
    ASSERT_TRUE(connection->reset(soon()));
    EXPECT_EQ(cell(*connection, see), "|majed|");
    EXPECT_EQ(outcome(connection->identify({"", "", "", {{"a'b", "x"}}}, soon())),
              "invalid_argument/user_error/");
    EXPECT_EQ(outcome(connection->identify({"", "", "", {{"Client", "x"}}}, soon())),
              "invalid_argument/user_error/");
    ASSERT_EQ(outcome(connection->identify({"", std::string(62, 'm') + "\xc3\xa9", "", {}}, soon())), "ok");
    EXPECT_EQ(cell(*connection, "SHOW application_name").size(), 63U);
}

TEST_F(PostgresSession, a_batch_is_all_or_nothing_and_names_the_row_that_failed) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TEMP TABLE b (a int PRIMARY KEY)")), "ok");
    const auto good = connection->execute_many("INSERT INTO b VALUES ($1)", numbers(1, 2500), soon());
    ASSERT_TRUE(good) << outcome(good) << good.error().message;
    EXPECT_EQ(good->rows_affected, 2500U);
    auto rows = numbers(5001, 7000);
    rows[1499] = {std::int64_t{5}};
    const auto bad = connection->execute_many("INSERT INTO b VALUES ($1)", rows, soon());
    EXPECT_EQ(outcome(bad), "conflict/user_error/23505");
    EXPECT_EQ(bad.error().message, "row 1500: a unique constraint is violated");
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM b"), "2500");
    ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
    ASSERT_EQ(outcome(run(*connection, "DELETE FROM b WHERE a > 10")), "ok");
    EXPECT_EQ(outcome(connection->execute_many("INSERT INTO b VALUES ($1)", numbers(10, 20), soon())),
              "conflict/user_error/23505");
    EXPECT_EQ(outcome(connection->execute_many("INSERT INTO b VALUES ($1)", numbers(11, 20), soon())), "ok");
    ASSERT_EQ(outcome(connection->commit(soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM b"), "20");
    rows[2] = {std::string("x\0", 2)};
    const auto refused = connection->execute_many("INSERT INTO b VALUES ($1)", rows, soon());
    EXPECT_EQ(refused.error().message, "row 3: parameter $1: a text cannot hold a NUL byte");
    EXPECT_EQ(outcome(connection->execute_many("SELECT $1::int", numbers(1, 2), soon())),
              "invalid_argument/user_error/");
    EXPECT_EQ(outcome(connection->execute_many("INSERT INTO b VALUES ($1)", {}, soon())), "ok");
    EXPECT_TRUE(connection->reusable());
}

TEST_F(PostgresSession, the_cache_stays_bounded_at_the_server_too) {
    driver::Target target = server().target(Access::read_write);
    target.cached_statements = 4;
    const auto small = driver_to(std::move(target));
    auto connection = small->open(soon());
    ASSERT_TRUE(connection);
    for (int turn = 0; turn < 20; ++turn) {
        EXPECT_EQ(cell(**connection, "SELECT " + std::to_string(turn)), std::to_string(turn));
    }
    ASSERT_TRUE((*connection)->begin(TransactionMode::read_only, soon()));
    for (int turn = 0; turn < 20; ++turn) {
        EXPECT_EQ(cell(**connection, "SELECT " + std::to_string(turn)), std::to_string(turn));
    }
    ASSERT_TRUE((*connection)->commit(soon()));
    EXPECT_EQ(cell(**connection, "SELECT count(*) <= 5 FROM pg_prepared_statements"), "true");
}

TEST_F(PostgresSession, a_long_transaction_does_not_fill_the_server_with_statements) {
    driver::Target target = server().target(Access::read_write);
    target.cached_statements = 4;
    const auto small = driver_to(std::move(target));
    auto connection = small->open(soon());
    ASSERT_TRUE(connection);
    ASSERT_TRUE((*connection)->begin(TransactionMode::read_only, soon()));
    for (int turn = 0; turn < 300; ++turn) {
        ASSERT_EQ(cell(**connection, "SELECT " + std::to_string(turn)), std::to_string(turn));
    }
    EXPECT_EQ(cell(**connection, "SELECT count(*) < 80 FROM pg_prepared_statements"), "true");
    EXPECT_EQ(outcome((*connection)->commit(soon())), "ok");
}

TEST_F(PostgresSession, a_write_that_fails_at_its_end_is_no_success_however_few_rows_were_wanted) {
    const auto connection = connect();
    ASSERT_EQ(
        outcome(run(*connection, "CREATE TABLE late (a int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)")),
        "ok");
    Collector sink;
    const auto done = connection->execute("INSERT INTO late VALUES (1), (2), (1) RETURNING a", {},
                                          {.deadline = soon(), .max_rows = 1}, sink);
    EXPECT_EQ(outcome(done), "conflict/user_error/23505");
    ASSERT_TRUE(connection->begin(TransactionMode::read_only, soon()));
    const auto failed = connection->execute("SELECT 10 / (3 - n) FROM generate_series(1, 9) n", {},
                                            {.deadline = soon(), .max_rows = 1}, sink);
    EXPECT_EQ(outcome(failed), "invalid_argument/user_error/22012") << "the transaction is spoilt";
    EXPECT_EQ(outcome(connection->rollback(soon())), "ok");
    EXPECT_EQ(outcome(run(*connection, "DROP TABLE late")), "ok");
}

TEST_F(PostgresSession, a_session_that_writes_dates_or_text_in_another_way_is_not_guessed_at) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "SET DateStyle TO 'SQL, DMY'")), "ok");
    EXPECT_EQ(outcome(run(*connection, "SELECT DATE '2025-02-01'")), "internal/none/");
    ASSERT_EQ(outcome(run(*connection, "SET IntervalStyle TO 'postgres'")), "ok");
    EXPECT_EQ(outcome(run(*connection, "SELECT INTERVAL '1 day -2 hours'")), "internal/none/");
    ASSERT_EQ(outcome(connection->reset(soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT DATE '2025-02-01'"), "2025-02-01");
    ASSERT_EQ(outcome(run(*connection, "SET client_encoding TO 'LATIN1'")), "ok");
    EXPECT_EQ(outcome(run(*connection, "SELECT chr(233)")), "invalid_argument/user_error/");
    ASSERT_EQ(outcome(connection->reset(soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT chr(233)"), "\xc3\xa9");
}

TEST_F(PostgresSession, a_function_that_writes_is_carried_out_however_few_rows_are_wanted) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TABLE noted (a int)")), "ok");
    ASSERT_EQ(outcome(run(*connection,
                          "CREATE FUNCTION note(n int) RETURNS int LANGUAGE sql AS"
                          " 'INSERT INTO noted VALUES (n) RETURNING a'")),
              "ok");
    Collector sink;
    const auto done = connection->execute("SELECT note(n) FROM generate_series(1, 20000) n", {},
                                          {.deadline = soon(), .max_rows = 1}, sink);
    EXPECT_EQ(outcome(done), "ok");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM noted"), "20000");
    EXPECT_EQ(outcome(run(*connection, "DROP FUNCTION note")), "ok");
    EXPECT_EQ(outcome(run(*connection, "DROP TABLE noted")), "ok");
}

TEST_F(PostgresSession, a_statement_that_the_server_forgot_or_outgrew_is_prepared_again) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TEMP TABLE grow (a int)")), "ok");
    ASSERT_EQ(outcome(run(*connection, "INSERT INTO grow VALUES (1)")), "ok");
    EXPECT_EQ(cell(*connection, "SELECT * FROM grow"), "1");
    ASSERT_EQ(outcome(run(*connection, "ALTER TABLE grow ALTER a TYPE text")), "ok");
    EXPECT_EQ(cell(*connection, "SELECT * FROM grow"), "1");
    ASSERT_EQ(outcome(run(*connection, "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")), "ok");
    EXPECT_EQ(cell(*connection, "SELECT * FROM grow"), "1");
    ASSERT_EQ(outcome(run(*connection, "DEALLOCATE ALL")), "ok");
    EXPECT_EQ(cell(*connection, "SELECT * FROM grow"), "1");
    const char* const load = "INSERT INTO grow VALUES ($1)";
    ASSERT_EQ(outcome(connection->execute_many(load, numbers(1, 2), soon())), "ok");
    ASSERT_EQ(outcome(run(*connection, "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")), "ok");
    ASSERT_EQ(outcome(connection->execute_many(load, numbers(1, 2), soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM grow"), "5");
}

TEST_F(PostgresSession, a_deadline_ends_a_statement_and_the_connection_lives) {
    const auto connection = connect();
    Result<Rows> slow = Rows{};
    const auto taken = time_of(
        [&] { slow = query(*connection, "SELECT pg_sleep(30)", {}, deadline_after(milliseconds(200))); });
    EXPECT_EQ(outcome(slow), "timeout/timeout/57014");
    EXPECT_GE(taken, milliseconds(200));
    EXPECT_LE(taken, milliseconds(200) + allowed_delay);
    EXPECT_TRUE(connection->reusable());
    EXPECT_EQ(cell(*connection, "SELECT 1"), "1");
    EXPECT_EQ(outcome(run(*connection, "SELECT 1", {}, SteadyClock::now())), "timeout/timeout/");
    EXPECT_TRUE(connection->reusable());
}

TEST_F(PostgresSession, a_deadline_ends_a_batch_and_undoes_it) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "CREATE TEMP TABLE late (a int)")), "ok");
    ASSERT_EQ(outcome(run(*connection,
                          "CREATE FUNCTION pg_temp.slowly() RETURNS trigger LANGUAGE plpgsql AS"
                          " 'BEGIN IF NEW.a = 5 THEN PERFORM pg_sleep(30); END IF; RETURN NEW; END'")),
              "ok");
    ASSERT_EQ(
        outcome(
            run(*connection,
                "CREATE TRIGGER late BEFORE INSERT ON late FOR EACH ROW EXECUTE FUNCTION pg_temp.slowly()")),
        "ok");
    const auto batch = connection->execute_many("INSERT INTO late VALUES ($1)", numbers(1, 9),
                                                deadline_after(milliseconds(300)));
    EXPECT_EQ(outcome(batch), "timeout/timeout/57014");
    EXPECT_TRUE(connection->reusable());
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM late"), "0");
}

TEST_F(PostgresSession, an_interrupt_ends_what_runs_and_nothing_that_comes_later) {
    const auto connection = connect();
    connection->interrupt();
    EXPECT_EQ(cell(*connection, "SELECT 1"), "1") << "harmless when nothing runs";
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(150));
        connection->interrupt();
    });
    Result<Rows> slow = Rows{};
    const auto taken = time_of([&] { slow = query(*connection, "SELECT pg_sleep(15)"); });
    other.join();
    EXPECT_EQ(outcome(slow), "cancelled/cancelled/57014");
    EXPECT_LT(taken, milliseconds(5000));
    ASSERT_EQ(outcome(connection->reset(soon())), "ok");
    EXPECT_EQ(cell(*connection, "SELECT 1 FROM pg_sleep(0.05)"), "1");
}

TEST_F(PostgresSession, a_storm_of_interrupts_never_hits_the_statement_after_a_reset) {
    const auto connection = connect();
    std::atomic<bool> go_on{true};
    std::atomic<bool> armed{false};
    std::thread storm([&] {
        while (go_on) {
            if (armed) {
                connection->interrupt();
            }
            std::this_thread::sleep_for(std::chrono::microseconds(300));
        }
    });
    int cancelled = 0;
    for (int turn = 0; turn < 60; ++turn) {
        armed = true;
        const auto hit = query(*connection, "SELECT count(*) FROM generate_series(1, 20000)");
        cancelled += hit ? 0 : 1;
        EXPECT_TRUE(hit || hit.error().failure == FailureClass::cancelled) << outcome(hit);
        armed = false;
        std::this_thread::sleep_for(milliseconds(1));  // An interrupt that was on its way has set its mark.
        ASSERT_EQ(outcome(connection->reset(soon())), "ok");
        ASSERT_EQ(cell(*connection, "SELECT count(*) FROM generate_series(1, 2000)"), "2000");
    }
    go_on = false;
    storm.join();
    EXPECT_GT(cancelled, 0);
}

TEST_F(PostgresSession, a_statement_stopped_by_the_operator_is_told_apart) {
    const auto connection = connect();
    ASSERT_EQ(outcome(run(*connection, "SET statement_timeout = '50ms'")), "ok");
    const auto stopped = run(*connection, "SELECT pg_sleep(10)");
    EXPECT_EQ(outcome(stopped), "timeout/timeout/57014");
    EXPECT_EQ(stopped.error().message, "the server or its operator stopped the statement");
    EXPECT_TRUE(connection->reusable());
}

TEST_F(PostgresSession, contention_is_its_own_class) {
    const auto one = connect();
    const auto two = connect();
    ASSERT_EQ(outcome(run(*one, "CREATE TABLE fought (a int)")), "ok");
    ASSERT_TRUE(one->begin(TransactionMode::read_write, soon()));
    ASSERT_EQ(outcome(run(*one, "LOCK TABLE fought")), "ok");
    ASSERT_TRUE(two->begin(TransactionMode::read_write, soon()));
    EXPECT_EQ(outcome(run(*two, "LOCK TABLE fought NOWAIT")), "conflict/contention/55P03");
    ASSERT_TRUE(two->rollback(soon()));
    ASSERT_EQ(outcome(run(*one, "DROP TABLE fought")), "ok");
    EXPECT_EQ(outcome(one->commit(soon())), "ok");
}

TEST_F(PostgresSession, a_forked_child_forgets_the_connection_and_the_parent_keeps_it) {
    const auto connection = connect();
    const std::string backend = cell(*connection, "SELECT pg_backend_pid()");
    const pid_t child = ::fork();
    if (child == 0) {
        connection->abandon();
        ::_exit(connection->reusable() ? 1 : 0);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(cell(*connection, "SELECT pg_backend_pid()"), backend);
}

TEST_F(PostgresSession, a_session_for_users_statements_needs_a_guard) {
    EXPECT_EQ(outcome(reader_->open_session(nullptr, soon())), "internal/none/");
}

}  // namespace

}  // namespace majed::chaos
