// SPDX-License-Identifier: Apache-2.0
#include "telemetry/log.h"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>
#include <vector>

namespace majed::telemetry {
namespace {

using namespace std::string_view_literals;

const auto when = std::chrono::system_clock::time_point(std::chrono::microseconds(1'738'367'999'123'456));

TEST(LogLine, is_one_json_object_with_time_level_message_and_fields) {
    const std::vector<LogField> fields{
        {"source", "sales"sv}, {"rows", std::int64_t{42}}, {"ok", true}, {"ms", 1.5}};
    EXPECT_EQ(format_line(LogFormat::json, when, LogLevel::info, "ran", fields),
              R"({"time":"2025-01-31T23:59:59.123456Z","level":"info","message":"ran",)"
              R"("source":"sales","rows":42,"ok":true,"ms":1.5})");
}

TEST(LogLine, is_logfmt_with_quotes_where_needed) {
    const std::vector<LogField> fields{
        {"user", "nora"sv}, {"text", "a b"sv}, {"empty", ""sv}, {"pair", "a=b"sv}};
    EXPECT_EQ(
        format_line(LogFormat::logfmt, when, LogLevel::warning, "slow query", fields),
        R"(time=2025-01-31T23:59:59.123456Z level=warning message="slow query" user=nora text="a b" empty="" pair="a=b")");
}

TEST(LogLine, cannot_be_forged_by_a_value) {
    const std::vector<LogField> fields{{"user", "x\n{\"level\":\"error\"}\",\"admin\":\"\\"sv}};
    EXPECT_EQ(format_line(LogFormat::json, when, LogLevel::info, "m", fields),
              R"({"time":"2025-01-31T23:59:59.123456Z","level":"info","message":"m",)"
              R"("user":"x\n{\"level\":\"error\"}\",\"admin\":\"\\"})");
    const std::vector<LogField> forged{{"user", "x level=error"sv}};
    EXPECT_EQ(format_line(LogFormat::logfmt, when, LogLevel::info, "m", forged),
              R"(time=2025-01-31T23:59:59.123456Z level=info message=m user="x level=error")");
}

TEST(LogLine, stays_json_when_a_number_is_none) {
    const std::vector<LogField> fields{{"ratio", std::numeric_limits<double>::quiet_NaN()}};
    EXPECT_NE(format_line(LogFormat::json, when, LogLevel::info, "m", fields).find(R"("ratio":"nan"})"),
              std::string::npos);
}

TEST(Log, writes_at_and_above_its_level_only) {
    std::ostringstream out;
    Log log({.level = LogLevel::warning, .stream = &out});
    log.info("quiet");
    log.warning("loud", {{"source", "sales"sv}});
    log.error("louder {} %v");
    EXPECT_EQ(out.str().find("quiet"), std::string::npos);
    EXPECT_NE(out.str().find("message=loud source=sales\n"), std::string::npos);
    EXPECT_NE(out.str().find("message=\"louder {} %v\"\n"), std::string::npos);
}

TEST(Log, does_not_mix_the_lines_of_threads) {
    std::ostringstream out;
    {
        Log log({.format = LogFormat::json, .stream = &out});
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&log] {
                for (int i = 0; i < 100; ++i) log.info("line", {{"n", std::int64_t{i}}});
            });
        }
    }
    std::istringstream lines(out.str());
    std::string line;
    int count = 0;
    while (std::getline(lines, line)) {
        EXPECT_TRUE(line.starts_with("{\"time\":") && line.ends_with("}")) << line;
        ++count;
    }
    EXPECT_EQ(count, 400);
}

TEST(LogNames, are_read_back_and_nothing_else_is) {
    EXPECT_EQ(log_level_from("warning"), LogLevel::warning);
    EXPECT_EQ(log_level_from(to_string(LogLevel::off)), LogLevel::off);
    EXPECT_FALSE(log_level_from("WARN"));
    EXPECT_EQ(log_format_from("json"), LogFormat::json);
    EXPECT_FALSE(log_format_from("xml"));
}

}  // namespace
}  // namespace majed::telemetry
