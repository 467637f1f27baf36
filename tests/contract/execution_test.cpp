// SPDX-License-Identifier: Apache-2.0
// Running statements: parameters, limits, many rows, array DML, cancelling, deadlines.
#include "contract/contract_fixture.h"

#include <atomic>
#include <thread>

namespace majed::contract {
namespace {

using std::chrono::milliseconds;

TEST_P(Contract, parameters_go_by_position) {
    const auto connection = connect();
    make_table(*connection, "by_position", "a " + dialect().integer + ", b " + dialect().text);
    ASSERT_TRUE(
        succeeds(run(*connection, insert_into("by_position", 2), {std::int64_t{7}, std::string("x")})));
    const std::string sql = "SELECT b FROM by_position WHERE a = " + under_test().parameter(1) +
                            " AND b = " + under_test().parameter(2);
    EXPECT_EQ(cell(*connection, sql, {std::int64_t{7}, std::string("x")}), "'x'");
    EXPECT_EQ(cell(*connection, sql, {std::int64_t{8}, std::string("x")}), "0 rows");
}

TEST_P(Contract, parameters_go_by_name_and_may_repeat) {
    const auto connection = connect();
    make_table(*connection, "by_name", "a " + dialect().integer + ", b " + dialect().integer);
    ASSERT_TRUE(succeeds(run(*connection, insert_into("by_name", 2), {std::int64_t{7}, std::int64_t{7}})));
    CollectingSink sink;
    const driver::Parameters parameters{{}, {{"wanted", std::int64_t{7}}}};
    const auto done = connection->execute(
        "SELECT a FROM by_name WHERE a = :wanted AND b = :wanted AND ':wanted' = ':wanted'", parameters,
        {.deadline = soon()}, sink);
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(sink.rows.size(), 1U);
}

TEST_P(Contract, too_few_and_too_many_parameters_are_refused) {
    const auto connection = connect();
    make_table(*connection, "counted", "a " + dialect().integer);
    const std::string sql = "SELECT a FROM counted WHERE a = " + under_test().parameter(1);
    for (const std::vector<Value>& values :
         {std::vector<Value>{}, std::vector<Value>{std::int64_t{1}, std::int64_t{2}}}) {
        const auto done = query(*connection, sql, values);
        ASSERT_FALSE(done.has_value()) << values.size();
        EXPECT_EQ(done.error().code, ErrorCode::invalid_argument) << done.error().message;
    }
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM counted"), "0");
}

TEST_P(Contract, a_prepared_statement_tells_its_parameters) {
    const auto connection = connect();
    make_table(*connection, "told", "a " + dialect().integer + ", b " + dialect().text);
    const auto described = connection->prepare("SELECT a, b FROM told WHERE a > :low AND b = :name", soon());
    ASSERT_TRUE(succeeds(described));
    EXPECT_EQ(described->parameter_count, 2U);
    ASSERT_EQ(described->parameter_names.size(), 2U);
    std::string names = described->parameter_names[0] + " " + described->parameter_names[1];
    for (char& c : names) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(names, "low name");
    EXPECT_EQ(described->columns.size(), 2U);
}

TEST_P(Contract, row_limit_says_truncated_only_when_there_was_more) {
    const auto connection = connect();
    make_table(*connection, "three_rows", "a " + dialect().integer);
    for (std::int64_t i = 1; i <= 3; ++i)
        ASSERT_TRUE(succeeds(run(*connection, insert_into("three_rows", 1), {i})));
    for (const std::uint64_t limit : {2U, 3U, 4U}) {
        CollectingSink sink;
        const auto done = connection->execute("SELECT a FROM three_rows ORDER BY a", {},
                                              {.deadline = soon(), .max_rows = limit}, sink);
        ASSERT_TRUE(succeeds(done));
        EXPECT_EQ(done->rows, std::min<std::uint64_t>(limit, 3));
        EXPECT_EQ(sink.rows.size(), done->rows);
        EXPECT_EQ(done->truncated, limit < 3);
    }
}

TEST_P(Contract, byte_limit_is_an_error_and_the_connection_lives_on) {
    const auto connection = connect();
    CollectingSink sink;
    const auto done = connection->execute("SELECT n FROM " + dialect().numbers, {},
                                          {.deadline = soon(), .max_bytes = 1000}, sink);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::too_large);
    std::uint64_t bytes = 0;
    for (const Row& row : sink.rows) bytes += payload_size(to_view(row[0]));
    EXPECT_LE(bytes, 1000U);
    EXPECT_GT(bytes, 900U) << "and not much before";
    EXPECT_TRUE(connection->reusable());
    EXPECT_TRUE(succeeds(connection->ping(soon())));
}

TEST_P(Contract, many_rows_stream_through_bounded_memory) {
    const auto connection = connect();
    class Counting final : public driver::RowSink {
    public:
        Result<void> row(std::span<const ValueView> cells) override {
            const auto* number = std::get_if<std::int64_t>(&cells[0]);
            const auto* text = std::get_if<std::string_view>(&cells[0]);
            sum += number != nullptr ? *number : std::stoll(std::string(text == nullptr ? "0" : *text));
            return {};
        }
        std::int64_t sum = 0;
    } sink;
    const auto done =
        connection->execute("SELECT n FROM " + dialect().numbers, {}, {.deadline = soon()}, sink);
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows, 200000U);
    EXPECT_EQ(sink.sum, std::int64_t{200000} * 200001 / 2);
}

TEST_P(Contract, an_error_of_the_sink_stops_the_statement_and_comes_back) {
    const auto connection = connect();
    CollectingSink sink;
    sink.refuse_at = 3;
    const auto done =
        connection->execute("SELECT n FROM " + dialect().numbers, {}, {.deadline = soon()}, sink);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::rate_limited);
    EXPECT_EQ(sink.rows.size(), 3U);
    EXPECT_EQ(cell(*connection, "SELECT 1" + dialect().from_nothing), "1");
}

TEST_P(Contract, rows_affected_are_counted_zero_included) {
    const auto connection = connect();
    make_table(*connection, "affected", "a " + dialect().integer);
    for (std::int64_t i = 1; i <= 3; ++i)
        ASSERT_TRUE(succeeds(run(*connection, insert_into("affected", 1), {i})));
    const auto some = run(*connection, "UPDATE affected SET a = a + 10 WHERE a >= 2");
    ASSERT_TRUE(succeeds(some));
    EXPECT_EQ(some->rows_affected, 2U);
    const auto none = run(*connection, "DELETE FROM affected WHERE a = 99");
    ASSERT_TRUE(succeeds(none));
    EXPECT_EQ(none->rows_affected, 0U);
    const auto read = run(*connection, "SELECT a FROM affected");
    ASSERT_TRUE(succeeds(read));
    EXPECT_EQ(read->rows_affected, 0U);
    EXPECT_EQ(read->rows, 3U);
}

TEST_P(Contract, more_statements_than_the_cache_holds_all_work_twice) {
    const auto connection = connect();
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 150; ++i) {
            ASSERT_EQ(cell(*connection, "SELECT " + std::to_string(i) + dialect().from_nothing),
                      std::to_string(i));
        }
    }
}

TEST_P(Contract, a_cached_statement_follows_a_change_of_its_table) {
    const auto connection = connect();
    make_table(*connection, "changing", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(run(*connection, insert_into("changing", 1), {std::int64_t{1}})));
    ASSERT_TRUE(succeeds(query(*connection, "SELECT * FROM changing")));
    const auto other = connect();
    ASSERT_TRUE(succeeds(run(*other, "ALTER TABLE changing ADD b " + dialect().integer)));
    CollectingSink sink;
    ASSERT_TRUE(succeeds(connection->execute("SELECT * FROM changing", {}, {.deadline = soon()}, sink)));
    ASSERT_EQ(sink.rows.size(), 1U);
    EXPECT_EQ(sink.columns.size(), sink.rows[0].size());
    EXPECT_EQ(sink.rows[0].size(), 2U);
}

TEST_P(Contract, array_dml_writes_every_row) {
    const auto connection = connect();
    make_table(*connection, "many", "a " + dialect().integer + ", b " + dialect().text);
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < 2500; ++i) {
        rows.push_back({i, i % 7 == 0 ? Value(Null{})
                                      : Value("row " + std::string(static_cast<std::size_t>(i % 90), 'x'))});
    }
    const auto done = connection->execute_many(insert_into("many", 2), rows, soon());
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows_affected, 2500U);
    EXPECT_FALSE(connection->in_transaction());
    const auto other = connect();
    EXPECT_EQ(cell(*other, "SELECT count(*) FROM many"), "2500");
    EXPECT_EQ(cell(*other, "SELECT count(*) FROM many WHERE b IS NULL"), "358");
    EXPECT_EQ(cell(*other, "SELECT b FROM many WHERE a = 3"), "'row xxx'");
}

TEST_P(Contract, array_dml_of_no_rows_does_nothing) {
    const auto connection = connect();
    make_table(*connection, "many", "a " + dialect().integer);
    const auto done = connection->execute_many(insert_into("many", 1), {}, soon());
    ASSERT_TRUE(succeeds(done));
    EXPECT_EQ(done->rows_affected, 0U);
    EXPECT_FALSE(connection->in_transaction());
}

TEST_P(Contract, array_dml_is_all_or_nothing_and_names_the_row) {
    const auto connection = connect();
    make_table(*connection, "many", "a " + dialect().integer + " PRIMARY KEY");
    std::vector<Row> rows;
    for (std::int64_t i = 0; i < 900; ++i) rows.push_back({i == 700 ? std::int64_t{5} : i});
    const auto done = connection->execute_many(insert_into("many", 1), rows, soon());
    EXPECT_TRUE(fails_with(FailureClass::user_error, done));
    EXPECT_EQ(done.error().code, ErrorCode::conflict);
    EXPECT_NE(done.error().message.find("701"), std::string::npos) << done.error().message;
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM many"), "0");
}

TEST_P(Contract, array_dml_that_fails_inside_a_transaction_leaves_the_rest_of_it) {
    const auto connection = connect();
    make_table(*connection, "many", "a " + dialect().integer + " PRIMARY KEY");
    ASSERT_TRUE(succeeds(connection->begin(driver::TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("many", 1), {std::int64_t{1}})));
    EXPECT_FALSE(connection
                     ->execute_many(insert_into("many", 1),
                                    std::vector<Row>{{std::int64_t{2}}, {std::int64_t{1}}}, soon())
                     .has_value());
    EXPECT_TRUE(connection->in_transaction());
    ASSERT_TRUE(succeeds(connection->commit(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM many"), "1");
}

TEST_P(Contract, rows_of_the_wrong_width_are_refused) {
    const auto connection = connect();
    make_table(*connection, "many", "a " + dialect().integer);
    const auto done = connection->execute_many(
        insert_into("many", 1), std::vector<Row>{{std::int64_t{1}}, {std::int64_t{1}, std::int64_t{2}}},
        soon());
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM many"), "0");
}

TEST_P(Contract, a_statement_past_its_deadline_ends_with_timeout_and_the_connection_lives_on) {
    const auto connection = connect();
    CollectingSink sink;
    Result<driver::RunSummary> done = driver::RunSummary{};
    const auto took = time_of([&] {
        done =
            connection->execute(dialect().endless, {}, {.deadline = deadline_after(milliseconds(300))}, sink);
    });
    EXPECT_TRUE(fails_with(FailureClass::timeout, done));
    EXPECT_EQ(done.error().code, ErrorCode::timeout);
    EXPECT_GE(took, milliseconds(300));
    EXPECT_LT(took, milliseconds(300) + allowed_delay);
    EXPECT_TRUE(connection->reusable());
    EXPECT_EQ(cell(*connection, "SELECT 1" + dialect().from_nothing), "1");
}

/// Reads at its own pace until row 3, and that one until some time after the deadline.
void linger_beyond(Deadline deadline, milliseconds lateness, CollectingSink& sink) {
    sink.on_row = [=](std::size_t row) {
        if (row == 3) std::this_thread::sleep_until(deadline + lateness);
    };
}

TEST_P(Contract, a_deadline_that_passes_while_rows_are_read_is_a_timeout_and_no_short_answer) {
    const auto connection = connect();
    // Little enough to be on its way whole, so that the server has ended long before the deadline.
    const std::string sql = "SELECT n FROM " + dialect().numbers + " WHERE n <= 2000";
    ASSERT_EQ(cell(*connection, "SELECT count(*) FROM " + dialect().numbers + " WHERE n <= 2000"), "2000");
    for (const milliseconds lateness : {milliseconds(1), milliseconds(20), milliseconds(400)}) {
        CollectingSink sink;
        const Deadline deadline = deadline_after(milliseconds(150));
        linger_beyond(deadline, lateness, sink);
        const auto done = connection->execute(sql, {}, {.deadline = deadline}, sink);
        EXPECT_TRUE(fails_with(FailureClass::timeout, done)) << sink.rows.size() << " rows";
        ASSERT_FALSE(done.has_value());
        EXPECT_EQ(done.error().code, ErrorCode::timeout);
        EXPECT_LT(sink.rows.size(), 2000U);
        EXPECT_TRUE(connection->reusable()) << "the database has done nothing wrong";
        EXPECT_EQ(cell(*connection, "SELECT 1" + dialect().from_nothing), "1");
    }
}

TEST_P(Contract, a_write_whose_rows_are_read_beyond_the_deadline_is_done_and_answered_whole_or_not_at_all) {
    if (dialect().write_and_answer.empty()) GTEST_SKIP() << "no write here answers rows";
    const auto connection = connect();
    make_table(*connection, "given", "a " + dialect().integer);
    CollectingSink sink;
    const Deadline deadline = deadline_after(milliseconds(150));
    sink.on_row = [=](std::size_t) { std::this_thread::sleep_until(deadline + milliseconds(1)); };
    const auto done = connection->execute(dialect().write_and_answer, {}, {.deadline = deadline}, sink);
    EXPECT_TRUE(done ? succeeds(done) : fails_with(FailureClass::timeout, done));
    EXPECT_TRUE(!done || sink.rows.size() == 3) << sink.rows.size();
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM given"), done ? "3" : "0");
}

TEST_P(Contract, a_reader_slower_than_the_deadline_is_no_fault_of_the_database) {
    const auto connection = connect();
    CollectingSink sink;
    const Deadline deadline = deadline_after(milliseconds(400));
    linger_beyond(deadline, milliseconds(400), sink);
    // More than is ever on its way: a server waits until somebody reads, and cannot hear that it should stop.
    const auto done =
        connection->execute("SELECT n FROM " + dialect().numbers, {}, {.deadline = deadline}, sink);
    EXPECT_TRUE(fails_with(FailureClass::timeout, done));
    EXPECT_LT(sink.rows.size(), 200000U);
    if (connection->reusable()) {
        EXPECT_EQ(cell(*connection, "SELECT 1" + dialect().from_nothing), "1");
    }
}

TEST_P(Contract, a_deadline_that_passed_already_runs_nothing) {
    const auto connection = connect();
    make_table(*connection, "untouched", "a " + dialect().integer);
    CollectingSink sink;
    const auto done = connection->execute(insert_into("untouched", 1), {{std::int64_t{1}}, {}},
                                          {.deadline = SteadyClock::now() - milliseconds(1)}, sink);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::timeout);
    ASSERT_TRUE(succeeds(connection->reset(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM untouched"), "0");
}

TEST_P(Contract, interrupt_ends_a_running_statement_from_another_thread) {
    const auto connection = connect();
    std::atomic<bool> ended{false};
    CollectingSink sink;
    Result<driver::RunSummary> done = driver::RunSummary{};
    std::thread running([&] {
        done = connection->execute(dialect().endless, {}, {.deadline = soon()}, sink);
        ended = true;
    });
    // An interrupt before the statement has begun is not felt, so it is said until it is.
    while (!ended) {
        connection->interrupt();
        std::this_thread::sleep_for(milliseconds(20));
    }
    running.join();
    EXPECT_TRUE(fails_with(FailureClass::cancelled, done));
    EXPECT_EQ(done.error().code, ErrorCode::cancelled);
    if (connection->reusable()) {
        ASSERT_TRUE(succeeds(connection->reset(soon())));
        EXPECT_EQ(cell(*connection, "SELECT 1" + dialect().from_nothing), "1");
    }
}

TEST_P(Contract, a_late_interrupt_is_not_felt_by_the_next_user) {
    const auto connection = connect();
    for (int i = 0; i < 25; ++i) {
        ASSERT_EQ(cell(*connection, "SELECT 1" + dialect().from_nothing), "1");
        connection->interrupt();
        const auto reset = connection->reset(soon());
        ASSERT_TRUE(succeeds(reset));
        ASSERT_TRUE(connection->reusable());
        const auto next = query(*connection, "SELECT count(*) FROM " + dialect().numbers);
        ASSERT_TRUE(succeeds(next)) << "round " << i;
    }
}

}  // namespace
}  // namespace majed::contract
