// SPDX-License-Identifier: Apache-2.0
#include "chaos/postgres_fixture.h"

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>

namespace majed::chaos {

namespace {

using driver::TransactionMode;
using Direction = TcpGate::Direction;

std::size_t entries_of(const char* folder) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

class PostgresChaos : public OnPostgres {
protected:
    void SetUp() override {
        OnPostgres::SetUp();
        if (IsSkipped()) {
            return;
        }
        auto opened = TcpGate::open(server().port());
        ASSERT_TRUE(opened);
        gate_ = std::move(*opened);
        through_ = driver_to(server().target(Access::read_write, gate_->port()));
    }
    /// Opens through the gate.
    [[nodiscard]] std::unique_ptr<driver::Connection> connect_through() {
        auto opened = through_->open(soon());
        EXPECT_TRUE(opened) << outcome(opened);
        if (!opened) {
            std::abort();
        }
        return std::move(*opened);
    }

    /// The gate closes its side a moment after the driver did.
    void wait_until_closed() const {
        for (int wait = 0; wait < 200 && gate_->open_connections() > 0; ++wait) {
            std::this_thread::sleep_for(milliseconds(10));
        }
        EXPECT_EQ(gate_->open_connections(), 0U);
    }

    std::unique_ptr<TcpGate> gate_;
    std::unique_ptr<driver::Driver> through_;
};

TEST_F(PostgresChaos, a_stalled_connect_ends_at_its_deadline) {
    gate_->set_mode(TcpGate::Mode::stall);
    std::string ended;
    const auto taken = time_of([&] { ended = outcome(through_->open(deadline_after(milliseconds(250)))); });
    EXPECT_EQ(ended, "timeout/lost/");
    EXPECT_GE(taken, milliseconds(250));
    EXPECT_LE(taken, milliseconds(250) + allowed_delay);
}

TEST_F(PostgresChaos, a_refused_connect_fails_at_once_and_works_when_the_server_is_back) {
    gate_->set_mode(TcpGate::Mode::refuse);
    std::string ended;
    const auto taken = time_of([&] { ended = outcome(through_->open(soon())); });
    EXPECT_EQ(ended, "unavailable/lost/");
    EXPECT_LE(taken, allowed_delay);
    gate_->set_mode(TcpGate::Mode::pass);
    EXPECT_EQ(outcome(through_->open(soon())), "ok");
}

TEST_F(PostgresChaos, a_refused_login_is_its_own_class_and_tried_once) {
    driver::Target target = server().target(Access::read_only, gate_->port());
    target.password = Secret("wrong");
    const auto refused = driver_to(std::move(target))->open(soon());
    EXPECT_EQ(outcome(refused), "unavailable/refused_login/28P01");
    EXPECT_EQ(gate_->attempts(), 1U);
    EXPECT_EQ(refused.error().message, "the server refuses the login");
    target = server().target(Access::read_only);
    target.user = "nobody_of_that_name";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "unavailable/refused_login/28P01");
    target = server().target(Access::read_only);
    target.password = Secret();
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "unavailable/refused_login/28P01");
    target = server().target(Access::read_only);
    target.url = "postgresql://127.0.0.1:" + std::to_string(server().port()) + "/no_such_database";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "not_found/refused_login/3D000");
}

TEST_F(PostgresChaos, the_tls_mode_of_the_url_is_handed_on) {
    driver::Target target = server().target(Access::read_only, gate_->port());
    const std::string url =
        "postgresql://127.0.0.1:" + std::to_string(gate_->port()) + "/majed_test?sslmode=";
    target.url = url + "require";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "unavailable/lost/")
        << "the server has no TLS";
    target = server().target(Access::read_only, gate_->port());
    target.url = url + "prefer";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "ok");
}

TEST_F(PostgresChaos, an_encrypted_server_must_prove_its_name_when_asked_to) {
    const auto encrypted = PostgresServer::start({}, PostgresServer::Encryption::self_signed);
    ASSERT_TRUE(encrypted) << encrypted.error().message << encrypted.error().hint;
    const auto open = [&](const std::string& host, const std::string& parameters) {
        driver::Target target = (*encrypted)->target(Access::read_write);
        target.url =
            "postgresql://" + host + ':' + std::to_string((*encrypted)->port()) + "/majed_test?" + parameters;
        return driver_to(std::move(target));
    };
    const std::string root = "sslrootcert=" + (*encrypted)->certificate().string();
    const std::string see = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    for (const auto& [host, parameters, expected] : {std::array<std::string, 3>{"localhost", root, "true"},
                                                     {"localhost", "sslmode=require", "true"},
                                                     {"127.0.0.1", root + "&sslmode=verify-ca", "true"},
                                                     {"127.0.0.1", root, "unavailable/lost/"},
                                                     {"127.0.0.1", "sslmode=prefer", "true"},
                                                     {"127.0.0.1", "sslmode=disable", "false"}}) {
        const auto driver = open(host, parameters);
        const auto connection = driver->open(soon());
        EXPECT_EQ(connection ? cell(**connection, see) : outcome(connection), expected)
            << host << ' ' << parameters;
    }
    const auto driver = open("localhost", root);
    auto connection = driver->open(soon());
    ASSERT_TRUE(connection);
    EXPECT_EQ(outcome(query(**connection, "SELECT pg_sleep(20)", {}, deadline_after(milliseconds(100)))),
              "timeout/timeout/57014");
    EXPECT_EQ(cell(**connection, "SELECT length(repeat('x', 1000000))"), "1000000");
    ASSERT_EQ(outcome((*encrypted)->stop()), "ok");
    EXPECT_EQ(outcome((*connection)->ping(soon())).substr(0, 16), "unavailable/lost");
}

TEST_F(PostgresChaos, several_hosts_are_tried_in_turn_and_names_are_looked_up) {
    driver::Target target = server().target(Access::read_write);
    const std::string good = std::to_string(server().port());
    target.url =
        "postgresql://127.0.0.1:" + std::to_string(gate_->port()) + ",localhost:" + good + "/majed_test";
    gate_->set_mode(TcpGate::Mode::stall);
    const auto several = driver_to(std::move(target));
    const auto taken =
        time_of([&] { EXPECT_EQ(outcome(several->open(deadline_after(milliseconds(3000)))), "ok"); });
    EXPECT_LE(taken, milliseconds(3000)) << "the host that stalls must not eat the time of the other";
    gate_->set_mode(TcpGate::Mode::refuse);
    EXPECT_EQ(outcome(several->open(soon())), "ok");
    target = server().target(Access::read_write);
    target.url = "postgresql://no-such-host.invalid:" + good + "/majed_test";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(deadline_after(milliseconds(5000)))).substr(0, 4),
              "unav");
    target = server().target(Access::read_write);
    target.url = "postgresql://127.0.0.1:" + good + "/majed_test?target_session_attrs=prefer-standby";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "ok");
    target = server().target(Access::read_write);
    target.url = "postgresql://127.0.0.1:" + good + "/majed_test?target_session_attrs=standby";
    EXPECT_EQ(outcome(driver_to(std::move(target))->open(soon())), "unavailable/lost/");
}

TEST_F(PostgresChaos, a_stall_during_the_rows_is_a_lost_connection_at_the_deadline) {
    auto connection = connect_through();
    Collector sink;
    sink.on_row = [&](std::size_t row) {
        if (row == 10) {
            gate_->set_mode(TcpGate::Mode::stall);
        }
    };
    std::string ended;
    const auto taken = time_of([&] {
        ended = outcome(connection->execute("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", {},
                                            {.deadline = deadline_after(milliseconds(400))}, sink));
    });
    EXPECT_EQ(ended, "unavailable/lost/");
    EXPECT_LE(taken, milliseconds(400) + allowed_delay);
    EXPECT_FALSE(connection->reusable());
    const auto closing = time_of([&] { connection.reset(); });
    EXPECT_LE(closing, allowed_delay) << "a goodbye must not wait for the network";
}

TEST_F(PostgresChaos, no_call_outlasts_its_deadline_while_the_network_stalls) {
    const auto check = [&](const char* what,
                           const std::function<std::string(driver::Connection&, Deadline)>& call,
                           const char* expected) {
        auto connection = connect_through();
        ASSERT_EQ(outcome(run(*connection, "CREATE TEMP TABLE stalled (a int)")), "ok");
        if (std::string_view(what) == "commit" || std::string_view(what) == "rollback") {
            ASSERT_TRUE(connection->begin(TransactionMode::read_write, soon()));
            ASSERT_EQ(outcome(run(*connection, "INSERT INTO stalled VALUES (1)")), "ok");
        }
        gate_->set_mode(TcpGate::Mode::stall);
        std::string ended;
        const auto taken = time_of([&] { ended = call(*connection, deadline_after(milliseconds(100))); });
        gate_->set_mode(TcpGate::Mode::pass);
        EXPECT_EQ(ended, expected) << what;
        EXPECT_LE(taken, milliseconds(100) + allowed_delay) << what;
        EXPECT_FALSE(connection->reusable()) << what;
    };
    using C = driver::Connection;
    check(
        "ping", [](C& c, Deadline d) { return outcome(c.ping(d)); }, "unavailable/lost/");
    check(
        "reset", [](C& c, Deadline d) { return outcome(c.reset(d)); }, "unavailable/lost/");
    check(
        "prepare", [](C& c, Deadline d) { return outcome(c.prepare("SELECT 5", d)); }, "unavailable/lost/");
    check(
        "begin", [](C& c, Deadline d) { return outcome(c.begin(TransactionMode::read_write, d)); },
        "unavailable/lost/");
    check(
        "rollback", [](C& c, Deadline d) { return outcome(c.rollback(d)); }, "unavailable/lost/");
    check(
        "commit", [](C& c, Deadline d) { return outcome(c.commit(d)); }, "in_doubt/in_doubt/");
    check(
        "identify",
        [](C& c, Deadline d) {
            return outcome(c.identify({"ada", "", "", {}}, d));
        },
        "unavailable/lost/");
    check(
        "query", [](C& c, Deadline d) { return outcome(query(c, "SELECT 1", {}, d)); }, "unavailable/lost/");
    check(
        "batch",
        [](C& c, Deadline d) {
            const std::vector<std::vector<Value>> rows(5, {std::int64_t{1}});
            return outcome(c.execute_many("INSERT INTO stalled VALUES ($1)", rows, d));
        },
        "unavailable/lost/");
}

TEST_F(PostgresChaos, an_interrupt_that_the_server_never_hears_gives_the_connection_up) {
    const auto connection = connect_through();
    Collector sink;
    sink.on_row = [&](std::size_t row) {
        if (row == 10) {
            gate_->set_mode(TcpGate::Mode::stall);
            connection->interrupt();
        }
    };
    std::string ended;
    const auto taken = time_of([&] {
        ended = outcome(connection->execute("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", {},
                                            {.deadline = soon()}, sink));
    });
    EXPECT_EQ(ended, "cancelled/cancelled/");
    EXPECT_LE(taken, milliseconds(1000) + allowed_delay);
    EXPECT_FALSE(connection->reusable());
}

TEST_F(PostgresChaos, a_large_answer_is_streamed_in_little_memory) {
    const auto resident = [] {
        std::ifstream file("/proc/self/statm");
        std::size_t size = 0;
        std::size_t pages = 0;
        file >> size >> pages;
        return pages * 4096;
    };
    class Counter final : public driver::RowSink {
    public:
        Result<void> row(std::span<const ValueView> cells) override {
            bytes += std::get<std::string_view>(cells[0]).size();
            return {};
        }
        std::size_t bytes = 0;
    };
    const auto connection = connect();
    Counter sink;
    const std::size_t before = resident();
    ASSERT_TRUE(connection->execute("SELECT repeat('x', 4000) FROM generate_series(1, 50000)", {},
                                    {.deadline = soon()}, sink));
    EXPECT_EQ(sink.bytes, std::size_t{200'000'000});
    // A sanitizer keeps what was freed for a while: only other builds can be measured.
#if !defined(MAJED_SANITIZED)
    EXPECT_LT(resident(), before + 30'000'000);
#else
    static_cast<void>(before);
#endif
}

TEST_F(PostgresChaos, a_frozen_server_lets_nobody_in_and_holds_nobody) {
    server().freeze();
    std::string ended;
    const auto taken = time_of([&] { ended = outcome(writer_->open(deadline_after(milliseconds(200)))); });
    server().thaw();
    EXPECT_EQ(ended, "timeout/lost/");
    EXPECT_LE(taken, milliseconds(200) + allowed_delay);
}

TEST_F(PostgresChaos, many_stalled_cancels_block_neither_each_other_nor_the_end_of_the_driver) {
    std::vector<std::unique_ptr<driver::Connection>> connections;
    for (int i = 0; i < 8; ++i) {
        connections.push_back(connect_through());
    }
    gate_->set_mode(TcpGate::Mode::stall);
    const auto taken = time_of([&] {
        for (const auto& connection : connections) {
            EXPECT_EQ(outcome(query(*connection, "SELECT 1", {}, deadline_after(milliseconds(50)))),
                      "unavailable/lost/");
        }
        connections.clear();
        through_.reset();
    });
    EXPECT_LE(taken, 8 * milliseconds(50 + 175) + allowed_delay);
}

/// What one whole session through the gate came to: how far it got, and whether the row is there.
struct Session {
    std::string stage = "connect";
    std::string ended = "ok";
};

Session whole_session(driver::Driver& through, int key) {
    const auto fast = [] { return deadline_after(milliseconds(2000)); };
    Session session;
    const auto step = [&](const char* stage, const auto& result) {
        session.stage = stage;
        session.ended = outcome(result);
        return result.has_value();
    };
    auto connection = through.open(fast());
    if (!step("connect", connection)) {
        return session;
    }
    driver::Connection& open = **connection;
    static_cast<void>(
        step("begin", open.begin(TransactionMode::read_write, fast())) &&
        step("query", query(open, "SELECT repeat('q', 300)", {}, fast())) &&
        step("insert", run(open, "INSERT INTO cut_log VALUES ($1)", {std::int64_t{key}}, fast())) &&
        step("commit", open.commit(fast())) &&
        step("write", run(open, "UPDATE cut_log SET a = a WHERE a = -1", {}, fast())));
    return session;
}

class CutAfterEveryByte : public PostgresChaos, public testing::WithParamInterface<Direction> {};

TEST_P(CutAfterEveryByte, ends_with_the_right_class_and_never_late) {
    const auto watcher = connect();
    ASSERT_EQ(outcome(run(*watcher, "CREATE TABLE cut_log (a int)")), "ok");
    const auto before = gate_->passed(GetParam());
    ASSERT_EQ(whole_session(*through_, -7).ended, "ok");
    // The gate counts the goodbye too; no cut after it would be felt.
    const auto bytes = gate_->passed(GetParam()) - before;
    wait_until_closed();
    int committed = 0;
    int doubted = 0;
    const std::size_t descriptors = entries_of("/proc/self/fd");
    // Each session logs in, which takes a server and its client their time; under sanitizers half as many do.
#if defined(MAJED_SANITIZED)
    const std::uint64_t stride = 11;
#else
    const std::uint64_t stride = 5;
#endif
    for (std::uint64_t cut = 0; cut < bytes; cut += stride) {
        gate_->cut_after(GetParam(), cut);
        Session session;
        const auto taken = time_of([&] { session = whole_session(*through_, static_cast<int>(cut)); });
        EXPECT_LE(taken, milliseconds(2000) + allowed_delay) << cut;
        const std::string there =
            cell(*watcher, "SELECT count(*) FROM cut_log WHERE a = " + std::to_string(cut));
        if (session.stage == "commit" && session.ended != "ok") {
            EXPECT_TRUE(session.ended == "in_doubt/in_doubt/" || session.ended == "unavailable/lost/")
                << session.ended;
            if (session.ended == "unavailable/lost/") {
                EXPECT_EQ(there, "0") << "not in doubt, yet it happened; cut after " << cut;
            }
            doubted += session.ended == "in_doubt/in_doubt/" ? 1 : 0;
        } else if (session.stage == "write") {
            EXPECT_TRUE(session.ended == "in_doubt/in_doubt/" || session.ended == "unavailable/lost/" ||
                        session.ended == "ok")
                << session.ended;
            EXPECT_EQ(there, "1") << cut;
            ++committed;
        } else {
            EXPECT_EQ(session.ended, "unavailable/lost/") << session.stage << " cut after " << cut;
            EXPECT_EQ(there, "0") << cut;
        }
    }
    gate_->cut_never();
    EXPECT_GT(committed, 0);
    EXPECT_GT(doubted, 0);
    EXPECT_EQ(whole_session(*through_, -8).ended, "ok");
    wait_until_closed();
    EXPECT_EQ(entries_of("/proc/self/fd"), descriptors) << "a connection that failed keeps no descriptor";
    EXPECT_EQ(outcome(run(*watcher, "DROP TABLE cut_log")), "ok");
}

INSTANTIATE_TEST_SUITE_P(PostgresChaos, CutAfterEveryByte,
                         testing::Values(Direction::to_server, Direction::to_client),
                         [](const auto& direction) {
                             return direction.param == Direction::to_server ? "of_the_request"
                                                                            : "of_the_answer";
                         });

TEST_F(PostgresChaos, a_server_that_shuts_down_ends_sessions_as_lost) {
    const auto idle = connect();
    const auto busy = connect();
    std::string ended;
    std::thread working([&] { ended = outcome(query(*busy, "SELECT pg_sleep(20)")); });
    std::this_thread::sleep_for(milliseconds(200));
    ASSERT_TRUE(server().stop());
    working.join();
    EXPECT_EQ(ended, "unavailable/lost/57P01");
    EXPECT_EQ(outcome(query(*idle, "SELECT 1")).substr(0, 16), "unavailable/lost");
    EXPECT_EQ(outcome(idle->ping(soon())).substr(0, 16), "unavailable/lost");
    EXPECT_FALSE(idle->reusable());
    EXPECT_EQ(outcome(writer_->open(soon())), "unavailable/lost/");
    const auto restarted = server().restart();
    ASSERT_TRUE(restarted) << restarted.error().hint;
    EXPECT_EQ(outcome(writer_->open(soon())), "ok");
}

TEST_F(PostgresChaos, a_server_killed_in_the_middle_leaves_a_write_in_doubt_and_a_query_lost) {
    const auto reading = connect();
    const auto writing = connect();
    const auto in_transaction = connect();
    ASSERT_TRUE(in_transaction->begin(TransactionMode::read_write, soon()));
    std::string read;
    std::string written;
    std::thread one([&] { read = outcome(query(*reading, "SELECT pg_sleep(20)")); });
    std::thread two(
        [&] { written = outcome(run(*writing, "CREATE TABLE halfway AS SELECT 1 AS a FROM pg_sleep(20)")); });
    std::this_thread::sleep_for(milliseconds(200));
    const auto taken = time_of([&] {
        server().kill_hard();
        one.join();
        two.join();
    });
    EXPECT_EQ(read, "unavailable/lost/");
    EXPECT_EQ(written, "in_doubt/in_doubt/");
    EXPECT_LE(taken, milliseconds(5000));
    EXPECT_EQ(outcome(in_transaction->commit(soon())), "unavailable/lost/")
        << "the end was heard before anything was sent";
    const auto restarted = server().restart();
    ASSERT_TRUE(restarted) << restarted.error().hint;
    EXPECT_EQ(cell(*connect(), "SELECT to_regclass('halfway') IS NULL"), "true");
}

TEST_F(PostgresChaos, a_late_cancel_never_reaches_the_next_statement) {
    auto connection = connect_through();
    gate_->delay(milliseconds(3));
    int timeouts = 0;
    int finished = 0;
    for (int turn = 0; turn < 60; ++turn) {
        // From far too short to long enough: in between, the cancel and the statement's own end meet.
        const auto first =
            query(*connection, "SELECT pg_sleep(0.03)", {}, deadline_after(milliseconds(10 + turn)));
        if (!first && first.error().failure == FailureClass::lost) {
            connection = connect_through();
            continue;
        }
        (first ? finished : timeouts) += 1;
        EXPECT_TRUE(first || first.error().failure == FailureClass::timeout) << outcome(first);
        EXPECT_EQ(cell(*connection, "SELECT 1 FROM pg_sleep(0.01)"), "1");
    }
    EXPECT_GT(finished, 0);
    EXPECT_GT(timeouts, 0);
}

TEST_F(PostgresChaos, a_storm_of_cancels_on_many_connections_leaks_neither_threads_nor_descriptors) {
    const std::size_t descriptors = entries_of("/proc/self/fd");
    const std::size_t threads = entries_of("/proc/self/task");
    {
        const auto storming = driver_to(server().target(Access::read_write));
        std::vector<std::thread> workers;
        std::atomic<int> wrong{0};
        for (int worker = 0; worker < 6; ++worker) {
            workers.emplace_back([&] {
                auto connection = storming->open(soon());
                for (int turn = 0; connection && turn < 15; ++turn) {
                    const auto hit =
                        query(**connection, "SELECT pg_sleep(5)", {}, deadline_after(milliseconds(15)));
                    const bool expected = !hit && (hit.error().failure == FailureClass::timeout ||
                                                   hit.error().failure == FailureClass::lost);
                    wrong += expected ? 0 : 1;
                    if (!(*connection)->reusable()) {
                        connection = storming->open(soon());
                    }
                }
                wrong += connection ? 0 : 1;
            });
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        EXPECT_EQ(wrong, 0);
        const auto watcher = storming->open(soon());
        ASSERT_TRUE(watcher);
        const std::string sleepers =
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(5)%' AND state = 'active'"
            " AND pid <> pg_backend_pid()";
        for (int wait = 0; wait < 150 && cell(**watcher, sleepers) != "0"; ++wait) {
            std::this_thread::sleep_for(milliseconds(20));
        }
        EXPECT_EQ(cell(**watcher, sleepers), "0") << "every statement was stopped, of lost connections too";
        EXPECT_LE(entries_of("/proc/self/task"), threads + 6) << "at most four cancel and two look up";
    }
    EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
    for (int wait = 0; wait < 200 && entries_of("/proc/self/task") > threads; ++wait) {
        std::this_thread::sleep_for(milliseconds(10));
    }
    EXPECT_LE(entries_of("/proc/self/task"), threads);
}

}  // namespace

}  // namespace majed::chaos
