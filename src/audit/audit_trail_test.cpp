// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_trail.h"

#include "audit/audit_tables_fixture.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using namespace std::string_literals;

/// Every write of this process to a file fails while it lives, as on a full disk; also for root.
class FullDisk {
public:
    FullDisk() {
        previous_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit none = before_;
        none.rlim_cur = 1;
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        static_cast<void>(std::signal(SIGXFSZ, previous_handler_));
    }

private:
    rlimit before_{};
    void (*previous_handler_)(int) = SIG_DFL;
};

class AuditTrailTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto database = Database::open(path_, OpenMode::create);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(audit_tables));
        reader_.emplace(std::move(*database));
    }

    std::unique_ptr<AuditTrail> open(AuditOptions options = {}) {
        options.database_path = path_;
        options.busy_timeout = std::chrono::milliseconds(0);
        auto opened = AuditTrail::open(options);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    std::string cell(const std::string& sql) {
        auto statement = reader_->prepare(sql);
        EXPECT_TRUE(statement) << statement.error().message;
        if (!*statement->step()) return "no row";
        return statement->text(0);
    }
    std::string count(const std::string& where = "1") {
        return cell("SELECT count(*) FROM audit_log WHERE " + where);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::optional<Database> reader_;
};

TEST_F(AuditTrailTest, has_the_intent_on_disk_before_it_returns_and_the_outcome_after) {
    const auto trail = open();
    ASSERT_TRUE(
        trail->append({.phase = Phase::intent, .event_id = "e1", .action = "query"}, Assurance::strict));
    EXPECT_EQ(cell("SELECT group_concat(phase || ':' || event_id) FROM audit_log"), "intent:e1");
    ASSERT_TRUE(
        trail->append({.phase = Phase::outcome, .event_id = "e1", .action = "query"}, Assurance::strict));
    EXPECT_EQ(cell("SELECT group_concat(phase || ':' || event_id) FROM audit_log"), "intent:e1,outcome:e1");
    EXPECT_EQ(trail->stats().written, 2U);
}

TEST_F(AuditTrailTest, writes_every_field_to_its_column) {
    const auto trail = open();
    ASSERT_TRUE(trail->append({.phase = Phase::outcome,
                               .event_id = "e1",
                               .user_id = 7,
                               .username = "nora",
                               .role = "normal",
                               .action = "query",
                               .resource = "sales",
                               .resource_id = "customers",
                               .details = R"({"rows":3})",
                               .ip_address = "127.0.0.1",
                               .user_agent = "curl/8",
                               .request_id = "r1",
                               .success = false,
                               .error_message = "timeout: too slow"},
                              Assurance::strict));
    EXPECT_EQ(
        cell("SELECT concat FROM (SELECT event_id || '|' || phase || '|' || user_id || '|' || username || "
             "'|' ||"
             " role || '|' || action || '|' || resource || '|' || resource_id || '|' || details || '|' ||"
             " ip_address || '|' || user_agent || '|' || request_id || '|' || success || '|' || error_message"
             " AS concat FROM audit_log)"),
        R"(e1|outcome|7|nora|normal|query|sales|customers|{"rows":3}|127.0.0.1|curl/8|r1|0|timeout: too slow)");
    EXPECT_EQ(cell("SELECT timestamp LIKE '20__-__-__T__:__:__.______Z' FROM audit_log"), "1");
}

TEST_F(AuditTrailTest, leaves_absent_fields_null) {
    const auto trail = open();
    ASSERT_TRUE(trail->append({.action = "login"}, Assurance::strict));
    EXPECT_EQ(count("user_id IS NULL AND username IS NULL AND resource IS NULL AND error_message IS NULL"),
              "1");
}

TEST_F(AuditTrailTest, escapes_what_could_forge_a_line_and_keeps_json_readable) {
    const auto trail = open();
    ASSERT_TRUE(trail->append({.username = "x\r\nadmin\0\x1b[2J\xff"s,
                               .action = "query",
                               .details = "{\"sql\":\"a\nb\"}",
                               .user_agent = "\xE2\x80\xAE"},
                              Assurance::strict));
    EXPECT_EQ(cell("SELECT username FROM audit_log"), "x\\r\\nadmin\\u0000\\u001b[2J<0xff>");
    EXPECT_EQ(cell("SELECT json_extract(details, '$.sql') FROM audit_log"), "a\nb");
    EXPECT_EQ(cell("SELECT user_agent FROM audit_log"), "\\u202e");
}

TEST_F(AuditTrailTest, writes_best_effort_records_in_order_by_the_time_flush_returns) {
    const auto trail = open();
    for (int i = 0; i < 10000; ++i) {
        ASSERT_TRUE(
            trail->append({.event_id = std::to_string(i), .action = "query"}, Assurance::best_effort));
    }
    trail->flush();
    EXPECT_EQ(count(), "10000");
    EXPECT_EQ(count("CAST(event_id AS INTEGER) = id - 1"), "10000");
    EXPECT_EQ(trail->stats().written, 10000U);
}

TEST_F(AuditTrailTest, writes_what_is_queued_before_it_is_destroyed) {
    {
        const auto trail = open({.database_path = {}, .gather_for = std::chrono::hours(1)});
        for (int i = 0; i < 100; ++i) ASSERT_TRUE(trail->append({.action = "query"}, Assurance::best_effort));
    }
    EXPECT_EQ(count(), "100");
}

TEST_F(AuditTrailTest, fails_strict_callers_while_another_connection_holds_the_file_and_recovers) {
    const auto trail = open();
    ASSERT_TRUE(reader_->execute("BEGIN IMMEDIATE"));
    const auto refused = trail->append({.action = "query"}, Assurance::strict);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(trail->stats().failed_commits, 1U);
    EXPECT_TRUE(trail->stats().failing);
    ASSERT_TRUE(reader_->execute("ROLLBACK"));
    EXPECT_TRUE(trail->append({.action = "query"}, Assurance::strict));
    EXPECT_EQ(trail->stats().failed_commits, 1U);
    EXPECT_FALSE(trail->stats().failing);
    EXPECT_EQ(count(), "1");
}

TEST_F(AuditTrailTest, fails_strict_callers_while_the_disk_is_full_and_recovers) {
    const auto trail = open();
    {
        const FullDisk full;
        const auto refused = trail->append({.action = "query"}, Assurance::strict);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    }
    EXPECT_TRUE(trail->append({.action = "query"}, Assurance::strict));
    EXPECT_EQ(count(), "1");
    EXPECT_EQ(trail->stats().written, 1U);
}

TEST_F(AuditTrailTest, counts_best_effort_records_lost_to_a_failed_commit_and_tells_of_the_gap) {
    const auto trail = open();
    ASSERT_TRUE(reader_->execute("BEGIN IMMEDIATE"));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(trail->append({.action = "query"}, Assurance::best_effort));
    trail->flush();
    EXPECT_EQ(trail->stats().dropped, 3U);
    ASSERT_TRUE(reader_->execute("ROLLBACK"));
    ASSERT_TRUE(trail->append({.action = "query"}, Assurance::strict));
    EXPECT_EQ(cell("SELECT details FROM audit_log WHERE action = 'audit.gap'"), R"({"dropped":3})");
    EXPECT_EQ(count("action = 'audit.gap' AND NOT success"), "1");
    EXPECT_EQ(count("action = 'query'"), "1");
}

TEST_F(AuditTrailTest, drops_past_a_full_queue_and_leaves_a_gap_record_with_the_count) {
    // The writer gathers for an hour, so nothing leaves the queue before the flush.
    const auto trail = open({.database_path = {}, .max_queued = 10, .gather_for = std::chrono::hours(1)});
    for (int i = 0; i < 15; ++i) EXPECT_TRUE(trail->append({.action = "query"}, Assurance::best_effort));
    EXPECT_EQ(trail->stats().dropped, 5U);
    EXPECT_EQ(trail->append({.action = "query"}, Assurance::strict).error().code, ErrorCode::overloaded);
    trail->flush();
    EXPECT_EQ(count("action = 'query'"), "10");
    EXPECT_EQ(cell("SELECT details FROM audit_log WHERE action = 'audit.gap'"), R"({"dropped":5})");
    ASSERT_TRUE(trail->append({.action = "query"}, Assurance::strict));
    EXPECT_EQ(count("action = 'audit.gap'"), "1");  // Told once.
}

TEST_F(AuditTrailTest, tells_of_the_last_gap_when_it_is_destroyed) {
    {
        const auto trail = open();
        ASSERT_TRUE(reader_->execute("BEGIN IMMEDIATE"));
        EXPECT_TRUE(trail->append({.action = "query"}, Assurance::best_effort));
        trail->flush();
        ASSERT_TRUE(reader_->execute("ROLLBACK"));
    }
    EXPECT_EQ(cell("SELECT details FROM audit_log"), R"({"dropped":1})");
}

TEST_F(AuditTrailTest, fails_only_the_record_that_the_table_refuses) {
    ASSERT_TRUE(
        reader_->execute("CREATE TRIGGER no_bad BEFORE INSERT ON audit_log WHEN NEW.action = 'bad'"
                         " BEGIN SELECT RAISE(ABORT, 'bad'); END"));
    const auto trail = open({.database_path = {}, .gather_for = std::chrono::hours(1)});
    EXPECT_TRUE(trail->append({.action = "good"}, Assurance::best_effort));
    EXPECT_TRUE(trail->append({.action = "bad"}, Assurance::best_effort));
    EXPECT_EQ(trail->append({.action = "bad"}, Assurance::strict).error().code, ErrorCode::unavailable);
    EXPECT_EQ(count("action = 'good'"), "1");
    EXPECT_EQ(trail->stats().dropped, 1U);
}

TEST_F(AuditTrailTest, serves_many_threads_without_losing_or_repeating_a_record) {
    const auto trail = open();
    constexpr int each = 200;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&trail, t] {
                for (int i = 0; i < each; ++i) {
                    const std::string id = std::to_string(t * each + i);
                    EXPECT_TRUE(trail->append({.phase = Phase::intent, .event_id = id, .action = "query"},
                                              i % 4 == 0 ? Assurance::strict : Assurance::best_effort));
                    EXPECT_TRUE(trail->append({.phase = Phase::outcome, .event_id = id, .action = "query"},
                                              Assurance::best_effort));
                }
            });
        }
    }
    trail->flush();
    EXPECT_EQ(count(), std::to_string(8 * each * 2));
    EXPECT_EQ(
        cell("SELECT count(*) FROM audit_log i JOIN audit_log o ON o.event_id = i.event_id AND o.id > i.id"
             " WHERE i.phase = 'intent' AND o.phase = 'outcome'"),
        std::to_string(8 * each));
    EXPECT_EQ(trail->stats().dropped, 0U);
}

TEST_F(AuditTrailTest, opens_only_over_a_primary_store) {
    EXPECT_EQ(AuditTrail::open({.database_path = directory_.file("absent.db")}).error().code,
              ErrorCode::not_found);
    const std::string other = directory_.file("other.db");
    ASSERT_TRUE(Database::open(other, OpenMode::create)->execute("CREATE TABLE t(x)"));
    EXPECT_EQ(AuditTrail::open({.database_path = other}).error().code, ErrorCode::unavailable);
}

TEST_F(AuditTrailTest, says_the_assurance_configured_for_reads) {
    EXPECT_EQ(open()->read_assurance(), Assurance::best_effort);
    EXPECT_EQ(open({.database_path = {}, .reads = Assurance::strict})->read_assurance(), Assurance::strict);
}

}  // namespace
}  // namespace majed::audit
