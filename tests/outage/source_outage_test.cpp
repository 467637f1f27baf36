// SPDX-License-Identifier: Apache-2.0
#include "doubles/postgres_server.h"
#include "doubles/tcp_gate.h"
#include "driver/postgres/postgres_driver.h"
#include "source/source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace majed::outage {
namespace {

using doubles::PostgresServer;
using doubles::TcpGate;
using pool::BreakerStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t places = 4;
constexpr milliseconds patience{400};
/// What a call may outlast its deadline by (driver/connection.h), and what a loaded machine adds.
constexpr milliseconds allowed_delay{250 + 500};

class NoRows final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView>) override { return {}; }
};

/// How one call went.
struct Call {
    std::chrono::nanoseconds took{};
    bool good = false;
    Error error{};
};

class Outage : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string missing = PostgresServer::missing(); !missing.empty()) {
            GTEST_SKIP() << missing;
        }
        auto started = PostgresServer::start();
        ASSERT_TRUE(started) << started.error().message << started.error().hint;
        server_ = std::move(*started);
        gate_ = *TcpGate::open(server_->port());
        source_ = start_source(server_->target(driver::Access::read_only, gate_->port()));
        ASSERT_TRUE(call(deadline_after(seconds(5))).good);
    }

    static std::unique_ptr<source::Source> start_source(driver::Target target) {
        source::SourceOptions options;
        options.name = "shop";
        options.pool.min = 1;
        options.pool.max = places;
        options.pool.acquire_timeout = seconds(1);
        options.pool.open_timeout = seconds(1);
        options.pool.reset_timeout = milliseconds(200);
        options.pool.retry_max = seconds(1);
        options.breaker.failure_threshold = 3;
        options.breaker.open_for = milliseconds(250);
        options.breaker.open_max = milliseconds(500);
        return *source::Source::start(std::move(options), *driver::postgres::open_driver(std::move(target)));
    }

    Call call(Deadline deadline, std::string_view sql = "SELECT 1") {
        const auto began = SteadyClock::now();
        Call outcome;
        if (auto lease = source_->connection(deadline)) {
            NoRows sink;
            const auto done = (*lease)->execute(sql, {}, {.deadline = deadline}, sink);
            outcome.good = done.has_value();
            if (done) {
                lease->succeeded();
            } else {
                lease->failed(done.error());
                outcome.error = done.error();
            }
        } else {
            outcome.error = lease.error();
        }
        outcome.took = SteadyClock::now() - began;
        return outcome;
    }

    /// Callers that never stop asking, until told.
    class Load {
    public:
        Load(Outage& test, std::size_t callers) {
            for (std::size_t i = 0; i < callers; ++i) {
                threads_.emplace_back([this, &test] {
                    while (!stop_) {
                        const Call call = test.call(deadline_after(patience));
                        {
                            const std::lock_guard lock(mutex_);
                            calls_.push_back(call);
                        }
                        std::this_thread::sleep_for(milliseconds(2));
                    }
                });
            }
        }
        ~Load() { end(); }
        void end() {
            stop_ = true;
            for (std::thread& thread : threads_) {
                if (thread.joinable()) thread.join();
            }
        }
        /// Those ended since the last time.
        std::vector<Call> take() {
            const std::lock_guard lock(mutex_);
            return std::exchange(calls_, {});
        }

    private:
        std::atomic<bool> stop_{false};
        std::mutex mutex_;
        std::vector<Call> calls_;
        std::vector<std::thread> threads_;
    };

    static bool within(seconds limit, const std::function<bool()>& reached) {
        const Deadline deadline = deadline_after(limit);
        while (!reached()) {
            if (SteadyClock::now() >= deadline) return false;
            std::this_thread::sleep_for(milliseconds(5));
        }
        return true;
    }

    bool serves_again(seconds limit) {
        return within(limit, [this] { return call(deadline_after(patience)).good; });
    }

    /// Every place of the pool can be lent at the same time: none was lost on the way.
    void expect_every_place() {
        ASSERT_TRUE(serves_again(seconds(15)));
        ASSERT_TRUE(within(seconds(15), [this] {
            return source_->breaker().state() == BreakerStatus::closed ||
                   !call(deadline_after(patience)).good;
        }));
        std::vector<source::ConnectionLease> leases;
        for (std::size_t i = 0; i < places; ++i) {
            auto lease = source_->connection(deadline_after(seconds(5)));
            ASSERT_TRUE(lease) << i << ": " << lease.error().message;
            leases.push_back(std::move(*lease));
        }
        const pool::PoolStats stats = source_->pool_stats();
        EXPECT_EQ(stats.lent, places);
        EXPECT_EQ(stats.total, places);
    }

    std::unique_ptr<PostgresServer> server_;
    std::unique_ptr<TcpGate> gate_;
    std::unique_ptr<source::Source> source_;
};

TEST_F(Outage, a_killed_server_is_asked_by_probes_only_and_serves_again_when_it_is_back) {
    Load load(*this, 8);
    ASSERT_TRUE(within(seconds(5), [this] { return source_->pool_stats().counters.requests > 200; }));
    for (const Call& call : load.take()) EXPECT_TRUE(call.good) << call.error.message;

    server_->kill_hard();
    ASSERT_TRUE(within(seconds(10), [this] { return source_->breaker().state() == BreakerStatus::open; }));
    std::this_thread::sleep_for(milliseconds(600));  // Calls that were under way come to their end.
    static_cast<void>(load.take());
    const std::uint64_t attempts_before = gate_->attempts();
    const std::uint64_t openings_before = source_->breaker().snapshot().counters.opened;
    std::this_thread::sleep_for(seconds(3));
    const std::uint64_t openings = source_->breaker().snapshot().counters.opened - openings_before;
    const std::uint64_t attempts = gate_->attempts() - attempts_before;
    // Each time that it opens again, one probe has failed; one more may be under way.
    EXPECT_GE(openings, 3U) << "it was not probed at all";
    EXPECT_LE(attempts, openings + 1) << "connection attempts beside the probes";

    std::vector<Call> turned_away;
    for (const Call& call : load.take()) {
        EXPECT_FALSE(call.good);
        EXPECT_EQ(call.error.code, ErrorCode::unavailable) << traits(call.error.code).name;
        EXPECT_LT(call.took, patience + allowed_delay);
        if (call.error.retry_after) turned_away.push_back(call);
    }
    ASSERT_GT(turned_away.size(), 1000U);
    std::sort(turned_away.begin(), turned_away.end(),
              [](const Call& a, const Call& b) { return a.took < b.took; });
    EXPECT_LT(turned_away[turned_away.size() * 99 / 100].took, milliseconds(5));

    const auto restarted = server_->restart();
    ASSERT_TRUE(restarted) << restarted.error().hint;
    ASSERT_TRUE(within(seconds(10), [this] { return source_->breaker().state() == BreakerStatus::closed; }));
    static_cast<void>(load.take());
    std::this_thread::sleep_for(seconds(1));
    const auto after = load.take();
    load.end();
    ASSERT_GT(after.size(), 100U);
    EXPECT_EQ(std::count_if(after.begin(), after.end(), [](const Call& call) { return !call.good; }), 0);
    expect_every_place();
}

TEST_F(Outage, a_network_that_stalls_cuts_or_refuses_makes_nobody_wait_and_loses_no_place) {
    using Harm = std::function<void(TcpGate&)>;
    const std::vector<std::pair<std::string, Harm>> harms{
        {"stall", [](TcpGate& gate) { gate.set_mode(TcpGate::Mode::stall); }},
        {"refuse", [](TcpGate& gate) { gate.set_mode(TcpGate::Mode::refuse), gate.cut_now(); }},
        {"cut answers at 40", [](TcpGate& gate) { gate.cut_after(TcpGate::Direction::to_client, 40); }},
        {"cut answers at 700", [](TcpGate& gate) { gate.cut_after(TcpGate::Direction::to_client, 700); }},
        {"cut requests at 30", [](TcpGate& gate) { gate.cut_after(TcpGate::Direction::to_server, 30); }},
        {"cut requests at 600", [](TcpGate& gate) { gate.cut_after(TcpGate::Direction::to_server, 600); }},
        {"slow", [](TcpGate& gate) { gate.delay(milliseconds(150)); }},
    };
    for (const auto& [name, harm] : harms) {
        SCOPED_TRACE(name);
        Load load(*this, 6);
        harm(*gate_);
        std::this_thread::sleep_for(milliseconds(1200));
        load.end();
        for (const Call& call : load.take()) {
            EXPECT_LT(call.took, patience + allowed_delay) << call.error.message;
        }
        gate_->set_mode(TcpGate::Mode::pass);
        gate_->cut_never();
        gate_->delay(milliseconds(0));
        gate_->cut_now();
        expect_every_place();
    }
}

TEST_F(Outage, a_refused_login_is_not_tried_by_every_caller) {
    driver::Target target = server_->target(driver::Access::read_only, gate_->port());
    target.password = Secret("not this one");
    source_ = start_source(std::move(target));
    const std::uint64_t before = gate_->attempts();
    {
        Load load(*this, 8);
        std::this_thread::sleep_for(seconds(2));
        load.end();
        const auto calls = load.take();
        EXPECT_GT(calls.size(), 1000U);
        for (const Call& call : calls) {
            EXPECT_FALSE(call.good);
            EXPECT_EQ(call.error.code, ErrorCode::unavailable);
        }
    }
    EXPECT_EQ(source_->breaker().state(), BreakerStatus::login_refused);
    EXPECT_LE(gate_->attempts() - before, 3U);
}

TEST_F(Outage, errors_of_callers_never_open_the_breaker) {
    for (int i = 0; i < 30; ++i) {
        EXPECT_FALSE(call(deadline_after(seconds(5)), "SELEC 1").good);
        EXPECT_FALSE(call(deadline_after(seconds(5)), "SELECT 1 / 0").good);
        EXPECT_FALSE(call(deadline_after(seconds(5)), "SELECT * FROM no_such_table").good);
    }
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(call(deadline_after(milliseconds(30)), "SELECT pg_sleep(30)").error.failure,
                  FailureClass::timeout);
    }
    EXPECT_EQ(source_->breaker().state(), BreakerStatus::closed);
    EXPECT_TRUE(call(deadline_after(seconds(5))).good);
}

TEST_F(Outage, a_full_pool_never_opens_the_breaker) {
    std::vector<source::ConnectionLease> leases;
    for (std::size_t i = 0; i < places; ++i) {
        auto lease = source_->connection(deadline_after(seconds(5)));
        ASSERT_TRUE(lease);
        leases.push_back(std::move(*lease));
    }
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(call(deadline_after(milliseconds(5))).error.code, ErrorCode::pool_timeout);
    }
    EXPECT_EQ(source_->breaker().state(), BreakerStatus::closed);
}

}  // namespace
}  // namespace majed::outage
