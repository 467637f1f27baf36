// SPDX-License-Identifier: Apache-2.0
#include "store/store_seals.h"

#include "crypto/key_file.h"
#include "store/primary_store_fixture.h"
#include "store/records.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace majed::store {
namespace {

namespace fs = std::filesystem;
using driver::sqlite::Database;

constexpr crypto::RootTime some_time{std::chrono::seconds(1'800'000'000)};

/// A store and a key file; `seals` is one process that uses them.
class StoreSealsTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("majed_seals_" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
        ASSERT_TRUE(crypto::KeyFile::create(key(), some_time));
        ASSERT_TRUE(make_primary_tables(path()));
        auto opened = Database::open(path(), driver::sqlite::OpenMode::read_write);
        ASSERT_TRUE(opened);
        database_.emplace(std::move(*opened));
    }
    void TearDown() override {
        database_.reset();
        fs::remove_all(folder_);
    }

    [[nodiscard]] std::string key() const { return folder_ / "majed.key"; }
    [[nodiscard]] std::string path() const { return folder_ / "majed.db"; }
    [[nodiscard]] std::string rotate() const {
        const auto rotated = crypto::KeyFile::rotate(key(), some_time);
        EXPECT_TRUE(rotated);
        return rotated->roots().front().id;
    }

    fs::path folder_;
    std::optional<Database> database_;
};

TEST_F(StoreSealsTest, opens_in_its_row_and_column_only) {
    StoreSeals seals(key());
    const auto sealed = seals.seal(*database_, Sealed::message, 7, "how many customers?");
    ASSERT_TRUE(sealed) << sealed.error().message;
    EXPECT_EQ(sealed->find("customers"), std::string::npos);
    const auto opened = seals.open(Sealed::message, 7, *sealed);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), "how many customers?");
    EXPECT_FALSE(seals.open(Sealed::message, 8, *sealed));
    EXPECT_FALSE(seals.open(Sealed::response, 7, *sealed));
}

TEST_F(StoreSealsTest, seals_under_the_root_that_another_process_made_current) {
    StoreSeals server(key());
    const auto before = server.seal(*database_, Sealed::message, 1, "before");
    ASSERT_TRUE(before);

    StoreSeals command(key());
    const std::string root = rotate();
    const auto adopted = command.adopt_newest_root(*database_);
    ASSERT_TRUE(adopted);
    EXPECT_EQ(*adopted, root);

    const auto after = server.seal(*database_, Sealed::message, 2, "after");
    ASSERT_TRUE(after);
    EXPECT_EQ(*command.reseal(*database_, Sealed::message, 2, *after), std::nullopt);
    const auto again = command.reseal(*database_, Sealed::message, 1, *before);
    ASSERT_TRUE(again);
    ASSERT_TRUE(again->has_value());
    EXPECT_EQ(server.open(Sealed::message, 1, **again)->reveal(), "before");
    EXPECT_EQ(server.open(Sealed::message, 1, *before)->reveal(), "before");
}

TEST_F(StoreSealsTest, opens_what_was_sealed_under_a_root_it_has_not_seen) {
    StoreSeals server(key());
    ASSERT_TRUE(server.seal(*database_, Sealed::message, 1, "first"));
    static_cast<void>(rotate());
    StoreSeals other(key());
    const auto sealed = other.seal(*database_, Sealed::response, 1, "under the new root");
    ASSERT_TRUE(sealed);
    EXPECT_EQ(server.open(Sealed::response, 1, *sealed)->reveal(), "under the new root");
}

TEST_F(StoreSealsTest, refuses_to_seal_with_an_old_copy_of_the_key_file) {
    const std::string copy = folder_ / "copy";
    fs::copy_file(key(), copy);
    static_cast<void>(rotate());
    StoreSeals seals(key());
    ASSERT_TRUE(seals.seal(*database_, Sealed::message, 1, "new"));
    fs::rename(copy, key());
    StoreSeals later(key());
    const auto refused = later.seal(*database_, Sealed::message, 2, "lost");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
}

TEST_F(StoreSealsTest, says_what_is_wrong_with_the_key_file) {
    fs::remove(key());
    StoreSeals seals(key());
    const auto refused = seals.seal(*database_, Sealed::message, 1, "x");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace majed::store
