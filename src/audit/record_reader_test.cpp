// SPDX-License-Identifier: Apache-2.0
#include "audit/record_reader.h"

#include "audit/audit_tables_fixture.h"
#include "audit/audit_trail.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace majed::audit {
namespace {

using Ids = std::vector<std::int64_t>;

class RecordReaderTest : public ::testing::Test {
protected:
    void SetUp() override {
        auto database = driver::sqlite::Database::open(path_, driver::sqlite::OpenMode::create);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(audit_tables));
        hand_.emplace(std::move(*database));
    }
    std::unique_ptr<AuditTrail> trail() {
        auto opened = AuditTrail::open({.database_path = path_});
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    void write(std::vector<AuditRecord> records) {
        const auto open = trail();
        for (AuditRecord& record : records) {
            ASSERT_TRUE(open->append(std::move(record), Assurance::strict));
        }
    }
    void write_numbered(int count) {
        std::vector<AuditRecord> records;
        for (int i = 1; i <= count; ++i) {
            records.push_back({.event_id = "e" + std::to_string(i), .action = "query"});
        }
        write(std::move(records));
    }
    /// As another program would.
    void put_in(const std::string& columns, const std::string& values) {
        const auto done = hand_->execute("INSERT INTO audit_log (" + columns + ") VALUES (" + values + ")");
        ASSERT_TRUE(done) << done.error().message;
    }
    void put_in_at(const std::string& time) {
        put_in("event_id, phase, action, timestamp, success", "'', 'event', 'old', '" + time + "', 1");
    }
    RecordPage read(const RecordFilter& filter = {}, const PageRequest& page = {}) {
        auto reader = RecordReader::open(path_);
        EXPECT_TRUE(reader);
        auto found = reader->read(filter, page);
        EXPECT_TRUE(found) << found.error().message;
        return found ? std::move(*found) : RecordPage{};
    }
    Ids ids(const RecordFilter& filter, const PageRequest& page = {.order = RecordOrder::oldest_first}) {
        Ids found;
        for (const StoredRecord& record : read(filter, page).records) found.push_back(record.id);
        return found;
    }
    ErrorCode refusal(const RecordFilter& filter, const PageRequest& page = {}) {
        const auto found = RecordReader::open(path_)->read(filter, page);
        return found ? ErrorCode::internal : found.error().code;
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::optional<driver::sqlite::Database> hand_;
};

TEST_F(RecordReaderTest, gives_every_column_as_it_was_written) {
    write({{.phase = Phase::outcome,
            .event_id = "e1",
            .user_id = 7,
            .username = "nora",
            .role = "normal",
            .action = "query",
            .resource = "sales",
            .resource_id = "customers",
            .details = R"({"rows": 3})",
            .ip_address = "127.0.0.1",
            .user_agent = "curl/8",
            .request_id = "r1",
            .success = false,
            .error_message = "timeout: too slow"}});
    const RecordPage page = read();
    ASSERT_EQ(page.records.size(), 1U);
    EXPECT_FALSE(page.next);
    const StoredRecord& record = page.records[0];
    EXPECT_EQ(record.id, 1);
    EXPECT_EQ(record.event_id, "e1");
    EXPECT_EQ(record.phase, "outcome");
    EXPECT_EQ(record.user_id, 7);
    EXPECT_EQ(record.username, "nora");
    EXPECT_EQ(record.role, "normal");
    EXPECT_EQ(record.action, "query");
    EXPECT_EQ(record.resource, "sales");
    EXPECT_EQ(record.resource_id, "customers");
    EXPECT_EQ(record.details, R"({"rows": 3})");
    EXPECT_EQ(record.details_object, R"({"rows":3})");
    EXPECT_EQ(record.ip_address, "127.0.0.1");
    EXPECT_EQ(record.user_agent, "curl/8");
    EXPECT_EQ(record.request_id, "r1");
    EXPECT_EQ(record.timestamp.size(), std::string_view("2025-01-31T23:59:59.123456Z").size());
    EXPECT_FALSE(record.success);
    EXPECT_EQ(record.error_message, "timeout: too slow");
}

TEST_F(RecordReaderTest, keeps_what_is_absent_apart_from_what_is_empty) {
    write({{.action = "login"}});
    put_in("event_id, phase, action, resource, timestamp, success", "'', 'event', 'x', '', '2020', 1");
    const RecordPage page = read({}, {.order = RecordOrder::oldest_first});
    ASSERT_EQ(page.records.size(), 2U);
    EXPECT_FALSE(page.records[0].user_id);
    EXPECT_FALSE(page.records[0].username);
    EXPECT_FALSE(page.records[0].details);
    EXPECT_FALSE(page.records[0].details_object);
    EXPECT_FALSE(page.records[0].error_message);
    EXPECT_EQ(page.records[1].resource, "");
}

TEST_F(RecordReaderTest, takes_for_an_object_only_what_is_one) {
    for (const char* const details :
         {"'[1]'", "'7'", "'{\"a\":'", "'not json'", "x'7b7d'", "'{ \"a\" : [1, 2] }'"}) {
        put_in("event_id, phase, action, details, timestamp, success",
               std::string("'', 'event', 'x', ") + details + ", '2020', 1");
    }
    const RecordPage page = read({}, {.order = RecordOrder::oldest_first});
    ASSERT_EQ(page.records.size(), 6U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_FALSE(page.records[i].details_object) << i;
        EXPECT_TRUE(page.records[i].details) << i;
    }
    EXPECT_EQ(page.records[5].details_object, R"({"a":[1,2]})");
}

TEST_F(RecordReaderTest, pages_newest_first_and_oldest_first_miss_none_and_repeat_none) {
    write_numbered(10);
    for (const RecordOrder order : {RecordOrder::newest_first, RecordOrder::oldest_first}) {
        Ids seen;
        PageRequest request{.order = order, .limit = 3};
        int pages = 0;
        do {
            const RecordPage page = read({}, request);
            for (const StoredRecord& record : page.records) seen.push_back(record.id);
            request.after = page.next;
            ++pages;
        } while (request.after);
        EXPECT_EQ(pages, 4);
        const Ids upwards{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        EXPECT_EQ(seen, order == RecordOrder::oldest_first ? upwards : Ids(upwards.rbegin(), upwards.rend()));
    }
}

TEST_F(RecordReaderTest, says_there_is_no_next_when_the_page_ends_with_the_last) {
    write_numbered(4);
    EXPECT_EQ(read({}, {.limit = 3}).next, 2);
    EXPECT_FALSE(read({}, {.limit = 4}).next);
    EXPECT_FALSE(read({}, {.limit = 4, .after = 1}).next);
    EXPECT_TRUE(read({}, {.limit = 4, .after = 1}).records.empty());
}

TEST_F(RecordReaderTest, finds_by_each_member_of_the_filter) {
    write(
        {{.phase = Phase::intent,
          .event_id = "e1",
          .username = "nora",
          .action = "query",
          .resource = "sales"},
         {.event_id = "e2", .username = "sam", .action = "login", .request_id = "r2", .success = false},
         {.event_id = "e3", .username = "sam", .action = "query", .resource = "stock", .request_id = "r3"}});
    EXPECT_EQ(ids({}), (Ids{1, 2, 3}));
    EXPECT_EQ(ids({.action = "query"}), (Ids{1, 3}));
    EXPECT_EQ(ids({.username = "sam"}), (Ids{2, 3}));
    EXPECT_EQ(ids({.resource = "sales"}), (Ids{1}));
    EXPECT_EQ(ids({.request_id = "r3"}), (Ids{3}));
    EXPECT_EQ(ids({.event_id = "e2"}), (Ids{2}));
    EXPECT_EQ(ids({.success = false}), (Ids{2}));
    EXPECT_EQ(ids({.success = true}), (Ids{1, 3}));
    EXPECT_EQ(ids({.action = "query", .username = "sam", .resource = "stock"}), (Ids{3}));
    EXPECT_EQ(ids({.action = "query", .username = "sam", .resource = "sales"}), (Ids{}));
}

TEST_F(RecordReaderTest, finds_actions_by_their_beginning_and_takes_no_other_letter_for_a_pattern) {
    write({{.action = "user.add"}, {.action = "user.set_role"}, {.action = "userland"}, {.action = "a%b"}});
    EXPECT_EQ(ids({.action = "user.*"}), (Ids{1, 2}));
    EXPECT_EQ(ids({.action = "user*"}), (Ids{1, 2, 3}));
    EXPECT_EQ(ids({.action = "*"}), (Ids{1, 2, 3, 4}));
    EXPECT_EQ(ids({.action = "user"}), (Ids{}));
    EXPECT_EQ(ids({.action = "user_add"}), (Ids{}));
    EXPECT_EQ(ids({.action = "u%*"}), (Ids{}));
    EXPECT_EQ(ids({.action = "a%*"}), (Ids{4}));
    EXPECT_EQ(ids({.action = "USER*"}), (Ids{}));
}

TEST_F(RecordReaderTest, binds_what_it_is_given_and_finds_what_was_written_escaped) {
    const std::string hostile = "x' OR 1=1; DROP TABLE audit_log --\r\n\x1b[2J";
    write({{.username = hostile, .action = "login"}, {.username = "nora", .action = "login"}});
    EXPECT_EQ(ids({.username = hostile}), (Ids{1}));
    EXPECT_EQ(ids({.username = *read({.username = hostile}).records.at(0).username}), (Ids{1}));
    EXPECT_EQ(ids({.action = "' OR 1=1 --"}), (Ids{}));
    EXPECT_EQ(ids({.action = "') OR 1=1 --*"}), (Ids{}));
    EXPECT_EQ(ids({}), (Ids{1, 2}));
}

TEST_F(RecordReaderTest, finds_by_time_from_the_first_moment_up_to_before_the_last) {
    put_in_at("2025-01-31T10:00:00.100000Z");
    put_in_at("2025-01-31T10:00:00.123456Z");
    put_in_at("2025-01-31T10:00:00.200000Z");
    put_in_at("2025-02-01T00:00:00.000000Z");
    EXPECT_EQ(ids({.since = "2025-01-31T10:00:00.123456Z"}), (Ids{2, 3, 4}));
    EXPECT_EQ(ids({.until = "2025-01-31T10:00:00.123456Z"}), (Ids{1}));
    EXPECT_EQ(ids({.since = "2025-01-31T10:00:00.1Z", .until = "2025-01-31T10:00:00.2Z"}), (Ids{1, 2}));
    EXPECT_EQ(ids({.since = "2025-01-31", .until = "2025-02-01"}), (Ids{1, 2, 3}));
    EXPECT_EQ(ids({.since = "2025-02-01"}), (Ids{4}));
    EXPECT_EQ(ids({.since = "2025-02-01T00:00:00.000001Z"}), (Ids{}));
}

TEST_F(RecordReaderTest, finds_by_time_what_others_wrote_with_fewer_digits) {
    put_in_at("2025-01-31T10:00:00.123Z");
    put_in_at("2025-01-31 10:00:00");
    EXPECT_EQ(ids({.since = "2025-01-31T10:00:00.123Z"}), (Ids{1}));
    EXPECT_EQ(ids({.since = "2025-01-31T10:00:00.1234Z"}), (Ids{}));
    EXPECT_EQ(ids({.until = "2025-01-31T10:00:00.1234Z"}), (Ids{1, 2}));
    EXPECT_EQ(ids({.until = "2025-01-31T10:00:00.123Z"}), (Ids{2}));
    EXPECT_EQ(ids({.since = "2025-01-31T10:00:00Z"}), (Ids{1, 2}));
}

TEST_F(RecordReaderTest, refuses_limits_and_times_it_cannot_keep) {
    EXPECT_EQ(refusal({}, {.limit = 0}), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal({}, {.limit = 1001}), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal({.since = "yesterday"}), ErrorCode::invalid_argument);
    EXPECT_EQ(refusal({.until = "2025-02-30"}), ErrorCode::invalid_argument);
    EXPECT_TRUE(read({}, {.limit = 1000}).records.empty());
}

TEST_F(RecordReaderTest, reads_only_a_store_that_has_an_audit) {
    EXPECT_EQ(RecordReader::open(directory_.file("absent.db")).error().code, ErrorCode::not_found);
    const std::string other = directory_.file("other.db");
    ASSERT_TRUE(driver::sqlite::Database::open(other, driver::sqlite::OpenMode::create)
                    ->execute("CREATE TABLE t(x)"));
    EXPECT_EQ(RecordReader::open(other)->read({}, {}).error().code, ErrorCode::unavailable);
}

TEST_F(RecordReaderTest, reads_every_record_once_while_others_are_written) {
    constexpr int count = 2000;
    const auto open = trail();
    std::jthread writer([&open] {
        for (int i = 0; i < count; ++i) {
            EXPECT_TRUE(open->append({.action = "query"},
                                     i % 100 == 99 ? Assurance::strict : Assurance::best_effort));
        }
    });
    auto reader = RecordReader::open(path_);
    ASSERT_TRUE(reader);
    std::int64_t last = 0;
    while (last < count) {
        const auto page = reader->read({}, {.order = RecordOrder::oldest_first, .limit = 7, .after = last});
        ASSERT_TRUE(page) << page.error().message;
        for (const StoredRecord& record : page->records) {
            ASSERT_EQ(record.id, last + 1);
            last = record.id;
        }
    }
}

}  // namespace
}  // namespace majed::audit
