// SPDX-License-Identifier: Apache-2.0
#include "source/health_connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>

namespace majed::source {
namespace {

using namespace std::chrono_literals;

const Error gone{.code = ErrorCode::unavailable, .message = "gone", .failure = FailureClass::lost};

/// A database of which every call can be made to fail.
struct Server {
    int opened = 0;
    int closed = 0;
    bool refuses = false;
    bool silent = false;
    bool leaves_doubt = false;
    std::atomic<int> interrupted{0};
    std::binary_semaphore* pinging = nullptr;
    std::binary_semaphore* released = nullptr;
};

class Line : public driver::Lendable {
public:
    explicit Line(Server& server) : server_(server) { ++server_.opened; }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() override { ++server_.closed; }

    Result<void> ping(Deadline) override {
        if (server_.pinging != nullptr) {
            server_.pinging->release();
            server_.released->acquire();
        }
        if (server_.silent) {
            return gone;
        }
        return {};
    }
    Result<void> reset(Deadline) override { return {}; }
    void interrupt() noexcept override {
        ++server_.interrupted;
        if (server_.released != nullptr) {
            server_.released->release();
        }
    }
    bool reusable() const noexcept override { return !server_.leaves_doubt; }
    void abandon() noexcept override {}

private:
    Server& server_;
};

HealthConnection::Open opening(Server& server) {
    return [&server](Deadline) -> Result<std::unique_ptr<driver::Lendable>> {
        if (server.refuses) {
            return gone;
        }
        return std::unique_ptr<driver::Lendable>(std::make_unique<Line>(server));
    };
}

const Deadline far = Deadline::max();

TEST(HealthConnection, opens_once_and_stays) {
    Server server;
    HealthConnection connection(opening(server));
    EXPECT_TRUE(connection.check(CheckKind::routine, far));
    const auto took = connection.check(CheckKind::routine, far);
    ASSERT_TRUE(took);
    EXPECT_GE(*took, 0ns);
    EXPECT_EQ(server.opened, 1);
    EXPECT_EQ(server.closed, 0);
}

TEST(HealthConnection, comes_in_by_the_door_to_probe) {
    Server server;
    HealthConnection connection(opening(server));
    ASSERT_TRUE(connection.check(CheckKind::routine, far));
    ASSERT_TRUE(connection.check(CheckKind::probe, far));
    EXPECT_EQ(server.opened, 2);
    EXPECT_EQ(server.closed, 1);
    server.refuses = true;
    EXPECT_FALSE(connection.check(CheckKind::probe, far))
        << "an old connection that still works proves nothing";
}

TEST(HealthConnection, is_opened_anew_after_whatever_failed) {
    Server server;
    HealthConnection connection(opening(server));
    server.refuses = true;
    EXPECT_EQ(connection.check(CheckKind::routine, far).error(), gone);
    server.refuses = false;
    server.silent = true;
    EXPECT_EQ(connection.check(CheckKind::routine, far).error(), gone);
    EXPECT_EQ(server.closed, 1);
    server.silent = false;
    server.leaves_doubt = true;
    EXPECT_TRUE(connection.check(CheckKind::routine, far));
    EXPECT_EQ(server.closed, 2);
    server.leaves_doubt = false;
    EXPECT_TRUE(connection.check(CheckKind::routine, far));
    EXPECT_EQ(server.opened, 3);
}

TEST(HealthConnection, ends_a_check_under_way_and_all_to_come) {
    std::binary_semaphore pinging(0);
    std::binary_semaphore released(0);
    Server server;
    server.pinging = &pinging;
    server.released = &released;
    server.silent = true;
    HealthConnection connection(opening(server));
    std::jthread checking([&] { EXPECT_FALSE(connection.check(CheckKind::routine, far)); });
    pinging.acquire();
    connection.interrupt();
    checking.join();
    EXPECT_EQ(server.interrupted, 1);
    EXPECT_EQ(connection.check(CheckKind::routine, far).error().failure, FailureClass::cancelled);
    EXPECT_EQ(server.opened, 1);
    EXPECT_EQ(server.closed, 1);
}

TEST(HealthConnection, does_not_keep_what_was_opened_while_it_ended) {
    Server server;
    HealthConnection* itself = nullptr;
    const auto open = opening(server);
    HealthConnection connection([&](Deadline deadline) {
        itself->interrupt();
        return open(deadline);
    });
    itself = &connection;
    EXPECT_EQ(connection.check(CheckKind::routine, far).error().code, ErrorCode::cancelled);
    EXPECT_EQ(server.opened, 1);
    EXPECT_EQ(server.closed, 1);
}

}  // namespace
}  // namespace majed::source
