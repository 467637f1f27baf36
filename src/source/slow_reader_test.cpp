// SPDX-License-Identifier: Apache-2.0
// How a statement is counted whose answer is read slowly.
#include "source/source_fixture.h"

#include "driver/sqlite/governed_session_fixture.h"

#include <gtest/gtest.h>

#include <memory>

namespace majed::source {
namespace {

using driver::sqlite::authorized;
using driver::sqlite::GuardedSource;

constexpr std::chrono::milliseconds slow{200};

/// Keeps the session waiting for longer than a slow call takes, once.
class SlowReader final : public driver::RowSink {
public:
    Result<void> row(std::span<const ValueView> cells) override {
        static_cast<void>(cells);
        const auto until = SteadyClock::now() + slow + slow;
        while (SteadyClock::now() < until && rows == 0) {
        }
        ++rows;
        return {};
    }
    int rows = 0;
};

class SlowReaderTest : public testing::Test {
protected:
    SlowReaderTest() {
        SourceOptions options;
        options.name = "sales";
        options.pool.min = 0;
        options.breaker.window = pool::WindowKind::calls;
        options.breaker.minimum_calls = 1;
        options.breaker.slow_call_duration = slow;
        source_ = *start_sqlite(std::move(options), database_.path());
        source_->install_guard(std::make_shared<const driver::GuardSet>(GuardedSource::guard()));
    }

    Result<driver::RunSummary> run(const driver::RunLimits& limits, SlowReader& reader) {
        auto lease = source_->lease(Deadline::max());
        EXPECT_TRUE(lease) << lease.error().message;
        return lease->run(authorized("SELECT title FROM mvq7f3_departments"), {}, {}, limits, reader);
    }

    GuardedSource database_;
    std::unique_ptr<Source> source_;
};

TEST_F(SlowReaderTest, a_reader_that_takes_its_time_does_not_make_the_database_slow) {
    SlowReader reader;
    const auto ran = run({}, reader);
    ASSERT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(reader.rows, 2);
    EXPECT_EQ(source_->breaker().state(), pool::BreakerStatus::closed);
    EXPECT_EQ(source_->breaker().snapshot().counters.slow, 0U);
}

TEST_F(SlowReaderTest, a_reader_that_lets_the_deadline_pass_does_not_either) {
    SlowReader reader;
    driver::RunLimits limits;
    limits.deadline = SteadyClock::now() + slow;
    const auto ran = run(limits, reader);
    if (!ran) {
        EXPECT_EQ(ran.error().failure, FailureClass::timeout);
    }
    EXPECT_EQ(source_->breaker().state(), pool::BreakerStatus::closed);
    EXPECT_EQ(source_->breaker().snapshot().counters.slow, 0U);
}

}  // namespace
}  // namespace majed::source
