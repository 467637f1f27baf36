// SPDX-License-Identifier: Apache-2.0
#include "app/initial_files.h"

#include "store/primary_store.h"
#include "store/primary_store_fixture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace majed::app {
namespace {

namespace fs = std::filesystem;

class InitialFiles : public testing::Test {
protected:
    InitialFiles() {
        std::string pattern = (fs::temp_directory_path() / "majed_init_XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~InitialFiles() override { fs::remove_all(folder_); }

    static fs::perms mode(const fs::path& file) { return fs::status(file).permissions(); }
    [[nodiscard]] std::size_t file_count() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    fs::path folder_;
};

constexpr auto private_mode = fs::perms::owner_read | fs::perms::owner_write;

TEST_F(InitialFiles, hold_one_administrator_who_must_change_a_password_shown_once) {
    const auto report = write_initial_files(folder_.string(), cli::InitialContent::empty);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->files.size(), 4U);
    auto store = store::PrimaryStore::open((folder_ / "majed.db").string(),
                                           {.journal = std::make_shared<store::RememberingJournal>()});
    ASSERT_TRUE(store);
    const auto users = (*store)->users();
    ASSERT_EQ(users->size(), 1U);
    EXPECT_EQ(users->front().role, policy::Role::admin);
    EXPECT_TRUE(users->front().must_change_password);
    const std::string before = "admin    password  ";
    const auto at = report->logins.find(before);
    ASSERT_NE(at, std::string::npos);
    constexpr std::size_t password_length = 20;
    EXPECT_TRUE((*store)->authenticate_password(
        "admin", Secret(report->logins.substr(at + before.size(), password_length))));
    EXPECT_EQ(mode(folder_ / "majed.key"), private_mode);
}

TEST_F(InitialFiles, of_the_demonstration_let_its_users_in) {
    const auto report = write_initial_files(folder_.string(), cli::InitialContent::demo);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(mode(folder_ / "LOGINS.txt"), private_mode);
    auto store = store::PrimaryStore::open((folder_ / "majed.db").string(),
                                           {.journal = std::make_shared<store::RememberingJournal>()});
    ASSERT_TRUE(store);
    const auto sam = (*store)->user("sam");
    ASSERT_TRUE(sam);
    EXPECT_EQ(sam->role, policy::Role::superuser);
    EXPECT_FALSE(sam->must_change_password);
    EXPECT_EQ(sam->attributes.at("regions"), (std::vector<std::string>{"NORTH", "EAST"}));
    EXPECT_EQ((*store)->principal_named("acme")->role, policy::Role::integration);
    const auto found = report->logins.find("mv_");
    ASSERT_NE(found, std::string::npos);
    const std::string key = report->logins.substr(found, report->logins.find('\n', found) - found);
    EXPECT_TRUE((*store)->authenticate_api_key(key));
}

TEST_F(InitialFiles, never_replace_one_that_exists_and_write_nothing_then) {
    std::ofstream(folder_ / "majed.key") << "precious";
    const auto report = write_initial_files(folder_.string(), cli::InitialContent::demo);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::conflict);
    EXPECT_EQ(file_count(), 1U);
}

}  // namespace
}  // namespace majed::app
