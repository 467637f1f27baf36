// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace majed::migrate {
namespace migration_folder_test {

namespace fs = std::filesystem;

class MigrationFolder : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = fs::temp_directory_path() / "majed_migrations_XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& bytes = "") const {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
    }
    std::string bytes_of(const fs::path& path) const {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::vector<MigrationText> read() const {
        auto texts = read_folder(folder_);
        EXPECT_TRUE(texts) << texts.error().message;
        return texts ? std::move(*texts) : std::vector<MigrationText>{};
    }
    /// The name alone.
    std::string added(const std::string& description) const {
        const auto path = write_new_migration(folder_, description);
        EXPECT_TRUE(path) << path.error().message;
        return path ? fs::path(*path).filename().string() : "";
    }
    ErrorCode refused(const std::string& description) const {
        const auto path = write_new_migration(folder_, description);
        EXPECT_FALSE(path);
        return path ? ErrorCode::internal : path.error().code;
    }

    fs::path folder_;
};

TEST_F(MigrationFolder, is_read_by_name_with_exact_bytes) {
    const std::string odd("\xEF\xBB\xBFSELECT\0\r\n\xFF", 14);
    write("2_b.sql", odd);
    write("1_a.sql");
    write("README.md", "x");
    write(".3_c.sql", "x");
    write("1_a.sql~", "x");
    fs::create_directory(folder_ / "old");
    std::ofstream(folder_ / "old" / "4_d.sql") << "x";
    const auto texts = read();
    ASSERT_EQ(texts.size(), 2U);
    EXPECT_EQ(texts[0].file, "1_a.sql");
    EXPECT_EQ(texts[0].bytes, "");
    EXPECT_EQ(texts[1].file, "2_b.sql");
    EXPECT_EQ(texts[1].bytes, odd);
}

TEST_F(MigrationFolder, follows_links_to_files) {
    write("elsewhere.txt", "SELECT 1;");
    fs::create_symlink(folder_ / "elsewhere.txt", folder_ / "1_a.sql");
    const auto texts = read();
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts[0].bytes, "SELECT 1;");
    EXPECT_EQ(texts[0].refusal, "");
}

TEST_F(MigrationFolder, says_with_the_other_mistakes_what_is_no_file) {
    fs::create_directory(folder_ / "1_a.sql");
    fs::create_symlink(folder_ / "nowhere", folder_ / "2_b.sql");
    fs::create_symlink("3_c.sql", folder_ / "3_c.sql");
    fs::create_symlink("/dev/zero", folder_ / "4_d.sql");
    ASSERT_EQ(::mkfifo((folder_ / "5_e.sql").c_str(), 0600), 0);
    fs::create_directory_symlink(folder_ / "1_a.sql", folder_ / "6_f.sql");
    write("7_g.sql", "SELECT 'x");
    const auto refused = read_migrations(Dialect::sqlite, read());
    ASSERT_FALSE(refused);
    const std::string& told = refused.error().message;
    for (const std::string_view line :
         {"1_a.sql: is a folder", "2_b.sql: is a link to nothing", "3_c.sql: is a link to nothing",
          "4_d.sql: is no regular file", "5_e.sql: is no regular file", "6_f.sql: is a folder",
          "7_g.sql: line 1: "}) {
        EXPECT_NE(told.find(line), std::string::npos) << line << "\n" << told;
    }
}

TEST_F(MigrationFolder, is_not_found_when_it_is_not_there_or_a_file) {
    EXPECT_EQ(read_folder(folder_ / "none").error().code, ErrorCode::not_found);
    write("file");
    EXPECT_EQ(read_folder(folder_ / "file").error().code, ErrorCode::not_found);
    EXPECT_TRUE(read().empty());
}

TEST_F(MigrationFolder, refuses_a_file_over_64_mib_and_takes_one_of_64_mib) {
    write("1_a.sql");
    constexpr std::uintmax_t limit = std::uintmax_t{64} << 20U;
    fs::resize_file(folder_ / "1_a.sql", limit);
    EXPECT_EQ(read().at(0).bytes.size(), limit);
    fs::resize_file(folder_ / "1_a.sql", limit + 1);
    const auto refused = read_folder(folder_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::too_large);
    EXPECT_NE(refused.error().message.find("1_a.sql"), std::string::npos);
}

TEST_F(MigrationFolder, closes_what_it_opened_whatever_it_was) {
    fs::create_directory(folder_ / "1_a.sql");
    ASSERT_EQ(::mkfifo((folder_ / "5_e.sql").c_str(), 0600), 0);
    write("7_g.sql", "SELECT 1;");
    const int before = ::dup(0);
    ::close(before);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(read().size(), 3U);
        EXPECT_FALSE(read_folder(folder_ / "none"));
        EXPECT_EQ(refused("%%"), ErrorCode::invalid_argument);
    }
    const int after = ::dup(0);
    ::close(after);
    EXPECT_EQ(before, after);
}

TEST_F(MigrationFolder, is_unavailable_when_descriptors_run_out_at_whichever_call) {
    for (int i = 1; i <= 3; ++i) {
        write(std::to_string(i) + "_a.sql", "SELECT 1;");
    }
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::dup(0);
    ::close(next);
    int failures = 0;
    for (int spare = 0; spare < 4; ++spare) {
        rlimit tight = before;
        tight.rlim_cur = static_cast<rlim_t>(next + spare);
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
        const auto texts = read_folder(folder_);
        const auto made = write_new_migration(folder_, "b");
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
        for (const ErrorCode code : {texts ? ErrorCode::unavailable : texts.error().code,
                                     made ? ErrorCode::unavailable : made.error().code}) {
            EXPECT_EQ(code, ErrorCode::unavailable) << spare;
        }
        failures += (texts ? 0 : 1) + (made ? 0 : 1);
        EXPECT_EQ(fs::exists(folder_ / "004_b.sql") || fs::exists(folder_ / "4_b.sql"), made.has_value());
        fs::remove(folder_ / "4_b.sql");
    }
    EXPECT_GE(failures, 3);
}

TEST_F(MigrationFolder, gets_new_ones_with_the_next_version) {
    EXPECT_EQ(added("Create users table"), "001_create_users_table.sql");
    EXPECT_EQ(added("x"), "002_x.sql");
    write("009_y.sql");
    EXPECT_EQ(added("x"), "010_x.sql");
    write("999_y.sql");
    EXPECT_EQ(added("x"), "1000_x.sql");
    write("R__z.sql");
    write("README.md");
    EXPECT_EQ(added("x"), "1001_x.sql");
    write("2001.1.9_y.sql");
    EXPECT_EQ(added("x"), "2001.1.10_x.sql");
    write("20261123130000_y.sql");
    EXPECT_EQ(added("x"), "20261123130001_x.sql");
    write("20261123130007_gone.down.sql");
    EXPECT_EQ(added("x"), "20261123130008_x.sql");
}

TEST_F(MigrationFolder, has_no_next_version_behind_the_greatest_there_can_be) {
    write("999999999999999999_y.sql");
    EXPECT_EQ(refused("x"), ErrorCode::invalid_argument);
}

TEST_F(MigrationFolder, gets_descriptions_folded) {
    EXPECT_EQ(added("  Add: ORDERS -- (2nd)/../x ; caf\xC3\xA9! "), "001_add_orders_2nd_x_caf.sql");
    for (const std::string nothing : {"", " ", "../..", "\xD9\x85", "___", "-"}) {
        EXPECT_EQ(refused(nothing), ErrorCode::invalid_argument) << nothing;
    }
    EXPECT_EQ(refused(std::string(151, 'a')), ErrorCode::invalid_argument);
    EXPECT_EQ(added(std::string(150, 'a')).size(), 4U + 150 + 4);
}

TEST_F(MigrationFolder, gets_nothing_new_while_a_name_in_it_is_wrong) {
    write("V3__a.sql");
    EXPECT_EQ(refused("x"), ErrorCode::invalid_argument);
    EXPECT_FALSE(fs::exists(folder_ / "001_x.sql"));
}

TEST_F(MigrationFolder, is_made_when_it_is_not_there_but_not_the_one_around_it) {
    const auto path = write_new_migration(folder_ / "migrations", "x");
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(*path, (folder_ / "migrations" / "001_x.sql").string());
    EXPECT_EQ(write_new_migration(folder_ / "a" / "b", "x").error().code, ErrorCode::not_found);
    EXPECT_FALSE(fs::exists(folder_ / "a"));
    write("file");
    EXPECT_EQ(write_new_migration(folder_ / "file", "x").error().code, ErrorCode::not_found);
}

TEST_F(MigrationFolder, gets_files_that_say_what_to_write_and_read_as_nothing_yet) {
    const std::string text = bytes_of(folder_ / added("Add orders"));
    EXPECT_TRUE(text.starts_with("-- Migration: 001 - add_orders\n"));
    EXPECT_NE(text.find("\n-- majed:up\n"), std::string::npos);
    EXPECT_NE(text.find("\n-- majed:down\n"), std::string::npos);
    for (const Dialect dialect : {Dialect::sqlite, Dialect::postgresql, Dialect::oracle}) {
        const auto migrations = read_migrations(dialect, read());
        ASSERT_TRUE(migrations) << migrations.error().message;
        EXPECT_TRUE(migrations->at(0).up.statements.empty());
    }
    std::string filled = text;
    filled.insert(filled.find("-- majed:down"), "CREATE TABLE t(a);\n");
    write("001_add_orders.sql", filled);
    EXPECT_FALSE(read_migrations(Dialect::sqlite, read())->at(0).down)
        << "a way down that nobody wrote is none";
    write("001_add_orders.sql", filled + "DROP TABLE t;\n");
    EXPECT_TRUE(read_migrations(Dialect::sqlite, read())->at(0).down);
}

TEST_F(MigrationFolder, gets_a_version_each_from_many_at_once) {
    constexpr int threads = 8;
    constexpr int each = 10;
    std::vector<std::thread> authors;
    authors.reserve(threads);
    for (int i = 0; i < threads; ++i) {
        authors.emplace_back([this, i] {
            for (int n = 0; n < each; ++n) {
                const auto path =
                    write_new_migration(folder_, (n % 2 == 0 ? "same" : "own" + std::to_string(i)));
                EXPECT_TRUE(path) << path.error().message;
            }
        });
    }
    for (std::thread& author : authors) {
        author.join();
    }
    const auto migrations = read_migrations(Dialect::sqlite, read());
    ASSERT_TRUE(migrations) << migrations.error().message;
    ASSERT_EQ(migrations->size(), static_cast<std::size_t>(threads * each));
    EXPECT_EQ(migrations->back().key, "080");
}

TEST_F(MigrationFolder, leaves_no_half_file_when_the_disk_is_full) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handled = std::signal(SIGXFSZ, SIG_IGN);
    rlimit tight = before;
    tight.rlim_cur = 20;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
    const auto refused = write_new_migration(folder_, "x");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handled);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace migration_folder_test
}  // namespace majed::migrate
