// SPDX-License-Identifier: Apache-2.0
// Rows given to COPY ... FROM STDIN, where an engine has it.
#include "contract/contract_fixture.h"

#include <chrono>
#include <string>
#include <thread>

namespace majed::contract {
namespace {

const std::string copy = "COPY loaded FROM STDIN";

/// `count` lines of two columns.
std::string lines(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += std::to_string(i) + "\trow " + std::to_string(i) + "\n";
    return text;
}

TEST_P(Contract, rows_are_copied_where_the_engine_has_it_and_refused_elsewhere) {
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    const auto done = connection->copy_rows(copy, "1\tone\n2\t\\N\n", soon());
    if (!dialect().copies_rows) {
        ASSERT_FALSE(done.has_value());
        EXPECT_EQ(done.error().code, ErrorCode::unsupported);
        EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "0");
        return;
    }
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows_affected, 2U);
    EXPECT_EQ(cell(*connect(), "SELECT count(*) FROM loaded WHERE b IS NULL"), "1");
    const auto csv = connection->copy_rows("COPY loaded (b, a) FROM STDIN WITH (FORMAT csv, HEADER)",
                                           "b,a\n\"three, \"\"3\"\"\",3\n", soon());
    ASSERT_TRUE(succeeds(csv));
    EXPECT_EQ(csv->rows_affected, 1U);
    EXPECT_EQ(cell(*connection, "SELECT b FROM loaded WHERE a = 3"), "'three, \"3\"'");
}

TEST_P(Contract, copied_rows_may_be_more_than_any_buffer_holds) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    const auto done = connection->copy_rows(copy, lines(400'000), soon());
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows_affected, 400'000U);
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded WHERE b = 'row ' || a"), "400000");
}

TEST_P(Contract, no_rows_are_copied_from_empty_data) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    const auto done = connection->copy_rows(copy, "", soon());
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows_affected, 0U);
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "0");
}

TEST_P(Contract, a_bad_row_undoes_a_copy_and_the_connection_lives_on) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + " PRIMARY KEY, b " + dialect().text);
    for (const std::string& bad : {std::string("7\tLEAK\textra\n"), std::string("LEAK\tx\n"),
                                   std::string("1\ttwice\n"), std::string("no end")}) {
        const auto done = connection->copy_rows(copy, lines(2000) + bad + lines(2000), soon());
        EXPECT_TRUE(fails_with(FailureClass::user_error, done)) << bad;
        EXPECT_EQ(done.error().message.find("LEAK"), std::string::npos) << done.error().message;
        EXPECT_TRUE(connection->reusable());
        EXPECT_FALSE(connection->in_transaction());
        EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "0");
    }
    EXPECT_TRUE(succeeds(connection->copy_rows(copy, "1\tx\n", soon())));
}

TEST_P(Contract, copied_rows_belong_to_the_open_transaction) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    ASSERT_TRUE(succeeds(connection->begin(driver::TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(connection->copy_rows(copy, lines(3), soon())));
    EXPECT_TRUE(connection->in_transaction());
    EXPECT_EQ(cell(*connect(), "SELECT count(*) FROM loaded"), "0");
    EXPECT_TRUE(fails_with(FailureClass::user_error, connection->copy_rows(copy, "x\ty\n", soon())));
    EXPECT_TRUE(connection->in_transaction());
    ASSERT_TRUE(succeeds(connection->rollback(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "0");
}

TEST_P(Contract, only_a_copy_from_the_caller_takes_rows) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    ASSERT_TRUE(succeeds(connection->copy_rows(copy, "1\tx\n", soon())));
    for (const char* sql : {"DELETE FROM loaded", "SELECT 1", "", "COPY loaded TO STDOUT",
                            "COPY loaded FROM PROGRAM 'echo 1'", "COPY loaded FROM '/dev/null'"}) {
        const auto done = connection->copy_rows(sql, "2\ty\n", soon());
        ASSERT_FALSE(done.has_value()) << sql;
        EXPECT_EQ(done.error().code, ErrorCode::invalid_argument) << sql;
        EXPECT_TRUE(connection->reusable());
    }
    EXPECT_FALSE(
        connection->copy_rows("COPY loaded FROM STDIN; DELETE FROM loaded", "2\ty\n", soon()).has_value());
    EXPECT_FALSE(connection->copy_rows("COPY missing FROM STDIN", "2\ty\n", soon()).has_value());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "1");
}

TEST_P(Contract, a_copy_past_its_deadline_ends_with_timeout_and_changes_nothing) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    // It waits for a lock before it asks for rows.
    const auto other = connect();
    ASSERT_TRUE(succeeds(other->begin(driver::TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*other, "LOCK TABLE loaded")));
    Result<driver::BatchSummary> done = driver::BatchSummary{};
    const auto took = time_of([&] {
        done = connection->copy_rows(copy, lines(10), deadline_after(std::chrono::milliseconds(200)));
    });
    EXPECT_TRUE(fails_with(FailureClass::timeout, done));
    EXPECT_LE(took, std::chrono::milliseconds(200) + allowed_delay);
    ASSERT_TRUE(succeeds(other->rollback(soon())));
    EXPECT_TRUE(connection->reusable());
    // It is stopped among its rows: each waits a while.
    ASSERT_TRUE(succeeds(run(*connection,
                             "CREATE OR REPLACE FUNCTION slow_row() RETURNS trigger LANGUAGE plpgsql AS "
                             "'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END'")));
    ASSERT_TRUE(succeeds(run(*connection,
                             "CREATE TRIGGER slow BEFORE INSERT ON loaded FOR EACH ROW EXECUTE FUNCTION "
                             "slow_row()")));
    done = connection->copy_rows(copy, lines(400'000), deadline_after(std::chrono::milliseconds(300)));
    EXPECT_TRUE(fails_with(FailureClass::timeout, done));
    EXPECT_TRUE(connection->reusable());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "0");
    done = connection->copy_rows(copy, lines(1), SteadyClock::now());
    EXPECT_TRUE(fails_with(FailureClass::timeout, done));
}

TEST_P(Contract, a_copy_can_be_interrupted) {
    if (!dialect().copies_rows) GTEST_SKIP() << "the engine has no COPY";
    const auto connection = connect();
    make_table(*connection, "loaded", "a " + dialect().integer + ", b " + dialect().text);
    const auto other = connect();
    ASSERT_TRUE(succeeds(other->begin(driver::TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*other, "LOCK TABLE loaded")));
    const auto watcher = connect();
    std::thread interrupting([&] {
        // It is under way once it waits for the lock.
        while (
            cell(*watcher,
                 "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'loaded'::regclass") !=
            "true") {
            std::this_thread::yield();
        }
        connection->interrupt();
    });
    const auto done = connection->copy_rows(copy, lines(10), soon());
    interrupting.join();
    EXPECT_TRUE(fails_with(FailureClass::cancelled, done));
    ASSERT_TRUE(succeeds(other->rollback(soon())));
    EXPECT_TRUE(connection->reusable());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM loaded"), "0");
}

}  // namespace
}  // namespace majed::contract
