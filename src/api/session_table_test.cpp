// SPDX-License-Identifier: Apache-2.0
#include "api/session_table.h"

#include <gtest/gtest.h>

namespace majed::api {
namespace {

using std::chrono::minutes;

class Sessions : public testing::Test {
protected:
    SteadyClock::time_point time_{};
    SessionTable table_{minutes(10), 2, [this] { return time_; }};
};

TEST_F(Sessions, are_found_by_the_token_that_was_given_out) {
    const Secret token = table_.open({7, "nora"});
    const auto session = table_.find(token.reveal());
    ASSERT_TRUE(session);
    EXPECT_EQ(session->user_id, 7);
    EXPECT_EQ(session->username, "nora");
    EXPECT_FALSE(table_.find("ms_something_else"));
}

TEST_F(Sessions, end_when_their_time_is_over) {
    const Secret token = table_.open({7, "nora"});
    time_ += minutes(10) - std::chrono::milliseconds(1);
    EXPECT_TRUE(table_.find(token.reveal()));
    time_ += std::chrono::milliseconds(1);
    EXPECT_FALSE(table_.find(token.reveal()));
}

TEST_F(Sessions, end_when_closed) {
    const Secret token = table_.open({7, "nora"});
    table_.close(token.reveal());
    EXPECT_FALSE(table_.find(token.reveal()));
}

TEST_F(Sessions, of_one_user_end_together_but_for_the_kept_one) {
    const Secret kept = table_.open({7, "nora"});
    const Secret other = table_.open({7, "nora"});
    table_.close_others(7, kept.reveal());
    EXPECT_TRUE(table_.find(kept.reveal()));
    EXPECT_FALSE(table_.find(other.reveal()));
}

TEST_F(Sessions, make_room_by_ending_the_oldest) {
    const Secret first = table_.open({1, "a"});
    time_ += minutes(1);
    const Secret second = table_.open({2, "b"});
    const Secret third = table_.open({3, "c"});
    EXPECT_FALSE(table_.find(first.reveal()));
    EXPECT_TRUE(table_.find(second.reveal()));
    EXPECT_TRUE(table_.find(third.reveal()));
}

}  // namespace
}  // namespace majed::api
