// SPDX-License-Identifier: Apache-2.0
#include "migrate/run_lock.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace majed::migrate {
namespace run_lock_test {

namespace fs = std::filesystem;

class FileBeside : public testing::Test {
protected:
    FileBeside() {
        std::string made = (fs::temp_directory_path() / "majed-run-lock-XXXXXX").string();
        folder_ = ::mkdtemp(made.data()) == nullptr ? "" : made;
    }
    ~FileBeside() override {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    [[nodiscard]] std::string database() const { return (folder_ / "data.db").string(); }
    [[nodiscard]] std::string lock_file() const { return database() + "-migrating"; }

    fs::path folder_;
};

TEST_F(FileBeside, is_held_by_one_at_a_time_though_each_takes_the_file_away) {
    constexpr int holders = 8;
    constexpr int turns = 100;
    std::atomic<int> inside = 0;
    std::atomic<int> met = 0;
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < holders; ++i) {
        threads.emplace_back([&] {
            for (int turn = 0; turn < turns; ++turn) {
                auto lock = lock_file_beside(database(), {});
                failed += lock ? 0 : 1;
                met += inside.fetch_add(1) == 0 ? 0 : 1;
                inside.fetch_sub(1);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(met, 0);
    EXPECT_FALSE(fs::exists(lock_file()));
}

TEST_F(FileBeside, tells_once_that_it_waits_and_gives_up_at_the_deadline) {
    const auto held = lock_file_beside(database(), {});
    ASSERT_TRUE(held);
    int told = 0;
    const auto refused = lock_file_beside(
        database(),
        {.deadline = deadline_after(std::chrono::milliseconds(20)), .waiting = [&told] { ++told; }});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::timeout);
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(fs::exists(lock_file()));
}

TEST_F(FileBeside, follows_no_link_and_says_where_it_cannot_be_made) {
    fs::create_symlink(folder_ / "precious", lock_file());
    const auto linked = lock_file_beside(database(), {});
    ASSERT_FALSE(linked);
    EXPECT_EQ(linked.error().code, ErrorCode::unavailable);
    EXPECT_FALSE(fs::exists(folder_ / "precious"));
    EXPECT_FALSE(lock_file_beside((folder_ / "none" / "data.db").string(), {}));
}

}  // namespace run_lock_test
}  // namespace majed::migrate
