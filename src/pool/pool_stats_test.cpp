// SPDX-License-Identifier: Apache-2.0
#include "pool/pool_stats.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace majed::pool {
namespace pool_stats_test {

using namespace std::chrono_literals;

TEST(DurationHistogram, keeps_count_sum_and_longest) {
    DurationHistogram histogram;
    histogram.record(1us);
    histogram.record(3ms, 4);
    histogram.record(-5ms);
    EXPECT_EQ(histogram.count(), 6U);
    EXPECT_EQ(histogram.sum(), 1us + 12ms);
    EXPECT_EQ(histogram.max(), 3ms);
    EXPECT_EQ(histogram.mean(), std::chrono::nanoseconds(1us + 12ms) / 6);
}

TEST(DurationHistogram, answers_quantiles_by_the_end_of_a_bucket_but_never_more_than_the_longest) {
    DurationHistogram histogram;
    EXPECT_EQ(histogram.quantile(0.99), 0ns);
    for (int i = 0; i < 99; ++i) histogram.record(10us);
    histogram.record(50ms);
    EXPECT_GE(histogram.quantile(0.5), 10us);
    EXPECT_LE(histogram.quantile(0.5), 20us);
    EXPECT_LE(histogram.quantile(0.99), 20us);
    EXPECT_EQ(histogram.quantile(1.0), 50ms);
}

TEST(DurationHistogram, puts_what_has_no_bucket_into_the_last) {
    DurationHistogram histogram;
    histogram.record(1000h);
    EXPECT_EQ(histogram.buckets().back(), 1U);
    EXPECT_EQ(histogram.quantile(0.5), 1000h);
}

TEST(PoolMetrics, are_these) {
    std::string names;
    for (const PoolMetric& metric : pool_metrics()) {
        names += std::string(metric.name);
        if (!metric.label.empty()) names += "{" + std::string(metric.label) + "}";
        names += "\n";
        EXPECT_NE(metric.read == nullptr, metric.histogram == nullptr) << metric.name;
    }
    EXPECT_EQ(names, R"(db.client.connection.count{state=idle}
db.client.connection.count{state=used}
db.client.connection.idle.min
db.client.connection.idle.max
db.client.connection.max
db.client.connection.pending_requests
db.client.connection.timeouts
db.client.connection.create_time
db.client.connection.wait_time
db.client.connection.use_time
majed.pool.requests
majed.pool.requests.direct
majed.pool.requests.waited
majed.pool.requests.rejected
majed.pool.requests.failed
majed.pool.requests.cancelled
majed.pool.sessions.opened
majed.pool.sessions.open_failures
majed.pool.sessions.opening
majed.pool.sessions.leaked
majed.pool.sessions.leaks
majed.pool.sessions.validations
majed.pool.sessions.keepalives
majed.pool.sessions.closed{reason=broken}
majed.pool.sessions.closed{reason=invalid}
majed.pool.sessions.closed{reason=max_lifetime}
majed.pool.sessions.closed{reason=idle}
majed.pool.sessions.closed{reason=renewed}
majed.pool.sessions.closed{reason=shrunk}
majed.pool.sessions.closed{reason=shutdown}
majed.pool.queue.longest
majed.pool.events.dropped
)");
}

TEST(PoolMetrics, read_what_they_name) {
    PoolStats stats;
    stats.idle = 3;
    stats.lent = 2;
    stats.counters.closed[static_cast<std::size_t>(CloseReason::renewed)] = 7;
    for (const PoolMetric& metric : pool_metrics()) {
        if (metric.read == nullptr) continue;
        const double expected = metric.label == "state=idle"       ? 3.0
                                : metric.label == "state=used"     ? 2.0
                                : metric.label == "reason=renewed" ? 7.0
                                                                   : 0.0;
        EXPECT_EQ(metric.read(stats), expected) << metric.name << metric.label;
    }
}

}  // namespace pool_stats_test
}  // namespace majed::pool
