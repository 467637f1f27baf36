// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace majed::crypto {
namespace key_file_test {

class KeyFileTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = std::filesystem::temp_directory_path() / "majed_key_XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        path_ = folder_ / "majed.key";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& text, unsigned mode = 0600) {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), mode);
    }

    std::filesystem::path folder_;
    std::filesystem::path path_;
};

TEST_F(KeyFileTest, is_created_for_its_owner_alone_and_read_back) {
    const auto made = KeyFile::create(path_);
    ASSERT_TRUE(made);
    struct stat facts {};
    ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    const auto again = KeyFile::read(path_);
    ASSERT_TRUE(again);
    EXPECT_EQ(made->derive("mask.hash"), again->derive("mask.hash"));
}

TEST_F(KeyFileTest, holds_a_version_and_32_bytes_in_base64url) {
    ASSERT_TRUE(KeyFile::create(path_));
    std::string line;
    std::getline(std::ifstream(path_), line);
    EXPECT_EQ(line.substr(0, 13), "majed-key-v1:");
    EXPECT_EQ(from_base64url(line.substr(13))->size(), 32U);
}

TEST_F(KeyFileTest, is_never_overwritten) {
    const auto first = KeyFile::create(path_);
    ASSERT_TRUE(first);
    EXPECT_EQ(KeyFile::create(path_).error().code, ErrorCode::conflict);
    EXPECT_EQ(KeyFile::read(path_)->derive("x"), first->derive("x"));
}

TEST_F(KeyFileTest, is_refused_when_group_or_others_may_read_it) {
    ASSERT_TRUE(KeyFile::create(path_));
    for (const unsigned mode : {0640U, 0604U, 0620U, 0644U, 0660U}) {
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
        const auto refused = KeyFile::read(path_);
        ASSERT_FALSE(refused) << std::oct << mode;
        EXPECT_EQ(refused.error().code, ErrorCode::denied);
        EXPECT_NE(refused.error().hint.find("chmod 600"), std::string::npos);
    }
}

TEST_F(KeyFileTest, gives_unrelated_keys_for_different_purposes) {
    const auto made = KeyFile::create(path_);
    ASSERT_TRUE(made);
    EXPECT_NE(made->derive("mask.hash"), made->derive("session"));
}

TEST_F(KeyFileTest, gives_the_same_key_as_bytes_and_as_a_secret) {
    const auto made = KeyFile::create(path_);
    ASSERT_TRUE(made);
    EXPECT_EQ(to_hex(bytes_of(made->derive_secret("encryption").reveal())),
              to_hex(made->derive("encryption")));
    EXPECT_NE(made->derive_secret("encryption").reveal(), made->derive_secret("mask.hash").reveal());
}

TEST_F(KeyFileTest, is_refused_when_it_is_something_else) {
    EXPECT_EQ(KeyFile::read(path_).error().code, ErrorCode::not_found);
    const std::string good(43, 'A');
    for (const std::string& text :
         {std::string(), std::string("hello"), "majed-key-v2:" + good, std::string("majed-key-v1:short"),
          "majed-key-v1:" + good + good, "majed-key-v1:" + good + "\n\n"}) {
        write(text);
        EXPECT_EQ(KeyFile::read(path_).error().code, ErrorCode::invalid_argument) << text;
    }
    write("majed-key-v1:" + good);
    EXPECT_TRUE(KeyFile::read(path_));
    EXPECT_EQ(KeyFile::read(folder_).error().code, ErrorCode::invalid_argument);
}

}  // namespace key_file_test
}  // namespace majed::crypto
