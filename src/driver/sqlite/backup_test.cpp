// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/backup.h"

#include "driver/sqlite/database.h"
#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace majed::driver::sqlite {
namespace {

namespace fs = std::filesystem;

/// No file of this process grows beyond `bytes` while it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limited{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

private:
    rlimit before_{};
    void (*signal_)(int);
};

class Backup : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(original_.execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT);"
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
            " INSERT INTO t SELECT i, 'word ' || i FROM n; PRAGMA user_version = 7"));
    }
    static std::string cell(const std::string& path, const std::string& sql) {
        auto database = Database::open(path, OpenMode::read_write);
        auto statement = database->prepare(sql);
        EXPECT_TRUE(*statement->step());
        return statement->text(0);
    }
    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> found;
        for (const auto& entry : fs::directory_iterator(fs::path(source_).parent_path())) {
            found.insert(entry.path().filename().string());
        }
        return found;
    }

    TemporaryDirectory directory_;
    std::string source_ = directory_.file("source.db");
    std::string target_ = directory_.file("copy.db");
    Database original_ = *Database::open(source_, OpenMode::create);
};

TEST_F(Backup, holds_what_still_lies_in_the_log_of_an_open_database) {
    const auto done = back_up(source_, target_);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(cell(target_, "SELECT count(*) || ' ' || max(word) FROM t"), "5000 word 999");
    EXPECT_EQ(cell(target_, "PRAGMA user_version"), "7");
    EXPECT_EQ(cell(target_, "PRAGMA integrity_check"), "ok");
}

TEST_F(Backup, is_for_its_owner_alone_and_one_file) {
    ASSERT_TRUE(back_up(source_, target_));
    struct stat facts {};
    ASSERT_EQ(::stat(target_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    EXPECT_EQ(names(), (std::set<std::string>{"source.db", "source.db-wal", "source.db-shm", "copy.db"}));
}

TEST_F(Backup, is_taken_while_another_connection_writes) {
    ASSERT_TRUE(original_.execute("BEGIN IMMEDIATE; DELETE FROM t"));
    const auto done = back_up(source_, target_);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(cell(target_, "SELECT count(*) FROM t"), "5000");
}

TEST_F(Backup, never_replaces_a_file) {
    std::ofstream(target_) << "precious";
    const auto refused = back_up(source_, target_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(fs::file_size(target_), 8U);
}

TEST_F(Backup, does_not_follow_a_link_to_its_target) {
    fs::create_symlink(directory_.file("elsewhere"), target_);
    EXPECT_FALSE(back_up(source_, target_));
    EXPECT_FALSE(fs::exists(directory_.file("elsewhere")));
}

TEST_F(Backup, leaves_nothing_when_there_is_no_room) {
    const auto before = names();
    Result<void> done;
    {
        const FileSizeLimit little(32768);
        done = back_up(source_, target_);
    }
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable) << done.error().message;
    EXPECT_EQ(names(), before);
}

TEST_F(Backup, leaves_nothing_when_there_is_no_source) {
    const auto done = back_up(directory_.file("absent.db"), target_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::not_found);
    EXPECT_FALSE(fs::exists(target_));
}

TEST_F(Backup, of_a_damaged_database_is_refused) {
    ASSERT_TRUE(original_.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    {
        std::fstream file(source_, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(3 * 4096);
        file << std::string(4096, 'x');
    }
    const auto done = back_up(source_, target_);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable) << done.error().message;
    EXPECT_FALSE(fs::exists(target_));
}

}  // namespace
}  // namespace majed::driver::sqlite
