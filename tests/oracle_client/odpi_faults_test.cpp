// SPDX-License-Identifier: Apache-2.0
// What goes wrong on purpose: the script, timeouts, breaks, lost servers, threads.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "odpi_fixture.h"

namespace majed::oracle_client {
namespace {

using Clock = std::chrono::steady_clock;
using OracleFaults = OdpiOnDouble;

constexpr std::string_view endless =
    "select count(*) from (with r(x) as (select 1 from dual union all select x + 1 from r) select x from r)";

bool mentions(const Outcome& outcome, std::string_view text) {
    return outcome.text.find(text) != std::string::npos;
}

TEST_F(OracleFaults, answers_rows_of_the_script) {
    ASSERT_TRUE(
        oci_double().script("on execute select * from Big where id = :1\n"
                            "  columns ID NUMBER(9), NAME VARCHAR2(20), RAW_KEY RAW(4)\n"
                            "  row 1, 'Ann', X'00ff'\n"
                            "  row -2.5, NULL, NULL\n"
                            "on execute update *\n"
                            "  affected 3\n"));
    const OdpiSession session(service());
    const Statement select = session.prepare("SELECT *\n FROM big WHERE id=:1");
    dpiData one{};
    dpiData_setInt64(&one, 1);
    ASSERT_EQ(dpiStmt_bindValueByPos(select.get(), 1, DPI_NATIVE_TYPE_INT64, &one), 0);
    const Answer answer = session.run(select.get());
    EXPECT_EQ(answer.names, (std::vector<std::string>{"ID", "NAME", "RAW_KEY"}));
    EXPECT_EQ(answer.rows, (std::vector<TextRow>{{"1", "Ann", "00ff"}, {"-3", std::nullopt, std::nullopt}}));
    EXPECT_EQ(session.run("update nothing set x = 1").row_count, 3U);
}

TEST_F(OracleFaults, injects_any_error_the_times_it_is_told) {
    ASSERT_TRUE(oci_double().script(
        "on execute select 1 from dual\n skip 1\n first 2\n error 600 3 internal error\n"));
    const OdpiSession session(service());
    EXPECT_EQ(session.value("select 1 from dual"), "1");
    for (int time = 0; time < 2; ++time) {
        const Outcome outcome = session.run("select 1 from dual").outcome;
        EXPECT_EQ(outcome.code, 600);
        EXPECT_EQ(outcome.offset, 3U);
        EXPECT_EQ(outcome.text, "ORA-00600: internal error");
    }
    EXPECT_EQ(session.value("select 1 from dual"), "1");
    EXPECT_EQ(session.run("select 1 from dual /* double: error=1031,7 */").outcome.code, 1031);
}

TEST_F(OracleFaults, fails_in_the_middle_of_a_fetch) {
    ASSERT_TRUE(oci_double().script("on fetch 3 select a from t*\n error 1555 0 snapshot too old\n"));
    const OdpiSession session(service());
    session.run("create table t(a NUMBER)");
    for (int row = 0; row < 5; ++row) {
        session.run("insert into t values(1)");
    }
    EXPECT_EQ(session.run("select a from t").outcome.code, 1555);
}

TEST_F(OracleFaults, fails_at_commit_ping_and_reading_a_lob) {
    const OdpiSession session(service());
    session.run("create table t(c CLOB)");
    session.run("insert into t values('text')");
    ASSERT_TRUE(
        oci_double().script("on commit\n first 1\n error 2091 0 transaction rolled back\n"
                            "on ping\n error 1089\non lob_read\n error 1555 0 old\n"));
    EXPECT_EQ(session.commit().code, 2091);
    EXPECT_TRUE(session.commit().ok());
    EXPECT_TRUE(mentions(outcome_of(dpiConn_ping(session.get())), "ORA-1089"));
    EXPECT_FALSE(OdpiSession::try_connect(target(), "", "").ok());
}

TEST_F(OracleFaults, reports_a_script_it_does_not_understand) {
    EXPECT_FALSE(oci_double().script("on execute select 1 from dual\n explode now\n"));
    EXPECT_TRUE(mentions(OdpiSession::try_connect(target(), "app", "good"), "explode now"));
}

TEST_F(OracleFaults, ends_a_call_at_its_timeout_and_lives_on) {
    const OdpiSession session(service());
    ASSERT_EQ(dpiConn_setCallTimeout(session.get(), 100), 0);
    const auto before = Clock::now();
    EXPECT_TRUE(mentions(session.run(endless).outcome, "DPI-1067"));
    EXPECT_TRUE(mentions(session.run("select 1 from dual /* double: delay=10000 */").outcome, "ORA-3136"));
    EXPECT_TRUE(mentions(session.run("begin dbms_session.sleep(10); end;").outcome, "ORA-3136"));
    EXPECT_LT(Clock::now() - before, std::chrono::seconds{5});
    EXPECT_EQ(session.value("select 1 from dual"), "1");
}

TEST_F(OracleFaults, can_lose_the_session_with_the_timeout) {
    ASSERT_TRUE(oci_double().script("server timeout_loses_session"));
    const OdpiSession session(service());
    ASSERT_EQ(dpiConn_setCallTimeout(session.get(), 50), 0);
    EXPECT_FALSE(session.run(endless).outcome.ok());
    EXPECT_FALSE(session.is_healthy());
    ASSERT_TRUE(oci_double().script("server timeout_loses_session no"));
}

TEST_F(OracleFaults, ends_a_call_when_it_is_broken_from_another_thread) {
    const OdpiSession session(service());
    for (const std::string& sql :
         {std::string{endless}, std::string{"select 1 from dual /* double: delay=10000 */"}}) {
        std::atomic<bool> done{false};
        // Repeated, since a break before the call has begun breaks nothing.
        std::thread breaker([&] {
            while (!done) {
                dpiConn_breakExecution(session.get());
                std::this_thread::yield();
            }
        });
        const Outcome outcome = session.run(sql).outcome;
        done = true;
        breaker.join();
        EXPECT_EQ(outcome.code, 1013) << outcome.text;
    }
    EXPECT_EQ(session.value("select 1 from dual"), "1");
}

TEST_F(OracleFaults, does_not_answer_until_it_is_released) {
    const OdpiSession session(service());
    ASSERT_EQ(dpiConn_setCallTimeout(session.get(), 20), 0);
    std::atomic<bool> done{false};
    std::thread releaser([&] {
        while (!done) {
            dpiConn_breakExecution(session.get());
            std::this_thread::sleep_for(std::chrono::milliseconds{200});
            oci_double().release_hangs();
        }
    });
    const auto before = Clock::now();
    const Outcome outcome = session.run("select 1 from dual /* double: hang=60000 */").outcome;
    done = true;
    releaser.join();
    EXPECT_GE(Clock::now() - before, std::chrono::milliseconds{150});
    EXPECT_LT(Clock::now() - before, std::chrono::seconds{20});
    EXPECT_FALSE(outcome.ok());
}

TEST_F(OracleFaults, loses_older_sessions_at_a_restart_and_takes_new_ones) {
    const OdpiSession old(service());
    old.run("create table t(a NUMBER)");
    old.run("insert into t values(1)");
    oci_double().restart();
    // Stale, as the real attribute is, until a call fails.
    EXPECT_TRUE(old.is_healthy());
    const OdpiSession fresh(service());
    EXPECT_EQ(fresh.value("select count(*) from t"), "0");
    EXPECT_TRUE(fresh.run("insert into t values(2)").outcome.ok());
    EXPECT_TRUE(fresh.commit().ok());
    EXPECT_TRUE(mentions(old.run("select 1 from dual").outcome, "ORA-3113"));
    EXPECT_FALSE(old.is_healthy());
    EXPECT_TRUE(mentions(outcome_of(dpiConn_ping(old.get())), "DPI-1010")) << last_error().text;
}

TEST_F(OracleFaults, refuses_connections_while_it_is_down) {
    const OdpiSession old(service());
    oci_double().down(true);
    EXPECT_EQ(OdpiSession::try_connect(target(), "app", "good").code, 12541);
    EXPECT_TRUE(mentions(old.run("select 1 from dual").outcome, "ORA-3113"));
    oci_double().down(false);
    EXPECT_TRUE(OdpiSession::try_connect(target(), "app", "good").ok());
    EXPECT_FALSE(old.run("select 1 from dual").outcome.ok());
}

TEST_F(OracleFaults, stops_a_running_statement_when_the_server_goes) {
    const OdpiSession session(service());
    const auto trips = oci_double().round_trips();
    std::thread operator_of_server([&] {
        while (oci_double().round_trips() == trips) {
            std::this_thread::yield();
        }
        oci_double().restart();
    });
    const Outcome outcome = session.run(endless).outcome;
    operator_of_server.join();
    EXPECT_TRUE(mentions(outcome, "ORA-3113")) << outcome.text;
}

TEST_F(OracleFaults, kills_a_session_from_another) {
    const OdpiSession victim(service());
    const OdpiSession killer(service());
    const std::string sid = victim.value("select sys_context('USERENV','SID') from dual");
    ASSERT_TRUE(killer.run("alter system kill session '" + sid + ",1' immediate").outcome.ok());
    EXPECT_TRUE(mentions(victim.run("select 1 from dual").outcome, "ORA-28"));
    EXPECT_FALSE(victim.is_healthy());
}

TEST_F(OracleFaults, is_read_only_when_the_database_is) {
    const OdpiSession session(service());
    session.run("create table t(a NUMBER)");
    ASSERT_TRUE(oci_double().script("server read_only"));
    EXPECT_EQ(session.run("insert into t values(1)").outcome.code, 16000);
    EXPECT_EQ(session.run("drop table t").outcome.code, 16000);
    EXPECT_EQ(session.value("select count(*) from t"), "0");
    ASSERT_TRUE(oci_double().script("server read_only no"));
}

TEST_F(OracleFaults, serves_many_threads_each_with_its_session) {
    const OdpiSession maker(service());
    ASSERT_TRUE(maker.run("create table t(a NUMBER, b VARCHAR2(20))").outcome.ok());
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            const OdpiSession session(service());
            for (int round = 0; round < 20; ++round) {
                const std::string row = std::to_string(thread) + ", 'r" + std::to_string(round) + "'";
                const bool ok = session.run("insert into t values(" + row + ")").outcome.ok() &&
                                session.commit().ok() &&
                                session.value("select count(*) from t where a = " + std::to_string(thread)) ==
                                    std::to_string(round + 1);
                failures += ok ? 0 : 1;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(maker.value("select count(*) from t"), "160");
}

}  // namespace
}  // namespace majed::oracle_client
