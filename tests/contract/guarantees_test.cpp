// SPDX-License-Identifier: Apache-2.0
// What must never happen: a value changed on its way, half a piece of work, a trace of the last user, a secret told.
#include "contract/contract_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

namespace majed::contract {
namespace {

using driver::TransactionMode;
using std::chrono::milliseconds;

TEST_P(Contract, long_text_is_whole_wherever_its_pieces_end) {
    const auto connection = connect();
    make_table(*connection, "pieces", "t " + dialect().long_text);
    // Characters of four bytes, shifted so that a piece of any even size ends in the middle of one.
    for (const char* const shift : {"", "x", "\xc3\xa9", "\xe2\x82\xac"}) {
        std::string text = shift;
        while (text.size() < 1'300'000) text += "\xf0\x9f\x98\x80";
        ASSERT_TRUE(succeeds(run(*connection, "DELETE FROM pieces")));
        ASSERT_TRUE(succeeds(run(*connection, insert_into("pieces", 1), {text})));
        const auto rows = query(*connection, "SELECT t FROM pieces");
        ASSERT_TRUE(succeeds(rows));
        ASSERT_EQ(rows->size(), 1U);
        EXPECT_TRUE(rows->front()[0] == Value(text)) << shift;
    }
}

TEST_P(Contract, floating_point_numbers_keep_every_bit) {
    const auto connection = connect();
    make_table(*connection, "reals", "v " + dialect().real);
    using Limits = std::numeric_limits<double>;
    for (const double number : {0.1 + 0.2, 1.0 / 3, -1e-300, 1e22, 9007199254740993.0, Limits::max(),
                                Limits::lowest(), Limits::min(), -2.5}) {
        ASSERT_TRUE(succeeds(run(*connection, "DELETE FROM reals")));
        ASSERT_TRUE(succeeds(run(*connection, insert_into("reals", 1), {number})));
        EXPECT_EQ(cell(*connection, "SELECT v FROM reals"), shown(number));
        ASSERT_TRUE(succeeds(run(*connection, "DELETE FROM reals")));
        ASSERT_TRUE(succeeds(
            connection->execute_many(insert_into("reals", 1), std::vector<Row>{{number}, {Null{}}}, soon())));
        EXPECT_EQ(cell(*connection, "SELECT v FROM reals WHERE v IS NOT NULL"), shown(number))
            << "in a batch";
    }
}

TEST_P(Contract, a_text_with_a_nul_byte_is_kept_whole_or_refused) {
    const auto connection = connect();
    make_table(*connection, "nul_bytes", "v " + dialect().text);
    const std::string text("before\0after", 12);
    const auto written = run(*connection, insert_into("nul_bytes", 1), {text});
    if (!written) {
        EXPECT_TRUE(fails_with(FailureClass::user_error, written));
        EXPECT_EQ(cell(*connection, "SELECT count(*) FROM nul_bytes"), "0");
        return;
    }
    const auto rows = query(*connection, "SELECT v FROM nul_bytes");
    ASSERT_TRUE(succeeds(rows));
    EXPECT_TRUE(rows->front()[0] == Value(text)) << shown(rows->front()[0]);
}

TEST_P(Contract, a_value_is_not_narrowed_to_what_its_column_was_before) {
    for (const Widening& widening : dialect().widenings) {
        SCOPED_TRACE(widening.narrow + " to " + widening.wide);
        for (const bool batch : {false, true}) {
            const auto connection = connect();
            const auto other = connect();
            const std::string sql = insert_into("widened", 1);
            make_table(*other, "widened", "v " + widening.narrow);
            ASSERT_TRUE(succeeds(run(*connection, sql, {widening.fits})));
            make_table(*other, "widened", "v " + widening.wide);
            if (batch) {
                EXPECT_TRUE(succeeds(
                    connection->execute_many(sql, std::vector<Row>{{Null{}}, {widening.given}}, soon())));
            } else {
                EXPECT_TRUE(succeeds(run(*connection, sql, {widening.given})));
            }
            const auto rows = query(*other, "SELECT v FROM widened WHERE v IS NOT NULL");
            ASSERT_TRUE(succeeds(rows));
            ASSERT_EQ(rows->size(), 1U);
            EXPECT_EQ(shown(rows->front()[0]), shown(widening.expected)) << (batch ? "batch" : "alone");
        }
    }
}

TEST_P(Contract, columns_that_changed_places_are_announced_in_their_new_places) {
    const auto connection = connect();
    const auto other = connect();
    make_table(*other, "swapped", "left_one " + dialect().integer + ", right_one " + dialect().integer);
    ASSERT_TRUE(succeeds(query(*connection, "SELECT * FROM swapped")));
    make_table(*other, "swapped", "right_one " + dialect().integer + ", left_one " + dialect().integer);
    ASSERT_TRUE(succeeds(run(*other, insert_into("swapped", 2), {std::int64_t{2}, std::int64_t{1}})));
    CollectingSink sink;
    ASSERT_TRUE(succeeds(connection->execute("SELECT * FROM swapped", {}, {.deadline = soon()}, sink)));
    ASSERT_EQ(sink.rows.size(), 1U);
    EXPECT_EQ(sink.columns[0].name.front() | 0x20, 'r');
    EXPECT_EQ(shown(sink.rows[0][0]), "2");
}

TEST_P(Contract, a_commit_given_as_text_is_refused_or_known) {
    const auto connection = connect();
    make_table(*connection, "by_text", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("by_text", 1), {std::int64_t{1}})));
    const auto ended = run(*connection, "COMMIT");
    EXPECT_EQ(connection->in_transaction(), !ended.has_value());
    ASSERT_TRUE(succeeds(connection->rollback(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM by_text"), ended ? "1" : "0");
}

TEST_P(Contract, a_change_of_the_schema_never_commits_an_open_transaction) {
    const auto connection = connect();
    make_table(*connection, "kept_open", "a " + dialect().integer);
    static_cast<void>(run(*connection, "DROP TABLE made_inside"));
    for (const char* const sql : {"CREATE TABLE made_inside (a INTEGER)",
                                  "CREATE TABLE kept_open (a INTEGER)", "DROP TABLE never_there"}) {
        ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
        ASSERT_TRUE(succeeds(run(*connection, insert_into("kept_open", 1), {std::int64_t{1}})));
        static_cast<void>(run(*connection, sql));
        EXPECT_TRUE(connection->in_transaction()) << sql;
        ASSERT_TRUE(succeeds(connection->rollback(soon())));
        EXPECT_EQ(cell(*connection, "SELECT count(*) FROM kept_open"), "0") << sql;
    }
    EXPECT_FALSE(query(*connection, "SELECT a FROM made_inside").has_value());
}

TEST_P(Contract, array_dml_takes_nothing_but_dml) {
    const auto connection = connect();
    make_table(*connection, "only_dml", "a " + dialect().integer);
    static_cast<void>(run(*connection, "DROP TABLE made_by_many"));
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("only_dml", 1), {std::int64_t{1}})));
    for (const char* const sql :
         {"COMMIT", "ROLLBACK", "CREATE TABLE made_by_many (a INTEGER)", "SAVEPOINT mine"}) {
        const auto done = connection->execute_many(sql, std::vector<Row>{{}}, soon());
        ASSERT_FALSE(done.has_value()) << sql;
        EXPECT_TRUE(done.error().code == ErrorCode::invalid_argument ||
                    done.error().code == ErrorCode::unsupported)
            << sql << ": " << traits(done.error().code).name;
        EXPECT_TRUE(connection->in_transaction()) << sql;
        EXPECT_TRUE(connection->reusable()) << sql;
    }
    ASSERT_TRUE(succeeds(connection->commit(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM only_dml"), "1");
}

TEST_P(Contract, a_batch_stopped_at_any_moment_leaves_nothing_or_everything) {
    auto connection = connect();
    make_table(*connection, "stopped", "a " + dialect().integer);
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < 3000; ++i) rows.push_back({i});
    for (int round = 0; round < 12; ++round) {
        ASSERT_TRUE(succeeds(run(*connection, "DELETE FROM stopped")));
        std::atomic<bool> ended{false};
        std::thread stopper([&] {
            std::this_thread::sleep_for(milliseconds(round));
            while (!ended) {
                connection->interrupt();
                std::this_thread::sleep_for(milliseconds(1));
            }
        });
        const auto done = connection->execute_many(insert_into("stopped", 1), rows, soon());
        ended = true;
        stopper.join();
        const bool in_doubt = !done && done.error().failure == FailureClass::in_doubt;
        if (!connection->reusable()) connection = connect();
        EXPECT_FALSE(connection->in_transaction());
        // A statement that commits by itself must not carry the rest of a stopped batch with it.
        ASSERT_TRUE(succeeds(run(*connection, "UPDATE stopped SET a = a WHERE a < 0")));
        const auto other = connect();
        const std::string left = cell(*other, "SELECT count(*) FROM stopped");
        EXPECT_TRUE(in_doubt || left == (done ? "3000" : "0")) << "round " << round << ": " << left;
    }
}

TEST_P(Contract, a_write_whose_answer_is_refused_never_was) {
    if (dialect().write_and_answer.empty()) {
        GTEST_SKIP() << "writes answer no rows here";
    }
    const auto connection = connect();
    const auto other = connect();
    for (int round = 0; round < 10; ++round) {
        make_table(*connection, "given", "a " + dialect().integer);
        CollectingSink refusing;
        refusing.refuse_at = 1;
        const auto refused =
            connection->execute(dialect().write_and_answer, {}, {.deadline = soon()}, refusing);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, ErrorCode::rate_limited);
        EXPECT_FALSE(connection->in_transaction());
        EXPECT_EQ(cell(*other, "SELECT count(*) FROM given"), "0");
        CollectingSink sink;
        EXPECT_FALSE(
            connection->execute(dialect().write_and_answer, {}, {.deadline = soon(), .max_bytes = 12}, sink)
                .has_value());
        EXPECT_EQ(cell(*other, "SELECT count(*) FROM given"), "0");
    }
}

TEST_P(Contract, a_write_cut_short_by_the_row_limit_is_done_all_the_same) {
    if (dialect().write_and_answer.empty()) {
        GTEST_SKIP() << "writes answer no rows here";
    }
    const auto connection = connect();
    make_table(*connection, "given", "a " + dialect().integer);
    CollectingSink sink;
    const auto done =
        connection->execute(dialect().write_and_answer, {}, {.deadline = soon(), .max_rows = 1}, sink);
    ASSERT_TRUE(succeeds(done));
    EXPECT_TRUE(done->truncated);
    EXPECT_EQ(done->rows_affected, 3U);
    const auto other = connect();
    EXPECT_EQ(cell(*other, "SELECT count(*) FROM given"), "3");
}

TEST_P(Contract, an_identity_of_the_session_comes_back_after_that_of_a_transaction) {
    if (dialect().see_client.empty()) {
        GTEST_SKIP() << "nobody to tell";
    }
    const auto connection = connect();
    ASSERT_TRUE(succeeds(connection->identify({"alice", "", "", {}}, soon())));
    for (const bool commits : {true, false}) {
        ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_only, soon())));
        ASSERT_TRUE(succeeds(connection->identify({"bob", "", "", {}}, soon())));
        EXPECT_EQ(cell(*connection, dialect().see_client), "'bob'");
        ASSERT_TRUE(succeeds(commits ? connection->commit(soon()) : connection->rollback(soon())));
        EXPECT_EQ(cell(*connection, dialect().see_client), "'alice'");
    }
}

TEST_P(Contract, two_values_for_one_attribute_are_refused) {
    const auto connection = connect();
    const auto done = connection->identify({"alice", "", "", {{"region", "n"}, {"Region", "s"}}}, soon());
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(connection->reusable());
}

TEST_P(Contract, reset_takes_the_last_key_away) {
    if (dialect().make_key.empty()) {
        GTEST_SKIP() << "no key is remembered here";
    }
    const auto connection = connect();
    const std::string before = cell(*connection, dialect().see_key);
    static_cast<void>(run(*connection, "DROP TABLE keyed"));
    ASSERT_TRUE(succeeds(run(*connection, GetParam() == std::string("sqlite")
                                              ? "CREATE TABLE keyed (id INTEGER PRIMARY KEY)"
                                              : "CREATE TABLE keyed (id serial)")));
    ASSERT_TRUE(succeeds(run(*connection, dialect().make_key)));
    ASSERT_EQ(cell(*connection, dialect().see_key), "1");
    ASSERT_TRUE(succeeds(connection->reset(soon())));
    EXPECT_EQ(cell(*connection, dialect().see_key), before);
}

TEST_P(Contract, no_refused_value_is_repeated_by_its_error) {
    const auto connection = connect();
    make_table(*connection, "tight",
               "a " + dialect().integer + " NOT NULL CHECK (a < 1000), b " + dialect().text + " UNIQUE");
    ASSERT_TRUE(
        succeeds(run(*connection, insert_into("tight", 2), {std::int64_t{1}, std::string("s3cret")})));
    const std::string sql = insert_into("tight", 2);
    std::vector<Error> errors;
    const auto note = [&](const auto& result) {
        if (!result) errors.push_back(result.error());
    };
    const std::vector<Row> hostile{{std::string("s3cret"), Null{}},
                                   {std::int64_t{31415926}, std::string("s3cret")},
                                   {std::int64_t{2}, std::string("s3cret")},
                                   {Null{}, std::string("s3cret")},
                                   {std::string("s3cret\0", 7), std::string("s3cret\0", 7)},
                                   {Blob{{std::byte{'s'}}}, std::string("s3cret")}};
    for (const Row& row : hostile) {
        note(run(*connection, sql, row));
        note(connection->execute_many(sql, std::vector<Row>{row}, soon()));
    }
    note(query(*connection, "SELECT 's3cret' + 's3cret' FROM tight WHERE s3cret = 1"));
    note(query(*connection, "SELECT 's3cret"));
    EXPECT_GE(errors.size(), 8U);
    for (const Error& error : errors) {
        const std::string told = error.message + '|' + error.hint + '|' + error.native_state;
        for (const char* const hidden : {"s3cret", "31415926", "tight", "correct horse"}) {
            EXPECT_EQ(told.find(hidden), std::string::npos) << told;
        }
    }
}

TEST_P(Contract, a_refused_login_tells_no_credential) {
    auto driver = under_test().driver_with_wrong_password();
    ASSERT_TRUE(succeeds(driver));
    if (*driver == nullptr) {
        GTEST_SKIP() << "no logins here";
    }
    const auto opened = (*driver)->open(soon());
    ASSERT_FALSE(opened.has_value());
    const std::string told =
        opened.error().message + '|' + opened.error().hint + '|' + opened.error().native_state;
    EXPECT_EQ(told.find("not this one"), std::string::npos) << told;
    EXPECT_EQ(told.find("majed_test"), std::string::npos) << told;
}

TEST_P(Contract, a_child_that_forgets_the_connection_leaves_the_parents_transaction_alone) {
    const auto connection = connect();
    make_table(*connection, "forked", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("forked", 1), {std::int64_t{1}})));
    const pid_t child = fork();
    if (child == 0) {
        connection->abandon();
        _exit(connection->reusable() ? 1 : 0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    ASSERT_TRUE(succeeds(connection->commit(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM forked"), "1");
}

TEST_P(Contract, more_statements_than_the_cache_holds_work_inside_a_transaction) {
    const auto connection = connect();
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_only, soon())));
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(cell(*connection, "SELECT " + std::to_string(i) + dialect().from_nothing),
                  std::to_string(i));
    }
    EXPECT_TRUE(succeeds(connection->commit(soon())));
}

}  // namespace
}  // namespace majed::contract
