// SPDX-License-Identifier: Apache-2.0
#include "audit/trail_verification.h"

#include "audit/audit_tables_fixture.h"
#include "audit/audit_trail.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace majed::audit {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

std::shared_ptr<const crypto::SigningKey> key_of(char letter) {
    auto key = crypto::SigningKey::from_seed(Secret(std::string(32, letter)));
    EXPECT_TRUE(key);
    return std::make_shared<const crypto::SigningKey>(std::move(*key));
}

class TrailVerification : public ::testing::Test {
protected:
    void SetUp() override {
        auto database = Database::open(path_, OpenMode::create);
        ASSERT_TRUE(database);
        ASSERT_TRUE(database->execute(audit_tables));
        hand_.emplace(std::move(*database));
    }

    std::unique_ptr<AuditTrail> open() {
        auto opened = AuditTrail::open({.database_path = path_,
                                        .signing_key = key_,
                                        .heads_path = heads_,
                                        .sign_every = std::chrono::hours(1)});
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
    /// As somebody who has the file, not as the program.
    void tamper(const std::string& sql) {
        ASSERT_TRUE(
            hand_->execute("DROP TRIGGER IF EXISTS audit_leaves_are_never_updated;"
                           "DROP TRIGGER IF EXISTS audit_leaves_are_never_deleted;"
                           "DROP TRIGGER IF EXISTS audit_leaves_are_never_replaced;"
                           "DROP TRIGGER IF EXISTS audit_heads_are_never_deleted;"));
        const auto done = hand_->execute(sql);
        ASSERT_TRUE(done) << done.error().message;
    }
    /// An old copy of the database takes the place of what `work` made of it.
    void put_back_what_was_there_before(const std::function<void()>& work) {
        ASSERT_TRUE(hand_->execute("VACUUM INTO '" + copy_ + "'"));
        hand_.reset();
        work();
        for (const std::string suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
        std::filesystem::copy_file(copy_, path_);
    }
    VerificationReport verify() {
        auto report = verify_trail({path_, heads_, key_->verifying_key()});
        EXPECT_TRUE(report) << report.error().message;
        return report ? std::move(*report) : VerificationReport{};
    }
    /// The finding's first and last record, and its words.
    void expect_finding(std::optional<std::int64_t> first, std::optional<std::int64_t> last,
                        std::string_view words) {
        const VerificationReport report = verify();
        ASSERT_TRUE(report.finding) << "nothing was found";
        EXPECT_EQ(report.finding->record_id, first) << report.finding->what;
        EXPECT_EQ(report.finding->last_record_id, last) << report.finding->what;
        EXPECT_NE(report.finding->what.find(words), std::string::npos) << report.finding->what;
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::string heads_ = directory_.file("majed.heads");
    std::string copy_ = directory_.file("copy.db");
    std::shared_ptr<const crypto::SigningKey> key_ = key_of('k');
    std::optional<Database> hand_;
    int written_ = 0;
};

TEST_F(TrailVerification, finds_nothing_in_what_the_program_wrote) {
    EXPECT_FALSE(verify().finding);
    write(5);
    write(3);
    const VerificationReport report = verify();
    EXPECT_FALSE(report.finding) << report.finding->what;
    EXPECT_EQ(report.records, 8U);
    EXPECT_GE(report.heads, 2U);
    EXPECT_EQ(report.filed_heads, report.heads);
    EXPECT_EQ(report.unsigned_records, 0U);
}

TEST_F(TrailVerification, takes_in_what_was_written_before_there_was_a_tree) {
    ASSERT_TRUE(
        hand_->execute("INSERT INTO audit_log (event_id, phase, action, timestamp, success) VALUES "
                       "('a', 'event', 'x', '2025-01-01', 1), ('b', 'event', 'y', '2025-01-02', 0)"));
    write(1);
    EXPECT_EQ(verify().records, 3U);
    EXPECT_FALSE(verify().finding);
    tamper("UPDATE audit_log SET action = 'z' WHERE id = 1");
    expect_finding(1, 1, "record 1 was changed");
}

TEST_F(TrailVerification, names_a_record_of_which_any_cell_was_changed) {
    write(5);
    for (const std::string column :
         {"event_id", "user_id", "username", "role", "action", "resource", "resource_id", "details",
          "ip_address", "user_agent", "request_id", "timestamp", "error_message"}) {
        tamper(
            "CREATE TABLE kept AS SELECT * FROM audit_log WHERE id = 3;"
            "UPDATE audit_log SET " +
            column + " = 'other' WHERE id = 3");
        expect_finding(3, 3, "record 3 was changed");
        tamper("UPDATE audit_log SET " + column + " = (SELECT " + column +
               " FROM kept) WHERE id = 3; DROP TABLE kept");
        EXPECT_FALSE(verify().finding) << column;
    }
    tamper("UPDATE audit_log SET phase = 'intent' WHERE id = 5");
    expect_finding(5, 5, "record 5 was changed");
    tamper("UPDATE audit_log SET success = 0 WHERE id = 4");
    expect_finding(4, 4, "record 4 was changed");
}

TEST_F(TrailVerification, tells_an_empty_text_from_nothing_and_text_that_moved_to_the_next_column) {
    {
        const auto trail = open();
        ASSERT_TRUE(trail->append({.username = "ab", .role = "c", .action = "x"}, Assurance::strict));
    }
    tamper("UPDATE audit_log SET username = 'a', role = 'bc'");
    expect_finding(1, 1, "was changed");
    tamper("UPDATE audit_log SET username = 'ab', role = 'c'");
    EXPECT_FALSE(verify().finding);
    tamper("UPDATE audit_log SET resource = ''");
    expect_finding(1, 1, "was changed");
}

TEST_F(TrailVerification, names_the_record_that_is_missing_wherever_it_stood) {
    write(6);
    for (const std::int64_t id : {6, 3, 1}) {
        tamper("DELETE FROM audit_log WHERE id = " + std::to_string(id));
        expect_finding(id, id, "record " + std::to_string(id) + " is missing");
    }
}

TEST_F(TrailVerification, finds_records_that_were_swapped) {
    write(6);
    tamper(
        "UPDATE audit_log SET id = 100 WHERE id = 2; UPDATE audit_log SET id = 2 WHERE id = 5;"
        "UPDATE audit_log SET id = 5 WHERE id = 100");
    expect_finding(2, 2, "record 2 was changed");
}

TEST_F(TrailVerification, finds_leaves_that_were_made_to_fit) {
    write(2);
    write(4);
    tamper("UPDATE audit_log SET action = 'harmless' WHERE id = 5");
    tamper(
        "UPDATE audit_leaves SET hash = (SELECT hash FROM audit_leaves WHERE leaf = 0) WHERE record_id = 5");
    expect_finding(5, 5, "record 5 was changed");
    tamper(
        "DELETE FROM audit_log WHERE id = 5; DELETE FROM audit_leaves WHERE record_id = 5;"
        "UPDATE audit_leaves SET leaf = 4 WHERE leaf = 5");
    const VerificationReport report = verify();
    ASSERT_TRUE(report.finding);
}

TEST_F(TrailVerification, finds_a_record_that_was_put_in_by_hand_or_twice) {
    write(3);
    tamper(
        "INSERT INTO audit_log (event_id, phase, action, timestamp, success) SELECT event_id, phase, action, "
        "timestamp, success FROM audit_log WHERE id = 2");
    expect_finding(4, 4, "record 4 is in no tree");
}

TEST_F(TrailVerification, finds_a_tail_that_was_cut_off_with_its_leaves) {
    write(3);
    write(2);
    tamper("DELETE FROM audit_log WHERE id > 3; DELETE FROM audit_leaves WHERE record_id > 3");
    expect_finding(4, std::nullopt, "vouches for 5");
    tamper("DELETE FROM audit_heads WHERE tree_size > 3");
    expect_finding(4, std::nullopt, "an old copy was put back");
}

TEST_F(TrailVerification, finds_an_old_copy_of_the_whole_database) {
    write(3);
    put_back_what_was_there_before([&] { write(2); });
    expect_finding(4, std::nullopt, "an old copy was put back");
}

TEST_F(TrailVerification, finds_a_tail_that_was_written_anew_by_the_program_over_an_old_copy) {
    write(3);
    put_back_what_was_there_before([&] { write(2); });
    written_ = 100;
    write(4);
    const VerificationReport report = verify();
    ASSERT_TRUE(report.finding);
    EXPECT_EQ(report.finding->record_id, 4) << report.finding->what;
}

TEST_F(TrailVerification, finds_heads_that_are_gone_foreign_or_torn) {
    write(3);
    const std::string line = [&] {
        std::ifstream file(heads_);
        std::string text;
        std::getline(file, text);
        return text;
    }();
    std::ofstream(heads_, std::ios::app) << line.substr(0, line.size() - 1) << "\n";
    expect_finding(std::nullopt, std::nullopt, "line");
    std::ofstream(heads_) << line << "\n";
    tamper("DELETE FROM audit_heads");
    expect_finding(std::nullopt, std::nullopt, "missing in the database");
    std::filesystem::remove(heads_);
    expect_finding(1, 3, "no head vouches");
    EXPECT_TRUE(verify_trail({path_, "", key_of('x')->verifying_key()})->finding);
}

TEST_F(TrailVerification, knows_the_key_that_signed) {
    write(3);
    const auto report = verify_trail({path_, heads_, key_of('x')->verifying_key()});
    ASSERT_TRUE(report && report->finding);
    EXPECT_NE(report->finding->what.find("not signed with this installation's key"), std::string::npos);
}

TEST_F(TrailVerification, goes_on_with_a_tree_that_a_killed_process_left_without_a_head) {
    {
        auto trail =
            AuditTrail::open({.database_path = path_});  // No key, no head: as if it was killed before.
        ASSERT_TRUE(trail);
        ASSERT_TRUE((*trail)->append({.action = "x"}, Assurance::strict));
    }
    EXPECT_TRUE(verify().finding) << "no head at all";
    open()->flush();
    const VerificationReport report = verify();
    EXPECT_FALSE(report.finding) << report.finding->what;
    EXPECT_EQ(report.unsigned_records, 0U);
}

TEST_F(TrailVerification, counts_intents_without_an_outcome) {
    const auto trail = open();
    ASSERT_TRUE(trail->append({.phase = Phase::intent, .event_id = "a", .action = "q"}, Assurance::strict));
    ASSERT_TRUE(trail->append({.phase = Phase::outcome, .event_id = "a", .action = "q"}, Assurance::strict));
    ASSERT_TRUE(trail->append({.phase = Phase::intent, .event_id = "b", .action = "q"}, Assurance::strict));
    EXPECT_EQ(verify().interrupted, 1U);
}

TEST_F(TrailVerification, bears_several_programs_that_grow_one_tree) {
    const auto one = open();
    const auto two = open();
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE((i % 2 == 0 ? one : two)->append({.action = "x"}, Assurance::strict));
    }
    const VerificationReport report = verify();
    EXPECT_FALSE(report.finding) << report.finding->what;
    EXPECT_EQ(report.records, 20U);
}

TEST_F(TrailVerification, keeps_heads_for_a_second_file_that_cannot_be_written) {
    std::filesystem::create_directory(heads_);
    const auto trail = open();
    ASSERT_TRUE(trail->append({.action = "x"}, Assurance::strict)) << "the record itself is on disk";
    EXPECT_EQ(trail->stats().unfiled_heads, 1U);
    std::filesystem::remove(heads_);
    ASSERT_TRUE(trail->append({.action = "x"}, Assurance::strict));
    EXPECT_EQ(trail->stats().unfiled_heads, 0U);
    EXPECT_FALSE(verify().finding);
}

TEST_F(TrailVerification, refuses_a_file_without_a_tree) {
    const std::string other = directory_.file("other.db");
    ASSERT_TRUE(Database::open(other, OpenMode::create)->execute("CREATE TABLE t (a)"));
    const auto report = verify_trail({other, "", key_->verifying_key()});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::unavailable);
    EXPECT_EQ(verify_trail({directory_.file("none.db"), "", key_->verifying_key()}).error().code,
              ErrorCode::not_found);
}

}  // namespace
}  // namespace majed::audit
