// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include "core/descriptor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <sys/file.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace majed::crypto {
namespace key_file_test {

RootTime at(std::int64_t seconds) {
    return RootTime(std::chrono::seconds(seconds));
}

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

    [[nodiscard]] std::string text() const {
        std::ostringstream all;
        all << std::ifstream(path_).rdbuf();
        return all.str();
    }
    [[nodiscard]] std::string next_path() const { return path_.string() + ".new"; }

    std::filesystem::path folder_;
    std::filesystem::path path_;
};

TEST_F(KeyFileTest, is_created_for_its_owner_alone_and_read_back) {
    const auto made = KeyFile::create(path_, at(1000));
    ASSERT_TRUE(made);
    struct stat facts {};
    ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0600U);
    const auto again = KeyFile::read(path_);
    ASSERT_TRUE(again);
    EXPECT_EQ(made->derive("mask.hash"), again->derive("mask.hash"));
}

TEST_F(KeyFileTest, begins_with_one_root_and_its_time) {
    const auto made = KeyFile::create(path_, at(1000));
    ASSERT_TRUE(made);
    EXPECT_EQ(text().substr(0, 15), "majed-key-v2:1\n");
    const auto roots = KeyFile::read(path_)->roots();
    ASSERT_EQ(roots.size(), 1U);
    EXPECT_EQ(roots, made->roots());
    EXPECT_EQ(roots.front().made, at(1000));
}

TEST_F(KeyFileTest, is_never_overwritten) {
    const auto first = KeyFile::create(path_, at(1000));
    ASSERT_TRUE(first);
    EXPECT_EQ(KeyFile::create(path_, at(1000)).error().code, ErrorCode::conflict);
    EXPECT_EQ(KeyFile::read(path_)->derive("x"), first->derive("x"));
}

TEST_F(KeyFileTest, is_refused_when_group_or_others_may_read_it) {
    ASSERT_TRUE(KeyFile::create(path_, at(1000)));
    for (const unsigned mode : {0640U, 0604U, 0620U, 0644U, 0660U}) {
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
        const auto refused = KeyFile::read(path_);
        ASSERT_FALSE(refused) << std::oct << mode;
        EXPECT_EQ(refused.error().code, ErrorCode::denied);
        EXPECT_NE(refused.error().hint.find("chmod 600"), std::string::npos);
    }
}

TEST_F(KeyFileTest, gives_unrelated_keys_for_different_purposes) {
    const auto made = KeyFile::create(path_, at(1000));
    ASSERT_TRUE(made);
    EXPECT_NE(made->derive("mask.hash"), made->derive("session"));
}

TEST_F(KeyFileTest, gives_the_same_key_as_bytes_and_as_a_secret) {
    const auto made = KeyFile::create(path_, at(1000));
    ASSERT_TRUE(made);
    EXPECT_EQ(to_hex(bytes_of(made->derive_secret("encryption").reveal())),
              to_hex(made->derive("encryption")));
    EXPECT_NE(made->derive_secret("encryption").reveal(), made->derive_secret("mask.hash").reveal());
}

TEST_F(KeyFileTest, is_refused_when_it_is_something_else) {
    EXPECT_EQ(KeyFile::read(path_).error().code, ErrorCode::not_found);
    const std::string good(43, 'A');
    for (const std::string& text :
         {std::string(), std::string("hello"), "majed-key-v2:" + good, "majed-key-v3:" + good,
          std::string("majed-key-v1:short"), "majed-key-v1:" + good + good, "majed-key-v1:" + good + "\n\n",
          "majed-key-v1:" + good + std::string(max_root_text, '\n')}) {
        write(text);
        EXPECT_EQ(KeyFile::read(path_).error().code, ErrorCode::invalid_argument) << text;
    }
    write("majed-key-v1:" + good);
    EXPECT_TRUE(KeyFile::read(path_));
    EXPECT_EQ(KeyFile::read(folder_).error().code, ErrorCode::invalid_argument);
}

// What version 1 gave is written down here: no change of the program may change it.
TEST_F(KeyFileTest, of_version_1_gives_the_same_keys_for_ever_also_after_rotations) {
    write("majed-key-v1:" + std::string(43, 'A') + "\n");
    const auto check = [](const KeyFile& file) {
        EXPECT_EQ(to_hex(file.derive("mask.hash")),
                  "18de062558107be44492bf888859f1650e38640a477af73f91b5d8c74842ef71");
        EXPECT_EQ(to_hex(bytes_of(file.derive_secret("mask.hash").reveal())),
                  to_hex(file.derive("mask.hash")));
        EXPECT_EQ(file.roots().back(), (RootLabel{"3264afc4dcb15cb5", std::nullopt}));
    };
    check(KeyFile::read(path_).value());
    for (std::int64_t time = 1; time <= 3; ++time) {
        check(KeyFile::rotate(path_, at(time)).value());
        check(KeyFile::read(path_).value());
    }
    EXPECT_EQ(text().substr(0, 15), "majed-key-v2:4\n");
}

const Purpose message{"store", "conversations", "message"};

TEST_F(KeyFileTest, gives_the_keys_of_encryption_from_all_roots_newest_first) {
    write("majed-key-v1:" + std::string(43, 'A'));
    const auto first = KeyFile::read(path_)->purpose_keys()->ring_for(message);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->ids(), std::vector<std::string>{"6def25ee2d4f96cf"});
    const std::string stored = first->encrypt(bytes_of("hello"), FernetTime(FernetTime::duration(9))).value();

    const auto rotated = KeyFile::rotate(path_, at(2));
    ASSERT_TRUE(rotated);
    const auto both = rotated->purpose_keys()->ring_for(message);
    ASSERT_TRUE(both);
    ASSERT_EQ(both->ids().size(), 2U);
    EXPECT_EQ(both->ids().back(), "6def25ee2d4f96cf");
    EXPECT_EQ(both->decrypt(stored)->reveal(), "hello");
    EXPECT_TRUE(both->needs_rotation(stored).value());
    EXPECT_EQ(KeyFile::read(path_)->purpose_keys()->ring_for(message)->ids(), both->ids());
}

TEST_F(KeyFileTest, is_rotated_into_a_private_file_with_the_new_root_in_front) {
    const auto made = KeyFile::create(path_, at(1000));
    ASSERT_TRUE(made);
    const auto rotated = KeyFile::rotate(path_, at(2000));
    ASSERT_TRUE(rotated);
    ASSERT_EQ(rotated->roots().size(), 2U);
    EXPECT_EQ(rotated->roots().front().made, at(2000));
    EXPECT_EQ(rotated->roots().back(), made->roots().front());
    EXPECT_EQ(KeyFile::read(path_)->roots(), rotated->roots());
    struct stat facts {};
    ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(next_path()));
}

TEST_F(KeyFileTest, is_rotated_where_a_link_leads_to) {
    ASSERT_TRUE(KeyFile::create(path_, at(1000)));
    const std::string link = folder_ / "link";
    ASSERT_EQ(::symlink("majed.key", link.c_str()), 0);
    const auto rotated = KeyFile::rotate(link, at(2000));
    ASSERT_TRUE(rotated);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
    EXPECT_EQ(KeyFile::read(path_)->roots(), rotated->roots());
}

TEST_F(KeyFileTest, is_not_rotated_when_it_is_missing_open_to_others_or_no_key_file) {
    EXPECT_EQ(KeyFile::rotate(path_, at(1)).error().code, ErrorCode::not_found);
    EXPECT_FALSE(std::filesystem::exists(path_));
    ASSERT_TRUE(KeyFile::create(path_, at(1)));
    const std::string before = text();
    ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
    EXPECT_EQ(KeyFile::rotate(path_, at(2)).error().code, ErrorCode::denied);
    EXPECT_EQ(text(), before);
    for (const std::string& wrong : {before.substr(0, before.size() / 2), std::string("majed-key-v3:1\n")}) {
        write(wrong);
        EXPECT_EQ(KeyFile::rotate(path_, at(2)).error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(text(), wrong);
    }
}

TEST_F(KeyFileTest, is_whole_and_can_be_rotated_after_one_was_killed_before_its_rename) {
    const auto made = KeyFile::create(path_, at(1));
    ASSERT_TRUE(made);
    std::ofstream(next_path()) << text().substr(0, 20);
    EXPECT_EQ(KeyFile::read(path_)->roots(), made->roots());
    const auto rotated = KeyFile::rotate(path_, at(2));
    ASSERT_TRUE(rotated) << rotated.error().message;
    EXPECT_EQ(KeyFile::read(path_)->roots(), rotated->roots());
    EXPECT_FALSE(std::filesystem::exists(next_path()));
}

TEST_F(KeyFileTest, holds_as_many_roots_as_a_ring_and_no_more) {
    ASSERT_TRUE(KeyFile::create(path_, at(0)));
    for (std::size_t i = 1; i < KeyRing::max_keys; ++i) ASSERT_TRUE(KeyFile::rotate(path_, at(1))) << i;
    const std::string full = text();
    EXPECT_EQ(KeyFile::rotate(path_, at(1)).error().code, ErrorCode::too_large);
    EXPECT_EQ(text(), full);
    EXPECT_EQ(KeyFile::read(path_)->purpose_keys()->ring_for(message)->ids().size(), KeyRing::max_keys);
}

TEST_F(KeyFileTest, lets_go_of_a_root_between_the_newest_and_the_oldest_only) {
    ASSERT_TRUE(KeyFile::create(path_, at(1)));
    const auto refusal = [&](const std::string& id) {
        const std::string before = text();
        const auto retired = KeyFile::retire(path_, id);
        EXPECT_EQ(text(), before);
        return retired ? ErrorCode::internal : retired.error().code;
    };
    const std::string only = KeyFile::read(path_)->roots().front().id;
    EXPECT_EQ(refusal(only), ErrorCode::conflict);
    ASSERT_TRUE(KeyFile::rotate(path_, at(2)));
    ASSERT_TRUE(KeyFile::rotate(path_, at(3)));
    const auto roots = KeyFile::read(path_)->roots();
    const auto oldest = KeyFile::retire(path_, roots[2].id);
    EXPECT_EQ(oldest.error().code, ErrorCode::conflict);
    EXPECT_NE(oldest.error().message.find("pseudonyms and signatures"), std::string::npos);
    EXPECT_EQ(refusal(roots[0].id), ErrorCode::conflict);
    EXPECT_EQ(refusal("0123456789abcdef"), ErrorCode::not_found);
    EXPECT_EQ(refusal(""), ErrorCode::not_found);
    const auto retired = KeyFile::retire(path_, roots[1].id);
    ASSERT_TRUE(retired);
    EXPECT_EQ(retired->roots(), (std::vector{roots[0], roots[2]}));
    EXPECT_EQ(KeyFile::read(path_)->roots(), retired->roots());
}

TEST_F(KeyFileTest, tells_beforehand_which_root_it_lets_go_of) {
    ASSERT_TRUE(KeyFile::create(path_, at(1)));
    ASSERT_TRUE(KeyFile::rotate(path_, at(2)));
    const auto file = KeyFile::rotate(path_, at(3));
    ASSERT_TRUE(file);
    const auto roots = file->roots();
    EXPECT_TRUE(file->may_retire(roots[1].id));
    EXPECT_EQ(file->may_retire(roots[0].id).error().code, ErrorCode::conflict);
    EXPECT_EQ(file->may_retire(roots[2].id).error().code, ErrorCode::conflict);
    EXPECT_EQ(file->may_retire("0000000000000000").error().code, ErrorCode::not_found);
    EXPECT_EQ(KeyFile::read(path_)->roots(), roots);
}

TEST_F(KeyFileTest, is_not_waited_for_without_end_when_somebody_has_it_locked) {
    ASSERT_TRUE(KeyFile::create(path_, at(1)));
    const std::string before = text();
    {
        const Descriptor other(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(::flock(other.number(), LOCK_EX), 0);
        const auto rotated = KeyFile::rotate(path_, at(2), std::chrono::milliseconds(1));
        ASSERT_FALSE(rotated);
        EXPECT_EQ(rotated.error().code, ErrorCode::unavailable);
        EXPECT_NE(rotated.error().hint, "");
        EXPECT_EQ(text(), before);
    }
    EXPECT_TRUE(KeyFile::rotate(path_, at(2), std::chrono::milliseconds(1)));
}

TEST_F(KeyFileTest, gives_keys_that_nobody_can_know_after_a_move) {
    KeyFile moved = KeyFile::create(path_, at(1)).value();
    const KeyFile taken = std::move(moved);
    EXPECT_EQ(taken.roots().size(), 1U);
    // NOLINTBEGIN(bugprone-use-after-move): what it gives then is the fact tested.
    EXPECT_NE(moved.derive("x"), moved.derive("x"));
    EXPECT_FALSE(moved.purpose_keys());
    EXPECT_TRUE(moved.roots().empty());
    // NOLINTEND(bugprone-use-after-move)
}

bool holds(const std::string& path, const std::string& id) {
    const auto roots = KeyFile::read(path).value().roots();
    return std::any_of(roots.begin(), roots.end(), [&](const RootLabel& root) { return root.id == id; });
}

/// Rotates in a process of its own, which writes the id of each new root when it is in the file.
pid_t rotating(const std::string& path, std::size_t times, int out) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    for (std::size_t i = 0; i < times; ++i) {
        const auto rotated = KeyFile::rotate(path, at(1));
        if (!rotated) ::_exit(1);
        const std::string id = rotated->roots().front().id;
        if (::write(out, id.data(), id.size()) != static_cast<ssize_t>(id.size())) ::_exit(2);
    }
    ::_exit(0);
}

/// The next id that a process wrote; empty when all of them ended.
std::string next_id(int in) {
    std::string id(16, '\0');
    return ::read(in, id.data(), id.size()) == static_cast<ssize_t>(id.size()) ? id : std::string();
}

TEST_F(KeyFileTest, loses_no_root_when_processes_rotate_at_once) {
    constexpr std::size_t processes = 4;
    constexpr std::size_t times = 8;
    const auto made = KeyFile::create(path_, at(0));
    ASSERT_TRUE(made);
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    std::vector<pid_t> children;
    for (std::size_t i = 0; i < processes; ++i) children.push_back(rotating(path_, times, pipe[1]));
    ::close(pipe[1]);
    std::size_t told = 0;
    for (std::string id = next_id(pipe[0]); !id.empty(); id = next_id(pipe[0]), ++told) {
        EXPECT_TRUE(holds(path_, id)) << id;
    }
    ::close(pipe[0]);
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    EXPECT_EQ(told, processes * times);
    const auto roots = KeyFile::read(path_)->roots();
    EXPECT_EQ(roots.size(), 1 + processes * times);
    EXPECT_EQ(roots.back(), made->roots().front());
}

TEST_F(KeyFileTest, is_whole_whenever_a_rotating_process_is_killed) {
    for (std::size_t kept = 0; kept < 20; ++kept) {
        std::filesystem::remove(path_);
        const auto made = KeyFile::create(path_, at(0));
        ASSERT_TRUE(made);
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const pid_t child = rotating(path_, KeyRing::max_keys - 1, pipe[1]);
        ::close(pipe[1]);
        std::string last;
        for (std::size_t i = 0; i < kept; ++i) last = next_id(pipe[0]);
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        ::close(pipe[0]);
        const auto left = KeyFile::read(path_);
        ASSERT_TRUE(left) << left.error().message;
        EXPECT_EQ(left->roots().back(), made->roots().front());
        EXPECT_GE(left->roots().size(), 1 + kept);
        if (!last.empty()) {
            EXPECT_TRUE(holds(path_, last));
        }
        if (left->roots().size() < KeyRing::max_keys) {
            EXPECT_TRUE(KeyFile::rotate(path_, at(2)));
        }
    }
}

}  // namespace key_file_test
}  // namespace majed::crypto
