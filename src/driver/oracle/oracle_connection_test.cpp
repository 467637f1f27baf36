// SPDX-License-Identifier: Apache-2.0
#include "driver/oracle/oracle_connection.h"

#include "driver/oracle/fake_odpi_fixture.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace majed::driver::oracle {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

class CountingSink final : public RowSink {
public:
    Result<void> row(std::span<const ValueView> cells) override {
        last = std::get<std::int64_t>(cells[0]);
        ++rows;
        return {};
    }
    int rows = 0;
    std::int64_t last = 0;
};

class OracleConnectionTest : public testing::Test {
protected:
    std::unique_ptr<OracleConnection> connect(Access access = Access::read_write) {
        auto session = PhysicalSession::create(library_, *watchdog_);
        EXPECT_TRUE(session);
        (*session)->set_connection(odpi_.connect());
        return std::make_unique<OracleConnection>(*std::move(session), abandoned_, access);
    }
    static Deadline soon() { return deadline_after(minutes(1)); }

    Result<RunSummary> run(Connection& connection, std::string_view sql, std::vector<Value> values = {},
                           Deadline deadline = soon()) {
        RunLimits limits;
        limits.deadline = deadline;
        return connection.execute(sql, {std::move(values), {}}, limits, sink_);
    }
    /// Everything that takes handles, and gives them back.
    void use(Connection& connection) {
        static_cast<void>(run(connection, "SELECT n FROM t WHERE n = :1", {std::int64_t{7}}));
        static_cast<void>(run(connection, "INSERT INTO t VALUES (:1)", {std::string("7")}));
        static_cast<void>(connection.prepare("SELECT n FROM t", soon()));
        static_cast<void>(connection.begin(TransactionMode::read_write, soon()));
        const std::vector<std::vector<Value>> rows{{std::int64_t{1}}, {Null{}}};
        static_cast<void>(connection.execute_many("INSERT INTO t VALUES (:1)", rows, soon()));
        static_cast<void>(connection.identify({"alice", "m", "a", {{"r", "x"}}}, soon()));
        static_cast<void>(connection.commit(soon()));
        static_cast<void>(connection.ping(soon()));
        static_cast<void>(connection.reset(soon()));
    }

    FakeOdpi odpi_;
    const ClientLibrary library_ = odpi_.library();
    std::unique_ptr<Watchdog> watchdog_ = *Watchdog::start();
    AbandonedSessions abandoned_;
    CountingSink sink_;
};

}  // namespace

TEST_F(OracleConnectionTest, gives_every_handle_back_whichever_call_fails) {
    use(*connect());
    ASSERT_TRUE(odpi_.holds_nothing());
    const int calls = odpi_.calls;
    ASSERT_GT(calls, 40);
    for (const int code : {3113, 942, 1013}) {
        odpi_.failing_code = code;
        for (int call = 1; call <= calls; ++call) {
            odpi_.calls = 0;
            odpi_.fail_call = call;
            use(*connect());
            EXPECT_TRUE(odpi_.holds_nothing()) << "call " << call << " failed with " << code;
        }
    }
    EXPECT_EQ(abandoned_.collect(), 0U);
}

TEST_F(OracleConnectionTest, hands_rows_out_and_commits_with_the_execution) {
    const auto connection = connect();
    ASSERT_TRUE(run(*connection, "SELECT n FROM t"));
    EXPECT_EQ(sink_.rows, 1);
    EXPECT_EQ(sink_.last, 7);
    ASSERT_TRUE(run(*connection, "INSERT INTO t VALUES (1)"));
    EXPECT_EQ(odpi_.commits, 0);
    EXPECT_FALSE(connection->in_transaction());
}

TEST_F(OracleConnectionTest, is_in_doubt_when_the_reply_to_what_commits_is_lost) {
    const auto connection = connect();
    odpi_.answer_of_execute = 3113;
    const auto done = run(*connection, "INSERT INTO t VALUES (1)");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::in_doubt);
    EXPECT_EQ(done.error().failure, FailureClass::in_doubt);
    EXPECT_FALSE(connection->reusable());
}

TEST_F(OracleConnectionTest, is_lost_when_the_reply_to_a_query_or_inside_a_transaction_is_lost) {
    const auto reading = connect();
    const auto writing = connect();
    ASSERT_TRUE(writing->begin(TransactionMode::read_write, soon()));
    odpi_.answer_of_execute = 3113;
    EXPECT_EQ(run(*reading, "SELECT n FROM t").error().failure, FailureClass::lost);
    EXPECT_EQ(run(*writing, "INSERT INTO t VALUES (1)").error().failure, FailureClass::lost);
    // Nothing was committed, and nothing can be: that is no doubt.
    const auto done = writing->commit(soon());
    EXPECT_EQ(done.error().failure, FailureClass::lost);
    EXPECT_EQ(odpi_.commits, 0);
}

TEST_F(OracleConnectionTest, is_in_doubt_when_a_commit_is_stopped_or_lost) {
    for (const int code : {1013, 3113, 12537}) {
        const auto connection = connect();
        ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
        odpi_.calls = 0;
        odpi_.fail_call = 1;
        odpi_.failing_code = code;
        const auto done = connection->commit(soon());
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().failure, FailureClass::in_doubt) << code;
        EXPECT_FALSE(connection->reusable());
        EXPECT_FALSE(connection->in_transaction());
        odpi_.fail_call = 0;
    }
}

TEST_F(OracleConnectionTest, rolls_back_when_a_commit_is_refused) {
    const auto connection = connect();
    ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
    odpi_.calls = 0;
    odpi_.fail_call = 1;
    odpi_.failing_code = 2091;
    const auto done = connection->commit(soon());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::conflict);
    EXPECT_EQ(odpi_.rollbacks, 1);
    EXPECT_TRUE(connection->reusable());
    EXPECT_FALSE(connection->in_transaction());
}

TEST_F(OracleConnectionTest, leaves_no_row_of_a_batch_for_the_next_commit_whichever_call_fails) {
    const std::vector<std::vector<Value>> rows{{std::int64_t{1}}, {std::int64_t{2}}};
    int failed = 0;
    for (int call = 1;; ++call) {
        const auto connection = connect();
        odpi_.calls = 0;
        odpi_.rollbacks = 0;
        odpi_.commits = 0;
        odpi_.fail_call = call;
        odpi_.failing_code = 54;
        const auto done = connection->execute_many("INSERT INTO t VALUES (:1)", rows, soon());
        odpi_.fail_call = 0;
        if (done) {
            break;
        }
        ++failed;
        EXPECT_TRUE(odpi_.rollbacks == 1 || !connection->reusable()) << call;
    }
    EXPECT_GE(failed, 2) << "the execution and the commit at least";
}

TEST_F(OracleConnectionTest, is_lost_and_not_in_doubt_when_a_transaction_that_only_read_is_not_answered) {
    const auto connection = connect();
    ASSERT_TRUE(connection->begin(TransactionMode::read_only, soon()));
    odpi_.calls = 0;
    odpi_.fail_call = 1;
    odpi_.failing_code = 3113;
    const auto done = connection->commit(soon());
    odpi_.fail_call = 0;
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().failure, FailureClass::lost);
    EXPECT_FALSE(connection->reusable());
}

TEST_F(OracleConnectionTest, refuses_a_change_of_the_schema_that_would_commit) {
    const auto connection = connect();
    int executed = 0;
    ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
    odpi_.while_executing = [&] { ++executed; };
    for (const char* const sql : {"ALTER TABLE t ADD c NUMBER", "/* x */ alter table t ADD c number"}) {
        const auto done = run(*connection, sql);
        ASSERT_FALSE(done) << sql;
        EXPECT_EQ(done.error().code, ErrorCode::unsupported);
    }
    EXPECT_EQ(executed, 0);
    EXPECT_TRUE(connection->in_transaction());
    odpi_.while_executing = nullptr;
}

TEST_F(OracleConnectionTest, refuses_writes_where_it_only_reads_before_they_are_sent) {
    const auto connection = connect(Access::read_only);
    int executed = 0;
    odpi_.while_executing = [&] { ++executed; };
    const auto done = run(*connection, "INSERT INTO t VALUES (1)");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unsupported);
    EXPECT_EQ(done.error().failure, FailureClass::read_only);
    EXPECT_FALSE(connection->begin(TransactionMode::read_write, soon()));
    EXPECT_EQ(executed, 0);
    EXPECT_TRUE(connection->reusable());
}

TEST_F(OracleConnectionTest, interrupts_what_runs_and_nothing_later) {
    const auto connection = connect();
    odpi_.while_executing = [&] {
        connection->interrupt();
        while (odpi_.breaks == 0) {
            std::this_thread::yield();
        }
        odpi_.answer_of_execute = 1013;
    };
    const auto stopped = run(*connection, "SELECT n FROM t");
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().failure, FailureClass::cancelled);
    EXPECT_GE(odpi_.pings, 1);
    EXPECT_TRUE(connection->reusable());
    odpi_.while_executing = nullptr;
    odpi_.answer_of_execute = 0;
    connection->interrupt();
    EXPECT_TRUE(run(*connection, "SELECT n FROM t"));
}

TEST_F(OracleConnectionTest, swallows_a_break_that_came_after_the_end) {
    const auto connection = connect();
    odpi_.while_executing = [&] {
        connection->interrupt();
        while (odpi_.breaks == 0) {
            std::this_thread::yield();
        }
    };
    // The statement ended by itself all the same: the break would meet the next one.
    static_cast<void>(run(*connection, "INSERT INTO t VALUES (1)"));
    EXPECT_GE(odpi_.pings, 1);
    EXPECT_TRUE(connection->reusable());
}

TEST_F(OracleConnectionTest, gives_a_session_up_whose_break_is_not_answered) {
    const auto connection = connect();
    odpi_.while_executing = [&] {
        connection->interrupt();
        while (odpi_.breaks == 0) {
            std::this_thread::yield();
        }
        odpi_.answer_of_execute = 1013;
        // The ping behind it fails.
        odpi_.fail_call = odpi_.calls + 1;
    };
    const auto stopped = run(*connection, "SELECT n FROM t");
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().failure, FailureClass::cancelled);
    EXPECT_FALSE(connection->reusable());
}

TEST_F(OracleConnectionTest, leaves_a_call_that_never_comes_back_and_cleans_up_when_it_does) {
    std::promise<void> release;
    auto released = release.get_future().share();
    {
        const auto connection = connect();
        odpi_.while_executing = [released] { released.wait(); };
        const auto begin = SteadyClock::now();
        const auto done = run(*connection, "SELECT n FROM t", {}, deadline_after(milliseconds(20)));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code, ErrorCode::timeout);
        EXPECT_EQ(done.error().failure, FailureClass::lost);
        EXPECT_GE(odpi_.breaks, 1);
        EXPECT_LT(SteadyClock::now() - begin, minutes(1));
        EXPECT_FALSE(connection->reusable());
        EXPECT_EQ(connection->ping(soon()).error().failure, FailureClass::lost);
        connection->interrupt();
    }
    EXPECT_EQ(abandoned_.collect(), 1U);
    EXPECT_EQ(odpi_.connections, 1);
    release.set_value();
    while (abandoned_.collect() != 0) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(odpi_.holds_nothing());
}

TEST_F(OracleConnectionTest, is_refused_by_reset_when_it_holds_what_cannot_be_undone) {
    const auto connection = connect();
    ASSERT_TRUE(run(*connection, "SELECT n FROM t FOR UPDATE"));
    EXPECT_EQ(odpi_.rollbacks, 1);
    ASSERT_TRUE(connection->reset(soon()));
    ASSERT_TRUE(connection->reusable());
    odpi_.healthy = false;
    odpi_.answer_of_execute = 942;
    EXPECT_FALSE(run(*connection, "SELECT n FROM absent"));
    EXPECT_FALSE(connection->reset(soon()));
    EXPECT_FALSE(connection->reusable());
}

TEST_F(OracleConnectionTest, forgets_everything_in_a_child_without_a_word) {
    auto connection = connect();
    const pid_t child = fork();
    if (child == 0) {
        connection->abandon();
        const bool reusable = connection->reusable();
        connection.reset();
        // No goodbye was said: the library still counts the session, which is the parent's.
        _exit(!reusable && odpi_.connections == 1 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_TRUE(connection->ping(soon()));
}

}  // namespace majed::driver::oracle
