// SPDX-License-Identifier: Apache-2.0
#include "cli/new_file.h"

#include "driver/sqlite/temporary_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace majed::cli {
namespace {

class NewFileTest : public ::testing::Test {
protected:
    [[nodiscard]] std::string content() const {
        std::ifstream file(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    driver::sqlite::TemporaryDirectory directory_;
    std::string path_ = directory_.file("out.jsonl");
};

TEST_F(NewFileTest, holds_what_was_written_for_its_owner_alone_once_it_is_kept) {
    {
        const auto file = NewFile::create(path_);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write("one\n"));
        ASSERT_TRUE((*file)->write("two\n"));
        ASSERT_TRUE((*file)->keep());
    }
    EXPECT_EQ(content(), "one\ntwo\n");
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(path_).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(NewFileTest, is_gone_when_it_was_not_kept) {
    {
        const auto file = NewFile::create(path_);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->write("half"));
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(NewFileTest, takes_no_name_that_is_taken_and_leaves_what_has_it) {
    std::ofstream(path_) << "old";
    EXPECT_EQ(NewFile::create(path_).error().code, ErrorCode::conflict);
    EXPECT_EQ(content(), "old");
    const std::string link = directory_.file("link");
    std::filesystem::create_symlink(directory_.file("nowhere"), link);
    EXPECT_EQ(NewFile::create(link).error().code, ErrorCode::conflict);
    EXPECT_FALSE(std::filesystem::exists(directory_.file("nowhere")));
}

TEST_F(NewFileTest, says_when_it_cannot_be_made) {
    EXPECT_EQ(NewFile::create(directory_.file("no/such/folder")).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace majed::cli
