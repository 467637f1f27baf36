// SPDX-License-Identifier: Apache-2.0
#include "store/data_keys.h"

#include "crypto/key_file.h"
#include "driver/sqlite/temporary_directory.h"
#include "store/primary_store_fixture.h"
#include "store/seal_walk.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::OpenMode;

class DataKeysTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(crypto::KeyFile::create(key_, crypto::RootTime(std::chrono::seconds(1'800'000'000))));
        ASSERT_TRUE(make_primary_tables(path_));
        auto opened = Database::open(path_, OpenMode::read_write);
        ASSERT_TRUE(opened);
        hand_.emplace(std::move(*opened));
    }
    /// As in a process that begins now.
    std::unique_ptr<DataKeys> keys() {
        return std::make_unique<DataKeys>(path_, seals(), audit_details, clock());
    }
    [[nodiscard]] std::shared_ptr<StoreSeals> seals() { return std::make_shared<StoreSeals>(key_, clock()); }
    WallClock clock() {
        return [this] { return now_; };
    }
    std::string cell(const std::string& sql) {
        auto statement = hand_->prepare(sql);
        EXPECT_TRUE(statement) << sql;
        EXPECT_TRUE(*statement->step()) << sql;
        return statement->text(0);
    }
    /// The root of the file, and everything that is sealed under the ones before.
    void rotate() {
        ASSERT_TRUE(crypto::KeyFile::rotate(key_, crypto::RootTime(std::chrono::seconds(1'800'000'001))));
        now_ += std::chrono::hours(1);
        const auto walk = SealWalk::open(path_, seals(), clock());
        ASSERT_TRUE(walk);
        const auto report = (*walk)->reseal([](const ResealProgress&) { return WalkOn::yes; });
        ASSERT_TRUE(report && report->complete);
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("majed.db");
    std::string key_ = directory_.file("majed.key");
    std::optional<Database> hand_;
    std::chrono::system_clock::time_point now_{std::chrono::hours(24 * 20000)};
};

TEST_F(DataKeysTest, seal_what_opens_at_its_place_only) {
    const auto one = keys();
    const auto sealed = one->seal("e1/intent", "a secret");
    ASSERT_TRUE(sealed) << sealed.error().message;
    EXPECT_EQ(sealed->find("secret"), std::string::npos);
    EXPECT_EQ(one->open("e1/intent", *sealed)->reveal(), "a secret");
    EXPECT_EQ(keys()->open("e1/intent", *sealed)->reveal(), "a secret") << "in another process too";
    for (const std::string place : {"e1/outcome", "e2/intent", "", "e1/intent "}) {
        EXPECT_EQ(one->open(place, *sealed).error().code, ErrorCode::invalid_argument) << place;
    }
    EXPECT_FALSE(one->seal("", "a secret"));
    EXPECT_FALSE(one->seal(std::string(300, 'x'), "a secret"));
}

TEST_F(DataKeysTest, are_made_at_first_need_and_once) {
    EXPECT_EQ(cell("SELECT count(*) FROM data_keys"), "0");
    ASSERT_TRUE(keys()->prepare());
    ASSERT_TRUE(keys()->seal("a", "1"));
    ASSERT_TRUE(keys()->seal("b", "2"));
    EXPECT_EQ(cell("SELECT count(*) || ' ' || purpose FROM data_keys"), "1 audit.details");
    EXPECT_EQ(cell("SELECT count(*) FROM encryption_roots"), "1");
}

TEST_F(DataKeysTest, are_made_once_by_many_who_need_one_at_the_same_time) {
    std::vector<std::thread> threads;
    std::vector<std::string> sealed(8);
    const auto shared = keys();
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        threads.emplace_back([&, i] {
            const auto own = i % 2 == 0 ? keys() : nullptr;
            DataKeys& used = own ? *own : *shared;
            const auto text = used.seal("p" + std::to_string(i), "text");
            if (text) sealed[i] = *text;
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        const auto opened = keys()->open("p" + std::to_string(i), sealed[i]);
        EXPECT_TRUE(opened) << i << sealed[i];
    }
    EXPECT_EQ(cell("SELECT count(*) FROM data_keys"), "1");
}

TEST_F(DataKeysTest, are_new_after_the_root_was_rotated_and_the_old_ones_still_open) {
    const auto running = keys();
    const std::string before = running->seal("e", "old").value();
    rotate();
    const std::string after = running->seal("e", "new").value();
    EXPECT_NE(before.substr(0, 16), after.substr(0, 16));
    EXPECT_EQ(running->open("e", before)->reveal(), "old");
    const auto fresh = keys();
    EXPECT_EQ(fresh->open("e", before)->reveal(), "old");
    EXPECT_EQ(fresh->open("e", after)->reveal(), "new");
    ASSERT_TRUE(fresh->seal("e", "more"));
    EXPECT_EQ(cell("SELECT count(*) FROM data_keys"), "2");
}

TEST_F(DataKeysTest, are_not_made_again_and_again_by_a_clock_that_was_set_back) {
    ASSERT_TRUE(keys()->prepare());
    rotate();
    now_ -= std::chrono::hours(24 * 365);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(keys()->seal("e", "x"));
    EXPECT_EQ(cell("SELECT count(*) FROM data_keys"), "2");
}

TEST_F(DataKeysTest, tell_a_key_that_is_gone_from_one_that_does_not_open) {
    const std::string sealed = keys()->seal("e", "x").value();
    for (const std::string& wrong :
         {std::string(), std::string("."), std::string("0123456789abcdef.gAAAA"), sealed.substr(1)}) {
        EXPECT_EQ(keys()->open("e", wrong).error().code, ErrorCode::not_found) << wrong;
    }
    EXPECT_EQ(keys()->open("e", sealed.substr(0, 16)).error().code, ErrorCode::not_found);
    EXPECT_EQ(keys()->open("e", sealed.substr(0, 17)).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(keys()->open("e", sealed + "A").error().code, ErrorCode::invalid_argument);
    // Another key file: nothing opens, and nothing is sealed.
    std::filesystem::remove(key_);
    ASSERT_TRUE(crypto::KeyFile::create(key_, crypto::RootTime(std::chrono::seconds(1'800'000'002))));
    EXPECT_FALSE(keys()->open("e", sealed));
    EXPECT_FALSE(keys()->seal("e", "x"));
    EXPECT_FALSE(keys()->prepare());
    std::filesystem::remove(key_);
    EXPECT_FALSE(keys()->prepare());
    EXPECT_EQ(cell("SELECT count(*) FROM data_keys"), "1");
}

TEST_F(DataKeysTest, are_not_used_when_they_could_not_be_stored) {
    ASSERT_TRUE(
        hand_->execute("CREATE TRIGGER full BEFORE INSERT ON data_keys"
                       " BEGIN SELECT RAISE(ABORT, 'full'); END"));
    const auto running = keys();
    EXPECT_FALSE(running->seal("e", "x"));
    EXPECT_FALSE(running->seal("e", "x"));
    EXPECT_EQ(cell("SELECT count(*) FROM encryption_roots"), "0") << "taken back as a whole";
    ASSERT_TRUE(hand_->execute("DROP TRIGGER full"));
    EXPECT_TRUE(running->seal("e", "x"));
}

}  // namespace
}  // namespace majed::store
