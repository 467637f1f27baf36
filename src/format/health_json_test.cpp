// SPDX-License-Identifier: Apache-2.0
#include "format/health_json.h"

#include <gtest/gtest.h>

#include <string>

namespace majed::format {
namespace {

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string json_of(const HealthCheck& check) {
    return health_json({.status = HealthLevel::pass, .checks = {check}});
}

TEST(HealthJson, answers_2xx_for_pass_and_warn_and_5xx_for_fail) {
    EXPECT_EQ(http_status(HealthLevel::pass), 200);
    EXPECT_EQ(http_status(HealthLevel::warn), 200);
    EXPECT_EQ(http_status(HealthLevel::fail), 503);
}

TEST(HealthJson, has_the_media_type_of_the_draft) {
    EXPECT_EQ(health_media_type, "application/health+json");
}

TEST(HealthJson, tells_callers_without_rights_the_status_only) {
    EXPECT_EQ(minimal_health_json(HealthLevel::pass), R"({"status":"pass"})");
    EXPECT_EQ(minimal_health_json(HealthLevel::warn), R"({"status":"warn"})");
    EXPECT_EQ(minimal_health_json(HealthLevel::fail), R"({"status":"fail"})");
}

TEST(HealthJson, of_nothing_is_still_whole_and_fails_closed) {
    EXPECT_EQ(health_json({}), R"({"status":"fail","checks":{},"overall_status":"degraded",)"
                               R"("databases":{},"circuit_breakers":{}})");
}

TEST(HealthJson, writes_a_check_as_the_draft_has_it) {
    const std::string text = json_of({.component = "sales",
                                      .measurement = "responseTime",
                                      .value = 2.5,
                                      .unit = "ms",
                                      .status = HealthLevel::warn,
                                      .time = "2026-01-02T03:04:05Z",
                                      .output = "slow"});
    EXPECT_TRUE(holds(text,
                      R"("checks":{"sales:responseTime":[{"componentId":"sales","componentType":"datastore",)"
                      R"("observedValue":2.5,"observedUnit":"ms","status":"warn",)"
                      R"("time":"2026-01-02T03:04:05Z","output":"slow"}]})"))
        << text;
}

TEST(HealthJson, leaves_out_the_output_of_what_passes) {
    const std::string text =
        health_json({.status = HealthLevel::pass,
                     .output = "secret of the house",
                     .checks = {{.component = "a", .measurement = "b", .output = "noise"}}});
    EXPECT_FALSE(holds(text, "output")) << text;
    EXPECT_FALSE(holds(text, "observedValue")) << text;
}

TEST(HealthJson, keeps_several_measurements_of_one_key_together) {
    const std::string text =
        health_json({.status = HealthLevel::pass,
                     .checks = {{.component = "a", .measurement = "x", .value = std::int64_t{1}},
                                {.component = "b", .measurement = "x", .value = std::string("open")},
                                {.component = "a", .measurement = "x", .value = std::int64_t{2}}}});
    EXPECT_TRUE(
        holds(text, R"("a:x":[{"componentId":"a","componentType":"datastore","observedValue":1,)"
                    R"("status":"pass"},{"componentId":"a","componentType":"datastore","observedValue":2,)"))
        << text;
    EXPECT_TRUE(
        holds(text, R"("b:x":[{"componentId":"b","componentType":"datastore","observedValue":"open")"))
        << text;
}

TEST(HealthJson, has_one_colon_in_a_key) {
    EXPECT_TRUE(holds(json_of({.component = "a:b", .measurement = "c:d"}), R"("a.b:c.d":[)"));
}

TEST(HealthJson, has_the_databases_of_the_specification) {
    const std::string text = health_json(
        {.status = HealthLevel::fail,
         .timestamp = "2026-01-02T03:04:05Z",
         .databases = {
             {.name = "sales",
              .status = "healthy",
              .response_time_ms = 1.25,
              .connection_test = "passed",
              .timestamp = "2026-01-02T03:04:00Z"},
             {.name = "ledger", .status = "unhealthy", .connection_test = "failed", .error = "lost"}}});
    EXPECT_TRUE(holds(text,
                      R"("overall_status":"degraded","timestamp":"2026-01-02T03:04:05Z","databases":{)"
                      R"("sales":{"status":"healthy","response_time_ms":1.25,"connection_test":"passed",)"
                      R"("timestamp":"2026-01-02T03:04:00Z"},)"
                      R"("ledger":{"status":"unhealthy","connection_test":"failed","error":"lost"}})"))
        << text;
}

TEST(HealthJson, has_the_circuit_breakers_of_the_specification) {
    const std::string text =
        health_json({.status = HealthLevel::pass,
                     .circuit_breakers = {
                         {.name = "sales", .state = "CLOSED", .failure_threshold = 3, .timeout_seconds = 30},
                         {.name = "ledger",
                          .state = "OPEN",
                          .failure_count = 5,
                          .last_failure_time = "2026-01-02T03:04:00Z",
                          .failure_threshold = 5,
                          .timeout_seconds = 60,
                          .retry_after_seconds = 12.5,
                          .cause = "lost",
                          .reason = "failures_in_a_row"}}});
    EXPECT_TRUE(holds(text,
                      R"("circuit_breakers":{"sales":{"state":"CLOSED","failure_count":0,"success_count":0,)"
                      R"("last_failure_time":null,"failure_threshold":3,"timeout_seconds":30.0},)"
                      R"("ledger":{"state":"OPEN","failure_count":5,"success_count":0,)"
                      R"("last_failure_time":"2026-01-02T03:04:00Z","failure_threshold":5,)"
                      R"("timeout_seconds":60.0,"retry_after_seconds":12.5,"cause":"lost",)"
                      R"("reason":"failures_in_a_row"}})"))
        << text;
}

TEST(HealthJson, is_healthy_only_when_everything_passes) {
    EXPECT_TRUE(holds(health_json({.status = HealthLevel::pass}), R"("overall_status":"healthy")"));
    EXPECT_TRUE(holds(health_json({.status = HealthLevel::warn}), R"("overall_status":"degraded")"));
}

TEST(HealthJson, carries_version_and_release) {
    EXPECT_TRUE(
        health_json(
            {.status = HealthLevel::pass, .version = "1", .release_id = "1.2.3", .description = "gateway"})
            .starts_with(R"({"status":"pass","version":"1","releaseId":"1.2.3","description":"gateway",)"));
}

TEST(HealthJson, escapes_whatever_names_and_errors_hold) {
    const std::string text =
        health_json({.status = HealthLevel::fail,
                     .databases = {{.name = "a\"b", .status = "unhealthy", .error = "x\n\xff"}}});
    EXPECT_TRUE(holds(text, R"("a\"b":{"status":"unhealthy","error":"x\n)"
                            "\xEF\xBF\xBD\"}"))
        << text;
}

}  // namespace
}  // namespace majed::format
