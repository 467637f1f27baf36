// SPDX-License-Identifier: Apache-2.0
#include "audit/record_purge.h"

#include "audit/audit_tables_fixture.h"
#include "audit/purge_order.h"
#include "audit/record_reader.h"
#include "audit/record_time.h"
#include "audit/trail_verification.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;
using std::chrono::hours;

constexpr hours day{24};

std::shared_ptr<const crypto::SigningKey> purge_key(char letter) {
    auto key = crypto::SigningKey::from_seed(Secret(std::string(32, letter)));
    EXPECT_TRUE(key);
    return std::make_shared<const crypto::SigningKey>(std::move(*key));
}

/// What is written is old: a purge is asked for as if many years had gone by.
class RecordPurge : public ::testing::Test {
protected:
    void SetUp() override {
        auto database = Database::open(path_, OpenMode::create);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(std::string(audit_tables) + std::string(audit_purge_trigger)));
        hand_.emplace(std::move(*database));
    }
    std::unique_ptr<AuditTrail> open() {
        auto opened = AuditTrail::open(
            {.database_path = path_, .signing_key = key_, .heads_path = heads_, .sign_every = hours(1)});
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    /// Each call is a life of the program, and ends with a head.
    void write(int records) {
        const auto trail = open();
        for (int i = 0; i < records; ++i) {
            ASSERT_TRUE(trail->append({.event_id = "e" + std::to_string(++written_), .action = "test"},
                                      Assurance::strict));
        }
    }
    [[nodiscard]] PurgeOptions options() const {
        return {.database_path = path_,
                .signing_key = key_,
                .older_than = 100 * day,
                .batch = 2,
                .pause = std::chrono::milliseconds(0)};
    }
    Result<PurgeReport> purge(const PurgeOptions& asked) {
        return purge_records(*open(), asked, much_later_);
    }
    PurgeReport purge() {
        auto report = purge(options());
        EXPECT_TRUE(report) << report.error().message;
        return report ? std::move(*report) : PurgeReport{};
    }
    /// As somebody who has the file, not as the program.
    void tamper(const std::string& sql) {
        const auto done = hand_->execute("DROP TRIGGER IF EXISTS audit_log_is_deleted_by_purges_only;" + sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    std::string cell(const std::string& sql) {
        auto statement = hand_->prepare(sql);
        EXPECT_TRUE(statement) << sql;
        EXPECT_TRUE(*statement->step()) << sql;
        return statement->text(0);
    }
    std::string ids() { return cell("SELECT coalesce(group_concat(id), '') FROM audit_log"); }
    VerificationReport verify() {
        auto report = verify_trail({path_, heads_, key_->verifying_key()});
        EXPECT_TRUE(report) << report.error().message;
        return report ? std::move(*report) : VerificationReport{};
    }
    void expect_finding(std::optional<std::int64_t> first, std::string_view words) {
        const VerificationReport report = verify();
        ASSERT_TRUE(report.finding) << "nothing was found: " << words;
        EXPECT_EQ(report.finding->record_id, first) << report.finding->what;
        EXPECT_NE(report.finding->what.find(words), std::string::npos) << report.finding->what;
    }
    /// A row that says what a purge says, with a signature or without.
    void forge_purge(std::int64_t through, const std::string& event, const std::string& signature) {
        const auto done = open()->append(
            {.phase = Phase::intent,
             .event_id = event,
             .action = std::string(purge_action),
             .resource = std::string(purge_resource),
             .resource_id = std::to_string(through),
             .details = R"({"before":"2025-01-01T00:00:00.000000Z","signature":")" + signature + "\"}"},
            Assurance::strict);
        ASSERT_TRUE(done);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::string heads_ = directory_.file("majed.heads");
    std::shared_ptr<const crypto::SigningKey> key_ = purge_key('k');
    std::optional<Database> hand_;
    std::chrono::system_clock::time_point much_later_ = parse_time("2090-01-01").value();
    int written_ = 0;
};

TEST_F(RecordPurge, takes_what_is_older_keeps_its_leaves_and_is_recorded_itself) {
    write(5);
    const PurgeReport report = purge();
    EXPECT_EQ(report.through, 5);
    EXPECT_EQ(report.records, 5U);
    EXPECT_TRUE(report.complete);
    EXPECT_EQ(ids(), "6,7");
    EXPECT_EQ(cell("SELECT count(*) FROM audit_leaves"), "7");
    EXPECT_EQ(cell("SELECT group_concat(action || ' ' || phase || ' ' || resource_id || ' ' || success, ', ')"
                   " FROM audit_log"),
              "audit.purge intent 5 1, audit.purge outcome 5 1");
    EXPECT_EQ(cell("SELECT json_extract(details, '$.records') FROM audit_log WHERE id = 7"), "5");
    const VerificationReport found = verify();
    EXPECT_FALSE(found.finding) << found.finding->what;
    EXPECT_EQ(found.purged, 5U);
    EXPECT_EQ(found.records, 2U);
    EXPECT_EQ(found.interrupted, 0U);
}

TEST_F(RecordPurge, takes_nothing_that_is_young_enough_or_behind_something_that_is) {
    write(4);
    PurgeOptions ever = options();
    ever.older_than = longest_retention;
    const auto kept = purge(ever);
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(kept->through, 0);
    EXPECT_EQ(ids(), "1,2,3,4") << "not even a record of its own";
    tamper(
        "CREATE TABLE old AS SELECT * FROM audit_log WHERE id = 3;"
        "UPDATE audit_log SET timestamp = '2099-01-01 00:00:00' WHERE id = 3");
    const auto planned = plan_purge(options(), much_later_);
    ASSERT_TRUE(planned);
    EXPECT_EQ(planned->through, 2);
    EXPECT_EQ(planned->records, 2U);
    EXPECT_EQ(ids(), "1,2,3,4");
}

TEST_F(RecordPurge, refuses_less_than_thirty_days_and_what_it_cannot_sign) {
    write(1);
    for (const std::chrono::milliseconds span :
         {std::chrono::milliseconds(0), std::chrono::milliseconds(-1), std::chrono::milliseconds::min(),
          std::chrono::milliseconds::max(),
          std::chrono::milliseconds(30 * day) - std::chrono::milliseconds(1)}) {
        PurgeOptions asked = options();
        asked.older_than = span;
        const auto refused = purge(asked);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
    PurgeOptions unsigned_one = options();
    unsigned_one.signing_key = nullptr;
    EXPECT_FALSE(purge(unsigned_one));
    PurgeOptions huge = options();
    huge.batch = 1'000'000;
    EXPECT_FALSE(purge(huge));
    EXPECT_EQ(ids(), "1");
}

TEST_F(RecordPurge, that_is_stopped_in_the_middle_is_finished_by_the_next_one) {
    write(7);
    PurgeOptions asked = options();
    int batches = 0;
    asked.stop = [&batches] { return ++batches == 2; };
    const auto stopped = purge(asked);
    ASSERT_TRUE(stopped) << stopped.error().message;
    EXPECT_FALSE(stopped->complete);
    EXPECT_EQ(stopped->records, 4U);
    EXPECT_EQ(ids(), "5,6,7,8,9");
    EXPECT_FALSE(verify().finding) << verify().finding->what;
    EXPECT_EQ(purge().records, 5U);
    EXPECT_EQ(ids(), "10,11");
    EXPECT_FALSE(verify().finding) << verify().finding->what;
    EXPECT_EQ(verify().purged, 9U);
}

TEST_F(RecordPurge, that_was_killed_behind_its_intent_leaves_a_trail_that_verifies_without_a_new_head) {
    write(4);
    {
        // Without a key in the trail: no head comes after the intent, as if the process was killed.
        const auto trail = AuditTrail::open({.database_path = path_});
        PurgeOptions asked = options();
        asked.stop = [] { return true; };
        ASSERT_TRUE(purge_records(**trail, asked, much_later_));
    }
    const VerificationReport report = verify();
    EXPECT_FALSE(report.finding) << report.finding->what;
    EXPECT_EQ(report.purged, 2U);
    EXPECT_EQ(report.unsigned_records, 2U);
    EXPECT_EQ(purge().through, 6);
    EXPECT_FALSE(verify().finding);
}

TEST_F(RecordPurge, never_takes_the_order_that_vouches_for_what_is_gone) {
    write(3);
    for (int i = 0; i < 4; ++i) {
        purge();
        EXPECT_FALSE(verify().finding) << verify().finding->what;
    }
    EXPECT_EQ(ids(), "10,11");
    PurgeOptions longer = options();
    longer.older_than = longest_retention;
    write(1);
    ASSERT_TRUE(purge(longer));
    EXPECT_EQ(ids(), "10,11,12");
    EXPECT_FALSE(verify().finding) << verify().finding->what;
}

TEST_F(RecordPurge, counts_no_outcome_whose_intent_is_gone) {
    {
        const auto trail = open();
        ASSERT_TRUE(
            trail->append({.phase = Phase::intent, .event_id = "a", .action = "q"}, Assurance::strict));
        ASSERT_TRUE(
            trail->append({.phase = Phase::intent, .event_id = "b", .action = "q"}, Assurance::strict));
    }
    tamper("");
    purge();
    ASSERT_TRUE(open()->append({.phase = Phase::outcome, .event_id = "a", .action = "q"}, Assurance::strict));
    EXPECT_FALSE(verify().finding);
    EXPECT_EQ(verify().interrupted, 0U);
}

TEST_F(RecordPurge, leaves_nothing_of_the_content_in_the_files) {
    {
        const auto trail = open();
        ASSERT_TRUE(
            trail->append({.action = "x", .details = R"({"word":"pamplemousse"})"}, Assurance::strict));
    }
    write(3);
    hand_.reset();
    purge();
    for (const std::string suffix : {"", "-wal"}) {
        std::ifstream file(path_ + suffix, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_EQ(bytes.find("pamplemousse"), std::string::npos) << suffix;
    }
}

TEST_F(RecordPurge, takes_no_evidence_of_tampering) {
    write(5);
    tamper(
        "UPDATE audit_log SET action = 'harmless' WHERE id = 4; INSERT INTO audit_log "
        "(id, event_id, phase, action, timestamp, success) VALUES (6, '', 'event', 'x', '2020-01-01', 1)");
    const auto refused = purge(options());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("record 4"), std::string::npos);
    EXPECT_EQ(ids(), "3,4,5,6,7,8");
    EXPECT_EQ(cell("SELECT error_message IS NOT NULL FROM audit_log WHERE id = 8"), "1");
    expect_finding(4, "record 4 was changed");
    tamper("UPDATE audit_log SET action = 'test' WHERE id = 4");
    ASSERT_TRUE(purge(options()));
    EXPECT_EQ(ids().substr(0, 2), "6,") << "what was put in by hand stays";
    expect_finding(6, "is in no tree");
}

TEST_F(RecordPurge, lets_verify_find_what_it_found_before) {
    write(6);
    purge();
    write(6);  // 7 and 8 are the purge, 9 to 14 these.
    ASSERT_FALSE(verify().finding);
    tamper("CREATE TABLE kept AS SELECT * FROM audit_log; CREATE TABLE leaves AS SELECT * FROM audit_leaves");
    const std::string put_back =
        "DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM kept;"
        "DELETE FROM audit_leaves; INSERT INTO audit_leaves SELECT * FROM leaves";
    const struct {
        std::string sql;
        std::optional<std::int64_t> record;
        std::string_view words;
    } cases[]{
        {"UPDATE audit_log SET username = 'x' WHERE id = 10", 10, "record 10 was changed"},
        {"DELETE FROM audit_log WHERE id = 9", 9, "record 9 is missing"},
        {"DELETE FROM audit_log WHERE id = 11", 11, "record 11 is missing"},
        {"DELETE FROM audit_log WHERE id = 14", 14, "record 14 is missing"},
        {"DELETE FROM audit_log WHERE id IN (7, 8)", 1, "record 1 is missing"},
        {"DELETE FROM audit_log WHERE id = 8", 8, "record 8 is missing"},
        {"UPDATE audit_log SET id = 100 WHERE id = 9; UPDATE audit_log SET id = 9 WHERE id = 12;"
         "UPDATE audit_log SET id = 12 WHERE id = 100",
         9, "record 9 was changed"},
        {"INSERT INTO audit_log (event_id, phase, action, timestamp, success) SELECT event_id, phase, action,"
         " timestamp, success FROM audit_log WHERE id = 10",
         15, "record 15 is in no tree"},
        {"INSERT INTO audit_log (id, event_id, phase, action, timestamp, success) VALUES (2, '', 'event', "
         "'x',"
         " '2020-01-01', 1)",
         2, "record 2 was changed"},
        {"UPDATE audit_leaves SET hash = zeroblob(32) WHERE record_id = 2", 2, "something in records 2 to 6"},
        {"UPDATE audit_leaves SET hash = 'text' WHERE record_id = 2", 2, "record 2 is missing"},
        {"DELETE FROM audit_leaves WHERE record_id = 3", 4, "leaf 2 of the tree is missing"},
        {"DELETE FROM audit_log WHERE id > 10; DELETE FROM audit_leaves WHERE record_id > 10", 11,
         "vouches for"},
    };
    for (const auto& one : cases) {
        tamper(one.sql);
        expect_finding(one.record, one.words);
        tamper(put_back);
        ASSERT_FALSE(verify().finding) << one.sql << ": " << verify().finding->what;
    }
}

TEST_F(RecordPurge, is_believed_only_when_its_order_is_as_it_was_signed) {
    write(4);
    purge();
    write(2);
    tamper("CREATE TABLE kept AS SELECT * FROM audit_log");
    for (const std::string change :
         {"resource_id = '3'", "event_id = 'other'", "details = replace(details, 'before', 'since')",
          "details = replace(details, '20', '21')", "details = NULL", "details = '{'", "username = 'x'",
          "resource = 'other'", "resource_id = '04'", "resource_id = NULL", "timestamp = ''"}) {
        tamper("UPDATE audit_log SET " + change + " WHERE id = 5");
        expect_finding(5, "is not what this installation wrote: record 1 is missing");
        tamper("DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM kept");
        ASSERT_FALSE(verify().finding) << change;
    }
    tamper("UPDATE audit_log SET action = 'harmless' WHERE id = 5");
    expect_finding(1, "record 1 is missing");
}

TEST_F(RecordPurge, that_was_put_in_by_hand_covers_nothing) {
    write(4);
    tamper(
        "INSERT INTO audit_log (event_id, phase, action, resource, resource_id, details, timestamp, success)"
        " VALUES ('f', 'intent', 'audit.purge', 'audit', '3', '{\"before\":\"x\",\"signature\":\"y\"}',"
        " '2025-01-01', 1)");
    expect_finding(5, "record 5 is in no tree");
    tamper("DELETE FROM audit_log WHERE id IN (2, 3)");
    expect_finding(5, "record 5 says that older ones were purged");
}

TEST_F(RecordPurge, that_only_the_tree_vouches_for_covers_nothing) {
    write(4);
    const auto foreign = purge_key('x');
    const std::string log = cell("SELECT log_id FROM audit_tree");
    const PurgeOrder order{log, "f", 3, "2025-01-01T00:00:00.000000Z"};
    forge_purge(3, "f", signature_of(order, *foreign));
    tamper("");
    expect_finding(5, "record 5 is a purge that was not signed");
    tamper("DELETE FROM audit_log WHERE id IN (1, 2)");
    expect_finding(5, "record 5 says that older ones were purged");
    // Of another log, and of another event: as if it were copied from somewhere.
    forge_purge(3, "g", signature_of({"majed-other", "g", 3, order.before}, *key_));
    forge_purge(3, "h", signature_of(order, *key_));
    expect_finding(5, "record 5 says that older ones were purged");
}

TEST_F(RecordPurge, that_orders_its_own_end_covers_nothing) {
    write(2);
    const std::string log = cell("SELECT log_id FROM audit_tree");
    const std::string before = "2025-01-01T00:00:00.000000Z";
    forge_purge(3, "f", signature_of({log, "f", 3, before}, *key_));
    tamper("DELETE FROM audit_log WHERE id = 1");
    expect_finding(3, "record 3 says that older ones were purged");
}

TEST_F(RecordPurge, leaves_pages_that_follow_each_other_over_the_hole) {
    write(6);
    PurgeOptions asked = options();
    asked.stop = [] { return true; };
    ASSERT_TRUE(purge(asked));
    auto reader = RecordReader::open(path_);
    const auto page = reader->read({}, {.order = RecordOrder::oldest_first, .limit = 3});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->records.front().id, 3);
    // The cursor of a page whose record is gone by now.
    const auto next = reader->read({}, {.order = RecordOrder::oldest_first, .limit = 10, .after = 1});
    EXPECT_EQ(next->records.size(), 6U);
}

TEST_F(RecordPurge, says_what_is_no_store) {
    const std::string other = directory_.file("other.db");
    ASSERT_TRUE(Database::open(other, OpenMode::create)->execute("CREATE TABLE t (a)"));
    PurgeOptions asked = options();
    asked.database_path = other;
    EXPECT_EQ(plan_purge(asked, {}).error().code, ErrorCode::unavailable);
    asked.database_path = directory_.file("none.db");
    EXPECT_EQ(plan_purge(asked, {}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace majed::audit
