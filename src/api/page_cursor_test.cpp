// SPDX-License-Identifier: Apache-2.0
#include "api/page_cursor.h"

#include "crypto/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace majed::api {
namespace {

std::string sealed_cursor(std::string_view text) {
    return crypto::to_base64url(crypto::bytes_of(text));
}

TEST(PageCursor, reads_back_what_it_wrote) {
    const std::array<std::int64_t, 2> numbers{0, std::numeric_limits<std::int64_t>::max()};
    const std::string text = cursor_text('s', numbers);
    EXPECT_EQ(text.find('.'), std::string::npos);
    EXPECT_EQ(*cursor_numbers('s', 2, text), std::vector<std::int64_t>(numbers.begin(), numbers.end()));
    EXPECT_FALSE(cursor_numbers('t', 2, text)) << "of another list";
    EXPECT_FALSE(cursor_numbers('s', 1, text));
    EXPECT_FALSE(cursor_numbers('s', 3, text));
}

TEST(PageCursor, refuses_what_it_did_not_write) {
    for (const char* const text : {"", "s", "s1", "s1.", "s.1", "s1.2.", "s1.2 ", "s1.-2", "s-1.2", "s1,2",
                                   "s1.2.3", "s1.99999999999999999999", "s1.x", "s 1.2", "t1.2"}) {
        const auto read = cursor_numbers('s', 2, sealed_cursor(text));
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().code, ErrorCode::invalid_argument);
    }
    for (const char* const text : {"", "%", "czEuMg==", "s1.2", "\xff"}) {
        EXPECT_FALSE(cursor_numbers('s', 2, text)) << text;
    }
}

TEST(PageLimit, is_the_usual_one_or_within_bounds) {
    static constexpr std::array<std::string_view, 1> names{"limit"};
    const auto limit = [](std::string_view query) {
        return page_limit(*QueryParameters::read(query, names), {50, 100});
    };
    EXPECT_EQ(*limit(""), 50U);
    EXPECT_EQ(*limit("limit=1"), 1U);
    EXPECT_EQ(*limit("limit=100"), 100U);
    for (const char* const query : {"limit=", "limit=0", "limit=101", "limit=-1", "limit=1x", "limit=+1",
                                    "limit=99999999999999999999"}) {
        const auto refused = limit(query);
        ASSERT_FALSE(refused) << query;
        EXPECT_EQ(refused.error().message, "limit: expected a number from 1 to 100");
    }
}

}  // namespace
}  // namespace majed::api
