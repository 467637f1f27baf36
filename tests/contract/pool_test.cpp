// SPDX-License-Identifier: Apache-2.0
// A pool of one session, many users after each other: none meets what another left, whatever the engine.
#include "contract/contract_fixture.h"
#include "pool/connection_pool.h"

namespace majed::contract {
namespace {

using driver::TransactionMode;

class OnePlace {
public:
    explicit OnePlace(driver::Driver& driver) {
        pool::PoolOptions options;
        options.min = 0;
        options.max = 1;
        options.start = pool::StartMode::background;
        pool_ = *pool::ConnectionPool::start(options, [&driver](Deadline deadline) {
            auto opened = driver.open(deadline);
            using Opened = Result<std::unique_ptr<driver::Lendable>>;
            return opened ? Opened(std::unique_ptr<driver::Lendable>(std::move(*opened)))
                          : Opened(opened.error());
        });
    }
    [[nodiscard]] Result<pool::Lease> lease() { return pool_->acquire(soon(), "contract"); }
    [[nodiscard]] pool::ConnectionPool& pool() { return *pool_; }

private:
    std::unique_ptr<pool::ConnectionPool> pool_;
};

TEST_P(Contract, users_of_a_pool_of_one_never_meet_each_others_traces) {
    {
        const auto connection = connect();
        make_table(*connection, "shared", "a " + dialect().integer);
    }
    OnePlace place(writer());
    const std::string setting_before =
        dialect().see_setting.empty() ? "" : cell(*connect(), dialect().see_setting);
    for (int turn = 0; turn < 12; ++turn) {
        const std::string user = turn % 2 == 0 ? "alice" : "bob";
        auto lease = place.lease();
        ASSERT_TRUE(succeeds(lease));
        auto& connection = lease->as<driver::Connection>();
        EXPECT_FALSE(connection.in_transaction());
        EXPECT_EQ(cell(connection, "SELECT count(*) FROM shared"), "0");
        if (!dialect().see_client.empty()) {
            const std::string client = cell(connection, dialect().see_client);
            EXPECT_TRUE(client == "NULL" || client == "''") << user << " sees " << client;
        }
        if (!dialect().see_temporary.empty()) {
            EXPECT_FALSE(query(connection, dialect().see_temporary).has_value());
        }
        if (!dialect().see_setting.empty()) {
            EXPECT_EQ(cell(connection, dialect().see_setting), setting_before);
        }
        // And leaves what it can: by turns inside and outside of a transaction.
        ASSERT_TRUE(succeeds(connection.identify({user, "m", "a", {{"region", user}}}, soon())));
        if (turn % 3 == 0 && !dialect().create_temporary.empty()) {
            EXPECT_TRUE(succeeds(run(connection, dialect().create_temporary)));
        }
        if (turn % 4 == 1 && !dialect().change_setting.empty()) {
            EXPECT_TRUE(succeeds(run(connection, dialect().change_setting)));
        }
        ASSERT_TRUE(succeeds(connection.begin(TransactionMode::read_write, soon())));
        ASSERT_TRUE(succeeds(run(connection, insert_into("shared", 1), {std::int64_t{turn}})));
        if (turn % 5 == 2) connection.interrupt();
    }
    const pool::PoolStats stats = place.pool().stats();
    EXPECT_LE(stats.total, 1U);
    EXPECT_EQ(stats.lent, 0U);
    EXPECT_FALSE(place.pool().audit().has_value());
}

TEST_P(Contract, a_pool_replaces_a_lost_session_before_anybody_meets_it) {
    OnePlace place(writer());
    {
        auto lease = place.lease();
        ASSERT_TRUE(succeeds(lease));
        under_test().lose(lease->as<driver::Connection>());
        const auto answered = lease->as<driver::Connection>().ping(soon());
        EXPECT_TRUE(fails_with(FailureClass::lost, answered));
        lease->report(answered.error());
    }
    under_test().recover();
    const auto lease = place.lease();
    ASSERT_TRUE(succeeds(lease));
    EXPECT_EQ(cell(lease->as<driver::Connection>(), "SELECT 1" + dialect().from_nothing), "1");
    EXPECT_FALSE(place.pool().audit().has_value());
}

}  // namespace
}  // namespace majed::contract
