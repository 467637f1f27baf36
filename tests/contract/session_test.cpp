// SPDX-License-Identifier: Apache-2.0
// Transactions, identity, what reset takes away, losing the database, errors by class.
#include "contract/contract_fixture.h"

#include <cctype>

namespace majed::contract {
namespace {

using driver::TransactionMode;
using std::chrono::milliseconds;

TEST_P(Contract, what_is_committed_is_seen_by_others_and_what_is_not_is_not) {
    const auto connection = connect();
    const auto other = connect();
    make_table(*connection, "seen", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    EXPECT_TRUE(connection->in_transaction());
    ASSERT_TRUE(succeeds(run(*connection, insert_into("seen", 1), {std::int64_t{1}})));
    EXPECT_EQ(cell(*other, "SELECT count(*) FROM seen"), "0");
    ASSERT_TRUE(succeeds(connection->commit(soon())));
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*other, "SELECT count(*) FROM seen"), "1");
}

TEST_P(Contract, what_is_rolled_back_never_was) {
    const auto connection = connect();
    make_table(*connection, "undone", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("undone", 1), {std::int64_t{1}})));
    ASSERT_TRUE(succeeds(connection->rollback(soon())));
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM undone"), "0");
    EXPECT_TRUE(succeeds(connection->rollback(soon()))) << "a second one is harmless";
}

TEST_P(Contract, a_read_only_transaction_refuses_to_write) {
    const auto connection = connect();
    make_table(*connection, "read_in_peace", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_only, soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM read_in_peace"), "0");
    EXPECT_TRUE(fails_with(FailureClass::read_only,
                           run(*connection, insert_into("read_in_peace", 1), {std::int64_t{1}})));
    static_cast<void>(connection->rollback(soon()));
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_TRUE(succeeds(run(*connection, insert_into("read_in_peace", 1), {std::int64_t{1}})));
}

TEST_P(Contract, a_read_only_transaction_can_be_committed_and_writing_works_after_it) {
    const auto connection = connect();
    make_table(*connection, "read_in_peace", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_only, soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM read_in_peace"), "0");
    ASSERT_TRUE(succeeds(connection->commit(soon())));
    EXPECT_TRUE(succeeds(run(*connection, insert_into("read_in_peace", 1), {std::int64_t{1}})));
}

TEST_P(Contract, transactions_out_of_order_are_refused) {
    const auto connection = connect();
    const auto nothing_open = connection->commit(soon());
    ASSERT_FALSE(nothing_open.has_value());
    EXPECT_EQ(nothing_open.error().code, ErrorCode::invalid_argument);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_only, soon())));
    const auto again = connection->begin(TransactionMode::read_only, soon());
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(succeeds(connection->rollback(soon())));
}

TEST_P(Contract, a_failed_statement_in_a_transaction_can_be_rolled_back) {
    const auto connection = connect();
    make_table(*connection, "half_done", "a " + dialect().integer + " PRIMARY KEY");
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("half_done", 1), {std::int64_t{1}})));
    EXPECT_TRUE(fails_with(FailureClass::user_error,
                           run(*connection, insert_into("half_done", 1), {std::int64_t{1}})));
    ASSERT_TRUE(succeeds(connection->rollback(soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM half_done"), "0");
}

TEST_P(Contract, a_read_only_connection_refuses_to_write) {
    const auto connection = connect();
    make_table(*connection, "only_read", "a " + dialect().integer);
    const auto reader = connect_read_only();
    EXPECT_EQ(cell(*reader, "SELECT count(*) FROM only_read"), "0");
    const auto begun = reader->begin(TransactionMode::read_write, soon());
    EXPECT_TRUE(fails_with(FailureClass::read_only, begun));
    EXPECT_EQ(begun.error().code, ErrorCode::unsupported);
    const auto written = run(*reader, insert_into("only_read", 1), {std::int64_t{1}});
    EXPECT_TRUE(fails_with(FailureClass::read_only, written));
    EXPECT_EQ(written.error().code, ErrorCode::unsupported);
    EXPECT_TRUE(fails_with(
        FailureClass::read_only,
        reader->execute_many(insert_into("only_read", 1), std::vector<Row>{{std::int64_t{1}}}, soon())));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM only_read"), "0");
    EXPECT_TRUE(reader->reusable());
}

TEST_P(Contract, reset_takes_an_open_transaction_away) {
    const auto connection = connect();
    make_table(*connection, "traces", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*connection, insert_into("traces", 1), {std::int64_t{1}})));
    ASSERT_TRUE(succeeds(connection->reset(soon())));
    EXPECT_FALSE(connection->in_transaction());
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM traces"), "0");
    const auto other = connect();
    EXPECT_TRUE(succeeds(run(*other, "DROP TABLE traces"))) << "no lock is left";
}

TEST_P(Contract, reset_takes_temporary_objects_away_or_gives_the_connection_up) {
    if (dialect().create_temporary.empty()) {
        GTEST_SKIP() << "no temporary objects of a session here";
    }
    const auto connection = connect();
    ASSERT_TRUE(succeeds(run(*connection, dialect().create_temporary)));
    ASSERT_TRUE(succeeds(query(*connection, dialect().see_temporary)));
    if (connection->reset(soon()) && connection->reusable()) {
        EXPECT_FALSE(query(*connection, dialect().see_temporary).has_value());
    }
}

TEST_P(Contract, reset_takes_settings_away_or_gives_the_connection_up) {
    if (dialect().change_setting.empty()) {
        GTEST_SKIP() << "no settings of a session here";
    }
    const auto connection = connect();
    const std::string before = cell(*connection, dialect().see_setting);
    ASSERT_TRUE(succeeds(run(*connection, dialect().change_setting)));
    ASSERT_NE(cell(*connection, dialect().see_setting), before);
    if (connection->reset(soon()) && connection->reusable()) {
        EXPECT_EQ(cell(*connection, dialect().see_setting), before);
    }
}

TEST_P(Contract, identity_is_seen_by_the_database_and_gone_after_reset) {
    const auto connection = connect();
    const driver::SessionIdentity alice{"alice", "reports", "monthly", {{"region", "north"}}};
    ASSERT_TRUE(succeeds(connection->identify(alice, soon())));
    if (dialect().see_client.empty()) {
        EXPECT_TRUE(succeeds(connection->reset(soon())));
        return;
    }
    EXPECT_EQ(cell(*connection, dialect().see_client), "'alice'");
    ASSERT_TRUE(succeeds(connection->reset(soon())));
    const std::string after = cell(*connection, dialect().see_client);
    EXPECT_TRUE(after == "NULL" || after == "''") << after;
}

TEST_P(Contract, identity_set_in_a_transaction_is_gone_for_the_next_user) {
    const auto connection = connect();
    for (const char* const name : {"alice", "bob"}) {
        ASSERT_TRUE(succeeds(connection->begin(TransactionMode::read_only, soon())));
        if (!dialect().see_client.empty()) {
            const std::string before = cell(*connection, dialect().see_client);
            EXPECT_TRUE(before == "NULL" || before == "''") << before;
        }
        ASSERT_TRUE(succeeds(connection->identify({name, "m", "a", {}}, soon())));
        if (!dialect().see_client.empty()) {
            EXPECT_EQ(cell(*connection, dialect().see_client), "'" + std::string(name) + "'");
        }
        ASSERT_TRUE(succeeds(connection->commit(soon())));
        ASSERT_TRUE(succeeds(connection->reset(soon())));
    }
}

TEST_P(Contract, wrong_statements_are_errors_of_the_user_and_harm_nothing) {
    const auto connection = connect();
    make_table(*connection, "known",
               "a " + dialect().integer + " PRIMARY KEY, b " + dialect().integer + " NOT NULL");
    for (const char* const sql : {"SELEC 1", "SELECT a FROM unknown_table",
                                  "SELECT unknown_column FROM known", "SELECT (1 FROM known", ""}) {
        const auto done = query(*connection, sql);
        EXPECT_TRUE(fails_with(FailureClass::user_error, done)) << sql;
        EXPECT_EQ(done.error().code, ErrorCode::invalid_argument) << sql;
        EXPECT_TRUE(connection->reusable()) << sql;
    }
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM known"), "0");
}

TEST_P(Contract, a_syntax_error_says_where) {
    const auto connection = connect();
    const std::string sql = "SELECT 1 FROM known WHERE '\xc3\xa9' = '\xc3\xa9' AND AND 1 = 1";
    make_table(*connection, "known", "a " + dialect().integer);
    const auto done = connection->prepare(sql, soon());
    EXPECT_TRUE(fails_with(FailureClass::user_error, done));
    ASSERT_TRUE(done.error().offset.has_value());
    EXPECT_EQ(*done.error().offset, sql.rfind("AND"));
}

TEST_P(Contract, broken_constraints_are_conflicts) {
    const auto connection = connect();
    make_table(*connection, "strict",
               "a " + dialect().integer + " PRIMARY KEY, b " + dialect().integer + " NOT NULL CHECK (b > 0)");
    ASSERT_TRUE(succeeds(run(*connection, insert_into("strict", 2), {std::int64_t{1}, std::int64_t{1}})));
    const std::vector<Row> refused{
        {std::int64_t{1}, std::int64_t{1}}, {std::int64_t{2}, Null{}}, {std::int64_t{2}, std::int64_t{-1}}};
    for (const Row& row : refused) {
        const auto done = run(*connection, insert_into("strict", 2), row);
        EXPECT_TRUE(fails_with(FailureClass::user_error, done));
        EXPECT_EQ(done.error().code, ErrorCode::conflict) << shown(row[0]) << " " << shown(row[1]);
    }
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM strict"), "1");
}

TEST_P(Contract, wrong_values_are_errors_of_the_user) {
    const auto connection = connect();
    make_table(*connection, "valued", "a " + dialect().integer);
    if (dialect().wrong_type_is_refused) {
        const auto done = run(*connection, insert_into("valued", 1), {std::string("not a number")});
        EXPECT_TRUE(fails_with(FailureClass::user_error, done));
        EXPECT_EQ(done.error().code, ErrorCode::invalid_argument);
    }
    ASSERT_TRUE(succeeds(run(*connection, insert_into("valued", 1), {std::int64_t{0}})));
    if (dialect().division_by_zero_fails) {
        EXPECT_TRUE(fails_with(FailureClass::user_error, query(*connection, "SELECT 1 / a FROM valued")));
    }
    EXPECT_TRUE(connection->reusable());
}

TEST_P(Contract, no_error_repeats_a_value_a_name_or_the_text) {
    const auto connection = connect();
    make_table(*connection, "discreet", "a " + dialect().text + " PRIMARY KEY");
    ASSERT_TRUE(succeeds(run(*connection, insert_into("discreet", 1), {std::string("s3cret")})));
    const auto duplicate = run(*connection, insert_into("discreet", 1), {std::string("s3cret")});
    const auto unknown = query(*connection, "SELECT hidden_name FROM discreet");
    ASSERT_FALSE(duplicate.has_value());
    ASSERT_FALSE(unknown.has_value());
    for (const Error& error : {duplicate.error(), unknown.error()}) {
        const std::string text = error.message + error.hint + error.native_state;
        for (const char* const hidden : {"s3cret", "hidden_name", "discreet"}) {
            EXPECT_EQ(text.find(hidden), std::string::npos) << text;
        }
    }
}

TEST_P(Contract, a_text_of_two_statements_is_refused_and_neither_runs) {
    const auto connection = connect();
    make_table(*connection, "single", "a " + dialect().integer);
    const auto done = run(*connection, "INSERT INTO single VALUES (1); INSERT INTO single VALUES (2)");
    EXPECT_TRUE(fails_with(FailureClass::user_error, done));
    EXPECT_EQ(cell(*connection, "SELECT count(*) FROM single"), "0");
}

TEST_P(Contract, another_ones_lock_is_contention) {
    const auto holder = connect();
    const auto waiter = connect();
    make_table(*holder, "held", "a " + dialect().integer);
    ASSERT_TRUE(succeeds(run(*holder, insert_into("held", 1), {std::int64_t{1}})));
    ASSERT_TRUE(succeeds(holder->begin(TransactionMode::read_write, soon())));
    ASSERT_TRUE(succeeds(run(*holder, "UPDATE held SET a = 2")));
    CollectingSink sink;
    Result<driver::RunSummary> done = driver::RunSummary{};
    const auto took = time_of([&] {
        done = waiter->execute("UPDATE held SET a = 3", {}, {.deadline = deadline_after(milliseconds(400))},
                               sink);
    });
    ASSERT_FALSE(done.has_value());
    EXPECT_LT(took, milliseconds(400) + allowed_delay);
    EXPECT_TRUE(done.error().failure == FailureClass::contention ||
                done.error().failure == FailureClass::timeout)
        << name_of(done.error().failure);
    EXPECT_TRUE(waiter->reusable());
    ASSERT_TRUE(succeeds(holder->commit(soon())));
    ASSERT_TRUE(succeeds(waiter->reset(soon())));
    EXPECT_TRUE(succeeds(run(*waiter, "UPDATE held SET a = 3")));
}

TEST_P(Contract, a_lost_database_is_noticed_and_the_connection_given_up) {
    auto connection = connect();
    ASSERT_TRUE(succeeds(connection->ping(soon())));
    under_test().lose(*connection);
    Result<void> answered;
    const auto took = time_of([&] { answered = connection->ping(soon()); });
    EXPECT_TRUE(fails_with(FailureClass::lost, answered));
    EXPECT_LT(took, std::chrono::seconds(5));
    EXPECT_FALSE(connection->reusable());
    EXPECT_FALSE(query(*connection, "SELECT 1" + dialect().from_nothing).has_value());
    connection.reset();
    under_test().recover();
    const auto next = connect();
    EXPECT_TRUE(succeeds(next->ping(soon())));
}

TEST_P(Contract, a_database_lost_under_a_statement_is_an_error_of_class_lost) {
    auto connection = connect();
    make_table(*connection, "soon_gone", "a " + dialect().integer);
    under_test().lose(*connection);
    EXPECT_TRUE(fails_with(FailureClass::lost, query(*connection, "SELECT a FROM soon_gone")));
    EXPECT_FALSE(connection->reusable());
    connection.reset();
    under_test().recover();
}

TEST_P(Contract, a_refused_login_is_a_class_of_its_own) {
    auto driver = under_test().driver_with_wrong_password();
    ASSERT_TRUE(succeeds(driver));
    if (*driver == nullptr) {
        GTEST_SKIP() << "no logins here";
    }
    const auto opened = (*driver)->open(soon());
    EXPECT_TRUE(fails_with(FailureClass::refused_login, opened));
    EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
}

TEST_P(Contract, a_database_that_is_not_there_is_lost) {
    auto driver = under_test().driver_to_nowhere();
    ASSERT_TRUE(succeeds(driver));
    EXPECT_TRUE(fails_with(FailureClass::lost, (*driver)->open(soon())));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Drivers, Contract,
                         testing::Values("sqlite", "postgresql", "oracle_double", "oracle_server"),
                         [](const auto& named) { return std::string(named.param); });

}  // namespace majed::contract
