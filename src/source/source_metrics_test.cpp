// SPDX-License-Identifier: Apache-2.0
#include "source/source_metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <vector>

namespace majed::source {
namespace {

std::vector<SourceCounts> two_sources() {
    SourceCounts sales;
    sales.source = "sales";
    sales.pool.idle = 3;
    sales.pool.lent = 2;
    sales.pool.counters.requests = 12;
    sales.pool.wait_time.record(std::chrono::microseconds(3));
    sales.pool.wait_time.record(std::chrono::seconds(2));
    sales.breaker.status = pool::BreakerStatus::open;
    sales.breaker.counters.rejected = 7;
    SourceCounts odd;
    odd.source = "o\"d\\d";
    return {sales, odd};
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(SourceMetrics, of_pools_and_breakers_carry_their_source) {
    const std::string text = metrics_text(two_sources());
    EXPECT_TRUE(has_line(text, "db_client_connection_count{source=\"sales\",state=\"idle\"} 3")) << text;
    EXPECT_TRUE(has_line(text, "db_client_connection_count{source=\"sales\",state=\"used\"} 2"));
    EXPECT_TRUE(has_line(text, "majed_pool_requests_total{source=\"sales\"} 12"));
    EXPECT_TRUE(has_line(text, "majed_breaker_calls_total{source=\"sales\",outcome=\"rejected\"} 7"));
    EXPECT_TRUE(has_line(text, "majed_breaker_state{source=\"sales\",state=\"open\"} 1"));
    EXPECT_TRUE(has_line(text, "majed_breaker_state{source=\"sales\",state=\"closed\"} 0"));
    EXPECT_TRUE(has_line(text, "majed_pool_requests_total{source=\"o\\\"d\\\\d\"} 0"));
}

TEST(SourceMetrics, of_durations_are_cumulative_histograms_in_seconds) {
    const std::string text = metrics_text(two_sources());
    const std::string name = "db_client_connection_wait_time_seconds";
    EXPECT_TRUE(has_line(text, "# TYPE " + name + " histogram"));
    EXPECT_TRUE(has_line(text, name + "_bucket{source=\"sales\",le=\"4.096e-06\"} 1")) << text;
    EXPECT_TRUE(has_line(text, name + "_bucket{source=\"sales\",le=\"+Inf\"} 2"));
    EXPECT_TRUE(has_line(text, name + "_sum{source=\"sales\"} 2.000003"));
    EXPECT_TRUE(has_line(text, name + "_count{source=\"sales\"} 2"));
}

TEST(SourceMetrics, announce_each_family_once_before_its_samples) {
    std::istringstream lines(metrics_text(two_sources()));
    std::set<std::string> announced;
    std::string current;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) {
            current = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(announced.insert(current).second) << current;
        } else {
            EXPECT_TRUE(line.starts_with(current)) << line;
        }
    }
    EXPECT_GT(announced.size(), 20U);
}

}  // namespace
}  // namespace majed::source
